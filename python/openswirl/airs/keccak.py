"""Keccak-f[1600], one row a round (protocol part 08), with a vectorised trace generator."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import numpy.typing as npt

from openswirl.air import Air, AirBuilder, Expr
from openswirl.errors import InputError
from openswirl.trace import Matrix, Trace

ROUNDS = 24
WIDTH = 2633
LIMBS = 4
LIMB_BITS = 16

#: Rotation of lane (x, y).
ROTATIONS = (
    (0, 36, 3, 41, 18),
    (1, 44, 10, 45, 2),
    (62, 6, 43, 15, 61),
    (28, 55, 25, 21, 56),
    (27, 20, 39, 8, 14),
)

ROUND_CONSTANTS = (
    0x0000000000000001, 0x0000000000008082, 0x800000000000808A, 0x8000000080008000,
    0x000000000000808B, 0x0000000080000001, 0x8000000080008081, 0x8000000000008009,
    0x000000000000008A, 0x0000000000000088, 0x0000000080008009, 0x000000008000000A,
    0x000000008000808B, 0x800000000000008B, 0x8000000000008089, 0x8000000000008003,
    0x8000000000008002, 0x8000000000000080, 0x000000000000800A, 0x800000008000000A,
    0x8000000080008081, 0x8000000000008080, 0x0000000080000001, 0x8000000080008008,
)  # fmt: skip

# First column of each group (part 08, section 2).
STEP, EXPORT, PRE, A, C, C_PRIME, A_PRIME, A_PRIME_PRIME, BITS_00, A_TRIPLE_00 = (
    0, 24, 25, 125, 225, 545, 865, 2465, 2565, 2629,
)  # fmt: skip

_FIVE = range(5)
_LANE = range(64)
_LIMB = range(LIMBS)


class _Columns:
    """The cells of one row by their names in part 08."""

    def __init__(self, cells: list[Expr]) -> None:
        self.cells = cells
        self.step = cells[STEP:EXPORT]
        self.export = cells[EXPORT]

    def pre(self, y: int, x: int, limb: int) -> Expr:
        return self.cells[PRE + 20 * y + 4 * x + limb]

    def a(self, y: int, x: int, limb: int) -> Expr:
        return self.cells[A + 20 * y + 4 * x + limb]

    def c(self, x: int, z: int) -> Expr:
        return self.cells[C + 64 * (x % 5) + z % 64]

    def c_prime(self, x: int, z: int) -> Expr:
        return self.cells[C_PRIME + 64 * x + z]

    def a_prime(self, y: int, x: int, z: int) -> Expr:
        return self.cells[A_PRIME + 320 * y + 64 * x + z % 64]

    def b(self, x: int, y: int, z: int) -> Expr:
        """Bit of the state after rho and pi, which is a renaming of the bits of A'."""
        x, s = x % 5, (x + 3 * y) % 5
        return self.a_prime(x, s, z - ROTATIONS[s][x])

    def a_prime_prime(self, y: int, x: int, limb: int) -> Expr:
        return self.cells[A_PRIME_PRIME + 20 * y + 4 * x + limb]

    def bit_00(self, z: int) -> Expr:
        return self.cells[BITS_00 + z]

    def out(self, y: int, x: int, limb: int) -> Expr:
        """The state after the round."""
        return self.cells[A_TRIPLE_00 + limb] if x == y == 0 else self.a_prime_prime(y, x, limb)


