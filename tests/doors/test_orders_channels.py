"""What a channel's settings do to the orders that come in."""

from typing import Any

import pytest

from tests.doors.shop import Api, lines, sent


async def warnings(api: Api, order_id: str) -> list[str]:
    """The order's doubts, as its action log tells them."""
    order = await api.order(order_id)
    return [f"{log['displayMessage']}: {log['internalMessage']}" for log in order["actionLogs"]
            if log["type"] == "Warning"]  # fmt: skip


WRONG_CPF = {"CpfPickUp": "111.222.333-44"}
WRONG_AMOUNT = {"PaymentList": [{"Amount": 10.99, "PaymentMethod": {"Type": 7}}]}
RIGHT_AMOUNT = {"PaymentList": [{"Amount": 11, "PaymentMethod": {"Type": 7}}]}
NO_QUOTE = {"Freight__CalculationKey": "never-quoted"}


@pytest.mark.parametrize(
    ("setting", "over", "warning", "field"),
    [
        ("document_check", RIGHT_AMOUNT | {"Buyer__Cpf": "52998224725"} | WRONG_CPF,
         "Atenção / Warning: CpfPickUp: the check digits are wrong", "CpfPickUp"),
        ("amount_check", WRONG_AMOUNT | {"Buyer__Cpf": "52998224725"},
         "Atenção / Warning: PaymentList: the payments come to 10.99, the order to 11.0", "PaymentList"),
        ("quote_policy", RIGHT_AMOUNT | {"Buyer__Cpf": "52998224725"} | NO_QUOTE,
         "Atenção / Warning: Freight.CalculationKey: no such quote was kept", "Freight.CalculationKey"),
    ],
)  # fmt: skip
async def test_what_a_channel_may_check(api: Api, setting: str, over: dict[str, Any], warning: str, field: str) -> None:
    assert await warnings(api, await api.placed(**over)) == [warning]  # warn is the default
    await api.shop.channel(**{setting: "off"})
    assert await warnings(api, await api.placed(**over)) == []
    await api.shop.channel(**{setting: "reject"})
    answer = await api.place(sent(**over))
    assert (answer.status_code, list(answer.json()["errors"])) == (400, [field])
    assert await api.value("SELECT count(*) FROM orders") == 2
    assert await api.shop.level() == (100, 2)


async def test_a_quote_that_was_kept(api: Api) -> None:
    await api.shop.channel(quote_policy="reject")
    expires = {"good": 9_000_000_000_000_000, "old": 1}
    async with api.db.transaction() as tx:
        await tx.executemany(
            """
            INSERT INTO freight_offer (tenant, calculation_key, quote_id, seller_id, reference, amount, expires_us,
                body)
            VALUES ($1, $2, gen_random_uuid(), $3, 'SEDEX', 1.1, $4, $5)
            """,
            [(api.shop.tenant, key, api.shop.stores["04109169000135"], at, {}) for key, at in expires.items()],
        )
    over = RIGHT_AMOUNT | {"Freight__CalculationKey": "good"}
    assert (await api.place(sent(**over))).status_code == 201
    for wrong, reason in (
        ({"Freight__CalculationKey": "old"}, "the quote has expired"),
        ({"Freight__Amount": 1.0}, "the quote was 1.1"),
        ({"Freight__Reference": "JADLOG"}, "the quote was for 'SEDEX'"),
        ({"Seller": {"PointSaleId": "PDV-2"}}, "the quote was for another store"),
    ):
        answer = await api.place(sent(**(over | wrong)))
        assert answer.json()["errors"] == {"Freight.CalculationKey": [reason]}


async def test_an_order_beyond_the_stock(api: Api) -> None:
    order = lines(s1=101)
    assert (await api.place(sent(Items=order))).status_code == 409
    await api.shop.channel(stock_policy="accept")
    taken = await api.order(await api.placed(Items=order))
    assert (taken["isShort"], await api.shop.level()) == (True, (100, 101))
    assert [log["type"] for log in taken["actionLogs"]].count("OutOfStock") == 1
    await api.shop.channel(stock_policy="off")
    unseen = await api.order(await api.placed(Items=order))
    assert (unseen["isShort"], await api.shop.level()) == (False, (100, 101))


async def test_a_sku_that_was_never_counted(api: Api) -> None:
    answer = await api.place(sent(Items=lines(UNCOUNTED=1)))
    assert answer.json()["items"] == [{"skuCode": "UNCOUNTED", "asked": 1, "available": 0}]
    await api.shop.channel(stock_policy="accept")
    assert (await api.place(sent(Items=lines(UNCOUNTED=1)))).status_code == 201
    assert await api.shop.level("UNCOUNTED") == (0, 1)


async def test_an_order_that_comes_paid(api: Api) -> None:
    await api.shop.channel(paid_on_create=True)
    answer = await api.place(sent())
    assert (answer.status_code, answer.json()["status"]) == (201, 2)
    order = await api.order(answer.json()["id"])
    assert [step["status"] for step in order["steps"]] == [2]


async def test_a_discount_for_the_line(api: Api) -> None:
    items = [{"SkuCode": "1", "ProductCode": "1", "Quantity": 3, "UnitPrice": 19.9, "DiscountPrice": 10}]
    assert (await api.order(await api.placed(Items=items)))["discountAmount"] == 30
    await api.shop.channel(discount_basis="line")
    order = await api.order(await api.placed(Items=items))
    assert (order["discountAmount"], order["subTotalAmount"], order["totalAmount"]) == (10, 59.7, 50.8)
    assert (order["items"][0]["discountAmount"], order["items"][0]["totalAmount"]) == (10, 49.7)
