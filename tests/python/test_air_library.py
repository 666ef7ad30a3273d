"""The library of AIRs: Keccak-f, the fixtures' traces, the random generator (protocol parts 08 and 09)."""

from __future__ import annotations

import hashlib
import io

import numpy as np
import openswirl as sw
import pytest
import support
from openswirl.airs import KeccakF, PartitionedSum, fixtures
from openswirl.airs.keccak import benchmark_states
from openswirl.airs.stdrng import StdRng
from openswirl.airs.uniform import AirShape, Synthetic

P = 2013265921
KINDS = ["var", "is_first_row", "is_last_row", "is_transition", "const", "add", "sub", "neg", "mul"]

# Last node of the block, idx of its first and last constraint, hash of all nodes up to there (part 08, 4).
KECCAK_BLOCKS = [
    (4, 1, 4, 4, "3758f8c1167ec52b"),
    (50, 23, 6, 50, "5bc08d61645f1193"),
    (123, 24, 54, 123, "adbad7944ce19188"),
    (523, 100, 127, 523, "bc29d89c06ea1dd1"),
    (924, 100, 528, 924, "4f5da9d04f5facc7"),
    (927, 1, 927, 927, "9a61f81287d588aa"),
    (928, 1, 928, 928, "2eb051f56056b9fe"),
    (4768, 640, 931, 4768, "2dab1b12afa5eab4"),
    (22589, 1700, 4771, 22589, "4278308028f2ae85"),
    (25471, 320, 22600, 25471, "5a28af43997db24f"),
    (38271, 100, 25599, 38271, "cc40f2c0cebdf97e"),
    (38463, 64, 38274, 38463, "9a95c4ab609376af"),
    (38587, 4, 38494, 38587, "ad3a03322ad0716c"),
    (38872, 4, 38704, 38872, "b52f5be968b12760"),
    (39272, 100, 38876, 39272, "dffc7ba2a4e9194a"),
]


def varint(value: int) -> bytes:
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def postcard(node: dict) -> bytes:
    """One node as keys encode it (part 02, 5)."""
    kind = KINDS.index(node["op"])
    fields = []
    if node["op"] == "var":
        entry, part, offset, index = node["var"]
        fields = {"preprocessed": [0, offset], "main": [1, part, offset], "public": [2]}[entry] + [index]
    elif node["op"] == "const":
        fields = [(node["value"] << 32) % P]
    elif "l" in node:
        fields = [node["l"], node["r"], node["deg"]]
    elif node["op"] == "neg":
        fields = [node["i"], node["deg"]]
    return b"".join(map(varint, [kind, *fields]))


def sha256(array: np.ndarray) -> str:
    return hashlib.sha256(np.ascontiguousarray(array).astype(array.dtype.newbyteorder("<"))).hexdigest()


