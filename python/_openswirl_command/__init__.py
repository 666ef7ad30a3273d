"""The console command. Outside the package, so that it is there before the package's imports begin."""

from __future__ import annotations

import os
import sys

# What `signal` is made of, built into the interpreter: `signal` itself imports for milliseconds, in which Ctrl-C would
# still be a traceback.
from _signal import SIG_DFL, SIGINT, default_int_handler, getsignal, signal


def _say_interrupted() -> None:
    if sys.stderr is None:
        # Its descriptor may be another file's by now.
        return
    try:
        os.write(2, b"interrupted\n")
    except OSError:
        return


def _leave(signal_number: int, frame: object) -> None:
    # Not an exception: that would pass through half-made modules, which print or swallow it.
    _say_interrupted()
    os._exit(130)


def main() -> int:
    """Runs ``openswirl`` for the console and returns its exit code; Ctrl-C is one line and 130 at any moment.

    Afterwards only the end of the process is left, which Ctrl-C then cuts short without a word.
    """
    ours = getsignal(SIGINT) is default_int_handler
    if ours:
        signal(SIGINT, _leave)
    from openswirl.cli import main as run

    try:
        if ours:
            signal(SIGINT, default_int_handler)
        return run(sys.argv[1:])
    except KeyboardInterrupt:
        # Before or after the command takes care of it.
        _say_interrupted()
        return 130
    finally:
        if ours:
            signal(SIGINT, SIG_DFL)
