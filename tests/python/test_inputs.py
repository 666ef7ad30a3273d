"""Bad input is refused before any work starts, with a text that says what, where, the limit and the remedy."""

from __future__ import annotations

import numpy as np
import openswirl as sw
import pytest
import support
from openswirl.air import Air

P = 2013265921


class Powers(Air):
    """Squares of one column; what the tests below need of an AIR."""

    width = 2

    def eval(self, builder):
        local, _ = builder.main()
        builder.assert_eq(local[1], local[0] * local[0])


class Square(Air):
    """No row but this one is read, so that a single row has no evaluation point with l_skip 0."""

    width = 1

    def eval(self, builder):
        local, _ = builder.main()
        builder.assert_zero(local[0] * local[0])


def small(**changes):
    params = sw.SystemParams.test_small(2, 8, 3).to_dict()
    whir = {"k": "k", "mu_pow_bits": "mu_pow_bits"}
    for name, value in changes.items():
        (params["whir"] if name in whir else params)[name] = value
    return sw.SystemParams.from_dict(params)


def zeros(rows: int, columns: int) -> sw.Trace:
    return sw.Trace(np.zeros((rows, columns), np.uint32))


@pytest.fixture(scope="module")
def powers():
    return sw.keygen(small(), [Powers(), Powers()])


@pytest.mark.parametrize(
    ("traces", "text"),
    [
        ({0: zeros(6, 2)}, "AIR 0 .*6 rows.*power of two.*8"),
        ({0: zeros(0, 2)}, "AIR 0 .*no rows"),
        ({0: zeros(2048, 2)}, r"AIR 0 .*2\^11 rows.*stacked height 2\^10"),
        ({1: zeros(8, 3)}, "AIR 1 .*3 columns.*2"),
        ({0: zeros(8, 2), 7: zeros(8, 2)}, "no AIR 7.*2 AIRs"),
        ({1 << 32: zeros(8, 2)}, "no AIR 4294967296: ids are from 0 to"),
        ({}, "no trace at all"),
        ({0: sw.Trace(np.zeros((8, 2), np.uint32), public_values=[1])}, "AIR 0 .*1 public value.*0"),
        (
            {0: sw.Trace(np.zeros((8, 2), np.uint32), cached=[np.zeros((8, 1), np.uint32)])},
            "AIR 0 .*cached part",
        ),
        ([(0, zeros(8, 2)), (0, zeros(8, 2))], "two traces for AIR 0"),
        ({"0": zeros(8, 2)}, "AIR id is '0'"),
        ({0: np.zeros((8, 2), np.uint32)}, "must be an openswirl.Trace"),
    ],
    ids=[
        "height",
        "empty",
        "tall",
        "width",
        "unknown",
        "huge",
        "none",
        "public",
        "cached",
        "twice",
        "id",
        "type",
    ],
)
def test_traces_that_do_not_fit(powers, device, traces, text):
    with pytest.raises(sw.InputError, match=text):
        sw.prove(powers, traces, device=device)


def test_total_width_over_w_stack(device):
    pk = sw.keygen(small(w_stack=2), [Powers(), Powers()])
    with pytest.raises(sw.InputError, match="4 stacked columns.*w_stack.* 2"):
        sw.prove(pk, {0: zeros(1024, 2), 1: zeros(1024, 2)}, device=device)


def test_height_constraints_not_met(device):
    loaded = support.load_case("tight_limits")
    taller = dict(loaded.traces)
    taller[1] = sw.Trace(np.zeros((16, loaded.vk.airs[1].common_width), np.uint32))
    with pytest.raises(sw.InputError, match="height constraint 0 .*is 20 and must stay below 13"):
        sw.prove(loaded.pk, taller, device=device)


