"""Options that several commands have, and what their values may be."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping
from typing import Any, TypeVar

import click
from click.core import ParameterSource

from openswirl.cli.output import printable
from openswirl.errors import Error, InputError
from openswirl.params import SystemParams
from openswirl.prover import MAX_THREADS, MAX_TIMEOUT

Function = TypeVar("Function", bound=Callable[..., Any])


class NumberRange(click.FloatRange):
    """A range that NaN is outside of, too."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        number = super().convert(value, param, ctx)
        if math.isnan(number):
            self.fail(f"{value} is no number from {self.min} to {self.max}", param, ctx)
        return number


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


def timeout_option(function: Function) -> Function:
    """The option ``--timeout``, of the range that :func:`openswirl.prove` takes."""
    return click.option(
        "--timeout",
        type=NumberRange(0, MAX_TIMEOUT),
        help=f"Seconds for the proof, 0 to {MAX_TIMEOUT}; no limit by default.",
    )(function)


def given_options(context: click.Context) -> dict[str, str]:
    """{name: spelling} of what stands on the command line."""
    return {
        parameter.name: parameter.opts[0]
        for parameter in context.command.params
        if parameter.name and context.get_parameter_source(parameter.name) is ParameterSource.COMMANDLINE
    }


def refuse_idle_options(
    context: click.Context, options: Mapping[str, Collection[str]], chosen: str, why: str = ""
) -> None:
    """Refuses what stands on the command line and would have no effect.

    Args:
        context: of the command.
        options: for each of the command's choices, the names of those options that not every choice takes.
        chosen: the choice.
        why: what follows the sentence.

    Raises:
        click.UsageError: an option of other choices.
    """
    idle = set().union(*options.values()) - set(options[chosen])
    for name, spelling in given_options(context).items():
        if name in idle:
            raise click.UsageError(f"{spelling} means nothing to {context.info_name} {chosen}{why}")


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
