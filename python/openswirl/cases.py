"""Cases: folders in the format of the test vectors, with a key, traces and the expected proof."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from openswirl import _core
from openswirl.errors import FormatError, InputError
from openswirl.keys import ProvingKey, VerifyingKey
from openswirl.proof import Proof
from openswirl.prover import commit
from openswirl.trace import Matrix, Trace, check_matrix

_Kind = TypeVar("_Kind")


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
        FormatError: a file does not decode, the expected proof included.
    """
    folder = Path(folder)
    if not (folder / "case.json").is_file():
        raise InputError(f"{folder} is no case: it has no case.json")
    description = _read_json(folder / "case.json")
    vk = VerifyingKey.load(_present(folder / "vk.postcard"))
    if (folder / "pk.postcard").is_file():
        pk = ProvingKey.load(folder / "pk.postcard")
        if pk.vk != vk:
            raise InputError(
                f"{folder}: vk.postcard is not the verifying key of pk.postcard; "
                "write it again from the proving key, or remove pk.postcard"
            )
    else:
        pk = _assemble(folder, vk, _air_names(description, len(vk.airs)), device)
    traces: dict[int, Trace] = {}
    for index, entry in enumerate(_field(description, "traces", list, "")):
        place = f"traces[{index}]"
        air_id = _field(_checked(entry, dict, place), "air_id", int, place)
        if not 0 <= air_id < len(vk.airs):
            raise InputError(f"{folder}: the key has no AIR {_short(air_id)}")
        if air_id in traces:
            raise InputError(f"{folder}: two traces of AIR {air_id}")
        traces[air_id] = _trace(folder, vk, air_id, _field(entry, "public_values", list, place))
    return Case(folder.name, pk, vk, traces, _expected_proof(folder / "proof.bin"), description)


def _expected_proof(path: Path) -> bytes | None:
    """The bytes of a proof, which every prover could have made: a damaged file is not taken for another proof."""
    if not path.is_file():
        return None
    data = path.read_bytes()
    try:
        Proof.from_bytes(data)
    except FormatError as error:
        raise FormatError(f"{path}: {error}", error.offset) from None
    return data


def _present(path: Path) -> Path:
    """The path of a regular file; reading another kind could wait for ever."""
    if not path.is_file():
        raise InputError(f"{path.parent} is no complete case: it has no file {path.name}")
    return path


def _read_json(path: Path) -> dict[str, Any]:
    import json

    try:
        content = json.loads(path.read_bytes().decode())
    except UnicodeDecodeError as error:
        raise FormatError(f"{path} is not UTF-8 at byte {error.start}", error.start) from None
    except json.JSONDecodeError as error:
        raise FormatError(f"{path}: {error}", error.pos) from None
    except RecursionError:
        raise FormatError(f"{path} is nested too deeply") from None
    except ValueError as error:
        # An integer of more digits than Python converts.
        raise FormatError(f"{path}: {error}") from None
    return _checked(content, dict, "the document")


_KINDS: dict[type, str] = {dict: "an object", list: "a list", int: "an integer", str: "a string"}


def _checked(value: Any, kind: type[_Kind], place: str) -> _Kind:
    if not isinstance(value, kind) or isinstance(value, bool):
        raise FormatError(f"case.json: {place} must be {_KINDS[kind]}")
    return value


def _field(parent: dict[str, Any], key: str, kind: type[_Kind], place: str) -> _Kind:
    """One member of an object of case.json, of the type that it must have."""
    place = f"{place}.{key}" if place else key
    if key not in parent:
        raise FormatError(f"case.json: {place} is missing")
    return _checked(parent[key], kind, place)


def _short(value: int) -> str:
    return str(value) if abs(value) < 10**20 else "of that number"


def _air_names(description: dict[str, Any], count: int) -> list[str]:
    airs = _field(_field(description, "vk", dict, ""), "airs", list, "vk")
    if len(airs) != count:
        raise FormatError(f"case.json: vk.airs has {len(airs)} entries, but the key has {count} AIRs")
    names = []
    for air_id, air in enumerate(airs):
        place = f"vk.airs[{air_id}]"
        given = "name" in _checked(air, dict, place)
        name = _field(air, "name", str, place) if given else f"AIR {air_id}"
        if not _encodable(name):
            raise FormatError(f"case.json: {place}.name has half a surrogate pair")
        names.append(name)
    return names


def _encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _matrix(path: Path) -> Matrix:
    _present(path)
    try:
        # Mapping allocates nothing, and refuses a header that claims more than the file holds.
        mapped = np.load(path, mmap_mode="r", allow_pickle=False)
    except OSError:
        raise
    except Exception as error:
        # numpy evaluates the header as Python, so a bad one fails in whatever way Python can.
        raise FormatError(f"{path} is no array file: {str(error) or type(error).__name__}") from None
    if not isinstance(mapped, np.ndarray):
        mapped.close()
        raise FormatError(f"{path} is an archive, must be one array")
    # In memory, where nobody can cut the file off below a running proof.
    return check_matrix(np.array(mapped), str(path))


def _trace(folder: Path, vk: VerifyingKey, air_id: int, public_values: list[Any]) -> Trace:
    cached = [
        _matrix(folder / f"air{air_id}_cached{j}.npy") for j in range(len(vk.airs[air_id].cached_widths))
    ]
    return Trace(_matrix(folder / f"air{air_id}_common.npy"), cached, public_values)


def _assemble(folder: Path, vk: VerifyingKey, names: list[str], device: str) -> ProvingKey:
    commitments = []
    for air_id, air in enumerate(vk.airs):
        if air.preprocessed_width is not None:
            matrix = _matrix(folder / f"air{air_id}_preprocessed.npy")
            commitments.append((air_id, commit(vk.params, matrix, device).native))
    return ProvingKey(_core.assemble_proving_key(vk.native, names, commitments))
