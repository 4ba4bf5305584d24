"""Reading: every casing reads the same, nothing is lost, and nothing sent makes it fall."""

import json
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from balcao.base.errors import Invalid
from balcao.doors.wire import (
    Money,
    Rows,
    RowsReader,
    Wire,
    reader,
    to_json,
)
from tests.doors.wire_shapes import (
    SEED,
    Category,
    Everything,
    Item,
    Kind,
    Method,
    Order,
    Payment,
    as_body,
    errors_of,
    recased,
    seed_with,
)


def test_the_documented_example_is_read_to_the_digit() -> None:
    order = reader(Order).read(SEED)
    assert order.items == [
        Item(
            sku_code="1",
            product_code="1",
            quantity=1,
            unit_price=Decimal("19.9"),
            discount_price=Decimal(10),
        )
    ]
    assert str(order.items[0].unit_price) == "19.9"
    assert (order.freight.amount, order.freight.calculation_key) == (Decimal("1.1"), None)
    assert order.buyer.address.city == "São Paulo"
    assert order.payment_list == [Payment(amount=Decimal(21), payment_method=Method(type=Kind.LINK))]


@pytest.mark.parametrize(
    "spell",
    [str.lower, str.upper, lambda key: key[0].lower() + key[1:], str.swapcase],
    ids=["lower", "upper", "camel", "swapped"],
)
def test_every_casing_reads_the_same(spell: Any) -> None:
    assert reader(Order).read(as_body(recased(seed_with(), spell))) == reader(Order).read(SEED)


def test_unknown_fields_are_ignored_everywhere() -> None:
    document = seed_with(Unknown={"a": [1]})
    document["Items"][0]["Xyz"] = 1
    document["Buyer"]["Address"]["Geo"] = None
    assert reader(Order).read(as_body(document)) == reader(Order).read(SEED)


def test_an_optional_field_in_another_casing_is_never_lost() -> None:
    assert reader(Order).read(as_body(seed_with(orderNote="fragile"))).order_note == "fragile"
    assert reader(Order).read(as_body(seed_with(ordernote="fragile"))).order_note == "fragile"


def test_aliases_stand_for_the_documented_name() -> None:
    document = seed_with()
    document["DeliveryAddress"]["cep"] = document["DeliveryAddress"].pop("ZipCode")
    assert reader(Order).read(as_body(document)) == reader(Order).read(SEED)
    assert reader(Category).read(b'{"code": "a", "Length": 1.50}').lenght == Decimal("1.50")


@pytest.mark.parametrize(
    ("body", "lenght"),
    [
        (b'{"code":"a","lenght":1,"length":2}', 2),
        (b'{"code":"a","length":2,"lenght":1}', 1),
        (b'{"code":"a","Lenght":1,"lenght":3}', 3),
        (b'{"code":"a","lenght":1,"lenght":4}', 4),
    ],
)
def test_of_two_spellings_the_last_one_wins(body: bytes, lenght: int) -> None:
    assert reader(Category).read(body).lenght == Decimal(lenght)


def test_a_null_is_as_good_as_nothing_where_there_is_a_default() -> None:
    order = reader(Order).read(as_body(seed_with(OrderNote=None, Fee=None)))
    assert (order.order_note, order.fee) == ("", Decimal(0))
    assert errors_of(Order, as_body(seed_with(ClientId=None))) == {"ClientId": ["must be a string, not null"]}


def test_a_struct_may_hold_itself() -> None:
    tree = reader(Category).read(b'{"code":"a","Children":[{"CODE":"b","children":[{"code":"c","quantity":1.0}]}]}')
    assert tree.children[0].children[0] == Category(code="c", quantity=1)
    bad = b'{"code":"a","children":[{"code":"b","children":[{"code":"c","quantity":9223372036854775808}]}]}'
    assert errors_of(Category, bad) == {"children[0].children[0].quantity": ["is too large"]}


def test_a_union_of_one_and_many_takes_both() -> None:
    payment = {"Amount": 1, "PaymentMethod": {"type": 6}}
    one = reader(Order).read(as_body(seed_with(paymentinfo=payment))).payment_info
    many = reader(Order).read(as_body(seed_with(PaymentInfo=[payment, payment]))).payment_info
    expected = Payment(amount=Decimal(1), payment_method=Method(type=Kind.PIX))
    assert (one, many) == (expected, [expected, expected])
    wrong = {"amount": 1, "paymentMethod": {"type": 9}}
    assert errors_of(Order, as_body(seed_with(paymentInfo=[payment, wrong]))) == {
        "PaymentInfo[1].PaymentMethod.Type": ["must be one of 1, 6, 7"]
    }


