"""What the documentation shows runs as it stands: its Python, its commands, the names and variables in it."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import openswirl as sw
import pytest
import support
from openswirl.environment import VARIABLES

PAGES = (
    "README.md",
    *(
        str(path.relative_to(support.REPOSITORY))
        for path in sorted((support.REPOSITORY / "docs").rglob("*.md"))
    ),
)
BLOCK = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
EXAMPLES = [
    pytest.param(code, id=f"{Path(page).stem}-{number}")
    for page in PAGES
    for number, code in enumerate(BLOCK.findall((support.REPOSITORY / page).read_text()))
]
#: A case that is quickly proved, in place of a reader's.
CASE = "fib_h3"
#: Benchmarks of the pages at a size that takes no time; a later option wins.
SMALL = {
    "keccakf": ["--log-perms", "2"],
    "logup": [],
    "uniform": ["--airs", "2", "--cols", "4", "--log-rows", "6"],
    "case": [],
}
MEASURING = ["--runs", "1", "--warmup", "0"]


def commands(page: str) -> Iterator[list[str]]:
    """Every call of openswirl in the blocks of a page, fenced or indented, as words."""
    fenced = False
    for line in (support.REPOSITORY / page).read_text().splitlines():
        if line.startswith("```"):
            fenced = not fenced
        elif fenced or line.startswith("    "):
            words = shlex.split(line, comments=True) if re.match(r"\s*(\.venv/bin/)?openswirl ", line) else []
            if words:
                yield words[1:]


def small(words: list[str]) -> list[str]:
    folder = str(support.vectors_folder() / CASE)
    words = [folder if word in ("CASE_DIR", "DIR") else word.replace("NAME", "zen5") for word in words]
    if words[0] == "bench" and words[1] in SMALL:
        words += SMALL[words[1]] + ([] if "--model" in words else MEASURING)
    return words


def test_examples_are_found():
    assert len(EXAMPLES) >= 4
    assert len(list(commands("README.md"))) >= 6
    assert len(list(commands("docs/user-guide.md"))) >= 7


@pytest.mark.parametrize("code", EXAMPLES)
def test_example(code, tmp_path):
    # From a file: AIRs are reported with the line that recorded them.
    (tmp_path / "example.py").write_text(code)
    done = subprocess.run(
        [sys.executable, "example.py"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    for name in re.findall(r'\.save\("([^"]+)"\)', code):
        assert (tmp_path / name).stat().st_size > 0


@pytest.mark.thorough
@pytest.mark.parametrize("page", [page for page in PAGES if any(commands(page))])
def test_commands(page, tmp_path):
    """One after the other in one folder, as a reader would; benchmarks at a small size."""
    (tmp_path / "docs").symlink_to(support.REPOSITORY / "docs")
    # What a reader measured before.
    for name, published in {"before": "zen5", "measured": "zen5", "model": "h200-model"}.items():
        shutil.copy(
            support.REPOSITORY / f"docs/benchmarks/{published}-keccakf.json", tmp_path / f"{name}.json"
        )
    for words in map(small, commands(page)):
        # Nobody's baseline is of this machine.
        extra = ["--cross-machine"] if words[0] == "report" and "--cross-machine" not in words else []
        done = subprocess.run(
            [sys.executable, "-m", "openswirl", *words, *extra],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
        expected = (0, 1) if "--gate" in words else (0,)
        assert done.returncode in expected, f"{shlex.join(words)}: {done.stdout}{done.stderr}"


@pytest.mark.parametrize("page", PAGES)
def test_names(page):
    """`sw.prove`, `sw.SystemParams.app`: what the pages name is there."""
    text = (support.REPOSITORY / page).read_text()
    for name in re.findall(r"\bsw\.([A-Za-z_]+(?:\.[A-Za-z_]+)*)", text):
        found = sw
        for part in name.split("."):
            found = getattr(found, part)


def test_errors():
    """Every error is a name of the package and in the guide's table."""

    def below(kind: type[sw.Error]) -> Iterator[str]:
        for error in kind.__subclasses__():
            if error.__module__.startswith("openswirl."):
                yield error.__name__
                yield from below(error)

    names = set(below(sw.Error))
    assert names <= set(sw.__all__)
    table = re.findall(
        r"^\| (`[A-Z].*?) \|", (support.REPOSITORY / "docs/user-guide.md").read_text(), re.MULTILINE
    )
    assert names <= set(re.findall(r"`(\w+)`", " ".join(table)))
    assert {"ColumnError", "UnsatisfiedError", "Timeout"} <= names


def test_environment_variables():
    """The sources read the variables of the list, and the user guide has them all."""
    read = set()
    for path in [
        *(support.REPOSITORY / "cpp").rglob("*.[ch]*"),
        *(support.REPOSITORY / "backends").rglob("*.[ch]*"),
        *(support.REPOSITORY / "python").rglob("*.py"),
    ]:
        if path.name == "environment.py":
            continue
        read |= set(re.findall(r'"(OPENSWIRL_[A-Z_]+)"', path.read_text()))
    assert read == set(VARIABLES)
    sources = [
        path.read_text(errors="replace")
        for folder in ("cpp", "backends", "metal", "tests/cpp", "tests/fake_metal", "python", "tools")
        for path in (support.REPOSITORY / folder).rglob("*")
        if path.suffix in (".h", ".cpp", ".cmake", ".txt", ".py", ".metal")
    ]
    sources.append((support.REPOSITORY / "CMakeLists.txt").read_text())
    named = set(re.findall(r"OPENSWIRL_[A-Z_]+", " ".join(sources)))
    for page in PAGES:
        text = (support.REPOSITORY / page).read_text()
        assert set(re.findall(r"OPENSWIRL_[A-Z_]+", text)) <= named, page
    guide = (support.REPOSITORY / "docs/user-guide.md").read_text()
    table = guide.split("## Environment variables")[1].split("\n## ")[0]
    rows = [line.split("|")[1] for line in table.splitlines() if line.startswith("| `OPENSWIRL_")]
    assert sorted(re.findall(r"OPENSWIRL_[A-Z_]+", " ".join(rows))) == sorted(VARIABLES)


def test_paths():
    """Files of the tree in backticks exist."""
    folders = {"cpp", "backends", "metal", "python", "tests", "tools", "docs", ".github", ".ci"}
    found = 0
    for page in PAGES:
        for quoted in re.findall(r"`([^`\s]+/[^`\s]*)`", (support.REPOSITORY / page).read_text()):
            if quoted.split("/")[0] in folders:
                for pattern in support.expand(re.sub(r"<\w+>|\bNAME\b", "*", quoted).rstrip("/")):
                    found += 1
                    assert list(support.REPOSITORY.glob(pattern)), f"{page}: {quoted}"
    assert found > 100


def test_links():
    """Files and headings that the pages point to exist."""
    for page in PAGES:
        path = support.REPOSITORY / page
        for target in re.findall(r"\]\(([^)\s]+)\)", path.read_text()):
            if "://" in target:
                continue
            file, _, heading = target.partition("#")
            linked = path.parent / file if file else path
            assert linked.exists(), f"{page}: {target}"
            if heading:
                titles = re.findall(r"^#+ (.*)$", linked.read_text(), re.MULTILINE)
                slugs = [re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles]
                assert heading in slugs, f"{page}: {target}"
