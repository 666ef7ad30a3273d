"""The benchmark file: percentiles by hand, round trips, and a typed error for whatever is wrong with a file."""

from __future__ import annotations

import copy
import json
import os

import openswirl as sw
import pytest
import support
from openswirl.bench.document import SCHEMA, BenchmarkFile, Machine, Run, SpanFigures, find_span
from openswirl.bench.summary import Summary, nearest_rank

ROOT = "stark_prove_excluding_trace"
PUBLISHED = sorted((support.REPOSITORY / "docs" / "benchmarks").glob("*.json"))


def measured() -> BenchmarkFile:
    """Three runs of a proof with two parts."""
    seconds = {ROOT: (0.5, 0.3, 0.4), f"{ROOT}/a": (0.1, 0.2, 0.15), f"{ROOT}/a/grind": (0.05, 0.05, 0.05)}
    return BenchmarkFile(
        kind="measured",
        name="two parts",
        prover="openswirl 0",
        machine=Machine("a CPU", "scalar", 2, None, "an OS"),
        parameters={"shape": "logup", "threads": 2, "trace_seeds": 1},
        run_count=3,
        warmup=1,
        headline=ROOT,
        spans={path: SpanFigures(1, Summary.of(runs), floor_s=0.01) for path, runs in seconds.items()},
        totals={
            "with_grinding": Summary(0.4, 0.5, 0.3, 0.5),
            "without_grinding": Summary(0.35, 0.45, 0.25, 0.45),
        },
        runs=tuple(Run(42, {path: runs[i] for path, runs in seconds.items()}) for i in range(3)),
    )


def test_nearest_rank_by_hand():
    # Rank ceil(percent / 100 * n), counted from 1.
    assert nearest_rank([15, 20, 35, 40, 50], 5) == 15
    assert nearest_rank([15, 20, 35, 40, 50], 30) == 20
    assert nearest_rank([50, 40, 35, 20, 15], 40) == 20
    assert nearest_rank([15, 20, 35, 40, 50], 95) == 50
    assert nearest_rank(range(1, 21), 95) == 19
    assert nearest_rank(range(1, 101), 95) == 95
    assert nearest_rank(range(1, 102), 95) == 96
    assert nearest_rank([7], 95) == 7


def test_summary_by_hand():
    assert Summary.of([2.46, 2.37, 2.47, 2.41, 2.46]) == Summary(2.46, 2.47, 2.37, 2.47)
    assert Summary.of([4.0, 1.0]) == Summary(2.5, 4.0, 1.0, 4.0)
    with pytest.raises(sw.InputError, match="at least one"):
        Summary.of([])


def test_round_trip(tmp_path):
    path = tmp_path / "bench.json"
    measured().save(path)
    assert BenchmarkFile.load(path) == measured()
    assert list(tmp_path.iterdir()) == [path]


def test_writing_keeps_the_old_file_if_it_fails(tmp_path, monkeypatch):
    path = tmp_path / "bench.json"
    path.write_text("old")

    def fail(*arguments):
        raise OSError("disk gone")

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(OSError, match="disk gone"):
        measured().save(path)
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_model_round_trip():
    content = BenchmarkFile(
        kind="model", name="m", prover="cost model", machine=Machine(), parameters={"shape": "keccakf"},
        run_count=None, headline=ROOT, spans={ROOT: SpanFigures(1, predicted_s=0.1)},
    )  # fmt: skip
    written = content.to_dict()
    assert written["spans"][ROOT] == {"count": 1, "predicted_s": 0.1, "floor_s": None}
    assert BenchmarkFile.from_bytes(content.to_bytes()) == content
    assert content.spans[ROOT].seconds == 0.1


@pytest.mark.parametrize("path", PUBLISHED, ids=lambda path: path.stem)
def test_files_of_the_repository(path):
    content = BenchmarkFile.load(path)
    assert content.to_dict() == json.loads(path.read_text())
    # A prediction is known by the file's name.
    assert (content.kind == "model") == ("-model-" in path.name)
    if content.kind == "published":
        assert content.source


def test_the_earlier_reports_are_there():
    assert {path.stem for path in PUBLISHED} >= {
        f"earlier-{name}"
        for name in ("m00-keccakf", "m07-keccakf", "m08-keccakf", "m15-keccakf", "m08-logup", "m15-logup")
    }


def _set(*keys, to):
    def change(content):
        *outer, last = keys
        for key in outer:
            content = content[key]
        content[last] = to

    return change


def _drop(*keys):
    def change(content):
        *outer, last = keys
        for key in outer:
            content = content[key]
        del content[last]

    return change


