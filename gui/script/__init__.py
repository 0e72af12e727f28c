"""The pane of a script: what was found in it without running it, and what it is run with."""
