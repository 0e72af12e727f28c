"""The squares of some numbers, in a pool."""


def my_function(x):
    """Square a number."""
    return x * x
