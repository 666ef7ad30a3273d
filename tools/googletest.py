#!/usr/bin/env python3
"""Unpacks the sources of GoogleTest into a folder, downloading them from PyPI unless they are there already.

Usage: tools/googletest.py FOLDER     then configure with -DOPENSWIRL_GOOGLETEST=FOLDER
"""

from __future__ import annotations

from pathlib import Path

from pinned_wheel import PinnedWheel

GOOGLETEST = PinnedWheel(
    name="GoogleTest",
    needed_by="the C++ tests",
    requirement=Path(__file__).resolve().with_suffix(".txt"),
    platform=("--platform", "manylinux_2_28_x86_64", "--implementation", "cp", "--python-version", "3.11"),
    inside="*.data/data/src/gtest_vendor",
)

if __name__ == "__main__":
    GOOGLETEST.main(__doc__)