class TestKeccak:
    def test_dag_has_the_checkpoints_of_part_08(self):
        definition = KeccakF().definition()
        nodes, indices = definition.nodes(), definition.constraint_idx
        assert (len(nodes), len(indices), definition.degree, definition.need_rot) == (39273, 3182, 3, True)
        digest, done, constraint = hashlib.sha256(), 0, 0
        for last, count, first_idx, last_idx, expected in KECCAK_BLOCKS:
            for node in nodes[done : last + 1]:
                digest.update(postcard(node))
            done = last + 1
            assert digest.hexdigest()[:16] == expected, f"nodes up to {last}"
            assert (indices[constraint], indices[constraint + count - 1]) == (first_idx, last_idx)
            constraint += count
        assert constraint == 3182
        unused = definition.unused_variables()
        assert [variable[3] for variable in unused] == [24, *range(225, 2633)]
        assert all(variable[:3] == ["main", 0, 1] for variable in unused)

    @pytest.mark.parametrize(
        ("states", "digest"),
        [
            (
                np.zeros((1, 25), np.uint64),
                "ad4adf2819f8a2ad13c2e91070134b885ce7d4e36f6ee6f61ee6bfee962ffbfc",
            ),
            (
                np.arange(25, dtype=np.uint64)[None],
                "7bf3fc61034c5ee65a2ad4e3d8c91cc4b8f1f10f223a377a9a50bb612e30ddc8",
            ),
        ],
    )
    def test_trace_of_one_state(self, states, digest):
        trace = KeccakF.generate_trace(states)
        assert trace.shape == (32, 2633)
        assert trace.dtype == np.uint32
        assert trace.flags.c_contiguous
        assert sha256(trace) == digest

    def test_output_lanes_and_padding_rounds(self):
        trace = KeccakF.generate_trace(np.zeros((1, 25), np.uint64))
        limbs = trace[23, [2629, 2630, 2631, 2632, *range(2469, 2481)]].astype(np.uint64).reshape(4, 4)
        lanes = (limbs << np.arange(0, 64, 16, dtype=np.uint64)).sum(axis=1)
        assert [f"{lane:016X}" for lane in lanes] == [
            "F1258F7940E1DDE7", "84D5CCF933C0478A", "D598261EA65AA9EE", "BD1547306F80494D",
        ]  # fmt: skip
        assert np.array_equal(trace[24:32], trace[0:8])

    def test_no_state_gives_one_row(self):
        trace = KeccakF.generate_trace(np.zeros((0, 25), np.uint64))
        assert trace.shape == (1, 2633)
        assert trace[0, 0] == 1

    def test_benchmark_trace(self):
        states = benchmark_states(1024)
        assert sha256(states) == "045fee702877b3694d9c0bad4b5ef12dbca08d11af5bf62714499fdac2268012"
        trace = KeccakF.generate_trace(states)
        assert trace.shape == (32768, 2633)
        assert sha256(trace) == "70fec5de8946694c0be3f6c1491c149ba22de53f71f069e65d49c0d3af3bc33b"

    @pytest.mark.parametrize(
        "states", [np.zeros((1, 25)), np.zeros(25, np.uint64), np.zeros((1, 24), np.uint64), [[0] * 25]]
    )
    def test_other_inputs_are_refused(self, states):
        with pytest.raises(ValueError, match="uint64 array of shape"):
            KeccakF.generate_trace(states)


class TestStdRng:
    def test_key_words_draws_and_shuffle(self):
        assert StdRng(42).key == [
            2074185636, 171782744, 3433150698, 3088318825, 1976077355, 1425519640, 2708358285, 4062240740,
        ]  # fmt: skip
        assert [f"{StdRng(42).u64s(5)[i]:016x}" for i in range(5)] == [
            "86cc7763222724a2", "8af00a133fad517d", "a2ef6071de5134d1", "67e92d78fd7630b2",
            "08cab0dff8119fea",
        ]  # fmt: skip
        assert StdRng(42).shuffled(10) == [8, 6, 3, 2, 1, 5, 9, 7, 4, 0]
        assert sorted(StdRng(42).shuffled(209)[:21]) == [
            2, 5, 34, 43, 62, 83, 88, 92, 98, 121, 130, 139, 140, 150, 166, 175, 185, 195, 196, 202, 206,
        ]  # fmt: skip

    def test_the_stream_does_not_depend_on_how_it_is_drawn(self):
        whole = StdRng(7).words(100)
        rng = StdRng(7)
        pieces = [rng.words(n) for n in (1, 15, 0, 17, 3, 64)]
        assert np.array_equal(np.concatenate(pieces), whole)
        assert StdRng(7).u32() == whole[0]

    def test_inputs_of_the_second_task(self):
        base = StdRng(42).u64()
        assert base == 0x86CC7763222724A2
        digests = [sha256(benchmark_states(1024, base ^ t * 0x9E3779B97F4A7C15 % 2**64)) for t in range(2)]
        assert digests == [
            "aeb20a6daa20de7e6675f9201f4e0353778b3c6fd74e8214de591d12c0cb9257",
            "ac30471ac3c9c38a3f41319c658bc7dcd0a894b6e6d49b4cdbe1acc1201caec5",
        ]


