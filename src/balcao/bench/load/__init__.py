"""The load generator: a process of its own, so that what it costs is never taken from the server's process."""
