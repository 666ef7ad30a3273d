"""The benchmark file (docs/benchmarks/README.md): its content, writing it, and reading one that someone else wrote."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from openswirl.bench.fields import Fields, check_values, reject_constant
from openswirl.bench.summary import Summary
from openswirl.errors import FormatError, InputError
from openswirl.storage import write_atomically

#: The only version that is read and written.
SCHEMA = 1
KINDS = ("measured", "model", "published")
#: The span whose time is the proof's.
ROOT = "stark_prove_excluding_trace"
#: The name of the spans of proof of work.
GRIND = "grind"
#: The verification of the proof, beside its spans.
VERIFY = "verify"
#: No benchmark file is longer, in bytes.
_LONGEST_FILE = 1 << 26


@dataclass(frozen=True)
class SpanFigures:
    """One path of the span tree.

    Attributes:
        count: how many spans of one run the path stands for.
        summary: what the runs took; None in a model.
        predicted_s: what a model says; None in the others.
        floor_s: the least time the counted work can take, or None.
    """

    count: int
    summary: Summary | None = None
    predicted_s: float | None = None
    floor_s: float | None = None

    @property
    def seconds(self) -> float:
        """The median, or a model's prediction."""
        if self.summary is not None:
            return self.summary.median_s
        assert self.predicted_s is not None
        return self.predicted_s


@dataclass(frozen=True)
class Run:
    """One proof: the seed of its trace, and the seconds of every path."""

    seed: int
    spans: Mapping[str, float]


@dataclass(frozen=True)
class Machine:
    """Where a benchmark ran; None is unknown."""

    cpu: str | None = None
    isa: str | None = None
    cores: int | None = None
    gpu: str | None = None
    os: str | None = None


@dataclass(frozen=True)
class BenchmarkFile:
    """The content of a file; docs/benchmarks/README.md says what each member means."""

    kind: str
    name: str
    prover: str
    machine: Machine
    parameters: Mapping[str, Any]
    run_count: int | None
    headline: str | None
    spans: Mapping[str, SpanFigures]
    warmup: int | None = None
    date: str | None = None
    commit: str | None = None
    build_type: str | None = None
    device: str | None = None
    command: str | None = None
    source: str | None = None
    notes: tuple[str, ...] = ()
    totals: Mapping[str, Summary] | None = None
    rates: Mapping[str, float] | None = None
    ceilings: Mapping[str, Any] | None = None
    runs: tuple[Run, ...] = field(default=())

    def to_dict(self) -> dict[str, Any]:
        """The file's JSON object."""
        members: dict[str, Any] = {
            "schema": SCHEMA,
            "kind": self.kind,
            "name": self.name,
            "prover": self.prover,
            "date": self.date,
            "commit": self.commit,
            "build_type": self.build_type,
            "device": self.device,
            "command": self.command,
            "source": self.source,
            "notes": list(self.notes),
            "machine": asdict(self.machine),
            "parameters": dict(self.parameters),
            "run_count": self.run_count,
            "warmup": self.warmup,
            "headline": self.headline,
            "spans": {path: _span_to_dict(figures) for path, figures in self.spans.items()},
            "totals": None if self.totals is None else {n: asdict(t) for n, t in self.totals.items()},
            "rates": None if self.rates is None else dict(self.rates),
            "ceilings": None if self.ceilings is None else dict(self.ceilings),
        }
        if self.kind == "measured":
            members["runs"] = [{"seed": run.seed, "spans": dict(run.spans)} for run in self.runs]
        return members

    def to_bytes(self) -> bytes:
        """The file, indented."""
        return (json.dumps(self.to_dict(), indent=1, allow_nan=False) + "\n").encode()

    def save(self, path: str | os.PathLike[str]) -> None:
        """Writes the file, whole or not at all.

        Raises:
            OSError: it cannot be written.
        """
        write_atomically(path, self.to_bytes())

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> BenchmarkFile:
        """Reads a file.

        Raises:
            FormatError: no benchmark file, one of another schema version, or a member that is missing, of the wrong
                type or at odds with the others; the text starts with the path.
            OSError: the file cannot be read.
        """
        with Path(path).open("rb") as file:
            data = file.read(_LONGEST_FILE + 1)
        return cls.from_bytes(data, os.fspath(path))

    @classmethod
    def from_bytes(cls, data: bytes, name: str = "benchmark file") -> BenchmarkFile:
        """The inverse of :meth:`to_bytes`; errors start with ``name``.

        Raises:
            FormatError: as :meth:`load`.
        """
        if len(data) > _LONGEST_FILE:
            raise FormatError(f"{name}: longer than {_LONGEST_FILE:,} bytes, the longest benchmark file")
        try:
            content = json.loads(data.decode(), parse_constant=reject_constant)
        except UnicodeDecodeError as error:
            raise FormatError(f"{name} is not UTF-8 at byte {error.start}", error.start) from None
        except json.JSONDecodeError as error:
            raise FormatError(f"{name} is no JSON: {error}", error.pos) from None
        except RecursionError:
            raise FormatError(f"{name} is nested too deeply") from None
        except ValueError as error:
            raise FormatError(f"{name}: {error}") from None
        check_values(content, name)
        return _read(Fields(content, name))


