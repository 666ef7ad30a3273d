"""``openswirl devices``, ``doctor`` and ``soundness``."""

from __future__ import annotations

import dataclasses
import os
import platform
import sys
from typing import Any

import click

import openswirl
from openswirl import _core
from openswirl.cli.options import json_option, parse_params
from openswirl.cli.output import mebibytes, print_json, print_table, printable
from openswirl.devices import Device, automatic_device, check_device_name, package_folder
from openswirl.environment import settings, unknown_variable
from openswirl.errors import Error
from openswirl.keys import VerifyingKey
from openswirl.params import SystemParams


@click.command("devices")
@json_option
def devices_command(as_json: bool) -> None:
    """List what can prove on this machine, and why the rest cannot."""
    found = openswirl.devices()
    if as_json:
        print_json([dataclasses.asdict(device) for device in found])
        return
    rows = []
    for device in found:
        memory = mebibytes(device.memory_bytes) if device.memory_bytes else ""
        rows.append(
            (device.name, "yes" if device.available else "no", memory, device.reason or device.description)
        )
    print_table("", ("device", "available", "memory", ""), rows, right=(2,))


#: Backends whose devices choose among variants of kernels.
_TUNED = ("metal", "cuda")


@click.command("doctor")
@json_option
@click.option("--device", "only", help="Test this device only: auto, NAME or NAME:INDEX.")
@click.option("--tune", is_flag=True, help="Time the variants of GPU kernels anew and remember the fastest.")
def doctor_command(as_json: bool, only: str | None, tune: bool) -> int:
    """Test every device of this machine: known answers of its kernels, and one small proof with equal bytes.

    Also names OPENSWIRL_ variables of the environment that mean nothing; a wrong value is an error of the devices that
    read it.
    """
    environment = settings()
    checks: list[dict[str, Any]] = []
    proofs: set[bytes] = set()
    # A GPU gives small rounds, searches and proofs to the host; here its kernels are what is tested.
    for switch in ("OPENSWIRL_HOST_TAIL", "OPENSWIRL_HOST_SEARCH"):
        os.environ.setdefault(switch, "off")
    if tune:
        os.environ["OPENSWIRL_TUNING"] = "again"
    for device in _chosen(only):
        if not device.available:
            # A GPU that this machine has not is no fault of it, unless it was asked for.
            absent = False if only or device.backend in ("cpu", "reference") else None
            checks.append({"check": f"device {device.name}", "ok": absent, "detail": device.reason})
            continue
        try:
            _core.self_test(device.name)
            proof = _small_proof(device.name)
            proofs.add(proof)
            ok = len(proofs) == 1
            outcome = (
                "self test and a small proof" if ok else "its proof differs from that of the device before"
            )
            detail = f"{device.description}: {outcome}"
        except Error as error:
            ok, detail = False, str(error)
        checks.append({"check": f"device {device.name}", "ok": ok, "detail": detail})
    if not checks:
        checks.append({"check": "devices", "ok": False, "detail": _missing(only)})
    try:
        cpu_kernels = _core.cpu_kernels()
    except Error as error:
        cpu_kernels = []
        checks.append({"check": "cpu kernels", "ok": False, "detail": str(error)})
    if tune and not any(device.available and device.backend in _TUNED for device in _chosen(only)):
        detail = f"no device to tune here: {' and '.join(_TUNED)} choose among variants of kernels"
        checks.append({"check": "tuning", "ok": None, "detail": detail})
    for name in environment:
        problem = unknown_variable(name)
        if problem is not None:
            checks.append({"check": "environment", "ok": None, "detail": printable(problem)})
    healthy = all(check["ok"] is not False for check in checks) and any(check["ok"] for check in checks)
    facts = {
        "version": openswirl.__version__,
        "core_build_id": _core.build_id,
        "cpu_kernels": cpu_kernels,
        "python": sys.version.split()[0],
        "platform": platform.platform(),
        "package": str(package_folder()),
        "environment": environment,
    }
    if as_json:
        print_json({"ok": healthy, **facts, "checks": checks})
    else:
        for name, value in facts.items():
            click.echo(f"{name}: {_shown(value)}")
        rows = [(check["check"], _verdict(check), check["detail"]) for check in checks]
        print_table("", ("check", "", ""), rows)
    return 0 if healthy else 5


def _shown(value: object) -> str:
    """A fact about this machine on one line."""
    if isinstance(value, dict):
        value = [f"{name}={setting}" for name, setting in value.items()] or ["nothing set"]
    return printable(", ".join(value) if isinstance(value, list) else str(value))


def _verdict(check: dict[str, Any]) -> str:
    if check["ok"] is None:
        return "warning" if check["check"] == "environment" else "not here"
    return "ok" if check["ok"] else "FAILED"


def _chosen(only: str | None) -> list[Device]:
    """The devices to test: all, those of a backend, or the one that is named."""
    found = [device for device in openswirl.devices() if device.executes]
    if only is None:
        return found
    if only == "auto":
        return [device for device in found if device.available and device.score > 0][:1]
    named = [device for device in found if only in (device.name, device.backend)]
    # The first device of a backend has the backend's name; no other one ends so.
    return named or [device for device in found if only == f"{device.name}:0"]


def _missing(only: str | None) -> str:
    """Why there is nothing to test."""
    if only is None:
        return "no backend found"
    try:
        if only == "auto":
            automatic_device()
        check_device_name(only)
    except Error as error:
        return str(error)
    return f"no device {only}; openswirl devices lists them"


def _small_proof(device: str) -> bytes:
    """A verified proof of the mixture of AIRs, which reaches every stage, as bytes."""
    import warnings

    from openswirl.airs import fixtures

    with warnings.catch_warnings():
        # The small parameters are meant for exactly this.
        warnings.simplefilter("ignore", openswirl.SecurityWarning)
        mixture = fixtures.mixture(3)
        pk = openswirl.keygen(SystemParams.test_small(2, 8, 3), mixture.airs, device=device)
        return openswirl.prove(pk, mixture.traces, device=device).to_bytes()


@click.command("soundness")
@json_option
@click.option("--params", "params_text", help="A preset: app:11 to app:24, leaf, internal, root, hook.")
@click.option("--vk", "vk_path", type=click.Path(exists=True, dir_okay=False), help="A verifying key.")
def soundness_command(as_json: bool, params_text: str | None, vk_path: str | None) -> None:
    """Bits of security of a preset with the largest circuits it assumes, or of one key."""
    if (params_text is None) == (vk_path is None):
        raise click.UsageError("give either --params or --vk")
    if params_text is not None:
        subject: SystemParams | VerifyingKey = parse_params(params_text)
    else:
        assert vk_path is not None
        subject = VerifyingKey.load(vk_path)
    report = openswirl.soundness(subject)
    if as_json:
        params = subject if isinstance(subject, SystemParams) else subject.params
        print_json({"params": params.to_dict(), **report.to_dict()})
        return
    rows = [(name, f"{bits:.4f}") for name, bits in report.components.items()]
    rows += [(f"  whir {name}", f"{bits:.4f}") for name, bits in report.whir.items()]
    rows.append(("total", f"{report.total:.4f}"))
    print_table("", ("component", "bits"), rows, right=(1,))
    rounds = [
        (str(index), f"2^-{rate}", str(queries), f"{bits:.4f}")
        for index, (rate, queries, bits) in enumerate(report.rounds)
    ]
    print_table("", ("WHIR round", "rate", "queries", "query bits"), rounds, right=(0, 2, 3))
    click.echo("for " + ", ".join(f"{name} {value}" for name, value in report.context.items()))
