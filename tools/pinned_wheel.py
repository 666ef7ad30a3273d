"""Files out of a wheel of PyPI that a requirement with its hash pins, unpacked into a folder once."""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
import sys
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path


class DownloadError(Exception):
    """There is no pip, or it did not get the pinned package; the text has the remedy."""


class FolderError(Exception):
    """The folder holds something else than what is unpacked here."""


@dataclass(frozen=True)
class PinnedWheel:
    """A folder of one wheel, the same for every platform, so that one hash pins it."""

    name: str  # for people
    needed_by: str
    requirement: Path  # a file for pip, whose name also stamps the unpacked folder
    platform: tuple[str, ...]  # arguments of pip that choose the wheel
    inside: str  # a pattern for the folder in the wheel

    def download(self, temporary: Path, folder: Path) -> Path:
        """The wheel, in the folder `temporary`; the error names `folder`."""
        if importlib.util.find_spec("pip") is None:
            raise DownloadError(
                f"{sys.executable} has no pip, which downloads {self.name} for {self.needed_by}: add it with\n"
                f"  {sys.executable} -m ensurepip\nor copy the folder {folder} from where it was unpacked"
            )
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"]
        command += ["--no-deps", "--only-binary=:all:", *self.platform, "--require-hashes"]
        command += ["-r", str(self.requirement), "-d", str(temporary)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise DownloadError(
                f"{done.stderr.strip()}\ncannot download {self.name}, needed once by {self.needed_by}: connect "
                f"this machine to PyPI, or copy the folder {folder} from one that is connected"
            )
        return next(temporary.glob("*.whl"))

    def unpack(self, folder: Path) -> Path:
        """`folder`, which then holds the files.

        Nothing is downloaded if the folder was unpacked from the same requirement; one of another requirement
        is replaced as a whole. Raises DownloadError, and FolderError for a folder with other files.
        """
        pinned = self.requirement.read_text()
        stamp = folder / self.requirement.name
        if stamp.exists() and stamp.read_text() == pinned:
            return folder
        if not stamp.exists() and folder.exists() and any(folder.iterdir()):
            raise FolderError(
                f"{folder} is not empty and has no {stamp.name}, so it is not {self.name} as unpacked here; "
                f"remove it, or name another folder"
            )
        with tempfile.TemporaryDirectory() as temporary:
            with zipfile.ZipFile(self.download(Path(temporary), folder)) as wheel:
                wheel.extractall(temporary)
            (files,) = Path(temporary).glob(self.inside)
            (files / stamp.name).write_text(pinned)
            # Whole under another name first, so that an interrupted copy is never taken for the files.
            fresh = folder.with_name(folder.name + ".new")
            if fresh.exists():
                shutil.rmtree(fresh)
            shutil.copytree(files, fresh)
        if folder.exists():
            shutil.rmtree(folder)
        fresh.rename(folder)
        return folder

    def main(self, usage: str) -> None:
        """The command `TOOL FOLDER`."""
        if len(sys.argv) != 2 or sys.argv[1].startswith("-"):
            sys.exit(usage)
        try:
            self.unpack(Path(sys.argv[1]))
        except (DownloadError, FolderError) as error:
            sys.exit(str(error))
