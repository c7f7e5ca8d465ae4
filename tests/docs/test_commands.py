# SPDX-License-Identifier: Apache-2.0
"""Every command of README and docs/*.md runs, and prints what the page shows. (docs/extending.md: test_extending.py)"""
import re
import subprocess

import pages
import pytest

MANUAL = pages.manual()
WITH_COMMANDS = [name for name, text in MANUAL.items() if name != "docs/extending.md"
                 and any(b.language in ("sh", "python") for b in pages.blocks(text))]


@pytest.mark.parametrize("name", WITH_COMMANDS)
def test_a_page_works_as_written(name, tmp_path):
    wrong = pages.run(name, pages.sandbox(tmp_path))
    assert not wrong, "\n".join(wrong)


def test_ci_runs_the_exempt_commands():
    ci, test = ((pages.SOURCE / f).read_text() for f in (".ci/run", "scripts/test.sh"))
    assert re.search(r"^exec \./scripts/test\.sh$", ci, re.M)
    assert re.search(r"^for preset in dev\b", test, re.M)
    test = test.replace('"$preset"', "dev")
    for command in set(pages.EXEMPT) - {"./scripts/test.sh"}:
        assert re.search(rf"^ *{re.escape(command)}\b", test, re.M), command
    lines = [line for text in MANUAL.values() for b in pages.blocks(text) if b.language == "sh" for line in b.text.splitlines()]
    for command in pages.EXEMPT:
        assert any(line.startswith(command) for line in lines), f"{command} need not be exempt"


@pytest.mark.parametrize("name", MANUAL)
def test_every_block_has_a_meaning(name):
    lines = MANUAL[name].split("\n")
    for k, b in enumerate(pages.blocks(MANUAL[name])):
        at = f"{name}:{b.line}"
        assert b.language in pages.LANGUAGES, f"{at}: ``` is followed by one of {', '.join(sorted(pages.LANGUAGES))}"
        assert b.file or b.language not in ("cpp", "cmake", "csv"), f"{at}: code is of a file; name it in the line above"
        if b.language == "text":
            assert k and pages.blocks(MANUAL[name])[k - 1].language in ("sh", "python"), f"{at}: the output of what?"
        kept = pages.project_file(b)
        assert kept in (None, b.text), f"{at}: {b.file} is otherwise"
    indented = [line for line in pages.prose(MANUAL[name]).split("\n") if re.match(r"    \S", line)]
    assert not [line for line in indented if re.search(r"\bvolley\b|python3|cmake|\./", line)], \
        f"{name}: commands belong in ```sh, where a test runs them"


COMMANDS = {c: subprocess.run([pages.os.environ["VOLLEY"], c, "--help"], capture_output=True, text=True).stdout
            for c in ("run", "check", "list", "describe", "schema", "new", "version")}
READER = subprocess.run([pages.sys.executable, "-m", "volley", "--help"], capture_output=True, text=True).stdout


@pytest.mark.parametrize("name", MANUAL)
def test_commands_in_the_text_exist(name):
    for code in re.findall(r"`([^`\n]+)`", pages.prose(MANUAL[name])):
        words = code.split()
        if words[0] == "volley" and len(words) > 1:
            assert words[1] in COMMANDS, code
            for option in re.findall(r"--[a-z]+", code):
                assert option in COMMANDS[words[1]], code
        if words[:3] == ["python3", "-m", "volley"]:
            assert len(words) < 4 or re.search(rf"\b{words[3]}\b", READER), code
        if words[0].startswith(("./", "scripts/", "tests/", "docs/", "experiments/")) and "NAME" not in words[0]:
            assert (pages.SOURCE / words[0]).exists(), code


def test_the_comparison_of_outputs_notices():
    assert pages.shown("a 1.00 Hz\n", "a  1.01 Hz\n")
    assert not pages.shown("a 1.00 Hz\n", "a 1.03 Hz\n")
    assert not pages.shown("a 1.00 Hz\n", "b 1.00 Hz\n")
    assert not pages.shown("a\n", "a\nb\n")
    assert pages.shown("a\n...\nc\n", "a\nb\nb\nc\n") and not pages.shown("a\n...\nc\n", "a\nb\n")
    assert pages.shown("x, 2 threads, avx2; built in 0.1 s\n", "x, 8 threads, avx512; built in 3.5 s\n")
