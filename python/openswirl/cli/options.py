"""Options that several commands have, and what their values may be."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from openswirl.cli.output import printable
from openswirl.errors import DeviceError, Error, InputError
from openswirl.params import SystemParams

Function = TypeVar("Function", bound=Callable[..., Any])

#: No device has a longer name.
_LONGEST_DEVICE = 80


def json_option(function: Function) -> Function:
    """The option ``--json``."""
    return click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")(function)


def parse_params(text: str) -> SystemParams:
    """The preset that the value of ``--params`` names.

    Raises:
        InputError: it names none.
    """
    try:
        return SystemParams.parse(text)
    except Error:
        raise
    except (ValueError, TypeError, OverflowError):
        # A number with more digits than Python or the core reads.
        raise InputError(
            f"parameters {printable(text, 80)} are none of app:11 to app:24, leaf, internal, root, hook"
        ) from None


def check_device_name(name: str) -> str:
    """The name itself.

    Raises:
        DeviceError: no device can have this name.
    """
    if len(name) > _LONGEST_DEVICE or not name.isprintable():
        raise DeviceError(f"no device {printable(name, _LONGEST_DEVICE)}")
    return name
