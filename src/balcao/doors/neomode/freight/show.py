"""From a quote to its body."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from functools import lru_cache
from typing import cast
from uuid import UUID

import msgspec

from balcao.base.values import iso
from balcao.doors.neomode.address import show_address
from balcao.doors.neomode.freight import body as wire
from balcao.doors.wire.write import to_json
from balcao.freight.quote import Quoted
from balcao.freight.rules.calendar import BRASILIA
from balcao.freight.rules.explain import CarrierVerdict, StoreVerdict
from balcao.freight.rules.index import UM3_PER_CM3, Parcel
from balcao.freight.rules.model import Combination, Offering, OptionType, Package, Quote, Service, in_reais
from balcao.freight.rules.network import Network
from balcao.freight.rules.where import Point, distance_km
from balcao.sellers.rules import Seller

_NOON = time(12)
_SENDERS_MAX = 10_000
_NO_CNPJ = b'"sellerCnpj":""'
_senders: dict[tuple[UUID, int], msgspec.Raw] = {}


def show_quote(quote_id: UUID, quoted: Quoted, here: Point) -> wire.SimulationShown:
    """The answer; `here` is the destination, for the stores' distances."""
    sender: Callable[[Seller], wire.SenderShown] = _written_sender
    if None not in here:
        sender = lambda seller: _sender(seller, here)  # noqa: E731 - one name for both ways
    quote = quoted.quote
    shown = wire.SimulationShown(
        id=quote_id,
        packages=[_package(package, sender) for package in quote.packages],
        unavailables=[
            wire.UnavailableShown(sku=one.sku, quantity=one.quantity, available=one.available, reason=one.reason)
            for one in quote.unavailables
        ],
        combinations=[_combination(one, sender) for one in quote.combinations],
        versions=list(_versions(quote, quoted.network)),
    )
    if quoted.explanation is not None:
        shown.explanation = [_store(verdict) for verdict in quoted.explanation.stores]
    return shown


def _versions(quote: Quote, network: Network) -> Iterator[wire.VersionShown]:
    combined = (package for combination in quote.combinations for package in combination.packages)
    offerings = (offering for package in (*quote.packages, *combined) for offering in package.offerings)
    # By the number that an id is: the hash of a UUID is asked of Python code.
    used = {table_id.int: table_id for offering in offerings if (table_id := offering.service.table_id) is not None}
    tables = [network.indexes[table_id].table for table_id in used.values()]
    for table in sorted(tables, key=lambda table: (table.reference, table.table_id)):
        yield wire.VersionShown(
            table_id=table.table_id, reference=table.reference, in_force_since=iso(table.in_force_us)
        )


def _combination(combination: Combination, sender: Callable[[Seller], wire.SenderShown]) -> wire.CombinationShown:
    return wire.CombinationShown(
        packages=[_package(package, sender) for package in combination.packages],
        total_amount=combination.total_amount,
        delivery_time=combination.delivery_time,
        delivery_date=_noon(combination.delivery_date),
    )


def _package(package: Package, sender: Callable[[Seller], wire.SenderShown]) -> wire.PackageShown:
    return wire.PackageShown(
        items=[wire.PackedItem(sku=one.sku, quantity=one.quantity, price=one.price) for one in package.lines],
        sellers=[sender(seller) for seller in package.sellers],
        freights=_freights(package.offerings),
    )


def _written_sender(seller: Seller) -> wire.SenderShown:
    """The store, written once a change of it: most of an answer's bytes are its stores' addresses."""
    key = (seller.seller_id, seller.last_update_us)
    written = _senders.get(key)
    if written is None:
        if len(_senders) >= _SENDERS_MAX:
            _senders.clear()
        written = _senders[key] = msgspec.Raw(to_json(_sender(seller, (None, None))))
    return cast("wire.SenderShown", written)


def _sender(seller: Seller, here: Point) -> wire.SenderShown:
    return wire.SenderShown(
        seller_id=seller.seller_id,
        cnpj=seller.cnpj,
        point_sale_id=seller.point_sale_id,
        name=seller.name,
        address=show_address(seller.address),
        distance=distance_km((seller.latitude, seller.longitude), here),
    )


def _freights(offerings: Sequence[Offering]) -> list[wire.FreightShown]:
    """What is offered alike from several stores is written once, and each store's CNPJ put in."""
    pieces: dict[int, tuple[bytes, bytes]] = {}
    freights = []
    for service, sellers, keys in offerings:
        if keys:
            pairs = zip(sellers, keys, strict=True)
            freights += [to_json(_freight(service, seller.cnpj, key)) for seller, key in pairs]
            continue
        written = pieces.get(id(service))
        if written is None:
            # A text within would have its quotation marks escaped.
            before, name, after = to_json(_freight(service, "", None)).partition(_NO_CNPJ)
            written = pieces[id(service)] = before + name[:-2], after
        before, after = written
        between = b"%b,%b" % (after, before)
        freights.append(before + between.join([_quoted(seller.cnpj) for seller in sellers]) + after)
    return cast("list[wire.FreightShown]", msgspec.Raw(b"[%b]" % b",".join(freights)))


def _freight(service: Service, cnpj: str, key: str | None) -> wire.FreightShown:
    return wire.FreightShown(
        calculation_key=key,
        type=service.type,
        reference=service.reference,
        description=service.description,
        amount=service.amount,
        delivery_time=service.delivery_time,
        delivery_date=_noon(service.delivery_date),
        handling_time=service.handling_time,
        seller_cnpj=cnpj,
        carrier=service.reference if service.type is OptionType.DELIVERY else None,
        sla=service.description,
    )


@lru_cache(maxsize=_SENDERS_MAX)
def _quoted(text: str) -> bytes:
    return to_json(text)


@lru_cache(maxsize=1024)
def _noon(day: date) -> str:
    """An instant that falls on that day in every Brazilian zone, and in UTC."""
    return iso(datetime.combine(day, _NOON, BRASILIA))


def _store(verdict: StoreVerdict) -> wire.StoreVerdictShown:
    return wire.StoreVerdictShown(
        cnpj=verdict.cnpj,
        name=verdict.name,
        verdict=verdict.why,
        detail=verdict.detail,
        short=[wire.ShortShown(sku=sku, quantity=need, available=there) for sku, need, there in verdict.short],
        carriers=[_carrier(one) for one in verdict.carriers],
    )


def _carrier(verdict: CarrierVerdict) -> wire.CarrierVerdictShown:
    return wire.CarrierVerdictShown(
        reference=verdict.reference,
        verdict=verdict.why,
        detail=verdict.detail,
        amount=None if verdict.cents is None else in_reais(verdict.cents),
        table_amount=None if verdict.base_cents is None else in_reais(verdict.base_cents),
        rules=list(verdict.charge.codes) if verdict.charge else [],
        parcels=[_parcel(one) for one in verdict.parcels],
        table_id=verdict.table_id,
    )


def _parcel(parcel: Parcel) -> wire.ParcelShown:
    return wire.ParcelShown(
        weight_kg=Decimal(parcel.weight_g) / 1000,
        volume_cm3=Decimal(parcel.volume_um3) / UM3_PER_CM3,
        value=Decimal(parcel.value_e4) / 10_000,
        count=parcel.times,
    )
