"""Comparisons and gates, on numbers worked out by hand, and ``openswirl report`` around them."""

from __future__ import annotations

import copy
import json
import os
import re
import subprocess
import sys
from html.parser import HTMLParser

import openswirl as sw
import pytest
import support
from openswirl.bench.comparing import compare, residuals
from openswirl.bench.document import BenchmarkFile
from openswirl.bench.gates import Gate, default_gates
from openswirl.bench.summary import Summary
from openswirl.bench.tables import large, milliseconds, over_floor, times
from openswirl.cli import main

ROOT = "stark_prove_excluding_trace"
COMMIT, TREE = f"{ROOT}/commit", f"{ROOT}/commit/merkle_tree"
WHIR, GRIND = f"{ROOT}/prover.openings.whir", f"{ROOT}/prover.openings.whir/grind"
DOCS = support.REPOSITORY / "docs" / "benchmarks"

#: Five runs in milliseconds, and the floor.
TIMES = {
    ROOT: ((1000, 1010, 990, 1005, 1020), 250),
    COMMIT: ((600, 605, 595, 602, 610), 150),
    TREE: ((400, 402, 398, 401, 404), 140),
    WHIR: ((300, 310, 290, 305, 320), 60),
    GRIND: ((100, 110, 90, 105, 120), 50),
}


def document(factor=1.0, changed=(), **members):
    """A measured file; the spans in ``changed`` take ``factor`` times as long."""
    runs = [
        {path: ms[i] / 1000 * (factor if path in changed else 1) for path, (ms, _) in TIMES.items()}
        for i in range(5)
    ]

    def figures(seconds):
        return vars(Summary.of(seconds))

    content = {
        "schema": 1, "kind": "measured", "name": "made up", "prover": "openswirl 0", "date": None, "commit": None,
        "build_type": "Release", "device": "cpu", "command": None, "source": None, "notes": [],
        "machine": {"cpu": "C", "isa": "avx2", "cores": 2, "gpu": None, "os": "Linux"},
        "parameters": {"shape": "keccakf", "log_perms": 4, "params": "app:15", "threads": 2, "trace_seeds": 1},
        "run_count": 5, "warmup": 1, "headline": ROOT, "rates": None, "ceilings": None,
        "spans": {
            path: {"count": 1, **figures([run[path] for run in runs]), "floor_s": floor / 1000}
            for path, (_, floor) in TIMES.items()
        },
        "totals": {
            "with_grinding": figures([run[ROOT] for run in runs]),
            "without_grinding": figures([run[ROOT] - run[GRIND] for run in runs]),
        },
        "runs": [{"seed": 42, "spans": run} for run in runs],
    }  # fmt: skip
    return content | members


def load(content) -> BenchmarkFile:
    return BenchmarkFile.from_bytes(json.dumps(content).encode())


def comparison(factor=1.0, changed=tuple(TIMES)):
    return compare(load(document()), load(document(factor, changed)))


def test_rows_by_hand():
    rows = {row.path: row for row in comparison(0.5, (ROOT, COMMIT)).rows}
    # 1005 -> 502.5 and 602 -> 301.
    assert rows[ROOT].delta_s == pytest.approx(-0.5025)
    assert rows[ROOT].delta == pytest.approx(-0.5)
    assert rows[ROOT].speedup == pytest.approx(2.0)
    assert rows[ROOT].change == "faster"
    assert rows[COMMIT].delta_s == pytest.approx(-0.301)
    assert rows[TREE].delta_s == 0
    assert rows[TREE].change == ""
    slower = comparison(1.2).headline
    assert slower.delta == pytest.approx(0.2)
    assert slower.speedup == pytest.approx(1 / 1.2)
    assert slower.change == "slower"


def test_within_the_spread_is_no_change():
    # Runs of 990..1020 with the median 1005; 1 % more: 999.9..1030.2 with 1015.05, within the runs before.
    assert comparison(1.01).headline.change == ""
    # 2 % more: 1009.8 is above 1005, and 1025.1 above 1020.
    assert comparison(1.02).headline.change == "slower"
    assert comparison(0.99).headline.change == ""
    assert comparison(0.98).headline.change == "faster"


