"""What a bench is asked to do."""

from pathlib import Path

import msgspec


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """connections: every number of callers to try; orders: how many lie in the database before; past: with how many of
    a shop's past lists are measured; feed_rows: products and levels of stock in the larger of the two shops whose feeds
    are measured; freight_rows: of the carriers' tables in the larger of the two that quote; batches: of 50,000 rows,
    one after the other, at the end of the catalogue's; data: where the fresh folder is made; database_url None is an
    embedded database in that folder.
    """

    suites: tuple[str, ...]
    connections: tuple[int, ...] = (64, 1, 256)
    servers: int = 1
    generators: int = 1
    runs: int = 3
    seconds: float = 8.0
    warm_up_s: float = 2.0
    rate: float = 1_000.0
    calm_s: float = 5.0
    storm_s: float = 60.0
    skus: int = 1000
    orders: int = 0
    past: int = 0
    feed_rows: int = 1_000_000
    freight_rows: int = 1_000_000
    batches: int = 0
    database_url: str | None = None
    data: Path | None = None
