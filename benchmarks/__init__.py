"""Measurements of headturn, each a module of this folder with a `main`; run them with `python -m benchmarks`."""
