"""Backend plugins: an out-of-tree one builds against the installed package and loads; wrong ones are refused."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import openswirl as sw
import pytest
import support
from openswirl import _core


def run(script: str, *arguments: str, **environment: str) -> dict:
    """Runs a script in a process of its own (loaded plugins stay) and returns the JSON it prints."""
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script), *arguments],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **environment},
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(done.stdout)


PROVE = """
    import json, sys, warnings
    warnings.simplefilter("ignore")
    import openswirl as sw
    case = sw.cases.load(sys.argv[1], "reference")
    for path in sys.argv[2:]:
        sw.load_plugin(path)
    proof = sw.prove(case.pk, case.traces, device="example")
    listed = [d.name for d in sw.devices() if d.available]
    print(json.dumps({"equal": proof.to_bytes() == case.proof_bytes, "device": proof.report.device, "listed": listed}))
"""


def test_explicit_path(plugins):
    result = run(PROVE, str(support.vectors_folder() / "cached11"), str(plugins["example"]))
    assert result["equal"]
    assert result["device"] == "example"
    assert "example" in result["listed"]


def test_environment_variable(plugins):
    result = run(
        PROVE, str(support.vectors_folder() / "fib_h3"), OPENSWIRL_PLUGIN_PATH=str(plugins["example"])
    )
    assert result["equal"]


def test_what_a_device_tells_is_heard_before_its_proof(plugins):
    script = """
        import json, logging, sys
        import openswirl as sw

        heard = []

        class Listener(logging.Handler):
            def emit(self, record):
                heard.append(f"{record.levelname} {record.getMessage()}")

        logger = logging.getLogger("openswirl.devices")
        logger.addHandler(Listener())
        logger.setLevel(logging.INFO)
        sw.load_plugin(sys.argv[2])
        case = sw.cases.load(sys.argv[1], "reference")
        sw.prove(case.pk, case.traces, device="example", progress=lambda stage, *_: heard.append(stage))
        print(json.dumps(heard))
    """
    heard = run(script, str(support.vectors_folder() / "cached11"), str(plugins["example"]))
    assert heard[0] == "INFO example borrows the reference device"
    assert heard.count(heard[0]) == 1
    assert len(heard) > 1


def test_the_command_line_says_what_a_device_tells(plugins):
    command = [sys.executable, "-m", "openswirl", "prove", "fibonacci", "--device", "example", "--json"]
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "OPENSWIRL_PLUGIN_PATH": str(plugins["example"])},
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["report"]["device"] == "example"
    assert "example borrows the reference device" in done.stderr.splitlines()


def test_entry_point(plugins, tmp_path):
    """What an installed package with an entry point of the group openswirl.backends does."""
    shutil.copytree(support.TESTS / "plugin_example" / "package", tmp_path, dirs_exist_ok=True)
    metadata = tmp_path / "openswirl_example-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: openswirl-example\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text(
        "[openswirl.backends]\nexample = openswirl_example:plugin_path\n"
    )
    path = os.pathsep.join([str(tmp_path), *filter(None, [os.environ.get("PYTHONPATH")])])
    result = run(
        PROVE,
        str(support.vectors_folder() / "fib_h3"),
        PYTHONPATH=path,
        OPENSWIRL_EXAMPLE_PLUGIN=str(plugins["example"]),
    )
    assert result["equal"]


def test_broken_entry_point_leaves_the_others(tmp_path):
    metadata = tmp_path / "openswirl_gone-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: openswirl-gone\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text("[openswirl.backends]\ngone = openswirl_gone:plugin_path\n")
    path = os.pathsep.join([str(tmp_path), *filter(None, [os.environ.get("PYTHONPATH")])])
    script = """
        import json
        import openswirl as sw
        print(json.dumps({d.name: d.reason for d in sw.devices()}))
    """
    reasons = run(script, PYTHONPATH=path)
    assert reasons["reference"] == ""
    assert "openswirl_gone" in reasons["gone"]


def test_an_entry_point_may_ask_for_devices(tmp_path):
    metadata = tmp_path / "openswirl_asks-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: openswirl-asks\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text("[openswirl.backends]\nasks = openswirl_asks:plugin_path\n")
    (tmp_path / "openswirl_asks.py").write_text(
        "import openswirl as sw\ndef plugin_path():\n    return '/no/plugin/for/%d/devices' % len(sw.devices())\n"
    )
    path = os.pathsep.join([str(tmp_path), *filter(None, [os.environ.get("PYTHONPATH")])])
    script = """
        import json
        import openswirl as sw
        print(json.dumps({d.name: d.reason for d in sw.devices()}))
    """
    reasons = run(script, PYTHONPATH=path)
    assert reasons["cpu"] == ""
    assert "/no/plugin/for/" in reasons["asks"]


def test_plugins_load_once_from_many_threads():
    script = """
        import json, os, threading, time
        import openswirl as sw
        from openswirl import _core, devices
        loaded, native = [], _core.load_plugin

        def slow(path):
            time.sleep(0.05)
            loaded.append(os.fsdecode(path))
            return native(path)

        def use(index):
            if index % 2:
                sw.devices()
            else:
                try:
                    sw.load_plugin("/no/plugin")
                except sw.DeviceError:
                    pass

        _core.load_plugin = slow
        threads = [threading.Thread(target=use, args=(index,)) for index in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        print(json.dumps(loaded))
    """
    loaded = run(script, OPENSWIRL_PLUGIN_PATH="")
    assert loaded.count("/no/plugin") == 4
    built_in = [path for path in loaded if path != "/no/plugin"]
    assert len(built_in) == len(set(built_in)) > 1


@pytest.mark.parametrize("part", ["compiler", "standard_library", "core_build_id"])
def test_wrong_abi_tag(plugins, part):
    script = """
        import json, sys
        import openswirl as sw
        try:
            sw.load_plugin(sys.argv[1])
            message = None
        except sw.DeviceError as error:
            message = str(error)
        reasons = {d.name: d.reason for d in sw.devices()}
        try:
            sw.commit(sw.SystemParams.test_small(), __import__("numpy").zeros((2, 2), "uint32"), sys.argv[2])
        except sw.DeviceError as error:
            opened = str(error)
        print(json.dumps({"message": message, "reason": reasons[sys.argv[2]], "opened": opened}))
    """
    name = f"wrong_{part}"
    result = run(script, str(plugins[name]), name)
    assert "refused" in result["message"]
    assert "'something else'" in result["message"]
    assert part.replace("_", " ") in result["message"]
    if part == "core_build_id":
        assert f"'{_core.build_id}'" in result["message"], "both values are named"
    assert "something else" in result["reason"]
    assert "not available" in result["opened"]


def test_backend_that_cannot_start(plugins):
    script = """
        import json, sys
        import openswirl as sw
        try:
            sw.load_plugin(sys.argv[1])
        except sw.DeviceError as error:
            print(json.dumps({"message": str(error), "listed": {d.name: d.reason for d in sw.devices()}}))
    """
    result = run(script, str(plugins["broken"]))
    assert "the driver is missing; install it" in result["message"]
    assert result["listed"]["broken"] == "the driver is missing; install it"


def test_second_backend_of_a_name(plugins):
    script = """
        import json, sys
        import openswirl as sw
        sw.load_plugin(sys.argv[1])
        try:
            sw.load_plugin(sys.argv[2])
        except sw.InputError as error:
            print(json.dumps({"message": str(error)}))
    """
    result = run(script, str(plugins["example"]), str(plugins["example_twin"]))
    assert "'example' is already registered" in result["message"]
    assert str(plugins["example"]) in result["message"]
    assert str(plugins["example_twin"]) in result["message"]


def test_what_is_no_plugin(plugins, tmp_path):
    with pytest.raises(sw.DeviceError, match="openswirl_plugin_info"):
        sw.load_plugin(plugins["no_plugin"])
    with pytest.raises(sw.DeviceError, match="refused"):
        sw.load_plugin(tmp_path / "missing.so")
    text = tmp_path / "text.so"
    text.write_text("no library")
    with pytest.raises(sw.DeviceError, match="refused"):
        sw.load_plugin(text)


def test_the_current_directory_never_decides(plugins, tmp_path, monkeypatch):
    shutil.copy(plugins["example"], tmp_path / "libopenswirl_example.so")
    monkeypatch.chdir(tmp_path)
    for path in ("libopenswirl_example.so", "./libopenswirl_example.so", ""):
        with pytest.raises(sw.DeviceError, match="absolute"):
            sw.load_plugin(path)
    script = """
        import json
        import openswirl as sw
        print(json.dumps([d.name for d in sw.devices()]))
    """
    assert "example" not in run(script)
    script = """
        import json
        import openswirl as sw
        print(json.dumps({d.name: d.available for d in sw.devices()}))
    """
    assert run(script, OPENSWIRL_PLUGIN_PATH="libopenswirl_example.so")["example"] is False


def test_listing():
    found = {device.name: device for device in sw.devices()}
    assert found["reference"].available
    assert found["reference"].score == 0, "auto never chooses the reference"
    assert found["cpu"].available
    assert found["cpu"].score > 0
    assert found["cpu"].memory_bytes > 0
    assert Path(found["cpu"].origin).is_file()
    scores = [device.score for device in sw.devices() if device.available]
    assert scores == sorted(scores, reverse=True)
