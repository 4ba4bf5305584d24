"""Transactions on a pool of connections, and PostgreSQL's failures told in the house's words."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeVar

import asyncpg
import msgspec
from asyncpg.exceptions import _base as asyncpg_client
from asyncpg.pool import PoolConnectionProxy

from balcao.base.errors import Invalid, Unavailable

if TYPE_CHECKING:
    from typing import TypeAlias

    Tx: TypeAlias = asyncpg.Connection[asyncpg.Record] | PoolConnectionProxy[asyncpg.Record]
else:
    Tx = asyncpg.Connection | PoolConnectionProxy

T = TypeVar("T")

CONNECT_TIMEOUT_S = 5
ACQUIRE_TIMEOUT_S = 3
"""How long a request waits for one of the connections: it is better told to come again than kept in a long queue."""
READY_TIMEOUT_S = 2
COMMAND_TIMEOUT_S = 40
"""Longer than the server's own statement timeout: it only fires when the server no longer answers at all."""
RETRIES_MAX = 3
SESSION = {
    "application_name": "balcao",
    "timezone": "UTC",
    "default_transaction_isolation": "read committed",
    "jit": "off",  # its planning costs more than our short statements last
    "statement_timeout": "30s",
    "lock_timeout": "10s",
    "idle_in_transaction_session_timeout": "60s",  # a stuck process must not keep a tenant's clock locked
}

PLANNED_ONCE = {"plan_cache_mode": "force_generic_plan"}
"""For statements that are always the same and take their rows by key: PostgreSQL expects ten where one is given, takes
planning anew for the cheaper way, and does it each time; a third of what one order costs it.
"""
ALONG_KEYS = PLANNED_ONCE | {
    f"enable_{way}": "off" for way in ("seqscan", "bitmapscan", "hashjoin", "mergejoin", "material", "sort")
}
"""For queues, whose tables are empty at one time and full at another: whatever the planner takes them for, rows are
looked up by their keys, and listed along the index that has their order.
"""
LISTED = ALONG_KEYS | {"enable_sort": "on", "enable_memoize": "off"}
"""For lists whose way through one index is the same whatever is asked for: planned once, and no row of it kept by. A
few rows are sorted rather than met along an index of all of them.
"""

_AGAIN = (asyncpg.DeadlockDetectedError, asyncpg.SerializationError, asyncpg.InvalidCachedStatementError)
"""The transaction is undone and the very same work may succeed at once."""
_TOO_BUSY = "The database is too busy; try again."
_BUSY = (
    asyncpg.LockNotAvailableError,
    asyncpg.QueryCanceledError,
    asyncpg.IdleInTransactionSessionTimeoutError,
)
_AWAY = (
    OSError,  # ConnectionError, a missing socket file, and TimeoutError: verbs do no other input or output
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.InsufficientResourcesError,  # too many connections, disk full, out of memory
    asyncpg.ReadOnlySQLTransactionError,  # the primary became a standby
    asyncpg_client.TargetServerAttributeNotMatched,
    asyncpg_client.InternalClientError,  # the backend ended while the connection was being taken up again
    asyncpg.UndefinedTableError,  # not migrated yet: whoever migrates it makes it available
)
_UNHOLDABLE = (asyncpg.DataError, asyncpg_client.DataError)

_encode = msgspec.json.Encoder(decimal_format="number").encode
_decode = msgspec.json.Decoder(float_hook=Decimal).decode


