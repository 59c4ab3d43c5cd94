"""Measurements, each a comparison in one run; `python -m bench` runs them and writes docs/benchmarks.md."""
