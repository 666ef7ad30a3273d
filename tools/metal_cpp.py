#!/usr/bin/env python3
"""Unpacks the headers of metal-cpp, Apple's C++ names for Metal, into a folder, downloading them from PyPI unless
they are there already.

Usage: tools/metal_cpp.py FOLDER     then configure with -DOPENSWIRL_METAL_CPP=FOLDER
"""

from __future__ import annotations

from pathlib import Path

from pinned_wheel import PinnedWheel

METAL_CPP = PinnedWheel(
    name="metal-cpp",
    needed_by="the Metal backend and its tests",
    requirement=Path(__file__).resolve().with_suffix(".txt"),
    platform=("--platform", "macosx_14_0_arm64", "--python-version", "3.12"),
    inside="mlx/include/metal_cpp",
)

if __name__ == "__main__":
    METAL_CPP.main(__doc__)
