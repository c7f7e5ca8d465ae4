# SPDX-License-Identifier: Apache-2.0
"""Every link of every page leads somewhere; pictures are what their script draws; the citation is complete."""
import os
import re
import subprocess

import numpy as np
import pages
import pytest
import yaml
from PIL import Image

PAGES = pages.pages()
PICTURES = pages.SOURCE / "docs/pictures"


@pytest.mark.parametrize("name", PAGES)
def test_links_lead_somewhere(name):
    for target in pages.links(PAGES[name]):
        if re.match(r"https?://", target):
            continue
        file, _, anchor = target.partition("#")
        path = os.path.normpath(os.path.join(os.path.dirname(name), file)) if file else name
        assert (pages.SOURCE / path).exists(), f"{name}: {target}: there is no {path}"
        if anchor:
            assert anchor in pages.anchors(PAGES[path]), f"{name}: {target}: no such heading in {path}"


def test_every_page_is_reached_from_the_readme():
    reached, linked = set(), ["README.md"]
    while linked:
        name = linked.pop()
        if name in reached or name not in PAGES:
            continue
        reached.add(name)
        linked += [os.path.normpath(os.path.join(os.path.dirname(name), t.split("#")[0])) for t in pages.links(PAGES[name])]
    wanted = {name for name in PAGES if name.startswith("docs/") or "/" not in name}
    assert wanted - reached == set()


def test_anchors_are_those_of_github():
    assert pages.anchors("# A `b_c` (d): e\n## Same\n## Same\n") == {"a-b_c-d-e", "same", "same-1"}


def test_pictures_are_what_their_script_draws(tmp_path):
    subprocess.run([pages.SOURCE / "scripts/make_pictures.sh", tmp_path], check=True, capture_output=True)
    made = {p.name: p for p in tmp_path.iterdir()}
    needs_data = set() if "VOLLEY_DATA" in os.environ else {"jsb_ssnu.png"}  # `python3 -m volley get-data`
    assert set(made) == {p.name for p in PICTURES.iterdir()} - needs_data
    for name, path in made.items():
        drawn, kept = (np.asarray(Image.open(p).convert("RGB"), float) for p in (path, PICTURES / name))
        # Other fonts and last bits may move a line; another result changes more.
        assert drawn.shape == kept.shape and np.abs(drawn - kept).mean() < 2, f"{name}: run scripts/make_pictures.sh"


def test_every_picture_is_shown_and_small():
    shown = {os.path.basename(t) for text in PAGES.values() for t in pages.links(text) if "pictures/" in t}
    assert {p.name for p in PICTURES.iterdir()} == shown
    assert all(p.stat().st_size < 100_000 for p in PICTURES.iterdir())


def test_the_readme_tells_the_times_of_the_performance_page():
    rows = lambda text: {c[0].strip(): c[1:] for c in
                         (line.strip("|").split("|") for line in text.splitlines() if line.startswith("| "))}
    readme = rows(re.search(r"^## How fast\n(.*?)^## ", PAGES["README.md"], re.M | re.S)[1])
    page = rows(PAGES["docs/performance.md"])
    readme.pop("workload")
    assert readme
    for workload, times in readme.items():
        assert workload in page, f"docs/performance.md has no {workload}"
        for time in times:
            assert time.strip() in [cell.strip() for cell in page[workload]], f"{workload}: {time}"


def test_the_citation_has_what_version_1_2_0_requires():
    cff = yaml.safe_load((pages.SOURCE / "CITATION.cff").read_text())
    assert cff["cff-version"] == "1.2.0" and cff["type"] == "software" and cff["license"] == "Apache-2.0"
    assert cff["title"] and cff["message"]
    assert cff["authors"] and all("name" in a or {"family-names", "given-names"} <= set(a) for a in cff["authors"])
    known = {"abstract", "authors", "cff-version", "commit", "contact", "date-released", "doi", "identifiers", "keywords",
             "license", "license-url", "message", "preferred-citation", "references", "repository", "repository-artifact",
             "repository-code", "title", "type", "url", "version"}
    assert set(cff) <= known
    project = re.search(r"^project\(volley VERSION (\S+)", (pages.SOURCE / "CMakeLists.txt").read_text(), re.M)
    assert cff["version"] == project[1]
