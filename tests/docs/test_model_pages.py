# SPDX-License-Identifier: Apache-2.0
"""docs/models is what scripts/make_model_pages.sh makes of the models today."""
import os
import subprocess
from pathlib import Path

SOURCE = Path(os.environ["VOLLEY_SOURCE"])


def test_pages_are_in_step(tmp_path):
    subprocess.run([SOURCE / "scripts/make_model_pages.sh", tmp_path], check=True)
    made = {p.name: p.read_text() for p in tmp_path.iterdir()}
    kept = {p.name: p.read_text() for p in (SOURCE / "docs/models").iterdir()}
    assert len(made) > 20
    assert sorted(kept) == sorted(made), "run scripts/make_model_pages.sh"
    stale = [name for name in made if made[name] != kept[name]]
    assert not stale, "run scripts/make_model_pages.sh"


def test_every_model_file_has_a_page():
    folders = ["neurons", "synapses", "plasticity", "plasticity/losses", "plasticity/optimisers", "plasticity/modulators",
               "plasticity/learning_rules", "devices/stimulators"]
    models = {p.stem for f in folders for p in (SOURCE / f).glob("*.cpp")}
    pages = {p.stem for p in (SOURCE / "docs/models").glob("*.md")} - {"README"}
    assert models == pages
