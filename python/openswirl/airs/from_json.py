"""AIRs given by their constraint DAG in the JSON form of the test vectors (tests/vectors/README.md, 2)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from openswirl._core import AirBuilder, AirDefinition
from openswirl.air import Air
from openswirl.errors import FormatError, KeygenError
from openswirl.trace import Matrix


class JsonAir(Air):
    """An AIR without code: its DAG is taken as it is."""

    def __init__(self, entry: Mapping[str, Any], preprocessed: Matrix | None = None) -> None:
        """See :func:`air_from_json`."""
        try:
            self.name = str(entry["name"])
            self.common_width = entry["common_width"]
            self.cached_widths = tuple(entry["cached_widths"])
            self.num_public_values = entry["num_public_values"]
            width = entry["preprocessed_width"]
            self._dag = (entry["nodes"], entry["constraint_idx"], entry["interactions"])
            self._degree = entry.get("max_constraint_degree")
        except (KeyError, TypeError) as error:
            raise FormatError(
                f"an AIR in JSON form lacks a field or has one of the wrong type: {error!r}"
            ) from None
        found = None if preprocessed is None else preprocessed.shape[-1]
        if width != found:
            raise KeygenError(
                f'AIR "{self.name}" has {width} preprocessed columns, the array given has {found}'
            )
        self._preprocessed = preprocessed

    def preprocessed(self) -> Matrix | None:
        return self._preprocessed

    def eval(self, builder: AirBuilder) -> None:
        """Records nothing: the DAG is not made from code."""

    def definition(self) -> AirDefinition:
        nodes, constraint_idx, interactions = self._dag
        try:
            return super().definition().with_dag(nodes, constraint_idx, interactions, self._degree)
        except TypeError as error:
            if isinstance(error, KeygenError):
                raise
            raise FormatError(
                f'AIR "{self.name}": nodes, constraint_idx or interactions are malformed'
            ) from None


def air_from_json(entry: Mapping[str, Any], preprocessed: Matrix | None = None) -> JsonAir:
    """The AIR of one entry of ``vk.airs`` in a ``case.json``.

    Args:
        entry: the object with ``name``, widths, ``nodes``, ``constraint_idx`` and ``interactions``. Derived
            fields (``need_rot``, ``unused_variables``, ...) are not read.
        preprocessed: the preprocessed trace, uint32 [rows, columns], if ``preprocessed_width`` is set.

    Raises:
        FormatError: a field that is missing or of the wrong type.
        KeygenError: no preprocessed trace of the declared width; later, from key generation, a malformed DAG.
    """
    return JsonAir(entry, preprocessed)


def air_to_json(air: Air) -> dict[str, Any]:
    """The inverse: what ``vk.airs`` says of this AIR, but for the preprocessed commitment."""
    definition = air.definition()
    return {
        "name": definition.name,
        "preprocessed_width": definition.preprocessed_width,
        "cached_widths": list(definition.cached_widths),
        "common_width": definition.common_width,
        "num_public_values": definition.num_public_values,
        "need_rot": definition.need_rot,
        "max_constraint_degree": definition.degree,
        "nodes": definition.nodes(),
        "constraint_idx": list(definition.constraint_idx),
        "interactions": definition.interactions(),
        "unused_variables": definition.unused_variables(),
    }
