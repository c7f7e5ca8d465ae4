# SPDX-License-Identifier: Apache-2.0
"""Exactness needs IEEE arithmetic: the compile commands of this build are read."""
import json
import os
from pathlib import Path

COMMANDS = json.loads((Path(os.environ["VOLLEY_BUILD"]) / "compile_commands.json").read_text())
FORBIDDEN = ["-ffast-math", "-ffinite-math-only", "-Ofast", "-funsafe-math-optimizations", "-fassociative-math",
             "-freciprocal-math"]


def test_no_command_relaxes_arithmetic():
    wrong = {c["file"]: flag for c in COMMANDS for flag in FORBIDDEN if flag in c["command"].split()}
    assert COMMANDS and wrong == {}


def test_no_command_contracts():
    assert [c["file"] for c in COMMANDS if "-ffp-contract=off" not in c["command"].split()] == []