def test_every_wrong_field_is_named_in_its_documented_casing() -> None:
    document = recased(seed_with(IsDelivery="yes"), str.lower)
    document["items"] = [
        {"skucode": 1, "productcode": "1", "quantity": 0, "unitprice": -1, "discountprice": "ten"},
        {"productcode": "1", "quantity": 1.5, "unitprice": 1.00001, "discountprice": 1e12},
        7,
    ]
    del document["buyer"]["address"]["city"]
    document["freight"]["amount"] = None
    assert errors_of(Order, as_body(document)) == {
        "Buyer.Address.City": ["is required"],
        "Items[0].SkuCode": ["must be a string, not an integer"],
        "Items[0].Quantity": ["must be at least 1"],
        "Items[0].UnitPrice": ["must be at least 0"],
        "Items[0].DiscountPrice": ["must be a number"],
        "Items[1].SkuCode": ["is required"],
        "Items[1].Quantity": ["must be an integer, not a number"],
        "Items[1].UnitPrice": ["must have at most 12 digits before the point and 4 after it"],
        "Items[1].DiscountPrice": ["must be at most 999999999999.9999"],
        "Items[2]": ["must be an object, not a number"],
        "IsDelivery": ["must be a boolean, not a string"],
        "Freight.Amount": ["must be a number, not null"],
    }


def test_a_list_may_be_too_short() -> None:
    assert errors_of(Order, as_body(seed_with(Items=[]))) == {"Items": ["must have at least 1 items"]}
    assert errors_of(Order, as_body(seed_with(Items={}))) == {"Items": ["must be an array, not an object"]}


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("id", "x", "must be a UUID"),
        ("ratio", "1", "must be a number, not a string"),
        ("at", "yesterday", "must be an ISO 8601 instant, such as 2026-07-01T12:00:00Z"),
        ("at", "0001-01-01T00:00:00Z", "must be an instant between the years 2 and 9998"),
        ("kind", "Smell", "must be one of Text, Color"),
        ("code", "ab", "must be a string matching regex '^[A-Z]{2}$'"),
        ("code", "ABC", "must have at most 2 characters"),
        ("mixed", 2**63, "is out of range"),
        ("mixed", [], "must be an integer or a string, not an array"),
        ("tags", [1], None),
        ("blob", {"a": [2**64]}, None),
    ],
)
def test_each_sort_of_value_says_what_it_wants(field: str, value: Any, message: str | None) -> None:
    errors = errors_of(Everything, as_body({field: value}))
    inner = {"tags": {"tags[0]": ["must be a string, not an integer"]}, "blob": {"blob.a[0]": ["is too large"]}}
    assert errors == (inner[field] if message is None else {field: [message]})


def test_each_sort_of_value_is_read() -> None:
    sent = {
        "ID": "0190163d-8694-739b-aea5-966c26f8ad91",
        "ratio": 0.5,
        "kind": "Text",
        "labels": {"Any Key": 1.10},
        "tags": ["a", "a"],
        "pair": ["x", "y"],
        "code": "SP",
        "mixed": "1",
        "blob": {"Kept": [0.1, None]},
    }
    assert reader(Everything).read(as_body(sent)) == Everything(
        id=UUID("0190163d-8694-739b-aea5-966c26f8ad91"),
        ratio=0.5,
        kind="Text",
        labels={"Any Key": Decimal("1.1")},
        tags={"a"},
        pair=("x", "y"),
        code="SP",
        mixed="1",
        blob={"Kept": [Decimal("0.1"), None]},
    )


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("2026-07-01T12:00:00Z", datetime(2026, 7, 1, 12, tzinfo=UTC)),
        ("2026-07-01T12:00:00-03:00", datetime(2026, 7, 1, 12, tzinfo=timezone(timedelta(hours=-3)))),
        ("2026-07-01T12:00:00", datetime(2026, 7, 1, 12, tzinfo=UTC)),
        ("2026-07-01T12:00:00.1234567", datetime(2026, 7, 1, 12, 0, 0, 123456, tzinfo=UTC)),
        ("2026-07-01 12:00", datetime(2026, 7, 1, 12, tzinfo=UTC)),
        ("2026-07-01", datetime(2026, 7, 1, tzinfo=UTC)),
    ],
)
def test_an_instant_always_arrives_aware(text: str, at: datetime) -> None:
    read = reader(Order).read(as_body(seed_with(CreateDate=text))).create_date
    assert (read, read.utcoffset()) == (at, at.utcoffset())


@pytest.mark.parametrize("number", ["0.1", "0.30", "1e-4", "999999999999.9999", "12.34000000", "1E+3"])
def test_money_keeps_every_digit(number: str) -> None:
    for name in ("UnitPrice", "unitprice"):
        body = SEED.replace(b'"UnitPrice": 19.9', f'"{name}": {number}'.encode())
        assert reader(Order).read(body).items[0].unit_price.as_tuple() == Decimal(number).as_tuple()


