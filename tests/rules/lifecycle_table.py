"""The lifecycle as the contract's section 3.10 tells it, written out pair by pair: what the code is held against."""

from balcao.orders.rules.lifecycle import Facts
from balcao.orders.rules.status import Status

MAY = """
     0: 1 14 15 2$ 3$ 4$ 5$ 6$o 20$io 7$di 8$p 9$e 10 11 12 21 13c 17
     1:   14 15 2$ 3$ 4$ 5$ 6$o 20$io 7$di 8$p 9$e 10 11 12 21 13c 17
    14:      15 2$ 3$ 4$ 5$ 6$o 20$io 7$di 8$p 9$e 10 11 12 21 13c 17
    15:         2$ 3$ 4$ 5$ 6$o 20$io 7$di 8$p 9$e 10 11 12 21 13c 17
     2:            3  4  5  6o  20io  7di  8p  9e  10 11 12 21 13c 17
     3:               4  5  6o  20io  7di  8p  9e  10 11 12 21 13c 17
     4:                  5  6o  20io  7di  8p  9e  10 11 12 21 13c 17
     5:                     6o  20io  7di  8p  9e  10 11 12 21 13c 17
     6:                         20io  7di  8p  9e  10 11 12 21 13c 17
    20:                     6o        7di  8p  9e  10 11 12 21 13c 17
     7:                                        9e
     8:                                        9e  10 11 12 21 13c
    13:                                            10 11 12        16
    17:                                            10 11 12 21 13c 18 19
    16: 0r 1r 14r 15r 2r 3r 4r 5r 6r 20r 8r
    18: 0r 1r 14r 15r 2r 3r 4r 5r 6r 20r 8r
    19: 0r 1r 14r 15r 2r 3r 4r 5r 6r 20r 8r
     9:
    10:
    11:
    12:
    21:
"""
"""From: to, with the conditions of the move. The money path 1 → 2, the store path 2 → (3) → 4 → (5) → 20 and 6 in
either order → 7 or 8 → 9, pre-orders 14 → 15 → 2, forward jumps, cancellation before 7 (a parcel that nobody collects
included: 8), requests and their answers. Nothing goes back, nothing leaves 9, 10, 11, 12 and 21.

$ paid or paid on pickup   i an invoice, or the channel ships without   d deliveries only   p pickups only
e a delivery needs i       o once only   c the channel asks for consent   r where the request came from
"""
Conditions = dict[int, dict[int, str]]


def _read(table: str) -> Conditions:
    rows: Conditions = {}
    for row in table.strip().splitlines():
        start, ends = row.split(":")
        cells = [(cell.rstrip("$idpeocr"), cell) for cell in ends.split()]
        rows[int(start)] = {int(end): cell.removeprefix(end) for end, cell in cells}
    return rows


CONDITIONS = _read(MAY)


def expected(facts: Facts, to: Status) -> bool:
    """What the table says."""
    conditions = CONDITIONS[facts.status].get(to)
    if conditions is None:
        return False
    invoiced = facts.has_invoice or facts.invoice_optional
    holds = {
        "$": facts.is_paid or facts.on_pickup,
        "i": invoiced,
        "d": facts.is_delivery,
        "p": not facts.is_delivery,
        "e": invoiced or not facts.is_delivery,
        "o": not (facts.was_separated if to == 6 else facts.was_invoiced),
        "c": facts.needs_consent,
        "r": to == facts.resume,
    }
    return all(holds[condition] for condition in conditions)
