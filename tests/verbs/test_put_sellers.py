"""Stores in batches."""

from datetime import date
from decimal import Decimal

import pytest

from balcao.base.address import Address
from balcao.base.db import Database
from balcao.base.paging import PageParameters, ask_page
from balcao.base.values import Micros
from balcao.sellers.find import SELLER_SORTS, find_sellers, list_active_sellers, list_sellers
from balcao.sellers.match import match_sellers
from balcao.sellers.rules import Seller, SellerBody, WorkingHours
from balcao.sellers.rules.draft import SellerDraft
from balcao.sellers.rules.match import SellerMatch
from tests.verbs.catalogue_shop import (
    CENTRO,
    LOJA,
    NORTE,
    OUTRA,
    SUL,
    clock,
    counted,
    fetch,
    last_event,
    open_tenant,
    put,
    said,
    seller,
    warned,
)

FULL = SellerDraft(
    cnpj=CENTRO,
    name="Centro",
    point_sale_id="CX1",
    is_active=False,
    pickup_enabled=False,
    delivery_enabled=False,
    handling_days=2,
    safety_stock=3,
    priority=-1,
    body=SellerBody(
        full_name="Loja do Centro",
        company_name="Centro S.A.",
        email="centro@loja.example",
        phone_number="1133334444",
        whatsapp_phone_number="+5511999998888",
        gateway_id="GTW1",
        address=Address(cep="01310100", street="Av. Paulista", number="1500", city="São Paulo", state="SP"),
        working_hours=(WorkingHours(weekday=1, opens="09:00", closes="18:00"),),
        holidays=(date(2026, 12, 25),),
        is_ecommerce=True,
        latitude=Decimal("-23.56220"),
        longitude=Decimal("-46.6549"),
    ),
)


async def stores(db: Database) -> dict[str, Seller]:
    async with db.read() as tx:
        found = await find_sellers(tx, LOJA, cnpjs=[CENTRO, NORTE, SUL])
    return {each.cnpj: each for each in found}


async def test_a_whole_store(db: Database) -> None:
    await open_tenant(db)
    assert counted(await put(db, FULL)) == (1, 0, 0, 0)
    stored = (await stores(db))[CENTRO]
    _, at_us = await clock(db)
    assert stored == Seller(
        seller_id=stored.seller_id,
        created_us=Micros(at_us),
        last_update_us=Micros(at_us),
        **{name: getattr(FULL, name) for name in FULL.__struct_fields__},
    )
    assert (stored.full_name, stored.is_ecommerce, stored.latitude) == ("Loja do Centro", True, Decimal("-23.5622"))


async def test_each_store_has_its_own_instant_and_the_batch_one_event(db: Database) -> None:
    await open_tenant(db)
    seq, _ = await clock(db)
    assert counted(await put(db, seller(CENTRO), seller(NORTE), seller(SUL))) == (3, 0, 0, 0)
    now_seq, at_us = await clock(db)
    assert now_seq == seq + 1
    assert sorted(each.last_update_us for each in (await stores(db)).values()) == [at_us - 2, at_us - 1, at_us]
    event = await last_event(db)
    assert (event["seq"], event["at_us"], event["type"], event["actor"]) == (now_seq, at_us, "sellers.changed", "erp.1")
    assert event["data"] == {"inserted": 3, "updated": 0, "codes": [CENTRO, NORTE, SUL], "codesTruncated": False}
    assert event["seller_id"] is None


async def test_the_same_again_changes_nothing(db: Database) -> None:
    await open_tenant(db)
    await put(db, FULL, seller(NORTE))
    before = await clock(db), await stores(db)
    assert counted(await put(db, FULL, seller(NORTE))) == (0, 0, 2, 0)
    assert (await clock(db), await stores(db)) == before


async def test_a_store_is_replaced_whole(db: Database) -> None:
    await open_tenant(db)
    await put(db, FULL, seller(NORTE))
    old = await stores(db)
    assert counted(await put(db, SellerDraft(cnpj=CENTRO, name="Centro"), seller(NORTE))) == (0, 1, 1, 0)
    new = await stores(db)
    _, at_us = await clock(db)
    assert new[CENTRO] == Seller(
        seller_id=old[CENTRO].seller_id,
        cnpj=CENTRO,
        point_sale_id=None,
        name="Centro",
        created_us=old[CENTRO].created_us,
        last_update_us=Micros(at_us),
    )
    assert new[NORTE] == old[NORTE]
    event = await last_event(db)
    assert (event["data"]["updated"], event["seller_id"]) == (1, new[CENTRO].seller_id)


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"cnpj": "123"}, ("cnpj", "must be a CNPJ: 14 characters, the last two digits")),
        ({"name": ""}, ("name", "must have 1 to 300 characters")),
        ({"point_sale_id": "9" * 256}, ("pointSaleId", "must have at most 255 characters")),
        ({"handling_days": -1}, ("handlingDays", "must be from 0 to 365")),
        ({"safety_stock": -1}, ("safetyStock", "must be from 0 to 1000000000")),
        ({"priority": 10**9}, ("priority", "must be from -1000000 to 1000000")),
        ({"body": SellerBody(latitude=Decimal(91))}, ("latitude", "must be from -90 to 90")),
        (
            {"body": SellerBody(address=Address(cep="01310100", longitude=Decimal(-181)))},
            ("address.longitude", "must be from -180 to 180"),
        ),
        (
            {"body": SellerBody(working_hours=(WorkingHours(weekday=0, opens="09:00", closes="18:00"),))},
            ("workingHours[0].weekday", "must be from 1 (Monday) to 7 (Sunday)"),
        ),
        (
            {"body": SellerBody(working_hours=(WorkingHours(weekday=1, opens="9:00", closes="18:00"),))},
            ("workingHours[0]", "opens and closes must be HH:MM"),
        ),
        (
            {"body": SellerBody(working_hours=(WorkingHours(weekday=1, opens="18:00", closes="18:00"),))},
            ("workingHours[0]", "must open before it closes"),
        ),
    ],
)
async def test_a_bad_row_fails_alone(db: Database, fields: dict[str, object], wrong: tuple[str, str]) -> None:
    await open_tenant(db)
    draft = SellerDraft(**{"cnpj": CENTRO, "name": "Centro", **fields})  # type: ignore[arg-type]
    result = await put(db, draft, seller(NORTE))
    assert counted(result) == (1, 0, 0, 1)
    assert said(result) == [(1, draft.cnpj, *wrong)]
    assert list(await stores(db)) == [NORTE]


