"""Lines of counts, packed and unpacked."""

from balcao.base.values import Micros, SellerId, SkuId, new_id
from balcao.stock.rules.ledger import PACKED_BYTES, Cause, CountLine, CountSet, pack_lines, unpack_lines

SKU, SELLER, BATCH = SkuId(new_id()), SellerId(new_id()), new_id()
LINES: list[CountLine] = [
    (SKU, SELLER, 0, 5, None),
    (SKU, SELLER, 5, 1_000_000_000, Micros(1_782_918_000_000_000)),
]


def test_lines_are_unpacked_as_they_were_packed() -> None:
    packed = pack_lines(LINES)
    assert len(packed) == 2 * PACKED_BYTES
    assert list(unpack_lines(packed)) == LINES
    assert list(unpack_lines(b"")) == []


def test_counts_are_lines_of_the_ledger() -> None:
    first, second = CountSet(Micros(1_000), BATCH, "erp.1", pack_lines(LINES)).lines()
    assert (first.at_us, first.on_hand, first.on_hand_change, first.subject_id) == (1_000, 5, 5, BATCH)
    assert (second.at_us, second.on_hand_change, second.cause, second.actor) == (
        1_001,
        999_999_995,
        Cause.COUNTED,
        "erp.1",
    )
    assert (second.sku_id, second.seller_id, second.reserved_change) == (SKU, SELLER, 0)
