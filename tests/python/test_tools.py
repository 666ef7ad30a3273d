"""The checks of tools/ see what they are for, and the documents name files that exist."""

from __future__ import annotations

import importlib.util
import re

import pytest
import support


@pytest.fixture
def check_includes():
    spec = importlib.util.spec_from_file_location(
        "check_includes", support.REPOSITORY / "tools/check_includes.py"
    )
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_include_directions_hold(check_includes):
    assert check_includes.main() == 0


@pytest.mark.parametrize(
    ("file", "included"),
    [
        ("cpp/verifier/planted.h", "stages/merkle.h"),
        ("cpp/verifier/planted.h", "runtime/context.h"),
        ("cpp/protocol/planted.h", "codec/bytes.h"),
        ("cpp/stages/planted.h", "backend/backend.h"),
        ("backends/cpu/planted.h", "transcript/transcript.h"),
        ("backends/cpu/planted.h", "reference/backend.h"),
        ("backends/reference/planted.h", "stages/merkle.h"),
    ],
)
def test_forbidden_includes_are_found(check_includes, tmp_path, monkeypatch, file, included):
    below = check_includes.rooms_below()
    for folder in ("cpp", "backends/cpu", "backends/reference"):
        (tmp_path / folder).mkdir(parents=True, exist_ok=True)
    monkeypatch.setattr(check_includes, "ROOT", tmp_path)
    planted = tmp_path / file
    planted.parent.mkdir(parents=True, exist_ok=True)
    planted.write_text("#include <vector>\n")
    assert check_includes.violations(below) == []
    planted.write_text(f'#include <vector>\n#include "{included}"\n')
    assert check_includes.violations(below) == [f'{file}:2: may not include "{included}"']


def expand(pattern: str) -> list[str]:
    """`a/{b,c}.h` as a/b.h and a/c.h."""
    match = re.search(r"\{([^}]*)\}", pattern)
    if not match:
        return [pattern]
    return [
        part
        for choice in match.group(1).split(",")
        for part in expand(pattern.replace(match.group(0), choice, 1))
    ]


def test_protocol_map_names_files_that_exist():
    text = (support.REPOSITORY / "docs/protocol-map.md").read_text()
    patterns = [path for quoted in re.findall(r"`([\w/{},.*-]+)`", text) for path in expand(quoted)]
    assert len(patterns) > 60
    missing = [pattern for pattern in patterns if not list(support.REPOSITORY.glob(pattern))]
    # `preamble`, `fractions`, ... are the files of cpp/schedule.
    assert [name for name in missing if not (support.REPOSITORY / f"cpp/schedule/{name}.cpp").exists()] == []
