"""What the commands share: JSON, exit codes, reading files or standard input, tables."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from openswirl import errors

if TYPE_CHECKING:
    from openswirl.profiling import Spans

Function = TypeVar("Function", bound=Callable[..., Any])

#: First match decides; every class is listed before its bases.
_EXIT_CODES: tuple[tuple[type[BaseException], int], ...] = (
    (errors.VerificationError, 1),
    (errors.FormatError, 3),
    (errors.OutOfMemory, 4),
    (errors.DeviceError, 5),
    (errors.Cancelled, 130),
    (errors.Timeout, 130),
    (KeyboardInterrupt, 130),
    (errors.InternalError, 5),
    (errors.Error, 2),
    (OSError, 2),
)


def exit_code(error: BaseException) -> int:
    """The exit code that stands for an error."""
    return next(code for kind, code in _EXIT_CODES if isinstance(error, kind))


def describe_error(error: BaseException) -> dict[str, Any]:
    """An error as JSON values: its type, message, and whatever fields it has."""
    described: dict[str, Any] = {"type": type(error).__name__, "message": str(error)}
    if isinstance(error, KeyboardInterrupt):
        described["message"] = "interrupted"
    for name in ("offset", "check", "detail", "bus", "need", "have", "phase"):
        value = getattr(error, name, None)
        if value is not None:
            described[name] = value
    return described


def print_json(value: object) -> None:
    """One JSON document on standard output."""
    click.echo(json.dumps(value, indent=2))


def json_option(function: Function) -> Function:
    """The option ``--json``."""
    return click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")(function)


def read_input(path: str) -> bytes:
    """The content of a file; ``-`` is standard input."""
    if path == "-":
        return sys.stdin.buffer.read()
    return Path(path).read_bytes()


def print_table(
    title: str, columns: Sequence[str], rows: Iterable[Sequence[str]], right: Sequence[int] = ()
) -> None:
    """A table on standard output; ``right`` lists the columns that are numbers."""
    from rich.console import Console
    from rich.table import Table

    table = Table(title=title or None, title_justify="left", box=None, pad_edge=False)
    for index, column in enumerate(columns):
        table.add_column(column, justify="right" if index in right else "left", overflow="fold")
    for row in rows:
        table.add_row(*row)
    Console(highlight=False).print(table)


def print_spans(spans: Spans) -> None:
    """The span tree with times; equal siblings are one row with their count."""
    flat = spans.flat()
    whole = sum(root.duration for root in spans) or 1.0
    rows = []
    for path, total in flat.items():
        parts = path.split("/")
        count = f"x{total.count}" if total.count > 1 else ""
        name = "  " * (len(parts) - 1) + parts[-1]
        rows.append((name, count, f"{total.duration:.3f}", f"{100 * total.duration / whole:.1f}"))
    print_table("", ("span", "", "seconds", "%"), rows, right=(1, 2, 3))


def mebibytes(size: int) -> str:
    """A size for people."""
    return f"{size / 2**20:,.1f} MiB"
