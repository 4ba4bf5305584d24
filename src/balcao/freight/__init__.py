"""Freight: the carriers' tables, and what a cart costs to send from which store."""