def test_an_outlier_counts_against_the_median():
    """One slow run before; the runs of 20 % more are 1188..1224 with the median 1206."""
    content = document()
    content["spans"][ROOT]["max_s"] = 1.2
    slow = load(document(1.2, tuple(TIMES)))
    assert compare(load(content), slow).headline.change == "slower"
    content["spans"][ROOT]["max_s"] = 1.3
    assert compare(load(content), slow).headline.change == ""


def test_without_grinding_by_hand():
    # Runs of 900, 900, 900, 900, 900 and, with all doubled, 1800.
    row = comparison(2.0).without_grinding
    assert row.before.seconds == pytest.approx(0.9)
    # The floor of 250 ms less that of the grinding, 50.
    assert row.before.floor_s == pytest.approx(0.2)
    assert row.delta_s == pytest.approx(0.9)


def test_equal_files_give_no_difference():
    same = comparison()
    assert same.same
    assert all(row.delta_s == 0 and row.speedup == 1 and row.change == "" for row in same.rows)
    assert [gate.judge(same).met for gate in default_gates(same)] == [True]


def test_residuals_by_hand():
    # Own time and own floor, children taken off: whole 1005 - 602 - 305 = 98 over 250 - 150 - 60 = 40, and so on.
    found = [(r.path, round(r.seconds * 1e3), round(r.floor_s * 1e3)) for r in residuals(load(document()))]
    assert found == [(TREE, 401, 140), (COMMIT, 201, 10), (WHIR, 200, 10), (ROOT, 98, 40), (GRIND, 105, 50)]
    first = residuals(load(document()))[0]
    assert first.distance_s == pytest.approx(0.261)
    assert first.ratio == pytest.approx(401 / 140)


def test_spans_of_one_file_only_are_shown():
    shorter = document()
    del shorter["spans"][GRIND]
    for run in shorter["runs"]:
        del run["spans"][GRIND]
    rows = {row.path: row for row in compare(load(shorter), load(document())).rows}
    assert rows[GRIND].before is None
    assert rows[GRIND].delta_s is rows[GRIND].speedup is None
    assert list(rows) == list(TIMES)
    assert (
        list({row.path for row in compare(load(document()), load(shorter)).rows}.symmetric_difference(TIMES))
        == []
    )
    with pytest.raises(sw.InputError, match="the first file has no span 'grind'"):
        Gate.parse("grind<=1x").judge(compare(load(shorter), load(document())))


@pytest.mark.parametrize(
    ("text", "factor", "met", "gap_ms"),
    [
        # The median of the headline is 1005 ms before.
        ("headline<=1005ms", 1.0, True, 0),
        ("headline<=1004ms", 1.0, False, 1),
        ("headline<=1.005s", 1.0, True, 0),
        ("headline <= 1005000 us", 1.0, True, 0),
        ("headline<=1004000µs", 1.0, False, 1),
        ("headline<=0.5x", 0.5, True, 0),
        ("headline<=0.5x", 0.6, False, 100.5),
        ("merkle_tree<=0.25x", 0.5, False, 100.25),
        # Runs of 990..1020 and the median 1005, before and times the factor.
        ("headline:improved", 0.98, True, 0),  # 984.9 < 990 and 999.6 < 1005
        ("headline:improved", 0.99, False, 4.95),  # 994.95 - 990, 1009.8 - 1005
        ("headline:improved", 1.0, False, 15),
        ("headline:not-slower", 1.0, True, 0),
        ("headline:not-slower", 1.015, True, 0),  # 1004.85 <= 1005
        ("headline:not-slower", 1.03, False, 14.7),  # 1019.7 - 1005, 1035.15 - 1020
        ("headline:not-slower", 1.05, False, 34.5),
        ("without_grinding<=900ms", 1.0, True, 0),
        ("without_grinding<=1x", 1.1, False, 90),
        (f"{GRIND}<=105ms", 1.0, True, 0),
        ("whir/grind<=104ms", 1.0, False, 1),
    ],
)
def test_gates_by_hand(text, factor, met, gap_ms):
    outcome = Gate.parse(text).judge(comparison(factor))
    assert outcome.met is met
    assert outcome.gap_s * 1e3 == pytest.approx(gap_ms)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "headline",
        "headline<1s",
        "headline<=1",
        "headline<=1m",
        "headline<=-1s",
        "<=1s",
        "a:better",
        "a<=x",
    ],
)
def test_texts_that_are_no_gates(text):
    with pytest.raises(sw.InputError, match="is none of SPAN<=1180ms"):
        Gate.parse(text)


