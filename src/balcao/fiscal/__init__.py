"""The NF-e, Brazil's electronic invoice: read and checked, its printable DANFE, and samples of it for demonstrations.

Pure: bytes come in, values go out; no database, no HTTP, no clock.
"""
