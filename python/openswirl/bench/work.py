"""Counted work: how many operations of each kind the spans of a proof need, computed from its shape alone.

The formulas and what they leave out are in docs/performance-model.md.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from openswirl.errors import FormatError, InputError
from openswirl.keys import AirInfo, VerifyingKey
from openswirl.params import SystemParams

#: log2 of the values that one pass of a long transform takes from and back to main memory.
LOG_PASS = 11

ROOT = "stark_prove_excluding_trace"
COMMIT = f"{ROOT}/prover.main_trace_commit/stacked_commit"
ENCODE = f"{COMMIT}/rs_code_matrix"
MERKLE = f"{COMMIT}/merkle_tree"
CONSTRAINTS = f"{ROOT}/prover.rap_constraints"
LOGUP = f"{CONSTRAINTS}/prover.rap_constraints.logup_gkr"
LOGUP_GRIND = f"{LOGUP}/grind"
ROUND_0 = f"{CONSTRAINTS}/prover.rap_constraints.round0"
FOLD = f"{ROUND_0}/fold_ple"
MLE_ROUNDS = f"{CONSTRAINTS}/prover.rap_constraints.mle_rounds"
OPENINGS = f"{ROOT}/prover.openings"
STACKED_REDUCTION = f"{OPENINGS}/prover.openings.stacked_reduction"
WHIR = f"{OPENINGS}/prover.openings.whir"
WHIR_GRIND = f"{WHIR}/grind"
WHIR_MERKLE = f"{WHIR}/merkle_tree"

_RATE = 8  # elements that one permutation absorbs
_EXT_BYTES = 16
_DIGEST_BYTES = 32


@dataclass
class Work:
    """Operations of one span, everything inside it included. All are counts; some are expected values.

    Attributes:
        mul: base field multiplications, reduced.
        butterfly: a multiplication by a constant, an addition and a subtraction.
        add: base field additions and subtractions.
        mac: base products added up unreduced; four make a product of a base and an extension element.
        ext: extension multiplications.
        perm: permutations of many states at once.
        grind: permutations of proof of work, expected: 2^bits for each search.
        bytes: read from and written to main memory, at least.
        sync: points where the host must know a value before it can go on.
        serial_perm: permutations of the transcript, each of which waits for the one before it.
    """

    mul: float = 0
    butterfly: float = 0
    add: float = 0
    mac: float = 0
    ext: float = 0
    perm: float = 0
    grind: float = 0
    bytes: float = 0
    sync: float = 0
    serial_perm: float = 0

    def __add__(self, other: Work) -> Work:
        return Work(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(Work)))

    def __sub__(self, other: Work) -> Work:
        return Work(*(getattr(self, f.name) - getattr(other, f.name) for f in fields(Work)))

    @property
    def products(self) -> float:
        """Products of base field elements; an extension multiplication is 16."""
        return self.mul + self.butterfly + self.mac + 16 * self.ext

    @property
    def hashes(self) -> float:
        """Permutations of every kind."""
        return self.perm + self.grind + self.serial_perm

    def to_dict(self) -> dict[str, float]:
        """The counts as JSON values."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Work:
        """The inverse of :meth:`to_dict`.

        Raises:
            FormatError: a count is missing, is no number from 0 up, or has an unknown name.
        """
        names = [f.name for f in fields(cls)]
        if unknown := sorted(set(data) - set(names)):
            raise FormatError(
                f"counted work has an unknown count {unknown[0]!r}; the counts are {', '.join(names)}"
            )
        for name in names:
            value = data.get(name)
            if (
                isinstance(value, bool)
                or not isinstance(value, (int, float))
                or not 0 <= value < float("inf")
            ):
                raise FormatError(f"counted work: {name} must be a number from 0 up, not {value!r}")
        return cls(**data)


