"""The soundness report and the warnings that follow from it."""

from __future__ import annotations

import warnings

import openswirl as sw
import pytest
import support
from openswirl.air import Air
from openswirl.airs import Fibonacci

#: Protocol part 02, 7.5.
TOTALS = {"app:24": 100.0898, "leaf": 100.0117, "internal": 100.1080, "root": 100.1355, "hook": 100.1013}


@pytest.mark.parametrize(("preset", "total"), TOTALS.items())
def test_presets(preset, total):
    report = sw.soundness(sw.SystemParams.parse(preset))
    assert report.total == pytest.approx(total, abs=6e-5)
    assert report.total == min(report.components.values())
    assert report.components["gkr_sumcheck"] == pytest.approx(122.0426, abs=6e-5)


@pytest.mark.parametrize("height", range(11, 25))
def test_app_presets_have_100_bits(height):
    params = sw.SystemParams.app(height)
    assert sw.soundness(params).total >= 100
    assert params.preset_name() == f"app:{height}"
    assert sw.SystemParams.parse(f"app:{height}") == params


@pytest.mark.parametrize("height", [0, 10, 25, True])
def test_app_range(height):
    with pytest.raises(sw.InputError, match="11 to 24"):
        sw.SystemParams.app(height)


@pytest.mark.parametrize("text", ["", "app", "app:", "app:x", "app:10", "leaf:1", "tiny"])
def test_unknown_presets(text):
    with pytest.raises(sw.InputError, match="app"):
        sw.SystemParams.parse(text)


def test_small_parameters_warn():
    with pytest.warns(sw.SecurityWarning, match="5.. bits of security"):
        sw.keygen(sw.SystemParams.test_small(), [Fibonacci()])


def test_production_parameters_do_not_warn():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        sw.keygen(sw.SystemParams.app(12), [Fibonacci()])


class Wide(Air):
    width = 30001

    def eval(self, builder):
        local, _ = builder.main()
        builder.assert_zero(local[0] * local[0])


class Talkative(Air):
    width = 1

    def __init__(self, interactions: int) -> None:
        self.interactions = interactions

    def eval(self, builder):
        local, _ = builder.main()
        for _ in range(self.interactions):
            builder.push_interaction(0, [local[0]], 1, 1)


def test_shapes_beyond_the_preset_warn():
    with pytest.warns(sw.SecurityWarning, match="30001 columns.*30000"):
        sw.keygen(sw.SystemParams.app(12), [Wide()])
    with pytest.warns(sw.SecurityWarning, match="101 AIRs.*100"):
        sw.keygen(sw.SystemParams.app(12), [Fibonacci()] * 101)
    with pytest.warns(sw.SecurityWarning, match="1001 interactions in one AIR.*at most 1000"):
        sw.keygen(sw.SystemParams.app(12), [Talkative(1001)])


def test_the_largest_shapes_of_the_preset_do_not_warn():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        sw.keygen(sw.SystemParams.app(12), [Talkative(1000)])
        sw.keygen(sw.SystemParams.app(12), [Fibonacci()] * 100)


def test_a_key_warns_once_when_it_is_used(device):
    loaded = support.load_case("fib_h3")
    pk = sw.ProvingKey.from_bytes(loaded.pk.to_bytes())
    with pytest.warns(sw.SecurityWarning):
        sw.Prover(pk, device)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        sw.Prover(pk, device)


def test_soundness_of_unknown_parameters_needs_a_key():
    with pytest.raises(sw.InputError, match="verifying key"):
        sw.soundness(sw.SystemParams.test_small())
    assert sw.soundness(support.load_case("fib_h3").vk).total < 10