@pytest.mark.parametrize(
    ("number", "message"),
    [
        ("-0.01", "must be at least 0"),
        ("1000000000000", "must be at most 999999999999.9999"),
        ("0.00001", "must have at most 12 digits before the point and 4 after it"),
        ("1e400000", "must be at most 999999999999.9999"),
        ("9" * 6000, "must be at most 999999999999.9999"),
        ('"NaN"', "must be a finite number"),
        ('"sNaN"', "must be a finite number"),
        ('"-Infinity"', "must be a finite number"),
        ('"12,50"', "must be a number"),
        ('""', "must be a number"),
        ("true", "must be a number, not a boolean"),
    ],
)
def test_money_refuses_what_no_ledger_could_hold(number: str, message: str) -> None:
    for name in ("UnitPrice", "unitPrice"):
        body = SEED.replace(b'"UnitPrice": 19.9', f'"{name}": {number}'.encode())
        if number.startswith("9" * 100):
            assert errors_of(Order, body) in (
                {"Items[0].UnitPrice": [message]},
                {"body": ["The body is not valid JSON: a number is too long."]},
            )
        else:
            assert errors_of(Order, body) == {"Items[0].UnitPrice": [message]}


def test_a_decimal_without_bounds_of_its_own_is_bounded_all_the_same() -> None:
    for number in ("1e15", "-1e15", "0.0000000000001", "1e400000"):
        assert list(
            errors_of(Order, as_body(seed_with()).replace(b'"IsDelivery"', f'"Fee": {number}, "IsDelivery"'.encode()))
        ) == ["Fee"]
    assert reader(Order).read(as_body(seed_with(Fee=-1.5))).fee == Decimal("-1.5")


@pytest.mark.parametrize(
    ("number", "status"), [("3", 3), ("3.0", 3), ("3e0", 3), ("-1", -1), ("9223372036854775807", 2**63 - 1)]
)
def test_a_whole_number_may_be_written_in_any_way(number: str, status: int) -> None:
    body = SEED.replace(b'"Amount": 21,', f'"Amount": 21, "PaymentStatus": {number},'.encode())
    payments = reader(Order).read(body).payment_list
    assert payments is not None
    assert payments[0].payment_status == status


@pytest.mark.parametrize(
    "number", ["9223372036854775808", "-9223372036854775808", "1e19", "1" + "0" * 4000, '"3"', "3.5", "true"]
)
def test_a_whole_number_fits_the_database(number: str) -> None:
    body = SEED.replace(b'"Amount": 21,', f'"Amount": 21, "PaymentStatus": {number},'.encode())
    assert list(errors_of(Order, body)) == ["PaymentList[0].PaymentStatus"]


def test_nul_is_refused_by_the_fields_name() -> None:
    assert errors_of(Order, SEED.replace(b'"654"', b'"6\\u00005"', 1)) == {
        "Buyer.Address.Number": ["must not contain the NUL character"]
    }
    assert errors_of(Everything, b'{"blob": {"a": ["x\\u0000"]}}') == {
        "blob.a[0]": ["must not contain the NUL character"]
    }
    assert errors_of(Everything, b'{"blob": {"a\\u0000": 1}}') == {"blob": ["has a key with the NUL character"]}
    assert errors_of(Everything, b'{"labels": {"a\\u0000": 1}}') == {"labels": ["has a key with the NUL character"]}
    assert errors_of(Everything, b'{"mixed": "\\u0000"}') == {"mixed": ["must not contain the NUL character"]}


def test_a_backslash_before_u0000_is_no_nul() -> None:
    order = reader(Order).read(SEED.replace(b'"654"', b'"\\\\u0000"', 1))
    assert order.buyer.address.number == "\\u0000"


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        (b"", "A JSON body is required."),
        (b" \n", "A JSON body is required."),
        (b"{", "The body is not valid JSON: it ends too early."),
        (b"{'a': 1}", "The body is not valid JSON: object keys must be strings (byte 1)."),
        (b'{"ClientId": NaN}', "The body is not valid JSON: invalid character (byte 13)."),
        (b'{"ClientId": Infinity}', "The body is not valid JSON: invalid character (byte 13)."),
        (b'{"ClientId": "\xff"}', "The body is not valid UTF-8 (byte 14)."),
        (b'{"ClientId": "\x00"}', "The body is not valid JSON: invalid character (byte 14)."),
        (b'{"ClientId": "\\udc00"}', "The body is not valid JSON: invalid utf-16 surrogate pair (byte 20)."),
        (b'{"ClientId": "\\ud800"}', "The body is not valid JSON: it ends too early."),
        (b"[" * 10_000 + b"]" * 10_000, "The body is nested too deeply."),
        (b'{"Custom": ' + b'{"a":' * 10_000 + b"1" + b"}" * 10_001, "The body is nested too deeply."),
        (b'{"Unknown": 1e99999999999999999999}', "The body has a number that is out of range."),
        (b'{"Unknown": ' + b"9" * 5000 + b"}", "The body is not valid JSON: a number is too long."),
        (b"{} x", "The body is not valid JSON: trailing characters (byte 4)."),
        (SEED.decode().encode("utf-16"), "The body is not valid UTF-8 (byte 0)."),
    ],
)
def test_what_is_no_json_is_refused_and_nothing_else(body: bytes, detail: str) -> None:
    with pytest.raises(Invalid) as refused:
        reader(Order).read(body)
    assert (refused.value.detail, refused.value.code) == (detail, "malformed_body")
    assert refused.value.errors == {"body": [detail]}


