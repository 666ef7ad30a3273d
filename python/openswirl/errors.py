"""Every error of the package. All are subclasses of :class:`Error` and say what, where, the limit and the remedy."""

from __future__ import annotations


class Error(Exception):
    """Base class of every error that openswirl raises on purpose."""


class FormatError(Error, ValueError):
    """Bytes that do not decode: truncated, extended, non-canonical, or a count beyond the bytes present.

    Attributes:
        offset: byte position where decoding stopped, or None if it is not known.
    """

    def __init__(self, message: str, offset: int | None = None) -> None:
        super().__init__(message)
        self.offset = offset

    def __reduce__(self) -> tuple[type[FormatError], tuple[str, int | None]]:
        return type(self), (str(self), self.offset)


class VerificationError(Error):
    """A well-formed proof that the verifier rejects.

    Attributes:
        check: dotted path of the check that failed, such as ``WhirError.MerkleVerify``.
        detail: the values of that check as text; may be empty.
    """

    def __init__(self, check: str, detail: str = "") -> None:
        super().__init__(f"proof rejected by {check}" + (f" ({detail})" if detail else ""))
        self.check = check
        self.detail = detail

    def __reduce__(self) -> tuple[type[VerificationError], tuple[str, str]]:
        return type(self), (self.check, self.detail)


class KeygenError(Error, ValueError):
    """AIRs or parameters from which no key can be made."""


class InputError(Error, ValueError):
    """Traces, public values or options that do not fit the key."""


class UnsatisfiedError(InputError):
    """The fresh proof does not verify: the traces violate their constraints (``openswirl.check`` says where), or the
    key or the device is damaged (``openswirl doctor``)."""


class UnbalancedBusError(Error, ValueError):
    """The messages sent and received on a bus do not cancel, so no proof exists.

    Attributes:
        bus: index of an unbalanced bus, or None if it is not known; ``openswirl.check`` lists the messages.
    """

    def __init__(self, message: str, bus: int | None = None) -> None:
        super().__init__(message)
        self.bus = bus

    def __reduce__(self) -> tuple[type[UnbalancedBusError], tuple[str, int | None]]:
        return type(self), (str(self), self.bus)


class DeviceError(Error):
    """A device that is unknown, not available, cannot do this shape, or failed; or a plugin that was refused."""


class OutOfMemory(Error, MemoryError):
    """An allocation beyond the memory there is.

    Attributes:
        need: bytes asked for, or None.
        have: bytes available, or None.
        phase: what the memory was for.
    """

    def __init__(
        self, message: str, need: int | None = None, have: int | None = None, phase: str = ""
    ) -> None:
        super().__init__(message)
        self.need = need
        self.have = have
        self.phase = phase

    def __reduce__(self) -> tuple[type[OutOfMemory], tuple[str, int | None, int | None, str]]:
        return type(self), (str(self), self.need, self.have, self.phase)


class Cancelled(Error):
    """The cancel token of the call was cancelled."""


class Timeout(Error, TimeoutError):
    """The call's timeout passed."""


class InternalError(Error):
    """A bug in openswirl."""


class SecurityWarning(UserWarning):
    """Parameters below 100 bits, or a shape beyond what their preset's security analysis assumes."""


_BY_KIND: dict[str, type[Error]] = {
    "keygen": KeygenError,
    "input": InputError,
    "unsatisfied": UnsatisfiedError,
    "device": DeviceError,
    "unsupported": DeviceError,
    "cancelled": Cancelled,
    "timeout": Timeout,
}


def from_native(
    kind: str,
    message: str,
    where: str,
    offset: int | None,
    bus: int | None,
    need: int | None,
    have: int | None,
) -> Error:
    """The exception for a failure of the core; called by the extension."""
    if kind == "format":
        return FormatError(message, offset)
    if kind == "unbalanced_bus":
        return UnbalancedBusError(message, bus)
    if kind == "out_of_memory":
        # The core has no memory for more than this much of the text.
        hint = "; use a smaller trace or close other programs" if message == "no memory left" else ""
        return OutOfMemory(message + hint, need, have, where)
    return _BY_KIND.get(kind, InternalError)(message)
