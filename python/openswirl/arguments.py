"""Checks of plain arguments, the same wherever one is taken."""

from __future__ import annotations

import operator

import numpy as np

from openswirl.errors import InputError


def as_integer(value: object, what: str, low: int = 0, high: int | None = None, hint: str = "") -> int:
    """Any integer, numpy's included, as an int; never a bool or a float.

    Args:
        value: what was given.
        what: what it is, for the error.
        low, high: the range, both included.
        hint: what else may be given, such as ``", or None"``.

    Raises:
        InputError: no integer, or outside the range.
    """
    limits = f"from {low}" if high is None else f"from {low} to {high}"
    if isinstance(value, (bool, np.bool_)):
        raise _no_integer(what, value, limits + hint)
    try:
        number = operator.index(value)  # type: ignore[arg-type]
    except TypeError:
        raise _no_integer(what, value, limits + hint) from None
    if number < low or (high is not None and number > high):
        raise _no_integer(what, value, limits + hint)
    return number


def _no_integer(what: str, value: object, limits: str) -> InputError:
    try:
        shown = repr(value)
    except ValueError:  # Python refuses to write integers of thousands of digits
        shown = "far outside"
    return InputError(f"{what} is {shown}, must be an integer {limits}")
