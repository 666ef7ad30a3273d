#!/usr/bin/env python3
"""Runs a command of ninja or pytest, and shows how far it is in place of all that it says.

Usage: tools/progress.py WHAT COMMAND...      WHAT begins every line, such as "openswirl"
On a terminal one line is drawn over and over; elsewhere every quarter is a line. What a failed command said is shown
from the first thing that failed.
"""

from __future__ import annotations

import os
import re
import select
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

#: Of ninja a step and their number, of pytest per cent.
STEP = re.compile(r"^\s*\[(\d+)/(\d+)\] ")
PERCENT = re.compile(r" \[ *(\d+)%\]$")
#: Where ninja, CMake, the compiler, pip or pytest begin to say what is wrong.
FAILURE = re.compile(r"^\s*(FAILED: |CMake Error|ERROR: |.*: (fatal )?error: |=+ (FAILURES|ERRORS) =+$)")
#: Lines of a failed command that are shown, and how many of them are its last.
MOST_LINES = 300
LAST_LINES = 40


class Line:
    """A part of the one line of a terminal that is drawn over, which all threads share; nothing where standard error
    is no terminal."""

    _lock = threading.Lock()
    _parts: ClassVar[dict[int, str]] = {}

    def __init__(self) -> None:
        self.drawn = sys.stderr.isatty()

    def show(self, text: str) -> None:
        self._draw(text)

    def clear(self) -> None:
        self._draw(None)

    def _draw(self, text: str | None) -> None:
        if not self.drawn:
            return
        with self._lock:
            if text is None:
                self._parts.pop(id(self), None)
            else:
                self._parts[id(self)] = text
            width = shutil.get_terminal_size().columns - 1
            whole = ", ".join(self._parts.values())
            print(f"\r{whole[:width]}\x1b[K", end="", file=sys.stderr, flush=True)


def run(what: str, command: Sequence[str | Path], folder: Path | None = None) -> int:
    """Runs the command, in `folder` if one is given, and returns its exit status, that of a signal as a shell would
    give it."""
    line, said = Line(), _Output(what)
    started = time.monotonic()
    with subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd=folder
    ) as process:
        assert process.stdout is not None
        descriptor = process.stdout.fileno()
        try:
            while True:
                passed = int(time.monotonic() - started)
                line.show(f"{what}: {said.state}, {passed // 60}:{passed % 60:02}")
                if not select.select([descriptor], [], [], 1)[0]:
                    continue
                data = os.read(descriptor, 1 << 16)
                if not data:
                    break
                for quarter in said.take(data):
                    if not line.drawn:
                        print(quarter, file=sys.stderr, flush=True)
        except KeyboardInterrupt:
            # The command is of the same terminal and has it too.
            process.wait()
            line.clear()
            return 130
    line.clear()
    if process.returncode != 0:
        print("\n".join(said.failure()), file=sys.stderr)
    return process.returncode if process.returncode >= 0 else 128 - process.returncode


class _Output:
    """What the command said so far."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._rest = b""
        self._lines: list[str] = []
        self._quarters = 0
        self.state = "preparing"

    def take(self, data: bytes) -> list[str]:
        """Takes in a piece of it; lines for those who see no state, as far as they are due."""
        *lines, self._rest = (self._rest + data).split(b"\n")
        due = []
        for line in (raw.decode(errors="replace") for raw in lines):
            self._lines.append(line)
            if step := STEP.match(line):
                done, of = map(int, step.groups())
                self.state = f"step {done} of {of}"
            elif percent := PERCENT.search(line):
                done, of = int(percent[1]), 100
                self.state = f"{done} %"
            else:
                continue
            if 4 * done // of > self._quarters and of >= 20:
                self._quarters = 4 * done // of
                due.append(f"{self._what}: {self.state}")
        return due

    def failure(self) -> list[str]:
        """The lines from the first failure on; the last ones if nothing is known to be one."""
        lines = [*self._lines, self._rest.decode(errors="replace")]
        first = next((place for place, line in enumerate(lines) if FAILURE.match(line)), None)
        if first is None:
            return lines[-LAST_LINES:]
        left_out = len(lines) - first - MOST_LINES
        if left_out <= 0:
            return lines[first:]
        return [
            *lines[first : first + MOST_LINES - LAST_LINES],
            f"... {left_out} lines",
            *lines[-LAST_LINES:],
        ]


if __name__ == "__main__":
    sys.exit(run(sys.argv[1], sys.argv[2:]))
