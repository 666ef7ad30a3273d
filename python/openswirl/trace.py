"""Traces: the witness of one AIR as numpy arrays, checked and never copied."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Union

import numpy as np
import numpy.typing as npt

from openswirl.arguments import as_integer
from openswirl.errors import InputError
from openswirl.wording import counted

if TYPE_CHECKING:
    from openswirl.prover import Commitment

#: The field's modulus.
MODULUS = 2013265921

#: uint32 [rows, columns], C order, canonical residues below the modulus.
Matrix = npt.NDArray[np.uint32]


def check_matrix(array: object, what: str) -> Matrix:
    """The array itself if it is uint32, of rank 2, in C order and aligned.

    Raises:
        InputError: anything else; nothing is converted, since a silent conversion could change field elements.
    """
    if not isinstance(array, np.ndarray):
        raise InputError(f"{what} must be a numpy array of dtype uint32, not {type(array).__name__}")
    if array.dtype != np.uint32 or not array.dtype.isnative:
        raise InputError(f"{what} has dtype {array.dtype}, must be uint32; values are never converted")
    if array.ndim != 2:
        raise InputError(f"{what} has {array.ndim} dimensions, must have 2: [rows, columns]")
    if not array.flags.c_contiguous:
        raise InputError(f"{what} is not in C order (rows one after another); use numpy.ascontiguousarray")
    if not array.flags.aligned:
        raise InputError(
            f"{what} does not start at a multiple of 4 bytes; use its copy() or numpy.require(array, requirements='CA')"
        )
    return array


def check_values(values: object, what: str) -> tuple[int, ...]:
    """Integers below the modulus as a tuple.

    Raises:
        InputError: another value; the text names its index.
    """
    if isinstance(values, (str, bytes)) or not isinstance(values, (Sequence, np.ndarray)):
        raise InputError(f"{what} must be a sequence of integers, not {type(values).__name__}")
    checked = []
    for index, value in enumerate(values):
        checked.append(as_integer(value, f"{what}[{index}]", high=MODULUS - 1, hint=" = p - 1"))
    return tuple(checked)


class Trace:
    """The witness of one AIR.

    The arrays are borrowed: they must not change while a proof is made from them.

    Attributes:
        common: the common part, uint32 [rows, columns], C order, canonical; the rows are a power of two.
        cached: the cached parts in the key's order, each an array of the same height or an
            :class:`openswirl.Commitment` made from one.
        public_values: the AIR's public values, canonical.
    """

    __slots__ = ("cached", "common", "public_values")

    def __init__(
        self,
        common: Matrix,
        cached: Sequence[Union[Matrix, Commitment]] = (),
        public_values: Sequence[int] | npt.NDArray[Any] = (),
    ) -> None:
        """Checks dtype, rank, order and alignment of every array; values and shape are checked where a key is known.

        Raises:
            InputError: an array that is not uint32, of rank 2 and in C order, or a public value that is no
                canonical integer.
        """
        from openswirl.prover import Commitment

        self.common = check_matrix(common, "the common part")
        if isinstance(cached, np.ndarray):
            raise InputError("cached must be a list of parts, not one array")
        if not isinstance(cached, Iterable):
            raise InputError(f"cached must be a list of parts, not {type(cached).__name__}")
        self.cached = tuple(
            part if isinstance(part, Commitment) else check_matrix(part, f"cached part {index}")
            for index, part in enumerate(cached)
        )
        self.public_values = check_values(public_values, "public_values")

    @property
    def height(self) -> int:
        """Rows."""
        return int(self.common.shape[0])

    def __repr__(self) -> str:
        rows, columns = self.common.shape
        parts = counted(len(self.cached), "cached part")
        return f"<Trace {counted(rows, 'row')}, {counted(columns, 'column')}, {parts}>"


#: What takes traces accepts {AIR id: trace}, or pairs of both.
Traces = Union[Mapping[int, Trace], Iterable[tuple[int, Trace]]]


def as_pairs(traces: Traces) -> list[tuple[int, Trace]]:
    """Traces by ascending AIR id.

    Raises:
        InputError: neither; an AIR id that is no integer, of more than 32 bits, or occurs twice; or a value that is
            no Trace.
    """
    if not isinstance(traces, Iterable):
        raise InputError(f"traces must be {{AIR id: Trace}}, not {type(traces).__name__}")
    pairs = list(traces.items()) if isinstance(traces, Mapping) else list(traces)
    seen = set()
    for pair in pairs:
        if not isinstance(pair, tuple) or len(pair) != 2:
            raise InputError("traces must be {AIR id: Trace}")
        air_id, trace = pair
        number = as_integer(air_id, "an AIR id")
        if not 0 <= number < 1 << 32:
            raise InputError(f"there is no AIR {number}: ids are from 0 to 2^32 - 1")
        if not isinstance(trace, Trace):
            raise InputError(
                f"the trace of AIR {number} must be an openswirl.Trace, not {type(trace).__name__}"
            )
        if number in seen:
            raise InputError(f"two traces for AIR {number}")
        seen.add(number)
    return sorted(((int(air_id), trace) for air_id, trace in pairs), key=lambda pair: pair[0])
