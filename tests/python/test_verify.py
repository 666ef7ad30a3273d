"""What verify binds: the statement, the parameters, the key."""

from __future__ import annotations

import dataclasses
from concurrent.futures import ThreadPoolExecutor

import openswirl as sw
import pytest
import support


def test_statement_is_bound():
    loaded = support.load_case("fib_h3")
    values = list(loaded.traces[0].public_values)
    sw.verify(loaded.vk, loaded.proof_bytes, public_values={0: values})
    sw.verify(loaded.vk, loaded.proof_bytes, public_values=[values])
    for wrong in ({0: [*values[:2], values[2] + 1]}, {0: values[:2]}, {0: [*values, 0]}, {}, {0: []}):
        with pytest.raises(sw.VerificationError) as caught:
            sw.verify(loaded.vk, loaded.proof_bytes, public_values=wrong)
        assert caught.value.check == "PublicValuesMismatch"


def test_parameters_are_pinned():
    loaded = support.load_case("fib_h3")
    sw.verify(loaded.vk, loaded.proof_bytes, params=loaded.vk.params)
    other = dataclasses.replace(loaded.vk.params, w_stack=loaded.vk.params.w_stack + 1)
    with pytest.raises(sw.VerificationError) as caught:
        sw.verify(loaded.vk, loaded.proof_bytes, params=other)
    assert caught.value.check == "SystemParamsMismatch"


def test_key_is_bound():
    fibonacci, interactions = support.load_case("fib_h3"), support.load_case("interactions11")
    with pytest.raises(sw.VerificationError):
        sw.verify(interactions.vk, fibonacci.proof_bytes)
    with pytest.raises(sw.VerificationError):
        sw.verify(fibonacci.vk, interactions.proof_bytes)


def test_many_threads_verify_at_once():
    names = ["fib_h3", "mixture_h3", "random_1", "keccakf_2"]
    jobs = [
        (support.load_case(name).vk, sw.Proof.from_bytes(support.load_case(name).proof_bytes))
        for name in names
    ]
    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(lambda job: sw.verify(*job), jobs * 10))
    assert results == [None] * 40


def test_wrong_types():
    loaded = support.load_case("fib_h3")
    for vk in (None, b"", loaded.pk):
        with pytest.raises(sw.InputError):
            sw.verify(vk, loaded.proof_bytes)
    for proof in (None, "proof", 5):
        with pytest.raises(sw.InputError):
            sw.verify(loaded.vk, proof)
