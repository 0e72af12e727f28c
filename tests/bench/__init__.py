"""Benchmarks against other tools for the same work, measured side by side."""
