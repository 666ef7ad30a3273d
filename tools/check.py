#!/usr/bin/env python3
"""Every static check in one command: formatting, linting, types, include directions, workflow files.

Usage: tools/check.py [--fix]     --fix formats instead of complaining
Needs `pip install openswirl[dev]`.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CPP_TREES = ("cpp", "backends", "tests")


def tool(name: str) -> str:
    beside = Path(sys.executable).parent / name
    return str(beside) if beside.exists() else name


def tracked(*suffixes: str) -> list[str]:
    listed = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout.split()
    return [name for name in listed if name.endswith(suffixes) and (ROOT / name).exists()]


def main() -> int:
    fix = "--fix" in sys.argv
    cpp = [name for name in tracked(".h", ".cpp") if name.startswith(CPP_TREES)]
    steps = {
        "clang-format": [tool("clang-format"), "-i", *cpp]
        if fix
        else [tool("clang-format"), "--dry-run", "-Werror", *cpp],
        "ruff format": [tool("ruff"), "format", "." if fix else "--check", *([] if fix else ["."])],
        "ruff": [tool("ruff"), "check", *(["--fix"] if fix else []), "."],
        "mypy": [tool("mypy"), "--strict", "-p", "openswirl"],
        "include directions": [sys.executable, "tools/check_includes.py"],
        "kernel texts": [sys.executable, "tools/check_kernels.py"],
        "actionlint": [tool("actionlint"), *tracked(".github/workflows/ci.yml")],
    }
    failed = []
    for name, command in steps.items():
        done = subprocess.run(command, cwd=ROOT, check=False)
        print(f"{name}: {'ok' if done.returncode == 0 else 'FAILED'}")
        if done.returncode != 0:
            failed.append(name)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
