"""The run folder: what is written, and how."""
