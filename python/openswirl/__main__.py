"""``python -m openswirl``: the command line, and ``--cmake-dir`` for builds of backend plugins."""

from __future__ import annotations

import sys


def main() -> int:
    if sys.argv[1:] == ["--cmake-dir"]:
        from openswirl.devices import cmake_dir

        print(cmake_dir())
        return 0
    from _openswirl_command import main as run

    return run()


if __name__ == "__main__":
    sys.exit(main())
