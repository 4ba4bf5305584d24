"""The orders' SQL: keys (who owns an external id or invoice), load, save, and lists."""
