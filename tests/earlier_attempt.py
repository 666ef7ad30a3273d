"""The earlier Metal backend of this protocol as data: the commands that its algorithm gives an M2 Max for 1024 Keccak
permutations, from the descriptions of its source and reports, for the model to time.

Fitted to its reports is one figure alone: 56.7 k lane-cycles a permutation, from its time for the first tree. As its
permutation has 642 multiplications and about 1000 additions, that also says which part of the issue rate its field
arithmetic reaches, in every kernel. Counts follow from its algorithm and the shape; where its source is not known in
detail, the milder case is taken. Idle lanes count as operations, because they are paid for.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from openswirl.bench.gpus import M2_MAX, Gpu
from openswirl.bench.model import kernel_time
from openswirl.bench.plan import Command, Operations

#: Median milliseconds of its last report; the fold is what `round0` takes beyond its evaluation.
MEASURED_MS = {
    "rs_code_matrix": 613,
    "merkle_tree": 220,
    "round0": 192,
    "fold": 736,
    "mle_rounds": 176,
    "stacked_reduction": 105,
    "whir": 408,
}
MEASURED_TOTAL_MS = 2460

WIDTH, ROWS, BLOCK = 2633, 1 << 15, 16
COLUMNS, LOG_CODEWORD = 42, 22  # of the stacked matrix
MULTIPLICATIONS, ADDITIONS = 8799, 24600  # of all constraints at a point
PERMUTATION_LANE_CYCLES = 56.7e3
SPILLED = 3 * 4  # bytes of two operands and a result in private memory

#: Its 64-bit arithmetic was made of 32-bit halves: low and high products are instructions of their own.
CYCLES = replace(M2_MAX.cycles, product=12, reduction=4 + 12 + 4 + 3)
PERMUTATION = Operations(multiplications=564 + 13 * 6, reductions=564 + 13 * 6, additions=1000)
GPU: Gpu = replace(
    M2_MAX,
    cycles=CYCLES,
    efficiency=CYCLES.arithmetic(PERMUTATION) / PERMUTATION_LANE_CYCLES,
    hash_rate=M2_MAX.lanes_per_s / PERMUTATION_LANE_CYCLES,
)


@dataclass(frozen=True)
class Step:
    """Equal dispatches of one stage.

    Attributes:
        stage: name of the span.
        dispatches: how many, sharing what follows.
        waits: after how many of them the host waits.
        multiplications, additions, permutations, bytes: of all of them.
        longest: multiplications of one thread.
    """

    stage: str
    dispatches: int
    waits: int = 0
    multiplications: float = 0
    additions: float = 0
    permutations: float = 0
    bytes: float = 0
    longest: float = 0

    def seconds(self, gpu: Gpu) -> float:
        def share(value: float) -> int:
            return round(value / self.dispatches)

        def products(count: int, additions: int = 0, permutations: int = 0) -> Operations:
            return Operations(
                multiplications=count, reductions=count, additions=additions, permutations=permutations
            )

        command = Command(
            self.stage, self.stage, 1, 1, 1, share(self.bytes), 0,
            products(share(self.multiplications), share(self.additions), share(self.permutations)),
            products(share(self.longest)),
        )  # fmt: skip
        return self.dispatches * kernel_time(command, gpu).seconds + self.waits * gpu.wait_s


def transform(stage: str, columns: int, log_size: int, dispatches_per_pass: int) -> list[Step]:
    """A radix-2 transform: one pass over memory, one launch and one wait a stage; a twiddle is recomputed by as many
    multiplications as its stage has bits; threadgroups of min(2^stage, 32) threads leave the other lanes idle."""
    steps = []
    for level in range(log_size):
        butterflies = columns << (log_size - 1)
        idle = 32 / min(1 << level, 32)
        steps.append(
            Step(
                stage,
                dispatches_per_pass,
                waits=dispatches_per_pass,
                multiplications=butterflies * idle * (1 + level),
                additions=butterflies * idle * 2,
                bytes=2 * 4 * (columns << log_size),
            )
        )
    return steps


def tree(stage: str, leaves: float, permutations: float, bytes_read: float) -> list[Step]:
    """Leaves and layers in one command buffer."""
    layers = int(leaves).bit_length()
    return [Step(stage, layers, waits=1, permutations=permutations, bytes=bytes_read + 64 * leaves)]


def searches(stage: str, count: int, bits: int) -> Step:
    """Batches of 2^bits, each with a wait: 1 / (1 - 1/e) batches are expected."""
    batches = round(1.58 * count)
    return Step(stage, batches, waits=batches, permutations=1.58 * count * 2**bits)


def steps() -> list[Step]:
    """Every dispatch of its proof."""
    codeword = COLUMNS << LOG_CODEWORD
    nodes = MULTIPLICATIONS + ADDITIONS
    result = transform("rs_code_matrix", COLUMNS, LOG_CODEWORD, COLUMNS)
    # Bit reversal writes single words of lines of 32 bytes; stacking and padding copy.
    result.append(Step("rs_code_matrix", COLUMNS, waits=COLUMNS, bytes=4 * codeword * (1 + 8) + 4 * codeword))
    result += tree("merkle_tree", 1 << LOG_CODEWORD, 29.36e6, 4 * codeword)
    # One thread a point of each of two cosets; every second node names a column, which is transformed anew: eight
    # butterflies a lane. Operands and results are in private memory.
    points = 2 * ROWS
    result.append(
        Step(
            "round0",
            2,
            waits=2,
            multiplications=points * (MULTIPLICATIONS + 8 * nodes / 2),
            additions=points * (ADDITIONS + 16 * nodes / 2),
            bytes=points * nodes * SPILLED,
        )
    )
    # A kernel for each column, and for each rotated one, and a wait for each.
    result.append(
        Step("fold", 2 * WIDTH, waits=2 * WIDTH, multiplications=8 * WIDTH * ROWS, bytes=8 * WIDTH * ROWS)
    )
    # Extension products: 16 and their reductions; four points a pair. Four waits a round.
    for j in range(11):
        evaluations = 4 * (ROWS // BLOCK >> (j + 1))
        result.append(
            Step(
                "mle_rounds",
                6,
                waits=4,
                multiplications=16 * evaluations * (MULTIPLICATIONS + WIDTH),
                additions=4 * evaluations * ADDITIONS,
                bytes=evaluations * nodes * 4 * SPILLED,
                longest=16 * MULTIPLICATIONS,
            )
        )
    # Round 0 on whole columns, then 17 rounds on all 42 of them, folded each time; three waits a round.
    result.append(
        Step("stacked_reduction", 4, waits=2, multiplications=16 * (COLUMNS << 21), bytes=8 * (COLUMNS << 21))
    )
    for j in range(17):
        pairs = COLUMNS << (16 - j)
        result.append(Step("stacked_reduction", 4, waits=3, multiplications=16 * 6 * pairs, bytes=96 * pairs))
    return result + whir_steps()


def whir_steps() -> list[Step]:
    """Four rounds of four folds; three folded codewords of extension elements; its older parameters."""
    result = [
        Step(
            "whir",
            2,
            waits=1,
            multiplications=4 * (COLUMNS << 21),
            bytes=4 * (COLUMNS << 21) + 48 * (1 << 21),
        )
    ]
    for j in range(16):
        pairs = 1 << (20 - j)
        result.append(Step("whir", 4, waits=3, multiplications=16 * 4 * pairs, bytes=96 * pairs))
    for queries, log_codeword in ((193, 21), (88, 20), (81, 19)):
        result += transform("whir", 4, log_codeword, 1)
        result += tree("whir", 1 << log_codeword, 2 * (1 << log_codeword), 16 * (1 << log_codeword))
        # The weight of every query is a table of its own: a pass over the folded polynomial's length.
        message = 1 << (log_codeword - 4)
        result.append(
            Step(
                "whir",
                queries,
                waits=1,
                multiplications=2 * 16 * queries * message,
                bytes=32 * queries * message,
            )
        )
    return [*result, searches("whir", 4, 20)]


def predicted_ms() -> dict[str, float]:
    """By stage."""
    result: dict[str, float] = {}
    for step in steps():
        result[step.stage] = result.get(step.stage, 0.0) + step.seconds(GPU) * 1e3
    return result


if __name__ == "__main__":
    for stage, predicted in predicted_ms().items():
        print(f"{stage:18} {predicted:7.0f} ms predicted, {MEASURED_MS[stage]:5} reported")
    print(f"{'total':18} {sum(predicted_ms().values()):7.0f}              {MEASURED_TOTAL_MS:5}")
