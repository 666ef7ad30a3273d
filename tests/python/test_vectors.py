"""Every case: keys and proofs round-trip, the verifier accepts and sees the same transcript."""

from __future__ import annotations

import io

import numpy as np
import openswirl as sw
import pytest
import support
from openswirl import _core


def test_all_cases_are_present():
    assert len(support.case_names()) == 45
    assert len(support.tamper()["mutations"]) == 2318


def test_verifying_key_round_trips(case):
    data = support.case_file(case, "vk.postcard")
    vk = sw.VerifyingKey.from_bytes(data)
    assert vk.to_bytes() == data
    expected = support.case_json(case)["vk"]
    assert list(vk.pre_hash) == expected["pre_hash"]
    assert vk.params == sw.SystemParams.from_dict(expected["params"])
    assert vk.params.to_dict() == expected["params"]
    assert [air.common_width for air in vk.airs] == [air["common_width"] for air in expected["airs"]]
    assert [air.is_required for air in vk.airs] == [air["is_required"] for air in expected["airs"]]
    assert [air.needs_rotation for air in vk.airs] == [air["need_rot"] for air in expected["airs"]]
    assert [air.degree for air in vk.airs] == [air["max_constraint_degree"] for air in expected["airs"]]


@pytest.mark.parametrize(
    "case_with_pk", ["cached11", "fib_h3", "interactions11", "preprocessed_cached2", "preprocessed_fib_h4"]
)
def test_proving_key_round_trips(case_with_pk):
    data = support.case_file(case_with_pk, "pk.postcard")
    pk = sw.ProvingKey.from_bytes(data)
    assert pk.to_bytes() == data
    assert pk.vk.to_bytes() == support.case_file(case_with_pk, "vk.postcard")
    assert list(pk.air_names) == [air["name"] for air in support.case_json(case_with_pk)["vk"]["airs"]]


def test_proof_round_trips(case):
    data = support.case_file(case, "proof.bin")
    proof = sw.Proof.from_bytes(data)
    assert proof.to_bytes() == data
    assert sum(proof.section_sizes().values()) == len(data)
    assert proof.report is None
    expected = support.case_json(case)
    assert list(proof.commitments.common) == expected["common_main_commit"]
    for trace in expected["traces"]:
        air_id = trace["air_id"]
        assert proof.heights[air_id] == trace["height"]
        assert list(proof.public_values[air_id]) == trace["public_values"]
        assert [list(digest) for digest in proof.commitments.cached[air_id]] == trace["cached_commitments"]
    present = {trace["air_id"] for trace in expected["traces"]}
    assert all((height is not None) == (air_id in present) for air_id, height in enumerate(proof.heights))


def test_verifier_accepts_with_the_same_transcript(case):
    vk = sw.VerifyingKey.from_bytes(support.case_file(case, "vk.postcard"))
    proof = sw.Proof.from_bytes(support.case_file(case, "proof.bin"))
    assert sw.verify(vk, proof) is None
    values, is_sample = _core.transcript_log(vk.native, proof.native)
    expected_values = np.load(io.BytesIO(support.case_file(case, "transcript_values.npy")))
    expected_is_sample = np.load(io.BytesIO(support.case_file(case, "transcript_is_sample.npy")))
    assert values == expected_values.tolist()
    assert is_sample == (expected_is_sample != 0).tolist()
