"""System parameters: validity, production presets, and the form of the test vectors."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from openswirl import _core
from openswirl.arguments import as_integer
from openswirl.errors import InputError

#: Bounds of part 02, 6.2; the others are checked by the core.
_TWO_ADICITY = 27
_PROXIMITY_NAMES = ("UniqueDecoding", "SplitUniqueList", "ListDecoding")


@dataclass(frozen=True)
class Proximity:
    """How far words are assumed to decode; documents the security analysis and is hashed into the key.

    Attributes:
        kind: ``"UniqueDecoding"``, ``"SplitUniqueList"`` or ``"ListDecoding"``.
        m: list multiplicity; 0 for unique decoding.
        list_start_round: first WHIR round with list decoding; ``"SplitUniqueList"`` only.

    Raises:
        InputError: another kind, or a number that is no integer from 0 to 2^64 - 1.
    """

    kind: str = "UniqueDecoding"
    m: int = 0
    list_start_round: int = 0

    def __post_init__(self) -> None:
        if self.kind not in _PROXIMITY_NAMES:
            raise InputError(f"proximity {self.kind!r} is none of {', '.join(_PROXIMITY_NAMES)}")
        _require_integer("proximity.m", self.m, 64)
        _require_integer("proximity.list_start_round", self.list_start_round, 64)


@dataclass(frozen=True)
class SystemParams:
    """The parameters of a proof system instance (protocol part 02, 6). Immutable; hashed into every key.

    Attributes:
        l_skip: log2 of the univariate skip domain.
        n_stack: boolean dimension of the stacked matrix; its height is 2^(l_skip + n_stack).
        w_stack: most stacked columns of one proof.
        log_blowup: initial rate 2^-log_blowup.
        k: variables folded per WHIR round.
        num_queries: queries of each WHIR round.
        mu_pow_bits, query_phase_pow_bits, folding_pow_bits, logup_pow_bits: proof-of-work bits.
        max_interaction_count: bound on the weighted number of interactions.
        log_max_message_length: a message has fewer than 2^this fields.
        max_constraint_degree: highest degree of a constraint.
        proximity: see :class:`Proximity`.

    Raises:
        InputError: parameters outside the bounds of part 02, 6.2, or more than 2^16 queries in a round, each of
            which puts a Merkle path into every proof; the text names the bound.
    """

    l_skip: int
    n_stack: int
    w_stack: int
    log_blowup: int
    k: int
    num_queries: tuple[int, ...]
    mu_pow_bits: int
    query_phase_pow_bits: int
    folding_pow_bits: int
    max_interaction_count: int
    log_max_message_length: int
    logup_pow_bits: int
    max_constraint_degree: int
    proximity: Proximity = field(default_factory=Proximity)

    def __post_init__(self) -> None:
        if not isinstance(self.proximity, Proximity):
            raise InputError(
                f"proximity must be a Proximity such as Proximity('ListDecoding', m=2), not "
                f"{type(self.proximity).__name__}"
            )
        object.__setattr__(self, "num_queries", _query_counts(self.num_queries))
        reason = self.native().invalid_reason()
        if reason:
            raise InputError(f"invalid system parameters: {reason}")

    @property
    def log_stacked_height(self) -> int:
        """log2 of the stacked height, the tallest trace that fits."""
        return self.l_skip + self.n_stack

    @staticmethod
    def app(log_stacked_height: int) -> SystemParams:
        """OpenVM's 100-bit parameters for circuits.

        Args:
            log_stacked_height: 11 to 24.

        Raises:
            InputError: outside that range.
        """
        height = as_integer(log_stacked_height, "the log_stacked_height of app parameters", 11, 24)
        return SystemParams.from_native(_core.SystemParams.app(height))

    @staticmethod
    def leaf() -> SystemParams:
        """OpenVM's 100-bit parameters for leaf aggregation."""
        return SystemParams.from_native(_core.SystemParams.leaf())

    @staticmethod
    def internal() -> SystemParams:
        """OpenVM's 100-bit parameters for internal aggregation."""
        return SystemParams.from_native(_core.SystemParams.internal())

    @staticmethod
    def root() -> SystemParams:
        """OpenVM's 100-bit parameters for the root of aggregation."""
        return SystemParams.from_native(_core.SystemParams.root())

    @staticmethod
    def hook() -> SystemParams:
        """OpenVM's 100-bit parameters for the hook."""
        return SystemParams.from_native(_core.SystemParams.hook())

    @staticmethod
    def test_small(l_skip: int = 2, n_stack: int = 8, k: int = 3) -> SystemParams:
        """Small parameters of about 5 bits, for tests (part 02, 6.6).

        Raises:
            InputError: sizes that are no integers from 0 to 27, or outside the bounds of part 02, 6.2.
        """
        l_skip = as_integer(l_skip, "l_skip", 0, _TWO_ADICITY)
        n_stack = as_integer(n_stack, "n_stack", 0, _TWO_ADICITY)
        k = as_integer(k, "k", 1, _TWO_ADICITY)
        return SystemParams.from_native(_core.SystemParams.test_small(l_skip, n_stack, k))

    @staticmethod
    def parse(text: str) -> SystemParams:
        """The preset that a text names: ``app:21``, ``leaf``, ``internal``, ``root`` or ``hook``.

        Raises:
            InputError: another text.
        """
        if not isinstance(text, str):
            raise InputError(f"parameters are named by a text such as 'app:21', not by {type(text).__name__}")
        name, colon, argument = text.partition(":")
        if name == "app" and argument.isascii() and argument.isdecimal() and len(argument) <= 4:
            return SystemParams.app(int(argument))
        presets = {
            "leaf": SystemParams.leaf,
            "internal": SystemParams.internal,
            "root": SystemParams.root,
            "hook": SystemParams.hook,
        }
        if name in presets and not colon:
            return presets[name]()
        raise InputError(f"parameters {text[:80]!r} are none of app:11 to app:24, leaf, internal, root, hook")

    @staticmethod
    def from_dict(data: Mapping[str, Any]) -> SystemParams:
        """Parameters from the form that ``case.json`` has under ``vk.params``.

        Raises:
            InputError: a missing field, one of the wrong type, or invalid parameters.
        """
        if not isinstance(data, Mapping):
            raise InputError(
                f"system parameters must be a dict as to_dict returns, not {type(data).__name__}"
            )
        try:
            whir, logup = data["whir"], data["logup"]
            proximity = whir["proximity"]
            if isinstance(proximity, str):
                strategy = Proximity(proximity)
            else:
                ((kind, arguments),) = proximity.items()
                strategy = Proximity(kind, arguments["m"], arguments.get("list_start_round", 0))
            return SystemParams(
                l_skip=data["l_skip"],
                n_stack=data["n_stack"],
                w_stack=data["w_stack"],
                log_blowup=data["log_blowup"],
                k=whir["k"],
                num_queries=tuple(entry["num_queries"] for entry in whir["rounds"]),
                mu_pow_bits=whir["mu_pow_bits"],
                query_phase_pow_bits=whir["query_phase_pow_bits"],
                folding_pow_bits=whir["folding_pow_bits"],
                proximity=strategy,
                max_interaction_count=logup["max_interaction_count"],
                log_max_message_length=logup["log_max_message_length"],
                logup_pow_bits=logup["pow_bits"],
                max_constraint_degree=data["max_constraint_degree"],
            )
        except KeyError as error:
            raise InputError(f"system parameters lack the field {error}") from None
        except InputError:
            raise
        except (AttributeError, TypeError, ValueError) as error:
            raise InputError(f"system parameters are not in the form that to_dict returns: {error}") from None

    def to_dict(self) -> dict[str, Any]:
        """The inverse of :meth:`from_dict`; values are JSON types."""
        strategy: str | dict[str, dict[str, int]]
        if self.proximity.kind == "UniqueDecoding":
            strategy = self.proximity.kind
        elif self.proximity.kind == "ListDecoding":
            strategy = {"ListDecoding": {"m": self.proximity.m}}
        else:
            arguments = {"m": self.proximity.m, "list_start_round": self.proximity.list_start_round}
            strategy = {"SplitUniqueList": arguments}
        return {
            "l_skip": self.l_skip,
            "n_stack": self.n_stack,
            "w_stack": self.w_stack,
            "log_blowup": self.log_blowup,
            "whir": {
                "k": self.k,
                "rounds": [{"num_queries": count} for count in self.num_queries],
                "mu_pow_bits": self.mu_pow_bits,
                "query_phase_pow_bits": self.query_phase_pow_bits,
                "folding_pow_bits": self.folding_pow_bits,
                "proximity": strategy,
            },
            "logup": {
                "max_interaction_count": self.max_interaction_count,
                "log_max_message_length": self.log_max_message_length,
                "pow_bits": self.logup_pow_bits,
            },
            "max_constraint_degree": self.max_constraint_degree,
        }

    def preset_name(self) -> str | None:
        """The production preset that these parameters are, such as ``"app:21"``; None for others."""
        if 11 <= self.log_stacked_height <= 24 and self == SystemParams.app(self.log_stacked_height):
            return f"app:{self.log_stacked_height}"
        for name in ("leaf", "internal", "root", "hook"):
            if self == SystemParams.parse(name):
                return name
        return None

    @staticmethod
    def from_native(native: _core.SystemParams) -> SystemParams:
        """From the extension's own form."""
        return SystemParams(
            l_skip=native.l_skip,
            n_stack=native.n_stack,
            w_stack=native.w_stack,
            log_blowup=native.log_blowup,
            k=native.k,
            num_queries=tuple(native.num_queries),
            mu_pow_bits=native.mu_pow_bits,
            query_phase_pow_bits=native.query_phase_pow_bits,
            folding_pow_bits=native.folding_pow_bits,
            proximity=Proximity(
                _PROXIMITY_NAMES[native.proximity], native.proximity_m, native.list_start_round
            ),
            max_interaction_count=native.max_interaction_count,
            log_max_message_length=native.log_max_message_length,
            logup_pow_bits=native.logup_pow_bits,
            max_constraint_degree=native.max_constraint_degree,
        )

    def native(self) -> _core.SystemParams:
        """The extension's own form."""
        values = {
            "l_skip": self.l_skip,
            "n_stack": self.n_stack,
            "w_stack": self.w_stack,
            "log_blowup": self.log_blowup,
            "k": self.k,
            "mu_pow_bits": self.mu_pow_bits,
            "query_phase_pow_bits": self.query_phase_pow_bits,
            "folding_pow_bits": self.folding_pow_bits,
            "logup_pow_bits": self.logup_pow_bits,
            "max_constraint_degree": self.max_constraint_degree,
        }
        for name, value in values.items():
            _require_integer(name, value, 64)
        for name, value in (
            ("max_interaction_count", self.max_interaction_count),
            ("log_max_message_length", self.log_max_message_length),
        ):
            _require_integer(name, value, 32)
        return _core.SystemParams(
            l_skip=self.l_skip,
            n_stack=self.n_stack,
            w_stack=self.w_stack,
            log_blowup=self.log_blowup,
            k=self.k,
            num_queries=list(self.num_queries),
            mu_pow_bits=self.mu_pow_bits,
            query_phase_pow_bits=self.query_phase_pow_bits,
            folding_pow_bits=self.folding_pow_bits,
            proximity=_PROXIMITY_NAMES.index(self.proximity.kind),
            proximity_m=self.proximity.m,
            list_start_round=self.proximity.list_start_round,
            max_interaction_count=self.max_interaction_count,
            log_max_message_length=self.log_max_message_length,
            logup_pow_bits=self.logup_pow_bits,
            max_constraint_degree=self.max_constraint_degree,
        )


def _require_integer(name: str, value: object, bits: int) -> None:
    if isinstance(value, bool) or not isinstance(value, int):
        raise InputError(f"system parameter {name} = {value!r} is not an integer from 0 to 2^{bits} - 1")
    if not 0 <= value < 2**bits:
        # Not the value itself, which may have too many digits to be written.
        raise InputError(f"system parameter {name} is outside the range 0 to 2^{bits} - 1")


def _query_counts(counts: object) -> tuple[int, ...]:
    if isinstance(counts, (str, bytes)) or not isinstance(counts, Iterable):
        raise InputError(f"num_queries must be a list with one integer per WHIR round, not {counts!r}")
    taken = tuple(itertools.islice(counts, _TWO_ADICITY + 1))
    if len(taken) > _TWO_ADICITY:
        raise InputError(f"num_queries has more than {_TWO_ADICITY} entries, one per WHIR round")
    for count in taken:
        _require_integer("num_queries", count, 64)
    return taken