def without_grinding(content: BenchmarkFile) -> SpanFigures | None:
    """The whole proof less its proof of work, with its floor; None if the file does not know it."""
    if content.totals is None:
        return None
    floor = content.spans[ROOT].floor_s if ROOT in content.spans else None
    if floor is not None:
        grinds = (figures for path, figures in content.spans.items() if path.rpartition("/")[2] == GRIND)
        floor = max(floor - sum(figures.floor_s or 0.0 for figures in grinds), 0.0)
    return SpanFigures(1, content.totals["without_grinding"], floor_s=floor)


def find_span(content: BenchmarkFile, wanted: str, name: str) -> str:
    """The path that a text names: the path itself, or the one path that ends in it after a ``/`` or a ``.``.

    Args:
        content: the file.
        wanted: such as ``rs_code_matrix``, ``whir/merkle_tree`` or ``headline``.
        name: of the file, for errors.

    Raises:
        InputError: no span, or several, are meant.
    """
    if wanted == "headline":
        if content.headline is None:
            raise InputError(f"{name} has no headline; name a span")
        return content.headline
    if wanted in content.spans:
        return wanted
    # A whole name first: round0 is not any span that merely ends in it.
    for separators in ("/", "/."):
        found = [path for path in content.spans if path.endswith(tuple(s + wanted for s in separators))]
        if len(found) == 1:
            return found[0]
        if found:
            raise InputError(f"{name}: span {wanted!r} may be {' or '.join(found)}; give more of the path")
    raise InputError(f"{name} has no span {wanted!r}; it has {', '.join(content.spans)}")


def _span_to_dict(figures: SpanFigures) -> dict[str, Any]:
    if figures.summary is None:
        return {"count": figures.count, "predicted_s": figures.predicted_s, "floor_s": figures.floor_s}
    return {"count": figures.count, **asdict(figures.summary), "floor_s": figures.floor_s}


def _read(top: Fields) -> BenchmarkFile:
    _check_schema(top)
    kind = top.text("kind")
    if kind not in KINDS:
        raise top.error("kind", f"is {kind[:40]!r}, must be one of {', '.join(KINDS)}")
    content = BenchmarkFile(
        kind=kind,
        name=top.text("name"),
        prover=top.text("prover"),
        date=top.optional_text("date"),
        commit=top.optional_text("commit"),
        build_type=top.optional_text("build_type"),
        device=top.optional_text("device"),
        command=top.optional_text("command"),
        source=top.optional_text("source"),
        notes=tuple(top.texts("notes")),
        machine=_read_machine(top.object("machine")),
        parameters=_read_parameters(top.object("parameters")),
        run_count=top.integer("run_count", 1) if kind == "measured" else top.optional_integer("run_count", 1),
        warmup=top.optional_integer("warmup", 0),
        headline=top.optional_text("headline"),
        spans=_read_spans(top.object("spans"), kind),
        totals=_read_totals(top.optional_object("totals"), kind),
        rates=_read_rates(top.optional_object("rates")),
        ceilings=_members(top.optional_object("ceilings")),
        runs=_read_runs(top) if kind == "measured" else (),
    )
    _check_paths(top, content)
    return content


