"""The host's loop."""
