"""Two connections on one row."""
