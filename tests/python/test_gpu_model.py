"""The model of a GPU: its arithmetic by hand, its trust in an algorithm with known times, and its files."""

from __future__ import annotations

import json
import re
from pathlib import Path

import earlier_attempt
import openswirl as sw
import pytest
from openswirl.bench import model as gpu_model
from openswirl.bench import shapes, work
from openswirl.bench.document import BenchmarkFile
from openswirl.bench.gpus import GPUS, M2_MAX, find_gpu
from openswirl.bench.model import kernel_time, permutation_cycles
from openswirl.bench.modelling import Modelled, model
from openswirl.bench.plan import Command, Operations
from openswirl.cli import main


@pytest.fixture(scope="module")
def logup() -> Modelled:
    return model(shapes.logup(), M2_MAX)


def command(**changes: object) -> Command:
    fields: dict[str, object] = {
        "path": "a", "name": "kernel", "groups": 4, "group_size": 64, "groups_counted": 4, "bytes_read": 0,
        "bytes_written": 0, "operations": Operations(), "longest": Operations(),
    }  # fmt: skip
    return Command(**{**fields, **changes})  # type: ignore[arg-type]


def test_a_kernel_takes_the_longest_of_its_bounds() -> None:
    rate = 38 * 128 * 1.398e9 * 0.83
    # Montgomery products are 8 + 15 lane-cycles, known factors 18, additions 3, second and later products of a sum 4.
    operations = Operations(
        multiplications=10**9, factor_multiplications=4 * 10**8, reductions=5 * 10**8, additions=10**9
    )
    arithmetic = kernel_time(command(operations=operations), M2_MAX)
    expected = (6e8 * 8 + 1e8 * 4 + 5e8 * 15 + 4e8 * 18 + 1e9 * 3) / rate
    assert arithmetic.seconds == pytest.approx(expected + 5e-6)
    assert arithmetic.bound == "arithmetic"
    memory = kernel_time(command(bytes_read=2 * 10**9, bytes_written=10**9), M2_MAX)
    assert memory.seconds == pytest.approx(3e9 / 340e9 + 5e-6)
    assert memory.bound == "memory"
    thread = kernel_time(command(longest=Operations(additions=10**6)), M2_MAX)
    assert thread.seconds == pytest.approx(3e6 / (1.398e9 * 0.83) + 5e-6)
    assert thread.bound == "one thread"
    hashes = Operations(permutations=324 * 10**6, multiplications=10**12)
    assert kernel_time(command(operations=hashes), M2_MAX).arithmetic_s == pytest.approx(1.0)
    assert kernel_time(
        command(groups=0, name="upload", bytes_written=2 * 10**9), M2_MAX
    ).seconds == pytest.approx(0.1)


def test_the_earlier_attempt_takes_what_it_took() -> None:
    predicted = earlier_attempt.predicted_ms()
    assert predicted.keys() == earlier_attempt.MEASURED_MS.keys()
    assert sum(predicted.values()) == pytest.approx(earlier_attempt.MEASURED_TOTAL_MS, rel=0.3)
    # The true error of every stage but the tree, to which the one figure is fitted; where it is large, the source is
    # not known in detail.
    errors = {"rs_code_matrix": -0.12, "fold": 0.12, "round0": -0.34, "mle_rounds": -0.39, "whir": -0.55,
              "stacked_reduction": -0.70}  # fmt: skip
    for stage, error in errors.items():
        assert predicted[stage] / earlier_attempt.MEASURED_MS[stage] - 1 == pytest.approx(error, abs=0.03), (
            stage
        )


def test_the_model_knows_where_the_host_takes_over() -> None:
    headers = Path(__file__).resolve().parents[2] / "backends" / "gpu"
    text = "".join(path.read_text() for path in sorted(headers.glob("*.h")))
    stated = dict(re.findall(r"uint64_t (kHost\w+) = uint64_t\{1\} << (\d+);", text))
    mirrored = {
        "kHostFractions": gpu_model._HOST_FRACTIONS,
        "kHostCombined": gpu_model._HOST_COMBINED,
        "kHostMoments": gpu_model._HOST_MOMENTS,
        "kHostConstraints": gpu_model._HOST_CONSTRAINTS,
    }
    assert mirrored == {name: 1 << int(stated[name]) for name in mirrored}


