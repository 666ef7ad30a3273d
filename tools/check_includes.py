#!/usr/bin/env python3
"""Checks who includes whom: a room of cpp/ or backends/ may include only the rooms below it, and no streams.

Usage: tools/check_includes.py            prints every forbidden include, exits 1 if there is one
The rooms below come from cpp/cmake/core.cmake; the table in docs/architecture.md must say the same.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
INCLUDE = re.compile(r'^\s*#\s*include\s+["<]([^">]+)[">]', re.MULTILINE)

# Nothing of the protocol's order, bytes or verdicts reaches a backend.
BACKEND_ROOMS = {
    "field",
    "poly",
    "hash",
    "protocol",
    "constraints",
    "runtime",
    "backend",
    "stages",
    "workers",
}
GPU_RUNTIMES = {"metal", "cuda", "sim", "null"}
# Their locales are shared between all copies of the standard library in a process, and mixing versions of it,
# as where a compiler links it statically, has crashed there.
STREAMS = {
    "codecvt",
    "fstream",
    "iomanip",
    "ios",
    "iostream",
    "istream",
    "locale",
    "ostream",
    "regex",
    "spanstream",
    "sstream",
    "streambuf",
    "strstream",
    "syncstream",
}


def rooms_below() -> dict[str, set[str]]:
    """For each room of core.cmake every room that it may include, directly or through another."""
    text = (ROOT / "cpp" / "cmake" / "core.cmake").read_text()
    direct = {
        name: set(rest.split()) for name, rest in re.findall(r"^openswirl_room\((\w+)([^)]*)\)", text, re.M)
    }
    below: dict[str, set[str]] = {}
    for name, rooms in direct.items():  # a room stands after those it names
        below[name] = rooms.union(*(below[room] for room in rooms))
    return below


def documented_rooms() -> dict[str, set[str]]:
    """The same from the table in docs/architecture.md."""
    section = (
        (ROOT / "docs" / "architecture.md").read_text().split("## Who may include whom")[1].split("\n## ")[0]
    )
    rows = re.findall(r"^\| ([\w, ]+) \| ([\w, ]*) ?\|$", section, re.M)
    return {
        name: {room for room in rooms.replace(" ", "").split(",") if room}
        for names, rooms in rows
        if names != "room"
        for name in names.split(", ")
    }


def allowed_rooms(file: Path, below: dict[str, set[str]]) -> set[str] | None:
    """Rooms that this file may include beside its own; None for those that may include every room."""
    top, name, *_ = file.relative_to(ROOT).parts
    if top == "cpp":
        return None if name in ("bindings", "include") else below[name] | {name, "openswirl"}
    rooms = BACKEND_ROOMS | {name, "openswirl"}
    if name == "reference":
        rooms -= {"stages", "workers"}
    if name in GPU_RUNTIMES:
        rooms.add("gpu")
    if name == "null":
        rooms.add("sim")  # counts the work of kernels
    return rooms


def violations(below: dict[str, set[str]]) -> list[str]:
    rooms_of_tree = (
        set(below) | {folder.name for folder in (ROOT / "backends").iterdir()} | {"bindings", "openswirl"}
    )
    found = []
    files = [
        f for top in ("cpp", "backends") for f in (ROOT / top).rglob("*") if f.suffix in (".h", ".cpp", ".mm")
    ]
    for file in sorted(files):
        rooms = allowed_rooms(file, below)
        text = file.read_text()
        for match in INCLUDE.finditer(text):
            target = match.group(1)
            room = target.split("/")[0]
            outside = rooms is not None and "/" in target and room in rooms_of_tree and room not in rooms
            if target in STREAMS or outside:
                line = text.count("\n", 0, match.start()) + 1
                found.append(f'{file.relative_to(ROOT)}:{line}: may not include "{target}"')
    return found


def main() -> int:
    below = rooms_below()
    found = violations(below)
    documented = documented_rooms()
    for name in sorted(set(below) | set(documented)):
        if below.get(name) != documented.get(name):
            found.append(
                f"docs/architecture.md: {name} may include {sorted(documented.get(name, set()))}, "
                f"cpp/cmake/core.cmake says {sorted(below.get(name, set()))}"
            )
    print(
        "\n".join(found)
        if found
        else f"include directions: {len(below)} rooms as drawn in docs/architecture.md"
    )
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
