"""Proving: one call for one proof, or a Prover that keeps its key on a device for many."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Any

from openswirl import _core
from openswirl.arguments import as_integer, as_seconds
from openswirl.devices import opened
from openswirl.errors import InputError, Timeout, UnbalancedBusError
from openswirl.keys import ProvingKey
from openswirl.params import SystemParams
from openswirl.profiling import Report, Spans
from openswirl.proof import Digest, Proof
from openswirl.security import warn_about
from openswirl.trace import Matrix, Trace, Traces, as_pairs, check_matrix
from openswirl.wording import counted

_log = logging.getLogger("openswirl")

#: The most worker threads of a call.
MAX_THREADS = 4096
#: The longest timeout of a call, in seconds: decades.
MAX_TIMEOUT = 10**9

#: Called with the stage, the round within it, and the fraction of the whole proof in [0, 1]. The stages are commit,
#: logup_gkr, constraints, stacked_reduction, whir and, once, done.
ProgressCallback = Callable[[str, int, float], object]


class CancelToken:
    """Ends calls from another thread: every call that got this token raises :class:`openswirl.Cancelled`."""

    __slots__ = ("_native",)

    def __init__(self) -> None:
        self._native = _core.CancelToken()

    def cancel(self) -> None:
        """Asks the calls to end; on ``cpu`` they do within half a second, with their buffers freed."""
        self._native.cancel()

    @property
    def cancelled(self) -> bool:
        """Whether :meth:`cancel` was called."""
        return self._native.cancelled

    @property
    def native(self) -> _core.CancelToken:
        """The extension's own form."""
        return self._native


class Commitment:
    """A cached part that is committed already; goes into ``Trace(cached=[...])`` of any number of proofs.

    Attributes:
        matrix: the array that it was made from.
        params: the parameters that it was made with.
    """

    __slots__ = ("_native", "matrix", "params")

    def __init__(self, native: _core.Commitment, matrix: Matrix, params: SystemParams) -> None:
        """Not for users: commitments come from :func:`openswirl.commit`."""
        self._native = native
        self.matrix = matrix
        self.params = params

    @property
    def root(self) -> Digest:
        """The Merkle root, 8 canonical field elements."""
        return tuple(self._native.root)

    @property
    def device(self) -> str:
        """The device that holds it; a proof on another device takes it over without computing it again."""
        return self._native.device

    @property
    def native(self) -> _core.Commitment:
        """The extension's own form."""
        return self._native

    def __repr__(self) -> str:
        rows, columns = self.matrix.shape
        return f"<Commitment {counted(rows, 'row')}, {counted(columns, 'column')}, on {self.device}>"


def commit(
    params: SystemParams,
    matrix: Matrix,
    device: str = "auto",
    *,
    threads: int | None = None,
    timeout: float | None = None,
    cancel: CancelToken | None = None,
) -> Commitment:
    """Commits one matrix on its own (protocol part 03), as a cached part of later proofs.

    Args:
        params: those of the key that it will be used with.
        matrix: uint32 [rows, columns], C order, canonical; the rows are a power of two.
        device: ``"auto"``, ``"name"`` or ``"name:index"``.
        threads: worker threads; all cores by default.
        timeout: seconds.
        cancel: ends the call from another thread.

    Raises:
        InputError: a matrix that cannot be committed with these parameters.
        DeviceError, OutOfMemory, Cancelled, Timeout: what they say.
    """
    array = check_matrix(matrix, "the matrix")
    options = call_options(threads, timeout, cancel)
    with opened(device) as name:
        native = _core.commit(params.native(), array, name, **options)
    return Commitment(native, array, params)


