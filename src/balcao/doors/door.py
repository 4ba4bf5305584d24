"""What a handler gets: who asks, the database, the files, the time, and `write`, which honours Idempotency-Key."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, TypeAlias, TypeVar

from litestar import Request, Response
from litestar.di import NamedDependency
from litestar.enums import MediaType
from litestar.serialization import get_serializer
from litestar.utils.helpers import get_enum_string_value

from balcao.base.db import Database, Tx
from balcao.base.errors import BalcaoError, Conflict, Forbidden, Invalid, Unauthenticated
from balcao.base.files import Files
from balcao.base.gather import Verb
from balcao.base.now import now_us
from balcao.base.settings import Settings
from balcao.base.values import Tenant
from balcao.doors.digest import request_hash
from balcao.doors.house import House, house_of
from balcao.tenants.answers import Answer, claim_answer, forget_answer, keep_answer
from balcao.tenants.rules import Caller

KEY_LENGTH_MAX = 255

C = TypeVar("C")
R = TypeVar("R")
Work = Callable[[Tx], Awaitable[Response[Any] | BalcaoError]]


class RequestDoor:
    """One request's way into the house."""

    __slots__ = ("_caller", "_request", "house", "now")

    def __init__(self, request: Request[Any, Any, Any], house: House) -> None:
        self._request = request
        self._caller: Caller | None = request.scope.get("user")
        self.house = house
        self.now = now_us()

    @property
    def caller(self) -> Caller:
        """Who asks; on a public route nobody is known and this raises Unauthenticated."""
        if self._caller is None:
            raise Unauthenticated("Send an access token as `Authorization: Bearer …`.", code="token_missing")
        return self._caller

    @property
    def tenant(self) -> Tenant:
        """The caller's tenant."""
        return self.caller.tenant

    @property
    def db(self) -> Database:
        """The database."""
        return self.house.db

    @property
    def settings(self) -> Settings:
        """The process's settings."""
        return self.house.settings

    @property
    def files(self) -> Files:
        """The file store."""
        return self.house.files

    def url(self, path: str) -> str:
        """The public address of a path of ours: under `BALCAO_PUBLIC_URL`, or the host that the request was sent to."""
        if self.settings.public_url:
            return f"{self.settings.public_url}{path}"
        scope = self._request.scope
        host = self._request.headers.get("host") or "{}:{}".format(*(scope["server"] or ("localhost", 80)))
        return f"{scope['scheme']}://{host}{path}"

    async def write(self, work: Work) -> Response[Any]:
        """Run `work` in one transaction and give its answer after the commit.

        A BalcaoError that `work` returns is raised after the commit (a refusal that is logged), one that it raises
        undoes everything. With the header `Idempotency-Key` (contract, section 3.1) a success is kept in the same
        transaction: the same request sent again by the same credential gets the same answer with
        `Idempotent-Replayed: true` and nothing is written, another request under that key raises Conflict; of
        simultaneous ones one runs and the others wait.
        """
        key = self._request.headers.get("idempotency-key")
        if key is None:
            outcome = await self.db.run(work)
        else:
            key, hashed = _checked(key), await request_hash(self._request)
            outcome = await self.db.run(lambda tx: self._once(tx, key, hashed, work))
        if isinstance(outcome, BalcaoError):
            raise outcome
        return outcome

    async def give(self, verb: Verb[C, R | BalcaoError], cmd: C, answer: Callable[[R], Response[Any]]) -> Response[Any]:
        """Give one command to a verb and answer its outcome after the commit; a BalcaoError as outcome is raised.

        Commands of one tenant and verb that arrive during a commit are written together by the next one. With the
        header `Idempotency-Key` the command has a transaction of its own, as in `write`.
        """
        if "idempotency-key" in self._request.headers:
            return await self.write(partial(self._alone, verb, cmd, answer))
        outcome = await self.house.gatherer.submit(verb, self.tenant, cmd)
        if isinstance(outcome, BalcaoError):
            raise outcome
        return answer(outcome)

    async def _alone(
        self, verb: Verb[C, R | BalcaoError], cmd: C, answer: Callable[[R], Response[Any]], tx: Tx
    ) -> Response[Any] | BalcaoError:
        [outcome] = await verb(tx, self.tenant, [cmd], self.now)
        return outcome if isinstance(outcome, BalcaoError) else answer(outcome)

    async def _once(self, tx: Tx, key: str, hashed: bytes, work: Work) -> Response[Any] | BalcaoError:
        kept = await claim_answer(tx, self.caller, key, hashed, now=self.now)
        if kept is not None:
            return _replay(kept, hashed)
        outcome = await work(tx)
        if isinstance(outcome, BalcaoError) or (outcome.status_code or 200) >= 400:
            await forget_answer(tx, self.caller, key)
            return outcome
        answer = self._answer(outcome, hashed)
        await keep_answer(tx, self.caller, key, answer)
        return outcome

    def _answer(self, response: Response[Any], hashed: bytes) -> Answer:
        handler = self._request.route_handler
        media_type = get_enum_string_value(response.media_type or handler.media_type or MediaType.JSON)
        status = response.status_code or handler.status_code
        body = b""
        if status != 204:
            encoder = get_serializer(handler.resolve_type_encoders())
            body = response.render(response.content, media_type, encoder)
        headers = {**{name.lower(): str(value) for name, value in response.headers.items()}, "content-type": media_type}
        return Answer(request_hash=hashed, status=status, headers=headers, body=body)


Door: TypeAlias = NamedDependency[RequestDoor]
"""What handlers write: `async def handler(door: Door)`."""


def provide_door(request: Request[Any, Any, Any]) -> RequestDoor:
    """Litestar's provider of the parameter `door`."""
    return RequestDoor(request, house_of(request))


def check_client(door: Door, client_id: str) -> None:
    """Raise Forbidden unless `client_id`, as a body or path names it, is the caller's tenant or own client id."""
    check_client_of(door.caller, client_id)


def check_client_of(caller: Caller, client_id: str) -> None:
    """As `check_client`, for this caller."""
    if client_id.strip() not in (caller.tenant, caller.client_id):
        raise Forbidden("clientId is not the tenant of this access token.", code="wrong_tenant")


def _checked(key: str) -> str:
    if not key or len(key) > KEY_LENGTH_MAX or not key.isascii() or not key.isprintable():
        raise Invalid(errors={"Idempotency-Key": [f"must be 1 to {KEY_LENGTH_MAX} printable ASCII characters"]})
    return key


def _replay(kept: Answer, hashed: bytes) -> Response[Any]:
    if kept.request_hash != hashed:
        raise Conflict(
            "This Idempotency-Key was used for another request; send this one under a key of its own.",
            code="idempotency_key_reused",
        )
    headers = {**kept.headers, "Idempotent-Replayed": "true"}
    media_type = headers.pop("content-type")
    content = kept.body if kept.status != 204 else None
    return Response(content, status_code=kept.status, headers=headers, media_type=media_type)
