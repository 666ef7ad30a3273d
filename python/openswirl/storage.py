"""What keys and proofs share: encodings as bytes, files, equality, hashing, pickling."""

from __future__ import annotations

import errno
import os
import stat
from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any, TypeVar

from openswirl.errors import InputError

_Self = TypeVar("_Self", bound="Encoded")


def write_atomically(path: str | os.PathLike[str], data: bytes) -> None:
    """Writes a file whole or not at all: a reader sees the old content or the new one, also after a crash.

    A file that is there keeps its mode, a new one gets that of open(); a symbolic link stays, and its target is
    written.

    Raises:
        OSError: the file may not or cannot be written, or the path is a device, pipe, socket or folder: replacing it
            by a file would destroy it. It names the path given, not the temporary file.
    """
    try:
        _replace(path, data)
    except OSError as error:
        raise OSError(error.errno, error.strerror or str(error), os.fspath(path)) from None


def _replace(path: str | os.PathLike[str], data: bytes) -> None:
    target = Path(os.path.realpath(path))
    mode = None
    if target.exists():
        mode = target.stat().st_mode
        if not stat.S_ISREG(mode):
            raise OSError(errno.EINVAL, "not a regular file")
        if not os.access(target, os.W_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    temporary = target.with_name(f".openswirl-{os.urandom(8).hex()}")
    descriptor = os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666)
    try:
        with os.fdopen(descriptor, "wb") as file:
            if mode is not None:
                os.fchmod(file.fileno(), stat.S_IMODE(mode))
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def as_bytes(data: object, what: str) -> bytes:
    """bytes, bytearray or memoryview as bytes."""
    if isinstance(data, bytes):
        return data
    if isinstance(data, (bytearray, memoryview)):
        return bytes(data)
    raise InputError(f"{what} must be bytes, not {type(data).__name__}")


class Encoded(ABC):
    """An immutable object that is known by its encoding."""

    __slots__ = ()

    @abstractmethod
    def to_bytes(self) -> bytes:
        """OpenVM's own encoding."""

    @classmethod
    @abstractmethod
    def from_bytes(cls: type[_Self], data: bytes) -> _Self:
        """The inverse of :meth:`to_bytes`.

        Raises:
            FormatError: bytes that are not exactly one canonical encoding; ``.offset`` says where.
        """

    def save(self, path: str | os.PathLike[str]) -> None:
        """Writes the encoding to a file, whole or not at all.

        Raises:
            OSError: the file cannot be written.
        """
        write_atomically(path, self.to_bytes())

    @classmethod
    def load(cls: type[_Self], path: str | os.PathLike[str]) -> _Self:
        """Reads a file that :meth:`save` or OpenVM wrote.

        Raises:
            FormatError: as :meth:`from_bytes`.
            OSError: the file cannot be read; FileNotFoundError if there is none.
        """
        return cls.from_bytes(Path(path).read_bytes())

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        assert isinstance(other, Encoded)
        return self.to_bytes() == other.to_bytes()

    def __hash__(self) -> int:
        import hashlib

        return int.from_bytes(hashlib.sha256(self.to_bytes()).digest()[:7], "little")

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self).from_bytes, (self.to_bytes(),)
