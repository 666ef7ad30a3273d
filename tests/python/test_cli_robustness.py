"""The command line against hostile input and surroundings: one line and the right exit code, never a traceback."""

from __future__ import annotations

import json
import os
import shutil
import signal
import struct
import subprocess
import sys
from pathlib import Path

import openswirl as sw
import pytest
import support

MODULE = (sys.executable, "-W", "ignore", "-m", "openswirl")


def run(*arguments, stdin: bytes = b"", **options) -> subprocess.CompletedProcess:
    return subprocess.run(
        [*MODULE, *map(str, arguments)],
        **({"input": stdin, "capture_output": True, "check": False, "timeout": 300} | options),
    )


def fails(code: int, *arguments, **options) -> str:
    """The one line with which a command fails."""
    done = run(*arguments, **options)
    text = done.stderr.decode()
    assert done.returncode == code, text
    assert "Traceback" not in text
    assert text.count("\n") == 1, text
    return text


@pytest.fixture
def damaged(tmp_path) -> Path:
    """A small case that may be damaged."""
    folder = tmp_path / "case"
    shutil.copytree(support.vectors_folder() / "fib_h3", folder)
    (folder / "pk.postcard").unlink(missing_ok=True)
    return folder


def change(damaged: Path, edit) -> None:
    description = json.loads((damaged / "case.json").read_text())
    edit(description)
    (damaged / "case.json").write_text(json.dumps(description))


def npy(shape: str, data: bytes = b"", descr: str = "<u4") -> bytes:
    header = f"{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}".encode()
    header = header.ljust(117) + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header + data


def test_the_case_fixture_is_sound(damaged):
    assert sw.cases.load(damaged, "reference").proof_bytes == support.case_file("fib_h3", "proof.bin")
    (damaged / "air0_common.npy").write_bytes(npy("(2, 1)", bytes(8)))
    assert sw.cases.load(damaged, "reference").traces[0].common.shape == (2, 1)


@pytest.mark.parametrize(
    "text", [b"\xff\xfe{}", b"[" * 100_000, b"", b"[]", b'{"traces": ' + b"9" * 5000 + b"}"]
)
def test_a_case_file_that_is_no_json_object(damaged, text):
    (damaged / "case.json").write_bytes(text)
    with pytest.raises(sw.FormatError):
        sw.cases.load(damaged, "reference")


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (lambda d: d.update(traces=5), "traces must be a list"),
        (lambda d: d.update(traces=[5]), "traces[0] must be an object"),
        (lambda d: d.pop("traces"), "traces is missing"),
        (lambda d: d["traces"][0].update(air_id="0"), "traces[0].air_id must be an integer"),
        (lambda d: d["traces"][0].update(air_id=True), "traces[0].air_id must be an integer"),
        (lambda d: d["traces"][0].pop("public_values"), "traces[0].public_values is missing"),
        (lambda d: d["traces"].append(d["traces"][0]), "two traces of AIR 0"),
        (lambda d: d.update(vk=[]), "vk must be an object"),
        (lambda d: d["vk"].update(airs=[None]), "vk.airs[0] must be an object"),
        (lambda d: d["vk"].update(airs=[]), "vk.airs has 0 entries"),
        (lambda d: d["vk"]["airs"][0].update(name=7), "vk.airs[0].name must be a string"),
        (lambda d: d["vk"]["airs"][0].update(name="\ud800"), "vk.airs[0].name"),
    ],
)
def test_a_case_file_with_wrong_types_names_the_key(damaged, edit, message):
    change(damaged, edit)
    with pytest.raises((sw.FormatError, sw.InputError)) as raised:
        sw.cases.load(damaged, "reference")
    assert message in str(raised.value)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"junk",
        npy("(4398046511104, 4)"),
        npy("(-1, 2)"),
        npy("(8, 2)", bytes(63)),
        npy("(" * 50),
        npy("(1, 1)", b"\x80\x04N.", descr="|O"),
    ],
)
def test_arrays_that_are_none(damaged, content):
    (damaged / "air0_common.npy").write_bytes(content)
    with pytest.raises(sw.FormatError, match="air0_common.npy is no array file"):
        sw.cases.load(damaged, "reference")


def test_files_that_are_no_regular_files(damaged):
    (damaged / "air0_common.npy").unlink()
    os.mkfifo(damaged / "air0_common.npy")
    with pytest.raises(sw.InputError, match="no file air0_common.npy"):
        sw.cases.load(damaged, "reference")


