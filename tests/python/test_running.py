"""Long calls: progress, cancel, timeout, Ctrl-C, threads; each ends within half a second and frees its buffers."""

from __future__ import annotations

import functools
import logging
import os
import re
import signal
import subprocess
import sys
import textwrap
import threading
import time

import numpy as np
import openswirl as sw
import pytest
import support
from openswirl.airs import Fibonacci

#: Seconds between asking and the call's end. An idle machine needs far fewer; the rest is room for a busy one.
PROMPT = 0.5


@pytest.fixture(scope="module")
def long_job():
    """A proof that takes many seconds on any device: 2^17 rows and 30 bits of proof of work."""
    params = sw.SystemParams.test_small(2, 15, 3).to_dict()
    params["whir"]["mu_pow_bits"] = 30
    pk = sw.keygen(sw.SystemParams.from_dict(params), [Fibonacci()])
    trace, public_values = Fibonacci.generate_trace(0, 1, 1 << 17)
    return pk, {0: sw.Trace(trace, public_values=public_values)}


def after(seconds, action):
    timer = threading.Timer(seconds, action)
    timer.start()
    return timer


@pytest.mark.parametrize("delay", [0.0, 0.05, 0.3, 0.8])
def test_cancel(long_job, device, delay):
    pk, traces = long_job
    token = sw.CancelToken()
    asked = []
    after(delay, lambda: (asked.append(time.perf_counter()), token.cancel()))
    with pytest.raises(sw.Cancelled):
        sw.prove(pk, traces, device=device, cancel=token)
    assert time.perf_counter() - asked[0] < PROMPT
    assert token.cancelled
    with pytest.raises(sw.Cancelled):
        sw.prove(pk, traces, device=device, cancel=token)


@pytest.mark.parametrize("seconds", [0, 0.02, 0.3, 0.8])
def test_timeout(long_job, device, seconds):
    pk, traces = long_job
    began = time.perf_counter()
    with pytest.raises(sw.Timeout):
        sw.prove(pk, traces, device=device, timeout=seconds)
    assert time.perf_counter() - began < seconds + PROMPT


def test_a_timeout_that_suffices_changes_nothing(device):
    loaded = support.load_case("fib_h3")
    assert sw.prove(loaded.pk, loaded.traces, device=device, timeout=60).to_bytes() == loaded.proof_bytes


def test_progress(device):
    loaded = support.load_case("mixture_h3")
    seen = []
    thread = threading.get_ident()
    big = support.load_case("keccakf_2")
    for case in (loaded, big):
        proof = sw.prove(
            case.pk,
            case.traces,
            device=device,
            progress=lambda stage, round, fraction: seen.append(
                (stage, round, fraction, threading.get_ident())
            ),
        )
        assert proof.to_bytes() == case.proof_bytes
    assert seen, "called at least once"
    assert all(isinstance(stage, str) and stage for stage, *_ in seen)
    assert all(0.0 <= fraction <= 1.0 for _, _, fraction, _ in seen)
    assert {caller for *_, caller in seen} == {thread}


def test_progress_of_a_long_job_advances(long_job, device):
    pk, traces = long_job
    seen = []
    with pytest.raises(sw.Timeout):
        sw.prove(pk, traces, device=device, timeout=1.0, progress=lambda *call: seen.append(call))
    fractions = [fraction for _, _, fraction in seen]
    assert fractions
    assert fractions == sorted(fractions)


def test_an_exception_of_the_callback_ends_the_call(long_job, device):
    pk, traces = long_job
    raised = []

    def progress(stage, round, fraction):
        raised.append(time.perf_counter())
        raise ZeroDivisionError("from the callback")

    with pytest.raises(ZeroDivisionError, match="from the callback"):
        sw.prove(pk, traces, device=device, progress=progress)
    assert time.perf_counter() - raised[0] < PROMPT
    assert len(raised) == 1


