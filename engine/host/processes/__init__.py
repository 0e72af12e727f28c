"""Worker processes, as the host sees them."""
