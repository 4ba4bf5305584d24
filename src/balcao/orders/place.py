"""Place orders: claim the external id, check, reserve the stock, write."""

from collections.abc import Collection, Mapping, Sequence

import msgspec

from balcao.base.db import Tx
from balcao.base.errors import BalcaoError, Conflict, Forbidden, Invalid
from balcao.base.statements import Statement, run, run_all
from balcao.base.values import Micros, OrderId, Tenant, new_id
from balcao.catalog.find import finding_skus
from balcao.catalog.rules.model import SkuFacts
from balcao.freight.offers import find_offers
from balcao.orders.new_orders import NewOrders
from balcao.orders.rules import placing
from balcao.orders.rules.checks import Found, check_found
from balcao.orders.rules.friendly import friendly_code
from balcao.orders.rules.model import Order
from balcao.orders.rules.new_order import NewOrder
from balcao.orders.rules.receipt import Name, OrderKey, Placed, Receipt, content_hash, replay_or_conflict
from balcao.orders.store import keys
from balcao.sellers.find import finding_sellers
from balcao.sellers.rules import Seller
from balcao.stock.reserve import StockKey, lock_levels
from balcao.tenants.channels import getting_channels
from balcao.tenants.rules import Caller, Channel, StockPolicy


class PlaceOrder(msgspec.Struct, frozen=True, kw_only=True):
    """Create this order."""

    caller: Caller
    new: NewOrder


async def place_orders(tx: Tx, tenant: Tenant, cmds: Sequence[PlaceOrder], now: Micros) -> list[Receipt | BalcaoError]:
    """A receipt for each order; Invalid for what it names and the tenant has not; Forbidden for another store than the
    caller's; Conflict when the stock is short, or when its external id stands for another content.

    Appends `order.placed`. Of any number of simultaneous sends of one external id one is written, the others replay it.
    """
    batch = _Batch(tenant, cmds, now)
    await batch.claim(tx)
    await batch.draft(tx)
    await batch.reserve(tx)
    await batch.write(tx)
    return batch.outcomes()


async def place_at_once(tx: Tx, tenant: Tenant, cmds: Sequence[PlaceOrder], now: Micros) -> list[Receipt] | None:
    """The same in two round trips, of which the second is the whole transaction: `tx` is in none.

    None where it takes more than that, and nothing is written: where an order is refused or sent again, where two have
    one external id, or where the stock has no more than they ask for.
    """
    return await _Batch(tenant, cmds, now).place_at_once(tx)