FIXTURES = {
    "fib_h3": fixtures.fibonacci(0, 1, 8),
    "fib_optional_absent": fixtures.fibonacci(1, 2, 16, num_airs=5, absent=[1, 3]),
    "final_poly_len": fixtures.fibonacci(3, 5, 64),
    "interactions11": fixtures.interactions11(),
    "cached11": fixtures.cached11(),
    "preprocessed_fib_h4": fixtures.preprocessed_fibonacci(0, 1, fixtures.alternating(16)),
    "preprocessed_cached2": fixtures.preprocessed_and_cached(fixtures.alternating(64), 2),
    "self_interaction_h0": fixtures.self_interaction([4, 7, 8, 8, 10, 100], 0, bus=4),
    "self_interaction_h5": fixtures.self_interaction([4, 7, 8, 8, 10, 100], 5, bus=4),
    "mixture_h3": fixtures.mixture(3),
    "mixture_h5": fixtures.mixture(5),
}


@pytest.mark.parametrize("name", FIXTURES)
def test_traces_of_fixtures_are_those_of_the_vectors(name):
    fixture, case = FIXTURES[name], support.case_json(name)
    assert len(fixture.airs) == len(case["vk"]["airs"])
    assert list(fixture.traces) == [entry["air_id"] for entry in case["traces"]]
    for entry in case["traces"]:
        air_id = entry["air_id"]
        trace = fixture.traces[air_id]
        assert list(trace.public_values) == entry["public_values"]

        def array(part, air_id=air_id):
            return np.load(io.BytesIO(support.case_file(name, f"air{air_id}_{part}.npy")))

        assert np.array_equal(trace.common, array("common"))
        for index, cached in enumerate(trace.cached):
            assert np.array_equal(cached, array(f"cached{index}"))
        preprocessed = fixture.airs[air_id].preprocessed()
        if preprocessed is not None:
            assert np.array_equal(preprocessed, array("preprocessed"))


def test_keccak_traces_of_the_vectors():
    for name, permutations in (("keccakf_2", 2), ("keccakf_16_app17", 16)):
        expected = np.load(io.BytesIO(support.case_file(name, "air0_common.npy")))
        assert np.array_equal(KeccakF.generate_trace(benchmark_states(permutations)), expected)


def test_mixture_public_values_at_height_1024():
    traces = fixtures.mixture(10).traces
    assert traces[0].public_values[2] == 2009198481
    assert traces[5].public_values[2] == 649906109


def test_partitioned_sum_trace_adds_mod_p():
    cached = np.array([[P - 1, P - 1, 5], [0, 0, 0]], np.uint32)
    trace = PartitionedSum.trace(cached)
    assert trace.common.tolist() == [[3], [0]]
    pk = sw.keygen(sw.SystemParams.test_small(2, 8, 3), [PartitionedSum(3)])
    assert sw.check(pk, {0: trace}).ok
    trace.common[0, 0] = 0
    assert sw.check(pk, {0: trace}).constraints[0].row == 0


def test_synthetic_shapes_from_records():
    record = {
        "log_height": 30, "width": {"common_main": 2}, "num_constraints": 5, "num_interactions": 2,
        "max_constraint_degree": 2, "buses": [7, 7], "interaction_message_lens": [3, 1],
        "interaction_count_weights": [1, 0],
    }  # fmt: skip
    shape = AirShape.from_record(record, max_log_height=4)
    assert (shape.log_height, shape.num_buses) == (4, 1)
    air = Synthetic(shape)
    assert air.width == 4
    assert air.trace().common.shape == (16, 4)
    pk = sw.keygen(sw.SystemParams.test_small(2, 8, 3), [air])
    assert pk.vk.airs[0].num_constraints == 5
    assert sw.check(pk, {0: air.trace()}).ok