class Database:
    """A pool of connections to one PostgreSQL; it mends itself after the database was away."""

    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]") -> None:
        self._pool = pool

    @classmethod
    async def open(cls, url: str, size: int = 10, *, settings: Mapping[str, str] | None = None) -> "Database":
        """At most `size` connections, made when first needed: it opens while the database is away too.

        settings: PostgreSQL's own, for each session, beside those of all.
        """
        pool = asyncpg.create_pool(
            url,
            min_size=0,
            max_size=size,
            init=_set_codecs,
            connection_class=_Session,
            server_settings={**SESSION, **(settings or {})},
            command_timeout=COMMAND_TIMEOUT_S,
            timeout=CONNECT_TIMEOUT_S,
        )
        return cls(await pool)

    async def close(self) -> None:
        """Waits a moment for transactions under way, then closes every connection."""
        try:
            async with asyncio.timeout(CONNECT_TIMEOUT_S):
                await self._pool.close()
        except (TimeoutError, OSError, asyncpg.PostgresError):
            self._pool.terminate()

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Tx]:
        """One READ COMMITTED transaction, committed at the end and undone by any exception.

        Raises Unavailable when the database is away, too busy, or undid it because of a deadlock (`run` tries again),
        and Invalid for a value that PostgreSQL cannot hold. When the connection breaks during the commit itself,
        Unavailable is raised although the transaction may have been kept.
        """
        with _in_our_words():
            async with self._transaction() as tx:
                yield tx

    async def run(self, work: Callable[[Tx], Awaitable[T]]) -> T:
        """The result of `work` in one committed transaction; after a deadlock all of it runs again.

        `work` may run up to four times, so it touches nothing but its transaction. Raises what `transaction` raises.
        """
        with _in_our_words():
            for attempt in range(RETRIES_MAX):
                try:
                    async with self._transaction() as tx:
                        return await work(tx)
                except _AGAIN:
                    await asyncio.sleep(random.uniform(0, 0.02) * (attempt + 1))  # noqa: S311
            async with self._transaction() as tx:
                return await work(tx)

    async def at_once(self, work: Callable[[Tx], Awaitable[T | None]]) -> T | None:
        """The result of `work`, which writes by one statement at most, on a connection outside any transaction; None
        where a deadlock undid it. Raises what `transaction` raises.
        """
        with _in_our_words():
            async with self._connection() as connection:
                try:
                    return await work(connection)
                except _AGAIN:
                    return None

    @asynccontextmanager
    async def read(self) -> AsyncIterator[Tx]:
        """A connection outside any transaction: each statement sees what is committed when it starts."""
        with _in_our_words():
            async with self._connection() as connection:
                yield connection

    async def ready(self) -> bool:
        """Whether the database answers within two seconds."""
        try:
            async with asyncio.timeout(READY_TIMEOUT_S), self.read() as connection:
                return bool(await connection.fetchval("SELECT 1") == 1)
        except (Unavailable, TimeoutError, asyncpg.PostgresError):
            return False

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[Tx]:
        try:
            async with asyncio.timeout(ACQUIRE_TIMEOUT_S):
                connection = await self._pool.acquire()
        except TimeoutError as error:
            if self._pool.get_size() < self._pool.get_max_size():  # it waited for one that could not be made
                raise
            raise Unavailable(_TOO_BUSY) from error
        try:
            yield connection
        finally:
            await self._pool.release(connection, timeout=CONNECT_TIMEOUT_S)

    @asynccontextmanager
    async def _transaction(self) -> AsyncIterator[Tx]:
        async with self._connection() as connection, connection.transaction():
            yield connection


class _Session(asyncpg.Connection):
    """Goes back to the pool without a round trip: nobody sets anything beyond a transaction (SET LOCAL)."""

    def get_reset_query(self) -> str:
        return ""


async def _set_codecs(connection: "asyncpg.Connection[Any]") -> None:
    # Numbers stay exact: a Decimal is written as a JSON number and read back as a Decimal, never a binary
    # float.
    for name in ("json", "jsonb"):
        await connection.set_type_codec(
            name,
            schema="pg_catalog",
            encoder=lambda value: _encode(value).decode(),
            decoder=_decode,
            format="text",
        )
    # As text they are written in a tenth of the time that the digits of the binary form take, and read in a third.
    await connection.set_type_codec("numeric", schema="pg_catalog", encoder=str, decoder=Decimal, format="text")


@contextmanager
def _in_our_words() -> Iterator[None]:
    try:
        yield
    except _UNHOLDABLE as error:
        raise Invalid("A value is outside what can be stored.", code="unstorable_value") from error
    except _AGAIN as error:
        raise Unavailable("Too many changes of the same things at once; try again.") from error
    except _BUSY as error:
        raise Unavailable(_TOO_BUSY) from error
    except _AWAY as error:
        raise Unavailable("The database is not available; try again.") from error
    except asyncpg.InterfaceError as error:
        if "clos" not in str(error):  # "connection is closed", "pool is closing": the others are mistakes of ours
            raise
        raise Unavailable("The database is not available; try again.") from error
