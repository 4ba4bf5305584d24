"""From how far a package comes."""

from decimal import Decimal
from math import asin, cos, radians, sin, sqrt

EARTH_KM = 6371.0088

Point = tuple[Decimal | float | None, Decimal | float | None]
"""Latitude and longitude in decimal degrees."""


def distance_km(origin: Point, destination: Point) -> Decimal | None:
    """Along the great circle, to a tenth of a kilometre; None unless both places are known."""
    if None in (*origin, *destination):
        return None
    lat_1, lon_1, lat_2, lon_2 = (radians(float(degrees or 0)) for degrees in (*origin, *destination))
    half = sin((lat_2 - lat_1) / 2) ** 2 + cos(lat_1) * cos(lat_2) * sin((lon_2 - lon_1) / 2) ** 2
    return Decimal(str(round(2 * EARTH_KM * asin(sqrt(min(1.0, max(0.0, half)))), 1)))