@dataclass(frozen=True)
class AirShape:
    """What the counts depend on of one AIR and its trace.

    Attributes:
        width: columns of the common part.
        log_height: log2 of the rows; None if the AIR has no trace in this proof.
        other_widths: columns of the preprocessed part, if any, and of every cached part.
        needs_rotation: whether a constraint reads the next row.
        constraints: their number.
        degree: highest degree of a constraint.
        multiplications, additions: operations of all constraints and interactions at one point.
        message_lengths: fields of every interaction.
        is_preprocessed: whether the first of `other_widths` is preprocessed.
        is_required: whether every proof contains the AIR.
        public_values: their number.
    """

    width: int
    log_height: int | None
    other_widths: tuple[int, ...] = ()
    needs_rotation: bool = False
    constraints: int = 0
    degree: int = 1
    multiplications: int = 0
    additions: int = 0
    message_lengths: tuple[int, ...] = ()
    is_preprocessed: bool = False
    is_required: bool = False
    public_values: int = 0

    @classmethod
    def of(cls, air: AirInfo, log_height: int | None) -> AirShape:
        """The shape of an AIR of a key with a trace of 2^log_height rows, or without one."""
        preprocessed = () if air.preprocessed_width is None else (air.preprocessed_width,)
        return cls(
            width=air.common_width,
            log_height=log_height,
            other_widths=(*preprocessed, *air.cached_widths),
            needs_rotation=air.needs_rotation,
            constraints=air.num_constraints,
            degree=air.degree,
            multiplications=air.num_multiplications,
            additions=air.num_additions,
            message_lengths=air.message_lengths,
            is_preprocessed=bool(preprocessed),
            is_required=air.is_required,
            public_values=air.num_public_values,
        )


def work_of(vk: VerifyingKey, log_heights: Sequence[int | None]) -> dict[str, Work]:
    """The work of a proof by span path, as ``proof.report.spans.flat()`` names them; a parent is the sum.

    Args:
        vk: the key.
        log_heights: log2 of the rows of every AIR's trace in AIR id order, None for an absent one;
            ``proof.log_heights`` of a proof.

    Raises:
        InputError: not one entry per AIR, none present, or one above the stacked height.
    """
    if len(log_heights) != len(vk.airs):
        raise InputError(
            f"{len(log_heights)} log heights for a key of {len(vk.airs)} AIRs; give one for each"
        )
    return work_of_shape(
        vk.params, [AirShape.of(air, log) for air, log in zip(vk.airs, log_heights, strict=True)]
    )


def work_of_shape(params: SystemParams, airs: Sequence[AirShape]) -> dict[str, Work]:
    """Like :func:`work_of`, for AIRs of which only the shape is known, in AIR id order."""
    for air_id, air in enumerate(airs):
        if air.log_height is not None and not 0 <= air.log_height <= params.log_stacked_height:
            raise InputError(
                f"AIR {air_id} has a log height of {air.log_height}; these parameters take 0 to "
                f"{params.log_stacked_height}"
            )
    present = [_Trace(air, params.l_skip) for air in airs if air.log_height is not None]
    if not present:
        raise InputError("no AIR has a trace; a proof needs at least one")
    own = {
        ENCODE: _encode(params, present),
        MERKLE: _merkle(params, present),
        LOGUP: _logup(params, present),
        ROUND_0: _round_0(params, present),
        FOLD: _fold(params, present),
        MLE_ROUNDS: _mle_rounds(present),
        STACKED_REDUCTION: _stacked_reduction(params, present),
        WHIR: _whir(params, present),
    }
    # Spans that not every proof has.
    if params.logup_pow_bits:
        own[LOGUP_GRIND] = Work(grind=1 << params.logup_pow_bits, sync=1)
    if expected := _whir_searches(params):
        own[WHIR_GRIND] = Work(grind=expected)
    if len(params.num_queries) > 1:
        own[WHIR_MERKLE] = _whir_merkle(params)
    for path, permutations in _transcript(params, airs, present).items():
        own[path] = own.get(path, Work()) + Work(serial_perm=permutations)
    return _with_parents(own)


def own_work(work: Mapping[str, Work]) -> dict[str, Work]:
    """What every span does itself: its work without that of the spans directly inside it."""
    own = {path: replace(counts) for path, counts in work.items()}
    for path, counts in work.items():
        parent = path.rpartition("/")[0]
        if parent in own:
            own[parent] = own[parent] - counts
    return own


def _with_parents(own: Mapping[str, Work]) -> dict[str, Work]:
    """Sums over each path and all below it, parents before their children."""
    total: dict[str, Work] = {}
    for path in own:
        names = path.split("/")
        for depth in range(1, len(names) + 1):
            total.setdefault("/".join(names[:depth]), Work())
    for path in total:
        for inner, counts in own.items():
            if inner == path or inner.startswith(path + "/"):
                total[path] += counts
    return dict(sorted(total.items(), key=lambda item: item[0].split("/")))


