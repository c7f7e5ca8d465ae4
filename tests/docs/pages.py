# SPDX-License-Identifier: Apache-2.0
"""The pages of the manual as tests read them: blocks of code, what must be done with each, links and headings.

  ```sh      commands, run one after another in one shell a page; EXEMPT is the list of those that are not run here
  ```python  run in the same place, at its turn
  ```text    what the block before it prints: words as they are, numbers within 2 %, a line `...` for any lines
  ```yaml    an experiment that `volley check` accepts; without `volley:` it replaces keys of the page's first one
  ```cpp, ```cmake, ```csv  a file

A block after a line that ends in `name.ext`: is that file: the project's own, word for word, or else one that is
written, before the commands run, where they run.
"""
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

SOURCE = Path(os.environ["VOLLEY_SOURCE"])
BUILD = Path(os.environ["VOLLEY_BUILD"])
LANGUAGES = {"sh", "python", "text", "yaml", "cpp", "cmake", "csv"}

# Lines that begin so are not run here. The reason; all are run by CI itself (test_ci_runs_the_exempt_commands).
EXEMPT = {
    "./scripts/test.sh": "builds everything and runs every test, this one too; it is what .ci/run calls",
    "./scripts/run.sh": "installs packages and builds a release; scripts/test.sh runs it at its end",
    "cmake --preset dev": "configures the build that this test belongs to, in scripts/test.sh",
    "cmake --build --preset dev": "builds it",
    "ctest --preset dev": "runs its tests, this one too",
}

# What differs from run to run and from machine to machine.
MACHINE = re.compile(r"\d+ threads?, \w+; built in [\d.]+ s|[\d.e-]+ s(?= )|\d+ MB to build|\S+ bytes each")


@dataclass
class Block:
    language: str
    text: str
    line: int
    file: str  # "": not a file


def pages():
    """All pages of the project, by their name in it."""
    listed = subprocess.run(["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.md"], cwd=SOURCE, capture_output=True, text=True)
    names = listed.stdout.split() if listed.returncode == 0 else []
    names = names or [str(p.relative_to(SOURCE)) for p in SOURCE.rglob("*.md")
                      if p.relative_to(SOURCE).parts[0] not in ("build", "results")]
    return {name: (SOURCE / name).read_text() for name in sorted(names) if (SOURCE / name).exists()}


def manual():
    """The pages whose commands are run: README and docs/*.md."""
    return {name: text for name, text in pages().items()
            if "/" not in name or re.fullmatch(r"docs/[^/]+\.md", name)}


def blocks(text):
    """The fenced blocks of a page, in order."""
    out, lines, at = [], text.split("\n"), 0
    while at < len(lines):
        fence = re.fullmatch(r"```(\w*)", lines[at])
        if fence:
            end = lines.index("```", at + 1)
            before = next((s for s in reversed(lines[:at]) if s.strip()), "")
            named = re.search(r"`([\w./-]+\.\w+)`:$", before)
            out.append(Block(fence[1], "\n".join(lines[at + 1:end]) + "\n", at + 1, named[1] if named else ""))
            at = end
        at += 1
    return out


def project_file(block):
    """What the project's file of that name says, without its licence line; None when there is no such file."""
    path = SOURCE / block.file
    if not block.file or not path.exists():
        return None
    return "".join(line for line in path.read_text().splitlines(True) if "SPDX-License-Identifier" not in line)


def prose(text):
    """A page without its fenced blocks."""
    return re.sub(r"^```.*?^```$", "", text, flags=re.M | re.S)


def is_experiment(block):
    return block.language == "yaml"


def whole(block, page_blocks):
    """The experiment of a yaml block. One without `volley:` replaces top keys of the page's first whole one."""
    if re.search(r"^volley:", block.text, re.M):
        return block.text
    base = next(b.text for b in page_blocks if is_experiment(b) and re.search(r"^volley:", b.text, re.M))
    return merge(base, block.text)


def merge(base, fragment):
    """Top keys of `fragment` in place of those of `base`. `duration` and `phases` stand for each other."""
    parts = lambda text: dict(re.findall(r"^(\w+):(.*(?:\n(?!\w+:).*)*)", text, re.M))
    keys = parts(base)
    new = parts(fragment)
    if {"duration", "phases"} & set(new):
        keys = {k: v for k, v in keys.items() if k not in ("duration", "phases")}
    return "".join(f"{k}:{v}\n" for k, v in {**keys, **new}.items())


