"""What an address says of a delivery log's page."""

from uuid import UUID

from balcao.doors.console.visit import Visit
from balcao.webhooks.rules.model import Outcome


def outcome_of(visit: Visit) -> Outcome | None:
    """The outcome that is asked for; None for every one."""
    sent = visit.query.get("outcome", "")
    return Outcome(sent) if sent in tuple(Outcome) else None


def uuid_of(text: str | None) -> UUID | None:
    """The id, None for what is none."""
    try:
        return UUID(text) if text else None
    except ValueError:
        return None
