"""The batches' pure rules: what a batch is, what it waits for, which of its rows count."""
