"""What people are told on standard error while a command goes on: warnings, and what a device is busy with."""

from __future__ import annotations

import logging
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TextIO

import click

from openswirl import errors
from openswirl.cli.output import printable

#: The logger that devices tell their news to.
_NEWS = "openswirl.devices"
#: Letters of a sentence.
_LONGEST = 2000


@contextmanager
def notices_as_lines() -> Iterator[None]:
    """Inside, each is one line: a :class:`SecurityWarning`, without the Python line that led to it, a warning of
    openswirl's loggers, and the news of devices, such as that one compiles its kernels."""
    with _security_warnings(), _log_lines():
        yield


class _Lines(logging.Handler):
    def filter(self, record: logging.LogRecord) -> bool:
        return record.levelno >= logging.WARNING or record.name == _NEWS

    def emit(self, record: logging.LogRecord) -> None:
        _say(record.getMessage(), record.levelno >= logging.WARNING)


@contextmanager
def _log_lines() -> Iterator[None]:
    handler, all_of_us, news = _Lines(), logging.getLogger("openswirl"), logging.getLogger(_NEWS)
    level = news.level
    all_of_us.addHandler(handler)
    news.setLevel(logging.INFO)
    try:
        yield
    finally:
        news.setLevel(level)
        all_of_us.removeHandler(handler)


@contextmanager
def _security_warnings() -> Iterator[None]:
    with warnings.catch_warnings():
        others = warnings.showwarning

        def show(
            message: Warning | str,
            category: type[Warning],
            filename: str,
            lineno: int,
            file: TextIO | None = None,
            line: str | None = None,
        ) -> None:
            if issubclass(category, errors.SecurityWarning):
                _say(str(message), True)
            else:
                others(message, category, filename, lineno, file, line)

        warnings.showwarning = show
        yield


def _say(sentence: str, is_warning: bool) -> None:
    # Where standard error is gone or closed, what a command does goes on without the line.
    with suppress(OSError, ValueError):
        if sys.stderr is not None:
            click.echo(("warning: " if is_warning else "") + printable(sentence, _LONGEST), err=True)
