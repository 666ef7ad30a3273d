"""Reads what a benchmark of some commit wrote: as much of a benchmark file as a sweep needs, checked.

The product's own reader is not used: it knows one version of the format, and the commits may have others around it.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NoReturn

SCHEMA = 1
#: No benchmark file is longer, in bytes.
_LONGEST = 1 << 26


class FiguresError(Exception):
    """The file cannot be used; the text says why."""


def read_figures(path: Path) -> dict[str, Any]:
    """The file's object: a headline among the spans, each with a median, and a machine or none.

    Raises:
        FiguresError: no such file, no JSON, or a member that is missing or of the wrong type.
    """
    try:
        with path.open("rb") as file:
            data = file.read(_LONGEST + 1)
        if len(data) > _LONGEST:
            raise FiguresError(f"it is longer than {_LONGEST:,} bytes")
        content = json.loads(data.decode(), parse_constant=_no_number)
    except OSError as error:
        raise FiguresError(error.strerror or str(error)) from None
    except RecursionError:
        raise FiguresError("it is nested too deeply") from None
    except ValueError as error:
        raise FiguresError(f"it is no JSON: {error}") from None
    _object(content, "the content")
    version = content.get("schema")
    if isinstance(version, bool) or version != SCHEMA:
        raise FiguresError(f"schema is {version!r:.40}, must be {SCHEMA}")
    if content.get("machine") is not None:
        _object(content["machine"], "machine")
    spans = _object(content.get("spans"), "spans")
    for name, span in spans.items():
        place = f"spans.{name:.80}"
        _seconds(_object(span, place).get("median_s"), f"{place}.median_s")
        if span.get("floor_s") is not None:
            _seconds(span["floor_s"], f"{place}.floor_s")
    headline = content.get("headline")
    if not isinstance(headline, str) or headline not in spans:
        raise FiguresError("headline must name one of the spans")
    if not spans[headline]["median_s"] > 0:
        raise FiguresError(f"the headline takes {float(spans[headline]['median_s'])} s, must be more than 0")
    return content


def _no_number(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no number")


def _object(value: Any, place: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise FiguresError(f"{place} must be an object")
    return value


def _seconds(value: Any, place: str) -> None:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= 2**53:
        raise FiguresError(f"{place} must be a number from 0")
