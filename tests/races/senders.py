"""Another process that sends orders to a shop: `python -m tests.races.senders URL STORE SENDERS EXTERNAL_ID ORDER`.

Says `ready` on standard output, waits for a line on standard input, then sends all at once, each in a transaction of
its own, and says what became of them as JSON: `["written" | "replayed" | code of the refusal, order id or null]`.
ORDER is the items as JSON, `[["s1", 2], …]`; an empty EXTERNAL_ID gives each order its own.
"""

import asyncio
import json
import sys
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path

from balcao.base.db import Database
from balcao.base.values import Tenant, new_id
from balcao.orders.rules.receipt import Receipt
from tests.verbs.shop import Shop, items

Told = tuple[str, str | None]
ROOT = Path(__file__).parents[2]


async def main(url: str, senders: int, external_id: str, order: str) -> None:
    """Send, and tell what became of it."""
    db = await Database.open(url, size=senders)
    shop = Shop(db, Tenant("qaapp"))
    async with AsyncExitStack() as held:  # every connection is open before the start
        for _ in range(senders):
            await held.enter_async_context(db.read())
    lines = items(**dict(json.loads(order)))
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    await asyncio.to_thread(sys.stdin.readline)
    names = [external_id or str(new_id()) for _ in range(senders)]
    outcomes = await asyncio.gather(*(shop.place(shop.new(external_id=name, items=lines)) for name in names))
    told = [_told(outcome) for (outcome,) in outcomes]
    sys.stdout.write(json.dumps(told))
    await db.close()


def _told(outcome: object) -> Told:
    if isinstance(outcome, Receipt):
        return "replayed" if outcome.replayed else "written", str(outcome.order_id)
    return str(getattr(outcome, "code", type(outcome).__name__)), None


async def send_from_processes(
    url: str, orders: Sequence[Sequence[tuple[str, int]]], *, senders: int, external_id: str = ""
) -> list[Told]:
    """What became of the orders of as many processes as there are orders, each sending its own `senders` times."""
    args = ["-m", "tests.races.senders", url, str(senders), external_id]
    pipe = asyncio.subprocess.PIPE
    processes = [
        await asyncio.create_subprocess_exec(
            sys.executable, *args, json.dumps(order), stdin=pipe, stdout=pipe, cwd=ROOT
        )
        for order in orders
    ]
    for process in processes:
        assert process.stdout is not None
        assert await process.stdout.readline() == b"ready\n"
    answers = await asyncio.gather(*(process.communicate(b"go\n") for process in processes))
    return [(kind, order_id) for answer, _ in answers for kind, order_id in json.loads(answer)]


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2]), sys.argv[3], sys.argv[4]))
