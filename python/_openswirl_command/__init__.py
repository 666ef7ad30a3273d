"""The console command. Outside the package, so that it is there before the package's imports begin."""

from __future__ import annotations

import os
import signal
import sys
from types import FrameType


def _leave(signal_number: int, frame: FrameType | None) -> None:
    # Not an exception: that would pass through half-made modules, which print or swallow it.
    os._exit(130)


def main() -> int:
    """Runs ``openswirl`` and returns its exit code; Ctrl-C during the imports ends it without a word."""
    handler = signal.getsignal(signal.SIGINT)
    if handler is signal.default_int_handler:
        signal.signal(signal.SIGINT, _leave)
    from openswirl.cli import main as run

    try:
        signal.signal(signal.SIGINT, handler)
        return run(sys.argv[1:])
    except KeyboardInterrupt:
        return 130
