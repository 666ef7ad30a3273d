"""Key generation: AIRs and parameters become a proving key."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from openswirl import _core
from openswirl.air import Air
from openswirl.arguments import as_integer
from openswirl.devices import opened
from openswirl.errors import KeygenError
from openswirl.keys import ProvingKey
from openswirl.params import SystemParams
from openswirl.prover import CancelToken, call_options
from openswirl.security import warn_about
from openswirl.wording import counted


def keygen(
    params: SystemParams,
    airs: Sequence[Air],
    required: Iterable[int] = (),
    device: str = "auto",
    *,
    threads: int | None = None,
    timeout: float | None = None,
    cancel: CancelToken | None = None,
) -> ProvingKey:
    """Makes the keys of a circuit (protocol part 02, 4).

    Args:
        params: the system parameters.
        airs: the AIRs, at most 2048; positions in this list are the AIR ids. Their ``eval`` runs once each.
        required: ids of AIRs that every proof must contain; all others are optional.
        device: commits the preprocessed traces; one that is named must exist also where there is nothing to commit.
            Keys are the same from every device.
        threads: worker threads; all cores by default.
        timeout: seconds.
        cancel: ends the call from another thread.

    Raises:
        KeygenError: an AIR that has no key; the text names it and, where there is one, the Python line.
        InputError: a required id that is no integer, or another option of the wrong type.
        DeviceError, OutOfMemory, Cancelled, Timeout: what they say.

    Warns:
        SecurityWarning: less than 100 bits, or beyond what the preset assumes.
    """
    if not isinstance(params, SystemParams):
        raise KeygenError(f"params must be SystemParams, not {type(params).__name__}")
    if isinstance(airs, Air) or not isinstance(airs, Sequence):
        raise KeygenError("airs must be a list of Air objects; their positions are the AIR ids")
    for index, air in enumerate(airs):
        if not isinstance(air, Air):
            hint = "; give an instance, not the class" if isinstance(air, type) else ""
            raise KeygenError(f"AIR {index} is no Air but {air!r}{hint}")
    ids = sorted({as_integer(air_id, "a required AIR id") for air_id in required})
    if ids and ids[-1] >= len(airs):
        raise KeygenError(f"required AIR {ids[-1]} does not exist; the list has {counted(len(airs), 'AIR')}")
    definitions = [air.definition() for air in airs]
    options = call_options(threads, timeout, cancel)
    with opened(device) as name:
        native = _core.keygen(params.native(), definitions, ids, name, **options)
    pk = ProvingKey(native)
    warn_about(pk.vk, stacklevel=2)
    return pk
