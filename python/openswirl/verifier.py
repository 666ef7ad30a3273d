"""Verification of proofs from anyone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Union

from openswirl import _core
from openswirl.arguments import as_integer
from openswirl.errors import InputError, VerificationError
from openswirl.keys import ProvingKey, VerifyingKey
from openswirl.params import SystemParams
from openswirl.proof import Proof
from openswirl.trace import check_values
from openswirl.wording import counted

#: The statement: public values by AIR id, absent AIRs with none.
PublicValues = Union[Mapping[int, Sequence[int]], Sequence[Sequence[int]]]


def verify(
    vk: VerifyingKey,
    proof: Proof | bytes,
    public_values: PublicValues | None = None,
    params: SystemParams | None = None,
) -> None:
    """Returns if the proof is valid, raises otherwise (protocol part 07, 5). Thread-safe; releases the GIL.

    A proof shows that *some* traces with *its own* public values satisfy the key. Whoever relies on particular
    values passes them; whoever takes keys from elsewhere pins the parameters.

    Args:
        vk: the verifying key.
        proof: the proof, or its bytes.
        public_values: the expected ones, {AIR id: values} (all other AIRs have none) or one list per AIR id.
        params: the expected parameters, every field.

    Raises:
        VerificationError: the proof is rejected; ``.check`` says by which check.
        FormatError: bytes that are no proof.
        InputError: arguments of the wrong type, or public values that are no canonical integers or name an AIR
            that the key lacks.
    """
    if not isinstance(vk, VerifyingKey):
        hint = "; give its .vk" if isinstance(vk, ProvingKey) else ""
        raise InputError(f"vk must be a VerifyingKey, not {type(vk).__name__}{hint}")
    if params is not None and not isinstance(params, SystemParams):
        hint = "; give its .params" if isinstance(params, (VerifyingKey, ProvingKey)) else ""
        raise InputError(f"params must be SystemParams or None, not {type(params).__name__}{hint}")
    if not isinstance(proof, Proof):
        proof = Proof.from_bytes(proof)
    expected = None if public_values is None else _statement(public_values, len(vk.airs))
    accepted, check, detail = _core.verify(
        vk.native, proof.native, None if params is None else params.native(), expected
    )
    if not accepted:
        raise VerificationError(check, detail)


def _statement(public_values: PublicValues, num_airs: int) -> list[list[int]]:
    if isinstance(public_values, Mapping):
        by_id = dict(public_values)
    elif isinstance(public_values, Sequence) and not isinstance(public_values, (str, bytes)):
        if len(public_values) != num_airs:
            raise InputError(
                f"public_values has {counted(len(public_values), 'list')}, the key has {counted(num_airs, 'AIR')}"
            )
        by_id = dict(enumerate(public_values))
    else:
        raise InputError(f"public_values must be {{AIR id: values}}, not {type(public_values).__name__}")
    statement: list[list[int]] = [[] for _ in range(num_airs)]
    for air_id, values in by_id.items():
        number = as_integer(air_id, "public_values: an AIR id")
        if number >= num_airs:
            raise InputError(f"public_values: the key has no AIR {number}; it has {counted(num_airs, 'AIR')}")
        statement[number] = list(check_values(values, f"public_values[{air_id}]"))
    return statement