@pytest.mark.parametrize(
    ("body", "message"), [(b"[]", "an array"), (b"null", "null"), (b'"x"', "a string"), (b"1.5", "a number")]
)
def test_the_wrong_sort_of_document_is_named(body: bytes, message: str) -> None:
    assert errors_of(Order, body) == {"body": [f"must be an object, not {message}"]}


def test_a_byte_order_mark_does_no_harm() -> None:
    assert reader(Order).read(b"\xef\xbb\xbf" + SEED) == reader(Order).read(SEED)


def test_a_bare_array_names_the_row() -> None:
    class Price(Wire, rename="pascal", kw_only=True):
        price: Money
        product_code: str

    good = b'[{"Price": 1, "ProductCode": "a"}, {"price": 2.5, "productcode": "b", "x": 1}]'
    assert [row.price for row in reader(list[Price]).read(good)] == [Decimal(1), Decimal("2.5")]
    bad = b'[{"Price": 1, "ProductCode": "a"}, {"Price": -1, "ProductCode": "a"}, {"Price": 1}]'
    assert errors_of(list[Price], bad) == {"[1].Price": ["must be at least 0"], "[2].ProductCode": ["is required"]}
    assert errors_of(list[Price], b"{}") == {"body": ["must be an array, not an object"]}


def test_rows_stand_for_themselves() -> None:
    rows: Rows[Item] = RowsReader[Item](Item).read(
        b"""[{"SkuCode":"1","ProductCode":"1","Quantity":1,"UnitPrice":1,"DiscountPrice":0},
             {"skucode":"2","productCode":"1","quantity":2.0,"unitPrice":1,"discountPrice":0,"more":1},
             {"SkuCode":"3\\u0000","ProductCode":"1","Quantity":0,"UnitPrice":1,"DiscountPrice":0}, null]"""
    )
    assert rows.total == 4
    assert [(index, row.sku_code, row.quantity) for index, row in rows.good] == [(0, "1", 1), (1, "2", 2)]
    assert rows.bad == {
        2: {"SkuCode": ["must not contain the NUL character"], "Quantity": ["must be at least 1"]},
        3: {"body": ["must be an object, not null"]},
    }
    with pytest.raises(Invalid) as refused:
        RowsReader(Item).read(b"{}")
    assert refused.value.errors == {"body": ["must be an array"]}


@pytest.mark.parametrize("number", ['"NaN"', '"sNaN"', "-0.01", "0.00001"])
def test_a_bad_amount_among_many_rows_is_found(number: str) -> None:
    row = b'{"SkuCode":"1","ProductCode":"1","Quantity":1,"UnitPrice":%s,"DiscountPrice":0}'
    rows: Rows[Item] = RowsReader[Item](Item).read(b"[%s]" % b",".join([row % b"1.50"] * 200 + [row % number.encode()]))
    assert [index for index, _ in rows.good] == list(range(200))
    assert [list(errors) for errors in rows.bad.values()] == [["UnitPrice"]]
    assert list(rows.bad) == [200]


def test_at_most_a_hundred_fields_are_named() -> None:
    assert len(errors_of(list[Item], b"[" + b",".join([b"1"] * 5000) + b"]")) == 100


@given(st.binary(max_size=80))
def test_bytes_of_any_sort_never_do_more_than_be_refused(body: bytes) -> None:
    _try(body)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*json.loads(SEED), "x", "at", "blob"]), inner)
    ),
    max_leaves=12,
)


@given(_JSON)
def test_json_of_any_sort_never_does_more_than_be_refused(document: Any) -> None:
    _try(json.dumps(document).encode())
    _try(json.dumps({**json.loads(SEED), **document} if isinstance(document, dict) else document).encode())


def _try(body: bytes) -> None:
    for kind in (Order, list[Order], Category, Everything):
        try:
            value = reader(kind).read(body)
        except Invalid as refused:
            assert refused.errors  # noqa: PT017 - either outcome is right, another exception is not
        else:
            to_json(value)
