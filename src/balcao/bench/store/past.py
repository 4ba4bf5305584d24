"""Fill the database with a shop's past: orders of many buyers, channels and carriers, most of them done with.

They are copies of one placed order of one line, made by plain set-based SQL; what differs is computed from their
number, so that the same number of orders is the same past every time.
"""

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import asyncpg

from balcao.base.values import OrderId, SellerId, SkuId, Tenant
from balcao.bench.store.copies import Table

SECONDS_APART: Final = 30
"""Between two orders of the past: a million are a year of a shop with 2,900 orders a day."""
OPEN_SHARE: Final = 50
"""One in so many orders, the newest ones, is still under way."""
CHANNELS: Final = ("ecommerce", "marketplace", "app", "televendas", "loja-fisica")
CARRIERS: Final = ("SEDEX", "PAC", "JADLOG", "TOTAL-EXPRESS", "RETIRADA")
NAMES: Final = (
    "Ana Maria João José Antônio Francisco Carlos Paulo Pedro Lucas Luiz Marcos Gabriel Rafael Daniel Marcelo Bruno "
    "Eduardo Felipe Rodrigo Manoel Mateus André Fernando Fábio Leonardo Gustavo Guilherme Leandro Tiago Francisca "
    "Antônia Adriana Juliana Márcia Fernanda Patrícia Aline Sandra Camila Amanda Bruna Jéssica Letícia Júlia Luciana "
    "Vanessa Mariana Gabriela Vera Vitória Larissa Cláudia Beatriz Rita Luana Sônia Renata Eliane Zuleica"
)
SURNAMES: Final = (
    "Silva Santos Oliveira Souza Rodrigues Ferreira Alves Pereira Lima Gomes Costa Ribeiro Martins Carvalho Almeida "
    "Lopes Soares Fernandes Vieira Barbosa Rocha Dias Nascimento Andrade Moreira Nunes Marques Machado Mendes Freitas "
    "Cardoso Ramos Gonçalves Santana Teixeira Araújo Pinto Correia Campos Cavalcanti Moraes Castro Azevedo Monteiro "
    "Batista Farias Borges Melo Barros Peixoto Xavier Assunção Brandão Conceição Galvão Guimarães Leão Muñoz Sá Zanetti"
)

_TICK: Final = """
    UPDATE tenant_clock SET seq = seq + $2, at_us = greatest($3, at_us) + $2 WHERE tenant = $1 RETURNING seq, at_us
"""
_SEQ: Final = "($3::bigint + k)"
_AT: Final = "($4::bigint + k)"
_CREATED: Final = f"({_AT} - ($9::bigint - k) * {SECONDS_APART}000000)"
_DIGEST: Final = f"md5($1 || {_SEQ}::text)"
_ID: Final = f"""(lpad(to_hex({_CREATED} / 1000), 12, '0') || '7' || substr({_DIGEST}, 1, 3) || 'a'
    || substr({_DIGEST}, 4, 15))::uuid"""


def _any(seed: int, count: int) -> str:
    """A number below `count` that looks like chance."""
    return f"((hashint8extended({_SEQ}, {seed}) & 1073741823) % {count})"


def _one_of(seed: int, words: Sequence[str]) -> str:
    texts = ", ".join(f"'{word}'" for word in words)
    return f"(ARRAY[{texts}])[1 + {_any(seed, len(words))}]"


# Of the newest, in turn: pending, paid, confirmed, being invoiced, invoiced, under way; of the others one in twelve was
# cancelled and the rest is delivered.
_IS_OPEN: Final = "($9::bigint - k <= $10::bigint)"
_STATUS: Final = f"""(CASE WHEN {_IS_OPEN} THEN (ARRAY[1, 1, 2, 2, 4, 5, 20, 20, 7])[1 + {_any(1, 9)}]
    WHEN {_any(1, 12)} = 0 THEN (ARRAY[10, 11, 21])[1 + {_any(2, 3)}] ELSE 9 END)::smallint"""
_IS_INVOICED: Final = f"({_STATUS} = ANY ('{{7,9,20}}'::smallint[]))"
_CHANNEL: Final = _one_of(3, [*CHANNELS[:1] * 6, *CHANNELS[1:2] * 5, *CHANNELS[2:3] * 3, *CHANNELS[3:]])
_SELLER: Final = f"($11::uuid[])[1 + {_any(4, 1000)} % cardinality($11::uuid[])]"
_CARRIER: Final = _one_of(5, [*CARRIERS[:1] * 5, *CARRIERS[1:2] * 4, *CARRIERS[2:]])
_TYPE: Final = f"(ARRAY[6, 6, 6, 6, 1, 1, 1, 7, 2, 3])[1 + {_any(6, 10)}]::smallint"
_NAME: Final = " || ' ' || ".join(
    [_one_of(7, NAMES.split()), _one_of(8, SURNAMES.split()), _one_of(9, SURNAMES.split())]
)
_DOCUMENT: Final = f"lpad({_any(10, 400_000)}::text || '7', 11, '0')"
_PHONE: Final = f"'119' || lpad({_any(10, 400_000)}::text, 8, '0')"
_EMAIL: Final = f"'comprador' || {_any(10, 400_000)} || '@example.com'"
_ACCESS_KEY: Final = f"'35' || lpad({_SEQ}::text, 42, '0')"
_TRACKING: Final = f"'BR' || lpad({_SEQ}::text, 9, '0') || 'BR'"
_BUYER: Final = f"""o.body || jsonb_build_object('buyer', o.body -> 'buyer' || jsonb_build_object(
    'full_name', {_NAME}, 'cpf', {_DOCUMENT}, 'phone_number', {_PHONE}, 'email', {_EMAIL}))
    || CASE WHEN {_STATUS} = ANY ('{{7,9}}'::smallint[])
       THEN jsonb_build_object('tracking', jsonb_build_object('code', {_TRACKING})) ELSE '{{}}' END"""

