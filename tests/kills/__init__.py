"""Processes killed in the middle of their work, under load."""