class _Trace:
    """A present trace with the sizes that the formulas use."""

    def __init__(self, air: AirShape, l_skip: int) -> None:
        assert air.log_height is not None
        self.air = air
        self.log_height = air.log_height
        self.n = max(0, air.log_height - l_skip)
        self.blocks = 1 << self.n  # of 2^l_skip rows
        self.rows = self.blocks << l_skip  # short traces are repeated
        self.width = air.width + sum(air.other_widths)
        self.views = 2 if air.needs_rotation else 1  # of a column: this row, and the next
        self.fields = sum(air.message_lengths)
        self.interactions = len(air.message_lengths)

    @property
    def cells(self) -> int:
        return self.width * self.rows

    @property
    def viewed_cells(self) -> int:
        return self.cells * self.views


def _passes(log_size: int) -> int:
    return max(1, -(-log_size // LOG_PASS))


def _common_columns(params: SystemParams, traces: Sequence[_Trace]) -> int:
    """Stacked columns of the common commitment."""
    cells = sum(trace.air.width * trace.rows for trace in traces)
    return -(-cells // (1 << params.log_stacked_height))


def _encode(params: SystemParams, traces: Sequence[_Trace]) -> Work:
    cells = sum(trace.air.width * trace.rows for trace in traces)
    columns = _common_columns(params, traces)
    log_message = params.log_stacked_height
    message, codeword = 1 << log_message, 1 << log_message + params.log_blowup
    return Work(
        mul=columns * message * ((1 << params.log_blowup) - 1),
        butterfly=cells * params.l_skip / 2 + columns * codeword / 2 * log_message,
        add=cells * params.l_skip / 2,
        bytes=4 * (cells + columns * codeword * (1 + 2 * (_passes(log_message) - 1))),
    )


def _merkle(params: SystemParams, traces: Sequence[_Trace]) -> Work:
    columns = _common_columns(params, traces)
    rows = 1 << params.log_stacked_height + params.log_blowup
    return Work(
        perm=rows * -(-columns // _RATE) + rows - 1,
        bytes=4 * columns * rows + 2 * _DIGEST_BYTES * (rows >> params.k),
        sync=1,
    )


def _gkr_layers(traces: Sequence[_Trace]) -> int:
    return sum(trace.interactions * trace.rows for trace in traces).bit_length()


def _logup(params: SystemParams, traces: Sequence[_Trace]) -> Work:
    leaves = sum(trace.interactions * trace.rows for trace in traces)
    if leaves == 0:
        return Work()
    layers = _gkr_layers(traces)
    read = sum(4 * trace.cells for trace in traces if trace.interactions)
    return Work(
        mac=sum(4 * trace.fields * trace.rows for trace in traces),
        ext=(3 + 14) * leaves,
        bytes=read + (4 + _EXT_BYTES) * leaves + 14 * _EXT_BYTES * leaves,
        sync=layers * (layers - 1) // 2 + layers,
    )


def _round_0(params: SystemParams, traces: Sequence[_Trace]) -> Work:
    size = 1 << params.l_skip
    work = Work(sync=1)
    for trace in traces:
        air = trace.air
        degree = max(1, air.degree)
        cosets = degree - 1 if air.constraints or air.message_lengths else 0
        points = trace.rows * (degree - 1) if air.constraints else 0
        work += Work(
            # The values of the next row follow from those of this row with one product each.
            mul=trace.viewed_cells * cosets + points * air.multiplications,
            butterfly=trace.blocks * trace.width * (1 + cosets) * (size / 2) * params.l_skip,
            add=points * air.additions,
            mac=points * 4 * air.constraints,
            ext=points,
            bytes=4 * trace.cells,
        )
        if air.message_lengths:
            work += Work(mac=trace.rows * (cosets + 1) * 4 * (trace.fields + 2 * trace.interactions))
    return work


def _fold(params: SystemParams, traces: Sequence[_Trace]) -> Work:
    cells = sum(trace.cells for trace in traces)
    viewed = sum(trace.viewed_cells for trace in traces)
    folded = viewed >> params.l_skip
    return Work(mac=4 * viewed, mul=4 * folded, bytes=4 * cells + _EXT_BYTES * folded)


def _mle_rounds(traces: Sequence[_Trace]) -> Work:
    work = Work(sync=max(trace.n for trace in traces))
    for trace in traces:
        air = trace.air
        pairs = trace.blocks - 1  # of all rounds together
        columns = trace.width * trace.views + 3  # first, last and transition row too
        degree = max(1, air.degree)
        work += Work(
            ext=pairs * (columns + degree * (air.multiplications + air.constraints + 3 * trace.fields)),
            add=pairs * 4 * degree * (air.additions + columns),
            bytes=3 * _EXT_BYTES * columns * trace.blocks,
        )
    return work


def _stacked_reduction(params: SystemParams, traces: Sequence[_Trace]) -> Work:
    cells = sum(trace.cells for trace in traces)
    viewed = sum(trace.viewed_cells for trace in traces)
    return Work(
        mac=4 * viewed + 4 * cells,
        ext=sum(32 * trace.blocks for trace in traces),
        bytes=2 * 4 * cells,
        sync=1 + params.n_stack,
    )


def _whir(params: SystemParams, traces: Sequence[_Trace]) -> Work:
    """What WHIR does between its trees and its proof of work."""
    cells = sum(trace.cells for trace in traces)
    log_size, k = params.log_stacked_height, params.k
    size = 1 << log_size
    # The batched polynomial of all columns, in the basis of its coefficients.
    work = Work(
        mac=4 * cells,
        butterfly=4 * size * params.l_skip / 2,
        add=4 * size * params.l_skip / 2,
        ext=size,
        bytes=4 * cells + 3 * _EXT_BYTES * size,
        sync=1,
    )
    rounds = len(params.num_queries)
    for i, queries in enumerate(params.num_queries):
        pairs = sum(1 << log_size - k * i - 1 - fold for fold in range(k))
        work += Work(ext=4 * pairs, bytes=2 * 3 * _EXT_BYTES * pairs, sync=k + 2)
        if i == rounds - 1:
            break
        log_message = log_size - k * (i + 1)
        message, codeword = 1 << log_message, 1 << log_size + params.log_blowup - 1 - i
        work += Work(
            butterfly=4 * codeword / 2 * log_message,
            mul=4 * (codeword - message) + queries * message,
            mac=queries * 4 * message,
            ext=message,
            bytes=_EXT_BYTES * (message + codeword * (1 + 2 * (_passes(log_message) - 1)))
            + 2 * _EXT_BYTES * message,
        )
    return work


def _whir_searches(params: SystemParams) -> int:
    """Expected permutations of all searches; without bits nothing is searched."""
    rounds = len(params.num_queries)
    searches = (
        (1, params.mu_pow_bits),
        (rounds * params.k, params.folding_pow_bits),
        (rounds, params.query_phase_pow_bits),
    )
    return sum(count << bits for count, bits in searches if bits)


def _whir_merkle(params: SystemParams) -> Work:
    work = Work()
    for i in range(len(params.num_queries) - 1):
        rows = 1 << params.log_stacked_height + params.log_blowup - 1 - i
        work += Work(
            perm=rows + rows - 1, bytes=_EXT_BYTES * rows + 2 * _DIGEST_BYTES * (rows >> params.k), sync=1
        )
    return work


class _Sponge:
    """Counts the permutations of a duplex sponge that absorbs and squeezes (protocol part 01, 6), by span."""

    def __init__(self) -> None:
        self.permutations: dict[str, int] = {}
        self._span = ROOT
        self._absorbed = self._unread = 0

    @contextmanager
    def within(self, span: str) -> Iterator[None]:
        before, self._span = self._span, span
        yield
        self._span = before

    def observe(self, elements: int) -> None:
        full, self._absorbed = divmod(self._absorbed + elements, _RATE)
        self._permute(full)

    def observe_ext(self, elements: int) -> None:
        self.observe(4 * elements)

    def sample(self) -> None:
        if self._absorbed or not self._unread:
            self._absorbed = 0
            self._permute(1)
        self._unread -= 1

    def sample_ext(self) -> None:
        for _ in range(4):
            self.sample()

    def check_witness(self, bits: int) -> None:
        if bits:
            self.observe(1)
            self.sample()

    def _permute(self, count: int) -> None:
        if count:
            self.permutations[self._span] = self.permutations.get(self._span, 0) + count
            self._unread = _RATE


def _transcript(params: SystemParams, airs: Sequence[AirShape], traces: Sequence[_Trace]) -> dict[str, int]:
    """Permutations of the transcript by the span in which they happen: the schedule with numbers for messages."""
    sponge = _Sponge()
    _observe_statement(sponge, airs)
    with sponge.within(LOGUP):
        _observe_fractions(sponge, params, _gkr_layers(traces))
    with sponge.within(CONSTRAINTS):
        _observe_constraints(sponge, params, traces)
    with sponge.within(STACKED_REDUCTION):
        _observe_stacking(sponge, params, traces)
    with sponge.within(WHIR):
        _observe_whir(sponge, params)
    return sponge.permutations


def _observe_statement(sponge: _Sponge, airs: Sequence[AirShape]) -> None:
    sponge.observe(2 * 8)  # the key and the common commitment
    for air in airs:
        if not air.is_required:
            sponge.observe(1)
        if air.log_height is not None:
            cached = len(air.other_widths) - air.is_preprocessed
            sponge.observe((8 if air.is_preprocessed else 1) + 8 * cached + air.public_values)


def _observe_fractions(sponge: _Sponge, params: SystemParams, layers: int) -> None:
    sponge.check_witness(params.logup_pow_bits)
    sponge.sample_ext()
    sponge.sample_ext()
    if layers == 0:
        return
    sponge.observe_ext(1 + 4)
    sponge.sample_ext()
    for layer in range(1, layers):
        sponge.sample_ext()
        for _ in range(layer):
            sponge.observe_ext(3)
            sponge.sample_ext()
        sponge.observe_ext(4)
        sponge.sample_ext()


def _observe_constraints(sponge: _Sponge, params: SystemParams, traces: Sequence[_Trace]) -> None:
    n_max = max(trace.n for trace in traces)
    layers = _gkr_layers(traces)
    known = layers  # coordinates of xi
    for _ in range(params.l_skip + max(n_max, layers - params.l_skip) - known):
        sponge.sample_ext()
    sponge.sample_ext()
    with sponge.within(ROUND_0):
        sponge.observe_ext(2 * len(traces))
        sponge.sample_ext()
        sponge.observe_ext((params.max_constraint_degree + 1) * ((1 << params.l_skip) - 1) + 1)
        sponge.sample_ext()
    with sponge.within(MLE_ROUNDS):
        for _ in range(n_max):
            sponge.observe_ext(params.max_constraint_degree + 1)
            sponge.sample_ext()
    # The openings are observed once the span of the rounds has ended: two elements a column.
    sponge.observe_ext(2 * sum(trace.width for trace in traces))


def _observe_stacking(sponge: _Sponge, params: SystemParams, traces: Sequence[_Trace]) -> None:
    sponge.sample_ext()
    sponge.observe_ext(2 * ((1 << params.l_skip) - 1) + 1)
    sponge.sample_ext()
    for _ in range(params.n_stack):
        sponge.observe_ext(2)
        sponge.sample_ext()
    columns = _common_columns(params, traces)
    for trace in traces:
        for width in trace.air.other_widths:
            columns += -(-width * trace.rows // (1 << params.log_stacked_height))
    sponge.observe_ext(columns)


def _observe_whir(sponge: _Sponge, params: SystemParams) -> None:
    sponge.check_witness(params.mu_pow_bits)
    sponge.sample_ext()
    rounds = len(params.num_queries)
    for i, queries in enumerate(params.num_queries):
        for _ in range(params.k):
            sponge.observe_ext(2)
            sponge.check_witness(params.folding_pow_bits)
            sponge.sample_ext()
        if i < rounds - 1:
            sponge.observe(8)
            sponge.sample_ext()
            sponge.observe_ext(1)
        else:
            sponge.observe_ext(1 << params.log_stacked_height - rounds * params.k)
        sponge.check_witness(params.query_phase_pow_bits)
        for _ in range(queries):
            sponge.sample()
        sponge.sample_ext()
