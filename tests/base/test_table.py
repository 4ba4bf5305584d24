"""A table holds what its records hold."""

from balcao.base.batch import Sent
from balcao.base.table import Coded, Table
from balcao.stock.rules.model import StockCount

SENT = [Sent(row, StockCount(seller=f"s{row}", sku="K", quantity=row)) for row in (1, 3, 4)]


def test_records_become_columns_and_records_again() -> None:
    table = Table.of(StockCount, SENT)
    assert list(table) == SENT
    assert (len(table), table.rows, table.column("quantity"), table.column("counted_us")) == (
        3,
        [1, 3, 4],
        [1, 3, 4],
        [None] * 3,
    )
    assert Table.of(StockCount, table) is table


def test_parts_of_a_table_are_tables() -> None:
    table = Table.of(StockCount, SENT)
    assert list(table[1:]) == SENT[1:]
    assert list(table.pick([2, 0])) == [SENT[2], SENT[0]]
    assert table[-1] == SENT[-1]
    assert list(table.pick([])) == []


def test_a_column_of_few_values() -> None:
    column = Coded.of([" a", "b", "a", "b "], str.strip)
    assert (list(column), len(column), column.values, column[1]) == (["a", "b", "a", "b"], 4, ["a", "b"], "b")
    assert (list(column[1:3]), set(column[1:2].used()), list(column.pick([3, 0]))) == (["b", "a"], {"b"}, ["b", "a"])
    table = Table(StockCount, range(1, 5), {"seller": column})
    assert (set(table[1:2].distinct("seller")), table.coded("seller") is column) == ({"b"}, True)
    assert list(Coded.of([])) == []
