# SPDX-License-Identifier: Apache-2.0
"""Small promises about every source file of the project."""
import os
import subprocess
from pathlib import Path

ROOT = Path(os.environ["VOLLEY_SOURCE"])


def files(*suffixes):
    out = [f for f in ROOT.rglob("*") if f.suffix in suffixes and "build" not in f.relative_to(ROOT).parts[:1]]
    assert out
    return [f for f in out if "templates" not in f.parts and "results" not in f.relative_to(ROOT).parts[:1]]


def test_every_source_carries_its_licence():
    assert [str(f) for f in files(".h", ".cpp", ".py") if "SPDX-License-Identifier: Apache-2.0" not in
            "\n".join(f.read_text().splitlines()[:2])] == []


def test_scripts_are_correct_shell_and_executable():
    for script in [ROOT / "scripts/run.sh", ROOT / "scripts/test.sh", ROOT / ".ci/run"]:
        subprocess.run(["bash", "-n", script], check=True)
        assert os.access(script, os.X_OK), script