class KeccakF(Air):
    """Keccak-f[1600] permutations: 24 rows each, 2633 columns, 3182 constraints of degree at most 3."""

    width = WIDTH

    def eval(self, builder: AirBuilder) -> None:
        row, next = (_Columns(list(cells)) for cells in builder.main())
        first, transition = builder.when_first_row(), builder.when_transition()
        not_final = builder.constant(1) - row.step[23]

        first.assert_one(row.step[0])
        for i in range(1, ROUNDS):
            first.assert_zero(row.step[i])
        for i in range(ROUNDS):
            transition.assert_eq(row.step[i], next.step[(i + 1) % ROUNDS])

        for y, x, limb in _lanes():
            builder.when(row.step[0]).assert_eq(row.pre(y, x, limb), row.a(y, x, limb))
        for y, x, limb in _lanes():
            builder.when(not_final).when_transition().assert_eq(row.pre(y, x, limb), next.pre(y, x, limb))

        builder.assert_bool(row.export)
        builder.when(not_final).assert_zero(row.export)
        self._theta(builder, row)
        self._chi_and_iota(builder, row)

        for x in _FIVE:
            for y in _FIVE:
                for limb in _LIMB:
                    transition.when(not_final).assert_eq(row.out(y, x, limb), next.a(y, x, limb))

    @staticmethod
    def _theta(builder: AirBuilder, row: _Columns) -> None:
        for x in _FIVE:
            for z in _LANE:
                builder.assert_bool(row.c(x, z))
            for z in _LANE:
                builder.assert_eq(row.c_prime(x, z), row.c(x, z).xor3(row.c(x + 4, z), row.c(x + 1, z + 63)))

        for y in _FIVE:
            for x in _FIVE:
                for z in _LANE:
                    builder.assert_bool(row.a_prime(y, x, z))

                def a_bit(z: int, y: int = y, x: int = x) -> Expr:
                    return row.a_prime(y, x, z).xor3(row.c(x, z), row.c_prime(x, z))

                for limb in _LIMB:
                    builder.assert_eq(_pack(builder, a_bit, limb), row.a(y, x, limb))

        # The five bits of a column of A' and the bit of C' differ by 0, 2 or 4.
        four = builder.constant(2) + 2
        for x in _FIVE:
            for z in _LANE:
                total = row.a_prime(0, x, z)
                for y in range(1, 5):
                    total = total + row.a_prime(y, x, z)
                difference = total - row.c_prime(x, z)
                builder.assert_zero(difference * (difference - 2) * (difference - four))

    @staticmethod
    def _chi_and_iota(builder: AirBuilder, row: _Columns) -> None:
        for y, x, limb in _lanes():

            def chi_bit(z: int, y: int = y, x: int = x) -> Expr:
                return row.b(x + 1, y, z).andn(row.b(x + 2, y, z)).xor(row.b(x, y, z))

            builder.assert_eq(_pack(builder, chi_bit, limb), row.a_prime_prime(y, x, limb))

        for z in _LANE:
            builder.assert_bool(row.bit_00(z))
        for limb in _LIMB:
            builder.assert_eq(_pack(builder, row.bit_00, limb), row.a_prime_prime(0, 0, limb))

        def iota_bit(z: int) -> Expr:
            constant = builder.constant(0)
            for step, word in zip(row.step, ROUND_CONSTANTS, strict=True):
                constant = constant + step * (word >> z & 1)
            return constant.xor(row.bit_00(z))

        for limb in _LIMB:
            builder.assert_eq(_pack(builder, iota_bit, limb), row.out(0, 0, limb))

    @staticmethod
    def trace_shape(permutations: int) -> tuple[int, int]:
        """(rows, columns) of the trace of that many permutations."""
        return 1 << max(ROUNDS * permutations - 1, 0).bit_length(), WIDTH

    @staticmethod
    def generate_trace(states: npt.NDArray[np.uint64]) -> Matrix:
        """The trace of these permutations.

        Args:
            states: uint64 [permutations, 25], lane (x, y) at index x + 5 y.

        Returns:
            uint32 [rows, 2633], canonical, row-major; rows is the least power of two that holds 24 rows per
            permutation. Rows past the last input are rounds of the permutation of the zero state.

        Raises:
            InputError: another dtype or shape.
        """
        return _generate(states)

    @classmethod
    def trace(cls, states: npt.NDArray[np.uint64]) -> Trace:
        """:meth:`generate_trace` as a trace to prove."""
        return Trace(cls.generate_trace(states))


def _lanes() -> Iterator[tuple[int, int, int]]:
    """(y, x, limb), y outermost."""
    return ((y, x, limb) for y in _FIVE for x in _FIVE for limb in _LIMB)


