#!/usr/bin/env python3
"""Checks who includes whom: every room of cpp/ and backends/ may include only the rooms listed here.

Usage: tools/check_includes.py            prints every forbidden include, exits 1 if there is one
The table is the one of docs/architecture.md.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

MATH = {"field", "poly", "hash", "protocol"}
ALLOWED: dict[str, set[str]] = {
    "field": set(),
    "poly": {"field"},
    "hash": {"field"},
    "transcript": {"field", "hash"},
    "protocol": {"field", "poly", "hash"},
    "codec": MATH,
    "constraints": MATH,
    "schedule": MATH | {"transcript"},
    "soundness": MATH,
    "keygen": MATH | {"codec", "constraints"},
    "verifier": MATH | {"transcript", "schedule", "constraints", "codec"},
    "runtime": set(),
    "check": MATH | {"constraints", "runtime", "keygen"},
    "backend": MATH | {"runtime"},
    "stages": MATH | {"constraints", "runtime"},
    "prover": MATH | {"transcript", "schedule", "backend", "verifier", "runtime", "constraints"},
}
BACKEND_ROOMS = MATH | {"backend", "stages", "constraints", "runtime"}
GPU_RUNTIMES = {"metal", "cuda", "sim", "null"}

INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"', re.MULTILINE)


def allowed_rooms(file: Path) -> set[str] | None:
    """Rooms that this file may include beside its own; None for files without limits."""
    parts = file.relative_to(ROOT).parts
    if parts[0] == "cpp":
        return None if parts[1] in ("bindings", "include") else ALLOWED[parts[1]] | {parts[1], "openswirl"}
    name = parts[1]
    rooms = set(BACKEND_ROOMS) | {name, "openswirl"}
    if name == "reference":
        rooms.discard("stages")
    if name in GPU_RUNTIMES:
        rooms.add("gpu")
    return rooms


def violations() -> list[str]:
    found = []
    files = [
        f for top in ("cpp", "backends") for f in (ROOT / top).rglob("*") if f.suffix in (".h", ".cpp", ".mm")
    ]
    for file in sorted(files):
        rooms = allowed_rooms(file)
        if rooms is None:
            continue
        text = file.read_text()
        for match in INCLUDE.finditer(text):
            target = match.group(1)
            room = target.split("/")[0]
            if "/" not in target and (file.parent / target).exists():
                continue
            if room not in rooms:
                line = text.count("\n", 0, match.start()) + 1
                found.append(f'{file.relative_to(ROOT)}:{line}: may not include "{target}"')
    return found


def main() -> int:
    found = violations()
    print("\n".join(found) if found else "include directions: all as drawn in docs/architecture.md")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
