"""Checks of plain arguments, the same wherever one is taken."""

from __future__ import annotations

import numbers
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
        raise _refused(what, value, "an integer", limits + hint)
    try:
        number = operator.index(value)  # type: ignore[arg-type]
    except TypeError:
        raise _refused(what, value, "an integer", limits + hint) from None
    if number < low or (high is not None and number > high):
        raise _refused(what, value, "an integer", limits + hint)
    return number


def as_seconds(value: object, what: str, high: int, hint: str = "") -> float:
    """Any real number from 0, numpy's included, as a float; never a bool.

    Args:
        value: what was given.
        what: what it is, for the error.
        high: the most seconds.
        hint: what else may be given, such as ``", or None"``.

    Raises:
        InputError: no number, or outside the range.
    """
    is_number = isinstance(value, numbers.Real) and not isinstance(value, bool)
    if not (is_number and 0 <= value <= high):  # type: ignore[operator]
        raise _refused(what, value, "seconds", f"from 0 to {high}{hint}")
    return float(value)  # type: ignore[arg-type]


def _refused(what: str, value: object, kind: str, limits: str) -> InputError:
    try:
        shown = repr(value)
    except ValueError:  # Python refuses to write integers of thousands of digits
        shown = "far outside"
    return InputError(f"{what} is {shown}, must be {kind} {limits}")
