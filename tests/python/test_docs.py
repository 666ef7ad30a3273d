"""The Python of the documentation runs as it stands."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest
import support

BLOCK = re.compile(r"^(<!-- test -->\n)?```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(path: str, *, marked: bool) -> list[str]:
    text = (support.REPOSITORY / path).read_text()
    return [code for mark, code in BLOCK.findall(text) if mark or not marked]


EXAMPLES = [
    *[pytest.param(code, id=f"readme-{i}") for i, code in enumerate(blocks("README.md", marked=False))],
    *[
        pytest.param(code, id=f"user-guide-{i}")
        for i, code in enumerate(blocks("docs/user-guide.md", marked=True))
    ],
]


def test_examples_are_found():
    assert len(blocks("README.md", marked=False)) >= 1
    assert len(blocks("docs/user-guide.md", marked=True)) >= 2


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
