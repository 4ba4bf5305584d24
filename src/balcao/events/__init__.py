"""The one log of what happened: appended in the transaction that makes it happen, read by everybody else."""