def test_a_spread_that_is_not_known():
    earlier = [BenchmarkFile.load(DOCS / f"earlier-{name}-keccakf.json") for name in ("m08", "m15")]
    both = compare(*earlier)
    assert default_gates(both) == []
    with pytest.raises(sw.InputError, match="does not say how its runs spread"):
        Gate.parse("headline:improved").judge(both)
    with pytest.raises(sw.InputError, match="does not say what the proof takes without grinding"):
        Gate.parse("without_grinding<=1x").judge(both)


def test_the_earlier_report_comes_out_again():
    """Every delta that milestone 15 printed against milestone 8."""
    printed = {
        "stark_prove_excluding_trace": "+0.82", "prover.main_trace_commit": "-6.51", "rs_code_matrix": "-6.41",
        "prover.rap_constraints.round0": "-1.58", "prover.rap_constraints.mle_rounds": "-1.12",
        "prover.openings.whir": "+29.94", "prover.rap_constraints.logup_gkr": "-0.65",
    }  # fmt: skip
    both = compare(*(BenchmarkFile.load(DOCS / f"earlier-{name}-keccakf.json") for name in ("m08", "m15")))
    assert {row.path.split("/")[-1]: f"{100 * row.delta:+.2f}" for row in both.rows} == printed
    assert f"{both.headline.speedup:.3f}" == "0.992"
    outcome = Gate.parse("headline<=1180ms").judge(both)
    assert not outcome.met
    assert outcome.gap_s == pytest.approx(1.28)
    printed = {"rs_code_matrix": "+109.59", "round0": "+94.06", "mle_rounds": "-35.38", "logup_gkr": "+76.20"}
    both = compare(*(BenchmarkFile.load(DOCS / f"earlier-{name}-logup.json") for name in ("m08", "m15")))
    rows = {row.path.split("/")[-1].split(".")[-1]: row for row in both.rows}
    assert {name: f"{100 * row.delta:+.2f}" for name, row in rows.items() if row.delta is not None} == printed


def test_unlike_files_are_refused():
    def machine(**changes):
        return {"machine": document()["machine"] | changes}

    def parameters(**changes):
        return {"parameters": document()["parameters"] | changes}

    unlike = [
        (machine(cpu="D"), "machine cpu 'C' and 'D'"),
        (machine(isa="avx512"), "machine isa"),
        (machine(gpu="G"), "machine gpu None and 'G'"),
        (machine(cores=4), "machine cores 2 and 4"),
        (parameters(threads=1), "parameter threads 2 and 1"),
        (parameters(params="app:16"), "parameter params"),
        (parameters(log_perms=5), "parameter log_perms"),
        (parameters(extra=5), "parameter extra None and 5"),
        ({"kind": "published"}, "kind 'measured' and 'published'"),
    ]
    for change, expected in unlike:
        other = load(document(**change))
        with pytest.raises(sw.InputError, match=re.escape(expected)):
            compare(load(document()), other)
        allowed = compare(load(document()), other, cross_machine=True)
        assert len(allowed.unlike) == 1
        assert default_gates(allowed) == []
    for cross_machine in (False, True):
        with pytest.raises(sw.InputError, match="one file measures keccakf, the other logup"):
            compare(
                load(document()), load(document(**parameters(shape="logup"))), cross_machine=cross_machine
            )


