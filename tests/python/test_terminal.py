"""The command line at a terminal and in a pipe: progress, Ctrl-C, and where errors go."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
import time

import pytest
import support

pty = pytest.importorskip("pty")


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-W", "ignore", "-m", "openswirl", *arguments]


class Terminal:
    """A command whose standard error is a terminal."""

    def __init__(self, *arguments: str) -> None:
        self.master, slave = pty.openpty()
        self.process = subprocess.Popen(
            command(*arguments),
            stdout=subprocess.PIPE,
            stderr=slave,
            env={**os.environ, "TERM": "xterm", "COLUMNS": "120"},
        )
        os.close(slave)
        self.seen = b""

    def read(self, seconds: float) -> bool:
        """Takes in what is there; False once the command has closed its end or the time is over."""
        if not select.select([self.master], [], [], seconds)[0]:
            return False
        try:
            data = os.read(self.master, 1 << 16)
        except OSError:  # Linux's way to say that the other end is closed
            return False
        self.seen += data
        return bool(data)

    def read_until(self, text: bytes, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while text not in self.seen:
            assert self.read(deadline - time.monotonic()), self.seen.decode()

    def __enter__(self) -> Terminal:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()
        os.close(self.master)


def test_progress_on_a_terminal():
    with Terminal("prove", "fibonacci", "--device", "reference") as terminal:
        while terminal.read(60):
            pass
        output = terminal.process.stdout.read()
        assert terminal.process.wait(timeout=60) == 0
    text = terminal.seen.decode()
    assert "%" in text
    assert "━" in text, "a bar"
    assert "whir" in text, "the stages"
    assert b"verified" in output
    assert b"%\r" not in output
    assert b"\x1b" not in output


def test_progress_of_a_benchmark():
    with Terminal("bench", "logup", "--runs", "2", "--device", "reference") as terminal:
        while terminal.read(60):
            pass
        output = terminal.process.stdout.read()
        assert terminal.process.wait(timeout=60) == 0
    text = terminal.seen.decode()
    for step in ("━", "warm-up 1", "run 2"):
        assert step in text
    assert b"median ms" in output
    assert b"\x1b" not in output


def test_no_progress_in_a_pipe_or_with_json():
    done = subprocess.run(command("prove", "fibonacci", "--device", "cpu"), capture_output=True, check=True)
    assert done.stderr == b""
    assert b"\x1b" not in done.stdout
    with Terminal("prove", "fibonacci", "--device", "cpu", "--json") as terminal:
        while terminal.read(60):
            pass
        assert json.loads(terminal.process.stdout.read())["verified"]
    assert terminal.seen == b""


def test_ctrl_c_ends_a_proof():
    # Many seconds of work; the bar appears when the proof begins.
    with Terminal("prove", "keccakf", "--log-perms", "7", "--threads", "1", "--device", "cpu") as terminal:
        terminal.read_until(b"%", 60)
        time.sleep(0.3)
        assert terminal.process.poll() is None
        sent = time.perf_counter()
        terminal.process.send_signal(signal.SIGINT)
        while terminal.read(5):
            pass
        assert terminal.process.wait(timeout=5) == 130
        assert time.perf_counter() - sent < 1.0
        assert terminal.process.stdout.read() == b""
    assert b"interrupted" in terminal.seen
    assert b"Traceback" not in terminal.seen


@pytest.mark.parametrize(
    ("arguments", "code", "kind"),
    [
        (("prove", "fibonacci", "--params", "tiny"), 2, "InputError"),
        (("prove", "fibonacci", "--device", "nope"), 5, "DeviceError"),
        (("prove", "fibonacci", "--timeout", "0", "--device", "reference"), 130, "Timeout"),
        (("inspect", "-"), 3, "FormatError"),
        (("soundness", "--params", "tiny"), 2, "InputError"),
        (("compare", "--devices", "reference,nope", "fibonacci"), 5, "DeviceError"),
        (("verify", "--vk", "missing", "missing"), 2, "FileNotFoundError"),
    ],
)
def test_errors_as_json(arguments, code, kind):
    done = subprocess.run(command(*arguments, "--json"), input=b"garbage", capture_output=True, check=False)
    assert done.returncode == code
    assert json.loads(done.stdout)["error"]["type"] == kind
    assert done.stderr == b""


@pytest.mark.parametrize(
    "arguments",
    [
        ("prove", "nothing"),
        ("prove",),
        ("prove", "fibonacci", "--bogus"),
        ("verify", "proof"),
        ("soundness",),
        ("compare", "--devices", "reference", "fibonacci"),
    ],
)
def test_usage_errors_leave_standard_output_empty(arguments):
    """How to call a command is for people, also with --json: text on standard error, nothing to parse."""
    done = subprocess.run(command(*arguments, "--json"), capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith("Usage: openswirl ")


def test_rejection_as_json():
    folder = support.vectors_folder() / "fib_h3"
    done = subprocess.run(
        command("verify", "--vk", str(folder / "vk.postcard"), "-", "--public-values", "0=0,1,22", "--json"),
        input=(folder / "proof.bin").read_bytes(),
        capture_output=True,
        check=False,
    )
    assert done.returncode == 1
    assert json.loads(done.stdout)["check"] == "PublicValuesMismatch"
