# SPDX-License-Identifier: Apache-2.0
"""Which folder may include which: the arrows of docs/design.md, read from the include lines."""
import os
import re
from pathlib import Path

import pytest

ROOT = Path(os.environ["VOLLEY_SOURCE"])
MODELS = ["neurons", "synapses", "plasticity", "devices", "core/cli/templates"]
# Folder -> what its files may include besides the standard library. Nothing under core knows a model folder.
ALLOWED = {
    "core/include": ["volley/"],
    "core/network": ["volley/", "network/", "boost/", "tbb/", "fmt/", "hwy/", "Random123/", "sanitizer/", "unistd.h",
                     "sys/mman.h"],
    "core/engine": ["volley/", "network/", "engine/", "fmt/", "hwy/"],
    "core/learning": ["volley/", "network/", "learning/", "boost/", "fmt/", "hwy/"],
    "core/experiment": ["volley/", "network/", "experiment/", "yaml-cpp/", "fmt/", "nlohmann/", "openssl/", "zlib.h",
                        "hdf5.h", "dlfcn.h"],
    "core/output": ["volley/", "network/", "output/", "hdf5.h", "fmt/", "fcntl.h", "unistd.h", "sys/"],
    "core/cli": ["volley/", "network/", "engine/", "experiment/", "learning/", "output/", "cli/", "CLI/", "fmt/", "nlohmann/",
                 "unistd.h", "sys/"],
    **{folder: ["volley/"] for folder in MODELS},
}
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.M)
STANDARD = re.compile(r"[a-z_0-9]+")


def sources(folder):
    files = [*(ROOT / folder).rglob("*.h"), *(ROOT / folder).rglob("*.cpp")]
    return [f for f in files if not (folder == "core/cli" and "templates" in f.parts)]


def forbidden(text, allowed):
    """What a file includes and must not; a header of the standard library has neither slash nor suffix."""
    return [name for _, name in INCLUDE.findall(text)
            if not STANDARD.fullmatch(name) and not any(name.startswith(a) for a in allowed)]


@pytest.mark.parametrize("folder", ALLOWED)
def test_arrows(folder):
    files = sources(folder)
    assert files
    wrong = {str(f.relative_to(ROOT)): bad for f in files if (bad := forbidden(f.read_text(), ALLOWED[folder]))}
    assert wrong == {}


def test_one_file_calls_the_scheduler():
    """The thread sanitizer sees TBB's hand-offs only where network/parallel.h tells of them."""
    container = "tbb/enumerable_thread_specific.h"  # wholly in its header, which the sanitizer follows
    users = {f.name for f in sources("core") for _, name in INCLUDE.findall(f.read_text())
             if name.startswith(("tbb/", "oneapi/")) and name != container}
    assert users == {"parallel.cpp"}


def test_every_folder_of_core_is_listed():
    folders = {f"core/{p.name}" for p in (ROOT / "core").iterdir() if p.is_dir()}
    assert folders <= set(ALLOWED)


@pytest.mark.parametrize("line", ["#include <yaml-cpp/yaml.h>", '# include "../network/rows.h"', "#include <hdf5.h>",
                                  "#include <neurons/lif.h>"])
def test_the_reader_sees_a_forbidden_arrow(line):
    assert forbidden(f"// a model\n{line}\n", ALLOWED["neurons"])