def test_the_gil_is_released(long_job, device):
    pk, traces = long_job
    counted = []

    def count():
        end = time.perf_counter() + 0.4
        ticks = 0
        while time.perf_counter() < end:
            ticks += 1
            time.sleep(0.001)
        counted.append(ticks)

    thread = threading.Thread(target=count)
    thread.start()
    with pytest.raises(sw.Timeout):
        sw.prove(pk, traces, device=device, timeout=0.6)
    thread.join()
    assert counted[0] > 40


def test_two_proofs_at_once(device):
    loaded = support.load_case("mixture_h3")
    prover = sw.Prover(loaded.pk, device, threads=1)
    proofs = [b"", b""]

    def work(index):
        for _ in range(5):
            proofs[index] = prover.prove(loaded.traces).to_bytes()

    threads = [threading.Thread(target=work, args=(index,)) for index in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert proofs == [loaded.proof_bytes] * 2


INTERRUPTED = textwrap.dedent(
    """
    import sys, time, warnings
    warnings.simplefilter("ignore")
    import openswirl as sw
    from openswirl.airs import Fibonacci
    params = sw.SystemParams.test_small(2, 15, 3).to_dict()
    params["whir"]["mu_pow_bits"] = 30
    pk = sw.keygen(sw.SystemParams.from_dict(params), [Fibonacci()])
    trace, public_values = Fibonacci.generate_trace(0, 1, 1 << 17)
    traces = {0: sw.Trace(trace, public_values=public_values)}
    print("ready", flush=True)
    try:
        sw.prove(pk, traces, device=sys.argv[1])
    except KeyboardInterrupt:
        print("interrupted", flush=True)
    """
)


def test_ctrl_c(device):
    process = subprocess.Popen(
        [sys.executable, "-c", INTERRUPTED, device], stdout=subprocess.PIPE, text=True, env=os.environ
    )
    try:
        assert process.stdout.readline() == "ready\n"
        time.sleep(0.7)
        sent = time.perf_counter()
        process.send_signal(signal.SIGINT)
        assert process.stdout.readline() == "interrupted\n"
        assert time.perf_counter() - sent < PROMPT
        assert process.wait(timeout=10) == 0
    finally:
        process.kill()
        process.stdout.close()


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def resident() -> int:
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


@pytest.mark.thorough
def test_buffers_are_freed_after_a_cancel(long_job, device):
    """Also while the exception, whose traceback holds the frames of the call, is still at hand."""
    pk, traces = long_job
    prover = sw.Prover(pk, device)
    kept: list[BaseException] = []

    def cancelled_proofs(rounds: int) -> None:
        for _ in range(rounds):
            for prove in (functools.partial(sw.prove, pk, device=device), prover.prove):
                with pytest.raises(sw.Timeout) as caught:
                    prove(traces=traces, timeout=0.3)
                kept.append(caught.value)

    cancelled_proofs(1)  # what the allocator keeps for the threads of a call, it keeps from here on
    before = resident()
    cancelled_proofs(4)
    assert len(kept) == 10
    assert resident() - before < 16 << 20


def test_keygen_commit_and_check_take_the_options(device):
    token = sw.CancelToken()
    token.cancel()
    loaded = support.load_case("cached11")
    big = np.zeros((1 << 15, 64), np.uint32)
    params = sw.SystemParams.test_small(2, 13, 3)
    with pytest.raises(sw.Cancelled):
        sw.commit(params, big, device, cancel=token)
    with pytest.raises(sw.Timeout):
        sw.commit(params, big, device, timeout=0)
    assert sw.check(loaded.pk, loaded.traces, threads=1, timeout=60).ok


def test_logging_is_standard_and_quiet_by_default(device, caplog, capfd):
    loaded = support.load_case("fib_h3")
    with caplog.at_level(logging.INFO, logger="openswirl"):
        sw.prove(loaded.pk, loaded.traces, device=device)
    assert any("proved 1 trace on" in record.message for record in caplog.records)
    assert all(record.name.startswith("openswirl") for record in caplog.records)
    assert not logging.getLogger("openswirl").handlers
    assert capfd.readouterr() == ("", "")


LIMITED = textwrap.dedent(
    """
    import resource, sys, threading, warnings
    warnings.simplefilter("ignore")
    import openswirl as sw
    from openswirl.airs import Fibonacci
    pk = sw.keygen(sw.SystemParams.test_small(2, 8, 3), [Fibonacci()])
    trace, public_values = Fibonacci.generate_trace(0, 1, 1 << 10)
    traces = {0: sw.Trace(trace, public_values=public_values)}
    sw.prove(pk, traces, "cpu", threads=1)
    for _ in range(8):  # takes the stacks that ended threads left for reuse
        threading.Thread(target=threading.Event().wait, daemon=True).start()
    with open("/proc/self/statm") as file:
        used = int(file.read().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + int(sys.argv[1]), resource.RLIM_INFINITY))
    try:
        sw.Prover(pk, "cpu", threads=int(sys.argv[2])).prove(traces)
    except sw.OutOfMemory as error:
        print(error)
    """
)


@pytest.mark.skipif(sys.platform != "linux", reason="limits the address space")
@pytest.mark.parametrize(
    ("room", "threads", "text"),
    [
        (200 << 20, 4096, "cannot start 4095 worker threads.*fewer"),
        (1 << 20, 1, "cannot start a thread for the call"),
    ],
)
def test_no_room_for_threads_is_out_of_memory(room, threads, text):
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, str(room), str(threads)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert re.search(text, done.stdout), done.stdout


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_forked_child_proves(device):
    loaded = support.load_case("fib_h3")
    prover = sw.Prover(loaded.pk, device)
    assert prover.prove(loaded.traces).to_bytes() == loaded.proof_bytes
    child = os.fork()
    if child == 0:
        code = 1
        try:
            code = 0 if prover.prove(loaded.traces).to_bytes() == loaded.proof_bytes else 2
        finally:
            os._exit(code)
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 0


@pytest.mark.parametrize("call", ["prove", "check", "keygen", "commit", "verify"])
def test_daemon_threads_do_not_abort_the_exit(call):
    """A daemon thread inside a call when the interpreter ends: the call is cancelled, the process ends quietly."""
    script = """
        import sys, threading, time, warnings
        import numpy as np, openswirl as sw
        from openswirl.airs import KeccakF
        warnings.simplefilter("ignore")
        params = sw.SystemParams.app(16)
        pk = sw.keygen(params, [KeccakF()])
        trace = KeccakF.generate_trace(np.zeros((20, 25), np.uint64))
        proof = sw.prove(pk, {0: sw.Trace(trace)}, verify_after=False) if sys.argv[1] == "verify" else None
        calls = {
            "prove": lambda: sw.prove(pk, {0: sw.Trace(trace)}),
            "check": lambda: sw.check(pk, {0: sw.Trace(trace)}),
            "keygen": lambda: sw.keygen(params, [KeccakF()]),
            "commit": lambda: sw.commit(params, trace),
            "verify": lambda: sw.verify(pk.vk, proof),
        }
        def loop():
            while True:
                calls[sys.argv[1]]()
        threading.Thread(target=loop, daemon=True).start()
        time.sleep(0.3)
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script), call],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr


def test_cancelled_before_the_start(device):
    loaded = support.load_case("fib_h3")
    cancel = sw.CancelToken()
    cancel.cancel()
    calls = [
        lambda: sw.prove(loaded.pk, loaded.traces, device=device, cancel=cancel),
        lambda: sw.Prover(loaded.pk, device, cancel=cancel),
        lambda: sw.check(loaded.pk, loaded.traces, cancel=cancel),
        lambda: sw.commit(loaded.pk.params, loaded.traces[0].common, device, cancel=cancel),
    ]
    for call in calls:
        with pytest.raises(sw.Cancelled):
            call()


def test_a_callback_that_cancels_gets_no_proof(device):
    loaded = support.load_case("fib_h3")
    cancel = sw.CancelToken()
    with pytest.raises(sw.Cancelled):
        sw.prove(loaded.pk, loaded.traces, device=device, cancel=cancel, progress=lambda *_: cancel.cancel())