def test_damaged_cases_at_the_command_line(damaged):
    (damaged / "case.json").write_bytes(b"\xff")
    assert "not UTF-8" in fails(3, "prove", damaged)
    (damaged / "case.json").write_bytes(support.case_file("fib_h3", "case.json"))
    (damaged / "air0_common.npy").write_bytes(b"")
    assert "no array file" in fails(3, "prove", damaged, "--device", "reference")


def test_names_in_keys(tmp_path):
    key = support.case_file("fib_h3", "pk.postcard") if _has_key() else _made_key()
    name = b"FibonacciAir" if b"FibonacciAir" in key else b"Fibonacci"
    for new, shown in ((b"\x1b[2J[/]\r\n", r"\x1b[2J"), (b"\xc2\x9b31m[red]", r"\x9b31m[red]")):
        text = run("inspect", "-", stdin=key.replace(name, new.ljust(len(name), b"x")[: len(name)]))
        assert text.returncode == 0
        assert shown[:4] in text.stdout.decode()
        assert b"\x1b" not in text.stdout
        assert b"\xc2\x9b" not in text.stdout
    assert "not UTF-8" in fails(3, "inspect", "-", stdin=key.replace(name, b"\xff" * len(name)))


def _has_key() -> bool:
    return (support.vectors_folder() / "fib_h3" / "pk.postcard").is_file()


def _made_key() -> bytes:
    from openswirl.airs import Fibonacci

    return sw.keygen(sw.SystemParams.test_small(), [Fibonacci()], device="reference").to_bytes()


def test_printable():
    from openswirl.cli.output import printable

    assert printable("plain é") == "plain é"
    assert printable("\x1b]0;x\x07\n\u202e\udc80") == r"\x1b]0;x\x07\x0a\u202e\udc80"
    assert printable("x" * 100, 80) == "x" * 80 + "..."


def test_long_and_unreadable_arguments():
    assert len(fails(2, "soundness", "--params", "app:" + "9" * 5000)) < 300
    assert len(fails(5, "prove", "fibonacci", "--device", "x" * 5000)) < 300
    assert len(fails(5, "compare", "--devices", f"{'x' * 5000},cpu", "fibonacci")) < 300
    assert "\\x1b" in fails(5, "prove", "fibonacci", "--device", "\x1b[2J")
    assert "\x1b" not in run("doctor", "--device", "\x1b[2J").stdout.decode()


def test_junk_is_neither_a_proof_nor_a_key():
    text = fails(3, "inspect", "-", stdin=b"garbage")
    assert text.startswith("error: neither a proof nor a key: as a proof, ")
    assert "as a verifying key, " in text
    proof = support.case_file("fib_h3", "proof.bin")
    error = json.loads(run("inspect", "-", "--json", stdin=proof[:-1]).stdout)["error"]
    assert len(proof) - 40 < error["offset"] <= len(proof), "that of the proof"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full")
@pytest.mark.parametrize(
    "arguments", [("devices", "--json"), ("devices",), ("--help",), ("inspect", "-", "--json")]
)
def test_a_full_disk_as_standard_output(arguments):
    with open("/dev/full", "wb") as full:
        options = {"capture_output": False, "stdout": full, "stderr": subprocess.PIPE}
        code = 3 if "inspect" in arguments else 2
        fails(code, *arguments, **options)


@pytest.mark.parametrize(
    "arguments", [("devices",), ("doctor", "--json"), ("--help",), ("prove", "fibonacci", "--out", "proof")]
)
def test_closed_standard_output(tmp_path, arguments):
    done = subprocess.run(
        ["sh", "-c", 'exec "$@" >&-', "sh", *MODULE, *arguments],
        stderr=subprocess.PIPE,
        check=False,
        cwd=tmp_path,
    )
    assert done.returncode == 2
    assert done.stderr == b"error: standard output is closed\n"
    assert list(tmp_path.iterdir()) == [], "refused before any work"


@pytest.mark.parametrize("arguments", [("devices",), ("devices", "--json"), ("--help",)])
def test_a_reader_that_leaves(arguments):
    reading, writing = os.pipe()
    os.close(reading)
    try:
        options = {"capture_output": False, "stdout": writing, "stderr": subprocess.PIPE}
        done = run(*arguments, **options)
    finally:
        os.close(writing)
    assert done.returncode == 141
    assert done.stderr == b""


