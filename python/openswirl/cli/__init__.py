"""The ``openswirl`` command: its group, and what every error means as an exit code."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click

import openswirl
from openswirl.cli import benching, compare, info, inspecting, proving, reporting, verifying
from openswirl.cli.failures import report
from openswirl.cli.notices import notices_as_lines
from openswirl.cli.output import escape_unencodable
from openswirl.errors import InputError


class _Failure(Exception):
    """Carries an error past click, which has its own ideas of some: it ends the process on a broken pipe."""

    def __init__(self, error: BaseException) -> None:
        super().__init__()
        self.error = error


@contextmanager
def _past_click() -> Iterator[None]:
    try:
        yield
    except (OSError, EOFError, KeyboardInterrupt) as error:
        raise _Failure(error) from error


class _Commands(click.Group):
    def make_context(self, *arguments: Any, **options: Any) -> click.Context:
        with _past_click():
            return super().make_context(*arguments, **options)

    def invoke(self, context: click.Context) -> Any:
        with _past_click():
            return super().invoke(context)


@click.group(
    cls=_Commands,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="OPENSWIRL_DEBUG=1 in the environment shows where an internal error comes from.",
)
@click.version_option(openswirl.__version__, prog_name="openswirl")
def cli() -> None:
    """Prove and verify SWIRL STARKs (OpenVM stark-backend v2).

    Exit codes: 0 ok, 1 rejected, different or a gate not met, 2 usage or bad input, 3 malformed bytes, 4 out of memory,
    5 device or internal error, 130 cancelled or timed out, 141 the reader of the output went away.
    """


for command in (
    info.devices_command,
    info.doctor_command,
    info.soundness_command,
    proving.prove_command,
    verifying.verify_command,
    inspecting.inspect_command,
    compare.compare_command,
    benching.bench_command,
    reporting.report_command,
):
    cli.add_command(command)


def main(arguments: list[str] | None = None) -> int:
    """Runs the command line and returns its exit code; whatever goes wrong is one line."""
    arguments = sys.argv[1:] if arguments is None else arguments
    if sys.stdout is None:
        # Before any work: nobody would see what it comes to, and the first file opened could take the descriptor.
        return report(InputError("standard output is closed"), as_json=False)
    escape_unencodable()
    try:
        with notices_as_lines():
            return _run(arguments)
    except _Failure as failure:
        error = failure.error
    except (Exception, KeyboardInterrupt) as unexpected:
        error = unexpected
    # bench takes a file there, and its errors are for people.
    return report(error, "--json" in arguments and arguments[0] != "bench")


def _run(arguments: list[str]) -> int:
    try:
        result = cli.main(args=arguments, prog_name="openswirl", standalone_mode=False)
    except click.exceptions.Exit as error:
        return error.exit_code
    except click.Abort:
        click.echo("interrupted", err=True)
        return 130
    except click.ClickException as error:
        # Without standard error, click would take standard output, which has the result.
        if sys.stderr is not None:
            error.show()
        return 2
    return result if isinstance(result, int) else 0
