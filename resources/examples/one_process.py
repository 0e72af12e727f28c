"""One process that logs a line."""

import logging


def my_process():
    """Log that this runs in a process of its own."""
    logging.info("This is a multiprocessing process.")
