"""Whether this process was told to stop: answers without an end (server-sent events) wait for it, and end then."""

import asyncio

STOPPING = asyncio.Event()
"""Set in the event loop when the server begins to stop; it then waits for every answer under way."""
