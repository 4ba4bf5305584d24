"""The schema's history: Alembic runs it, the SQL is plain.

Every change comes in halves: `_pre` runs before the new code starts (adds what it needs), `_post` after the old code is
gone (drops what nobody reads any more), so that two releases can run side by side.
"""
