"""``tools/bench_sweep``: Ctrl-C ends it in one line from the start, also while its modules are loaded."""

import sys

try:
    from command import sweep_range

    code = sweep_range(sys.argv[1:])
except KeyboardInterrupt:
    print("bench_sweep: interrupted; the checkouts are removed", file=sys.stderr)
    code = 130
sys.exit(code)
