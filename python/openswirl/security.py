"""Bits of security: the soundness report of parameters or a key, and the warnings that follow from it."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, field
from typing import Any

from openswirl import _core
from openswirl.errors import InputError, SecurityWarning
from openswirl.keys import ProvingKey, VerifyingKey
from openswirl.params import SystemParams

#: Below this a key is used only with a warning.
TARGET_BITS = 100.0


@dataclass(frozen=True)
class Assumptions:
    """The largest circuits that a production preset is analysed for (protocol part 02, 6.5)."""

    constraints_per_air: int
    airs: int
    interactions_per_air: int
    columns: int
    log_height: int


@dataclass(frozen=True)
class SoundnessReport:
    """Bits of round-by-round security (protocol part 02, 7).

    Attributes:
        total: the minimum of all components.
        components: bits of each component, by name.
        whir: details of the WHIR component, by name; minima over its rounds.
        rounds: per WHIR round, log2 of the inverse rate, queries, bits of the queries alone.
        context: the sizes that the bounds were taken for, by name.
    """

    total: float
    components: dict[str, float]
    whir: dict[str, float]
    rounds: list[tuple[int, int, float]] = field(default_factory=list)
    context: dict[str, int] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Everything as JSON values; None stands for a component without bound."""

        def finite(values: dict[str, float]) -> dict[str, float | None]:
            return {name: None if bits == float("inf") else bits for name, bits in values.items()}

        rounds = [
            {"log_inv_rate": rate, "num_queries": queries, "query_bits": bits}
            for rate, queries, bits in self.rounds
        ]
        return {
            "total": self.total,
            "components": finite(self.components),
            "whir": finite(self.whir),
            "rounds": rounds,
            "context": self.context,
        }


def assumptions(preset: str) -> Assumptions:
    """What a preset, named as by :meth:`SystemParams.preset_name`, assumes.

    Raises:
        InputError: no preset has this name.
    """
    if not isinstance(preset, str) or SystemParams.parse(preset).preset_name() != preset:
        raise InputError(f"{preset!r} is no preset; the names are those of SystemParams.preset_name()")
    if preset.startswith("app:"):
        return Assumptions(5000, 100, 1000, 30000, int(preset.removeprefix("app:")))
    log_height = {"leaf": 20, "internal": 19, "root": 20, "hook": 20}[preset]
    return Assumptions(1000, 50, 100, 2000, log_height)


def soundness(subject: SystemParams | VerifyingKey) -> SoundnessReport:
    """The security of a key, or of parameters with the largest circuits that their preset assumes.

    Raises:
        InputError: neither of both, parameters of no preset (give a key instead), or a key for which no bound
            is defined.
    """
    if isinstance(subject, VerifyingKey):
        context = _core.SoundnessContext.of_key(subject.native)
        params = subject.params
    elif not isinstance(subject, SystemParams):
        hint = "; give its .vk" if isinstance(subject, ProvingKey) else ""
        raise InputError(
            f"soundness takes a VerifyingKey or SystemParams, not {type(subject).__name__}{hint}"
        )
    else:
        params = subject
        preset = params.preset_name()
        if preset is None:
            raise InputError("these parameters are no production preset; give a verifying key instead")
        context = _preset_context(params, assumptions(preset))
    components, whir, rounds = _core.soundness(params.native(), context)
    named = dict(components)
    names = (
        "max_constraints_per_air",
        "num_airs",
        "max_constraint_degree",
        "max_log_height",
        "num_columns",
        "num_stacked_columns",
        "n_logup",
    )
    return SoundnessReport(
        total=named.pop("total"),
        components=named,
        whir=dict(whir),
        rounds=list(rounds),
        context={name: getattr(context, name) for name in names},
    )


def _ceil_log2(value: int) -> int:
    return (value - 1).bit_length()


def _preset_context(params: SystemParams, limits: Assumptions) -> _core.SoundnessContext:
    interactions = _ceil_log2(limits.airs) + _ceil_log2(limits.interactions_per_air) + limits.log_height
    return _core.SoundnessContext(
        max_constraints_per_air=limits.constraints_per_air,
        num_airs=limits.airs,
        max_constraint_degree=params.max_constraint_degree,
        max_log_height=limits.log_height,
        num_columns=limits.columns,
        num_stacked_columns=params.w_stack,
        n_logup=min(_ceil_log2(params.max_interaction_count), interactions) - params.l_skip,
    )


def security_concerns(vk: VerifyingKey) -> list[str]:
    """Sentences about a key with less than 100 bits, or beyond what its preset assumes; empty if all is well."""
    concerns = []
    try:
        bits = soundness(vk).total
        if bits < TARGET_BITS:
            concerns.append(
                f"these parameters give {bits:.1f} bits of security for this key, below {TARGET_BITS:.0f}"
            )
    except InputError as error:
        concerns.append(f"the security of this key cannot be computed: {error}")
    preset = vk.params.preset_name()
    if preset is not None:
        limits = assumptions(preset)
        sizes = {
            "AIRs": (len(vk.airs), limits.airs),
            "columns": (sum(air.total_width for air in vk.airs), limits.columns),
            "interactions in one AIR": (
                max(air.num_interactions for air in vk.airs),
                limits.interactions_per_air,
            ),
            "constraints in one AIR": (
                max(air.num_constraints for air in vk.airs),
                limits.constraints_per_air,
            ),
        }
        for what, (size, limit) in sizes.items():
            if size > limit:
                concerns.append(
                    f"the key has {size} {what}; the analysis of preset {preset} assumes at most {limit}"
                )
    return concerns


def warn_about(vk: VerifyingKey, stacklevel: int) -> None:
    """Issues a SecurityWarning for each concern, once per key object."""
    if vk.__dict__.get("_concerns_told"):
        return
    vk.__dict__["_concerns_told"] = True
    for concern in security_concerns(vk):
        warnings.warn(concern, SecurityWarning, stacklevel=stacklevel + 1)
