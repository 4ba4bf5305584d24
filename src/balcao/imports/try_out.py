"""Try a batch out: what would become of its rows, in a transaction that the caller undoes."""

from balcao.base.batch import BatchResult
from balcao.base.db import Tx
from balcao.base.values import Micros
from balcao.imports.apply import apply_rows
from balcao.imports.receive import ReceiveBatch, as_batch
from balcao.imports.rules.model import ReadRows


async def try_batch(tx: Tx, cmd: ReceiveBatch, read: ReadRows, now: Micros) -> BatchResult:
    """What applying the batch comes to, all of it at once. Raises Invalid for a body that is no array."""
    batch = as_batch(cmd, number=0, now=now)
    rows = read(batch, cmd.body)
    return (await apply_rows(tx, cmd.tenant, batch, rows.sent, now)).with_unread(rows.unread)
