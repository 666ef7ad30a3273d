"""Devices: what can prove on this machine, and the plugins that provide it."""

from __future__ import annotations

import logging
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from openswirl import _core
from openswirl.errors import DeviceError, Error, InputError

_log = logging.getLogger("openswirl.devices")
# Held while plugins load, so that nobody sees half of them; an entry point may ask for devices while it is loaded.
_loading = threading.RLock()
_begun: set[str] = set()

#: Group of entry points through which installed packages offer backends: functions that return a plugin's path.
ENTRY_POINT_GROUP = "openswirl.backends"
#: Environment variable with plugin paths, separated as in PATH.
PLUGIN_PATH_VARIABLE = "OPENSWIRL_PLUGIN_PATH"

#: Why a device that executes nothing is not available.
PLANS_ONLY = "executes nothing, plans proofs for openswirl bench --model"
#: No device has a longer name; lockstep takes two.
_LONGEST_NAME = 80
_LOCKSTEP = "lockstep:"


@dataclass(frozen=True)
class Device:
    """One device, or one backend that has none here.

    Attributes:
        name: what ``device=`` takes, such as ``"cpu"``.
        backend: name of the backend.
        available: whether it can prove now.
        reason: why not; empty if available.
        description: hardware in words.
        memory_bytes: memory it can use, 0 if unknown.
        unified_memory: whether host memory is device memory.
        score: rank for ``device="auto"``; 0 is never chosen automatically.
        origin: path of the plugin.
        executes: False for ``null``, which only plans proofs and is never available for one.
    """

    name: str
    backend: str
    available: bool
    reason: str
    description: str
    memory_bytes: int
    unified_memory: bool
    score: int
    origin: str
    executes: bool = True


def package_folder() -> Path:
    """The folder of the compiled parts: core library, plugins, headers, CMake package."""
    return Path(_core.__file__).resolve().parent


def cmake_dir() -> Path:
    """The folder with openswirl-config.cmake, for building backend plugins against this installation.

    Raises:
        DeviceError: this installation has no headers.
    """
    folder = package_folder() / "cmake"
    if not folder.is_dir():
        raise DeviceError(f"no CMake package in {folder}; install openswirl from its wheel or source")
    return folder


def load_plugin(path: str | os.PathLike[str]) -> str:
    """Loads a backend plugin and returns its name.

    Args:
        path: the shared library. A relative path is refused, so that the current directory never decides what runs.

    Raises:
        DeviceError: it does not load, was built for another core or compiler, or its backend cannot start.
        InputError: a backend of that name is loaded already.
    """
    with _loading:
        _load_builtin_plugins()
        return _core.load_plugin(os.fsencode(path))


def _first_time(what: str) -> bool:
    """Whether this has not begun before; asked with the lock held."""
    first = what not in _begun
    _begun.add(what)
    return first


def _load_builtin_plugins() -> None:
    """Loads the plugins of the package folder, once."""
    if not _first_time("built-in"):
        return
    for folder in _library_folders():
        _core.add_library_folder(os.fsencode(folder))
    for path in sorted((package_folder() / "backends").glob("libopenswirl_*.so")):
        name = path.name.removeprefix("libopenswirl_").removesuffix(".so")
        _try_load(path, name)


def _library_folders() -> list[str]:
    """Where packages of NVIDIA have their libraries: the compiler of kernels is one of them."""
    # Absolute ones only: the current directory never decides what runs.
    packages = [Path(path) for path in sys.path if os.path.isabs(path)]
    return [str(folder) for package in packages for folder in sorted(package.glob("nvidia/*/lib"))]


def _load_all_plugins() -> None:
    """Loads the built-in plugins and those that the environment and installed packages offer, once."""
    if not _first_time("all"):
        return
    # Imported only here: it would take a good part of the package's import time.
    from importlib import metadata

    _load_builtin_plugins()
    for text in os.environ.get(PLUGIN_PATH_VARIABLE, "").split(os.pathsep):
        if text:
            _try_load(Path(text), Path(text).name.removeprefix("libopenswirl_").split(".")[0])
    for entry in metadata.entry_points(group=ENTRY_POINT_GROUP):
        try:
            path = Path(os.fspath(entry.load()()))
        except Exception as error:
            # A broken third-party package must not take the other devices with it.
            _log.warning("backend entry point %s failed: %s", entry.name, error)
            _core.add_unavailable_backend(entry.name, f"its entry point failed: {error}", entry.value)
            continue
        _try_load(path, entry.name)


def _try_load(path: Path, name: str) -> None:
    try:
        _core.load_plugin(os.fsencode(path))
    except InputError as error:
        _log.warning("%s", error)
    except Error as error:
        _log.warning("%s", error)
        _core.add_unavailable_backend(_as_text(name), str(error), _as_text(path))


def _as_text(path: str | Path) -> str:
    """A path or a part of one, of which not all is text, for people."""
    return os.fsencode(path).decode(errors="backslashreplace")


def ensure_loaded() -> None:
    """Loads every plugin that can be found; called before a device is opened."""
    with _loading:
        _load_all_plugins()


def devices() -> list[Device]:
    """Every device, best first, then the backends that are not available with the reason, and last what only plans."""
    ensure_loaded()
    found = [
        Device(
            name=entry.device or entry.backend,
            backend=entry.backend,
            available=entry.executes and not entry.unavailable_reason,
            reason=entry.unavailable_reason or ("" if entry.executes else PLANS_ONLY),
            description=entry.description,
            memory_bytes=entry.memory_bytes,
            unified_memory=entry.unified_memory,
            score=entry.score,
            origin=entry.origin,
            executes=entry.executes,
        )
        for entry in _core.devices()
    ]
    return sorted(found, key=lambda device: not device.executes)


def check_device_name(device: object) -> str:
    """The name itself.

    Raises:
        InputError: no text.
        DeviceError: no device can have this name; the text shows its beginning.
    """
    if not isinstance(device, str):
        shown = repr(device) if device is None or isinstance(device, (bool, float)) else type(device).__name__
        raise InputError(
            f"device must be a text such as 'auto', 'cpu' or 'cpu:0', not {shown}; openswirl.devices() lists them"
        )
    names = device.removeprefix(_LOCKSTEP).split(",") if device.startswith(_LOCKSTEP) else [device]
    if len(names) > 2 or not all(len(name) <= _LONGEST_NAME and name.isprintable() for name in names):
        shown = ascii(device[:_LONGEST_NAME])[1:-1] + ("..." if len(device) > _LONGEST_NAME else "")
        raise DeviceError(f"no device {shown}; openswirl.devices() lists them")
    return device


def automatic_device() -> Device:
    """The device that ``"auto"`` is here.

    Raises:
        DeviceError: there is none; the text says why each backend cannot prove, and what can be named instead.
    """
    found = devices()
    for device in found:
        if device.available and device.score > 0:
            return device
    reasons = "; ".join(
        f"{device.name}: {device.reason}" for device in found if device.executes and not device.available
    )
    usable = ", ".join(device.name for device in found if device.available)
    remedy = f"; only by name: {usable}" if usable else ""
    raise DeviceError(f"no device can be chosen automatically: {reasons or 'no backend found'}{remedy}")


@contextmanager
def opened(device: object) -> Iterator[str]:
    """The checked name of a device for a call that opens it; every plugin is loaded.

    Raises:
        InputError, DeviceError: as :func:`check_device_name` and :func:`automatic_device`.
    """
    name = check_device_name(device)
    ensure_loaded()
    try:
        yield name
    except DeviceError:
        if name == "auto":
            automatic_device()
        raise
    finally:
        _core.tell_notices()
