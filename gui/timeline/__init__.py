"""The timeline of a run: a lane for each worker, and what it did at each moment."""
