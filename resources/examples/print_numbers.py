"""A process for each of some numbers."""

import logging


def print_number(num):
    """Log a number."""
    logging.info(f"Process {num}: {num}")
