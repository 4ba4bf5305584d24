"""The access key, the Base64 envelope, and what is sent beside the XML."""

from base64 import b64encode, encodebytes, urlsafe_b64encode
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from balcao.base.errors import Invalid, TooLarge
from balcao.fiscal.nfe import (
    AccessKeyParts,
    access_key_parts,
    agree,
    check_access_key,
    decode_xml_string,
    read_nfe,
)
from tests.rules.nfe_samples import make_nfe

KEY = "35260812345678000195550010000012341917947440"


def test_parts_of_a_key() -> None:
    assert access_key_parts(KEY) == AccessKeyParts(
        state_code="35",
        year_month="2608",
        issuer="12345678000195",
        model="55",
        serie=1,
        number=1234,
        emission_type="1",
        code="91794744",
        check_digit="0",
    )


SHAPE = "must be 44 characters: digits, and capital letters only inside the CNPJ"


@pytest.mark.parametrize(
    ("key", "what"),
    [
        ("", SHAPE),
        (KEY[:43], SHAPE),
        (KEY + "0", SHAPE),
        (f" {KEY[:42]} ", SHAPE),
        (KEY.replace("123456780001", "12abc34501de"), SHAPE),
        ("A" + KEY[1:], SHAPE),
        (KEY[:43] + "X", SHAPE),
        (KEY[:42] + "٣" + KEY[43], SHAPE),
        (KEY + "\n", SHAPE),
        ("34" + KEY[2:], "begins with 34, which is no state's IBGE code"),
        ("352613" + KEY[6:], "has 13 where the month of issue should be"),
        ("352600" + KEY[6:], "has 00 where the month of issue should be"),
        (KEY[:43] + "9", "ends with check digit 9, and its other characters give 0"),
    ],
)
def test_refuses_unsound_keys(key: str, what: str) -> None:
    with pytest.raises(Invalid) as caught:
        check_access_key(key, field="Invoice.Key")
    assert caught.value.errors == {"Invoice.Key": [f"The access key {what}."]}


def test_refuses_every_other_check_digit() -> None:
    for digit in set("0123456789") - {KEY[43]}:
        with pytest.raises(Invalid):
            check_access_key(KEY[:43] + digit)
    check_access_key(KEY)


@pytest.mark.parametrize(
    "text",
    [
        make_nfe().decode(),
        f"\ufeff\n {make_nfe().decode()}",
        make_nfe().decode().replace("UTF-8", "ISO-8859-1"),
        make_nfe().decode().replace("UTF-8", "UTF-16"),
        make_nfe().decode().split("?>", 1)[1],
        b64encode(make_nfe()).decode(),
        encodebytes(make_nfe()).decode().replace("\n", "\r\n"),
        urlsafe_b64encode(make_nfe()).decode().rstrip("="),
        f"data:text/xml;base64,{b64encode(make_nfe()).decode()}",
        f"data:application/xml;charset=utf-8;BASE64,{b64encode(make_nfe()).decode()}",
        b64encode(make_nfe().decode().replace("UTF-8", "UTF-16").encode("UTF-16")).decode(),
    ],
    ids=["raw", "bom", "latin", "utf16", "bare", "base64", "wrapped", "url-safe", "data", "data-2", "base64-utf16"],
)
def test_takes_xml_or_base64(text: str) -> None:
    assert read_nfe(decode_xml_string(text)) == read_nfe(make_nfe())


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "It is empty."),
        (" \n ", "It is empty."),
        ("data:text/xml;base64,", "It is empty."),
        ("not base64!", "It is neither XML nor Base64."),
        ("PEE-*", "It is neither XML nor Base64."),
        ("AAAAA", "It is neither XML nor Base64."),
        ("ação", "It is neither XML nor Base64."),
        ("data:text/xml,<NFe/>", "It is neither XML nor Base64."),
        ("<NFe>\ud800</NFe>", "It holds characters that no XML may hold."),
    ],
)
def test_refuses_what_is_neither(text: str, message: str) -> None:
    with pytest.raises(Invalid) as caught:
        decode_xml_string(text)
    assert caught.value.errors == {"xmlString": [message]}


def test_refuses_too_much_text_before_decoding_it() -> None:
    with pytest.raises(TooLarge):
        decode_xml_string("A" * (4 * 1024 * 1024 + 1))


@given(st.text())
def test_no_text_escapes_as_anything_but_a_refusal(text: str) -> None:
    named = ["xmlString"]
    try:
        decode_xml_string(text)
    except Invalid as error:
        named = list(error.errors)
    assert named == ["xmlString"]


NFE = read_nfe(make_nfe(total=Decimal("259.60")))
BRASILIA = timezone(timedelta(hours=-3))


def test_what_repeats_the_xml_agrees() -> None:
    assert agree(NFE) == {}
    assert agree(NFE, key=KEY, number=1234, serie=1, total=Decimal("259.6"), issued_at=NFE.issued_at) == {}
    assert agree(NFE, key=" 3526 0812 3456 7800 0195 5500 1000 0012 3419 1794 7440") == {}
    assert agree(NFE, key="", number="", serie=" ") == {}
    assert agree(NFE, number="000001234", serie="001", total=Decimal("259.600")) == {}


@pytest.mark.parametrize(
    "issued_at",
    [
        datetime(2026, 8, 9, 9, 30, 15, tzinfo=BRASILIA),
        datetime(2026, 8, 9, 12, 30, 15, 999, tzinfo=UTC),
        datetime(2026, 8, 9, 9, 30, 15, tzinfo=UTC),
        datetime(2026, 8, 9, 0, 0, tzinfo=UTC),
    ],
    ids=["same", "same instant", "same wall clock", "same day"],
)
def test_the_same_time_agrees(issued_at: datetime) -> None:
    assert agree(NFE, issued_at=issued_at) == {}


@pytest.mark.parametrize(
    ("issued_at", "shown"),
    [
        (datetime(2026, 8, 9, 12, 30, 16, tzinfo=UTC), "2026-08-09T12:30:16+00:00"),
        (datetime(2026, 8, 10, tzinfo=UTC), "2026-08-10T00:00:00+00:00"),
        (datetime(2025, 8, 9, 9, 30, 15, tzinfo=BRASILIA), "2025-08-09T09:30:15-03:00"),
    ],
)
def test_another_time_disagrees(issued_at: datetime, shown: str) -> None:
    assert agree(NFE, issued_at=issued_at) == {
        "issuanceDate": [f"{shown} was sent, and the NF-e XML says 2026-08-09T09:30:15-03:00."]
    }


def test_every_contradiction_is_named_by_the_contracts_field() -> None:
    other = KEY[:43] + "9"
    assert agree(NFE, key=other, number="12340", serie="A1", total=Decimal("259.61")) == {
        "key": [f"{other} was sent, and the NF-e XML says {KEY}."],
        "number": ["12340 was sent, and the NF-e XML says 1234."],
        "serieNumber": ["A1 was sent, and the NF-e XML says 1."],
        "totalAmount": ["259.61 was sent, and the NF-e XML says 259.60."],
    }
    assert agree(NFE, number=0, serie=-1) == {
        "number": ["0 was sent, and the NF-e XML says 1234."],
        "serieNumber": ["-1 was sent, and the NF-e XML says 1."],
    }


def test_a_serie_of_nought_agrees_with_any_noughts() -> None:
    nought = read_nfe(make_nfe(serie=0))
    for serie in (0, "0", "000"):
        assert agree(nought, serie=serie) == {}
    assert list(agree(nought, serie=1)) == ["serieNumber"]
