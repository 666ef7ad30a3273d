"""tests/bench/peer: what its Python part hands to the program and makes of what comes back; Rust is not needed."""

from __future__ import annotations

import importlib.util
import json
import sys

import pytest
import support
from openswirl.bench.document import ROOT, BenchmarkFile

#: Stands for the Rust program: checks its input, prints what that one prints.
PROGRAM = """#!{python}
import json, os, sys
import openswirl as sw
mode, pk, *folders = sys.argv[1:]
assert mode == "prove"
pk = sw.ProvingKey.load(pk)
cases = []
for folder in folders:
    pk.vk.save(folder + "/vk.postcard")
    pk.save(folder + "/pk.postcard")
    case = json.load(open(folder + "/case.json"))
    case["vk"] = dict(airs=[{{}} for _ in pk.vk.airs])
    json.dump(case, open(folder + "/case.json", "w"))
    cases.append(sw.cases.load(folder))
root = "stark_prove_excluding_trace"
proofs, rates = iter(range(99)), iter([3e6, 2e6])
warmup = 2 * len(folders)

def answer(order):
    if order == "permutations":
        return next(rates)
    if order == "peak":
        return 3 << 30
    proof = sw.prove(pk, cases[int(order)].traces, device="reference")
    tampered = bytearray(proof.to_bytes())
    tampered[{flip}] ^= {mask}
    open(os.environ["PROOF_OUT"], "wb").write(tampered)
    n = next(proofs) - warmup + 1
    if n > 0 and "{fault}":
        sys.exit(int("{fault}"))
    return dict(verify_s=0.5, spans={{
        root: [1, 10.0 * n],
        root + "/{stage}": [1, 4.0 * n],
        root + "/{stage}/inner": [3, 2.0 * n],
        root + "/prove_stacked_opening_reduction": [1, 1.0 * n],
        root + "/prove_whir_opening_cpu": [1, 3.0 * n],
        root + "/prove_whir_opening_cpu/grind for proof-of-work witness": [4, 0.5 * n],
    }})

for line in sys.stdin:
    print(json.dumps(answer(line.strip())), flush=True)
"""


@pytest.fixture
def peer():
    spec = importlib.util.spec_from_file_location("peer", support.REPOSITORY / "tests/bench/peer/peer.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def program(tmp_path):
    def make(flip: int = 0, mask: int = 0, stage: str = "prove_zerocheck_and_logup", fault: str = ""):
        path = tmp_path / "program"
        path.write_text(PROGRAM.format(python=sys.executable, flip=flip, mask=mask, stage=stage, fault=fault))
        path.chmod(0o755)
        return str(path)

    return make


def test_the_file_is_one_that_the_reader_takes(peer, program, tmp_path, capsys):
    target = tmp_path / "peer.json"
    words = ["logup", "--runs", "3", "--warmup", "2", "--trace-seeds", "2", "--threads", "2"]
    assert peer.main([*words, "--program", program(), "--json", str(target)]) == 0
    content = BenchmarkFile.load(target)
    assert content.kind == "measured"
    assert content.prover == "openvm-cpu-backend 2.0.1"
    assert content.headline == f"{ROOT}/prover.rap_constraints"
    # Runs of two seeds each, 10 s times 1 and 2, 3 and 4, 5 and 6: means 15, 35 and 55.
    root = content.spans[ROOT]
    assert (root.count, root.summary.median_s, root.summary.min_s, root.summary.max_s) == (1, 35, 15, 55)
    assert content.spans[f"{ROOT}/prover.rap_constraints/inner"].count == 3
    openings = content.spans[f"{ROOT}/prover.openings"]
    assert (openings.count, openings.summary.median_s) == (1, 4 * 3.5)
    whir = f"{ROOT}/prover.openings/prover.openings.whir"
    assert (content.spans[f"{whir}/grind"].count, content.spans[whir].summary.median_s) == (4, 3 * 3.5)
    assert list(content.spans).index(f"{ROOT}/prover.openings") < list(content.spans).index(whir)
    assert content.totals["without_grinding"].median_s == 9.5 * 3.5
    assert content.spans["verify"].summary.median_s == 0.5
    assert [run.seed for run in content.runs] == [42, 43] * 3
    assert content.parameters["trace_seeds"] == 2
    assert content.parameters["threads"] == 2
    assert content.command == "tests/bench/peer/run logup --runs 3 --warmup 2 --threads 2 --trace-seeds 2"
    assert "peak memory of the process: 3,072 MiB" in content.notes
    assert content.ceilings == {"permutations": 3e6}
    assert "35" in capsys.readouterr().out


@pytest.mark.thorough
def test_openswirl_takes_turns(peer, program, tmp_path, capsys):
    theirs, ours = tmp_path / "peer.json", tmp_path / "ours.json"
    words = ["logup", "--runs", "2", "--warmup", "2", "--trace-seeds", "2", "--threads", "1"]
    words += ["--program", program(), "--json", str(theirs), "--beside", str(ours)]
    assert peer.main(words) == 0
    content = BenchmarkFile.load(ours)
    assert (content.device, content.run_count, content.warmup) == ("cpu", 2, 2)
    assert content.parameters == BenchmarkFile.load(theirs).parameters
    assert len(content.runs) == len(BenchmarkFile.load(theirs).runs) == 4
    assert content.ceilings["permutations"] >= 3e6
    assert "openswirl in turns: " in capsys.readouterr().out


def test_traces_arrive_as_they_are(peer, tmp_path):
    loaded = support.load_case("mixture_l2_n8_k4")
    folder = tmp_path / "case"
    peer.write_traces(folder, loaded.traces)
    description = json.loads((folder / "case.json").read_text())
    original = support.case_json("mixture_l2_n8_k4")
    assert [entry["air_id"] for entry in description["traces"]] == [
        entry["air_id"] for entry in original["traces"]
    ]
    assert [entry["public_values"] for entry in description["traces"]] == [
        entry["public_values"] for entry in original["traces"]
    ]
    written = {path.name: path.read_bytes() for path in folder.glob("*.npy")}
    source = support.vectors_folder() / "mixture_l2_n8_k4"
    kept = {path.name: path.read_bytes() for path in source.glob("air*_c*.npy")}
    assert written == kept


def test_a_proof_that_our_verifier_refuses_is_an_error(peer, program, tmp_path, capsys):
    target = tmp_path / "peer.json"
    words = ["logup", "--warmup", "2", "--program", program(flip=100, mask=1), "--json", str(target)]
    assert peer.main(words) == 2
    assert "peer: " in capsys.readouterr().err
    assert not target.exists()


def test_a_program_with_other_spans_is_an_error(peer, program, capsys):
    assert peer.main(["logup", "--warmup", "2", "--program", program(stage="new_name")]) == 2
    assert "its spans are not those of version 2.0.1: " in capsys.readouterr().err


def test_a_program_that_fails_is_an_error(peer, program, capsys):
    assert peer.main(["logup", "--warmup", "2", "--program", program(fault="7")]) == 2
    assert "peer: the peer ended with exit status 7" in capsys.readouterr().err


@pytest.mark.parametrize(
    "words", [["case"], ["verify", "one"], ["logup", "folder"], ["logup", "--runs", "0"]]
)
def test_bad_options_are_refused(peer, words):
    with pytest.raises(SystemExit) as exit:
        peer.main(words)
    assert exit.value.code == 2
