"""Verifying and proving keys in OpenVM's postcard encoding."""

from __future__ import annotations

import functools
from dataclasses import dataclass

from openswirl import _core
from openswirl.errors import FormatError
from openswirl.params import SystemParams
from openswirl.storage import Encoded, as_bytes
from openswirl.wording import counted


@dataclass(frozen=True)
class AirInfo:
    """What a key says about one AIR.

    Attributes:
        preprocessed_width: columns of the preprocessed trace, or None.
        preprocessed_log_height: log2 of its rows, or None; the AIR's traces then have this height.
        cached_widths: columns of each cached part.
        common_width: columns of the common part.
        num_public_values: how many public values a trace brings.
        num_constraints, num_interactions, num_nodes: sizes of the constraint DAG.
        degree: highest degree of a constraint.
        needs_rotation: whether a constraint reads the next row.
        is_required: whether every proof must contain it.
        buses: the buses of its interactions, ascending.
        num_multiplications, num_additions: operations of one evaluation of the DAG, subtractions and negations among
            the additions.
        message_lengths: fields of the message of every interaction.
    """

    preprocessed_width: int | None
    preprocessed_log_height: int | None
    cached_widths: tuple[int, ...]
    common_width: int
    num_public_values: int
    num_constraints: int
    num_interactions: int
    num_nodes: int
    degree: int
    needs_rotation: bool
    is_required: bool
    buses: tuple[int, ...]
    num_multiplications: int
    num_additions: int
    message_lengths: tuple[int, ...]

    @property
    def total_width(self) -> int:
        """Columns of all parts."""
        return (self.preprocessed_width or 0) + sum(self.cached_widths) + self.common_width


class VerifyingKey(Encoded):
    """What a verifier needs to know of a circuit. Immutable and thread-safe."""

    __slots__ = ("__dict__", "_native")

    def __init__(self, native: _core.VerifyingKey) -> None:
        """Not for users: keys come from :func:`openswirl.keygen`, :meth:`from_bytes` and :meth:`load`."""
        self._native = native

    @property
    def native(self) -> _core.VerifyingKey:
        """The extension's own form."""
        return self._native

    @classmethod
    def from_bytes(cls, data: bytes) -> VerifyingKey:
        """Reads a key in OpenVM's postcard form; the pre-hash is recomputed.

        Raises:
            FormatError: not a key, or its pre-hash is not the hash of its content; ``.offset`` says where.
        """
        return cls(_core.VerifyingKey.from_bytes(as_bytes(data, "a verifying key")))

    def to_bytes(self) -> bytes:
        """OpenVM's postcard form."""
        return self._native.to_bytes()

    @functools.cached_property
    def params(self) -> SystemParams:
        """The system parameters that the key was made with."""
        return SystemParams.from_native(self._native.params)

    @functools.cached_property
    def pre_hash(self) -> tuple[int, ...]:
        """The hash that identifies the key: 8 canonical field elements."""
        return tuple(self._native.pre_hash)

    @functools.cached_property
    def airs(self) -> tuple[AirInfo, ...]:
        """One entry per AIR id."""
        return tuple(
            AirInfo(
                preprocessed_width=air.preprocessed_width,
                preprocessed_log_height=air.preprocessed_log_height,
                cached_widths=tuple(air.cached_widths),
                common_width=air.common_width,
                num_public_values=air.num_public_values,
                num_constraints=air.num_constraints,
                num_interactions=air.num_interactions,
                num_nodes=air.num_nodes,
                degree=air.degree,
                needs_rotation=air.need_rot,
                is_required=air.is_required,
                buses=tuple(air.buses),
                num_multiplications=air.num_multiplications,
                num_additions=air.num_additions,
                message_lengths=tuple(air.message_lengths),
            )
            for air in self._native.airs
        )

    def section_sizes(self) -> dict[str, int]:
        """Bytes of the encoding by section, in order; they add up to ``len(vk.to_bytes())``."""
        return dict(self._native.section_sizes())

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, VerifyingKey):
            return NotImplemented
        return self._native.equals(other._native)

    def __hash__(self) -> int:
        return hash(self.pre_hash)

    def __repr__(self) -> str:
        digest = " ".join(f"{value:08x}" for value in self.pre_hash[:2])
        return f"<VerifyingKey {counted(len(self.airs), 'AIR')}, pre_hash {digest} ...>"


class ProvingKey(Encoded):
    """A verifying key with the commitments of the preprocessed traces. Immutable and thread-safe."""

    __slots__ = ("__dict__", "_native")

    def __init__(self, native: _core.ProvingKey) -> None:
        """Not for users: keys come from :func:`openswirl.keygen`, :meth:`from_bytes` and :meth:`load`."""
        self._native = native

    @property
    def native(self) -> _core.ProvingKey:
        """The extension's own form."""
        return self._native

    @classmethod
    def from_bytes(cls, data: bytes) -> ProvingKey:
        """Reads a key in OpenVM's postcard form.

        The pre-hash is recomputed, and so is every layer of a Merkle tree above its lowest, up to the root in
        the verifying key. The lowest layer is not hashed again from the preprocessed traces: of the stacked
        matrices and codewords only the shape is checked, and a key with other values in them makes proofs
        that do not verify.

        Raises:
            FormatError: not a key, parts of it do not belong together, or the name of an AIR is not UTF-8;
                ``.offset`` says where, and is None for a name.
        """
        key = cls(_core.ProvingKey.from_bytes(as_bytes(data, "a proving key")))
        try:
            _ = key.air_names
        except UnicodeDecodeError as error:
            raise FormatError(
                f"proving key: the name of an AIR is not UTF-8 ({error.reason} at its byte {error.start}); "
                "make the key again with names that are"
            ) from None
        return key

    def to_bytes(self) -> bytes:
        """OpenVM's postcard form. Source lines of constraints are not part of it."""
        return self._native.to_bytes()

    @functools.cached_property
    def vk(self) -> VerifyingKey:
        """The verifying key."""
        return VerifyingKey(self._native.vk)

    @property
    def params(self) -> SystemParams:
        """The system parameters that the key was made with."""
        return self.vk.params

    @functools.cached_property
    def air_names(self) -> tuple[str, ...]:
        """Display name of each AIR, not part of the verifying key."""
        return tuple(self._native.air_names)

    def __hash__(self) -> int:
        return hash(self.vk)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, ProvingKey):
            return NotImplemented
        return self.vk == other.vk and self.to_bytes() == other.to_bytes()

    def __repr__(self) -> str:
        return f"<ProvingKey {', '.join(self.air_names)}>"
