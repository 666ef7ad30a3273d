"""``openswirl verify``."""

from __future__ import annotations

import time

import click

import openswirl
from openswirl.cli.failures import describe_error
from openswirl.cli.options import json_option, parse_params
from openswirl.cli.output import print_json, printable, read_input
from openswirl.keys import VerifyingKey
from openswirl.proof import Proof


def parse_public_values(entries: tuple[str, ...]) -> dict[int, list[int]] | None:
    """``0=1,2,3`` entries as {AIR id: values}; None without any."""
    statement: dict[int, list[int]] = {}
    for entry in entries:
        air_id, equals, values = entry.partition("=")
        try:
            if not equals or int(air_id) in statement:
                raise ValueError
            statement[int(air_id)] = [int(value) for value in values.split(",")] if values else []
        except ValueError:
            raise click.UsageError(
                f"--public-values {printable(entry, 80)}: must be AIR=V1,V2,..., once per AIR"
            ) from None
    return statement if entries else None


@click.command("verify")
@json_option
@click.option("--vk", "vk_path", required=True, help="The verifying key; - reads standard input.")
@click.option(
    "--public-values",
    "public_values",
    multiple=True,
    metavar="AIR=V1,V2,...",
    help="The expected public values of one AIR; give it for every AIR that has some.",
)
@click.option("--params", "params_text", help="The preset that the key must have, such as app:21.")
@click.argument("proof_path", metavar="PROOF")
def verify_command(
    as_json: bool, vk_path: str, public_values: tuple[str, ...], params_text: str | None, proof_path: str
) -> int:
    """Verify PROOF (a file, or - for standard input) against a key. Exit code 0 accepted, 1 rejected, 3 malformed."""
    if vk_path == "-" and proof_path == "-":
        raise click.UsageError("only one of --vk and PROOF can be standard input")
    statement = parse_public_values(public_values)
    params = None if params_text is None else parse_params(params_text)
    vk = VerifyingKey.from_bytes(read_input(vk_path))
    proof = Proof.from_bytes(read_input(proof_path))
    started = time.perf_counter()
    try:
        openswirl.verify(vk, proof, public_values=statement, params=params)
    except openswirl.VerificationError as error:
        if as_json:
            print_json({"accepted": False, **describe_error(error)})
        else:
            click.echo(f"rejected: {printable(str(error))}")
        return 1
    seconds = time.perf_counter() - started
    compared = statement is not None or not any(proof.public_values)
    if as_json:
        print_json({"accepted": True, "seconds": seconds, "public_values_compared": compared})
    else:
        rest = "" if compared else "; its public values were compared with none, see --public-values"
        click.echo(f"accepted ({seconds * 1e3:.1f} ms){rest}")
    return 0
