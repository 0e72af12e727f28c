"""The timeline of a run: a lane for each worker, and what it was on at each moment."""
