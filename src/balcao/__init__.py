"""Balcão: one counter behind every sales channel."""

__version__ = "0.1.0"
