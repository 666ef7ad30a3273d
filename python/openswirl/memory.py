"""Arrays that a device can use without a copy."""

from __future__ import annotations

import math
import mmap
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from openswirl.arguments import as_integer
from openswirl.errors import OutOfMemory


def empty(shape: int | Sequence[int]) -> npt.NDArray[np.uint32]:
    """An uint32 array of zeros that consists of whole pages of memory, in C order.

    GPUs that share the host's memory read a trace in such an array where it is; those of other arrays they copy
    first. The memory returns to the system when the last view of it is gone.

    Args:
        shape: rows and columns of a trace, or any other dimensions.

    Raises:
        InputError: a dimension that is no integer or negative.
        OutOfMemory: the system does not give the memory.
    """
    dimensions = (shape,) if isinstance(shape, (int, np.integer)) else tuple(shape)
    sizes = tuple(as_integer(size, f"shape[{i}]", low=0) for i, size in enumerate(dimensions))
    count = math.prod(sizes)
    pages = max(1, -(-4 * count // mmap.PAGESIZE))
    try:
        memory = mmap.mmap(-1, pages * mmap.PAGESIZE, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    except (OSError, OverflowError, ValueError) as error:
        need = pages * mmap.PAGESIZE
        raise OutOfMemory(
            f"cannot allocate {need} bytes for an array: {error}", need, None, "array"
        ) from error
    return np.frombuffer(memory, np.uint32, count).reshape(sizes)
