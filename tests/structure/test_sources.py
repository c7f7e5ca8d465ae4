# SPDX-License-Identifier: Apache-2.0
"""Small promises about every source file of the project."""
import os
import re
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
    run = [p for p in ROOT.glob("scripts/*.sh") if p.name != "setup.sh"]  # which is sourced
    assert len(run) > 3
    for script in [*run, ROOT / ".ci/run"]:
        subprocess.run(["bash", "-n", script], check=True)
        assert os.access(script, os.X_OK), script


def test_no_two_headers_define_a_type_of_one_name():
    # The linker would keep one of the two destructors, and call it for both.
    kept = {}  # headers by type; a forward declaration or a specialisation stays in one of them
    for header in sorted((ROOT / "core").rglob("*.h")):
        for name in re.findall(r"^(?:struct|class) (\w+)[^;(]*\{", header.read_text(), re.M):
            kept.setdefault(name, set()).add(str(header.relative_to(ROOT)))
    assert len(kept) > 50
    assert {name: headers for name, headers in kept.items() if len(headers) > 1} == {}


def test_lines_fit_120_columns():
    sources = [f for folder in ("core", "neurons", "synapses", "plasticity", "devices")
               for suffix in ("h", "cpp") for f in (ROOT / folder).rglob(f"*.{suffix}")]
    assert len(sources) > 100
    assert [f"{f.relative_to(ROOT)}:{n}" for f in sources
            for n, line in enumerate(f.read_text().splitlines(), 1) if len(line) > 120] == []
