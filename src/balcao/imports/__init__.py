"""Durable batches of catalogue, prices, stocks and stores: received, applied by the worker, reported."""
