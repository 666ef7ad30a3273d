"""The floors of one measurement: its counted work over the ceilings of the device, measured in the same process."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from openswirl.bench.ceilings import Ceilings, floors, measure
from openswirl.bench.document import ROOT
from openswirl.bench.work import Work, work_of
from openswirl.errors import DeviceError
from openswirl.keys import VerifyingKey


@dataclass(frozen=True)
class Floors:
    """What a proof must do, and the least time for it.

    Attributes:
        work: by path.
        ceilings: of the device; None if it measures none.
        seconds: the floor by path; empty without ceilings.
        note: why there are no ceilings, or empty.
    """

    work: Mapping[str, Work]
    ceilings: Ceilings | None
    seconds: Mapping[str, float]
    note: str = ""

    @classmethod
    def of(
        cls,
        vk: VerifyingKey,
        log_heights: Sequence[int | None],
        device: str,
        threads: int,
        permutations: float = 0.0,
    ) -> Floors:
        """Counts the work of a proof and measures the device with as many threads.

        ``permutations`` a second are known to be possible: the ceiling is at least that.
        """
        work = work_of(vk, log_heights)
        try:
            ceilings = measure(device, threads)
        except DeviceError as error:
            # The reference device has none, and its times are worth having all the same.
            return cls(work, None, {}, f"no floors: {error}")
        ceilings = replace(ceilings, permutations=max(ceilings.permutations, permutations))
        return cls(work, ceilings, floors(work, ceilings))

    def rates(self, proof_s: float) -> dict[str, float]:
        """Counted work over the time of a proof."""
        whole = self.work[ROOT]
        return {"hashes_per_s": whole.hashes / proof_s, "multiplications_per_s": whole.products / proof_s}
