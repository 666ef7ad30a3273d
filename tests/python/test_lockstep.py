"""Two devices in lockstep: a message that differs is named, from Python and on the command line."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap

import pytest
import support

CASE = "mixture_h3"

#: Fault of the plugin, and where the difference lies: stage, layer, round, fold, call, element.
FAULTS = [
    ("FractionTree::next:2", "logup_gkr", 3, 1, None, "FractionTree::next", "[2]"),
    ("FractionTree::leave:1", "logup_gkr", 3, None, None, "FractionTree::leave", "q0"),
    ("ConstraintSum::first_round", "constraints", None, 0, None, "ConstraintSum::first_round", "[4]"),
    ("StackedSum::next:3", "stacked_reduction", None, 4, None, "StackedSum::next", "[1]"),
    ("Opening::next:4", "whir", None, 1, 1, "Opening::next", "[0]"),
]


def openswirl(plugins, fault: str, *arguments: str) -> subprocess.CompletedProcess:
    environment = {"OPENSWIRL_PLUGIN_PATH": str(plugins["faulty"]), "FAULTY_DEVICE_FAILS_IN": fault}
    return subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "openswirl", *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        env={**os.environ, **environment},
    )


def compare(plugins, fault: str, *options: str) -> subprocess.CompletedProcess:
    case = str(support.vectors_folder() / CASE)
    return openswirl(plugins, fault, "compare", "--devices", "reference,faulty", case, *options)


@pytest.mark.parametrize(("fault", "stage", "layer", "round", "fold", "call", "element"), FAULTS)
def test_compare_names_the_difference(plugins, fault, stage, layer, round, fold, call, element):
    done = compare(plugins, fault, "--json")
    assert done.returncode == 1, done.stderr
    result = json.loads(done.stdout)
    assert result["equal"] is False
    assert result["equals_case"] is None
    difference = result["difference"]
    values = difference.pop("values")
    assert difference == {
        "stage": stage,
        "layer": layer,
        "round": round,
        "fold": fold,
        "call": call,
        "element": element,
        "devices": ["reference", "faulty"],
    }
    # The plugin adds 1 to one element.
    first, second = ([int(coefficient) for coefficient in value.strip("()").split(",")] for value in values)
    assert [(b - a) % 2013265921 for a, b in zip(first, second, strict=True)] == [1, 0, 0, 0]


def test_compare_prints_the_difference(plugins):
    done = compare(plugins, "Opening::next:4")
    assert done.returncode == 1
    assert done.stdout.startswith(
        "different: [lockstep] reference and faulty differ in stage whir, round 1, fold 1, Opening::next, element [0]: "
    )


def test_the_backend_without_its_fault_is_equal(plugins):
    done = compare(plugins, "none", "--json")
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    assert (result["equal"], result["equals_case"], result["difference"]) == (True, True, None)


def test_difference_of_a_prover(plugins):
    script = """
        import json, sys, warnings
        warnings.simplefilter("ignore")
        import openswirl as sw
        case = sw.cases.load(sys.argv[1], "reference")
        prover = sw.Prover(case.pk, "lockstep:reference,faulty")
        before = prover.difference
        try:
            prover.prove(case.traces)
            message = None
        except sw.DeviceError as error:
            message = str(error)
        print(json.dumps({"before": before, "message": message, "difference": prover.difference}))
    """
    environment = {
        "OPENSWIRL_PLUGIN_PATH": str(plugins["faulty"]),
        "FAULTY_DEVICE_FAILS_IN": "FractionTree::next:2",
    }
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script), str(support.vectors_folder() / CASE)],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
        env={**os.environ, **environment},
    )
    result = json.loads(done.stdout)
    assert result["before"] is None
    difference = result["difference"]
    assert (difference["stage"], difference["layer"], difference["round"]) == ("logup_gkr", 3, 1)
    for text in ("logup_gkr", "layer 3", "round 1", "[2]", *difference["values"]):
        assert text in result["message"]


def test_doctor_runs_the_self_test(plugins):
    done = openswirl(plugins, "Device::self_test", "doctor", "--device", "faulty", "--json")
    assert done.returncode == 5
    result = json.loads(done.stdout)
    assert result["ok"] is False
    assert [(check["ok"], check["detail"]) for check in result["checks"]] == [
        (False, "self test of the faulty device: wrong answer")
    ]
    assert openswirl(plugins, "none", "doctor", "--device", "faulty").returncode == 0
