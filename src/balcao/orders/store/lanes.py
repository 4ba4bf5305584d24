"""The index that a list of orders runs along, so that it touches little more than the rows that it answers.

A list sorted by one column and filtered by others is quick only along an index that begins with the filters and ends
with the sort. Statuses and channels are few: an index by (channel, status, instant) serves any set of them as that many
lanes, each already in the order of the list, of which only the first rows are read and merged.
"""

from typing import Any, Final, NamedTuple

from balcao.base.values import Tenant
from balcao.orders.rules.status import Status

CREATE: Final = "o.create_us"
UPDATE: Final = "o.last_update_us"
EVERY_STATUS: Final = tuple(sorted(Status))


class Lanes(NamedTuple):
    """source: what gives the lanes, None for a single one. match: what binds an order to its lane. sorts: the columns
    by which the lanes' index is ordered. filters: all that is asked besides.
    """

    source: str | None
    match: str
    sorts: tuple[str, ...]
    filters: tuple[str, ...]

    def where(self, *more: str) -> str:
        """The conditions on an order of a lane."""
        return " AND ".join(filter(None, (self.match, *self.filters, *more))) or "true"

    def over(self, inner: str) -> str:
        """The rows of `inner`, a select from orders, of every lane."""
        return f"({inner}) k" if self.source is None else f"{self.source} CROSS JOIN LATERAL ({inner}) k"


class Wishes:
    """Which orders are asked for: conditions by what they are about. Values travel as arguments."""

    def __init__(self, tenant: Tenant) -> None:
        self.arguments: list[Any] = [tenant]
        self._about: dict[str, list[tuple[str, str]]] = {}
        self._statuses: frozenset[Status] | None = None

    def add(self, about: str, condition: str, value: object) -> None:
        """One condition more; its `{}` stands for the value."""
        place = self.place(value)
        self._about.setdefault(about, []).append((condition.format(place), place))

    def only(self, statuses: frozenset[Status]) -> None:
        """Only orders in one of these statuses."""
        both = statuses if self._statuses is None else statuses & self._statuses
        self._statuses = both
        # Numbers of our own, no words of somebody's: the planner sees how many lanes there are.
        numbers = ",".join(str(int(status)) for status in sorted(both))
        self._about["status"] = [(f"o.status = ANY('{{{numbers}}}'::smallint[])", "")]

    def place(self, value: object) -> str:
        """The value as an argument: its place in the text."""
        self.arguments.append(value)
        return f"${len(self.arguments)}"

    def lanes(self, sort: str) -> Lanes:
        """The lanes to run along: those of the rarest thing that is asked for, as a rule.

        A store before a carrier's freight, a way to pay, statuses and channels; then a range of instants.
        """
        asked = self._about
        if "seller" in asked:
            seller = f"SELECT s.seller_id FROM seller s WHERE s.tenant = $1 AND s.cnpj = {self._first('seller')}"  # noqa: S608
            return self._lanes(f"({seller}) s CROSS JOIN {self._status()}", _SELLER_STATUS, (UPDATE,), "seller")
        if "freight" in asked:
            match = f"o.freight_reference = {self._first('freight')} AND {_CHANNEL_STATUS}"
            return self._lanes(self._channel_status(), match, (CREATE,), "freight")
        if "payment" in asked:
            source = f"({_KINDS.format(self._first('payment'))}) p CROSS JOIN {self._channel_status()}"
            return self._lanes(source, f"o.payment_types = p.kinds AND {_CHANNEL_STATUS}", (CREATE,), "payment")
        if "channel" in asked or "status" in asked:
            return self._lanes(self._channel_status(), _CHANNEL_STATUS, (CREATE, UPDATE), "channel")
        return self._range(sort)

    def by_store(self) -> Lanes:
        """A lane for each store and status."""
        texts = [text.replace("o.seller_id", "s.seller_id") for text, _ in self._about.get("seller", ())]
        where = " AND ".join(("s.tenant = $1", *texts))
        source = f"(SELECT s.seller_id, s.cnpj FROM seller s WHERE {where}) s CROSS JOIN {self._status()}"  # noqa: S608
        return self._lanes(source, _SELLER_STATUS, (UPDATE,), "seller")

    def plain(self, sort: str) -> Lanes:
        """One lane along the sort itself, whatever is asked."""
        return Lanes(None, "", (sort,), tuple(text for texts in self._about.values() for text, _ in texts))

    def _range(self, sort: str) -> Lanes:
        """Along the range of instants that is asked for, and that of the sort rather than another."""
        own, other = ("created", "updated") if sort == CREATE else ("updated", "created")
        if own not in self._about and (other in self._about or "description" in self._about):
            return self.plain(sort)._replace(sorts=())
        return self.plain(sort)

    def _lanes(self, source: str, match: str, sorts: tuple[str, ...], first: str) -> Lanes:
        """Lanes that settle the statuses, the first condition about `first`, and the channels but for a store's."""
        settled = {"status"} if first == "seller" else {"status", "channel"}
        rest = {about: texts[about == first :] for about, texts in self._about.items() if about not in settled}
        return Lanes(source, match, sorts, tuple(text for texts in rest.values() for text, _ in texts))

    def _first(self, about: str) -> str:
        return self._about[about][0][1]

    def _status(self) -> str:
        statuses = EVERY_STATUS if self._statuses is None else sorted(self._statuses)
        if len(statuses) == 1:  # the planner puts a constant in its place
            return f"(SELECT {int(statuses[0])}::smallint AS status) AS t"
        return f"unnest('{{{','.join(str(int(status)) for status in statuses)}}}'::smallint[]) AS t (status)"

    def _channel_status(self) -> str:
        texts = [text.replace("o.channel", "c.channel") for text, _ in self._about.get("channel", ())]
        where = " AND ".join(("c.tenant = $1", *texts))
        return f"(SELECT c.channel FROM channel c WHERE {where}) c CROSS JOIN {self._status()}"  # noqa: S608


_CHANNEL_STATUS: Final = "o.channel = c.channel AND o.status = t.status"
_SELLER_STATUS: Final = "o.seller_id = s.seller_id AND o.status = t.status"
# The few sets of ways to pay that orders have, one step of the index each; of those the ones that hold any asked for.
_KINDS: Final = """
    WITH RECURSIVE every (kinds) AS (
        (SELECT o.payment_types FROM orders o WHERE o.tenant = $1 ORDER BY o.payment_types LIMIT 1)
        UNION ALL
        SELECT (SELECT o.payment_types FROM orders o WHERE o.tenant = $1 AND o.payment_types > every.kinds
                 ORDER BY o.payment_types LIMIT 1)
          FROM every WHERE every.kinds IS NOT NULL
    )
    SELECT every.kinds FROM every WHERE every.kinds && {}::smallint[]"""
