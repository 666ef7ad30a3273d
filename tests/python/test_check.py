"""The trace checker: valid traces pass, a wrong cell, public value or message is named at its place."""

from __future__ import annotations

import numpy as np
import openswirl as sw
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openswirl.air import Air
from openswirl.airs import Fibonacci, KeccakF, fixtures
from openswirl.airs.keccak import benchmark_states

SMALL = sw.SystemParams.test_small(2, 8, 3)


def changed(trace: sw.Trace, row: int, column: int, value: int, part: int | None = None) -> sw.Trace:
    """The trace with one other cell, in the common part or a cached one."""
    common, cached = trace.common.copy(), [array.copy() for array in trace.cached]
    (common if part is None else cached[part])[row, column] = value
    return sw.Trace(common, cached, trace.public_values)


@pytest.mark.parametrize("log_height", [0, 1, 3, 5])
def test_the_mixture_holds(log_height):
    fixture = fixtures.mixture(log_height)
    report = sw.check(sw.keygen(SMALL, fixture.airs, device="reference"), fixture.traces)
    assert report
    assert str(report) == "all constraints hold and all buses balance"


def test_a_wrong_cell_is_named_with_its_constraint_line_row_and_values():
    pk = sw.keygen(SMALL, [Fibonacci()])
    trace = changed(Fibonacci.trace(0, 1, 8), 3, 1, 4)
    report = sw.check(pk, {0: trace})
    assert not report.ok
    assert not report.buses
    first, second = report.constraints
    assert (first.air_name, first.constraint, first.row, first.num_rows) == ("Fibonacci", 2, 3, 1)
    assert first.expression == "is_transition * (main[1] - main.next[0])"
    assert first.violations[0].variables == {"main[1]": 4, "main.next[0]": 3}
    assert first.violations[0].value == 1
    assert (second.constraint, second.row, second.num_rows) == (3, 2, 2)
    assert second.violations[0].variables == {"main[0]": 1, "main[1]": 2, "main.next[1]": 4}
    assert "fibonacci.py:" in first.source
    assert "value -1 with main[0] = 1, main[1] = 2, main.next[1] = 4" in str(report)


def test_a_key_read_from_bytes_has_no_source_lines():
    pk = sw.ProvingKey.from_bytes(sw.keygen(SMALL, [Fibonacci()]).to_bytes())
    report = sw.check(pk, {0: changed(Fibonacci.trace(0, 1, 8), 0, 0, 1)})
    assert report.constraints[0].source == ""
    assert report.constraints[0].expression == "is_first_row * (main[0] - public[0])"


def test_a_wrong_public_value_is_named():
    pk = sw.keygen(SMALL, [Fibonacci()])
    common, public_values = Fibonacci.generate_trace(0, 1, 8)
    report = sw.check(pk, {0: sw.Trace(common, public_values=[*public_values[:2], 22])})
    (failure,) = report.constraints
    assert failure.row == 7
    assert failure.violations[0].variables == {"main[1]": 21, "public[2]": 22}


def test_wrong_preprocessed_and_cached_cells_are_named():
    fixture = fixtures.preprocessed_and_cached(fixtures.alternating(8), 2)
    pk = sw.keygen(SMALL, fixture.airs, device="reference")
    report = sw.check(pk, {0: changed(fixture.traces[0], 5, 0, 6, part=0)})
    variables = report.constraints[0].violations[0].variables
    assert variables == {"preprocessed[0]": 0, "main[0]": 5, "cached0[0]": 6}
    assert report.constraints[0].row == 5


def test_a_flipped_bit_of_keccak_is_named():
    pk = sw.keygen(sw.SystemParams.app(11), [KeccakF()])
    trace = KeccakF.trace(benchmark_states(2))
    assert sw.check(pk, {0: trace}, threads=2).ok
    report = sw.check(pk, {0: changed(trace, 30, 865, 1 - int(trace.common[30, 865]))}, threads=2)
    assert {failure.row for failure in report.constraints} <= {29, 30}
    assert any("main[865]" in failure.violations[0].variables for failure in report.constraints)
    assert all("keccak.py:" in failure.source for failure in report.constraints)


