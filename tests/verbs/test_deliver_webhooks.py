"""Deliveries: what goes where, signed, in order, again when it failed."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from standardwebhooks import Webhook as Verifier
from standardwebhooks import WebhookVerificationError

from balcao.base.db import Database
from balcao.webhooks.rules.model import Outcome
from balcao.webhooks.rules.schedule import DELAYS_S
from balcao.webhooks.turn import LEASE_S
from tests.receiver import Received, Receiver, receiving
from tests.verbs.hooks import DAY, HOUR, SECOND, Hooks, event_of, hooks_of, seqs_of
from tests.verbs.shop import OTHER_STORE, STORE

LONGEST_S = DELAYS_S[-1] * 1.1 + 1


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as receiver:
        yield receiver


@pytest.fixture
async def hooks(db: Database, tmp_path: Path) -> AsyncIterator[Hooks]:
    async with hooks_of(db, tmp_path) as hooks:
        yield hooks


def _failing(*subjects: str, status: int = 500, **headers: str) -> Any:
    """Answers with this status where the event is of one of these subjects, or of any when none is named."""

    def answer(received: Received) -> web.Response:
        is_bad = not subjects or event_of(received)["subject"] in subjects
        return web.Response(status=status, headers=headers) if is_bad else web.Response()

    return answer


async def test_an_event_arrives_signed(hooks: Hooks, receiver: Receiver) -> None:
    webhook, secret = await hooks.subscribe(f"{receiver.url}/hook?a=b")
    store = hooks.shop.stores[STORE]
    [seq] = await hooks.happen(("order.paid", "order-1"), channel="ecommerce", seller_id=store)
    assert await hooks.deliver() == 1
    [got] = receiver.got
    assert got.path == "/hook?a=b"
    assert got.headers["webhook-id"] == f"qaapp-{seq}"
    assert got.headers["content-type"] == "application/json"
    event = Verifier(secret).verify(got.body, dict(got.headers))
    assert event["time"].endswith("Z")
    assert event | {"time": ""} == {
        "specversion": "1.0",
        "id": str(seq),
        "source": "/tenants/qaapp",
        "type": "order.paid",
        "subject": "order-1",
        "time": "",
        "datacontenttype": "application/json",
        "sequence": f"{seq:019d}",
        "tenant": "qaapp",
        "actor": "test",
        "channel": "ecommerce",
        "sellercnpj": STORE,
        "data": {"n": 0},
    }
    assert await hooks.pending() == []
    assert await hooks.deliver() == 0
    [line] = await hooks.log(webhook.webhook_id)
    assert (line.number, line.outcome, line.status, line.error, line.seq) == (1, Outcome.DELIVERED, 200, None, seq)
    assert (line.body.encode(), line.headers["webhook-signature"]) == (got.body, got.headers["webhook-signature"])


async def test_another_secret_or_a_changed_body_does_not_verify(hooks: Hooks, receiver: Receiver) -> None:
    _, secret = await hooks.subscribe(receiver.url)
    _, other = await hooks.subscribe(f"{receiver.url}/other", "nothing.happens")
    await hooks.happen(("order.paid", "order-1"))
    await hooks.deliver()
    [got] = receiver.got
    for body, key in ((got.body, other), (got.body.replace(b"order-1", b"order-2"), secret)):
        with pytest.raises(WebhookVerificationError):
            Verifier(key).verify(body, dict(got.headers))


async def test_each_webhook_gets_what_it_wants(hooks: Hooks, receiver: Receiver) -> None:
    store, other = hooks.shop.stores[STORE], hooks.shop.stores[OTHER_STORE]
    await hooks.subscribe(f"{receiver.url}/all")
    await hooks.subscribe(f"{receiver.url}/orders", "order.*")
    await hooks.subscribe(f"{receiver.url}/paid", "order.paid")
    await hooks.subscribe(f"{receiver.url}/site", channels=("site",))
    await hooks.subscribe(f"{receiver.url}/store", "order.*", seller_ids=(store,))
    await hooks.happen(("order.paid", "1"), channel="site", seller_id=store)
    await hooks.happen(("order.placed", "2"), channel="app", seller_id=other)
    await hooks.happen(("stock.counted", "3"), seller_id=store)
    await hooks.happen(("credential.created", "4"))
    await hooks.deliver()
    arrived: dict[str, set[str]] = {}
    for got in receiver.got:
        arrived.setdefault(got.path, set()).add(event_of(got)["subject"])
    assert {path: {each for each in subjects if len(each) == 1} for path, subjects in arrived.items()} == {
        "/all": {"1", "2", "3"},
        "/orders": {"1", "2"},
        "/paid": {"1"},
        "/site": {"1"},
        "/store": {"1"},
    }


async def test_another_tenants_events_do_not_arrive(
    hooks: Hooks, receiver: Receiver, db: Database, tmp_path: Path
) -> None:
    await hooks.subscribe(receiver.url)
    async with hooks_of(db, tmp_path, "other") as others:
        await others.happen(("order.paid", "1"))
        await others.deliver()
        await hooks.deliver()
    assert receiver.got == []


async def test_it_begins_with_what_happens_next_or_where_it_is_told(hooks: Hooks, receiver: Receiver) -> None:
    [first, second] = await hooks.happen(("a.b", "1"), ("a.b", "2"))
    await hooks.subscribe(f"{receiver.url}/next", "a.b")
    await hooks.subscribe(f"{receiver.url}/from", "a.b", after=first)
    [third] = await hooks.happen(("a.b", "3"))
    await hooks.deliver()
    got = {path: seqs_of([each for each in receiver.got if each.path == path]) for path in ("/next", "/from")}
    assert got == {"/next": [third], "/from": [second, third]}


async def test_events_of_a_subject_arrive_in_order_also_when_some_fail(hooks: Hooks, receiver: Receiver) -> None:
    await hooks.subscribe(receiver.url, "a.*")
    seqs = await hooks.happen(("a.t1", "x"), ("a.t2", "y"), ("a.t3", "x"), ("a.t4", "y"), ("a.t5", "x"))
    receiver.answering = _failing("x")
    assert await hooks.deliver() == 3
    assert sorted(seqs_of(receiver.got)) == [seqs[0], seqs[1], seqs[3]]
    assert await hooks.pending() == [(seqs[0], 1), (seqs[2], 0), (seqs[4], 0)]
    [late] = await hooks.happen(("a.t6", "x"))
    hooks.later(4 * SECOND)
    assert await hooks.deliver() == 0
    receiver.got.clear()
    receiver.answering = _failing("nobody")
    hooks.later(2 * SECOND)
    assert await hooks.deliver() == 4
    assert seqs_of(receiver.got) == [seqs[0], seqs[2], seqs[4], late]
    assert await hooks.pending() == []


async def test_the_whole_schedule_and_then_the_dead_letters(hooks: Hooks, receiver: Receiver) -> None:
    webhook, _ = await hooks.subscribe(receiver.url, "a.*")
    [first, second] = await hooks.happen(("a.t1", "x"), ("a.t2", "x"))
    receiver.answering = _failing("x", status=503)
    assert await hooks.deliver() == 1
    for number, delay_s in enumerate(DELAYS_S, 2):
        hooks.later(int(delay_s * 0.89 * SECOND) - 2 * SECOND)  # so long the test itself may take
        assert await hooks.deliver() == 0
        hooks.later(int(delay_s * 0.22 * SECOND) + 3 * SECOND)
        assert await hooks.deliver() == (1 if number < 10 else 2)  # given up, it lets the next one go
    assert await hooks.pending() == [(second, 1)]
    [letter] = await hooks.dead(webhook.webhook_id)
    assert (letter.seq, letter.attempts, letter.status, letter.error) == (first, 10, 503, "answered 503")
    numbers = [(line.seq, line.number) for line in reversed(await hooks.log(webhook.webhook_id))]
    assert numbers == [*((first, n) for n in range(1, 11)), (second, 1)]
    ids = {got.headers["webhook-id"] for got in receiver.got if seqs_of([got]) == [first]}
    assert ids == {f"qaapp-{first}"}


async def test_retry_after_puts_off_everything_for_that_address(hooks: Hooks, receiver: Receiver) -> None:
    webhook, _ = await hooks.subscribe(f"{receiver.url}/busy", "a.*")
    await hooks.subscribe(f"{receiver.url}/idle", "a.*")
    busy = _failing(status=429, **{"Retry-After": "3600"})
    receiver.answering = lambda received: busy(received) if received.path == "/busy" else web.Response()
    await hooks.happen(("a.t1", "x"))
    assert await hooks.deliver() == 2
    await hooks.happen(("a.t2", "y"))
    hooks.later(3590 * SECOND)
    assert await hooks.deliver() == 1
    assert (await hooks.webhook(webhook.webhook_id)).hold_until_us > hooks.now()
    hooks.later(11 * SECOND)
    assert await hooks.deliver() == 2
    assert [got.path for got in receiver.got].count("/busy") == 3


async def test_gone_disables_at_once(hooks: Hooks, receiver: Receiver) -> None:
    webhook, _ = await hooks.subscribe(receiver.url, "a.*")
    receiver.answering = _failing(status=410)
    [first, second] = await hooks.happen(("a.t1", "x"), ("a.t2", "x"))
    assert await hooks.deliver() == 1
    after = await hooks.webhook(webhook.webhook_id)
    assert (after.is_active, after.disabled_reason) == (False, "the address answered 410 Gone")
    [disabled] = await hooks.shop.events("webhook.disabled")
    assert disabled["subject"] == str(webhook.webhook_id)
    assert disabled["data"] == {
        "webhookId": str(webhook.webhook_id),
        "host": receiver.url.removeprefix("http://"),
        "isActive": False,
        "disabledReason": "the address answered 410 Gone",
    }
    hooks.later(DAY)
    await hooks.happen(("a.t3", "y"))
    assert await hooks.deliver() == 0
    assert await hooks.pending() == [(first, 1), (second, 0)]


async def test_ten_days_of_failure_disable(hooks: Hooks, receiver: Receiver) -> None:
    webhook, _ = await hooks.subscribe(receiver.url, "a.*")
    receiver.answering = _failing(status=500)
    for _ in range(10):
        await hooks.happen(("a.t1", "x"))
        await hooks.deliver()
        assert (await hooks.webhook(webhook.webhook_id)).is_active
        hooks.later(DAY)
    await hooks.happen(("a.t1", "y"))
    await hooks.deliver()
    after = await hooks.webhook(webhook.webhook_id)
    assert (after.is_active, after.disabled_reason) == (False, "nothing could be delivered for ten days")
    assert len(await hooks.shop.events("webhook.disabled")) == 1


async def test_one_success_ends_the_failure(hooks: Hooks, receiver: Receiver) -> None:
    webhook, _ = await hooks.subscribe(receiver.url, "a.*")
    receiver.answering = _failing("x")
    await hooks.happen(("a.t1", "x"))
    await hooks.deliver()
    assert (await hooks.webhook(webhook.webhook_id)).failing_since_us is not None
    await hooks.happen(("a.t1", "y"))
    await hooks.deliver()
    assert (await hooks.webhook(webhook.webhook_id)).failing_since_us is None


@pytest.mark.parametrize("target", ["http://169.254.169.254/", "http://127.0.0.1:1/"])
async def test_redirects_are_failures(hooks: Hooks, receiver: Receiver, target: str) -> None:
    webhook, _ = await hooks.subscribe(receiver.url, "a.*")
    receiver.answering = _failing(status=302, Location=target)
    await hooks.happen(("a.t1", "x"))
    assert await hooks.deliver() == 1
    [line] = await hooks.log(webhook.webhook_id)
    assert (line.outcome, line.error) == (Outcome.FAILED, "answered 302: redirects are not followed")


async def test_the_log_keeps_the_first_4_kib_of_the_answer(hooks: Hooks, receiver: Receiver) -> None:
    webhook, _ = await hooks.subscribe(receiver.url, "a.*")
    receiver.answering = lambda _: web.Response(status=400, body=b"\x00\xff" + b"x" * 10_000)
    await hooks.happen(("a.t1", "x"))
    await hooks.deliver()
    [line] = await hooks.log(webhook.webhook_id)
    assert line.answer == "\ufffd\ufffd" + "x" * 4094


async def test_a_claim_runs_out_and_goes_to_another(hooks: Hooks, receiver: Receiver) -> None:
    webhook, _ = await hooks.subscribe(receiver.url, "a.*")
    asked = {webhook.webhook_id: 0}
    [first, second] = await hooks.happen(("a.t1", "x"), ("a.t2", "x"))
    await hooks.queue()
    dying = await hooks.turn((), asked)
    assert [each.seq for each in dying.claimed] == [first]
    assert (await hooks.turn((), asked)).claimed == []
    hooks.later(LEASE_S * SECOND)
    assert await hooks.deliver() == 2
    assert seqs_of(receiver.got) == [first, second]
    # The one that was thought dead comes back late: what it tells changes nothing any more.
    late = await hooks.sender.send(dying.claimed[0], "late", number=1)
    await hooks.turn([late], asked)
    assert await hooks.pending() == []


async def test_what_a_late_process_tells_does_not_take_the_place_of_a_newer_claim(
    hooks: Hooks, receiver: Receiver
) -> None:
    webhook, _ = await hooks.subscribe(receiver.url, "a.*")
    asked = {webhook.webhook_id: 0}
    [first, _second] = await hooks.happen(("a.t1", "x"), ("a.t2", "x"))
    await hooks.queue()
    [old] = (await hooks.turn((), asked)).claimed
    hooks.later(LEASE_S * SECOND)
    [new] = (await hooks.turn((), asked)).claimed
    assert (old.seq, new.seq) == (first, first)
    assert old.claim != new.claim
    late = await hooks.sender.send(old, "late", number=1)
    assert (await hooks.turn([late], asked)).claimed == []


async def test_no_more_than_so_many_at_once(hooks: Hooks, receiver: Receiver) -> None:
    webhook, _ = await hooks.subscribe(receiver.url, "a.*")
    await hooks.happen(*(("a.t1", str(n)) for n in range(150)))
    await hooks.queue()
    first = await hooks.turn((), {webhook.webhook_id: 0})
    assert [each.seq for each in first.claimed] == sorted(each.seq for each in first.claimed)
    assert len(first.claimed) == 100
    assert (await hooks.turn((), {webhook.webhook_id: 100})).claimed == []
    assert len((await hooks.turn((), {webhook.webhook_id: 96})).claimed) == 4


async def test_the_worker_delivers(hooks: Hooks, receiver: Receiver) -> None:
    await hooks.subscribe(receiver.url, "a.*")
    async with hooks.worker():
        await hooks.happen(*(("a.t1", str(n % 7)) for n in range(300)))
        got = await receiver.until(300)
        [later] = await hooks.happen(("a.t2", "x"))
        await receiver.until(301)
    assert len(set(seqs_of(got))) == 301
    assert seqs_of(got)[-1] == later
    by_subject: dict[str, list[int]] = {}
    for each in got:
        by_subject.setdefault(event_of(each)["subject"], []).append(int(event_of(each)["id"]))
    assert all(seqs == sorted(seqs) for seqs in by_subject.values())
    assert await hooks.pending() == []


async def test_a_dead_or_slow_address_delays_nobody(hooks: Hooks, receiver: Receiver) -> None:
    held = asyncio.Event()

    async def answer(received: Received) -> web.Response:
        if received.path == "/slow":
            await held.wait()
        return web.Response()

    receiver.answering = answer
    await hooks.subscribe(f"{receiver.url}/slow", "a.*")
    await hooks.subscribe("http://127.0.0.1:1/dead", "a.*")
    await hooks.subscribe(f"{receiver.url}/good", "a.*")
    async with hooks.worker():
        await hooks.happen(*(("a.t1", str(n)) for n in range(200)))
        async with asyncio.timeout(8):
            while [got.path for got in receiver.got].count("/good") < 200:  # noqa: ASYNC110
                await asyncio.sleep(0.02)
        assert [got.path for got in receiver.got].count("/slow") <= 100
        held.set()


async def test_a_full_queue_goes_on_when_there_is_room(
    hooks: Hooks, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("balcao.webhooks.store.readers.WINDOW", 10)
    await hooks.subscribe(f"{receiver.url}/few", "a.t2")
    await hooks.subscribe(f"{receiver.url}/many", "a.*")
    seqs = await hooks.happen(*((f"a.t{n % 3}", str(n)) for n in range(45)))
    matched = await hooks.queue()
    assert (matched.queued, matched.is_behind) == (20, True)
    assert len(await hooks.pending()) == 20
    while await hooks.deliver():
        pass
    many = seqs_of([got for got in receiver.got if got.path == "/many"])
    assert sorted(many) == seqs
    assert len(receiver.got) == 45 + 15


async def test_the_body_is_what_was_signed_whatever_it_holds(hooks: Hooks, receiver: Receiver) -> None:
    _, secret = await hooks.subscribe(receiver.url, "a.*")
    data = {"name": 'São João \U0001f6d2 \\ " </script>', "amount": 0.1}
    await hooks.happen(("a.t1", "ção"), data=data)
    await hooks.deliver()
    [got] = receiver.got
    assert Verifier(secret).verify(got.body, dict(got.headers))["data"] == data
    assert json.loads(got.body)["subject"] == "ção"


async def test_a_webhook_that_was_away_for_hours_misses_nothing(hooks: Hooks, receiver: Receiver) -> None:
    await hooks.subscribe(receiver.url, "a.*")
    receiver.answering = _failing(status=502)
    seqs: list[int] = []
    for _ in range(4):
        seqs += await hooks.happen(("a.t1", "x"), ("a.t1", "y"))
        await hooks.deliver()
        hooks.later(HOUR)
    receiver.answering = lambda _: web.Response()
    receiver.got.clear()
    hooks.later(3 * HOUR)
    await hooks.deliver()
    assert sorted(seqs_of(receiver.got)) == seqs
