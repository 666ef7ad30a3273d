"""Files that a command will write: refused before any work if they cannot be."""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Mapping
from pathlib import Path

import click


def check_targets(targets: Mapping[str, str | None]) -> None:
    """Checks {option: path or None} before any work.

    Raises:
        click.UsageError: a path that cannot become a file, or two options with the same one.
    """
    seen: dict[str, str] = {}
    for option, path in targets.items():
        if path is None:
            continue
        problem = _problem(path)
        if problem is not None:
            raise click.UsageError(f"{option} {path!r}: {problem}")
        real = os.path.realpath(path)
        if real in seen:
            raise click.UsageError(f"{seen[real]} and {option} are the same file {path!r}")
        seen[real] = option


def _problem(path: str) -> str | None:
    """Why no file can be written there."""
    if not path:
        return "must name a file"
    if path == "-":
        return "must name a file; standard output has the report"
    if path.endswith(os.sep):
        return "is a folder"
    try:
        target = Path(os.path.realpath(path))
    except OSError as error:
        # The current folder is gone.
        return error.strerror or str(error)
    try:
        kind = target.stat().st_mode
        if stat.S_ISDIR(kind):
            return "is a folder"
        if not stat.S_ISREG(kind):
            return "is no regular file"
    except FileNotFoundError:
        pass
    except OSError as error:
        return error.strerror or str(error)
    if not target.parent.is_dir():
        return f"there is no folder {str(target.parent)!r}"
    try:
        # As when the file is written: next to the target, under a longer name.
        with tempfile.NamedTemporaryFile(dir=target.parent, prefix=f".{target.name}.", suffix=".checking"):
            return None
    except OSError as error:
        return f"no file can be made there: {error.strerror or error}"
