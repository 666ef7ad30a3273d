"""What is refused before any work, and what the text then says: devices, keys, cases, shapes, options."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys

import openswirl as sw
import pytest
import support
from openswirl.airs import Fibonacci

MODULE = (sys.executable, "-W", "ignore", "-m", "openswirl")


def run(*arguments, **environment) -> subprocess.CompletedProcess:
    return subprocess.run(
        [*MODULE, *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
        env={**os.environ, **environment},
    )


@pytest.fixture(scope="module")
def key():
    return sw.keygen(sw.SystemParams.test_small(), [Fibonacci()], device="reference")


@pytest.fixture
def folder(tmp_path):
    shutil.copytree(support.vectors_folder() / "fib_h3", tmp_path / "case")
    return tmp_path / "case"


@pytest.mark.parametrize(("arguments", "code"), [(("prove", "fibonacci"), 0), (("prove", "nothing"), 2)])
def test_closed_standard_error(arguments, code):
    done = subprocess.run(
        ["sh", "-c", '"$@" 2>&-', "sh", *MODULE, *arguments], stdout=subprocess.PIPE, check=False, timeout=300
    )
    assert done.returncode == code
    assert (b"verified" in done.stdout) if code == 0 else (done.stdout == b"")


def test_a_key_with_a_name_that_is_not_utf8(key):
    name = key.air_names[0].encode()
    data = key.to_bytes()
    assert data.count(name) == 1
    with pytest.raises(sw.FormatError, match="name of an AIR is not UTF-8.*make the key again"):
        sw.ProvingKey.from_bytes(data.replace(name, b"\xff" * len(name)))


def test_auto_says_why_there_is_no_device():
    done = run("prove", "fibonacci", OPENSWIRL_CPU="bogus")
    assert done.returncode == 5
    assert "cpu: OPENSWIRL_CPU=bogus is not an instruction set of this machine" in done.stderr
    assert "only by name: reference" in done.stderr


@pytest.mark.parametrize("name", [None, 3, b"cpu"])
def test_a_device_is_a_text(key, name):
    trace, public_values = Fibonacci.generate_trace(0, 1, 8)
    traces = {0: sw.Trace(trace, public_values=public_values)}
    with pytest.raises(sw.InputError, match="device must be a text such as 'auto'"):
        sw.prove(key, traces, device=name)
    with pytest.raises(sw.InputError, match="device must be a text such as 'auto'"):
        sw.keygen(key.params, [Fibonacci()], device=name)
    with pytest.raises(sw.InputError, match="device must be a text such as 'auto'"):
        sw.commit(key.params, trace, device=name)


def test_long_device_names_are_cut(key):
    with pytest.raises(sw.DeviceError) as caught:
        sw.Prover(key, "x" * 5000)
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize("traces", [None, 5])
def test_traces_are_a_mapping(key, traces):
    with pytest.raises(sw.InputError, match="traces must be {AIR id: Trace}, not "):
        sw.prove(key, traces, device="reference")


@pytest.mark.parametrize("command", [("prove", "keccakf"), ("bench", "keccakf")])
@pytest.mark.parametrize(
    ("options", "text"), [((), "too large for the default"), (("--params", "app:15"), "taller than")]
)
def test_shapes_are_refused_before_their_trace_exists(command, options, text):
    """The trace would have 20 GiB."""
    done = run(*command, "--log-perms", 16, "--device", "cpu", *options)
    assert done.returncode == 2, done.stderr
    assert text in done.stderr


def test_fitting_params_agree_with_the_prover(key):
    from openswirl.cli.workloads import fitting_params

    params = key.params
    most = params.w_stack << params.log_stacked_height - 8
    assert fitting_params(params, 1 << 8, most) is params
    with pytest.raises(sw.InputError, match="stacked columns, the limit of the parameters"):
        fitting_params(params, 1 << 8, most + 1)


@pytest.mark.parametrize("command", [("prove",), ("bench", "case")])
def test_a_damaged_expected_proof_is_malformed(folder, command):
    proof = folder / "proof.bin"
    proof.write_bytes(proof.read_bytes()[:-1])
    done = run(*command, folder, "--device", "cpu")
    assert done.returncode == 3
    assert "proof.bin" in done.stderr


def test_a_case_with_the_verifying_key_of_another(folder):
    other = sw.keygen(sw.SystemParams.test_small(3, 7), [Fibonacci()])
    other.save(folder / "pk.postcard")
    with pytest.raises(sw.InputError, match="vk.postcard is not the verifying key of pk.postcard"):
        sw.cases.load(folder, "reference")


@pytest.mark.parametrize("name", ["cpu:0", "auto"])
def test_doctor_takes_what_prove_takes(name):
    done = run("doctor", "--device", name)
    assert done.returncode == 0, done.stdout
    assert "device cpu" in done.stdout
    assert "device reference" not in done.stdout


def test_doctor_says_why_nothing_is_automatic():
    done = run("doctor", "--device", "auto", OPENSWIRL_CPU="bogus")
    assert done.returncode == 5
    text = " ".join(done.stdout.split())
    assert "no device can be chosen automatically: cpu: OPENSWIRL_CPU=bogus" in text


@pytest.mark.parametrize("command", ["prove", "compare"])
@pytest.mark.parametrize("threads", [0, 4097])
def test_threads_have_a_range(command, threads):
    done = run(command, "keccakf", "--threads", threads)
    assert done.returncode == 2
    assert "1<=x<=4096" in done.stderr
    assert "None" not in done.stderr


@pytest.mark.parametrize("seconds", ["inf", "1e300", "nan", "-1"])
def test_timeouts_have_a_range(seconds):
    done = run("prove", "fibonacci", "--timeout", seconds)
    assert done.returncode == 2
    assert re.search(r"0<=x<=1000000000\b|no number from 0 to 1000000000\b", done.stderr)
    assert "None" not in done.stderr


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("prove", "fibonacci", "--log-perms", 3), "--log-perms means nothing to prove fibonacci"),
        (("prove", "fibonacci", "--seed", 0), "--seed means nothing to prove fibonacci"),
        (("prove", "keccakf", "--log-rows", 5), "--log-rows means nothing to prove keccakf"),
        (("compare", "fibonacci", "--log-perms", 9), "--log-perms means nothing to compare fibonacci"),
        (("compare", "keccakf", "--log-rows", 6), "--log-rows means nothing to compare keccakf"),
    ],
)
def test_options_that_mean_nothing(arguments, sentence):
    done = run(*arguments, "--json")
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1] == f"Error: {sentence}"
    assert done.stdout == ""


@pytest.mark.parametrize("command", ["prove", "compare"])
@pytest.mark.parametrize("option", [("--log-perms", 3), ("--log-rows", 5), ("--params", "app:11")])
def test_a_case_takes_no_options_of_circuits(folder, command, option):
    done = run(command, folder, *option)
    assert done.returncode == 2
    sentence = f"{option[0]} means nothing to {command} CASE_DIR: a case has its own key and traces"
    assert done.stderr.splitlines()[-1] == f"Error: {sentence}"


def test_files_that_cannot_be_read_are_one_sentence(tmp_path):
    for arguments in (("inspect", tmp_path / "no"), ("verify", "--vk", tmp_path / "no", "-")):
        done = run(*arguments)
        assert done.returncode == 2
        assert done.stderr == f"error: {tmp_path / 'no'}: no such file or directory\n"


def test_standard_output_is_no_target(tmp_path):
    done = run("prove", "fibonacci", "--out", "-")
    assert done.returncode == 2
    assert "must name a file" in done.stderr


def test_a_screen_without_columns():
    assert "reference" in run("devices", COLUMNS="0").stdout


def test_counts_are_singular_and_plural(key):
    assert "<VerifyingKey 1 AIR," in repr(key.vk)
    trace, _ = Fibonacci.generate_trace(0, 1, 8)
    assert repr(sw.Trace(trace[:1])) == "<Trace 1 row, 2 columns, 0 cached parts>"
