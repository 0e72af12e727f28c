"""Inputs on their way to the workers."""
