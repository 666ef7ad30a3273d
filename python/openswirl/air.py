"""AIRs in Python: widths, an optional preprocessed trace, and constraints recorded against a builder.

The code of an AIR runs once, symbolically. Its expressions become the tree of the operators exactly as
written, and keys are hashes over what these trees simplify to (protocol part 02, 2 and 3), so that operand
order and the choice of operation matter for the key, though not for what is proven.
"""

from __future__ import annotations

import functools
import itertools
import operator
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from openswirl._core import AirBuilder, AirDefinition, Expr, Row, Window
from openswirl.errors import InputError, KeygenError
from openswirl.trace import Matrix, check_matrix

__all__ = [
    "Air",
    "AirBuilder",
    "AirDefinition",
    "AirDescription",
    "ColumnError",
    "ConstraintInfo",
    "Expr",
    "Expression",
    "ExpressionError",
    "InteractionInfo",
    "LookupBus",
    "PermutationBus",
    "Row",
    "Window",
    "bits_to_number",
    "dot",
    "powers",
    "product",
    "sum",
]

_MAX_CACHED_PARTS = 1 << 16

#: What stands for a value in a constraint: an expression, or an integer that becomes a constant mod p.
Expression = Expr | int


class ExpressionError(KeygenError, TypeError):
    """Code of an AIR used an expression in a way that has no tree; the text names the file and line."""


class ColumnError(KeygenError, IndexError):
    """Code of an AIR named a column, part or public value that does not exist; the text names its line."""


class Air:
    """One table of a proof: its widths and the constraints of its rows. Subclass it and write :meth:`eval`.

    Attributes:
        name: display name, by default that of the class; not part of the key.
        width: columns of the common main part, unless common_width is set.
        common_width: columns of the common main part; may be 0 if there are cached parts.
        cached_widths: columns of each cached main part.
        num_public_values: public values that every trace of this AIR brings.
    """

    name: str = "Air"
    width: int = 0
    common_width: int | None = None
    cached_widths: Sequence[int] = ()
    num_public_values: int = 0

    def __init_subclass__(cls, **options: object) -> None:
        super().__init_subclass__(**options)
        if "name" not in cls.__dict__:
            cls.name = cls.__name__

    def preprocessed(self) -> Matrix | None:
        """The preprocessed trace, uint32 [rows, columns], C order, canonical; None if there is none.

        It is committed with the key and fixes the number of rows, a power of two.
        """
        return None

    def eval(self, builder: AirBuilder) -> None:
        """Records constraints and interactions against the builder."""
        raise KeygenError(f"{type(self).__name__} must define eval(self, builder)")

    def definition(self) -> AirDefinition:
        """Runs :meth:`eval` and returns what key generation takes.

        Raises:
            KeygenError: a name that is no text, widths that are no counts or, together, beyond 2^22, a class
                without eval, a preprocessed trace that is not uint32 [rows, columns] in
                C order, or an error of eval's use of the builder, whose text names the file and line.
        """
        name = _name(self)
        common_width = _count(self.width if self.common_width is None else self.common_width, self, "width")
        cached_widths = _cached_widths(self)
        num_public_values = _count(self.num_public_values, self, "num_public_values")
        preprocessed = self.preprocessed()
        if preprocessed is not None:
            try:
                check_matrix(preprocessed, "the preprocessed trace")
            except InputError as error:
                raise KeygenError(f'AIR "{self.name}": {error}') from None
        builder = AirBuilder(name, common_width, cached_widths, num_public_values, preprocessed)
        # Key generation refuses an AIR without main columns; its eval would only stumble over them.
        if common_width + _add_up(cached_widths) != 0:
            _evaluate(self, builder)
        return builder.finish()

    def describe(self) -> AirDescription:
        """Degree, columns, constraints and interactions, as fields and, printed, as text.

        Raises:
            KeygenError: as :meth:`definition`.
        """
        air = self.definition()
        constraints = tuple(
            ConstraintInfo(k, air.node_text(node), air.node_degree(node), air.constraint_source(k))
            for k, node in enumerate(air.constraint_idx)
        )
        interactions = tuple(
            InteractionInfo(
                bus=entry["bus"],
                message=tuple(air.node_text(node) for node in entry["message"]),
                count=air.node_text(entry["count"]),
                count_weight=entry["count_weight"],
                source=air.interaction_source(index),
            )
            for index, entry in enumerate(air.interactions())
        )
        return AirDescription(
            name=air.name,
            degree=air.degree,
            common_width=air.common_width,
            cached_widths=tuple(air.cached_widths),
            preprocessed_width=air.preprocessed_width,
            num_public_values=air.num_public_values,
            needs_rotation=air.need_rot,
            num_nodes=air.num_nodes,
            constraints=constraints,
            interactions=interactions,
        )