def test_unbalanced_messages_are_named_with_their_places():
    fixture = fixtures.interactions11()
    pk = sw.keygen(SMALL, fixture.airs)
    traces = {**fixture.traces, 0: changed(fixture.traces[0], 3, 1, 0)}
    report = sw.check(pk, traces)
    (bus,) = report.buses
    assert (bus.bus, bus.num_messages) == (0, 2)
    sent, received = bus.messages
    assert (sent.message, sent.net, sent.num_places) == ((0,), 546, 1)
    assert (sent.places[0].air_name, sent.places[0].row) == ("DummySender", 3)
    assert (received.message, received.net) == ((889,), 2013265921 - 546)
    assert [(place.air_id, place.row) for place in received.places] == [(1, 5), (1, 6)]
    assert "(889): net count -546" in str(report)
    with pytest.raises(sw.UnbalancedBusError):
        sw.prove(pk, traces, device="reference")


def test_limits_keep_the_first_and_count_all():
    pk = sw.keygen(SMALL, [Fibonacci()])
    common, public_values = Fibonacci.generate_trace(0, 1, 256)
    common[10:110, 1] = 7
    for threads in (1, 3):
        report = sw.check(
            pk, {0: sw.Trace(common, public_values=public_values)}, rows_per_constraint=1, threads=threads
        )
        failure = report.constraints[1]
        assert (failure.num_rows, len(failure.violations), failure.row) == (101, 1, 9)
        assert "and 100 more rows" in str(failure)


@pytest.mark.parametrize(
    ("traces", "text"),
    [
        ({}, "no trace"),
        ({1: Fibonacci.trace(0, 1, 8)}, "AIR 1"),
        ({0: sw.Trace(np.zeros((8, 3), np.uint32), public_values=[0] * 3)}, "3 columns, the key has 2"),
        ({0: sw.Trace(np.zeros((6, 2), np.uint32), public_values=[0] * 3)}, "not a power of two"),
        ({0: sw.Trace(np.full((4, 2), 2013265921, np.uint32), public_values=[0] * 3)}, "at row 0, column 0"),
        ({0: sw.Trace(np.zeros((8, 2), np.uint32), public_values=[0])}, "1 public values, the key has 3"),
        (
            {0: sw.Trace(np.zeros((8, 2), np.uint32), [np.zeros((8, 1), np.uint32)], [0] * 3)},
            "1 cached parts",
        ),
    ],
)
def test_traces_that_cannot_be_evaluated(traces, text):
    with pytest.raises(sw.InputError, match=text):
        sw.check(sw.keygen(SMALL, [Fibonacci()]), traces)


class Products(Air):
    """Column 2 is the product of the others; every row sends its factors and receives them reversed."""

    width = 3

    def eval(self, builder):
        x, y, z = builder.main().local
        builder.assert_eq(x * y, z)
        builder.push_interaction(0, [x, y], 1, 1)
        builder.push_interaction(0, [y, x], -1, 1)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3), st.booleans()), min_size=8, max_size=8))
def test_the_report_agrees_with_a_direct_evaluation(rows):
    pk = sw.keygen(SMALL, [Products()])
    trace = np.array([(x, y, x * y + wrong) for x, y, wrong in rows], np.uint32)
    report = sw.check(pk, {0: sw.Trace(trace)}, rows_per_constraint=8, messages_per_bus=16)
    wrong_rows = [row for row, (_, _, wrong) in enumerate(rows) if wrong]
    assert [v.row for failure in report.constraints for v in failure.violations] == wrong_rows
    net: dict[tuple[int, int], int] = {}
    for x, y, _ in rows:
        net[x, y] = net.get((x, y), 0) + 1
        net[y, x] = net.get((y, x), 0) - 1
    expected = {message: count % 2013265921 for message, count in net.items() if count}
    assert {m.message: m.net for bus in report.buses for m in bus.messages} == expected
