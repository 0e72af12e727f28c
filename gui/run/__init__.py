"""The run in hand, without widgets, and the queue of those to come."""