def test_closed_standard_input(tmp_path):
    (tmp_path / "vk").write_bytes(support.case_file("fib_h3", "vk.postcard"))
    script = f'exec "$@" verify --vk "{tmp_path}/vk" - <&-'
    done = subprocess.run(["sh", "-c", script, "sh", *MODULE], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr == "error: standard input is closed\n"


@pytest.mark.parametrize("debug", ["", "1"])
def test_internal_errors(debug):
    script = (
        "import sys, openswirl.cli as c; from openswirl.cli import info\n"
        "info.openswirl.devices = lambda: 1 // 0\n"
        "sys.exit(c.main(['devices']))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "OPENSWIRL_DEBUG": debug},
    )
    assert done.returncode == 5
    assert done.stdout == ""
    assert done.stderr.splitlines()[-1].startswith("internal error: ZeroDivisionError: ")
    assert ("Traceback" in done.stderr) == bool(debug)
    assert done.stderr.count("\n") == 1 or debug


@pytest.mark.parametrize("arguments", [(), ("--json",)])
def test_ctrl_c_during_the_imports(tmp_path, arguments):
    """A package that is interrupted while it is imported stands in for the moment of the key press."""
    (tmp_path / "openswirl").mkdir()
    (tmp_path / "openswirl" / "__init__.py").write_text(
        "import os, signal\nos.kill(os.getpid(), signal.SIGINT)\nraise ImportError('went on')\n"
    )
    script = "import sys, _openswirl_command; sys.path.insert(0, sys.argv.pop(1)); sys.exit(_openswirl_command.main())"
    done = subprocess.run(
        [sys.executable, "-c", script, tmp_path, "prove", "fibonacci", *arguments],
        capture_output=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (130, b"", b"interrupted\n")


def test_ctrl_c_as_json():
    script = (
        "import os, signal, sys, openswirl, openswirl.cli as c\n"
        "openswirl.devices = lambda: os.kill(os.getpid(), signal.SIGINT)\n"
        "sys.exit(c.main(['devices', '--json']))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (130, b"")
    assert json.loads(done.stdout) == {"error": {"type": "Cancelled", "message": "interrupted"}}


def test_ctrl_c_while_the_console_command_ends():
    """What ends with the interpreter would print a traceback of its own."""
    script = (
        "import atexit, os, signal, sys, _openswirl_command as c\n"
        "atexit.register(lambda: os.kill(os.getpid(), signal.SIGINT))\n"
        "sys.argv[1:] = ['--version']; sys.exit(c.main())"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (-signal.SIGINT, b"")
    assert b"openswirl" in done.stdout


def test_the_console_command_leaves_ctrl_c_to_others():
    """Ignored, as in the background of a shell, it stays so."""
    script = (
        "import signal, sys, _openswirl_command as c; signal.signal(signal.SIGINT, signal.SIG_IGN)\n"
        "sys.argv[1:] = ['--version']; c.main()\n"
        "assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN"
    )
    assert b"openswirl" in subprocess.check_output([sys.executable, "-c", script])


def test_the_console_command_imports_little_before_it_watches():
    import _openswirl_command

    folder = Path(_openswirl_command.__file__).parent.parent
    script = (
        f"import os, sys; sys.path.append({str(folder)!r}); had = set(sys.modules)\n"
        "import _openswirl_command; print(*sorted(set(sys.modules) - had))"
    )
    imported = subprocess.check_output([sys.executable, "-I", "-S", "-c", script], text=True)
    assert imported.split() == ["__future__", "_openswirl_command"]


BENCH = ("bench", "keccakf", "--log-perms", "6", "--runs", "99")


@pytest.mark.parametrize(
    ("moment", "command"),
    [(0, BENCH), (0.1, BENCH), (0.2, BENCH), (0.5, BENCH), (0, ("doctor",)), (0.1, ("doctor",))],
)
def test_ctrl_c_at_any_moment(moment, command):
    """From when the console command watches for it, before which only the interpreter starts."""
    script = (
        "import os, signal, sys, threading, _openswirl_command as c\n"
        "def first(*arguments):\n"
        "    c.signal = signal.signal\n"
        "    signal.signal(*arguments)\n"
        f"    threading.Timer({moment}, os.kill, (os.getpid(), signal.SIGINT)).start()\n"
        "c.signal = first\n"
        "sys.exit(c.main())"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, *command], capture_output=True, check=False, timeout=120
    )
    assert (done.returncode, done.stdout, done.stderr) == (130, b"", b"interrupted\n")


def refused(*arguments) -> str:
    """The usage error of a proof that never began: it would fail otherwise, with another exit code."""
    done = run("prove", "fibonacci", "--timeout", "0", "--device", "reference", *arguments)
    assert done.returncode == 2, done.stderr.decode()
    assert done.stdout == b""
    return done.stderr.decode().splitlines()[-1]


@pytest.mark.parametrize("option", ["--out", "--vk-out", "--profile"])
def test_output_paths_are_checked_before_the_work(tmp_path, option):
    assert "must name a file" in refused(option, "")
    assert "directory" in refused(option, tmp_path)
    assert "no folder" in refused(option, tmp_path / "none" / "out")
    assert "is a folder" in refused(option, f"{tmp_path}/out/")
    assert refused(option, tmp_path / ("x" * 250)).endswith("File name too long")
    os.mkfifo(tmp_path / "pipe")
    assert "no regular file" in refused(option, tmp_path / "pipe")
    (tmp_path / "link").symlink_to("pipe")
    assert "no regular file" in refused(option, tmp_path / "link")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["link", "pipe"]


def test_a_current_folder_that_is_gone(tmp_path):
    (tmp_path / "gone").mkdir()
    script = 'cd "$1" && rmdir "$1" && shift && exec "$@" prove fibonacci --out proof'
    done = subprocess.run(
        ["sh", "-c", script, "sh", tmp_path / "gone", *MODULE], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1] == "Error: --out 'proof': No such file or directory"


def test_warnings_as_errors():
    command = [sys.executable, "-W", "error", "-m", "openswirl", "bench", "logup", "--runs", "1"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr.startswith("error: these parameters give 5.2 bits of security")


def test_output_paths_differ(tmp_path):
    (tmp_path / "link").symlink_to("out")
    text = refused("--out", tmp_path / "out", "--vk-out", tmp_path / "link")
    assert "--out and --vk-out are the same file" in text
    assert "--out and --profile" in refused("--out", tmp_path / "out", "--profile", f"{tmp_path}/./out")


def test_a_failed_write_names_the_path_given(tmp_path):
    key = sw.VerifyingKey.from_bytes(support.case_file("fib_h3", "vk.postcard"))
    for name in ("none/vk", "x" * 256, "."):
        with pytest.raises(OSError) as raised:  # noqa: PT011
            key.save(tmp_path / name)
        assert raised.value.filename == str(tmp_path / name)
        assert isinstance(raised.value, FileNotFoundError) == (name == "none/vk")


def test_saving_replaces_regular_files_only(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to("pipe")
    key = sw.VerifyingKey.from_bytes(support.case_file("fib_h3", "vk.postcard"))
    for name in ("pipe", "link", "."):
        with pytest.raises(OSError, match="not a regular file"):
            key.save(tmp_path / name)
    assert (tmp_path / "pipe").is_fifo()
    assert (tmp_path / "link").is_symlink()
    key.save(tmp_path / "vk")
    key.save(tmp_path / "vk")
    assert sw.VerifyingKey.load(tmp_path / "vk") == key


def test_security_warnings_are_plain_lines(damaged):
    done = subprocess.run(
        [sys.executable, "-m", "openswirl", "prove", damaged, "--device", "reference"],
        capture_output=True,
        text=True,
        check=False,
        env={name: value for name, value in os.environ.items() if name != "PYTHONWARNINGS"},
    )
    assert done.returncode == 0
    assert done.stderr
    for line in done.stderr.splitlines():
        assert line.startswith("warning: ")
        assert ".py" not in line


@pytest.mark.parametrize("variable", ["OPENSWIRL_CPU", "OPENSWIRL_SIM_ORDER", "OPENSWIRL_PLUGIN_PATH"])
def test_variables_of_any_bytes_are_shown_escaped(variable):
    environment = {**os.environb, variable.encode(): b"/\xff"}
    done = subprocess.run(
        [sys.executable, "-m", "openswirl", "devices", "--json"],
        capture_output=True,
        check=False,
        env=environment,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    reasons = [device["reason"] for device in json.loads(done.stdout)]
    assert any(r"/\xff" in reason for reason in reasons) or rb"/\xff" in done.stderr
