"""What the Python suites share: the vectors, extracted once a session, and the devices under test."""

from __future__ import annotations

import functools
import json
import re
import shutil
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import Any

TESTS = Path(__file__).resolve().parent
REPOSITORY = TESTS.parent

#: Too much proof-of-work for the default suites.
PRESET_CASES = ("preset_hook", "preset_internal", "preset_leaf", "preset_root")


@functools.cache
def vectors_folder() -> Path:
    """The extracted vectors; removed by :func:`remove_vectors`."""
    folder = Path(tempfile.mkdtemp(prefix="openswirl-vectors-"))
    with tarfile.open(TESTS / "vectors" / "cases.tar.xz") as archive:
        if hasattr(tarfile, "data_filter"):
            archive.extractall(folder, filter="data")
        else:
            archive.extractall(folder)
    return folder


def remove_vectors() -> None:
    if vectors_folder.cache_info().currsize:
        shutil.rmtree(vectors_folder(), ignore_errors=True)
        vectors_folder.cache_clear()


@functools.cache
def case_names() -> list[str]:
    return sorted(path.name for path in vectors_folder().iterdir() if (path / "case.json").exists())


def case_file(case: str, name: str) -> bytes:
    return (vectors_folder() / case / name).read_bytes()


@functools.cache
def case_json(case: str) -> dict[str, Any]:
    return json.loads((vectors_folder() / case / "case.json").read_text())


@functools.cache
def tamper() -> dict[str, Any]:
    return json.loads((vectors_folder() / "tamper.json").read_text())


def apply_splices(original: bytes, splices: list[list[Any]]) -> bytes:
    """The mutated bytes of one entry of tamper.json; offsets refer to the original."""
    parts, position = [], 0
    for offset, delete_count, inserted in splices:
        parts += [original[position:offset], bytes.fromhex(inserted)]
        position = offset + delete_count
    return b"".join([*parts, original[position:]])


@functools.cache
def load_case(name: str, device: str = "reference") -> Any:
    """A case as :func:`openswirl.cases.load` reads it."""
    import openswirl as sw

    return sw.cases.load(vectors_folder() / name, device)


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


def peak_memory() -> int:
    """Bytes that were resident at most. Linux starts ``ru_maxrss`` at what the parent process had."""
    if sys.platform == "linux":
        status = Path("/proc/self/status").read_text()
        return 1024 * int(status.split("VmHWM:")[1].split()[0])
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
