# SPDX-License-Identifier: Apache-2.0
"""Models that must not compile: each file of cases/ says in `// error: ...` what its author is told."""
import os
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(os.environ["VOLLEY_SOURCE"])
CASES = sorted((ROOT / "tests/not_compile/cases").glob("*.cpp"))
CACHE = (Path(os.environ["VOLLEY_BUILD"]) / "CMakeCache.txt").read_text()
COMPILER = re.search(r"^CMAKE_CXX_COMPILER:\w+=(.*)$", CACHE, re.M).group(1)


def compile_model(text):
    command = [COMPILER, "-std=c++20", "-fsyntax-only", "-I", ROOT / "core/include", "-x", "c++", "-"]
    return subprocess.run(command, input=text, capture_output=True, text=True, env={**os.environ, "LC_ALL": "C"})


@pytest.mark.parametrize("case", CASES, ids=lambda c: c.stem)
def test_is_refused_with_its_reason(case):
    text = case.read_text()
    reason = re.search(r"^// error: (.*)$", text, re.M).group(1)
    result = compile_model(text)
    assert result.returncode != 0
    assert reason in result.stderr


@pytest.mark.parametrize("case", CASES, ids=lambda c: c.stem)
def test_compiles_when_the_fault_is_mended(case):
    """Each fault is one line `bad  // instead of: good`: with the good line the model compiles."""
    mended, count = re.subn(r"^.*// instead of: (.*)$", r"\1", case.read_text(), flags=re.M)
    assert count == 1
    result = compile_model(mended)
    assert result.returncode == 0, result.stderr