async def test_of_two_rows_for_one_store_the_last_wins(db: Database) -> None:
    await open_tenant(db)
    result = await put(db, seller(CENTRO, name="A"), seller(NORTE), seller(CENTRO, name="B"))
    assert counted(result) == (2, 0, 1, 0)
    assert warned(result) == [(1, CENTRO, "cnpj", "replaced by row 3")]
    assert (await stores(db))[CENTRO].name == "B"


async def test_a_bound_credential_writes_its_own_store(db: Database) -> None:
    await open_tenant(db)
    result = await put(db, seller(CENTRO), seller(NORTE), only_cnpj=NORTE)
    assert counted(result) == (1, 0, 0, 1)
    assert said(result) == [(1, CENTRO, "cnpj", f"this credential may only write store {NORTE}")]
    assert list(await stores(db)) == [NORTE]


async def test_stores_swap_their_point_of_sale_ids(db: Database) -> None:
    await open_tenant(db)
    await put(db, seller(CENTRO, point_sale_id="1"), seller(NORTE, point_sale_id="2"))
    assert counted(await put(db, seller(CENTRO, point_sale_id="2"), seller(NORTE, point_sale_id="1"))) == (0, 2, 0, 0)
    assert {each.cnpj: each.point_sale_id for each in (await stores(db)).values()} == {CENTRO: "2", NORTE: "1"}


async def test_a_point_of_sale_id_stays_its_stores(db: Database) -> None:
    await open_tenant(db)
    await put(db, seller(CENTRO, point_sale_id="1"), seller(NORTE, point_sale_id="2"))
    result = await put(db, seller(CENTRO, point_sale_id="2"), seller(SUL, point_sale_id="1"))
    assert counted(result) == (0, 0, 0, 2)
    assert said(result) == [
        (1, CENTRO, "pointSaleId", f"is store {NORTE}'s"),
        (2, SUL, "pointSaleId", f"is store {CENTRO}'s"),
    ]
    assert {each.cnpj: each.point_sale_id for each in (await stores(db)).values()} == {CENTRO: "1", NORTE: "2"}


async def test_other_tenants_have_their_own(db: Database) -> None:
    await open_tenant(db)
    await open_tenant(db, OUTRA)
    await put(db, seller(CENTRO, point_sale_id="1"))
    assert counted(await put(db, seller(NORTE, point_sale_id="1"), tenant=OUTRA)) == (1, 0, 0, 0)
    assert list(await stores(db)) == [CENTRO]
    assert await fetch(db, "SELECT tenant, cnpj FROM seller ORDER BY 1") == [("loja", CENTRO), (OUTRA, NORTE)]


async def test_stores_by_each_of_their_names(db: Database) -> None:
    await open_tenant(db)
    await put(db, seller(CENTRO, point_sale_id="1"), seller(NORTE, point_sale_id="2"), seller(SUL))
    all_ = await stores(db)
    norte = all_[NORTE]
    async with db.read() as tx:
        by_cnpj = await match_sellers(tx, LOJA, SellerMatch.CNPJ, ["11.222.333/0001-81", "nobody", ""])
        by_point = await match_sellers(tx, LOJA, SellerMatch.POINT_SALE_ID, [" 2 ", "3"])
        by_id = await match_sellers(tx, LOJA, SellerMatch.ID, [str(norte.seller_id).upper(), "2"])
        mixed = await find_sellers(tx, LOJA, cnpjs=[NORTE], point_sale_ids=["1", "2"], ids=[all_[SUL].seller_id])
        assert await find_sellers(tx, LOJA) == []
    assert by_cnpj == {"11.222.333/0001-81": norte}
    assert by_point == {" 2 ": norte}
    assert by_id == {str(norte.seller_id).upper(): norte}
    assert sorted(each.cnpj for each in mixed) == sorted([CENTRO, NORTE, SUL])


async def test_active_stores_by_priority(db: Database) -> None:
    await open_tenant(db)
    await put(db, seller(CENTRO, priority=2), seller(NORTE, priority=1), seller(SUL, is_active=False))
    async with db.read() as tx:
        assert [each.cnpj for each in await list_active_sellers(tx, LOJA)] == [NORTE, CENTRO]


async def test_the_list_of_stores(db: Database) -> None:
    await open_tenant(db)
    await put(db, seller(CENTRO, name="B"), seller(NORTE, name="A"), seller(SUL, name="C", is_active=False))
    changed = (await stores(db))[CENTRO].last_update_us
    by_name = ask_page(PageParameters(sort_field="name"), SELLER_SORTS)
    async with db.read() as tx:
        names = [each.name for each in (await list_sellers(tx, LOJA, by_name)).rows]
        active = [each.name for each in (await list_sellers(tx, LOJA, by_name, is_active=True)).rows]
        later = [each.name for each in (await list_sellers(tx, LOJA, by_name, since=changed)).rows]
    assert (names, active, later) == (["A", "B", "C"], ["A", "B"], ["A", "C"])
