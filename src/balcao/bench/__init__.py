"""`balcao bench`: what an installation can do, measured beside the limits of the same machine in the same run.

Its own database in a fresh folder, its own servers, its own load generators in processes of their own. Whatever was
created under load is checked against the database afterwards: a bench that produced wrong data fails.
"""

from balcao.bench.play import run_bench

__all__ = ["run_bench"]
