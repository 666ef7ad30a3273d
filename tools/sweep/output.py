"""Where a sweep's words go: lines on standard output, and the report in a file that is checked beforehand."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

from checkouts import SweepError


class Console:
    """Lines on standard output; its reader may leave, the sweep goes on for the sake of the report.

    Attributes:
        gone: whether the reader has left.
    """

    def __init__(self) -> None:
        self.gone = False

    def say(self, line: str) -> None:
        """Prints a line at once: a commit takes minutes."""
        if self.gone:
            return
        try:
            encoding = sys.stdout.encoding
            print(line.encode(encoding, "backslashreplace").decode(encoding), flush=True)
        except BrokenPipeError:
            self.gone = True
            # What is left in the buffer must not fail once more at the end of the process.
            null = os.open(os.devnull, os.O_WRONLY)
            os.dup2(null, sys.stdout.fileno())
            os.close(null)


def check_target(path: Path) -> None:
    """Refuses, before hours of work, a path that no report can be written to.

    Raises:
        SweepError: it is a folder or no regular file, or its folder is missing or cannot be written.
    """
    target = Path(os.path.realpath(path))
    if target.is_dir():
        raise SweepError(f"--markdown {path}: is a folder; name a file")
    if target.exists() and not target.is_file():
        raise SweepError(f"--markdown {path}: is no regular file")
    if not target.parent.is_dir():
        raise SweepError(f"--markdown {path}: there is no folder {target.parent}")
    try:
        with tempfile.NamedTemporaryFile(dir=target.parent, prefix=f".{target.name}."):
            pass
    except OSError as error:
        raise SweepError(f"--markdown {path}: no file can be made there: {error.strerror or error}") from None


def write_report(path: Path, text: str) -> None:
    """Writes the report; prints it instead if that fails now, so that no measurement is lost.

    Raises:
        SweepError: it cannot be written; it went to standard error.
    """
    data = text.encode("utf-8", "backslashreplace")
    try:
        path.write_bytes(data)
    except OSError as error:
        print(data.decode(), file=sys.stderr)
        raise SweepError(f"--markdown {path}: {error.strerror or error}; the report is above") from None
