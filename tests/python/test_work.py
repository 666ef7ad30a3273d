"""Counted work: against numbers of an independent model, and against what the reference backend performs.

``tests/cpp/counted_work/counts.tsv`` holds what the reference backend was seen to perform; a C++ test keeps it true.
"""

from __future__ import annotations

import functools
import json

import openswirl as sw
import pytest
import support
from openswirl.airs import Fibonacci, KeccakF
from openswirl.bench import work
from openswirl.bench.work import AirShape, Work, own_work, work_of, work_of_shape

#: The AIR of Keccak-f as a hand count has it: 3182 constraints, 8799 multiplications and 24614 additions a point.
KECCAK = AirShape(
    width=2633,
    log_height=15,
    needs_rotation=True,
    constraints=3182,
    degree=3,
    multiplications=8799,
    additions=24614,
)

#: What an independent cost model counts for 1024 Keccak permutations under app(21), serial permutations apart. The
#: stages of WHIR are added up: batching + sumcheck + encoding + queries. That model transforms the columns of the next
#: row like those of this row in round 0, 1035337728 butterflies; here they follow from those of this row.
KECCAK_1024 = {
    work.ENCODE: Work(mul=88080384, butterfly=2022244352, add=172556288, bytes=2459041792),
    work.MERKLE: Work(perm=29360127, bytes=721420288, sync=1),
    work.LOGUP: Work(),
    work.LOGUP_GRIND: Work(grind=262144, sync=1),
    work.ROUND_0: Work(
        mul=921763840,
        butterfly=1035337728 // 2,
        add=1613103104,
        mac=834142208,
        ext=65536,
        bytes=345112576,
        sync=1,
    ),
    work.FOLD: Work(mul=43139072, mac=690225152, bytes=517668864),
    work.MLE_ROUNDS: Work(add=734046012, ext=84360964, bytes=517963776, sync=11),
    work.STACKED_REDUCTION: Work(mac=1035337728, ext=65536, bytes=690225152, sync=18),
    work.WHIR: Work(
        mul=12025856 + 26017792,
        butterfly=16777216 + 98566144,
        add=16777216,
        mac=345112576 + 104071168,
        ext=2097152 + 8386560 + 139264,
        bytes=445775872 + 201277440 + 153223168 + 4456448,
        sync=1 + 12 + 6,
    ),
    work.WHIR_MERKLE: Work(perm=6291454, bytes=62914560, sync=2),
    work.WHIR_GRIND: Work(grind=32768 + 384 + 3145728),
}

#: The same for three AIRs of 171 columns, 2^12 rows, 86 constraints of degree 2 and 102 one-field messages, app(14).
UNIFORM = AirShape(
    width=171,
    log_height=12,
    constraints=86,
    degree=2,
    multiplications=86,
    additions=86,
    message_lengths=(1,) * 102,
)
UNIFORM_3 = {
    work.ENCODE: Work(mul=2113536, butterfly=33792000, add=4202496, bytes=59129856),
    work.MERKLE: Work(perm=589823, bytes=17039360, sync=1),
    work.LOGUP: Work(mac=5013504, ext=21307392, bytes=314228736, sync=231),
    work.LOGUP_GRIND: Work(grind=262144, sync=1),
    work.ROUND_0: Work(
        mul=3158016, butterfly=8404992, add=1056768, mac=34308096, ext=12288, bytes=8404992, sync=1
    ),
    work.FOLD: Work(mul=525312, mac=8404992, bytes=10506240),
    work.MLE_ROUNDS: Work(add=1591200, ext=864450, bytes=6414336, sync=8),
    work.STACKED_REDUCTION: Work(mac=16809984, ext=24576, bytes=16809984, sync=11),
    work.WHIR: Work(
        butterfly=131072, add=131072, mac=8404992, ext=16384 + 61440, bytes=9191424 + 1474560, sync=1 + 4 + 2
    ),
    work.WHIR_GRIND: Work(grind=32768 + 128 + 1048576),
}


def without_transcript(counts: Work) -> Work:
    return Work.from_dict({**counts.to_dict(), "serial_perm": 0})


@pytest.mark.parametrize(
    ("airs", "log_stacked_height", "expected", "serial"),
    [
        pytest.param([KECCAK], 21, KECCAK_1024, 3116, id="keccakf-1024"),
        pytest.param([UNIFORM] * 3, 14, UNIFORM_3, 1813, id="uniform"),
    ],
)
def test_counts_equal_those_of_the_cost_model(
    airs: list[AirShape], log_stacked_height: int, expected: dict[str, Work], serial: int
) -> None:
    counted = work_of_shape(sw.SystemParams.app(log_stacked_height), airs)
    own = own_work(counted)
    assert {path: without_transcript(own[path]) for path in expected} == expected
    outer = set(counted) - set(expected)
    assert all(without_transcript(own[path]) == Work() for path in outer)
    # The model estimates the transcript; here it is exact, see the last tests.
    assert counted[work.ROOT].serial_perm == pytest.approx(serial, rel=0.1)


