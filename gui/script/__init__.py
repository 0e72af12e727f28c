"""The pane of a script: what was found in it without running it, and how it will be run."""
