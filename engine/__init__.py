"""The engine: jobs, the host process and its workers, run folders and logs. No Qt anywhere in it."""

__version__ = "0.1.0"