WRONG = {
    "older schema": (_set("schema", to=SCHEMA - 1), r"schema is 0, older than .* measure again"),
    "newer schema": (_set("schema", to=SCHEMA + 1), r"schema is 2, newer than .* update openswirl"),
    "no schema": (_drop("schema"), "schema is missing"),
    "schema text": (_set("schema", to="1"), "schema must be an integer"),
    "schema true": (_set("schema", to=True), "schema must be an integer"),
    "unknown kind": (_set("kind", to="guessed"), "must be one of measured, model, published"),
    "no spans": (_drop("spans"), "spans is missing"),
    "empty spans": (_set("spans", to={}), "spans has no span"),
    "spans list": (_set("spans", to=[]), "spans must be an object"),
    "span is a number": (_set("spans", ROOT, to=1.0), f"spans.{ROOT} must be an object"),
    "no median": (_drop("spans", ROOT, "median_s"), "median_s is missing"),
    "no minimum": (_drop("spans", ROOT, "min_s"), "min_s is missing"),
    "null minimum": (_set("spans", ROOT, "min_s", to=None), "min_s must be a number"),
    "median text": (_set("spans", ROOT, "median_s", to="0.4"), "median_s must be a number"),
    "median true": (_set("spans", ROOT, "median_s", to=True), "median_s must be a number"),
    "median negative": (_set("spans", ROOT, "median_s", to=-0.1), "median_s must be a number from 0"),
    "median above maximum": (_set("spans", ROOT, "median_s", to=9.0), "median_s is outside"),
    "median below minimum": (_set("spans", ROOT, "median_s", to=0.001), "median_s is outside"),
    "count 0": (_set("spans", ROOT, "count", to=0), "count must be an integer from 1"),
    "floor text": (_set("spans", ROOT, "floor_s", to="low"), "floor_s must be a number"),
    "predicted and measured": (_set("spans", ROOT, "predicted_s", to=1.0), "predicted_s is for models"),
    "nameless span": (_set("spans", f"{ROOT}//a", to={}), "has a path with an empty name"),
    "parent missing": (_drop("spans", f"{ROOT}/a"), "has .*/a/grind' but not its parent"),
    "headline missing": (
        _set("headline", to="whir"),
        "headline names the span 'whir', which spans does not have",
    ),
    "headline null": (_set("headline", to=None), "headline is null"),
    "run without a span": (_drop("runs", 1, "spans", ROOT), r"runs\[1\].spans lacks the span"),
    "a run too few": (_drop("runs", 2), "runs has 2 entries, must have run_count"),
    "runs missing": (_drop("runs"), "runs is missing"),
    "run is a list": (_set("runs", 0, to=[]), r"runs\[0\] must be an object"),
    "time in a run": (_set("runs", 0, "spans", ROOT, to=None), r"runs\[0\].spans.* must be a number"),
    "machine": (_set("machine", to="fast"), "machine must be an object"),
    "cores": (_set("machine", "cores", to=0), "machine.cores must be an integer from 1"),
    "notes": (_set("notes", to=[1]), "notes must be a list of texts"),
    "shape": (_drop("parameters", "shape"), "parameters.shape is missing"),
    "seeds": (_set("parameters", "trace_seeds", to=0), "trace_seeds must be an integer"),
    "totals": (_drop("totals", "without_grinding"), "totals.without_grinding is missing"),
    "rates": (_set("rates", to={"hashes_per_s": 1}), "rates.multiplications_per_s is missing"),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_files(name, tmp_path):
    change, expected = WRONG[name]
    content = copy.deepcopy(measured().to_dict())
    change(content)
    path = tmp_path / "wrong.json"
    path.write_text(json.dumps(content))
    with pytest.raises(sw.FormatError, match=expected) as caught:
        BenchmarkFile.load(path)
    assert str(caught.value).startswith(str(path))


def test_a_model_has_no_medians():
    content = measured().to_dict() | {"kind": "model", "runs": []}
    with pytest.raises(sw.FormatError, match="median_s is for measurements"):
        BenchmarkFile.from_bytes(json.dumps(content).encode())


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", "no JSON"),
        (b"{", "no JSON"),
        (b"[]", "must be an object"),
        (b"\xff", "not UTF-8 at byte 0"),
        (b"[" * 100_000, "nested too deeply"),
        (b'{"schema": NaN}', "NaN is no JSON number"),
        (b'{"schema": ' + b"9" * 5000 + b"}", "digits|integer"),
    ],
)
def test_no_benchmark_files(data, expected):
    with pytest.raises(sw.FormatError, match=expected):
        BenchmarkFile.from_bytes(data)


def test_find_span():
    content = measured()
    assert find_span(content, ROOT, "A") == ROOT
    assert find_span(content, "headline", "A") == ROOT
    assert find_span(content, "a/grind", "A") == find_span(content, "grind", "A") == f"{ROOT}/a/grind"
    with pytest.raises(sw.InputError, match="A has no span 'rind'"):
        find_span(content, "rind", "A")
    two = BenchmarkFile.from_bytes(measured().to_bytes())
    object.__setattr__(two, "spans", {**two.spans, f"{ROOT}/grind": two.spans[ROOT]})
    with pytest.raises(sw.InputError, match="may be .*a/grind or .*; give more of the path"):
        find_span(two, "grind", "A")
    assert find_span(two, "a/grind", "A") == f"{ROOT}/a/grind"


def test_dotted_ends_of_names():
    path = f"{ROOT}/prover.openings/prover.openings.whir/merkle_tree"
    content = BenchmarkFile.from_bytes(measured().to_bytes())
    object.__setattr__(
        content, "spans", {f"{ROOT}/merkle_tree": content.spans[ROOT], path: content.spans[ROOT]}
    )
    assert find_span(content, "whir/merkle_tree", "A") == path
