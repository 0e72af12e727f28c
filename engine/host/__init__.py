"""What runs under the user's interpreter: the host process and its workers. Standard library only, Python 3.9+."""
