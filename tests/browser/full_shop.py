"""A shop in which every page of the console has something to show: orders of several days in every state, troubles."""

from typing import NamedTuple
from uuid import UUID

from balcao.base.now import now_us
from balcao.base.values import OrderId
from balcao.orders.reject import RejectItem, reject_item
from balcao.orders.rules.model import Order
from balcao.orders.rules.picking import RejectReason
from balcao.tenants.rules import Role
from tests.doors.shop import Api, lines, path_of
from tests.verbs.freight_shop import load, rate

HOUR_US = 3_600_000_000
ALL = "/console/integrations"
ADMINS = (
    "/console/dashboard?range=24h", "/console/dashboard?range=30d", ALL, f"{ALL}/credentials", f"{ALL}/channels",
    f"{ALL}/channels?name=ecommerce", f"{ALL}/webhooks", f"{ALL}/omnichat", f"{ALL}/batches", f"{ALL}/tables",
    f"{ALL}/tables?carrier=NORMAL",
)  # fmt: skip


class FullShop(NamedTuple):
    """orders: by what stands in their names; paths: one address of every page, dialogs and details closed."""

    orders: dict[str, str]
    paths: tuple[str, ...]


async def fill(api: Api) -> FullShop:
    """Orders of three days and more, in every column of the board, and something wrong of each kind."""
    async with api.db.transaction() as tx:
        await load(tx, api.shop.tenant, "NORMAL", rate((0, 99_999_999), (0, 5000), "15", 4))
    made = {
        "unpaid": await api.placed(ExternalId="A-CONTA-1", Items=lines(s1=1, s2=2)),
        "paid": await api.paid(ExternalId="PAGO-1", Items=lines(s1=2, s2=1), OrderNote="Embrulhar para presente"),
        "rejected": await api.paid(ExternalId="FALTA-1", Items=lines(s1=2)),
        "invoiced": await api.invoiced(ExternalId="FATURADO-1"),
        "pickup": await api.paid(ExternalId="RETIRA-1", IsDelivery=False),
        "shipped": await api.shipped(ExternalId="A-CAMINHO-1"),
        "cancelled": await api.placed(ExternalId="CANCELADO-1"),
    }
    await api.done("PUT", path_of(made["pickup"], "status"), {"status": "ReadyForPickup"})
    await api.done("POST", path_of(made["cancelled"], "cancel"), {"reason": "o cliente desistiu"})
    ages = dict(zip(made.values(), (0, 1, 3, 26, 50, 75, 170), strict=True))
    async with api.db.transaction() as tx:
        await tx.execute(
            """
            UPDATE orders o SET create_us = o.create_us - k.hours * $2::bigint
              FROM unnest($3::uuid[], $4::bigint[]) AS k (order_id, hours)
             WHERE o.tenant = $1 AND o.order_id = k.order_id
            """,
            *(api.shop.tenant, HOUR_US, list(ages), list(ages.values())),
        )
        await tx.execute(
            """
            UPDATE order_step s SET created_us = s.created_us - k.hours * $2::bigint
              FROM unnest($3::uuid[], $4::bigint[]) AS k (order_id, hours)
             WHERE s.tenant = $1 AND s.order_id = k.order_id AND s.number = 1 AND s.status = 1
            """,
            *(api.shop.tenant, HOUR_US, list(ages), list(ages.values())),
        )
    await _troubles(api, made["paid"], OrderId(UUID(made["rejected"])))
    return FullShop(made, await _paths(api, made))


async def _troubles(api: Api, order_id: str, rejected: OrderId) -> None:
    """A webhook that is never answered, a batch with a row that fails, an item that cannot be had."""
    asked = {"url": "https://example.com/hear", "types": ["order.*"]}
    made = await api.post("/v1/webhooks", asked)
    assert made.status_code == 201, made.text
    await api.send("PUT", "/cp/management/catalog/prices", [{"Price": 1, "ProductCode": "?"}], role=Role.ERP)
    now = now_us()
    async with api.db.transaction() as tx:
        await tx.execute(
            """
            INSERT INTO webhook_delivery (tenant, webhook_id, seq, type, subject, body, attempts, due_us, lease_us,
                                          status, error, died_us)
            SELECT tenant, webhook_id, 1, 'order.placed', $2, '{}', 10, 0, 0, 500, 'no', $3 FROM webhook
             WHERE tenant = $1
            """,
            *(api.shop.tenant, order_id, now),
        )
        await tx.execute(
            "UPDATE import_batch SET done = 1, failed = 1, finished_us = $2 WHERE tenant = $1", api.shop.tenant, now
        )
    cmd = RejectItem(caller=api.shop.caller(), order_id=rejected, line=1, reason=RejectReason.NOT_FOUND, quantity=1)
    async with api.db.transaction() as tx:
        assert isinstance(await reject_item(tx, api.shop.tenant, cmd, now), Order)


async def _paths(api: Api, made: dict[str, str]) -> tuple[str, ...]:
    product = await api.value("SELECT product_id FROM product WHERE code = '1'")
    sku = await api.value("SELECT sku_id FROM sku WHERE code = '1'")
    seller = await api.value(
        "SELECT seller_id FROM stock WHERE sku_id = (SELECT sku_id FROM sku WHERE code = '1') LIMIT 1"
    )
    webhook, batch = (
        await api.value("SELECT webhook_id FROM webhook"),
        await api.value("SELECT batch_id FROM import_batch"),
    )
    return (
        "/console", "/console/orders", "/console/orders?status=Pending&sort=oldest", "/console/attention",
        *(f"/console/orders/{made[name]}" for name in ("unpaid", "paid", "invoiced", "pickup", "shipped", "cancelled")),
        f"/console/orders/{made['paid']}/slip", "/console/picking", f"/console/picking/{made['paid']}",
        "/console/picking/print", "/console/catalogue", f"/console/catalogue/{product}",
        f"/console/catalogue/{product}/stock/{sku}/{seller}", "/console/freight",
        "/console/freight?cep=04321130&sku=1&quantity=1", "/console/nowhere", *ADMINS,
        f"{ALL}/webhooks/{webhook}", f"{ALL}/batches/{batch}",
    )  # fmt: skip
