"""Measuring: benchmarks with a floor beside every span, their file format, and comparisons with gates."""