def sandbox(folder):
    """A folder that looks like a checkout with a release build, where a page's commands may do what they like."""
    for entry in SOURCE.iterdir():
        if entry.name not in ("build", "results", ".git"):
            (folder / entry.name).symlink_to(entry)
    (folder / "build").mkdir()
    (folder / "build/release").symlink_to(BUILD)
    (folder / "home").mkdir()
    (folder / "programs").mkdir()
    (folder / "programs/python3").symlink_to(sys.executable)
    return folder


def environment(folder):
    """A user's: nothing of this test's own settings."""
    env = {k: v for k, v in os.environ.items() if not k.startswith(("VOLLEY", "PYTHON", "CMAKE"))}
    return {**env, "HOME": str(folder / "home"), "PATH": f"{folder}/programs:{env['PATH']}",
            "PYTHONDONTWRITEBYTECODE": "1"}


def setup():
    """README's line that puts the command and the Python package on their paths: the other pages count on it."""
    return re.search(r"^export PATH=.*$", (SOURCE / "README.md").read_text(), re.M)[0]


def session(page_blocks):
    """(bash script, expected outputs by block) of a page. Each block's output follows a line with its number."""
    script, expected = [setup()], {}
    for k, b in enumerate(page_blocks):
        if b.language == "sh":
            kept = [line for line in b.text.splitlines() if not line.startswith(tuple(EXEMPT))]
            script += [f"echo '@@@ {k}'", *kept]
        elif b.language == "python":
            script += [f"echo '@@@ {k}'", f"python3 - <<'END_OF_PYTHON'\n{b.text}END_OF_PYTHON"]
        elif b.language == "text":
            expected[k] = b.text
    return "set -euo pipefail\n" + "\n".join(script) + "\n", expected


def write_files(page_blocks, folder):
    """The files of a page that are not the project's."""
    for b in page_blocks:
        if b.file and not (SOURCE / b.file).exists():
            (folder / b.file).parent.mkdir(parents=True, exist_ok=True)
            (folder / b.file).write_text(b.text)


def run(name, folder):
    """Writes a page's files, then runs it. Returns what is wrong: its failing commands, and outputs that are not as they are shown."""
    page_blocks = blocks((SOURCE / name).read_text())
    write_files(page_blocks, folder)
    script, expected = session(page_blocks)
    done = subprocess.run(["bash", "-c", script], cwd=folder, env=environment(folder), capture_output=True, text=True)
    printed = {int(k): text for k, text in re.findall(r"^@@@ (\d+)\n(.*?)(?=^@@@ |\Z)", done.stdout, re.M | re.S)}
    if done.returncode:
        last = page_blocks[max(printed, default=0)]
        return [f"{name}:{last.line}: this block fails:\n{last.text}\n{done.stdout[-2000:]}{done.stderr[-4000:]}"]
    wrong = []
    for k, text in expected.items():
        if not shown(text, printed.get(k - 1, "")):
            wrong.append(f"{name}:{page_blocks[k].line}: prints otherwise:\n{printed.get(k - 1, 'nothing')}\nshown is:\n{text}")
    return wrong


def shown(text, printed):
    """Whether a page shows what is printed."""
    wanted = MACHINE.sub("", text).rstrip("\n").split("\n")
    found = MACHINE.sub("", printed).rstrip("\n").split("\n")

    def from_(i, j):
        if i == len(wanted):
            return j == len(found)
        if wanted[i].strip() == "...":
            return any(from_(i + 1, k) for k in range(j, len(found) + 1))
        return j < len(found) and same(wanted[i], found[j]) and from_(i + 1, j + 1)
    return from_(0, 0)


def same(wanted, found):
    """Lines with equal words, and numbers that differ by 2 % at most."""
    number = re.compile(r"[-+]?\d+\.?\d*(?:e[-+]?\d+)?")
    spaces = lambda s: re.sub(r"\s+", " ", s).strip()
    if spaces(number.sub("0", wanted)) != spaces(number.sub("0", found)):
        return False
    pairs = zip(number.findall(wanted), number.findall(found))
    return all(abs(float(a) - float(b)) <= 0.02 * abs(float(a)) for a, b in pairs)


def anchors(text):
    """The anchors of a page's headings, as GitHub makes them."""
    out, seen = set(), {}
    for heading in re.findall(r"^#{1,6} (.*)$", prose(text), re.M):
        plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).replace("`", "").lower()
        slug = re.sub(r"[^\w\- ]", "", plain).strip().replace(" ", "-")
        n = seen[slug] = seen.get(slug, -1) + 1
        out.add(f"{slug}-{n}" if n else slug)
    return out


def links(text):
    """Targets of links and pictures."""
    return re.findall(r"\]\(([^)\s]+)\)", re.sub(r"`[^`\n]*`", "", prose(text)))
