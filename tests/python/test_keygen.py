"""Keys made in Python equal the vectors' and the values of protocol part 02, 5.5; errors name their AIR."""

from __future__ import annotations

import hashlib
import io

import numpy as np
import openswirl as sw
import pytest
import support
from openswirl.air import Air, PermutationBus
from openswirl.airs import (
    Fibonacci,
    FibonacciSelector,
    KeccakF,
    Uniform,
    air_from_json,
    air_to_json,
    fixtures,
)

SMALL = sw.SystemParams.test_small(2, 8, 3)
SELECTORS = fixtures.alternating(8)
WIDTHS = (4, 7, 8, 8, 10, 100)

# name: (AIRs, parameters, bytes of V, SHA-256 of V, pre_hash)
CHECK_VALUES = {
    "two fibonacci": (
        [Fibonacci(), Fibonacci()], SMALL, 220,
        "d92dcd1dcf4b56098ec54a3989b3a95c41393ee7734c14f30b2caefeacae2f7f",
        [826552710, 5062870, 23519329, 1098516924, 538035777, 809363850, 1560671473, 1600837645],
    ),
    "interactions": (
        fixtures.interactions11().airs, SMALL, 98,
        "f0c52925d6b78450257c56c9da71f527721264f3c835612ad37a6f86c6d17532",
        [338643893, 1934805690, 1305506116, 1694651551, 782855467, 1598392974, 216950333, 68373398],
    ),
    "cached": (
        fixtures.cached11().airs, SMALL, 100,
        "8a733436c25b13697e4bca74407929c21066450c47b2bf24245befbd67175e1b",
        [1927211087, 1026827551, 1838541243, 1986096631, 1976378172, 356226600, 1410477626, 1822291493],
    ),
    "selector": (
        [FibonacciSelector(SELECTORS)], SMALL, 218,
        "6921eb7750855b0b2ee963a98ef213b73ddbddf58908411f8fac96e4538e82b2",
        [942337620, 933924848, 1503942034, 524494657, 191772636, 1388416816, 226419455, 1834812438],
    ),
    "selector with lookup": (
        [FibonacciSelector(SELECTORS, lookup=True)], SMALL, 226,
        "0fbb176bf9e9ed6cd2c1a5bd21e3cdaae990ec8b4a088c3b8c0d03d2c50ee03a",
        [981241956, 1804377452, 439248337, 536367928, 581877851, 1658976451, 489987605, 1247975846],
    ),
    "one cached part": (
        fixtures.preprocessed_and_cached(SELECTORS, 1).airs, SMALL, 172,
        "907300f89fefeb1e8e83fb7134e22a8909863c8c59dd6ff3d5bcee312eab28ba",
        [341970116, 278707077, 824311455, 873153767, 1027646665, 1263214506, 593476620, 77929763],
    ),
    "two cached parts": (
        fixtures.preprocessed_and_cached(SELECTORS, 2).airs, SMALL, 205,
        "c2042e59d6fdee001b8efd228d24438e222a29ec2f6cddf21bc60b17af1c3577",
        [1601226574, 862514737, 1576927058, 879377356, 518866629, 1619022244, 896493178, 152744966],
    ),
    "three cached parts": (
        fixtures.preprocessed_and_cached(SELECTORS, 3).airs, SMALL, 238,
        "6a40fa0ad60fba90c8787767da0793c25f60d3a82b19774425cc410ef574860b",
        [1046217850, 95075483, 608816844, 154462584, 315517416, 1138607236, 839283450, 886645303],
    ),
    "self-interaction": (
        fixtures.self_interaction(WIDTHS, 0, bus=4).airs, SMALL, 3804,
        "7d2d8be4248911c5bc17f52bc6a63a7d77c2c3277e4ab437a86f10c92fffc2a9",
        [1116298037, 896340289, 931511686, 847131615, 722474704, 1958056824, 1800651990, 1569450667],
    ),
    "mixture": (
        fixtures.mixture(3).airs, SMALL, 4218,
        "933683b9e330095b8f1ad0d31341f024c5281fa77ede533f3cb24e008f6a4f5c",
        [796117321, 1457991875, 1946714156, 311040254, 256341024, 451019329, 283559896, 1083163254],
    ),
    "fibonacci app 20": (
        [Fibonacci()], sw.SystemParams.app(20), 125,
        "0b139211f3897d534c2d0eadd06a5dd848c7039b40f12ea7f5f73b6fb82e8b3a",
        [1727810651, 1596620464, 677643812, 197331077, 338694319, 909240542, 220850187, 49009063],
    ),
    "uniform": (
        [Uniform()], sw.SystemParams.app(24), 366,
        "3bb79aefa63b36ce59793c8be98d8bf55361f44b63364cb6cb7ead57bce4b39e",
        [1109019859, 1199717241, 1110549506, 1958688101, 655241299, 658465168, 158239198, 1876688279],
    ),
    "keccak": (
        [KeccakF()], sw.SystemParams.app(21), 283428,
        "4ad6e7fa9056f61943db3ca6d38f8aaf2569258a5d0b14b59bb6fb071863e9f1",
        [898758304, 1269476524, 1587838634, 212117637, 976402962, 1227319903, 82372460, 1279797633],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CHECK_VALUES)
def test_check_values_of_part_02(name):
    airs, params, length, digest, pre_hash = CHECK_VALUES[name]
    vk = sw.keygen(params, airs, device="reference").vk
    assert list(vk.pre_hash) == pre_hash
    inner = vk.to_bytes()[:length]
    assert hashlib.sha256(inner).hexdigest() == digest


def vector_fixtures():
    mixture = {height: fixtures.mixture(height).airs for height in (3, 4, 5)}
    keys = {f"fib_h{height}": [Fibonacci()] for height in (1, 2, 3, 5, 8)}
    keys |= {
        "final_poly_len": [Fibonacci()],
        "fib_optional_absent": [Fibonacci()] * 5,
        "required_air": [Fibonacci()] * 5,
    }
    keys |= {
        f"preprocessed_fib_h{height}": [FibonacciSelector(fixtures.alternating(1 << height))]
        for height in (1, 4, 8)
    }
    keys |= {f"self_interaction_h{h}": fixtures.self_interaction(WIDTHS, h, bus=4).airs for h in (0, 2, 5)}
    keys |= {f"mixture_h{height}": mixture[height] for height in (3, 5)}
    for shape in ("l0_n8_k3", "l1_n8_k2", "l2_n8_k4", "l3_n6_k1", "l4_n8_k4", "l5_n5_k3"):
        keys[f"interactions_{shape}"] = fixtures.interactions11().airs
        keys[f"mixture_{shape}"] = mixture[4]
    keys |= {"interactions11": fixtures.interactions11().airs, "tight_limits": fixtures.interactions11().airs}
    keys |= {"cached11": fixtures.cached11().airs, "no_grinding": mixture[4], "one_whir_round": mixture[4]}
    keys["preprocessed_cached2"] = fixtures.preprocessed_and_cached(fixtures.alternating(64), 2).airs
    keys["stacking_overflow"] = fixtures.self_interaction(WIDTHS[:5], 1, bus=4).airs
    keys["xi_padded"] = [Fibonacci(), *fixtures.interactions11().airs]
    keys |= {"keccakf_2": [KeccakF()], "keccakf_16_app17": [KeccakF()]}
    return keys


def params_of(case):
    return sw.SystemParams.from_dict(support.case_json(case)["vk"]["params"])


@pytest.mark.parametrize("case_of_airs", vector_fixtures())
def test_keys_of_python_airs_equal_the_vectors(case_of_airs):
    required = {0, 2} if case_of_airs == "required_air" else ()
    pk = sw.keygen(params_of(case_of_airs), vector_fixtures()[case_of_airs], required, device="reference")
    assert pk.vk.to_bytes() == support.case_file(case_of_airs, "vk.postcard")


# The presets' preprocessed traces take minutes on the reference device; the C++ tests make their keys.
@pytest.mark.parametrize(
    "case_in_json", [name for name in support.case_names() if name not in support.PRESET_CASES]
)
def test_keys_from_json_equal_the_vectors(case_in_json):
    entries = support.case_json(case_in_json)["vk"]["airs"]
    airs = []
    for air_id, entry in enumerate(entries):
        preprocessed = None
        if entry["preprocessed_width"] is not None:
            preprocessed = np.load(
                io.BytesIO(support.case_file(case_in_json, f"air{air_id}_preprocessed.npy"))
            )
        airs.append(air_from_json(entry, preprocessed))
    required = {air_id for air_id, entry in enumerate(entries) if entry["is_required"]}
    pk = sw.keygen(params_of(case_in_json), airs, required, device="reference")
    assert pk.vk.to_bytes() == support.case_file(case_in_json, "vk.postcard")
    assert list(pk.air_names) == [entry["name"] for entry in entries]
    for air, entry in zip(airs, entries, strict=True):
        back = air_to_json(air)
        assert back == {key: entry[key] for key in back}


@pytest.mark.parametrize(
    "name", ["fib_h3", "interactions11", "cached11", "preprocessed_fib_h4", "preprocessed_cached2"]
)
def test_proving_keys_equal_the_vectors(name):
    names = [entry["name"] for entry in support.case_json(name)["vk"]["airs"]]
    airs = [renamed(air, air_name) for air, air_name in zip(vector_fixtures()[name], names, strict=True)]
    pk = sw.keygen(params_of(name), airs, device="reference")
    assert pk.to_bytes() == support.case_file(name, "pk.postcard")


def renamed(air: Air, name: str) -> Air:
    air.name = name
    return air


def test_height_constraint_without_interactions():
    """The examples with interactions are rows of the conformance suite."""
    vk = sw.keygen(SMALL, [Fibonacci()], device="reference").vk
    assert [tuple(constraint) for constraint in vk.native.height_constraints] == [([0], 1 << 30)]


class Recorded(Air):
    """An AIR whose eval is given."""

    def __init__(self, body, width: int = 2) -> None:
        self.body = body
        self.width = width

    def eval(self, builder) -> None:
        self.body(builder, *builder.main())


class TestErrors:
    def fails(self, *airs, **options):
        with pytest.raises(sw.KeygenError) as info:
            sw.keygen(options.pop("params", SMALL), list(airs), **options)
        return str(info.value)

    def test_zero_width(self):
        text = self.fails(Recorded(lambda builder, local, next: builder.assert_zero(local[0]), width=0))
        assert "AirWidthZero" in text
        assert '"Recorded"' in text

    def test_nothing_recorded(self):
        assert "AirNoConstraintsOrInteractions" in self.fails(Recorded(lambda *_: None))

    def test_empty_and_long_messages(self):
        text = self.fails(Recorded(lambda b, local, _: b.push_interaction(0, [], local[0], 0)))
        assert "interaction 0 has an empty message (InteractionMessageEmpty)" in text
        assert "test_keygen.py:" in text
        text = self.fails(Recorded(lambda b, local, _: b.push_interaction(0, [local[0]] * 128, 1, 0)))
        assert "128 fields; the parameters allow 127" in text

    def test_degree(self):
        text = self.fails(Recorded(lambda b, local, _: b.assert_zero(local[0] ** 4)))
        assert "degree 4 exceeds the max_constraint_degree 3" in text
        high = Recorded(lambda b, local, _: b.push_interaction(0, [1], local[0] ** 4, 0))
        assert "MaxConstraintDegreeExceeded" in self.fails(high)

    def test_the_first_failing_air_is_named(self):
        high = Recorded(lambda b, local, _: b.assert_zero(local[0] ** 4))
        long = Recorded(lambda b, local, _: b.push_interaction(0, [local[0]] * 128, 1, 0))
        empty = Recorded(lambda *_: None, width=0)
        assert "MaxConstraintDegreeExceeded" in self.fails(long, high, empty)
        assert "AirWidthZero" in self.fails(empty, high)

    def test_count_weights_that_overflow(self):
        def body(builder, local, next):
            for weight in (1 << 31, 1 << 31):
                builder.push_interaction(7, [local[0]], 1, weight)

        assert "count weights on bus 7" in self.fails(Recorded(body))

    def test_preprocessed_traces(self):
        for array, text in [
            (np.zeros((3, 1), np.uint32), "(3 x 1) must have a power of two of rows"),
            (np.zeros((0, 1), np.uint32), "(0 x 1) must have a power of two of rows"),
            (np.zeros((4, 0), np.uint32), "has no columns"),
            (np.zeros((2048, 1), np.uint32), "more rows than the stacked height 2^10"),
            (np.array([[1, 2], [3, 2013265921]], np.uint32), "2013265921 at row 1, column 1 is not below p"),
        ]:
            air = Recorded(lambda b, local, _: b.assert_zero(local[0]))
            air.preprocessed = lambda array=array: array
            assert text in self.fails(air, device="reference")

    def test_arguments(self):
        assert "no AIR" in self.fails()
        assert "params" in self.fails(Fibonacci(), params="app")
        assert "class" in self.fails(Fibonacci)
        assert "2" in self.fails(Fibonacci(), required={2})
        with pytest.raises(sw.DeviceError):
            sw.keygen(SMALL, [Fibonacci()], device="no-such-device")

    def test_malformed_json(self):
        entry = dict(support.case_json("fib_h3")["vk"]["airs"][0])

        def with_node(index, **changes):
            nodes = [dict(node) for node in entry["nodes"]]
            nodes[index] |= changes
            return {**entry, "nodes": nodes}

        for bad, error, text in [
            ({key: value for key, value in entry.items() if key != "nodes"}, sw.FormatError, "nodes"),
            (with_node(3, op="div"), sw.FormatError, 'unknown node "div"'),
            (with_node(1, var=["main", 0, 0]), sw.FormatError, '"var"'),
            (with_node(3, l="x"), sw.FormatError, '"l"'),
            (with_node(3, r=3), sw.KeygenError, "does not precede"),
            (with_node(1, var=["main", 0, 0, 2]), sw.KeygenError, "column or public value 2 of 2"),
            ({**entry, "constraint_idx": [4, 4]}, sw.KeygenError, "not ascending"),
            ({**entry, "constraint_idx": "x"}, sw.FormatError, "malformed"),
            ({**entry, "max_constraint_degree": 1}, sw.FormatError, "degree"),
            ({**entry, "preprocessed_width": 1}, sw.KeygenError, "preprocessed"),
        ]:
            with pytest.raises(error, match=text):
                sw.keygen(SMALL, [air_from_json(bad)])


def test_permutation_and_lookup_keys_are_made():
    def body(builder, local, next):
        bus = PermutationBus(1)
        bus.send(builder, [local[0]], 1)
        bus.receive(builder, [next[0]], 1)

    pk = sw.keygen(SMALL, [Recorded(body)])
    assert pk.vk.airs[0].buses == (1,)
    values = np.array([[3, 0], [5, 0], [3, 0], [9, 0]], np.uint32)
    assert sw.check(pk, {0: sw.Trace(values)}).ok


#: An AIR in JSON form but for its nodes.
ENTRY = {
    "name": "A",
    "preprocessed_width": None,
    "cached_widths": [],
    "common_width": 1,
    "num_public_values": 0,
    "constraint_idx": [0],
    "interactions": [],
}


class TestKeysLoadAgain:
    """What key generation accepts, the reader does not refuse."""

    def loads(self, airs) -> bool:
        pk = sw.keygen(SMALL, airs, device="reference")
        data, vk_data = pk.to_bytes(), pk.vk.to_bytes()
        loaded = sw.ProvingKey.from_bytes(data)
        return (
            loaded.to_bytes() == data
            and loaded.vk == pk.vk
            and sw.VerifyingKey.from_bytes(vk_data).to_bytes() == vk_data
        )

    @staticmethod
    def tiny(kind: str) -> Air:
        if kind == "one selector":
            return air_from_json(ENTRY | {"nodes": [{"op": "is_first_row"}]})
        if kind == "preprocessed":
            return FibonacciSelector(fixtures.alternating(1))
        sent = [{"bus": 0, "message": [0], "count": 0, "count_weight": 1}]
        changes = {"cached_widths": [1], "nodes": [{"op": "is_first_row"}], "interactions": sent}
        return air_from_json(ENTRY | changes | {"name": ""})

    @pytest.mark.parametrize("kind", ["one selector", "one of each list", "preprocessed"])
    def test_the_most_airs(self, kind):
        airs = [self.tiny(kind)] * (2048 if kind != "preprocessed" else 64)
        assert self.loads(airs)

    def test_one_air_too_many(self):
        with pytest.raises(sw.KeygenError, match="there are 2049 AIRs, at most 2048 are possible"):
            sw.keygen(SMALL, [self.tiny("one selector")] * 2049, device="reference")

    def test_repeated_nodes(self):
        selector = {"op": "is_first_row"}
        assert self.loads([air_from_json(ENTRY | {"nodes": [selector] * 1000})])
        with pytest.raises(sw.KeygenError, match="leave out nodes that repeat others"):
            sw.keygen(SMALL, [air_from_json(ENTRY | {"nodes": [selector] * 200_000})], device="reference")

    def test_largest_degree_of_a_node(self):
        nodes = [{"op": "is_first_row"}, {"op": "neg", "i": 0, "deg": 65535}]
        assert self.loads([air_from_json(ENTRY | {"nodes": nodes})])
        nodes[1]["deg"] = 65536
        with pytest.raises(sw.FormatError, match="a node has degree 65536, at most 65535 is possible"):
            sw.keygen(SMALL, [air_from_json(ENTRY | {"nodes": nodes})], device="reference")

    def test_a_degree_beyond_the_bits_of_a_node_is_reported_in_full(self):
        def body(builder, local, next):
            power = local[0]
            for _ in range(17):
                power = power * power
            builder.assert_zero(power)

        with pytest.raises(sw.KeygenError, match="its degree 131072 exceeds"):
            sw.keygen(SMALL, [Recorded(body)], device="reference")
