# SPDX-License-Identifier: Apache-2.0
"""What a user gets wrong in the command line: command_line/NAME.txt holds a command and exactly what it says.

Each is refused with exit code 2, says nothing on standard output and leaves the folder as it was. The folder holds
command_line/files and the libraries made below. VOLLEY_GOLDEN=update writes the texts anew; read the difference before
committing it.
"""
import os
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

VOLLEY, SOURCE = os.environ["VOLLEY"], Path(os.environ["VOLLEY_SOURCE"])
BUILD = Path(os.environ["VOLLEY_BUILD"])
CASES = SOURCE / "tests/errors/command_line"
INTERFACE = subprocess.run([VOLLEY, "version"], capture_output=True, text=True).stdout.split("interface: ")[1].strip()
COMPILER = re.search(r"^CMAKE_CXX_COMPILER:\w+=(.*)$", (BUILD / "CMakeCache.txt").read_text(), re.M)[1]
# Root may write anywhere unless it gives that up.
AS_USER = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"] if os.geteuid() == 0 else []

OTHER_INTERFACE = """\
extern "C" const char* volley_plugin_abi() { return "volley-plugin-0 other compiler"; }
extern "C" const void* volley_plugin_models() { return nullptr; }
"""
NO_PLUGIN = "int answer() { return 42; }\n"


def compile_library(target, *sources):
    subprocess.run([COMPILER, "-std=c++20", "-shared", "-fPIC", f"-I{SOURCE}/core/include", "-o", target, *sources],
                   check=True)


@pytest.fixture(scope="module")
def libraries(tmp_path_factory):
    folder = tmp_path_factory.mktemp("libraries")
    for name, text in (("other_interface", OTHER_INTERFACE), ("no_plugin", NO_PLUGIN)):
        (folder / f"{name}.cpp").write_text(text)
        compile_library(folder / f"{name}.so", folder / f"{name}.cpp")
    subprocess.run([VOLLEY, "new", "neuron", "twin"], cwd=folder, check=True, capture_output=True)
    model = folder / "twin/twin.cpp"
    model.write_text(model.read_text().replace('name = "twin"', 'name = "lif"'))
    compile_library(folder / "twin.so", model, SOURCE / "core/include/plugin_entry.cpp")
    return [folder / f"{name}.so" for name in ("other_interface", "no_plugin", "twin")]


@pytest.fixture
def folder(libraries, tmp_path):
    shutil.copytree(CASES / "files", tmp_path, dirs_exist_ok=True)
    for library in libraries:
        (tmp_path / library.name).symlink_to(library)
    (tmp_path / "locked").mkdir(mode=0o555)
    (tmp_path / "locked.json").touch(mode=0o444)
    return tmp_path


def tree(folder):
    return {p.relative_to(folder): p.read_bytes() if p.is_file() else None for p in folder.rglob("*")}


def normalised(text, folder, libraries):
    for path, name in ((str(folder) + "/", ""), (str(folder), "."), (str(libraries[0].parent) + "/", ""),
                       (str(SOURCE) + "/", ""), (INTERFACE, "THIS INTERFACE")):
        text = text.replace(path, name)
    return text


@pytest.mark.parametrize("name", sorted(p.stem for p in CASES.glob("*.txt")))
def test_a_wrong_command_is_told_exactly(name, folder, libraries):
    case = CASES / f"{name}.txt"
    command, expected = case.read_text().split("\n", 1)
    assert command.startswith("$ volley"), case
    before = tree(folder)
    result = subprocess.run([*AS_USER, VOLLEY, *shlex.split(command)[2:]], cwd=folder, capture_output=True, text=True,
                            timeout=60)
    said = normalised(result.stderr, folder, libraries)
    if os.environ.get("VOLLEY_GOLDEN") == "update":
        case.write_text(f"{command}\n{said}")
        expected = said
    assert (result.returncode, result.stdout, said) == (2, "", expected)
    assert tree(folder) == before
