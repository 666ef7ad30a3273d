"""Checking traces before proving: which constraint fails where and why, which messages do not balance."""

from __future__ import annotations

from dataclasses import dataclass

from openswirl import _core
from openswirl.arguments import as_integer
from openswirl.errors import InputError
from openswirl.keys import ProvingKey, VerifyingKey
from openswirl.prover import CancelToken, Commitment, call_options
from openswirl.trace import MODULUS, Traces, as_pairs
from openswirl.wording import counted


@dataclass(frozen=True)
class Violation:
    """A constraint on one row where it does not hold.

    Attributes:
        row: row of the trace, from 0.
        value: what the constraint evaluates to, canonical; it should be 0.
        variables: the cells and public values that it reads, by name, canonical: ``main[3]``,
            ``main.next[3]``, ``cached0[1]``, ``preprocessed[2]``, ``public[0]``; at most 256.
    """

    row: int
    value: int
    variables: dict[str, int]


@dataclass(frozen=True)
class ConstraintFailure:
    """A constraint that does not hold on every row.

    Attributes:
        air_id, air_name: of which AIR.
        constraint: its position in the key's order, as in :meth:`openswirl.air.Air.describe`.
        expression: what must be zero, as text; long ones are cut.
        source: "file:line" of the code that recorded it; empty for keys read from bytes.
        num_rows: rows on which it does not hold.
        violations: the first of them.
    """

    air_id: int
    air_name: str
    constraint: int
    expression: str
    source: str
    num_rows: int
    violations: tuple[Violation, ...]

    @property
    def row(self) -> int:
        """The first failing row."""
        return self.violations[0].row

    def __str__(self) -> str:
        lines = [
            f"AIR {self.air_id} ({self.air_name}), constraint {self.constraint}{_at(self.source)}: "
            f"{self.expression} = 0 does not hold on {counted(self.num_rows, 'row')}"
        ]
        for violation in self.violations:
            values = ", ".join(f"{name} = {value}" for name, value in violation.variables.items())
            lines.append(
                f"  row {violation.row}: value {_signed(violation.value)} with {values or 'no variables'}"
            )
        if self.num_rows > len(self.violations):
            lines.append(f"  and {counted(self.num_rows - len(self.violations), 'more row')}")
        return "\n".join(lines)


@dataclass(frozen=True)
class MessagePlace:
    """A row and interaction that sends (positive count) or receives (negative mod p) a message."""

    air_id: int
    air_name: str
    row: int
    interaction: int
    count: int
    source: str


@dataclass(frozen=True)
class UnbalancedMessage:
    """A message whose counts do not sum to zero.

    Attributes:
        message: its fields, canonical.
        net: the sum of its counts, canonical; as a signed number in the text.
        num_places: rows and interactions that send or receive it.
        places: the first of them.
    """

    message: tuple[int, ...]
    net: int
    num_places: int
    places: tuple[MessagePlace, ...]


@dataclass(frozen=True)
class UnbalancedBus:
    """A bus on which messages do not balance: its index, how many of them, and the first ones."""

    bus: int
    num_messages: int
    messages: tuple[UnbalancedMessage, ...]

    def __str__(self) -> str:
        lines = [f"bus {self.bus}: {counted(self.num_messages, 'message')} out of balance"]
        for message in self.messages:
            fields = ", ".join(map(str, message.message))
            lines.append(f"  ({fields}): net count {_signed(message.net)}")
            for place in message.places:
                lines.append(
                    f"    AIR {place.air_id} ({place.air_name}), row {place.row}, "
                    f"interaction {place.interaction}{_at(place.source)}: count {_signed(place.count)}"
                )
            if message.num_places > len(message.places):
                lines.append(f"    and {counted(message.num_places - len(message.places), 'more place')}")
        if self.num_messages > len(self.messages):
            lines.append(f"  and {counted(self.num_messages - len(self.messages), 'more message')}")
        return "\n".join(lines)


@dataclass(frozen=True)
class CheckReport:
    """What :func:`check` found; ``str()`` gives a readable listing, and the report is true if all is well.

    Attributes:
        constraints: failing constraints by AIR id, then constraint.
        buses: unbalanced buses by index.
    """

    constraints: tuple[ConstraintFailure, ...]
    buses: tuple[UnbalancedBus, ...]

    @property
    def ok(self) -> bool:
        """Whether every constraint holds and every bus balances."""
        return not self.constraints and not self.buses

    def __bool__(self) -> bool:
        return self.ok

    def __str__(self) -> str:
        if self.ok:
            return "all constraints hold and all buses balance"
        return "\n".join(str(entry) for entry in (*self.constraints, *self.buses))


def check(
    pk: ProvingKey,
    traces: Traces,
    *,
    rows_per_constraint: int = 3,
    messages_per_bus: int = 10,
    threads: int | None = None,
    timeout: float | None = None,
    cancel: CancelToken | None = None,
) -> CheckReport:
    """Evaluates every constraint on every row and the balance of every bus; does not raise for a bad trace.

    A report that is ok means that a proof of these traces verifies, as far as constraints and buses go;
    heights and required AIRs are checked by :func:`openswirl.prove`.

    Args:
        pk: the proving key.
        traces: {AIR id: Trace}; AIRs without one are absent.
        rows_per_constraint: failing rows to keep per constraint, at least 1; all are counted.
        messages_per_bus: unbalanced messages to keep per bus, at least 1; all are counted.
        threads: worker threads; all cores by default.
        timeout: seconds for the whole call.
        cancel: ends the call from another thread.

    Raises:
        InputError: no proving key, or traces that cannot be evaluated: no trace, an unknown or repeated AIR id,
            parts that are missing or of the wrong width or height, a value that is not below p, or a wrong
            number of public values.
        Cancelled, Timeout: what they say.
    """
    if not isinstance(pk, ProvingKey):
        hint = "; a verifying key knows no AIR names and sources" if isinstance(pk, VerifyingKey) else ""
        raise InputError(f"pk must be a ProvingKey, not {type(pk).__name__}{hint}")
    rows_per_constraint = as_integer(rows_per_constraint, "rows_per_constraint", 1, 2**32 - 1)
    messages_per_bus = as_integer(messages_per_bus, "messages_per_bus", 1, 2**32 - 1)
    native_traces = [
        (
            air_id,
            trace.common,
            [part.matrix if isinstance(part, Commitment) else part for part in trace.cached],
            list(trace.public_values),
        )
        for air_id, trace in as_pairs(traces)
    ]
    failures, buses = _core.check(
        pk.native,
        native_traces,
        rows_per_constraint=rows_per_constraint,
        messages_per_bus=messages_per_bus,
        **call_options(threads, timeout, cancel),
    )
    return CheckReport(
        constraints=tuple(
            ConstraintFailure(
                air_id=air_id,
                air_name=air_name,
                constraint=constraint,
                expression=expression,
                source=source,
                num_rows=num_rows,
                violations=tuple(
                    Violation(row, value, dict(variables)) for row, value, variables in violations
                ),
            )
            for air_id, air_name, constraint, expression, source, num_rows, violations in failures
        ),
        buses=tuple(
            UnbalancedBus(
                bus,
                num_messages,
                tuple(
                    UnbalancedMessage(
                        tuple(message), net, num_places, tuple(MessagePlace(*place) for place in places)
                    )
                    for message, net, num_places, places in messages
                ),
            )
            for bus, num_messages, messages in buses
        ),
    )


def _at(source: str) -> str:
    return f" at {source}" if source else ""


def _signed(value: int) -> int:
    """The residue of smallest absolute value."""
    return value - MODULUS if value > MODULUS // 2 else value
