"""What went wrong among the integrations and waits for a person who can act: each leads to where that is done."""

from typing import Final, NamedTuple

from balcao.base.db import Tx
from balcao.base.values import Micros
from balcao.doors.console.visit import Visit
from balcao.imports.report import list_failed
from balcao.omnichat.find import list_integrations
from balcao.omnichat.hooks import count_refused
from balcao.users.rules import UserRole
from balcao.users.seen import find_seen
from balcao.webhooks.find import count_dead_letters
from balcao.webhooks.rules.model import Way

HERE: Final = "/console/integrations"
SINCE_US: Final = 7 * 24 * 3_600_000_000
"""Of refused hooks and failed batches, which stay as they are; deliveries given up call until they are sent again."""
BATCHES_MAX: Final = 20


class Trouble(NamedTuple):
    """what: by which it is seen to. path: where one can act. cases: how many, the last one at newest_us."""

    what: str
    path: str
    name: str
    text: str
    cases: int
    newest_us: Micros


async def list_troubles(tx: Tx, visit: Visit) -> list[Trouble]:
    """All that nobody has seen to, newest first; none for operators, who cannot act."""
    if visit.session.user.role is not UserRole.ADMIN:
        return []
    found = [*await _deliveries(tx, visit), *await _batches(tx, visit)]
    seen = await find_seen(tx, visit.tenant, [each.what for each in found])
    unseen = [each for each in found if each.newest_us > seen.get(each.what, 0)]
    return sorted(unseen, key=lambda each: -each.newest_us)


async def _deliveries(tx: Tx, visit: Visit) -> list[Trouble]:
    """Webhooks' dead letters, calls to OmniChat that were given up, and its hooks that we refused."""
    dead, refused = await count_dead_letters(tx, visit.tenant), await count_refused(tx, visit.tenant, _since(visit))
    lines = {each.webhook_id: each for each in dead if each.way is Way.OMNICHAT}
    text = visit.t("entregas desistidas", "deliveries given up")
    found = [
        Trouble(f"webhook {each.webhook_id}", f"{HERE}/webhooks/{each.webhook_id}", each.url, text, *each[3:])
        for each in dead
        if each.way is Way.STANDARD
    ]
    if not (lines or refused):
        return found
    calls, hooks = (
        visit.t("chamadas à OmniChat desistidas", "calls to OmniChat given up"),
        visit.t("chamadas da OmniChat recusadas", "OmniChat’s hooks refused"),
    )
    for kept in await list_integrations(tx, visit.tenant):
        one = kept.integration
        path = f"{HERE}/omnichat/{one.integration_id}"
        if one.webhook_id in lines:
            found.append(Trouble(f"calls {one.integration_id}", path, one.name, calls, *lines[one.webhook_id][3:]))
        if one.integration_id in refused:
            found.append(Trouble(f"hooks {one.integration_id}", path, one.name, hooks, *refused[one.integration_id]))
    return found


async def _batches(tx: Tx, visit: Visit) -> list[Trouble]:
    text = visit.t("linhas do lote recusadas", "rows of the batch refused")
    return [
        Trouble(
            what=f"batch {batch.batch_id}",
            path=f"{HERE}/batches/{batch.batch_id}",
            name=f"{batch.kind} {visit.words.moment(batch.received_us)}",
            text=text,
            cases=batch.failed,
            newest_us=batch.finished_us or batch.received_us,
        )
        for batch in await list_failed(tx, visit.tenant, _since(visit), limit=BATCHES_MAX)
    ]


def _since(visit: Visit) -> Micros:
    return Micros(visit.now - SINCE_US)
