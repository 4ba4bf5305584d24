"""Names, bindings and scopes: every row."""

import pytest

from balcao.base.errors import Invalid
from balcao.tenants.rules import (
    EVERY_SCOPE,
    Channel,
    Role,
    Scope,
    check_bindings,
    check_channel,
    check_tenant_name,
    read_scopes,
    tenant_of,
)

CNPJ = "04109169000135"
READ, WRITE = frozenset({Scope.READ}), frozenset({Scope.WRITE})


@pytest.mark.parametrize("name", ["a", "1", "qaapp", "my-shop-2", "a" * 40])
def test_good_tenant_names(name: str) -> None:
    assert check_tenant_name(name) == name


@pytest.mark.parametrize(
    "name", ["", "-a", "a-", "A", "my shop", "my.shop", "loja_1", "á", "a" * 41, "a\n", "a/b", "a%"]
)
def test_bad_tenant_names(name: str) -> None:
    with pytest.raises(Invalid) as refused:
        check_tenant_name(name)
    assert list(refused.value.errors) == ["name"]


@pytest.mark.parametrize("name", ["ecommerce", "Loja São José", "50% off", "#1/a", "á" * 100])
def test_good_channel_names(name: str) -> None:
    check_channel(Channel(name=name))


@pytest.mark.parametrize("name", ["", " a", "a ", "a\tb", "a\0", "a\n", "a" * 101])
def test_bad_channel_names(name: str) -> None:
    with pytest.raises(Invalid) as refused:
        check_channel(Channel(name=name))
    assert list(refused.value.errors) == ["name"]


@pytest.mark.parametrize(
    ("seconds", "is_good"), [(-1, False), (0, False), (1, True), (31_622_400, True), (31_622_401, False)]
)
def test_payment_expiry_has_bounds(seconds: int, is_good: bool) -> None:
    if is_good:
        check_channel(Channel(name="a", payment_expiry_s=seconds))
        return
    with pytest.raises(Invalid) as refused:
        check_channel(Channel(name="a", payment_expiry_s=seconds))
    assert list(refused.value.errors) == ["paymentExpiryS"]


@pytest.mark.parametrize(
    ("role", "seller_cnpj", "carrier", "wrong"),
    [
        (Role.CHANNEL, None, None, []),
        (Role.CHANNEL, CNPJ, None, []),
        (Role.ERP, CNPJ, None, []),
        (Role.ERP, "12ABC34501DE35", None, []),
        (Role.ERP, "123", None, ["sellerCnpj"]),
        (Role.ERP, "", None, ["sellerCnpj"]),
        (Role.ERP, None, "SEDEX", ["carrier"]),
        (Role.CARRIER, None, "SEDEX", []),
        (Role.CARRIER, CNPJ, "SEDEX", []),
        (Role.CARRIER, None, None, ["carrier"]),
        (Role.CARRIER, None, "", ["carrier"]),
        (Role.CARRIER, None, " SEDEX", ["carrier"]),
        (Role.OPERATOR, None, "SEDEX", ["carrier"]),
        (Role.ADMIN, "x", "SEDEX", ["carrier", "sellerCnpj"]),
    ],
)
def test_bindings(role: Role, seller_cnpj: str | None, carrier: str | None, wrong: list[str]) -> None:
    if not wrong:
        check_bindings(role, seller_cnpj=seller_cnpj, carrier=carrier)
        return
    with pytest.raises(Invalid) as refused:
        check_bindings(role, seller_cnpj=seller_cnpj, carrier=carrier)
    assert sorted(refused.value.errors) == wrong


@pytest.mark.parametrize(
    ("text", "scopes"),
    [
        ("", EVERY_SCOPE),
        ("  ", EVERY_SCOPE),
        ("lori", EVERY_SCOPE),
        ("LORI", EVERY_SCOPE),
        ("read", READ),
        ("Write", WRITE),
        ("write read", EVERY_SCOPE),
        ("read lori", EVERY_SCOPE),
        ("read read", READ),
        ("admin", None),
        ("read admin", None),
        ("lori.read", None),
    ],
)
def test_scopes(text: str, scopes: frozenset[Scope] | None) -> None:
    assert read_scopes(text) == scopes


@pytest.mark.parametrize(
    ("client_id", "tenant"),
    [
        ("qaapp.abcdefghij", "qaapp"),
        ("my-shop.234567abcd", "my-shop"),
        ("qaapp", None),
        ("qaapp.", None),
        ("qaapp.abcdefghi1", None),
        ("qaapp.abcdefghijk", None),
        ("qaapp.ABCDEFGHIJ", None),
        ("qaapp.abcdefghij\n", None),
        ("qa app.abcdefghij", None),
        ("qaapp\0.abcdefghij", None),
        (".abcdefghij", None),
    ],
)
def test_the_tenant_of_a_client_id(client_id: str, tenant: str | None) -> None:
    assert tenant_of(client_id) == tenant