def _pack(builder: AirBuilder, bit: Callable[[int], Expr], limb: int) -> Expr:
    """The limb with these bits, folded from an explicit zero."""
    number = builder.constant(0)
    for z in reversed(range(LIMB_BITS * limb, LIMB_BITS * (limb + 1))):
        number = number + number + bit(z)
    return number


def benchmark_states(permutations: int, seed: int = 42) -> npt.NDArray[np.uint64]:
    """uint64 [permutations, 25]: the inputs of the reference's benchmarks (protocol part 09, 5.1)."""
    from openswirl.airs.stdrng import StdRng

    return StdRng(seed).u64s(25 * permutations).reshape(permutations, 25)


def _generate(states: npt.NDArray[np.uint64]) -> Matrix:
    if (
        not isinstance(states, np.ndarray)
        or states.dtype != np.uint64
        or states.ndim != 2
        or states.shape[1] != 25
    ):
        given = (
            f"{states.dtype} {list(states.shape)}"
            if isinstance(states, np.ndarray)
            else type(states).__name__
        )
        raise InputError(f"states must be a uint64 array of shape [permutations, 25], not {given}")
    permutations = len(states)
    rows, _ = KeccakF.trace_shape(permutations)
    groups = -(-rows // ROUNDS)
    # Lane (x, y) is lanes[:, y, x].
    lanes = np.zeros((groups, 5, 5), dtype="<u8")
    lanes[:permutations] = states.reshape(-1, 5, 5)
    # Whole groups of rounds are filled; the last group may be cut off.
    cells = np.zeros((groups, ROUNDS, WIDTH), dtype=np.uint32)
    cells[:, :, PRE:A] = _limbs(lanes)[:, np.newaxis]
    for number, constant in enumerate(ROUND_CONSTANTS):
        lanes = _round(lanes, constant, cells[:, number])
        cells[:, number, STEP + number] = 1
    return cells.reshape(-1, WIDTH)[:rows]


def _round(lanes: npt.NDArray[np.uint64], constant: int, cells: Matrix) -> npt.NDArray[np.uint64]:
    """Writes the row of one round for every group and returns the state after it."""
    cells[:, A:C] = _limbs(lanes)
    parity = np.bitwise_xor.reduce(lanes, axis=1)
    parity_prime = parity ^ np.roll(parity, 1, axis=1) ^ _rotated(np.roll(parity, -1, axis=1), 1)
    cells[:, C:C_PRIME] = _bits(parity)
    cells[:, C_PRIME:A_PRIME] = _bits(parity_prime)
    a_prime = lanes ^ (parity ^ parity_prime)[:, np.newaxis]
    cells[:, A_PRIME:A_PRIME_PRIME] = _bits(a_prime)
    b = np.empty_like(lanes)
    for y in _FIVE:
        for x in _FIVE:
            s = (x + 3 * y) % 5
            b[:, y, x] = _rotated(a_prime[:, x, s], ROTATIONS[s][x])
    state = b ^ (~np.roll(b, -1, axis=2) & np.roll(b, -2, axis=2))
    cells[:, A_PRIME_PRIME:BITS_00] = _limbs(state)
    cells[:, BITS_00:A_TRIPLE_00] = _bits(state[:, 0, 0])
    state[:, 0, 0] ^= np.uint64(constant)
    cells[:, A_TRIPLE_00:WIDTH] = _limbs(state[:, 0, 0])
    return state


def _rotated(lanes: npt.NDArray[np.uint64], bits: int) -> npt.NDArray[np.uint64]:
    if bits == 0:
        return lanes
    rotated: npt.NDArray[np.uint64] = lanes << np.uint64(bits) | lanes >> np.uint64(64 - bits)
    return rotated


def _limbs(lanes: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint16]:
    """Four 16-bit limbs per lane, lowest first, as [groups, limbs]."""
    return np.ascontiguousarray(lanes).view("<u2").reshape(len(lanes), -1)


def _bits(lanes: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint8]:
    """64 bits per lane, lowest first, as [groups, bits]."""
    return np.unpackbits(
        np.ascontiguousarray(lanes).view(np.uint8).reshape(len(lanes), -1), axis=1, bitorder="little"
    )
