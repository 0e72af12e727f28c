"""What a run came to: the verdict in words, numbers, charts."""
