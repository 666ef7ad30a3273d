"""Cases: folders in the format of the test vectors, with a key, traces and the expected proof."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from openswirl import _core
from openswirl.errors import FormatError, InputError
from openswirl.keys import ProvingKey, VerifyingKey
from openswirl.prover import commit
from openswirl.trace import Matrix, Trace, check_matrix


@dataclass(frozen=True)
class Case:
    """One folder.

    Attributes:
        name: of the folder.
        pk: the proving key; made from ``vk`` and the preprocessed traces where the folder has none.
        vk: the verifying key.
        traces: {AIR id: Trace} of the present AIRs.
        proof_bytes: the expected proof, or None if the folder has none.
        description: ``case.json`` as read.
    """

    name: str
    pk: ProvingKey
    vk: VerifyingKey
    traces: dict[int, Trace]
    proof_bytes: bytes | None
    description: dict[str, Any]


def load(folder: str | os.PathLike[str], device: str = "auto") -> Case:
    """Reads a case.

    Args:
        folder: with ``case.json``, ``vk.postcard`` and the traces as ``.npy``; see tests/vectors/README.md.
        device: commits the preprocessed traces of a folder without ``pk.postcard``; not used otherwise.

    Raises:
        InputError: a file is missing or does not fit the others.
        FormatError: a file does not decode.
    """
    import json

    folder = Path(folder)
    if not (folder / "case.json").is_file():
        raise InputError(f"{folder} is no case: it has no case.json")
    try:
        description = json.loads((folder / "case.json").read_text())
        vk = VerifyingKey.load(folder / "vk.postcard")
        if (folder / "pk.postcard").is_file():
            pk = ProvingKey.load(folder / "pk.postcard")
        else:
            names = [air.get("name", f"AIR {i}") for i, air in enumerate(description["vk"]["airs"])]
            pk = _assemble(folder, vk, names, device)
        traces = {entry["air_id"]: _trace(folder, vk, entry) for entry in description["traces"]}
    except FileNotFoundError as error:
        raise InputError(f"{folder} is no complete case: {error}") from None
    except json.JSONDecodeError as error:
        raise FormatError(f"{folder / 'case.json'}: {error}", error.pos) from None
    except (KeyError, TypeError) as error:
        raise FormatError(f"{folder / 'case.json'} lacks or misuses {error}") from None
    proof = folder / "proof.bin"
    return Case(folder.name, pk, vk, traces, proof.read_bytes() if proof.is_file() else None, description)


def _matrix(path: Path) -> Matrix:
    try:
        array = np.load(path, allow_pickle=False)
    except ValueError as error:
        raise FormatError(f"{path} is no array file: {error}") from None
    return check_matrix(array, str(path))


def _trace(folder: Path, vk: VerifyingKey, entry: dict[str, Any]) -> Trace:
    air_id = entry["air_id"]
    if not 0 <= air_id < len(vk.airs):
        raise InputError(f"{folder}: the key has no AIR {air_id}")
    cached = [
        _matrix(folder / f"air{air_id}_cached{j}.npy") for j in range(len(vk.airs[air_id].cached_widths))
    ]
    return Trace(_matrix(folder / f"air{air_id}_common.npy"), cached, entry["public_values"])


def _assemble(folder: Path, vk: VerifyingKey, names: list[str], device: str) -> ProvingKey:
    commitments = []
    for air_id, air in enumerate(vk.airs):
        if air.preprocessed_width is not None:
            matrix = _matrix(folder / f"air{air_id}_preprocessed.npy")
            commitments.append((air_id, commit(vk.params, matrix, device).native))
    return ProvingKey(_core.assemble_proving_key(vk.native, names, commitments))
