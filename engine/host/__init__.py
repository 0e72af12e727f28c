"""What runs under the user's interpreter: host and workers. Standard library only, Python 3.9+."""
