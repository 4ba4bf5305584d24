"""Write stores: one batch, each row a whole store, found by its CNPJ."""

from collections.abc import Collection, Sequence

import msgspec

from balcao.base.batch import BatchResult, Sent, Tally, announcement
from balcao.base.clock import tick
from balcao.base.db import Tx
from balcao.base.turn import take_turn
from balcao.base.values import Micros, SellerId, Tenant, new_id
from balcao.events.append import append
from balcao.events.rules import Event
from balcao.sellers import store
from balcao.sellers.find import find_sellers
from balcao.sellers.rules.draft import SellerDraft, check_draft, is_same
from balcao.sellers.rules.model import Seller
from balcao.sellers.rules.point_sale import refuse_point_sales


class PutSellers(msgspec.Struct, frozen=True, kw_only=True):
    """only_cnpj: the one store that the credential may write, where it is bound to one."""

    tenant: Tenant
    actor: str
    rows: Sequence[Sent[SellerDraft]]
    only_cnpj: str | None = None


async def put_sellers(tx: Tx, cmd: PutSellers, now: Micros) -> BatchResult:
    """Insert or replace the stores; a record that is as sent already is neither written nor ticked.

    Rows fail alone: for what `check_draft` says, for another store than the credential's, and for a point of sale id
    that another store keeps. One event `sellers.changed`, none when nothing changed.
    """
    await take_turn(tx, cmd.tenant)
    tally = Tally()
    rows = tally.keep_good(cmd.rows, lambda draft: [*check_draft(draft), *_check_bound(draft, cmd.only_cnpj)], _code)
    rows = tally.keep_last(rows, lambda draft: draft.cnpj, field="cnpj", code=_code)
    known = await find_sellers(
        tx,
        cmd.tenant,
        cnpjs=[sent.value.cnpj for sent in rows],
        point_sale_ids=[sent.value.point_sale_id for sent in rows if sent.value.point_sale_id],
    )
    rows = _keep_own_point_sale(rows, known, tally)
    before = {seller.cnpj: seller for seller in known}
    after = [_as_seller(sent.value, before) for sent in rows]
    changed = [seller for seller in after if seller.cnpj not in before or not is_same(before[seller.cnpj], seller)]
    inserted = sum(seller.cnpj not in before for seller in changed)
    updated = len(changed) - inserted
    if changed:
        ticks = await tick(tx, cmd.tenant, events=1, rows=len(changed), now=now)
        await store.save_sellers(tx, cmd.tenant, changed, before, ticks)
        data = announcement((seller.cnpj for seller in changed), inserted=inserted, updated=updated)
        await append(tx, cmd.tenant, [_event(cmd.actor, data, changed)], ticks)
    return tally.result(len(cmd.rows), inserted=inserted, updated=updated)


def _code(draft: SellerDraft) -> str:
    return draft.cnpj


def _check_bound(draft: SellerDraft, only_cnpj: str | None) -> Collection[tuple[str, str]]:
    if only_cnpj in (None, draft.cnpj):
        return ()
    return [("cnpj", f"this credential may only write store {only_cnpj}")]


def _keep_own_point_sale(
    rows: Sequence[Sent[SellerDraft]], known: Sequence[Seller], tally: Tally
) -> list[Sent[SellerDraft]]:
    wanted = {sent.value.cnpj: sent.value.point_sale_id for sent in rows}
    held = {seller.point_sale_id: seller.cnpj for seller in known if seller.point_sale_id}
    refused = refuse_point_sales(wanted, held)
    for sent in rows:
        if sent.value.cnpj in refused:
            tally.fail(sent, "pointSaleId", f"is store {refused[sent.value.cnpj]}'s", code=sent.value.cnpj)
    return [sent for sent in rows if sent.value.cnpj not in refused]


def _as_seller(draft: SellerDraft, before: dict[str, Seller]) -> Seller:
    known = before.get(draft.cnpj)
    return draft.as_seller(known.seller_id if known else SellerId(new_id()))


def _event(actor: str, data: dict[str, object], changed: Sequence[Seller]) -> Event:
    return Event(
        type="sellers.changed",
        subject=str(new_id()),
        actor=actor,
        data=data,
        seller_id=changed[0].seller_id if len(changed) == 1 else None,
        row=len(changed) - 1,
    )