def _count(value: object, air: Air, what: str) -> int:
    try:
        count = operator.index(value)  # type: ignore[arg-type]
    except TypeError:
        count = -1
    if count < 0 or count >= 1 << 32:
        # An integer may have too many digits to be written.
        huge = isinstance(value, int) and abs(value) >= 1 << 64
        shown = "one far outside" if huge else repr(value)
        raise KeygenError(f'AIR "{air.name}": {what} must be integers from 0 to 2^32 - 1, not {shown}')
    return count


def _name(air: Air) -> str:
    try:
        air.name.encode()
    except (AttributeError, UnicodeEncodeError):
        raise KeygenError(f"{type(air).__name__}: name must be a text of Unicode, not {air.name!a}") from None
    return air.name


def _cached_widths(air: Air) -> list[int]:
    if isinstance(air.cached_widths, (str, bytes)) or not isinstance(air.cached_widths, Iterable):
        raise KeygenError(
            f'AIR "{air.name}": cached_widths must be a list with one width per cached part, such as [3], '
            f"not {air.cached_widths!r}"
        )
    widths = list(itertools.islice(air.cached_widths, _MAX_CACHED_PARTS + 1))
    if len(widths) > _MAX_CACHED_PARTS:
        raise KeygenError(f'AIR "{air.name}": more than {_MAX_CACHED_PARTS} cached parts')
    return [_count(width, air, "cached_widths") for width in widths]


def _evaluate(air: Air, builder: AirBuilder) -> None:
    try:
        air.eval(builder)
    except KeygenError:
        raise
    except (AttributeError, TypeError) as error:
        # The extension's methods have types of these names.
        if "nb_method" not in str(error) and "nb_bound_method" not in str(error):
            raise
        raise ExpressionError(
            f"{_raised_at(error)}a method of the builder or of an expression is used without calling it; "
            "write, for example, builder.preprocessed().local[0]"
        ) from None


def _raised_at(error: BaseException) -> str:
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return "" if trace is None else f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}: "


def _here() -> str:
    """The line outside this module that is running, as the start of an error."""
    frame = sys._getframe()
    while frame.f_globals.get("__name__") == __name__ and frame.f_back is not None:
        frame = frame.f_back
    return f"{frame.f_code.co_filename}:{frame.f_lineno}: "


def _listed(items: Iterable[Expression], what: str) -> Iterable[Expression]:
    if isinstance(items, (Expr, str)) or not isinstance(items, Iterable):
        raise ExpressionError(f"{_here()}{what} must be a list of expressions, not {type(items).__name__}")
    return items


def _add_up(values: Iterable[int]) -> int:
    return functools.reduce(operator.add, values, 0)


@dataclass(frozen=True)
class ConstraintInfo:
    """One constraint of the key.

    Attributes:
        index: position in the key's order, which is not the order of recording.
        text: the expression that must be zero; long ones are cut.
        degree: its degree.
        source: "file:line" of the code that recorded it; empty if unknown.
    """

    index: int
    text: str
    degree: int
    source: str


@dataclass(frozen=True)
class InteractionInfo:
    """One interaction: bus, message fields and count as text, count weight, and "file:line" or nothing."""

    bus: int
    message: tuple[str, ...]
    count: str
    count_weight: int
    source: str


@dataclass(frozen=True)
class AirDescription:
    """What :meth:`Air.describe` returns; ``str()`` gives a readable listing."""

    name: str
    degree: int
    common_width: int
    cached_widths: tuple[int, ...]
    preprocessed_width: int | None
    num_public_values: int
    needs_rotation: bool
    num_nodes: int
    constraints: tuple[ConstraintInfo, ...]
    interactions: tuple[InteractionInfo, ...]

    @property
    def main_width(self) -> int:
        """Columns of the common and the cached parts."""
        return self.common_width + _add_up(self.cached_widths)

    def __str__(self) -> str:
        parts = [f"{self.common_width} common"]
        parts += [f"{width} cached" for width in self.cached_widths]
        if self.preprocessed_width is not None:
            parts.append(f"{self.preprocessed_width} preprocessed")
        lines = [
            f"{self.name}: degree {self.degree}, columns {' + '.join(parts)}, "
            f"{self.num_public_values} public values, {self.num_nodes} nodes, "
            f"{'next row used' if self.needs_rotation else 'one row'}",
            f"{len(self.constraints)} constraints",
        ]
        for constraint in self.constraints:
            lines.append(
                f"  {constraint.index}: {constraint.text} = 0  (degree {constraint.degree})"
                f"{_at(constraint.source)}"
            )
        lines.append(f"{len(self.interactions)} interactions")
        for index, entry in enumerate(self.interactions):
            lines.append(
                f"  {index}: bus {entry.bus}, ({', '.join(entry.message)}) x {entry.count}, "
                f"weight {entry.count_weight}{_at(entry.source)}"
            )
        return "\n".join(lines)


