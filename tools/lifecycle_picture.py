"""Draw the order's lifecycle from its table: the picture in docs/lifecycle.svg and the table in docs/lifecycle.md.

Arrows are the shortest steps of the table; the longer jumps that it allows as well follow from them. Where the boxes
stand is said here, what leads where is not.
"""

from collections.abc import Collection, Iterable, Iterator

from balcao.orders.rules.lifecycle import NEXT, PASSED_THROUGH, REQUESTS
from balcao.orders.rules.status import CANCELLED, TERMINAL, WORDS, Status, wire_name

S = Status
WIDTH, HEIGHT = 1270, 760
BOX = (172, 58)
PLACES: dict[Status, tuple[int, int]] = {
    S.NONE: (20, 60),
    S.PENDING: (20, 180),
    S.PENDING_CREATE: (215, 180),
    S.PENDING_APPROVAL: (410, 180),
    S.APPROVED_EXTERNAL: (605, 180),
    S.PROCESSING: (800, 180),
    S.PENDING_CREATE_PRE_ORDER: (215, 60),
    S.PRE_ORDER_CREATED: (410, 60),
    S.INVOICE_CREATED: (410, 310),
    S.SEPARATE: (800, 310),
    S.IN_DELIVERY: (410, 440),
    S.READY_FOR_PICKUP: (800, 440),
    S.FINALIZED: (605, 570),
}
"""The boxes that arrows join; requests and cancellations stand in a column beside, with their origins in words."""
COLUMN_X, COLUMN_TOP, COLUMN_STEP = 1080, 60, 76
DETOUR = frozenset({S.PENDING_CREATE_PRE_ORDER, S.PRE_ORDER_CREATED})
"""Pre-orders: what goes round by them has an arrow of its own as well."""
COLUMN = (
    S.PENDING_CANCEL, S.ERROR_CANCEL, S.CANCELED_BY_SELLER, S.CANCELED_BY_BUYER, S.CANCELED_BY_ADMIN,
    S.CANCELED_BY_PROCESSOR, S.PENDING_UPDATE, S.UPDATED, S.ERROR_UPDATE,
)  # fmt: skip
STYLE = """
    text { font: 13px system-ui, sans-serif; fill: #1f2933; text-anchor: middle }
    .pt { font-size: 11px; fill: #52606d }
    .note { font-size: 12px; text-anchor: start; fill: #52606d }
    rect { fill: #fff; stroke: #3e4c59; stroke-width: 1.5; rx: 8 }
    .final { fill: #e3f8e8; stroke: #207a3c }
    .cancelled { fill: #fdeaea; stroke: #a61b1b }
    .request { fill: #fff6dd; stroke: #9a6b00 }
    path { fill: none; stroke: #3e4c59; stroke-width: 1.5; marker-end: url(#tip) }
"""


def draw() -> str:
    """The picture as SVG."""
    parts = [_head(), *(_arrow(a, b) for a, b in steps(PLACES)), *(_box(status, *PLACES[status]) for status in PLACES)]
    for n, status in enumerate(COLUMN):
        parts.append(_box(status, COLUMN_X, COLUMN_TOP + n * COLUMN_STEP))
    parts += [_note(20, 500 + n * 22, line) for n, line in enumerate(_words())]
    return "\n".join((*parts, "</svg>\n"))


def table() -> str:
    """Every pair of statuses, as a Markdown table."""
    lines = ["| from \\ to | " + " | ".join(str(int(to)) for to in Status) + " |"]
    lines.append("|---" * (len(Status) + 1) + "|")
    for origin in Status:
        cells = ("●" if to in NEXT[origin] else " " for to in Status)
        lines.append(f"| {int(origin)} {wire_name(origin)} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def names() -> str:
    """The statuses with their summaries and words, as a Markdown table."""
    lines = ["| id | name | summary | português | English |", "|---|---|---|---|---|"]
    for status, (name, summary, portuguese, english) in WORDS.items():
        canonical = "".join(part.capitalize() for part in summary.name.split("_"))
        lines.append(f"| {int(status)} | `{name}` | {int(summary)} `{canonical}` | {portuguese} | {english} |")
    return "\n".join(lines)


def steps(among: Collection[Status]) -> Iterator[tuple[Status, Status]]:
    """The moves between these that do not follow from two shorter ones; 6 and 20 may come in either order."""
    for origin in among:
        for to in NEXT[origin]:
            if to in among and not any(_between(origin, middle, to) for middle in among):
                yield origin, to


def _between(origin: Status, middle: Status, to: Status) -> bool:
    if middle in DETOUR and not {origin, to} & DETOUR:
        return False
    reached = middle in NEXT[origin] and origin not in NEXT[middle]
    return reached and to in NEXT[middle] and middle not in NEXT[to]


def _words() -> Iterable[str]:
    """Where the boxes of the column come from and lead to."""
    for group in (CANCELLED, {S.PENDING_CANCEL}, {S.PENDING_UPDATE}):
        origins = [status for status in Status if group <= NEXT[status]]
        yield f"{_ids(group)}: from {_ids(origins)}"
    for request in sorted(REQUESTS):
        answers = [to for to in sorted(NEXT[request]) if to in PASSED_THROUGH]
        yield f"{_ids([request])} is answered by {_ids(answers)}: the order resumes the status it had before"


def _ids(statuses: Iterable[Status]) -> str:
    return ", ".join(str(int(status)) for status in sorted(statuses))


def _head() -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img">\n'
        "<title>The lifecycle of an order</title>\n"
        f"<style>{STYLE}</style>\n"
        f'<rect style="stroke: none; rx: 0" width="{WIDTH}" height="{HEIGHT}"/>\n'
        '<defs><marker id="tip" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="8" markerHeight="8" '
        'orient="auto"><polygon points="0,1 10,5 0,9" fill="#3e4c59"/></marker></defs>'
    )


def _box(status: Status, x: int, y: int) -> str:
    width, height = BOX
    kind = "cancelled" if status in CANCELLED else "final" if status in TERMINAL else ""
    kind = "request" if status in REQUESTS | PASSED_THROUGH else kind
    middle = x + width // 2
    return (
        f'<rect class="{kind}" x="{x}" y="{y}" width="{width}" height="{height}"/>'
        f'<text x="{middle}" y="{y + 24}">{int(status)} {wire_name(status)}</text>'
        f'<text class="pt" x="{middle}" y="{y + 44}">{WORDS[status][2]}</text>'
    )


def _arrow(origin: Status, to: Status) -> str:
    (x1, y1), (x2, y2) = _edge(origin, to), _edge(to, origin)
    # Two boxes that may come in either order have an arrow each way, side by side.
    aside = 0 if origin not in NEXT[to] else 8 if x1 < x2 else -8
    return f'<path d="M {x1} {y1 + aside} L {x2} {y2 + aside}"/>'


def _edge(box: Status, towards: Status) -> tuple[int, int]:
    """Where on the border of the first box the arrow to the second one touches it."""
    (x, y), (u, v), (width, height) = PLACES[box], PLACES[towards], BOX
    if y == v:
        return (x + width if u > x else x), y + height // 2
    down = v > y
    lean = max(-width // 3, min(width // 3, (u - x) // 3))
    return x + width // 2 + lean, (y + height if down else y)


def _note(x: int, y: int, text: str) -> str:
    return f'<text class="note" x="{x}" y="{y}">{text}</text>'