def test_spans_add_up(logup: Modelled) -> None:
    prediction = logup.prediction
    assert prediction.seconds() == pytest.approx(sum(span.seconds for span in prediction.spans.values()))
    inner = [path for path in prediction.spans if path.startswith(f"{work.OPENINGS}/")]
    own = prediction.spans[work.OPENINGS].seconds
    assert prediction.seconds(work.OPENINGS) == pytest.approx(
        own + sum(prediction.spans[path].seconds for path in inner)
    )
    waits = sum(span.waits for span in prediction.spans.values())
    assert waits == prediction.plan.device_work(below=work.ROOT)["waits"]
    # A tiny proof waits.
    assert prediction.seconds() > waits * M2_MAX.wait_s


def test_faster_hashing_is_faster() -> None:
    seconds = list(model(shapes.keccakf(0, sw.SystemParams.app(17)), M2_MAX).by_hash_rate.values())
    assert seconds == sorted(seconds)
    assert seconds[0] < seconds[-1]


def test_a_permutation_of_ours_is_counted(logup: Modelled) -> None:
    one, cycles, multiplier = permutation_cycles(logup.prediction.plan, M2_MAX)
    # 141 S-boxes of four, and seven products in each of 13 internal rounds.
    assert one.multiplications == 141 * 4 + 7 * 13
    assert multiplier == pytest.approx(20 * one.multiplications)
    assert multiplier < cycles


def test_gpus_by_name_and_from_a_file(tmp_path: Path) -> None:
    assert find_gpu("M2-Max") is M2_MAX
    with pytest.raises(sw.InputError, match="there are m2 max, m4 max, h200"):
        find_gpu("m9")
    path = tmp_path / "machine.json"
    gpu = GPUS["h200"]
    path.write_text(
        json.dumps(
            {"machine": {"gpu": "a card"}, "build_type": "x", "commit": None, **gpu.ceilings().to_dict()}
        )
    )
    read = find_gpu(str(path))
    assert read.description == "a card"
    for name, ceiling in gpu.ceilings().to_dict().items():
        if name not in ("device", "ext_multiplications", "copy_bytes"):
            assert read.ceilings().to_dict()[name] == pytest.approx(ceiling, rel=1e-6), name
    path.write_text(json.dumps({**gpu.ceilings().to_dict(), "launch_s": None, "wait_s": None}))
    with pytest.raises(sw.FormatError, match="no GPU"):
        find_gpu(str(path))


def run(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 0) -> str:
    assert main(arguments) == code
    captured = capsys.readouterr()
    return captured.out + captured.err


def test_the_command_line_writes_and_compares_models(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ours, other = str(tmp_path / "m2.json"), str(tmp_path / "h200.json")
    printed = run(capsys, "bench", "logup", "--device", "null", "--model", "m2 max", "--json", ours)
    for text in ("602 M permutations/s", "390 M", "324 M", "220 M", "lane-cycles", "Furthest from the floor"):
        assert text in printed
    run(capsys, "bench", "logup", "--device", "null", "--model", "h200", "--json", other)
    content = BenchmarkFile.load(ours)
    assert (content.kind, content.run_count, content.headline) == ("model", None, work.CONSTRAINTS)
    assert all(figures.predicted_s is not None for figures in content.spans.values())
    assert content.spans[work.ROOT].predicted_s > content.spans[work.WHIR].predicted_s > 0  # type: ignore[operator]
    measured = str(tmp_path / "measured.json")
    run(capsys, "bench", "logup", "--device", "cpu", "--runs", "1", "--warmup", "0", "--json", measured)
    for before, after in ((ours, other), (ours, measured)):
        assert "stacked_commit" in run(capsys, "report", before, after, "--cross-machine")


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("logup", "--device", "null"), "--model"),
        (("machine", "--device", "null"), "no limits to measure"),
        (("logup", "--device", "cpu", "--model", "m2 max"), "takes --device null"),
        (("logup", "--model", "m2 max", "--runs", "2"), "runs nothing"),
        (("logup", "--hash-rate", "300"), "without --model"),
        (("machine", "--model", "m2 max"), "means nothing to bench machine"),
    ],
)
def test_options_without_effect_are_refused(
    arguments: tuple[str, ...], reason: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert reason in run(capsys, "bench", *arguments, code=2)
