"""What each store asks and has: prices and stocks."""

from decimal import ROUND_CEILING, Decimal

from sample.catalogue import Product
from sample.draw import chance, draw
from sample.facts import Record

SEED_SKU_QUANTITY = 500
TEN_CENTS = Decimal("0.10")


def base_prices(products: list[Product]) -> list[Record]:
    """One price a product for every store; an offer also has the price it had, 10 to 39 percent more."""
    rows = []
    for product in products:
        row: Record = {"Price": product.price}
        if product.offered:
            row["OldPrice"] = _dearer(product.price, 10 + draw(f"old/{product.code}", 30))
        rows.append(row | {"ProductCode": product.code})
    return rows


def local_prices(products: list[Product], stores: list[Record]) -> list[Record]:
    """A few stores sell a few products for 5 to 14 percent less than everybody else."""
    rows = []
    for product in products:
        if product.code == "1" or product.offered or not chance(f"local/{product.code}", 35):
            continue
        store = stores[draw(f"local-store/{product.code}", len(stores))]
        cut = 5 + draw(f"local-cut/{product.code}", 10)
        price = (product.price * (100 - cut) / 100).quantize(Decimal(1), ROUND_CEILING) - TEN_CENTS
        rows.append(
            {"Price": price, "OldPrice": product.price, "SellerCode": store["cnpj"], "ProductCode": product.code}
        )
    return rows


def _dearer(price: Decimal, percent: int) -> Decimal:
    return (price * (100 + percent) / 100).quantize(Decimal(1), ROUND_CEILING) - TEN_CENTS


def count_stocks(skus: list[str], stores: list[Record]) -> list[Record]:
    """Each SKU in several stores, nearly always in the e-commerce one; some counts are zero, never all of them."""
    return [row for sku in skus for row in _counts(sku, stores)]


def _counts(sku: str, stores: list[Record]) -> list[Record]:
    online = next(store for store in stores if store["isEcommerce"])
    closed = [store for store in stores if not store["isActive"]]
    open_ones = [store for store in stores if store["isActive"] and store is not online]
    open_ones.sort(key=lambda store: draw(f"store/{sku}/{store['pointSaleId']}", 1 << 32))
    chosen = open_ones[: 4 + draw(f"stores/{sku}", 3)]
    if sku == "1" or chance(f"online/{sku}", 90):
        chosen.insert(0, online)
    chosen += [store for store in closed if chance(f"closed/{sku}", 4)]
    sure = next(store for store in chosen if store["deliveryEnabled"] and store["isActive"])
    return [
        {
            "Quantity": _quantity(sku, store, sure=store is sure),
            "SellerCode": store["cnpj"],
            "SkuCode": sku,
        }
        for store in chosen
    ]


def _quantity(sku: str, store: Record, *, sure: bool) -> int:
    if sku == "1" and store["isEcommerce"]:
        return SEED_SKU_QUANTITY
    name = f"quantity/{sku}/{store['pointSaleId']}"
    if not sure and chance(f"empty/{name}", 7):
        return 0
    return 1 + draw(name, 120 if store["isEcommerce"] else 30)
