"""What every failure means: its exit code, its JSON form, and the one line that people see."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from typing import Any

import click

from openswirl import errors
from openswirl.cli.output import print_json, printable

#: First match decides; every class is listed before its bases.
_EXIT_CODES: tuple[tuple[type[BaseException], int], ...] = (
    (errors.VerificationError, 1),
    (errors.FormatError, 3),
    (MemoryError, 4),
    (errors.DeviceError, 5),
    (errors.Cancelled, 130),
    (errors.Timeout, 130),
    (KeyboardInterrupt, 130),
    (BrokenPipeError, 141),
    (errors.InternalError, 5),
    (errors.Error, 2),
    # Where Python was told to make errors of warnings.
    (errors.SecurityWarning, 2),
    (OSError, 2),
)

#: The exit code of every other exception: a bug in openswirl.
_UNEXPECTED = 5


def exit_code(error: BaseException) -> int:
    """The exit code that stands for an error."""
    return next((code for kind, code in _EXIT_CODES if isinstance(error, kind)), _UNEXPECTED)


def _expected(error: BaseException) -> bool:
    return any(isinstance(error, kind) for kind, _ in _EXIT_CODES)


def describe_error(error: BaseException) -> dict[str, Any]:
    """An error as JSON values: its type, message, and whatever fields it has."""
    described: dict[str, Any] = {"type": type(error).__name__, "message": str(error)}
    if isinstance(error, KeyboardInterrupt):
        described |= {"type": errors.Cancelled.__name__, "message": "interrupted"}
    elif isinstance(error, OSError) and error.strerror and not isinstance(error, errors.Error):
        reason = error.strerror[:1].lower() + error.strerror[1:]
        place = "" if error.filename is None else f"{os.fsdecode(error.filename)}: "
        described["message"] = place + reason
    elif isinstance(error, MemoryError) and not str(error):
        described["message"] = "no memory left"
    elif not _expected(error):
        described["message"] = f"internal error: {type(error).__name__}: {error}"
    for name in ("offset", "check", "detail", "bus", "need", "have", "phase"):
        value = getattr(error, name, None)
        if value is not None:
            described[name] = value
    return described


def report(error: BaseException, as_json: bool) -> int:
    """Says what went wrong, once and wherever it can still be said, and returns the exit code.

    A reader that closed the pipe has seen enough: nothing is said.
    """
    code = exit_code(error)
    if isinstance(error, BrokenPipeError):
        abandon_output()
        return code
    if os.environ.get("OPENSWIRL_DEBUG") == "1" and not _expected(error):
        import traceback

        traceback.print_exception(error)
    described = describe_error(error)
    if as_json:
        try:
            print_json({"error": described})
            return code
        except OSError:
            # Standard output is full or gone, which may be the error itself: a line must do.
            pass
    try:
        # A failed write stays in the buffer, and Python would fail with it once more at its end.
        if sys.stdout is not None:
            sys.stdout.flush()
    except OSError:
        abandon_output()
    prefix = "error: " if _expected(error) and not isinstance(error, KeyboardInterrupt) else ""
    with suppress(OSError):
        click.echo(f"{prefix}{printable(described['message'])}", err=True)
    return code


def abandon_output() -> None:
    """Lets whatever standard output still holds vanish, so that ending the process does not fail on it."""
    try:
        descriptor = os.open(os.devnull, os.O_WRONLY)
        os.dup2(descriptor, sys.stdout.fileno())
        os.close(descriptor)
    except (AttributeError, OSError, ValueError):
        # No standard output, or none with a descriptor.
        return