def test_numbers_for_people():
    assert [milliseconds(s) for s in (2.46, 0.0235, 0.00588, 0.000153, None)] == [
        "2,460",
        "23.5",
        "5.88",
        "0.153",
        "-",
    ]
    assert [times(r) for r in (0.5, 12.345, 1234.5, None)] == ["0.50x", "12.35x", "1,234x", "-"]
    floors = (2e-3, 1e-7, 4e-8, 0.0, None)
    assert [milliseconds(floor) for floor in floors] == ["2.00", "0.0001", "0.0000", "0.000", "-"]
    assert [over_floor(4e-3, floor) for floor in floors] == ["2.00x", "40,000x", "-", "-", "-"]
    assert [large(n) for n in (8.6e6, 4.4e9, 12.0)] == ["8.6 M", "4.4 G", "12 "]


@pytest.fixture
def files(tmp_path):
    """Paths of a file, the same once more, and one with 20 % more time in one stage."""
    slow = document(1.2, tuple(TIMES))
    for name, content in (("before", document()), ("same", document()), ("slow", slow)):
        (tmp_path / f"{name}.json").write_text(json.dumps(content))
    return tmp_path


def report(capsys, *arguments, code):
    assert main(["report", *map(str, arguments)]) == code
    return capsys.readouterr()


def test_report_of_equal_files(files, capsys):
    out = report(capsys, files / "before.json", files / "same.json", code=0).out
    assert "no difference" in out
    assert "slower" not in out.replace("not-slower", "")
    result = json.loads(report(capsys, files / "before.json", files / "same.json", "--json", code=0).out)
    assert result["same"] is result["passed"] is True
    assert result["headline"]["delta_s"] == 0


def test_report_catches_a_regression(files, capsys):
    out = report(capsys, files / "before.json", files / "slow.json", code=1).out
    assert "NOT MET" in out
    assert "+20.00" in out
    # The fastest run now takes 1188 ms, the median before 1005.
    assert "gap 183 ms" in out
    report(capsys, files / "before.json", files / "slow.json", "--gate", "headline<=1.1x", code=1)
    report(capsys, files / "before.json", files / "slow.json", "--gate", "headline<=1.25x", code=0)
    report(capsys, files / "slow.json", files / "before.json", "--gate", "headline:improved", code=0)
    both = ["--gate", "headline<=2s", "--gate", "grind<=1ms"]
    result = json.loads(
        report(capsys, files / "before.json", files / "slow.json", *both, "--json", code=1).out
    )
    assert [gate["met"] for gate in result["gates"]] == [True, False]
    assert result["residuals"][0]["span"] == TREE


def test_report_refuses(files, capsys):
    old = document()
    (files / "old.json").write_text(json.dumps(old | {"schema": 0}))
    assert "older" in report(capsys, files / "before.json", files / "old.json", code=3).err
    (files / "empty.json").write_text(json.dumps(old | {"spans": {}}))
    assert "has no span" in report(capsys, files / "empty.json", files / "before.json", code=3).err
    (files / "other.json").write_text(json.dumps(old | {"machine": old["machine"] | {"cpu": "D"}}))
    assert "--cross-machine" in report(capsys, files / "before.json", files / "other.json", code=2).err
    report(capsys, files / "before.json", files / "other.json", "--cross-machine", code=0)
    assert "no span" in report(capsys, *[files / "before.json"] * 2, "--gate", "nope<=1s", code=2).err
    report(capsys, *[files / "before.json"] * 2, "--gate", "nonsense", code=2)
    report(capsys, files / "before.json", files / "missing.json", code=2)
    report(capsys, *[files / "before.json"] * 2, "--html", files / "x", "--markdown", files / "x", code=2)


def test_report_against_the_earlier_attempt(files, capsys):
    out = report(
        capsys, DOCS / "earlier-m15-keccakf.json", files / "before.json", "--cross-machine",
        "--gate", "headline<=1180ms", "--gate", "headline<=0.5x", code=0,
    ).out  # fmt: skip
    assert "Apple M2 Max" in out
    assert "2,460" in out
    assert "2.45x" in out
    assert out.count(" met (other work) ") == 1
    assert out.count("<=1180ms  met ") == 1