def _check_schema(top: Fields) -> None:
    version = top.integer("schema", 0)
    if version < SCHEMA:
        raise top.error(
            "schema", f"is {version}, older than the version {SCHEMA} that is read; measure again"
        )
    if version > SCHEMA:
        raise top.error(
            "schema", f"is {version}, newer than the version {SCHEMA} that is read; update openswirl"
        )


def _read_machine(fields: Fields) -> Machine:
    return Machine(
        cpu=fields.optional_text("cpu"),
        isa=fields.optional_text("isa"),
        cores=fields.optional_integer("cores", 1),
        gpu=fields.optional_text("gpu"),
        os=fields.optional_text("os"),
    )


def _read_parameters(fields: Fields) -> Mapping[str, Any]:
    fields.text("shape")
    if "trace_seeds" in fields.members:
        fields.integer("trace_seeds", 1)
    return fields.members


def _read_spans(spans: Fields, kind: str) -> dict[str, SpanFigures]:
    if not spans.members:
        raise spans.error("", "has no span")
    figures = {}
    for path in spans.members:
        if "" in path.split("/"):
            raise spans.error("", f"has a path with an empty name: {path[:200]!r}")
        entry = spans.object(path)
        count = entry.integer("count", 1)
        floor = entry.optional_number("floor_s")
        if kind == "model":
            if "median_s" in entry.members:
                raise entry.error("median_s", "is for measurements; a model has predicted_s")
            figures[path] = SpanFigures(count, predicted_s=entry.number("predicted_s"), floor_s=floor)
        else:
            if "predicted_s" in entry.members:
                raise entry.error("predicted_s", "is for models; these are measurements")
            figures[path] = SpanFigures(count, _read_summary(entry, kind), floor_s=floor)
    return figures


def _read_summary(entry: Fields, kind: str) -> Summary:
    median = entry.number("median_s")
    read = entry.number if kind == "measured" else entry.optional_number
    summary = Summary(median, read("p95_s"), read("min_s"), read("max_s"))
    low, high = summary.min_s, summary.max_s
    if (low is not None and low > median) or (high is not None and high < median):
        raise entry.error("median_s", "is outside min_s to max_s")
    return summary


def _read_totals(totals: Fields | None, kind: str) -> dict[str, Summary] | None:
    if totals is None:
        return None
    names = ("with_grinding", "without_grinding")
    return {name: _read_summary(totals.object(name), kind) for name in names}


def _read_rates(rates: Fields | None) -> dict[str, float] | None:
    if rates is None:
        return None
    return {name: rates.number(name) for name in ("hashes_per_s", "multiplications_per_s")}


def _members(fields: Fields | None) -> Mapping[str, Any] | None:
    return None if fields is None else fields.members


def _read_runs(top: Fields) -> tuple[Run, ...]:
    runs = []
    for entry in top.objects("runs"):
        spans = entry.object("spans")
        runs.append(Run(entry.integer("seed", 0), {path: spans.number(path) for path in spans.members}))
    return tuple(runs)


def _check_paths(top: Fields, content: BenchmarkFile) -> None:
    """What a reader relies on: the headline, every parent and, in every run, every path."""
    paths = content.spans.keys()
    if content.headline is None:
        if content.kind != "published":
            raise top.error("headline", "is null, which only a published file may say")
    elif content.headline not in paths:
        raise top.error("headline", f"names the span {content.headline[:200]!r}, which spans does not have")
    if content.kind != "measured":
        return
    for path in paths:
        parent = path.rpartition("/")[0]
        if parent and parent not in paths:
            raise top.error("spans", f"has {path[:200]!r} but not its parent {parent[:200]!r}")
    seeds = content.parameters.get("trace_seeds", 1)
    assert content.run_count is not None
    if len(content.runs) != content.run_count * seeds:
        raise top.error("runs", f"has {len(content.runs)} entries, must have run_count * trace_seeds")
    for index, run in enumerate(content.runs):
        for missing in sorted(paths - run.spans.keys()):
            raise top.error(f"runs[{index}].spans", f"lacks the span {missing[:200]!r}")
