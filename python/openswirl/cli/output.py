"""What the commands share: JSON, text that is safe to print, reading files or standard input, tables."""

from __future__ import annotations

import io
import json
import os
import shutil
import sys
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, BinaryIO

import click

from openswirl.errors import InputError

if TYPE_CHECKING:
    from openswirl.profiling import Spans


#: Columns of a table that goes to a file or a pipe.
_WIDE = 240
#: Columns that a table has on the narrowest screen.
_NARROW = 40


def print_json(value: object) -> None:
    """One JSON document on standard output."""
    click.echo(json.dumps(value, indent=2))


def escape_unencodable() -> None:
    """Lets the standard streams escape what their encoding has no letter for, instead of failing."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper) and stream.errors == "strict":
            stream.reconfigure(errors="backslashreplace")


def printable(text: str, limit: int | None = None) -> str:
    """Text from elsewhere on one line: what a terminal would act on is escaped, and it ends at the limit."""
    if limit is not None and len(text) > limit:
        text = text[:limit] + "..."
    return "".join(letter if letter.isprintable() else _escape(ord(letter)) for letter in text)


def _escape(code: int) -> str:
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def stderr_is_terminal() -> bool:
    """Whether somebody watches standard error; it may be closed."""
    return sys.stderr is not None and sys.stderr.isatty()


#: The longest input that is read, in bytes: several times a proving key with a preprocessed trace of 2^24 cells.
MAX_INPUT = 1 << 30


def read_input(path: str, limit: int = MAX_INPUT) -> bytes:
    """The content of a file; ``-`` is standard input.

    Raises:
        InputError: more than ``limit`` bytes; a stream without end stops there.
    """
    if path != "-":
        with open(path, "rb") as file:
            return _read_up_to(limit, file, path)
    if sys.stdin is None:
        raise InputError("standard input is closed")
    return _read_up_to(limit, sys.stdin.buffer, "standard input")


def _read_up_to(limit: int, file: BinaryIO, name: str) -> bytes:
    # In pieces: one large read would ask for all of its memory ahead.
    data = bytearray()
    while piece := file.read(1 << 20):
        data += piece
        if len(data) > limit:
            raise InputError(f"{printable(name, 80)}: longer than {limit:,} bytes, the most that is read")
    return bytes(data)


def print_table(
    title: str, columns: Sequence[str], rows: Iterable[Sequence[str]], right: Sequence[int] = ()
) -> None:
    """A table on standard output; ``right`` lists the columns that are numbers."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(title=title or None, title_justify="left", box=None, pad_edge=False)
    for index, column in enumerate(columns):
        table.add_column(column, justify="right" if index in right else "left", overflow="fold")
    for row in rows:
        # As text, or rich would take brackets for its markup.
        table.add_row(*map(Text, row))
    # Nothing is folded where nobody's screen ends.
    columns_given = os.environ.get("COLUMNS", "")
    on_screen = sys.stdout is not None and sys.stdout.isatty()
    folds = columns_given.isdecimal() and int(columns_given) > 0 if columns_given else on_screen
    width = max(shutil.get_terminal_size().columns, _NARROW) if folds else _WIDE
    console = Console(highlight=False, width=width)
    with console.capture() as capture:
        console.print(table)
    click.echo(capture.get(), nl=False)


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