def test_few_runs_leave_it_open(files, capsys):
    for runs, code in ((3, 0), (4, 1)):
        paths = []
        for name, factor in (("a", 1.0), ("b", 1.5)):
            content = document(factor, tuple(TIMES))
            content["run_count"], content["runs"] = runs, content["runs"][:runs]
            paths.append(files / f"{name}.json")
            paths[-1].write_text(json.dumps(content))
        out = report(capsys, *paths, code=code).out
        assert ("too few runs to tell" in out) is (runs == 3)
        assert ("NOT MET" in out) is (runs == 4)
        assert bool(re.search(r"\bslower\b", out.replace("not-slower", ""))) is (runs == 4)
        result = json.loads(report(capsys, *paths, "--json", code=code).out)
        assert result["undecided"] is (runs == 3)
        assert result["gates"][0]["met"] is (None if runs == 3 else False)
        # A limit is a limit, whatever the spread.
        report(capsys, *paths, "--gate", "headline<=1x", code=1)


def test_other_work_is_named(files, capsys):
    small = document(0.1, tuple(TIMES), name="made up, 4 permutations")
    small["parameters"]["log_perms"] = 2
    (files / "small.json").write_text(json.dumps(small))
    words = [files / "before.json", files / "small.json", "--cross-machine", "--gate", "headline:improved"]
    out = report(capsys, *words, code=0).out
    assert out.startswith(
        "made up, openswirl 0 on C, and made up, 4 permutations, openswirl 0 on C, other work"
    )
    assert "met (other work)" in out
    assert "The files measure other work" in out
    assert "faster" not in out
    # Other threads are not other work.
    single = document(2.0, tuple(TIMES))
    single["parameters"]["threads"] = 1
    both = compare(load(document()), load(single), cross_machine=True)
    assert both.headline.change == "slower"


def test_unlike_files_of_equal_times_are_not_called_the_same(files, capsys):
    (files / "other.json").write_text(json.dumps(document(machine=document()["machine"] | {"cpu": "D"})))
    targets = ["--markdown", files / "x.md", "--html", files / "x.html"]
    words = [files / "before.json", files / "other.json", "--cross-machine", *targets]
    assert "no difference" not in report(capsys, *words, code=0).out
    assert "No difference" not in (files / "x.md").read_text() + (files / "x.html").read_text()


def test_numbers_of_any_size_stay_json(files, capsys):
    tiny = document(0.0, tuple(TIMES))
    for span in tiny["spans"].values():
        span.update(dict.fromkeys(("median_s", "p95_s", "min_s", "max_s", "floor_s"), 5e-324))
    (files / "tiny.json").write_text(json.dumps(tiny))

    def refuse(constant):
        raise AssertionError(constant)

    for words in (("tiny", "before"), ("before", "tiny")):
        paths = [files / f"{word}.json" for word in words]
        html = files / "tiny.html"
        main(["report", *map(str, paths), "--json", "--html", str(html)])
        result = json.loads(capsys.readouterr().out, parse_constant=refuse)
        assert all(row["speedup"] is None or row["speedup"] < 1e-300 for row in result["spans"])
        assert not re.search(r"\b(inf|nan)\b", html.read_text())
        assert "inf" not in re.split(r"\W", report(capsys, *paths, "--gate", "headline<=9s", code=0).out)
    for digits in (17, 400):
        gate = f"headline<={'9' * digits}s"
        assert "at most 2^53" in report(capsys, *paths, "--gate", gate, code=2).err


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ('"name": "a\\ud800"', "name has half a surrogate pair"),
        ('"parameters": {"shape": "a", "x": ["\\udc00"]}', r"parameters.x[0] has half a surrogate pair"),
        ('"spans": {"\\ud800": {}}', "spans has a name with half a surrogate pair"),
        ('"parameters": {"shape": "a", "x": 1e400}', "parameters.x is beyond the range of a double"),
    ],
)
def test_values_that_cannot_be_written_again(files, capsys, text, complaint):
    content = json.dumps(document())
    (files / "odd.json").write_text(content[:-1] + f", {text}}}")
    words = [files / "before.json", files / "odd.json", "--markdown", files / "x.md"]
    assert complaint in report(capsys, *words, code=3).err
    assert not (files / "x.md").exists()


