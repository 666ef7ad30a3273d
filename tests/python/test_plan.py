"""Plans of the device null: what may not be had from it, and the budgets of dispatches, waits and bytes."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import numpy as np
import openswirl as sw
import pytest
from openswirl.airs import Fibonacci, KeccakF
from openswirl.bench import work
from openswirl.bench.plan import Plan, rehearse, total
from openswirl.bench.work import own_work, work_of

KECCAK_LOG_ROWS = 15  # 1024 permutations


@pytest.fixture(scope="module")
def keccak_key() -> sw.ProvingKey:
    return sw.keygen(sw.SystemParams.app(21), [KeccakF()])


@pytest.fixture(scope="module")
def keccak(keccak_key: sw.ProvingKey) -> Plan:
    return rehearse(keccak_key, [KECCAK_LOG_ROWS])


def in_proof(plan: Plan) -> dict[str, int]:
    return plan.device_work(below=work.ROOT)


def test_null_makes_no_proof_and_no_commitment() -> None:
    params = sw.SystemParams.test_small()
    pk = sw.keygen(params, [Fibonacci()])
    trace, public_values = Fibonacci.generate_trace(0, 1, 8)
    for device in ("null", "null:1", "lockstep:null,cpu", "lockstep:cpu,null"):
        with pytest.raises(sw.DeviceError, match="executes nothing"):
            sw.prove(pk, {0: sw.Trace(trace, public_values=public_values)}, device=device)
    with pytest.raises(sw.DeviceError, match="executes nothing"):
        sw.commit(params, np.zeros((8, 2), np.uint32), device="null")
    with pytest.raises(sw.DeviceError, match="executes nothing"):
        sw.keygen(params, [Fibonacci()], device="null")


def test_null_is_no_device_to_suggest() -> None:
    with pytest.raises(
        sw.DeviceError, match="unknown device 'nope'; known devices: .*cpu.*reference"
    ) as caught:
        sw.keygen(sw.SystemParams.test_small(), [Fibonacci()], device="nope")
    assert "null" not in str(caught.value)


def test_null_is_listed_with_the_reason_and_never_chosen() -> None:
    listed = {device.name: device for device in sw.devices() if device.backend == "null"}
    assert set(listed) == {"null", "null:1"}
    for device in listed.values():
        assert not device.available
        assert not device.executes
        assert device.score == 0
        assert "plans" in device.reason
    assert all(device.executes for device in sw.devices() if device.backend != "null")
    assert [device.backend for device in sw.devices()][-2:] == ["null", "null"], "what can prove comes first"


def test_only_heights_that_fit_are_planned() -> None:
    pk = sw.keygen(sw.SystemParams.test_small(), [Fibonacci()])
    with pytest.raises(sw.InputError, match="2 log heights for a key of 1"):
        rehearse(pk, [3, 3])
    with pytest.raises(sw.InputError, match="log height of 40"):
        rehearse(pk, [40])
    with pytest.raises(sw.InputError, match="no trace"):
        rehearse(pk, [None])


def test_searches_have_the_trials_that_are_expected(keccak: Plan) -> None:
    trials = total(c for c in keccak.commands if c.name.startswith("grind_")).permutations
    # Searches of five bits are the host's.
    assert trials == pytest.approx((1 << 18) + (1 << 15) + 3 * (1 << 20), rel=0.02)


def test_trees_have_the_counted_permutations(keccak: Plan, keccak_key: sw.ProvingKey) -> None:
    counted = work_of(keccak_key.vk, [KECCAK_LOG_ROWS])
    for path in (work.MERKLE, work.WHIR_MERKLE):
        assert total(keccak.by_path()[path]).permutations == pytest.approx(counted[path].perm, rel=0.01)


def test_the_budget_of_keccak(keccak: Plan) -> None:
    device_work = in_proof(keccak)
    assert device_work["dispatches"] <= 140
    assert device_work["waits"] <= 40


#: Bytes moved may be 1.6 times the least. In round 0 values on cosets pass through memory.
MOST_BYTES = {work.ROUND_0: 5.5}


def test_stages_move_little_more_than_they_must(keccak: Plan, keccak_key: sw.ProvingKey) -> None:
    least = own_work(work_of(keccak_key.vk, [KECCAK_LOG_ROWS]))
    moved = {
        path: sum(command.bytes for command in commands)
        for path, commands in keccak.by_path().items()
        if path in least and least[path].bytes
    }
    assert len(moved) == 8
    ratios = {path: count / least[path].bytes for path, count in moved.items()}
    assert all(0.95 <= ratio <= MOST_BYTES.get(path, 1.6) for path, ratio in ratios.items()), ratios
    assert sum(moved.values()) <= 1.6 * sum(least[path].bytes for path in moved)


LOGUP = """
import json, warnings
warnings.simplefilter("ignore")
import openswirl as sw
from openswirl.bench import shapes, work
from openswirl.bench.plan import rehearse
shape = shapes.logup()
print(json.dumps(rehearse(shape.pk, shape.log_heights).device_work(below=work.ROOT)))
"""


@pytest.mark.parametrize(("host_tail", "most"), [("on", 5), ("off", 40)])
def test_the_budget_of_logup(host_tail: str, most: int) -> None:
    done = subprocess.run(
        [sys.executable, "-c", LOGUP],
        env={**os.environ, "OPENSWIRL_HOST_TAIL": host_tail},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert 1 <= json.loads(done.stdout)["waits"] <= most