def test_parts_of_different_heights(device):
    loaded = support.load_case("cached11")
    trace = loaded.traces[0]
    half = np.ascontiguousarray(trace.cached[0][: trace.height // 2])
    with pytest.raises(sw.InputError, match="AIR 0 .*cached part 0.*2 rows.*4.*same height"):
        sw.prove(loaded.pk, {**loaded.traces, 0: sw.Trace(trace.common, [half])}, device=device)
    committed = sw.commit(loaded.pk.params, half, device)
    with pytest.raises(sw.InputError, match="AIR 0 .*cached part 0.*same height"):
        sw.prove(loaded.pk, {**loaded.traces, 0: sw.Trace(trace.common, [committed])}, device=device)


def test_cached_part_of_wrong_width_or_parameters(device):
    loaded = support.load_case("cached11")
    trace = loaded.traces[0]
    wide = np.zeros((trace.height, trace.cached[0].shape[1] + 1), np.uint32)
    with pytest.raises(sw.InputError, match="AIR 0 .*cached part 0.*column"):
        sw.prove(loaded.pk, {**loaded.traces, 0: sw.Trace(trace.common, [wide])}, device=device)
    committed = sw.commit(sw.SystemParams.test_small(2, 7, 3), trace.cached[0], device)
    with pytest.raises(sw.InputError, match="AIR 0 .*cached part 0.*other parameters"):
        sw.prove(loaded.pk, {**loaded.traces, 0: sw.Trace(trace.common, [committed])}, device=device)


def test_preprocessed_height_mismatch(device):
    loaded = support.load_case("preprocessed_fib_h4")
    trace = loaded.traces[0]
    half = sw.Trace(np.ascontiguousarray(trace.common[:8]), public_values=trace.public_values)
    with pytest.raises(sw.InputError, match=r"AIR 0 .*2\^3 rows.*preprocessed.*2\^4"):
        sw.prove(loaded.pk, {0: half}, device=device)


def test_missing_required_air(device):
    loaded = support.load_case("required_air")
    traces = {air_id: trace for air_id, trace in loaded.traces.items() if air_id != 2}
    with pytest.raises(sw.InputError, match="AIR 2 .*required"):
        sw.prove(loaded.pk, traces, device=device)


def test_no_evaluation_point(device):
    pk = sw.keygen(sw.SystemParams.test_small(0, 8, 3), [Square()])
    with pytest.raises(sw.InputError, match="l_skip 0"):
        sw.prove(pk, {0: zeros(1, 1)}, device=device)


@pytest.mark.parametrize("name", ["nope", "", "cpu:99", "cpu:x", "reference:1", "auto:0", "lockstep:cpu"])
def test_unknown_device(powers, name):
    with pytest.raises(sw.DeviceError, match="reference|two devices"):
        sw.prove(powers, {0: zeros(8, 2)}, device=name)


def test_value_not_below_p_is_named(powers, device):
    array = np.zeros((8, 2), np.uint32)
    array[5, 1] = P
    with pytest.raises(sw.InputError, match=rf"AIR 1: common\[5, 1\] is {P}"):
        sw.prove(powers, {1: sw.Trace(array)}, device=device)
    with pytest.raises(sw.InputError, match=r"\[5, 1\]"):
        sw.commit(small(), array, device)
    loaded = support.load_case("cached11")
    cached = loaded.traces[0].cached[0].copy()
    cached[2, 0] = 2**32 - 1
    with pytest.raises(sw.InputError, match=r"AIR 0: cached part 0\[2, 0\] is 4294967295"):
        sw.prove(loaded.pk, {**loaded.traces, 0: sw.Trace(loaded.traces[0].common, [cached])}, device=device)


@pytest.mark.parametrize(
    ("array", "text"),
    [
        (np.zeros((8, 2), np.int64), "dtype int64.*uint32"),
        (np.zeros((8, 2), np.uint64), "dtype uint64"),
        (np.zeros((8, 2), np.int32), "dtype int32"),
        (np.zeros((8, 2), np.float64), "dtype float64"),
        (np.zeros((8, 2), bool), "dtype bool"),
        (np.zeros((8, 2), ">u4"), "dtype >u4"),
        (np.zeros((8, 2), object), "dtype object"),
        (np.zeros((2, 8), np.uint32).T, "C order"),
        (np.zeros((8, 4), np.uint32)[:, ::2], "C order"),
        (np.zeros(8, np.uint32), "1 dimensions"),
        (np.zeros((2, 4, 2), np.uint32), "3 dimensions"),
        (
            np.frombuffer(bytearray(65), np.uint32, offset=1).reshape(8, 2),
            "multiple of 4 bytes.*copy.*require",
        ),
        ([[0, 0]], "numpy array.*list"),
        (None, "numpy array.*NoneType"),
    ],
)
def test_arrays_are_never_converted(array, text):
    with pytest.raises(sw.InputError, match=f"common part.*{text}"):
        sw.Trace(array)
    with pytest.raises(sw.InputError, match=text):
        sw.commit(small(), array, "reference")
    with pytest.raises(sw.InputError, match=f"cached part 1.*{text}"):
        sw.Trace(np.zeros((8, 2), np.uint32), cached=[np.zeros((8, 1), np.uint32), array])


def test_extension_converts_nothing_either():
    """The last line of defence, should the checks in Python be passed by."""
    from openswirl import _core

    options = {"threads": 1, "timeout": None, "cancel": None}
    for array in (np.zeros((8, 2), np.int64), np.zeros((8, 2), np.float32), np.zeros((2, 8), np.uint32).T):
        with pytest.raises(TypeError):
            _core.commit(small().native(), array, "reference", **options)


@pytest.mark.parametrize("values", [[P], [-1], [1.5], ["1"], [True], [None], 7, "12", [2**64]])
def test_public_values_are_canonical_integers(values):
    with pytest.raises(sw.InputError, match="public_values"):
        sw.Trace(np.zeros((8, 2), np.uint32), public_values=values)
    loaded = support.load_case("fib_h3")
    with pytest.raises(sw.InputError, match="public_values"):
        sw.verify(loaded.vk, loaded.proof_bytes, public_values={0: values})


def test_public_values_may_be_an_array():
    values = np.array([1, 2, P - 1], np.uint32)
    assert sw.Trace(np.zeros((8, 2), np.uint32), public_values=values).public_values == (1, 2, P - 1)


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"threads": 0}, "threads"),
        ({"threads": -1}, "threads"),
        ({"threads": True}, "threads"),
        ({"threads": 1.5}, "threads"),
        ({"timeout": -1}, "timeout"),
        ({"timeout": "1"}, "timeout"),
        ({"timeout": float("nan")}, "timeout"),
        ({"timeout": True}, "timeout"),
        (
            {"timeout": float("inf")},
            "timeout is inf, must be seconds from 0 to 1000000000, or None for no limit",
        ),
        ({"timeout": 1e300}, "timeout is 1e[+]300, must be seconds from 0 to 1000000000,"),
        ({"timeout": 10**5000}, "timeout is far outside, must be seconds"),
        ({"memory_limit": 0}, "memory_limit"),
        ({"memory_limit": 1.5}, "memory_limit"),
        ({"cancel": True}, "cancel"),
        ({"progress": 3}, "progress"),
    ],
)
def test_options_are_checked(powers, options, text):
    with pytest.raises(sw.InputError, match=text):
        sw.prove(powers, {0: zeros(8, 2)}, device="reference", **options)


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"k": 0}, "k"),
        ({"n_stack": 40}, "27"),
        ({"max_constraint_degree": 0}, "degree"),
        ({"max_constraint_degree": 256}, "degree"),
        ({"mu_pow_bits": 31}, "bits"),
        ({"k": 9}, "k"),
        ({"l_skip": -1}, "l_skip"),
        ({"w_stack": 1.0}, "w_stack"),
        ({"log_blowup": True}, "log_blowup"),
    ],
)
def test_invalid_system_parameters(change, text):
    with pytest.raises(sw.InputError, match=f"(?s)system parameter.*{text}"):
        small(**change)


