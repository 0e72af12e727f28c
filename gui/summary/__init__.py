"""The summary of a run: a verdict in words, numbers, charts."""