class Prover:
    """A proving key on a device, for many proofs. Thread-safe where the device is.

    It keeps the largest buffers that a proof needed for the proofs to come, as long as it lives.

    Attributes:
        pk: the proving key.
        device: name of the device, never ``"auto"``.
    """

    def __init__(
        self,
        pk: ProvingKey,
        device: str = "auto",
        *,
        threads: int | None = None,
        timeout: float | None = None,
        cancel: CancelToken | None = None,
    ) -> None:
        """Loads the key onto the device.

        Args:
            pk: the proving key.
            device: ``"auto"``, ``"name"`` or ``"name:index"``; a named device is used or is an error.
                ``"lockstep:A,B"`` runs two side by side and fails at the first message that differs.
            threads: worker threads of every proof; all cores by default.
            timeout: seconds for loading.
            cancel: ends loading from another thread.

        Raises:
            InputError: an argument of the wrong type or out of range.
            DeviceError: the device is unknown, not available, or failed.
            OutOfMemory, Cancelled, Timeout: what they say.
        """
        if not isinstance(pk, ProvingKey):
            raise InputError(f"pk must be a ProvingKey, not {type(pk).__name__}")
        warn_about(pk.vk, stacklevel=2)
        self.pk = pk
        self._threads = threads
        options = call_options(threads, timeout, cancel)
        with opened(device) as name:
            self._native = _core.Prover(pk.native, name, **options)
        self.device: str = self._native.device
        _log.info("key with %s loaded on %s", counted(len(pk.vk.airs), "AIR"), self.device)

    def prove(
        self,
        traces: Traces,
        *,
        timeout: float | None = None,
        progress: ProgressCallback | None = None,
        cancel: CancelToken | None = None,
        memory_limit: int | None = None,
        verify_after: bool = True,
    ) -> Proof:
        """Makes one proof; see :func:`openswirl.prove`."""
        pairs = as_pairs(traces)
        if progress is not None and not callable(progress):
            raise InputError("progress must be a function of (stage, round, fraction)")
        native_traces = [
            (
                air_id,
                trace.common,
                [part.native if isinstance(part, Commitment) else part for part in trace.cached],
                list(trace.public_values),
            )
            for air_id, trace in pairs
        ]
        if memory_limit is not None:
            memory_limit = as_integer(memory_limit, "memory_limit", 1, 2**64 - 1, ", or None")
        started = time.perf_counter()
        try:
            native, records, peak_memory, used_threads = self._native.prove(
                native_traces,
                verify_after=bool(verify_after),
                progress=progress,
                memory_limit=memory_limit or 0,
                **call_options(self._threads, timeout, cancel),
            )
        except UnbalancedBusError as error:
            raise self._with_bus(error, pairs, _remaining(timeout, started), cancel) from None
        duration = time.perf_counter() - started
        report = Report(
            device=self.device,
            version=_core.version,
            threads=used_threads,
            spans=Spans.from_records(records),
            peak_memory=peak_memory,
            duration=duration,
        )
        _log.info(
            "proved %s on %s in %.3f s, peak memory %.1f MiB",
            counted(len(pairs), "trace"),
            self.device,
            duration,
            peak_memory / 2**20,
        )
        return Proof(native, report)

    @property
    def difference(self) -> dict[str, Any] | None:
        """Of a ``lockstep:A,B`` device: stage, call, layer, round, element, values where A and B first differed."""
        return self._native.difference

    def _with_bus(
        self,
        error: UnbalancedBusError,
        pairs: list[tuple[int, Trace]],
        timeout: float | None,
        cancel: CancelToken | None,
    ) -> UnbalancedBusError:
        """The error with the first unbalanced bus, if time allows: a proof only knows the sum over all of them."""
        from openswirl.checking import check

        try:
            report = check(
                self.pk, pairs, messages_per_bus=1, threads=self._threads, timeout=timeout, cancel=cancel
            )
        except Timeout:
            return error
        buses = report.buses
        if not buses:
            return error
        return UnbalancedBusError(f"{buses[0]}\n{error}", buses[0].bus)

    def __repr__(self) -> str:
        return f"<Prover of {self.pk!r} on {self.device}>"


def prove(
    pk: ProvingKey,
    traces: Traces,
    device: str = "auto",
    *,
    threads: int | None = None,
    timeout: float | None = None,
    progress: ProgressCallback | None = None,
    cancel: CancelToken | None = None,
    memory_limit: int | None = None,
    verify_after: bool = True,
) -> Proof:
    """Proves that the traces satisfy the key (protocol part 07, 7).

    The bytes are the same on every device, with any number of threads. The arrays are borrowed and must not change
    meanwhile; the GIL is released. Ctrl-C, ``cancel`` and ``timeout`` end the call within half a second on ``cpu``.

    Args:
        pk: the proving key.
        traces: {AIR id: Trace}; AIRs without one are absent.
        device: ``"auto"``, ``"name"`` or ``"name:index"``; only ``"auto"`` chooses.
        threads: worker threads; all cores by default.
        timeout: seconds for the whole call.
        progress: called on this thread with stage, round, fraction; what it raises ends the call.
        cancel: ends the call from another thread.
        memory_limit: bytes that the proof may hold on the device; all of its memory by default. A proof that is
            planned beyond it, or beyond the device's memory, is refused before any work.
        verify_after: verify the fresh proof before it is returned.

    Raises:
        InputError: traces or options that do not fit the key, or an array value that is not below p (the text names
            its index); with ``verify_after``, traces that violate their constraints.
        UnbalancedBusError: messages sent and received do not balance.
        DeviceError: the device is unknown, not available, cannot prove this shape, or failed.
        OutOfMemory: with ``need``, ``have`` and ``phase``, the stage that needs most.
        Cancelled, Timeout: what they say.
    """
    started = time.perf_counter()
    pairs = as_pairs(traces)
    prover = Prover(pk, device, threads=threads, timeout=timeout, cancel=cancel)
    return prover.prove(
        pairs,
        timeout=_remaining(timeout, started),
        progress=progress,
        cancel=cancel,
        memory_limit=memory_limit,
        verify_after=verify_after,
    )


def _remaining(timeout: float | None, started: float) -> float | None:
    """What is left of a timeout that began at `started`, in seconds."""
    return None if timeout is None else max(timeout - (time.perf_counter() - started), 0.0)


def call_options(threads: int | None, timeout: float | None, cancel: CancelToken | None) -> dict[str, Any]:
    """The options of a long call, checked, as the extension takes them.

    Raises:
        InputError: an option of the wrong type or out of range.
    """
    if threads is not None:
        threads = as_integer(threads, "threads", 1, MAX_THREADS, ", or None for all cores")
    if timeout is not None:
        timeout = as_seconds(timeout, "timeout", MAX_TIMEOUT, ", or None for no limit")
    if cancel is not None and not isinstance(cancel, CancelToken):
        raise InputError(f"cancel must be a CancelToken, not {type(cancel).__name__}")
    return {
        "threads": threads or 0,
        "timeout": timeout,
        "cancel": None if cancel is None else cancel.native,
    }