def _at(source: str) -> str:
    return f"  at {source}" if source else ""


@dataclass(frozen=True)
class LookupBus:
    """A bus on which keys are looked up in the table of one AIR (protocol part 02, 1.6)."""

    index: int

    def lookup_key(self, builder: AirBuilder, key: Iterable[Expression], enabled: Expression) -> None:
        """Asserts that the key is in the table where `enabled` is 1; the caller constrains it to be a bit."""
        builder.push_interaction(self.index, key, enabled, 1)

    def add_key_with_lookups(
        self, builder: AirBuilder, key: Iterable[Expression], num_lookups: Expression
    ) -> None:
        """A table row that is looked up `num_lookups` times, which needs no constraint."""
        builder.push_interaction(self.index, key, -builder.constant(num_lookups), 0)


@dataclass(frozen=True)
class PermutationBus:
    """A bus on which the sent and the received messages are equal as multisets (protocol part 02, 1.6).

    The caller constrains `enabled` to be a bit and `direction` to be -1, 0 or 1.
    """

    index: int

    def send(self, builder: AirBuilder, message: Iterable[Expression], enabled: Expression) -> None:
        """Sends the message where `enabled` is 1."""
        builder.push_interaction(self.index, message, enabled, 1)

    def receive(self, builder: AirBuilder, message: Iterable[Expression], enabled: Expression) -> None:
        """Receives the message where `enabled` is 1."""
        builder.push_interaction(self.index, message, -builder.constant(enabled), 1)

    def send_or_receive(
        self, builder: AirBuilder, send: bool, message: Iterable[Expression], enabled: Expression
    ) -> None:
        """:meth:`send` or :meth:`receive`, chosen when the AIR is written."""
        if send:
            self.send(builder, message, enabled)
        else:
            self.receive(builder, message, enabled)

    def interact(self, builder: AirBuilder, message: Iterable[Expression], direction: Expression) -> None:
        """Sends where `direction` is 1, receives where it is -1."""
        builder.push_interaction(self.index, message, direction, 1)


def sum(terms: Iterable[Expression]) -> Expression:
    """Left fold with +, from the first element; 0 if there is none.

    Python's own sum starts from a 0, which becomes a node of the key.
    """
    return _fold(operator.add, _listed(terms, "the terms of a sum"), 0)


def product(factors: Iterable[Expression]) -> Expression:
    """Left fold with *, from the first element; 1 if there is none."""
    return _fold(operator.mul, _listed(factors, "the factors of a product"), 1)


def _fold(combine: object, items: Iterable[Expression], empty: int) -> Expression:
    iterator = iter(items)
    try:
        result = next(iterator)
    except StopIteration:
        return empty
    for item in iterator:
        result = combine(result, item)  # type: ignore[operator]
    return result


def dot(left: Iterable[Expression], right: Iterable[Expression]) -> Expression:
    """Sum of the products of corresponding elements.

    Raises:
        ExpressionError: different lengths.
    """
    lefts = list(_listed(left, "the left side of a dot product"))
    rights = list(_listed(right, "the right side of a dot product"))
    if len(lefts) != len(rights):
        raise ExpressionError(f"{_here()}a dot product of {len(lefts)} with {len(rights)} elements")
    return sum([x * y for x, y in zip(lefts, rights, strict=True)])


def powers(x: Expr, count: int) -> list[Expr]:
    """1, x, x^2, ...: `count` expressions.

    Raises:
        ExpressionError: x is no expression, or count no integer from 0 to 65536.
    """
    if not isinstance(x, Expr):
        raise ExpressionError(f"{_here()}powers of {type(x).__name__}; give an expression")
    return x.powers(count)


def bits_to_number(bits: Iterable[Expression]) -> Expression:
    """The number with these bits, lowest first.

    Raises:
        ExpressionError: no bits.
    """
    reversed_bits = list(_listed(bits, "the bits of a number"))[::-1]
    if not reversed_bits:
        raise ExpressionError(f"{_here()}a number needs at least one bit")
    result = reversed_bits[0]
    for bit in reversed_bits[1:]:
        result = result + result + bit
    return result
