"""The ``openswirl`` command: its group, and what every error means as an exit code."""

from __future__ import annotations

import sys

import click

import openswirl
from openswirl.cli import compare, info, inspecting, proving, verifying
from openswirl.cli.output import describe_error, exit_code, print_json


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(openswirl.__version__, prog_name="openswirl")
def cli() -> None:
    """Prove and verify SWIRL STARKs (OpenVM stark-backend v2).

    Exit codes: 0 ok, 1 rejected or different, 2 usage or bad input, 3 malformed bytes, 4 out of memory, 5 device, 130
    cancelled or timed out.
    """


for command in (
    info.devices_command,
    info.doctor_command,
    info.soundness_command,
    proving.prove_command,
    verifying.verify_command,
    inspecting.inspect_command,
    compare.compare_command,
):
    cli.add_command(command)


def main(arguments: list[str] | None = None) -> int:
    """Runs the command line and returns its exit code."""
    arguments = sys.argv[1:] if arguments is None else arguments
    try:
        result = cli.main(args=arguments, prog_name="openswirl", standalone_mode=False)
    except click.exceptions.Exit as error:
        return error.exit_code
    except click.Abort:
        click.echo("interrupted", err=True)
        return 130
    except click.ClickException as error:
        error.show()
        return 2
    except (openswirl.Error, OSError, KeyboardInterrupt) as error:
        if "--json" in arguments:
            print_json({"error": describe_error(error)})
        else:
            click.echo(f"error: {describe_error(error)['message']}", err=True)
        return exit_code(error)
    return result if isinstance(result, int) else 0