def test_a_parent_is_the_sum_of_its_spans() -> None:
    counted = work_of_shape(sw.SystemParams.app(21), [KECCAK])
    total = counted[work.ROOT]
    assert total.perm == 29360127 + 6291454
    assert total.grind == 262144 + 3178880
    assert total.butterfly == 2022244352 + 1035337728 // 2 + 115343360
    assert counted[work.COMMIT] == counted[work.ENCODE] + counted[work.MERKLE]
    assert total.hashes == total.perm + total.grind + total.serial_perm
    assert next(iter(counted)) == work.ROOT


def test_the_keccak_air_of_the_package_is_the_one_counted_by_hand() -> None:
    vk = sw.keygen(sw.SystemParams.app(21), [KeccakF()]).vk
    air = AirShape.of(vk.airs[0], 15)
    assert (air.width, air.constraints, air.degree, air.needs_rotation) == (2633, 3182, 3, True)
    # Sharing of subexpressions makes the difference.
    assert air.multiplications == pytest.approx(KECCAK.multiplications, rel=0.25)
    assert air.additions == pytest.approx(KECCAK.additions, rel=0.25)


def test_shapes_that_no_proof_has_are_refused() -> None:
    params = sw.SystemParams.test_small()
    vk = sw.keygen(params, [Fibonacci()]).vk
    with pytest.raises(sw.InputError, match="2 log heights for a key of 1"):
        work_of(vk, [3, 3])
    with pytest.raises(sw.InputError, match="at least one"):
        work_of(vk, [None])
    with pytest.raises(sw.InputError, match="AIR 0 has a log height of 11"):
        work_of(vk, [11])


def test_work_round_trips() -> None:
    counts = Work(mul=3, grind=2.5, bytes=1 << 40)
    assert Work.from_dict(json.loads(json.dumps(counts.to_dict()))) == counts
    for change, text in (({"mul": -1}, "mul"), ({"perm": "many"}, "perm"), ({"muls": 1}, "'muls'")):
        with pytest.raises(sw.FormatError, match=text):
            Work.from_dict({**counts.to_dict(), **change})


@functools.cache
def performed() -> dict[str, dict[str, dict[str, int]]]:
    """By case and span: the operations that the reference backend performed, without those of inner spans."""
    header, *lines = (support.TESTS / "cpp" / "counted_work" / "counts.tsv").read_text().splitlines()
    names = header.split("\t")[2:]
    result: dict[str, dict[str, dict[str, int]]] = {}
    for line in lines:
        case, span, *counts = line.split("\t")
        result.setdefault(case, {})[span] = dict(zip(names, map(int, counts), strict=True))
    return result


def counted_case(case: str) -> dict[str, Work]:
    vk = sw.VerifyingKey.from_bytes(support.case_file(case, "vk.postcard"))
    proof = sw.Proof.from_bytes(support.case_file(case, "proof.bin"))
    return own_work(work_of(vk, proof.log_heights))


def searched(case: str) -> dict[str, int]:
    """By span: the trials of the searches, which start at 0 and end at the witness."""
    witnesses = support.case_json(case).get("pow_witnesses")
    if witnesses is None:
        return {}
    whir = [witnesses["mu"], *witnesses["folding"], *witnesses["query"]]
    return {work.LOGUP_GRIND: witnesses["logup"] + 1, work.WHIR_GRIND: sum(whir) + len(whir)}


CASES = tuple(performed())


def test_the_recorded_cases_are_all_kinds() -> None:
    assert len(CASES) == 11
    counted = [counted_case(case) for case in CASES]
    assert any(work.LOGUP_GRIND not in counts for counts in counted)  # without proof of work
    assert any(counts[work.LOGUP].ext > 0 for counts in counted)  # with interactions
    assert any(work.WHIR_MERKLE not in counts for counts in counted)  # with one WHIR round


@pytest.mark.parametrize("recorded", CASES)
def test_permutations_equal_those_that_the_reference_backend_performs(recorded: str) -> None:
    counted, seen = counted_case(recorded), performed()[recorded]
    trials = searched(recorded)
    # Equal span by span: trees, transcript and searches; and nothing else hashes.
    expected = {
        path: own.perm + own.serial_perm + (trials.get(path, 0) if own.grind else 0)
        for path, own in counted.items()
    }
    assert {path: seen[path]["permutations"] for path in counted} == expected
    assert all(counts["permutations"] == 0 for path, counts in seen.items() if path not in counted)


@pytest.mark.parametrize("recorded", CASES)
def test_products_bound_those_that_the_reference_backend_performs(recorded: str) -> None:
    counted, seen = counted_case(recorded), performed()[recorded]
    for path, own in counted.items():
        products = seen[path]["multiplications"] + 16 * seen[path]["ext_multiplications"]
        # The fold's multiplications are the reductions of its sums; the reference backend reduces every product.
        assert (own.mac if path == work.FOLD else own.products) <= products, path
