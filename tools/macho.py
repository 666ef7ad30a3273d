"""What a 64-bit Mach-O file imports, exports and loads, and link stubs for what objects import: enough to link and
check libraries for macOS without Apple's tools."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path

MAGIC = 0xFEEDFACF
SYMBOL_TABLE, LOAD_DYLIB, LOAD_WEAK_DYLIB = 0x2, 0xC, 0x80000018
EXTERNAL, PRIVATE, TYPE = 0x01, 0x10, 0x0E


def _commands(data: bytes) -> Iterator[tuple[int, int]]:
    """Kind and offset of every load command."""
    magic, _, _, _, count = struct.unpack_from("<IIIII", data, 0)
    if magic != MAGIC:
        raise ValueError("not a 64-bit Mach-O file")
    offset = 32
    for _ in range(count):
        kind, size = struct.unpack_from("<II", data, offset)
        yield kind, offset
        offset += size


def _text(data: bytes, offset: int) -> str:
    return data[offset : data.index(b"\0", offset)].decode()


def symbols(path: Path) -> tuple[set[str], set[str]]:
    """Names that the file imports, and names that it defines for others."""
    data = path.read_bytes()
    imported, exported = set(), set()
    for kind, offset in _commands(data):
        if kind != SYMBOL_TABLE:
            continue
        table, count, names = struct.unpack_from("<III", data, offset + 8)
        for i in range(count):
            name, flags = struct.unpack_from("<IB", data, table + 16 * i)
            if not flags & EXTERNAL or flags & PRIVATE:
                continue
            (exported if flags & TYPE else imported).add(_text(data, names + name))
    return imported, exported


def libraries(path: Path) -> list[str]:
    """Install names of the libraries that the file loads."""
    data = path.read_bytes()
    return [
        _text(data, offset + struct.unpack_from("<I", data, offset + 8)[0])
        for kind, offset in _commands(data)
        if kind in (LOAD_DYLIB, LOAD_WEAK_DYLIB)
    ]


#: Apple's libraries, and which symbols are theirs.
FRAMEWORKS = {
    "Metal": ("/System/Library/Frameworks/Metal.framework/Versions/A/Metal", ("_MTL",)),
    "Foundation": ("/System/Library/Frameworks/Foundation.framework/Versions/C/Foundation", ("_NS",)),
    "CoreGraphics": ("/System/Library/Frameworks/CoreGraphics.framework/Versions/A/CoreGraphics", ("_CG",)),
    "objc": ("/usr/lib/libobjc.A.dylib", ("_objc_", "_sel_")),
}


def write_stubs(folder: Path, objects: list[Path]) -> None:
    """Link stubs of Apple's frameworks with exactly those of their symbols that the objects import."""
    imported = set().union(*(symbols(path)[0] for path in objects))
    for name, (install_name, prefixes) in FRAMEWORKS.items():
        theirs = sorted(symbol for symbol in imported if symbol.startswith(prefixes))
        path = folder / ("libobjc.tbd" if name == "objc" else f"{name}.framework/{name}.tbd")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(
            "--- !tapi-tbd\ntbd-version: 4\ntargets: [ arm64-macos ]\n"
            f"install-name: '{install_name}'\ncurrent-version: 1\n"
            + (
                f"exports:\n  - targets: [ arm64-macos ]\n    symbols: [ {', '.join(theirs)} ]\n"
                if theirs
                else ""
            )
            + "...\n"
        )
