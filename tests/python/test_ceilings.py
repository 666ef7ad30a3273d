"""Ceilings and floors: on numbers worked out by hand, and measured on this machine."""

from __future__ import annotations

import json

import openswirl as sw
import pytest
from openswirl.bench.ceilings import Ceilings, floor_seconds, floors, measure
from openswirl.bench.work import Work

#: Round rates, so that floors can be worked out by hand.
ROUND = Ceilings(
    device="cpu",
    threads=2,
    multiplications=1e9,
    butterflies=5e8,
    additions=4e9,
    multiply_accumulates=2e9,
    ext_multiplications=1e8,
    permutations=1e7,
    permutation_s=1e-6,
    copy_bytes=1e10,
    read_bytes=8e9,
)


def test_arithmetic_of_every_kind_adds_up() -> None:
    # 0.1 + 0.2 + 0.05 + 0.3 + 0.4 + 0.5 + 0.5 s
    work = Work(mul=1e8, butterfly=1e8, add=2e8, mac=6e8, ext=4e7, perm=5e6, grind=5e6)
    assert floor_seconds(work, ROUND) == pytest.approx(2.05)


def test_memory_traffic_hides_behind_arithmetic_or_the_other_way_round() -> None:
    # 1 s of multiplications; memory at the better bandwidth, 1e10 bytes a second.
    assert floor_seconds(Work(mul=1e9, bytes=9e9), ROUND) == pytest.approx(1.0)
    assert floor_seconds(Work(mul=1e9, bytes=3e10), ROUND) == pytest.approx(3.0)


def test_the_transcript_and_waits_are_hidden_by_nothing() -> None:
    work = Work(mul=1e9, serial_perm=2000, sync=50)
    assert floor_seconds(work, ROUND) == pytest.approx(1.002)
    gpu = Ceilings.from_dict({**ROUND.to_dict(), "launch_s": 2e-6, "wait_s": 1e-5})
    assert floor_seconds(work, gpu) == pytest.approx(1.0025)


def test_spans_follow_one_another() -> None:
    # Own work: 1 s of arithmetic in a/b, 2 s of memory traffic in a/c, 0.5 s of arithmetic in a itself.
    work = {
        "a": Work(mul=1.5e9, bytes=2e10),
        "a/b": Work(mul=1e9),
        "a/c": Work(bytes=2e10),
    }
    assert floors(work, ROUND) == pytest.approx({"a": 3.5, "a/b": 1.0, "a/c": 2.0})
    assert floor_seconds(work["a"], ROUND) == pytest.approx(2.0)


def test_ceilings_round_trip() -> None:
    assert Ceilings.from_dict(json.loads(json.dumps(ROUND.to_dict()))) == ROUND


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"permutations": 0}, "permutations"),
        ({"permutations": None}, "permutations"),
        ({"read_bytes": "fast"}, "read_bytes"),
        ({"mul": 1e9}, "'mul'"),
        ({"device": 3}, "device"),
        ({"additions": float("inf")}, "additions"),
        ({"wait_s": -1}, "wait_s"),
    ],
)
def test_ceilings_from_elsewhere_are_checked(change: dict[str, object], text: str) -> None:
    with pytest.raises(sw.FormatError, match=text):
        Ceilings.from_dict({**ROUND.to_dict(), **change})


def test_the_machine_is_measured() -> None:
    measured = measure("cpu", threads=1)
    assert (measured.device, measured.threads) == ("cpu", 1)
    assert measured.permutations * 16 < measured.multiplications < measured.additions * 4
    assert measured.launch_s is None
    assert measured.wait_s is None
    assert Ceilings.from_dict(measured.to_dict()) == measured


def test_the_reference_device_measures_nothing() -> None:
    with pytest.raises(sw.DeviceError, match="reference measures no ceilings"):
        measure("reference")


def test_unknown_devices_and_thread_counts_are_refused() -> None:
    with pytest.raises(sw.DeviceError, match="nowhere"):
        measure("nowhere")
    with pytest.raises(sw.InputError, match="threads"):
        measure("cpu", threads=0)