class _Batch:
    """One batch of orders to place, from the claim of their keys to the write. `n` is a command's place in it.

    Twins (one external id of a channel twice in the batch) are taken one after the other: the first that nothing
    refuses is the order, those after it replay it or conflict with it.
    """

    def __init__(self, tenant: Tenant, cmds: Sequence[PlaceOrder], now: Micros) -> None:
        self.tenant, self.cmds, self.now = tenant, cmds, now
        self.keys = [
            OrderKey(cmd.new.external_id, cmd.new.channel, OrderId(new_id()), content_hash(cmd.new)) for cmd in cmds
        ]
        self.found: dict[int, BalcaoError | Receipt] = {}
        self.drafts: dict[int, placing.Draft] = {}
        self.channels: dict[str, Channel] = {}
        self.skus: dict[str, SkuFacts] = {}
        self.sellers: list[Seller] = []
        self.orders: NewOrders | None = None
        self.open: list[int] = []
        self.claimed: dict[Name, int] = {}
        self.taken: dict[Name, int] = {}

    async def place_at_once(self, tx: Tx) -> list[Receipt] | None:
        """Read, and write as if nothing stood in the way."""
        if not self.keys or len({key.name for key in self.keys}) < len(self.keys):
            return None
        self.channels, self.skus, self.sellers = await run_all(tx, *self._finding())
        self.open = [*range(len(self.cmds))]
        await self.draft(tx)
        if self.found:
            return None
        whole, wanted = self._promised()
        ticks = await self._ready(whole, wanted).write_at_once(tx, self.keys, self.now)
        return None if ticks is None else [_receipt(whole[n].order, friendly_code(ticks.seq(n))) for n in whole]

    def _finding(self) -> tuple[Statement[dict[str, Channel]], Statement[dict[str, SkuFacts]], Statement[list[Seller]]]:
        """What the orders name."""
        new = [cmd.new for cmd in self.cmds]
        return (
            getting_channels(self.tenant, sorted({order.channel for order in new})),
            finding_skus(self.tenant, sorted({item.sku_code for order in new for item in order.items})),
            finding_sellers(
                self.tenant,
                cnpjs=sorted({order.seller_cnpj for order in new if order.seller_cnpj}),
                point_sale_ids=sorted({order.point_sale_id for order in new if order.point_sale_id}),
            ),
        )

    async def claim(self, tx: Tx) -> None:
        """Claim the external ids, each for the first order that has it; what is taken is a replay or a conflict.

        What the orders name is read on the same way: it needs nothing of the claim.
        """
        first: dict[Name, int] = {}
        for n, key in enumerate(self.keys):
            first.setdefault(key.name, n)
        won, self.channels, self.skus, self.sellers = await run_all(
            tx, keys.claim_order_keys(self.tenant, [self.keys[n] for n in first.values()]), *self._finding()
        )
        self.claimed = {name: n for name, n in first.items() if self.keys[n].order_id in won}
        lost = [self.keys[n] for name, n in first.items() if name not in self.claimed]
        placed = await keys.find_placed(tx, self.tenant, lost) if lost else {}
        for n, key in enumerate(self.keys):
            if key.name in self.claimed:
                self.open.append(n)
            else:
                self.found[n] = replay_or_conflict(key, placed[key.name])

    async def draft(self, tx: Tx) -> None:
        """Draft the orders that name nothing unknown."""
        new = [self.cmds[n].new for n in self.open]
        wanted = sorted({order.freight.calculation_key for order in new if order.freight.calculation_key})
        offers = await find_offers(tx, self.tenant, wanted)
        for n in self.open:
            order = self.cmds[n].new
            seller = _seller_of(order, self.sellers)
            found = Found(
                seller_id=seller.seller_id if seller else None,
                seller_cnpj=seller.cnpj if seller else "",
                skus=self.skus,
                offer=offers.get(order.freight.calculation_key or ""),
            )
            self._draft(n, found)

    def _draft(self, n: int, found: Found) -> None:
        cmd, channel = self.cmds[n], self.channels.get(self.cmds[n].new.channel)
        errors = check_found(cmd.new, channel, found)
        if errors or channel is None:
            self.found[n] = Invalid(errors=errors)
            return
        if cmd.caller.seller_cnpj not in {None, found.seller_cnpj}:
            self.found[n] = Forbidden("This credential is bound to another store.", code="wrong_seller")
            return
        draft = placing.draft_order(
            self.tenant,
            cmd.new,
            channel,
            found,
            order_id=self.keys[n].order_id,
            created_by=cmd.caller.client_id,
            now=self.now,
        )
        if isinstance(draft, placing.Draft):
            self.drafts[n] = draft
        else:
            self.found[n] = draft

    async def reserve(self, tx: Tx) -> None:
        """Lock the stock once for the whole batch, then promise it to one order after the other.

        Where it has enough for all of them, what is to be written is ready by then.
        """
        whole, wanted = self._promised()
        ready = self._ready(whole, wanted)
        levels = await lock_levels(tx, self.tenant, wanted)
        if self._has_no_twins() and ready.fits(levels):
            self.drafts, self.orders = whole, ready
            self.taken = {self.keys[n].name: n for n in whole}
            return
        left = {key: level.available for key, level in levels.items()}
        for n in self.open:
            draft = self.drafts.pop(n, None)
            if self.keys[n].name in self.taken:
                self.found.pop(n, None)
            elif draft is not None:
                self._promise(n, draft, left)
        self.orders = self._ready(self.drafts, levels)

    def _promised(self) -> tuple[dict[int, placing.Draft], set[StockKey]]:
        """The orders as they are where the stock has everything, and what they reserve of it."""
        whole = {n: placing.promise_all(draft, self._policy(draft.order)) for n, draft in self.drafts.items()}
        wanted = {
            (draft.order.seller_id, item.sku_id)
            for draft in whole.values()
            for item in draft.order.items
            if item.reserved
        }
        return whole, wanted

    def _has_no_twins(self) -> bool:
        return all(self.claimed[self.keys[n].name] == n for n in self.open)

    def _ready(self, drafts: Mapping[int, placing.Draft], levels: Collection[StockKey]) -> NewOrders:
        return NewOrders(self.tenant, [(draft, self.cmds[n].caller) for n, draft in drafts.items()], levels)

    def _promise(self, n: int, draft: placing.Draft, left: dict[StockKey, int]) -> None:
        store = draft.order.seller_id
        here = {item.sku_id: left.get((store, item.sku_id), 0) for item in draft.order.items}
        promised = placing.promise(draft, self._policy(draft.order), here)
        if isinstance(promised, Conflict):
            self.found[n] = promised
            return
        self.drafts[n] = promised
        self.taken[self.keys[n].name] = n
        for item in promised.order.items:
            left[store, item.sku_id] = left.get((store, item.sku_id), 0) - item.reserved

    async def write(self, tx: Tx) -> None:
        """Give up the claims of the refused (or hand them to a twin), tick, and write the rest."""
        refused = {name: n for name, n in self.claimed.items() if self.taken.get(name) != n}
        if refused:
            await keys.drop_order_keys(tx, self.tenant, [self.keys[n] for n in refused.values()])
            heirs = [self.keys[self.taken[name]] for name in refused if name in self.taken]
            if heirs:
                await run(tx, keys.claim_order_keys(self.tenant, heirs))
        if not self.drafts or self.orders is None:
            return
        ticks = await self.orders.write(tx, self.now)
        for row, (n, draft) in enumerate(self.drafts.items()):
            self.found[n] = _receipt(draft.order, friendly_code(ticks.seq(row)))

    def outcomes(self) -> list[Receipt | BalcaoError]:
        """In the order of the commands."""
        return [self.found[n] if n in self.found else self._as_twin(n) for n in range(len(self.cmds))]

    def _as_twin(self, n: int) -> Receipt | BalcaoError:
        key = self.keys[n]
        first = self.found[self.taken[key.name]]
        if isinstance(first, BalcaoError):  # what is taken was written, and has its receipt
            return first
        hashed = self.keys[self.taken[key.name]].content_hash
        return replay_or_conflict(key, Placed(first.order_id, hashed, first.friendly_code, first.status))

    def _policy(self, order: Order) -> StockPolicy:
        return self.channels[order.channel].stock_policy


def _seller_of(new: NewOrder, sellers: Sequence[Seller]) -> Seller | None:
    """The active store that the order names: by CNPJ where given, else by point of sale id."""
    for seller in sellers:
        by_cnpj = new.seller_cnpj is not None and seller.cnpj == new.seller_cnpj
        by_point = new.seller_cnpj is None and seller.point_sale_id == new.point_sale_id
        if seller.is_active and (by_cnpj or by_point):
            return seller
    return None


def _receipt(order: Order, code: str) -> Receipt:
    return Receipt(
        order_id=order.order_id,
        external_id=order.external_id,
        friendly_code=code,
        status=order.status,
        replayed=False,
    )
