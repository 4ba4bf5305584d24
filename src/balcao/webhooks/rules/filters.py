"""Which events go to which webhooks."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import lru_cache

from balcao.base.errors import Invalid
from balcao.events.rules import ACCESS_TYPES, LoggedEvent, read_types
from balcao.webhooks.rules.model import Reader, Wanted

CHANNELS_MAX = 50
SELLERS_MAX = 500
_ACCESS = tuple(name.removesuffix("*") for name in ACCESS_TYPES)


class Matcher:
    """The readers by the types that they want: an event costs what wants it, however many others there are."""

    def __init__(self, readers: Sequence[Reader]) -> None:
        self._by_type: dict[str, list[Reader]] = defaultdict(list)
        for reader in readers:
            for name in reader.wanted.types or ("*",):
                self._by_type[name].append(reader)

    def readers_of(self, event: LoggedEvent) -> Iterable[Reader]:
        """The readers that want the event and have not read it, each once."""
        found = {
            (reader.webhook_id, reader.reader_id): reader
            for name in _names(event.type)
            for reader in self._by_type.get(name, ())
        }
        return [reader for reader in found.values() if _is_ahead(event.seq, reader) and wants(reader.wanted, event)]


def wants(wanted: Wanted, event: LoggedEvent) -> bool:
    """Whether the event passes the filter.

    Changes of access (channels, credentials, the tenant, webhooks) go only to a webhook that names them: "everything"
    means the shop's business.
    """
    if wanted.types:
        if not any(name in wanted.types for name in _names(event.type)):
            return False
    elif event.type.startswith(_ACCESS):
        return False
    if wanted.channels and event.channel not in wanted.channels:
        return False
    return not wanted.seller_ids or event.seller_id in wanted.seller_ids


def check_wanted(wanted: Wanted) -> Wanted:
    """The filter, its types in order; raises Invalid for types that cannot be and for lists too long."""
    types = read_types(wanted.types)
    errors: dict[str, list[str]] = {}
    if len(wanted.channels) > CHANNELS_MAX:
        errors["channels"] = [f"at most {CHANNELS_MAX}"]
    if len(wanted.seller_ids) > SELLERS_MAX:
        errors["sellers"] = [f"at most {SELLERS_MAX}"]
    if errors:
        raise Invalid(errors=errors)
    return Wanted(
        types=types,
        channels=tuple(dict.fromkeys(wanted.channels)),
        seller_ids=tuple(dict.fromkeys(wanted.seller_ids)),
    )


def _is_ahead(seq: int, reader: Reader) -> bool:
    return seq > reader.seq and (reader.upto is None or seq <= reader.upto)


@lru_cache(maxsize=1024)
def _names(kind: str) -> tuple[str, ...]:
    """Everything that a filter may call a type: `a.b.c`, `a.b.*`, `a.*`, `*`."""
    parts = kind.split(".")
    return (kind, *(".".join(parts[:n]) + ".*" for n in range(len(parts) - 1, 0, -1)), "*")
