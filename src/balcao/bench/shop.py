"""The shop that a bench sells in: one store, its SKUs with plenty of stock, one channel, and a token for each role."""

import secrets
from decimal import Decimal

import msgspec

from balcao.base.batch import Sent
from balcao.base.db import Tx
from balcao.base.now import now_us
from balcao.base.secret_key import secret_key
from balcao.base.values import SellerId, SkuId, Tenant
from balcao.bench.stage import Stage
from balcao.catalog.find import find_skus
from balcao.catalog.put_products import PutProducts, put_products
from balcao.catalog.rules.drafts import ProductDraft, SkuDraft
from balcao.sellers.find import find_sellers
from balcao.sellers.put import PutSellers, put_sellers
from balcao.sellers.rules.draft import SellerDraft
from balcao.stock.count import CountStock, count_stock
from balcao.stock.rules.model import StockCount
from balcao.tenants.channels import set_channel
from balcao.tenants.credentials import CreateCredential, create_credential
from balcao.tenants.rules import Caller, Channel, Role
from balcao.tenants.tenants import CreateTenant, create_tenant
from balcao.tenants.tokens import issue_token

ACTOR = "bench"
CHANNEL = "ecommerce"
CNPJ = "11222333000181"
PLENTY = 1_000_000_000
TOKEN_TTL_S = 24 * 3600


class Shop(msgspec.Struct, frozen=True, kw_only=True):
    """skus: their ids by code, all codes of one length; token: an administrator's."""

    tenant: Tenant
    caller: Caller
    token: str
    seller_id: SellerId
    skus: dict[str, SkuId]


async def open_shop(stage: Stage, *, skus: int) -> Shop:
    """A new tenant with everything that orders name, written by the verbs in four transactions."""
    tenant = Tenant(f"bench-{secrets.token_hex(4)}")
    caller = await stage.db.run(lambda tx: _found(tx, tenant))
    codes = [f"B{n:06d}" for n in range(1, skus + 1)]
    await stage.db.run(lambda tx: _stock_up(tx, tenant, codes))
    async with stage.db.read() as tx:
        facts = await find_skus(tx, tenant, codes)
        (seller,) = await find_sellers(tx, tenant, cnpjs=[CNPJ])
    key = secret_key(stage.settings(1), "token")
    return Shop(
        tenant=tenant,
        caller=caller,
        token=issue_token(caller, key, now=now_us(), ttl_s=TOKEN_TTL_S),
        seller_id=seller.seller_id,
        skus={code: facts[code].sku_id for code in codes},
    )


async def _found(tx: Tx, tenant: Tenant) -> Caller:
    now = now_us()
    await create_tenant(tx, CreateTenant(name=tenant, actor=ACTOR), now)
    await set_channel(tx, tenant, Channel(name=CHANNEL), actor=ACTOR, now=now)
    cmd = CreateCredential(tenant=tenant, role=Role.ADMIN, actor=ACTOR)
    return (await create_credential(tx, cmd, now)).caller


async def _stock_up(tx: Tx, tenant: Tenant, codes: list[str]) -> None:
    now = now_us()
    store = SellerDraft(cnpj=CNPJ, name="Loja de medida", point_sale_id="PDV-1")
    await put_sellers(tx, PutSellers(tenant=tenant, actor=ACTOR, rows=[Sent(1, store)]), now)
    products = [
        Sent(
            row, ProductDraft(code=code, name=f"Produto {code}", weight_kg=Decimal("0.3"), skus=(SkuDraft(code=code),))
        )
        for row, code in enumerate(codes, 1)
    ]
    await put_products(tx, PutProducts(tenant=tenant, actor=ACTOR, rows=products), now)
    counts = [Sent(row, StockCount(seller=CNPJ, sku=code, quantity=PLENTY)) for row, code in enumerate(codes, 1)]
    await count_stock(tx, CountStock(tenant=tenant, actor=ACTOR, rows=counts), now)
