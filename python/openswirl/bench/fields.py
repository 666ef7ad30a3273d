"""Members of a JSON object from elsewhere, each of the type that it must have."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, NoReturn

from openswirl.errors import FormatError

_LARGEST_INTEGER = 2**53
#: Names are shown up to here.
_LONGEST_NAME = 200


def reject_constant(constant: str) -> NoReturn:
    """For ``json.loads(parse_constant=)``: NaN and the infinities are no JSON."""
    raise ValueError(f"{constant} is no JSON number")


def check_values(content: Any, file: str) -> None:
    """Looks at every value, also those whose meaning only their writer knows.

    Raises:
        FormatError: a number beyond the range of a double, or half a surrogate pair in a text or a name: neither could
            be written again.
    """
    left = [("the content", content)]
    while left:
        place, value = left.pop()
        if isinstance(value, dict):
            for name in value:
                if not _encodable(name):
                    raise FormatError(f"{file}: {place} has a name with half a surrogate pair")
            prefix = "" if place == "the content" else f"{place}."
            left += [(f"{prefix}{name[:_LONGEST_NAME]}", entry) for name, entry in value.items()]
        elif isinstance(value, list):
            left += [(f"{place}[{index}]", entry) for index, entry in enumerate(value)]
        elif isinstance(value, str) and not _encodable(value):
            raise FormatError(f"{file}: {place} has half a surrogate pair")
        elif isinstance(value, float) and not math.isfinite(value):
            raise FormatError(f"{file}: {place} is beyond the range of a double")


def _encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


class Fields:
    """One object of a file, and its place there.

    Args:
        value: what the file has at that place.
        file: name of the file.
        place: members that lead to the object, such as ``machine``; empty for the whole file.

    Raises:
        FormatError: it is no object.
    """

    def __init__(self, value: Any, file: str, place: str = "") -> None:
        self._file = file
        self._place = place
        if not isinstance(value, dict):
            raise self.error("", "must be an object")
        self.members: Mapping[str, Any] = value

    def error(self, name: str, problem: str) -> FormatError:
        """For a member, or for the object: where it stands and what is wrong with it."""
        where = self._at(name) or "the content"
        return FormatError(f"{self._file}: {where} {problem}")

    def _at(self, name: str) -> str:
        name = name if len(name) <= _LONGEST_NAME else name[:_LONGEST_NAME] + "..."
        return f"{self._place}.{name}" if self._place and name else self._place or name

    def _get(self, name: str) -> Any:
        if name not in self.members:
            raise self.error(name, "is missing")
        return self.members[name]

    def text(self, name: str) -> str:
        """A text."""
        value = self._get(name)
        if not isinstance(value, str):
            raise self.error(name, "must be a text")
        return value

    def optional_text(self, name: str) -> str | None:
        """A text, or null."""
        return None if self._get(name) is None else self.text(name)

    def texts(self, name: str) -> list[str]:
        """A list of texts."""
        value = self._get(name)
        if not isinstance(value, list) or not all(isinstance(entry, str) for entry in value):
            raise self.error(name, "must be a list of texts")
        return value

    def integer(self, name: str, low: int) -> int:
        """An integer from ``low``."""
        value = self._get(name)
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= _LARGEST_INTEGER:
            raise self.error(name, f"must be an integer from {low} to 2^53")
        return value

    def optional_integer(self, name: str, low: int) -> int | None:
        """An integer from ``low``, or null."""
        return None if self._get(name) is None else self.integer(name, low)

    def number(self, name: str) -> float:
        """A number from 0."""
        value = self._get(name)
        if (
            isinstance(value, bool)
            or not isinstance(value, (int, float))
            or not 0 <= value <= _LARGEST_INTEGER
        ):
            raise self.error(name, "must be a number from 0")
        return float(value)

    def optional_number(self, name: str) -> float | None:
        """A number from 0, or null."""
        return None if self._get(name) is None else self.number(name)

    def object(self, name: str) -> Fields:
        """An object."""
        return Fields(self._get(name), self._file, self._at(name))

    def optional_object(self, name: str) -> Fields | None:
        """An object, or null."""
        return None if self._get(name) is None else self.object(name)

    def objects(self, name: str) -> list[Fields]:
        """A list of objects."""
        value = self._get(name)
        if not isinstance(value, list):
            raise self.error(name, "must be a list of objects")
        return [Fields(entry, self._file, self._at(f"{name}[{index}]")) for index, entry in enumerate(value)]
