"""The worker process: queued jobs, what is due by the clock, batches to apply, webhooks to send, OmniChat's hooks."""

import asyncio
import gc
import signal
from collections.abc import Awaitable, Callable, Sequence
from functools import partial

import structlog
import uvloop

from balcao.base.db import ALONG_KEYS, Database, Tx
from balcao.base.errors import Invalid, Unavailable
from balcao.base.http import Http
from balcao.base.jobs import Job, Schedule, purge_log, run_jobs
from balcao.base.log import set_up_logging
from balcao.base.now import now_us
from balcao.base.seal import Seal
from balcao.base.settings import Settings, read_settings
from balcao.base.values import Tenant
from balcao.catalog.price_history import purge_price_changes
from balcao.doors.neomode.rows import read_rows
from balcao.events.keep import drop_old_days, make_days, mark_log
from balcao.freight.find import purge_versions
from balcao.freight.networks import Networks
from balcao.freight.offers import purge_offers
from balcao.imports.keep import purge_batches
from balcao.imports.work import apply_batches
from balcao.omnichat.hooks import purge_hooks
from balcao.omnichat.work import work_for_omnichat
from balcao.orders.expire import expire_due_orders
from balcao.orders.note_terms import keep_searchable
from balcao.stock.ledger import purge_ledger
from balcao.tenants.answers import purge_answers
from balcao.tenants.tenants import list_tenants
from balcao.webhooks.deliver import deliver_webhooks
from balcao.webhooks.keep import purge_attempts, purge_dead_letters
from balcao.webhooks.send import SEALED_FOR, Sender

log = structlog.get_logger(__name__)


def main(settings: Settings | None = None) -> None:
    """Work until SIGTERM or SIGINT, with the settings of the environment unless given.

    Raises Invalid when a setting is wrong or there is no DATABASE_URL. The database may be away: it is waited for.
    """
    settings = settings or read_settings()
    set_up_logging(level=settings.log_level, log_format=settings.log_format)
    _collect_seldom()
    uvloop.run(_until_told(settings))


def _collect_seldom() -> None:
    """A batch is tens of thousands of small objects without circles: looking for those after every few hundred took a
    fifth of the time.
    """
    gc.freeze()
    gc.set_threshold(50_000, 50, 50)


async def work(settings: Settings, stop: asyncio.Event) -> None:
    """Do jobs and schedules until `stop` is set, then finish those under way."""
    if settings.database_url is None:
        raise Invalid("DATABASE_URL is not set.", errors={"DATABASE_URL": ["is not set"]})
    db = await Database.open(settings.database_url, settings.pool_size)
    queues = await Database.open(settings.database_url, settings.pool_size, settings=ALONG_KEYS)
    networks = Networks(db)
    log.info("worker started")
    try:
        async with Http(allow_private=settings.webhook_allow_private) as http:
            sender = Sender(http, Seal(settings, SEALED_FOR), now_us)
            await asyncio.gather(
                run_jobs(settings.database_url, jobs_of(db), schedules_of(db), stop=stop),
                deliver_webhooks(queues, sender, now_us, stop=stop),
                apply_batches(db, read_rows, now_us, stop=stop),
                keep_searchable(db, stop=stop),
                work_for_omnichat(db, networks, now_us, stop=stop),
            )
    finally:
        await networks.close()
        await queues.close()
        await db.close()
        log.info("worker stopped")


def jobs_of(db: Database) -> Sequence[Job]:
    """What is done with queued jobs."""
    _ = db
    return ()


def schedules_of(db: Database) -> Sequence[Schedule]:
    """What is done by the clock."""
    return (
        Schedule(name="expire-orders", cron="* * * * *", run=partial(_expire_orders, db)),
        Schedule(name="make-days", cron="* * * * *", run=partial(_make_days, db)),
        Schedule(name="drop-days", cron="37 * * * *", run=partial(_drop_days, db)),
        Schedule(name="purge", cron="17 * * * *", run=partial(_purge, db)),
    )


async def _until_told(settings: Settings) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for told in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(told, stop.set)
    await work(settings, stop)


async def _expire_orders(db: Database) -> None:
    expired = await expire_due_orders(db, now_us())
    if expired:
        log.info("orders expired", orders=expired)


async def _make_days(db: Database) -> None:
    """A back-up that reads every table may hold a day up; the next minute's turn makes it."""
    try:
        made = await db.run(lambda tx: make_days(tx, now_us()))
    except Unavailable as error:
        log.warning("days of the log not made", reason=error.detail)
        return
    if made:
        log.info("days of the log made", days=[day.name for day in made])


async def _drop_days(db: Database) -> None:
    try:
        dropped = await db.run(lambda tx: drop_old_days(tx, now_us()))
    except Unavailable as error:
        log.warning("days of the log not dropped", reason=error.detail)
        return
    if dropped:
        log.info("days of the log dropped", days=[day.name for day in dropped])


async def _purge(db: Database) -> None:
    now = now_us()
    await _in_each_tenant(db, partial(mark_log, now=now))
    answers = await _in_each_tenant(db, partial(purge_answers, now=now))
    offers = await _in_each_tenant(db, partial(purge_offers, now=now))
    versions = await _in_each_tenant(db, purge_versions)
    await purge_log(db)
    attempts = await _in_each_tenant(db, partial(purge_attempts, now=now))
    letters = await _in_each_tenant(db, partial(purge_dead_letters, now=now))
    prices = await _in_each_tenant(db, partial(purge_price_changes, now=now))
    hooks = await _in_each_tenant(db, partial(purge_hooks, now=now))
    ledger = await _in_each_tenant(db, partial(purge_ledger, now=now))
    batches = await _in_each_tenant(db, partial(purge_batches, now=now))
    counts = {"answers": answers, "offers": offers, "freight_versions": versions, "attempts": attempts}
    log.info("purged", **counts, dead_letters=letters, batches=batches, ledger=ledger, prices=prices, hooks=hooks)


async def _in_each_tenant(db: Database, work: Callable[[Tx, Tenant], Awaitable[int]]) -> int:
    """Again and again until nothing is left, a transaction a time and tenant: none touches two of them."""
    async with db.read() as tx:
        tenants = await list_tenants(tx)
    total = 0
    for facts in tenants:
        while done := await db.run(_bound(work, facts.tenant)):
            total += done
    return total


def _bound(work: Callable[[Tx, Tenant], Awaitable[int]], tenant: Tenant) -> Callable[[Tx], Awaitable[int]]:
    return lambda tx: work(tx, tenant)
