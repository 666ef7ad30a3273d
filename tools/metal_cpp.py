#!/usr/bin/env python3
"""Unpacks the headers of metal-cpp, Apple's C++ names for Metal, into a folder, downloading them from PyPI unless
they are there already.

Usage: tools/metal_cpp.py FOLDER     then configure with -DOPENSWIRL_METAL_CPP=FOLDER
       tools/metal_cpp.py --installed   prints where an installed mlx-metal has them, or nothing
"""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

from pinned_wheel import PinnedWheel

METAL_CPP = PinnedWheel(
    name="metal-cpp",
    needed_by="the Metal backend and its tests",
    requirement=Path(__file__).resolve().with_suffix(".txt"),
    platform=("--platform", "macosx_14_0_arm64", "--python-version", "3.12"),
    inside="mlx/include/metal_cpp",
)


def installed() -> Path | None:
    """The headers in the package that Python would import, if there is one."""
    found = importlib.util.find_spec("mlx")
    for folder in (found.submodule_search_locations or ()) if found else ():
        headers = Path(folder) / "include" / "metal_cpp"
        if (headers / "Metal" / "Metal.hpp").exists():
            return headers
    return None


if __name__ == "__main__":
    if sys.argv[1:] == ["--installed"]:
        print(installed() or "")
    else:
        METAL_CPP.main(__doc__)