class Steep(Air):
    width = 1

    def eval(self, builder):
        local, _ = builder.main()
        builder.assert_zero(local[0] * local[0] * local[0] * local[0])


class Message(Air):
    width = 1

    def __init__(self, fields):
        self.fields = fields

    def eval(self, builder):
        local, _ = builder.main()
        builder.push_interaction(0, [local[0]] * self.fields, 1, 1)


@pytest.mark.parametrize(
    ("airs", "text"),
    [
        ([Steep()], r"AIR \"Steep\": its degree 4 exceeds .* 3 .*\(MaxConstraintDegreeExceeded\)"),
        (
            [Message(128)],
            'AIR "Message": the message of interaction 0 has 128 fields; the parameters allow 127',
        ),
        ([Message(0)], r"AIR \"Message\": interaction 0 has an empty message \(InteractionMessageEmpty\)"),
        ([], "there is no AIR; a key needs at least one"),
        ([Steep], "give an instance"),
        (Steep(), "must be a list"),
    ],
    ids=["degree", "long", "empty", "none", "class", "single"],
)
def test_circuits_without_a_key(airs, text):
    with pytest.raises(sw.KeygenError, match=text):
        sw.keygen(small(), airs)


@pytest.mark.parametrize("required", [{1}, {0, 7}])
def test_required_air_must_exist(required):
    with pytest.raises(sw.KeygenError, match="required AIR"):
        sw.keygen(small(), [Powers()], required=required)


@pytest.mark.parametrize("required", [{-1}, {"0"}, {0, "a"}, [True], [0.0], [None]])
def test_required_ids_are_integers(required):
    with pytest.raises(sw.InputError, match="required AIR id"):
        sw.keygen(small(), [Powers()], required=required)


def test_numpy_integers_are_integers(powers):
    one, two = np.int64(1), np.uint8(2)
    pk = sw.keygen(small(), [Powers(), Powers()], required=[one], threads=two, timeout=np.float32(60))
    assert [air.is_required for air in pk.vk.airs] == [False, True]
    traces = {one: zeros(8, 2)}
    proof = sw.prove(
        powers, traces, "reference", threads=two, timeout=np.int64(60), memory_limit=np.int64(1 << 40)
    )
    assert sw.check(powers, traces, rows_per_constraint=one, messages_per_bus=two).ok
    sw.verify(powers.vk, proof, public_values={np.int64(1): np.array([], np.uint32)})


def test_statement_must_fit_the_key():
    loaded = support.load_case("fib_h3")
    for values in ({1: [1]}, [[1, 2, 3], []], {True: [1]}, 5, "abc"):
        with pytest.raises(sw.InputError, match="public_values"):
            sw.verify(loaded.vk, loaded.proof_bytes, public_values=values)
