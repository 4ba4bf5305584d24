"""Who takes part: each with a credential of its own, made over the API by the administrator when first needed."""

import asyncio
import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import aiohttp

from balcao.base.db import Database, Tx
from balcao.base.embedded import EmbeddedPostgres
from balcao.base.now import now_us
from balcao.demo.answers import Pair
from balcao.demo.client import Client
from balcao.demo.sample import TENANT, TITLE, Record
from balcao.tenants.credentials import CreateCredential, create_credential
from balcao.tenants.rules import Role
from balcao.tenants.tenants import CreateTenant, create_tenant, list_tenants
from balcao.users.change import set_password
from balcao.users.create import CreateUser, create_user
from balcao.users.find import list_users
from balcao.users.rules import UserRole

ACTOR = "demo"
EMAIL = "demo@balcao.example"


class WayIn(NamedTuple):
    """How to get in as an administrator: by the API, and by the console."""

    pair: Pair
    email: str
    password: str


async def open_tenant(home: Path) -> WayIn:
    """The shop, made where there is none yet, with a new credential and a new password of its administrator.

    What `balcao credential create` and `balcao user create` do.
    """
    embedded = EmbeddedPostgres(home)
    url = await asyncio.to_thread(embedded.start)  # joins the server's
    try:
        db = await Database.open(url, size=1)
        try:
            return await db.run(_open)
        finally:
            await db.close()
    finally:
        await asyncio.to_thread(embedded.stop)


class Parties:
    """The credentials of one run; whoever is asked for twice is the same."""

    def __init__(self, session: aiohttp.ClientSession, url: str, admin: Pair) -> None:
        self.url = url
        self.admin_pair = admin
        self._session = session
        self._known: dict[str, Client] = {}

    async def admin(self) -> Client:
        """The administrator."""
        return await self._sign_in("admin", self.admin_pair)

    async def channel(self, name: str) -> Client:
        """A sales channel, bound to its own orders."""
        return await self._party(name, Role.CHANNEL, channel=name)

    async def office(self) -> Client:
        """The chain's ERP: catalogue, prices, stocks, stores and freight tables."""
        return await self._party("ERP", Role.ERP)

    async def store(self, store: Record) -> Client:
        """One store's ERP, bound to its own orders."""
        return await self._party(f"ERP {store['pointSaleId']}", Role.ERP, sellerCnpj=store["cnpj"])

    async def carrier(self, reference: str) -> Client:
        """A carrier, bound to what it carries."""
        return await self._party(reference, Role.CARRIER, carrier=reference)

    async def operator(self) -> Client:
        """The store's staff."""
        return await self._party("operator", Role.OPERATOR)

    def somebody(self, name: str, url: str) -> Client:
        """One who calls another address, without any credential."""
        return Client(self._session, url, name)

    async def set_channels(self, channels: Sequence[Record]) -> None:
        """Create the channels or set them anew."""
        admin = await self.admin()
        for channel in channels:
            settings = {name: value for name, value in channel.items() if name != "name"}
            await admin.call("PUT", f"/v1/channels/{channel['name']}", body=settings)

    async def _party(self, name: str, role: Role, **bound: str) -> Client:
        if name in self._known:
            return self._known[name]
        admin = await self.admin()
        made = await admin.call("POST", "/v1/credentials", body={"role": role, **bound}, expect=(200, 201))
        return await self._sign_in(name, made.into(Pair))

    async def _sign_in(self, name: str, pair: Pair) -> Client:
        if name not in self._known:
            client = Client(self._session, self.url, name)
            await client.sign_in(pair)
            self._known[name] = client
        return self._known[name]


async def _open(tx: Tx) -> WayIn:
    now = now_us()
    if TENANT not in {known.tenant for known in await list_tenants(tx)}:
        await create_tenant(tx, CreateTenant(name=TENANT, title=TITLE, actor=ACTOR), now)
    caller, secret = await create_credential(tx, CreateCredential(tenant=TENANT, role=Role.ADMIN, actor=ACTOR), now)
    password = secrets.token_urlsafe(9)
    if EMAIL in {user.email for user in await list_users(tx, caller.tenant)}:
        await set_password(tx, caller.tenant, EMAIL, password, actor=ACTOR, now=now)
    else:
        new = CreateUser(tenant=TENANT, email=EMAIL, role=UserRole.ADMIN, password=password, actor=ACTOR)
        await create_user(tx, new, now)
    return WayIn(Pair(client_id=caller.client_id, client_secret=secret), EMAIL, password)
