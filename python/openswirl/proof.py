"""Proofs: the encoding of OpenVM, and what can be read from one without its key."""

from __future__ import annotations

import functools
from typing import NamedTuple

from openswirl import _core
from openswirl.errors import FormatError
from openswirl.profiling import Report
from openswirl.storage import Encoded, as_bytes

#: A hash: 8 canonical field elements.
Digest = tuple[int, ...]


class Commitments(NamedTuple):
    """The commitments in a proof to its main traces.

    Attributes:
        common: of all common parts together.
        cached: per AIR id, of its cached parts; empty for an absent AIR.
    """

    common: Digest
    cached: tuple[tuple[Digest, ...], ...]


class Proof(Encoded):
    """A proof that traces satisfying a key exist, for its own public values. Immutable and thread-safe.

    Attributes:
        report: how it was made, a :class:`openswirl.profiling.Report`; None for a proof read from bytes.
    """

    __slots__ = ("__dict__", "_native", "report")

    def __init__(self, native: _core.Proof, report: Report | None = None) -> None:
        """Not for users: proofs come from :func:`openswirl.prove`, :meth:`from_bytes` and :meth:`load`."""
        self._native = native
        self.report = report

    @property
    def native(self) -> _core.Proof:
        """The extension's own form."""
        return self._native

    @classmethod
    def from_bytes(cls, data: bytes) -> Proof:
        """Reads a proof (codec version 3). Needs no key; says nothing about validity.

        Raises:
            FormatError: not exactly one canonical encoding; ``.offset`` says where.
        """
        return cls(_core.Proof.from_bytes(as_bytes(data, "a proof")))

    def to_bytes(self) -> bytes:
        """The binary encoding, codec version 3."""
        return self._native.to_bytes()

    @functools.cached_property
    def public_values(self) -> tuple[tuple[int, ...], ...]:
        """Per AIR id, its public values (canonical); empty for an absent AIR."""
        return tuple(tuple(values) for values in self._native.public_values)

    @functools.cached_property
    def heights(self) -> tuple[int | None, ...]:
        """Per AIR id, the rows of its trace; None for an absent AIR.

        Raises:
            FormatError: the proof, which no verifier would accept, claims a height beyond 2^63.
        """
        logs = self.log_heights
        for air_id, log in enumerate(logs):
            if log is not None and log > 63:
                raise FormatError(f"AIR {air_id} claims a height of 2^{log}")
        return tuple(None if log is None else 1 << log for log in logs)

    @functools.cached_property
    def log_heights(self) -> tuple[int | None, ...]:
        """Per AIR id, log2 of the rows of its trace; None for an absent AIR."""
        return tuple(self._native.log_heights)

    @functools.cached_property
    def commitments(self) -> Commitments:
        """The commitments to the main traces."""
        return Commitments(
            tuple(self._native.common_main_commit),
            tuple(tuple(tuple(digest) for digest in air) for air in self._native.cached_commitments),
        )

    def section_sizes(self) -> dict[str, int]:
        """Bytes of the encoding by section, in order; they add up to ``len(proof.to_bytes())``."""
        return dict(self._native.section_sizes())

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Proof):
            return NotImplemented
        return self._native.equals(other._native)

    __hash__ = Encoded.__hash__

    def __repr__(self) -> str:
        heights = ", ".join("absent" if log is None else f"2^{log}" for log in self.log_heights[:8])
        more = ", ..." if len(self.log_heights) > 8 else ""
        return f"<Proof heights [{heights}{more}]>"
