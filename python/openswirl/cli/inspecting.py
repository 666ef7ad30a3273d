"""``openswirl inspect``."""

from __future__ import annotations

import re
from typing import Any

import click

from openswirl.cli.options import json_option
from openswirl.cli.output import print_json, print_table, printable, read_input
from openswirl.errors import FormatError
from openswirl.keys import ProvingKey, VerifyingKey
from openswirl.proof import Proof

#: The first bytes of a proof: its codec version.
_PROOF_START = (3).to_bytes(4, "little")

#: What the core puts before the reason why bytes do not decode.
_PREFIX = re.compile(r"^(\[\w+\] )?(proof|verifying key|proving key): ")


def decode_any(data: bytes) -> Proof | VerifyingKey | ProvingKey:
    """What the bytes are.

    Raises:
        FormatError: neither a proof nor a key; the offset is that of the likeliest kind.
    """
    failures: dict[str, FormatError] = {}
    kinds: dict[str, type[Proof] | type[VerifyingKey] | type[ProvingKey]] = {
        "proof": Proof,
        "verifying key": VerifyingKey,
        "proving key": ProvingKey,
    }
    for name, kind in kinds.items():
        try:
            return kind.from_bytes(data)
        except FormatError as error:
            failures[name] = error
    # Both keys begin alike; the one that was read further is the likelier. What has no offset was read to its end.
    reached = {name: len(data) if error.offset is None else error.offset for name, error in failures.items()}
    key = max(("verifying key", "proving key"), key=lambda name: reached[name])
    likeliest = failures["proof" if data[:4] == _PROOF_START else key]
    reasons = [f"as a {name}, {_PREFIX.sub('', str(failures[name]))}" for name in ("proof", key)]
    raise FormatError(f"neither a proof nor a key: {'; '.join(reasons)}", likeliest.offset)


def hexadecimal(digest: tuple[int, ...]) -> str:
    """A digest for people: its words in hexadecimal."""
    return " ".join(f"{word:08x}" for word in digest)


def describe_proof(proof: Proof, size: int) -> dict[str, Any]:
    """Shape and sizes as JSON values."""
    return {
        "kind": "proof",
        "bytes": size,
        "log_heights": list(proof.log_heights),
        "public_values": [list(values) for values in proof.public_values],
        "common_main_commit": list(proof.commitments.common),
        "cached_commitments": [[list(digest) for digest in air] for air in proof.commitments.cached],
        "stacked_widths": list(proof.native.stacked_widths),
        "whir_rounds": proof.native.whir_rounds,
        "sections": proof.section_sizes(),
    }


def describe_key(key: VerifyingKey | ProvingKey, size: int) -> dict[str, Any]:
    """Shape and sizes as JSON values."""
    vk = key.vk if isinstance(key, ProvingKey) else key
    names = key.air_names if isinstance(key, ProvingKey) else [None] * len(vk.airs)
    airs = [
        {
            "name": name,
            "preprocessed_width": air.preprocessed_width,
            "preprocessed_log_height": air.preprocessed_log_height,
            "cached_widths": list(air.cached_widths),
            "common_width": air.common_width,
            "public_values": air.num_public_values,
            "constraints": air.num_constraints,
            "interactions": air.num_interactions,
            "nodes": air.num_nodes,
            "degree": air.degree,
            "rotation": air.needs_rotation,
            "required": air.is_required,
            "buses": list(air.buses),
        }
        for name, air in zip(names, vk.airs, strict=True)
    ]
    return {
        "kind": "proving key" if isinstance(key, ProvingKey) else "verifying key",
        "bytes": size,
        "pre_hash": list(vk.pre_hash),
        "preset": vk.params.preset_name(),
        "params": vk.params.to_dict(),
        "airs": airs,
        "sections": vk.section_sizes(),
    }


@click.command("inspect")
@json_option
@click.argument("path", metavar="FILE")
def inspect_command(as_json: bool, path: str) -> None:
    """Show the shape of a proof or key and its size by section (FILE - reads standard input)."""
    data = read_input(path)
    content = decode_any(data)
    size = len(data)
    described = describe_proof(content, size) if isinstance(content, Proof) else describe_key(content, size)
    if as_json:
        print_json(described)
        return
    click.echo(f"{described['kind']}, {len(data):,} bytes")
    if isinstance(content, Proof):
        click.echo(f"common main commitment  {hexadecimal(content.commitments.common)}")
        click.echo(
            f"stacked widths          {' + '.join(str(width) for width in described['stacked_widths'])}"
        )
        rows = [
            (str(air_id), "absent" if log is None else f"2^{log}", " ".join(str(value) for value in values))
            for air_id, (log, values) in enumerate(
                zip(content.log_heights, content.public_values, strict=False)
            )
        ]
        print_table("", ("AIR", "height", "public values"), rows, right=(0,))
    else:
        vk = content.vk if isinstance(content, ProvingKey) else content
        click.echo(f"pre-hash    {hexadecimal(vk.pre_hash)}")
        click.echo(f"parameters  {described['preset'] or described['params']}")
        air_rows = [
            (
                str(air_id),
                printable(entry["name"] or "", 80),
                "+".join(str(w) for w in (*entry["cached_widths"], entry["common_width"])),
                "" if entry["preprocessed_width"] is None else str(entry["preprocessed_width"]),
                str(entry["constraints"]),
                str(entry["interactions"]),
                str(entry["degree"]),
            )
            for air_id, entry in enumerate(described["airs"])
        ]
        columns = ("AIR", "name", "columns", "preprocessed", "constraints", "interactions", "degree")
        print_table("", columns, air_rows, right=(0, 2, 3, 4, 5, 6))
    print_table(
        "",
        ("section", "bytes", "%"),
        [
            (name, f"{size:,}", f"{100 * size / len(data):.1f}")
            for name, size in described["sections"].items()
        ],
        right=(1, 2),
    )
