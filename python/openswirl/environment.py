"""The environment variables of openswirl: their names alone, since whoever reads one checks its value."""

from __future__ import annotations

import difflib
import os

_PREFIX = "OPENSWIRL_"
#: Every variable that the package reads; docs/user-guide.md says what each one does.
VARIABLES = (
    "OPENSWIRL_CACHE_DIR",
    "OPENSWIRL_CPU",
    "OPENSWIRL_CUDA_DRIVER",
    "OPENSWIRL_CUDA_TIMEOUT",
    "OPENSWIRL_DEBUG",
    "OPENSWIRL_GENERATED",
    "OPENSWIRL_HOST_SEARCH",
    "OPENSWIRL_HOST_TAIL",
    "OPENSWIRL_KERNEL_TIMES",
    "OPENSWIRL_METAL_TIMEOUT",
    "OPENSWIRL_NVRTC",
    "OPENSWIRL_PLUGIN_PATH",
    "OPENSWIRL_POOL",
    "OPENSWIRL_SIM_ORDER",
    "OPENSWIRL_SIM_SHADOW",
    "OPENSWIRL_TUNING",
)


def settings() -> dict[str, str]:
    """What the environment sets under our prefix, known or not."""
    return {name: value for name, value in sorted(os.environ.items()) if name.startswith(_PREFIX)}


def unknown_variable(name: str) -> str | None:
    """What is wrong with a name under our prefix, and which one may have been meant."""
    if name in VARIABLES:
        return None
    # The prefix, which all have, would make every name alike.
    known = {variable.removeprefix(_PREFIX): variable for variable in VARIABLES}
    close = difflib.get_close_matches(name.removeprefix(_PREFIX), known, 1, 0.7)
    return f"openswirl has no variable {name}" + (f"; did you mean {known[close[0]]}?" if close else "")
