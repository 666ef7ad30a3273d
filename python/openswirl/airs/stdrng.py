"""The random generator of the reference's benchmarks: ChaCha with 12 rounds (protocol part 09, 4)."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

_CONSTANTS = (0x61707865, 0x3320646E, 0x79622D32, 0x6B206574)  # "expand 32-byte k"
_QUARTERS = (
    (0, 4, 8, 12), (1, 5, 9, 13), (2, 6, 10, 14), (3, 7, 11, 15),
    (0, 5, 10, 15), (1, 6, 11, 12), (2, 7, 8, 13), (3, 4, 9, 14),
)  # fmt: skip
_BLOCK_WORDS = 16


class StdRng:
    """A stream of random words that depends only on the seed.

    Args:
        seed: taken mod 2^64.
    """

    def __init__(self, seed: int) -> None:
        self.key = _key_words(seed)
        self._next_block = 0
        self._pending = np.zeros(0, dtype=np.uint32)

    def words(self, count: int) -> npt.NDArray[np.uint32]:
        """The next `count` 32-bit words."""
        missing = count - len(self._pending)
        if missing > 0:
            blocks = -(-missing // _BLOCK_WORDS)
            fresh = _chacha_blocks(self.key, self._next_block, blocks)
            self._next_block += blocks
            self._pending = np.concatenate([self._pending, fresh])
        drawn, self._pending = self._pending[:count], self._pending[count:]
        return drawn

    def u32(self) -> int:
        """One 32-bit word."""
        return int(self.words(1)[0])

    def u64(self) -> int:
        """Two words, the low one first."""
        return int(self.u64s(1)[0])

    def u64s(self, count: int) -> npt.NDArray[np.uint64]:
        """The next `count` 64-bit words."""
        words = self.words(2 * count).astype(np.uint64)
        joined: npt.NDArray[np.uint64] = words[0::2] | words[1::2] << np.uint64(32)
        return joined

    def below(self, bound: int) -> int:
        """Uniform in [0, bound), bound up to 2^32 - 1."""
        high, low = divmod(self.u32() * bound, 1 << 32)
        if low > (1 << 32) - bound:
            second = self.u32() * bound >> 32
            if low + second >= 1 << 32:
                high += 1
        return high

    def shuffled(self, length: int) -> list[int]:
        """The numbers 0 .. length - 1 in shuffled order."""
        items = list(range(length))
        chunk, remaining = 0, 0
        for i in range(1, length):
            if remaining == 0:
                bound = i + 1
                remaining = 1
                while bound * (i + remaining + 1) < 1 << 32:
                    bound *= i + remaining + 1
                    remaining += 1
                chunk = self.below(bound)
            remaining -= 1
            chunk, j = divmod(chunk, i + 1) if remaining else (0, chunk)
            items[i], items[j] = items[j], items[i]
        return items


def _key_words(seed: int) -> list[int]:
    mask = (1 << 64) - 1
    state = seed & mask
    words = []
    for _ in range(8):
        state = (state * 6364136223846793005 + 11634580027462260723) & mask
        mixed = (((state >> 18) ^ state) >> 27) & 0xFFFFFFFF
        rotation = state >> 59
        words.append((mixed >> rotation | mixed << (32 - rotation)) & 0xFFFFFFFF)
    return words


def _chacha_blocks(key: list[int], first: int, count: int) -> npt.NDArray[np.uint32]:
    """`count` consecutive blocks, all computed side by side."""
    counter = np.arange(first, first + count, dtype=np.uint64)
    start = [np.full(count, word, dtype=np.uint32) for word in (*_CONSTANTS, *key)]
    start += [counter.astype(np.uint32), (counter >> np.uint64(32)).astype(np.uint32)]
    start += [np.zeros(count, dtype=np.uint32)] * 2
    state = [word.copy() for word in start]
    for _ in range(6):
        for a, b, c, d in _QUARTERS:
            for left, right, target, bits in ((a, b, d, 16), (c, d, b, 12), (a, b, d, 8), (c, d, b, 7)):
                state[left] += state[right]
                mixed = state[target] ^ state[left]
                state[target] = mixed << np.uint32(bits) | mixed >> np.uint32(32 - bits)
    return np.stack([word + initial for word, initial in zip(state, start, strict=True)], axis=1).reshape(-1)
