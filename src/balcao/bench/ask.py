"""One question to the house by itself, to find out what to measure."""

import http.client
import json
from typing import Any

from balcao.bench.failure import BenchFailed
from balcao.bench.shop import Shop
from balcao.bench.stage import HOST, Served


def ask(shop: Shop, house: Served, path: str) -> Any:
    """What a path answers. Raises BenchFailed for anything but 200."""
    connection = http.client.HTTPConnection(HOST, house.port, timeout=60)
    try:
        connection.request("GET", path, headers={"Authorization": f"Bearer {shop.token}"})
        answer = connection.getresponse()
        body = answer.read()
        if answer.status != http.client.OK:
            raise BenchFailed(f"GET {path} was answered {answer.status}: {body[:400]!r}")
        return json.loads(body)
    finally:
        connection.close()
