"""Benchmarks against other ways to do the same, measured side by side."""
