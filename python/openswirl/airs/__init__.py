"""Ready-made AIRs: benchmarks, examples and the fixtures of the tests."""

from __future__ import annotations

from openswirl.airs.fibonacci import Fibonacci, FibonacciSelector
from openswirl.airs.from_json import JsonAir, air_from_json, air_to_json
from openswirl.airs.interactions import DummyInteraction, SelfInteraction
from openswirl.airs.keccak import KeccakF
from openswirl.airs.partitioned import PartitionedSum, PreprocessedCached
from openswirl.airs.uniform import AirShape, Synthetic, Uniform

__all__ = [
    "AirShape",
    "DummyInteraction",
    "Fibonacci",
    "FibonacciSelector",
    "JsonAir",
    "KeccakF",
    "PartitionedSum",
    "PreprocessedCached",
    "SelfInteraction",
    "Synthetic",
    "Uniform",
    "air_from_json",
    "air_to_json",
]
