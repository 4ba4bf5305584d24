"""The stand-in's server: OmniChat's orders API under `/v2`, and its own switches, hooks and page beside it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final, TypeVar

import msgspec
from aiohttp import web

from balcao.partners.omnichat import Call
from balcao.partners.omnichat_stand_in.model import (
    Account,
    CallLine,
    StandIn,
    Switches,
    read_json,
    stamp,
    what_is_wrong,
)
from balcao.partners.omnichat_stand_in.page import draw_page
from balcao.partners.omnichat_stand_in.send import Hooks

T = TypeVar("T")
SHOWN_MAX: Final = 1_000


@asynccontextmanager
async def standing_in(stand_in: StandIn, *, host: str = "127.0.0.1", port: int = 0) -> AsyncIterator[Hooks]:
    """The server while the block runs, at `stand_in.url`; gives the way to send hooks."""
    hooks = Hooks(stand_in)
    await hooks.open()
    desk = _Desk(stand_in, hooks)
    app = web.Application()
    app.add_routes(desk.routes())
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
    await runner.setup()
    await web.TCPSite(runner, host, port).start()
    stand_in.url = f"http://{host}:{runner.addresses[0][1]}"
    try:
        yield hooks
    finally:
        await hooks.close()
        await runner.cleanup()


class _Desk:
    """The handlers."""

    def __init__(self, stand_in: StandIn, hooks: Hooks) -> None:
        self._stand_in = stand_in
        self._hooks = hooks

    def routes(self) -> list[web.RouteDef]:
        """What is served."""
        return [
            web.post("/v2/orders/{object_id}/{call}", self.call),
            web.get("/", self.page),
            web.get("/calls", self.calls),
            web.get("/hooks", self.hooks),
            web.get("/orders", self.orders),
            web.put("/switches", self.set_switches),
            web.put("/account", self.set_account),
            web.post("/orders", self.provision),
            web.post("/orders/{object_id}/status", self.change_status),
            web.post("/orders/{object_id}/cancel", self.cancel),
        ]

    async def call(self, request: web.Request) -> web.StreamResponse:
        """A call of ours: refused, or taken as the switches let it."""
        object_id, call = request.match_info["object_id"], request.match_info["call"]
        body = read_json(await request.read())
        refused = self._refusal(request, call, body)
        if refused is not None:
            return self._answer(object_id, call, body, refused)
        switches = self._stand_in.switches
        if self._stand_in.happens(switches.drop):
            answer = None
            self._note(object_id, call, body, status=0, taken=self._stand_in.happens(0.5))
        elif self._stand_in.happens(switches.fail):
            answer = self._answer(object_id, call, body, web.Response(status=500, text="told to fail"))
        else:
            answer = self._answer(object_id, call, body, web.json_response({"result": "ok"}))
        if self._stand_in.happens(switches.slow):  # calls have their effect as they come, whoever still waits
            await asyncio.sleep(switches.slow_s)
        if answer is not None:
            return answer
        if request.transport is not None:
            request.transport.abort()
        return web.Response(status=500)

    async def page(self, _: web.Request) -> web.Response:
        """What came and went, for people."""
        return web.Response(text=draw_page(self._stand_in), content_type="text/html")

    async def calls(self, _: web.Request) -> web.Response:
        """The calls that came, newest last."""
        return _json(self._stand_in.calls[-SHOWN_MAX:])

    async def hooks(self, _: web.Request) -> web.Response:
        """The hooks that were sent, newest last."""
        return _json(self._stand_in.hooks[-SHOWN_MAX:])

    async def orders(self, _: web.Request) -> web.Response:
        """The orders, oldest first."""
        return _json(list(self._stand_in.orders.values())[-SHOWN_MAX:])

    async def set_switches(self, request: web.Request) -> web.Response:
        """Misbehave like this from now on."""
        self._stand_in.switches = _read(await request.read(), Switches)
        return _json(self._stand_in.switches)

    async def set_account(self, request: web.Request) -> web.Response:
        """Serve this retailer from now on."""
        self._stand_in.account = _read(await request.read(), Account)
        return _json(self._stand_in.account)

    async def provision(self, request: web.Request) -> web.Response:
        """A salesperson provisions an order: the body is sent on to the retailer, byte for byte."""
        raw = await request.read()
        body = read_json(raw)
        if not isinstance(body, dict) or not body.get("objectId"):
            raise web.HTTPBadRequest(text="an order with an objectId is required")
        self._stand_in.order(str(body["objectId"])).body = body
        self._hooks.send_aside("provision", str(body["objectId"]), raw)
        return _json(self._stand_in.order(str(body["objectId"])))

    async def change_status(self, request: web.Request) -> web.Response:
        """Something happens to an order at OmniChat: `{"status": "PAID"}`, perhaps with responsible and message."""
        body = read_json(await request.read())
        if not isinstance(body, dict) or not body.get("status"):
            raise web.HTTPBadRequest(text="a status is required")
        object_id = request.match_info["object_id"]
        order = self._stand_in.order(object_id)
        order.status = str(body["status"])
        self._notify(object_id, {"responsible": "omnichat", "message": "", **body})
        return _json(order)

    async def cancel(self, request: web.Request) -> web.Response:
        """An order is cancelled at OmniChat."""
        object_id = request.match_info["object_id"]
        order = self._stand_in.order(object_id)
        order.status = "CANCELLED"
        self._hooks.send_aside("cancellation", object_id, order.body | {"objectId": object_id})
        self._notify(object_id, {"status": "CANCELLED", "responsible": "omnichat", "message": ""})
        return _json(order)

    def _refusal(self, request: web.Request, call: str, body: Any) -> web.Response | None:
        secret = self._stand_in.account.api_secret
        if secret and request.headers.get("Authorization") != f"Bearer {secret}":
            return web.Response(status=401, text="wrong secret")
        if call not in set(Call):
            return web.Response(status=404, text="no such call")
        wrong = what_is_wrong(call, body)
        return None if wrong is None else web.Response(status=400, text=wrong)

    def _answer(self, object_id: str, call: str, body: Any, answer: web.Response) -> web.Response:
        self._note(object_id, call, body, status=answer.status, taken=answer.status == 200)
        return answer

    def _note(self, object_id: str, call: str, body: Any, *, status: int, taken: bool) -> None:
        said = body if isinstance(body, dict) else {}
        line = CallLine(at=stamp(), object_id=object_id, call=call, body=said, status=status, taken=taken)
        self._stand_in.note_call(line)
        if taken:
            self._stand_in.take(object_id, call, said)
            if call == Call.STATUS_CHANGE:
                self._notify(object_id, said)  # every change is notified, those that we made too

    def _notify(self, object_id: str, change: dict[str, Any]) -> None:
        if self._stand_in.account.hook_url:
            order = self._stand_in.order(object_id)
            body = {"order": order.body | {"objectId": object_id}, "statusChange": {**change, "updatedAt": stamp()}}
            self._hooks.send_aside("status-change", object_id, body)


def _json(document: Any) -> web.Response:
    return web.Response(body=msgspec.json.encode(document), content_type="application/json")


def _read(raw: bytes, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(raw, type=kind)
    except msgspec.MsgspecError as error:
        raise web.HTTPBadRequest(text=str(error)) from error
