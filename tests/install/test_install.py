# SPDX-License-Identifier: Apache-2.0
"""A stranger's view: volley installed, a plugin written by `volley new`, built and run by its README's commands."""
import os
import re
import shlex
import subprocess
from pathlib import Path

import h5py
import pytest

BUILD = Path(os.environ["VOLLEY_BUILD"])
KINDS = ["neuron", "synapse", "rule", "stimulator"]
# Nothing of this checkout's build leaks into the stranger's.
ENVIRONMENT = {k: v for k, v in os.environ.items() if not k.startswith("VOLLEY")}


def run(command, folder, check=True):
    result = subprocess.run(command, cwd=folder, capture_output=True, text=True, env=ENVIRONMENT)
    assert not check or result.returncode == 0, f"{command}\n{result.stdout}{result.stderr}"
    return result


@pytest.fixture(scope="session")
def prefix(tmp_path_factory):
    prefix = tmp_path_factory.mktemp("prefix")
    run(["cmake", "--install", BUILD, "--prefix", prefix], BUILD)
    return prefix


@pytest.fixture(scope="session")
def volley(prefix):
    return prefix / "bin/volley"


def readme_commands(folder):
    block = re.search(r"```\n(.*?)```", (folder / "README.md").read_text(), re.S).group(1)
    return [shlex.split(line) for line in block.splitlines()]


def build(folder, *options):
    configure, make, _ = readme_commands(folder)
    run([*configure, "-G", "Ninja", *options], folder)
    run(make, folder)


@pytest.fixture(scope="session")
def plugins(volley, tmp_path_factory):
    """Every kind as `volley new` writes it, built: kind -> its folder."""
    folder = tmp_path_factory.mktemp("strangers")
    for kind in KINDS:
        run([volley, "new", kind, f"strange_{kind}"], folder)
        build(folder / f"strange_{kind}")
    return {kind: folder / f"strange_{kind}" for kind in KINDS}


@pytest.mark.parametrize("kind", KINDS)
def test_a_new_model_runs_by_the_three_commands_of_its_readme(volley, plugins, kind):
    commands = readme_commands(plugins[kind])
    assert len(commands) == 3 and commands[2][0] == str(volley)
    run(commands[2], plugins[kind])
    with h5py.File(plugins[kind] / f"results/strange_{kind}.h5") as f:
        for population in f["spikes"].values():
            assert len(population["timestamps"]) > 0, population.name


@pytest.mark.parametrize("kind", KINDS)
def test_a_plugin_explains_itself(volley, plugins, kind):
    plugin = f"build/strange_{kind}.so"
    shown = run([volley, "describe", f"strange_{kind}", "--plugin", plugin], plugins[kind]).stdout
    source = (plugins[kind] / f"strange_{kind}.cpp").read_text()
    comment = re.match(r"((?://.*\n)+)", source)[1]
    lines = [line.removeprefix("//").strip() for line in comment.splitlines() if "SPDX" not in line]
    assert lines and all(line in shown for line in lines)  # the whole top comment
    assert re.search(rf"^{kind} +strange_{kind} +ours +ours ",
                     run([volley, "list", "--plugin", plugin], plugins[kind]).stdout, re.M)


def test_a_plugin_exports_its_two_symbols_only(plugins):
    symbols = run(["nm", "-D", "--defined-only", "build/strange_neuron.so"], plugins["neuron"]).stdout
    assert {line.split()[-1] for line in symbols.splitlines()} == {"volley_plugin_abi", "volley_plugin_models"}


def experiment(folder, *libraries):
    file = folder / "with_plugins.yaml"
    file.write_text("volley: 1\nseed: 1\nduration: 1 ms\n"
                    f"plugins: [{', '.join(str(p) for p in libraries)}]\n"
                    "populations:\n  P: {neuron: lif, size: 1}\nprojections: []\n")
    return file


def refusal(volley, folder, *libraries):
    result = run([volley, "check", experiment(folder, *libraries)], folder, check=False)
    assert result.returncode == 2, result.stdout + result.stderr
    assert re.search(r"with_plugins\.yaml:4:\d+: plugins", result.stderr)
    return result.stderr


def test_a_plugin_of_another_interface_is_refused_naming_both_tags(volley, tmp_path):
    run([volley, "new", "neuron", "foreign"], tmp_path)
    build(tmp_path / "foreign", '-DCMAKE_CXX_FLAGS=-DVOLLEY_ABI_TAG=\'"volley-plugin-0 other compiler"\'')
    ours = run([volley, "version"], tmp_path).stdout.split("plugin interface: ")[1].strip()
    message = refusal(volley, tmp_path, "foreign/build/foreign.so")
    assert "volley-plugin-0 other compiler" in message and ours in message


def test_a_library_that_is_no_plugin_is_refused(volley, tmp_path):
    (tmp_path / "other.cpp").write_text("int other() { return 1; }\n")
    run(["c++", "-shared", "-fPIC", "-o", "other.so", "other.cpp"], tmp_path)
    assert "other.so is not a plugin: it lacks the symbol volley_plugin_abi" in refusal(volley, tmp_path, "other.so")


def test_a_file_that_is_no_library_is_refused(volley, tmp_path):
    (tmp_path / "text.so").write_text("not a library\n")
    assert "text.so is not a plugin" in refusal(volley, tmp_path, "text.so")


def test_a_duplicate_of_a_built_in_model_is_refused_naming_both_files(volley, tmp_path):
    run([volley, "new", "neuron", "twin"], tmp_path)
    model = tmp_path / "twin/twin.cpp"
    model.write_text(model.read_text().replace('name = "twin"', 'name = "lif"'))
    build(tmp_path / "twin")
    message = refusal(volley, tmp_path, "twin/build/twin.so")
    assert "'lif'" in message and "twin.cpp" in message and "neurons/lif.cpp" in message


def test_the_same_plugin_twice_is_one(volley, plugins, tmp_path):
    library = plugins["neuron"] / "build/strange_neuron.so"
    run([volley, "check", experiment(tmp_path, library, library)], tmp_path)


def test_a_refusal_by_the_plugins_own_check_reaches_the_user(volley, plugins):
    result = run([volley, "check", "strange_stimulator.yaml", "--set", "populations.input.parameters.count=50"],
                 plugins["stimulator"], check=False)
    assert result.returncode == 2
    assert "a burst must be over before the next one starts" in result.stderr


def test_new_refuses_what_cannot_be(volley, tmp_path):
    (tmp_path / "taken").mkdir()
    for arguments, reason in [(("neurn", "mine"), "did you mean neuron?"), (("neuron", "Mine"), "snake_case"),
                              (("neuron", "lif"), "already"), (("neuron", "taken"), "exists already")]:
        result = run([volley, "new", *arguments], tmp_path, check=False)
        assert result.returncode == 2 and reason in result.stderr
    assert [p.name for p in tmp_path.iterdir()] == ["taken"]
