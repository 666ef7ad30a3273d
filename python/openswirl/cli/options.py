"""Options that several commands have, and what their values may be."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from openswirl.cli.output import printable
from openswirl.errors import Error, InputError
from openswirl.params import SystemParams
from openswirl.prover import MAX_THREADS

Function = TypeVar("Function", bound=Callable[..., Any])


def json_option(function: Function) -> Function:
    """The option ``--json``."""
    return click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")(function)


def threads_option(function: Function) -> Function:
    """The option ``--threads``, of the range that :func:`openswirl.prove` takes."""
    return click.option(
        "--threads",
        type=click.IntRange(1, MAX_THREADS),
        help=f"Worker threads, 1 to {MAX_THREADS}; all cores by default.",
    )(function)


def parse_params(text: str) -> SystemParams:
    """The preset that the value of ``--params`` names.

    Raises:
        InputError: it names none.
    """
    try:
        return SystemParams.parse(text)
    except Error:
        raise
    except (ValueError, TypeError, OverflowError):
        # A number with more digits than Python or the core reads.
        raise InputError(
            f"parameters {printable(text, 80)} are none of app:11 to app:24, leaf, internal, root, hook"
        ) from None
