"""The Python half of the example backend: says where its plugin is."""

from __future__ import annotations

import os


def plugin_path() -> str:
    """The entry point of the group ``openswirl.backends``."""
    return os.environ["OPENSWIRL_EXAMPLE_PLUGIN"]
