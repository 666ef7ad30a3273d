#!/usr/bin/env python3
"""Unpacks the sources of GoogleTest into a folder, downloading them from PyPI unless they are there already.

Usage: tools/googletest.py FOLDER     then configure with -DOPENSWIRL_GOOGLETEST=FOLDER
"""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

REQUIREMENT = Path(__file__).resolve().with_suffix(".txt")
# One platform's wheel everywhere, so that one hash pins it.
PLATFORM = ("--platform", "manylinux_2_28_x86_64", "--implementation", "cp", "--python-version", "3.11")


class DownloadError(Exception):
    """There is no pip, or it did not get the pinned package; the text has the remedy."""


class FolderError(Exception):
    """The folder holds something else than GoogleTest as it is unpacked here."""


def download(temporary: Path, folder: Path) -> Path:
    """The wheel that the requirement pins, in the folder `temporary`; the error names `folder`."""
    if importlib.util.find_spec("pip") is None:
        raise DownloadError(
            f"{sys.executable} has no pip, which downloads GoogleTest for the C++ tests: add it with\n"
            f"  {sys.executable} -m ensurepip\nor copy the folder {folder} from where it was unpacked"
        )
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"]
    command += ["--no-deps", "--only-binary=:all:", *PLATFORM, "--require-hashes"]
    command += ["-r", str(REQUIREMENT), "-d", str(temporary)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise DownloadError(
            f"{done.stderr.strip()}\ncannot download GoogleTest, which the C++ tests need once: connect this "
            f"machine to PyPI, or copy the folder {folder} from one that is connected"
        )
    return next(temporary.glob("*.whl"))


def unpack(folder: Path) -> Path:
    """`folder`, which then holds include/ and src/ of GoogleTest.

    Nothing is downloaded if the folder was unpacked from the same requirement; one of another requirement is
    replaced as a whole. Raises DownloadError, and FolderError for a folder with other files.
    """
    pinned = REQUIREMENT.read_text()
    stamp = folder / REQUIREMENT.name
    if stamp.exists() and stamp.read_text() == pinned:
        return folder
    if not stamp.exists() and folder.exists() and any(folder.iterdir()):
        raise FolderError(
            f"{folder} is not empty and has no {stamp.name}, so it is not GoogleTest as unpacked here; "
            f"remove it, or name another folder"
        )
    with tempfile.TemporaryDirectory() as temporary:
        with zipfile.ZipFile(download(Path(temporary), folder)) as wheel:
            wheel.extractall(temporary)
        (sources,) = Path(temporary).glob("*.data/data/src/gtest_vendor")
        (sources / stamp.name).write_text(pinned)
        # Whole under another name first, so that an interrupted copy is never taken for the sources.
        fresh = folder.with_name(folder.name + ".new")
        if fresh.exists():
            shutil.rmtree(fresh)
        shutil.copytree(sources, fresh)
    if folder.exists():
        shutil.rmtree(folder)
    fresh.rename(folder)
    return folder


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    try:
        unpack(Path(sys.argv[1]))
    except (DownloadError, FolderError) as error:
        sys.exit(str(error))
