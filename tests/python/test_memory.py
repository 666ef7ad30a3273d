"""Arrays of whole pages."""

from __future__ import annotations

import gc
import mmap

import numpy as np
import openswirl as sw
import pytest
from openswirl.airs import Fibonacci


@pytest.mark.parametrize("shape", [1, (3, 5), (1024, 7), (2, 3, 4), (0, 4)])
def test_arrays_are_whole_pages(shape):
    array = sw.empty(shape)
    assert array.dtype == np.uint32
    assert array.shape == (shape if isinstance(shape, tuple) else (shape,))
    assert array.flags.c_contiguous
    assert array.flags.writeable
    assert array.ctypes.data % mmap.PAGESIZE == 0
    assert not array.any()
    array[...] = 7
    # The rest of the last page is the array's too.
    base = array
    while isinstance(base, np.ndarray):
        base = base.base
    assert len(memoryview(base).obj) % mmap.PAGESIZE == 0
    assert len(memoryview(base).obj) >= array.nbytes


def test_a_view_keeps_the_memory():
    row = sw.empty((4, 8))[2]
    row[:] = np.arange(8)
    gc.collect()
    assert row.tolist() == list(range(8))


@pytest.mark.parametrize("shape", [-1, (3, -2), (2.0, 2), ("a",), (True, 2)])
def test_dimensions_are_counts(shape):
    with pytest.raises(sw.InputError, match="shape"):
        sw.empty(shape)


def test_more_than_there_is():
    with pytest.raises(sw.OutOfMemory) as caught:
        sw.empty((1 << 40, 1 << 40))
    assert caught.value.need == 1 << 82


def test_proofs_do_not_depend_on_the_array(device):
    pk = sw.keygen(sw.SystemParams.test_small(l_skip=2, n_stack=8, k=3), [Fibonacci()])
    trace, public_values = Fibonacci.generate_trace(0, 1, 8)
    paged = sw.empty(trace.shape)
    paged[...] = trace
    proofs = [
        sw.prove(pk, {0: sw.Trace(array, public_values=public_values)}, device=device)
        for array in (trace, paged)
    ]
    assert proofs[0] == proofs[1]
