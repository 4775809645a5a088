"""Measurements: run them with `make bench`, or one group with `python -m benchmarks.store`."""
