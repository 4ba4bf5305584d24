"""Picking in the console: a store's worklist, scan by scan, and what to do when something is not there."""

from balcao.doors.console.picking.pages import routes

__all__ = ["routes"]