def test_an_input_is_never_replaced(files, capsys):
    (files / "link.json").symlink_to(files / "same.json")
    old = (files / "same.json").read_text()
    for option in ("--markdown", "--html"):
        for target in ("same.json", "before.json", "link.json"):
            words = [files / "before.json", files / "same.json", option, files / target]
            assert "is one of the files to compare" in report(capsys, *words, code=2).err
    assert (files / "same.json").read_text() == old


def test_texts_of_a_file_form_no_links(files, capsys):
    name = "![a](b) <https://c.example> https://c.example www.c.example d@c.example **e** #1 ~~f~~"
    (files / "evil.json").write_text(json.dumps(document(name=name)))
    report(capsys, files / "before.json", files / "evil.json", "--markdown", files / "x.md", code=0)
    title = (files / "x.md").read_text().splitlines()[0]
    assert r"\!\[a\](b) &lt;https&#58;//c.example&gt; https&#58;//c.example www&#46;c.example" in title
    assert r"d&#64;c.example \*\*e\*\* \#1 \~\~f\~\~" in title
    assert "&emsp;" in (files / "x.md").read_text()


def test_an_output_that_cannot_show_a_letter_gets_it_escaped(files):
    name = "\N{GREEK SMALL LETTER MU} \N{LATIN SMALL LETTER E WITH ACUTE}"
    (files / "named.json").write_text(json.dumps(document(name=name)))
    script = "import sys; from openswirl.cli import main; sys.exit(main())"
    done = subprocess.run(
        [sys.executable, "-c", script, "report", files / "named.json", files / "named.json"],
        check=False,
        capture_output=True,
        env={**os.environ, "PYTHONIOENCODING": "latin1"},
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.decode("latin1").startswith("\\u03bc \N{LATIN SMALL LETTER E WITH ACUTE}: ")


class _Page(HTMLParser):
    """Counts elements, and checks that every one is closed."""

    def __init__(self):
        super().__init__()
        self.open, self.counts, self.links = [], {}, []

    def handle_starttag(self, tag, attributes):
        self.counts[tag] = self.counts.get(tag, 0) + 1
        self.links += [value for name, value in attributes if name in ("src", "href")]
        if tag != "meta":
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.counts[tag] = self.counts.get(tag, 0) + 1

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def test_pages(files, capsys):
    html, markdown = files / "r.html", files / "r.md"
    evil = document(name='<script>alert(1)</script> | "x"', prover="<b>p</b>")
    evil["spans"][f"{ROOT}/<u>"] = evil["spans"][GRIND]
    for run in evil["runs"]:
        run["spans"][f"{ROOT}/<u>"] = 0.1
    (files / "evil.json").write_text(json.dumps(evil))
    targets = ["--html", html, "--markdown", markdown]
    report(capsys, files / "before.json", files / "evil.json", *targets, code=0)
    page = _Page()
    page.feed(html.read_text())
    assert page.open == []
    assert page.links == []
    assert not page.counts.keys() & {"script", "b", "u"}
    assert page.counts["svg"] == 1
    # Two bars a span, one for the span that only one file has, two in the legend; a floor for each, one in the legend.
    assert page.counts["rect"] == page.counts["line"] + 1 == 2 * len(TIMES) + 3
    assert "<script>" not in markdown.read_text()
    assert r"\| " in markdown.read_text().splitlines()[0]
    for row in markdown.read_text().splitlines():
        if row.startswith("| stark_prove"):
            assert row.count("|") == 10


def test_a_terminal_is_not_driven_by_a_file(files, capsys):
    content = copy.deepcopy(document())
    content["name"] = "\x1b[31mred"
    content["notes"] = ["\x1b]0;title\x07"]
    (files / "evil.json").write_text(json.dumps(content))
    assert "\x1b" not in report(capsys, files / "before.json", files / "evil.json", code=0).out