_EVERYWHERE: Final = {
    "order_id": _ID,
    "subject": f"{_ID}::text",
    "external_id": f"'PAST-' || {_SEQ}",
    "friendly_code": f"'0' || upper(to_hex({_SEQ}))",  # real codes have no 0
    "channel": _CHANNEL,
    "seller_id": _SELLER,
    "seq": _SEQ,
    "create_us": _CREATED,
    **dict.fromkeys(("last_update_us", "created_us", "at_us"), _AT),
    "sku_id": "($7::uuid[])[1 + k % cardinality($7::uuid[])]",
    "sku_code": "($8::text[])[1 + k % cardinality($8::text[])]",
    "product_code": "($8::text[])[1 + k % cardinality($8::text[])]",
    "reserved": "0",
}
_OWN: Final = {
    "orders": {
        "status": _STATUS,
        "expires_us": "NULL::bigint",
        "seller_order_id": f"CASE WHEN {_IS_INVOICED} THEN 'ERP-' || {_SEQ} END",
        "freight_reference": _CARRIER,
        "freight_description": _CARRIER,
        "payment_types": f"ARRAY[{_TYPE}]",
        "buyer_name": _NAME,
        "buyer_document": _DOCUMENT,
        "invoice_key": f"CASE WHEN {_IS_INVOICED} THEN {_ACCESS_KEY} END",
        "tracking_code": f"CASE WHEN {_STATUS} = ANY ('{{7,9}}'::smallint[]) THEN {_TRACKING} END",
        "body": _BUYER,
    },
    "order_payment": {"type": _TYPE},
}
"""What a copy has of its own, as SQL of its number `k`, by table; all other columns are the placed order's."""

_KEYS: Final = """
    INSERT INTO invoice_key (tenant, access_key, order_id)
    SELECT o.tenant, o.invoice_key, o.order_id FROM orders o
     WHERE o.tenant = $1 AND o.last_update_us BETWEEN $2 AND $3 AND o.invoice_key IS NOT NULL
"""
_INVOICES: Final = """
    INSERT INTO order_invoice (tenant, order_id, access_key, number, serie, total_amount, issued_us, body, created_us)
    SELECT o.tenant, o.order_id, o.invoice_key, right(o.invoice_key, 9), '1', o.total_amount, o.create_us, '{}',
           o.last_update_us
      FROM orders o WHERE o.tenant = $1 AND o.last_update_us BETWEEN $2 AND $3 AND o.invoice_key IS NOT NULL
"""


class Stretch(NamedTuple):
    """So many orders, the first of them `left` orders before now; the newest `open` ones of all are under way."""

    size: int
    left: int
    open: int


class Past(NamedTuple):
    """What the past is made of: the tables with the placed order's rows, the stores and the SKUs."""

    tables: Sequence[Table]
    template: OrderId
    sellers: Sequence[SellerId]
    skus: dict[str, SkuId]


async def fill_past(
    connection: "asyncpg.Connection[Any]", tenant: Tenant, past: Past, stretch: Stretch, now: int
) -> None:
    """Write one stretch of it in one transaction: every table and the clock; its lines hold no stock any more."""
    async with connection.transaction():
        clock = await connection.fetchrow(_TICK, tenant, stretch.size, now)
        if clock is None:
            raise LookupError(f"tenant {tenant!r} has no clock")
        seq, at_us = clock["seq"] - stretch.size + 1, clock["at_us"] - stretch.size + 1
        given = (tenant, str(past.template), seq, at_us, 0, stretch.size - 1, list(past.skus.values()))
        more = (list(past.skus), stretch.left, stretch.open, list(past.sellers))
        for table in past.tables:
            await connection.execute(_statement(table), *given, *more)
        for text in (_KEYS, _INVOICES):
            await connection.execute(text, tenant, at_us, at_us + stretch.size - 1)


def _statement(table: Table) -> str:
    own = _EVERYWHERE | _OWN.get(table.name, {})
    values = ", ".join(own.get(name, f"o.{name}") for name in table.columns)
    template = "o.subject = $2" if table.name == "event" else "o.order_id = $2::uuid"
    kinds = ("bigint", "bigint", "uuid[]", "text[]", "bigint", "bigint", "uuid[]")
    # Every parameter is named once, so that all tables can be given the same ones.
    unused = " AND ".join(f"${n}::{kind} IS NOT NULL" for n, kind in zip((3, 4, 7, 8, 9, 10, 11), kinds, strict=True))
    return f"""
        INSERT INTO {table.name} (tenant, {", ".join(table.columns)})
        SELECT o.tenant, {values} FROM {table.name} o, generate_series($5::bigint, $6::bigint) AS k
         WHERE o.tenant = $1 AND {template} AND {unused}
    """  # noqa: S608
