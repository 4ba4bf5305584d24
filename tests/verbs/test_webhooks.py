"""Subscribe, change, rotate, replay, test, forget."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from aiohttp import web
from standardwebhooks import Webhook as Verifier
from standardwebhooks import WebhookVerificationError

from balcao.base.db import Database
from balcao.base.errors import Conflict, Invalid, NotFound
from balcao.base.values import new_id
from balcao.webhooks.change import ChangeWebhook, change_webhook, remove_webhook
from balcao.webhooks.keep import purge_attempts, purge_dead_letters
from balcao.webhooks.replay import Replay, Span, replay, revive_dead_letters
from balcao.webhooks.rotate_secret import rotate_secret
from balcao.webhooks.rules.model import Outcome, Wanted, Webhook
from balcao.webhooks.rules.schedule import DELAYS_S
from balcao.webhooks.try_out import try_webhook
from tests.receiver import Receiver, receiving
from tests.verbs.hooks import DAY, SECOND, Hooks, event_of, hooks_of, seqs_of


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as receiver:
        yield receiver


@pytest.fixture
async def hooks(db: Database, tmp_path: Path) -> AsyncIterator[Hooks]:
    async with hooks_of(db, tmp_path) as hooks:
        yield hooks


async def _change(hooks: Hooks, webhook_id: UUID, **over: Any) -> Webhook:
    cmd = ChangeWebhook(tenant=hooks.tenant, webhook_id=webhook_id, allow_private=True, actor="test", **over)
    return await hooks.db.run(lambda tx: change_webhook(tx, cmd, hooks.now()))


async def _replay(hooks: Hooks, webhook_id: UUID, **over: Any) -> Span:
    cmd = Replay(tenant=hooks.tenant, webhook_id=webhook_id, **over)
    return await hooks.db.run(lambda tx: replay(tx, cmd, hooks.now()))


async def test_a_secret_is_kept_encrypted(hooks: Hooks, receiver: Receiver) -> None:
    webhook, secret = await hooks.subscribe(receiver.url, "a.*")
    async with hooks.db.read() as tx:
        kept = await tx.fetchval("SELECT secret FROM webhook")
        told = await tx.fetchval("SELECT string_agg(data::text, '') FROM event")
    assert secret.startswith("whsec_")
    assert len(secret) == len("whsec_") + 44
    assert secret.encode() not in kept
    assert hooks.seal.open(kept) == secret
    assert secret not in told
    [created] = await hooks.shop.events("webhook.created")
    assert (created["subject"], created["actor"]) == (str(webhook.webhook_id), "test")


@pytest.mark.parametrize(
    ("over", "field"),
    [
        ({"url": "https://10.0.0.1/"}, "url"),
        ({"url": "http://example.com/"}, "url"),
        ({"url": "nonsense"}, "url"),
        ({"url": "https://example.com/", "wanted": Wanted(types=("No Type",))}, "types"),
        ({"url": "https://example.com/", "description": "x" * 501}, "description"),
    ],
)
async def test_what_cannot_be_subscribed(hooks: Hooks, over: dict[str, Any], field: str) -> None:
    events = len(await hooks.shop.events("%"))
    with pytest.raises(Invalid) as refused:
        await hooks.subscribe(over.pop("url"), allow_private=False, **over)
    assert refused.value.errors.keys() == {field}
    assert len(await hooks.shop.events("%")) == events


async def test_it_cannot_begin_beyond_the_end(hooks: Hooks) -> None:
    with pytest.raises(Conflict) as refused:
        await hooks.subscribe("https://example.com/", after=10_000)
    assert refused.value.code == "cursor_ahead"
    assert await hooks.shop.events("webhook.%") == []


async def test_filters_hold_from_the_change_on(hooks: Hooks, receiver: Receiver) -> None:
    webhook, _ = await hooks.subscribe(receiver.url, "a.*")
    await hooks.happen(("a.t1", "1"), ("b.t1", "2"))
    await hooks.deliver()
    changed = await _change(hooks, webhook.webhook_id, wanted=Wanted(types=("b.*",)))
    assert changed.wanted.types == ("b.*",)
    await hooks.happen(("a.t1", "3"), ("b.t1", "4"))
    await hooks.deliver()
    assert [event_of(got)["subject"] for got in receiver.got] == ["1", "4"]
    assert len(await hooks.shop.events("webhook.changed")) == 1


async def test_no_change_tells_nothing(hooks: Hooks, receiver: Receiver) -> None:
    webhook, _ = await hooks.subscribe(receiver.url, "a.*")
    before = len(await hooks.shop.events("%"))
    assert await _change(hooks, webhook.webhook_id, url=receiver.url, is_active=True) == webhook
    assert len(await hooks.shop.events("%")) == before


async def test_switched_off_it_keeps_its_place(hooks: Hooks, receiver: Receiver) -> None:
    webhook, _ = await hooks.subscribe(receiver.url, "a.*")
    receiver.answering = lambda _: web.Response(status=500)
    [first] = await hooks.happen(("a.t1", "x"))
    await hooks.deliver()
    off = await _change(hooks, webhook.webhook_id, is_active=False)
    assert (off.is_active, off.disabled_reason) == (False, "switched off by an administrator")
    [second] = await hooks.happen(("a.t1", "x"))
    hooks.later(DAY)
    assert await hooks.deliver() == 0
    receiver.answering = lambda _: web.Response()
    receiver.got.clear()
    on = await _change(hooks, webhook.webhook_id, is_active=True)
    assert (on.is_active, on.disabled_reason, on.failing_since_us) == (True, None, None)
    assert await hooks.deliver() == 2
    assert seqs_of(receiver.got) == [first, second]


async def test_a_mended_address_is_tried_at_once(hooks: Hooks, receiver: Receiver) -> None:
    webhook, _ = await hooks.subscribe("http://127.0.0.1:1/", "a.*")
    [first, second] = await hooks.happen(("a.t1", "x"), ("a.t1", "x"))
    assert await hooks.deliver() == 1
    await _change(hooks, webhook.webhook_id, url=receiver.url)
    assert await hooks.deliver() == 2
    assert seqs_of(receiver.got) == [first, second]


async def test_rotation_signs_with_both_for_a_day(hooks: Hooks, receiver: Receiver) -> None:
    webhook, old = await hooks.subscribe(receiver.url, "a.*")
    _, new = await hooks.db.run(
        lambda tx: rotate_secret(tx, hooks.tenant, webhook.webhook_id, hooks.seal, actor="test", now=hooks.now())
    )
    assert new != old
    await hooks.happen(("a.t1", "1"))
    await hooks.deliver()
    [got] = receiver.got
    assert len(got.headers["webhook-signature"].split()) == 2
    for secret in (old, new):
        assert Verifier(secret).verify(got.body, dict(got.headers))["subject"] == "1"
    await _age_rotation(hooks)
    await hooks.happen(("a.t1", "2"))
    await hooks.deliver()
    after = receiver.got[1]
    assert Verifier(new).verify(after.body, dict(after.headers))["subject"] == "2"
    with pytest.raises(WebhookVerificationError):
        Verifier(old).verify(after.body, dict(after.headers))
    assert len(await hooks.shop.events("webhook.secret_rotated")) == 1


async def _age_rotation(hooks: Hooks) -> None:
    """As if a day had passed; the receiver's own clock, by which it judges timestamps, stays where it is."""
    async with hooks.db.transaction() as tx:
        assert await tx.execute("UPDATE webhook SET former_until_us = former_until_us - $1", DAY) == "UPDATE 1"


async def test_removed_it_leaves_nothing_waiting(hooks: Hooks, receiver: Receiver) -> None:
    webhook, _ = await hooks.subscribe(receiver.url, "a.*")
    await hooks.happen(("a.t1", "1"))
    await hooks.queue()
    await hooks.db.run(lambda tx: remove_webhook(tx, hooks.tenant, webhook.webhook_id, actor="test", now=hooks.now()))
    assert await hooks.deliver() == 0
    async with hooks.db.read() as tx:
        left = await tx.fetchval(
            "SELECT (SELECT count(*) FROM webhook_delivery) + (SELECT count(*) FROM webhook_reader)"
        )
    assert left == 0
    assert len(await hooks.shop.events("webhook.removed")) == 1


async def test_replay_of_one_whatever_the_filter(hooks: Hooks, receiver: Receiver) -> None:
    [wanted, unwanted] = await hooks.happen(("a.t1", "1"), ("b.t1", "2"))
    webhook, _ = await hooks.subscribe(receiver.url, "a.*")
    assert await _replay(hooks, webhook.webhook_id, first=wanted, last=wanted) == Span(first=wanted, last=wanted)
    await _replay(hooks, webhook.webhook_id, first=unwanted, last=unwanted)
    assert await hooks.deliver() == 2
    assert sorted(seqs_of(receiver.got)) == [wanted, unwanted]


async def test_replay_of_a_stretch_in_order_and_with_the_same_ids(hooks: Hooks, receiver: Receiver) -> None:
    webhook, _ = await hooks.subscribe(receiver.url, "a.*")
    seqs = await hooks.happen(*(("a.t1", "x") for _ in range(6)), ("b.t1", "y"))
    await hooks.deliver()
    ids = [got.headers["webhook-id"] for got in receiver.got]
    receiver.got.clear()
    assert await _replay(hooks, webhook.webhook_id, first=seqs[1], last=seqs[3]) == Span(first=seqs[1], last=seqs[3])
    [new] = await hooks.happen(("a.t1", "x"))
    await hooks.deliver()
    assert seqs_of(receiver.got) in ([*seqs[1:4], new], [new, *seqs[1:4]])
    assert {got.headers["webhook-id"] for got in receiver.got} == {*ids[1:4], f"qaapp-{new}"}
    async with hooks.db.read() as tx:
        assert await tx.fetchval("SELECT count(*) FROM webhook_reader") == 1


async def test_replay_of_everything_since(hooks: Hooks, receiver: Receiver) -> None:
    webhook, _ = await hooks.subscribe(receiver.url, "a.*")
    await hooks.happen(("a.t1", "1"))
    hooks.later(100 * SECOND)
    since = hooks.now()
    later = [*await hooks.happen(("a.t1", "2")), *await hooks.happen(("a.t1", "3"))]
    await hooks.deliver()
    receiver.got.clear()
    assert await _replay(hooks, webhook.webhook_id, since=since) == Span(first=later[0], last=later[1])
    await hooks.deliver()
    assert sorted(seqs_of(receiver.got)) == later
    hooks.later(100 * SECOND)
    nothing = await _replay(hooks, webhook.webhook_id, since=hooks.now())
    assert (nothing.last, await hooks.deliver()) == (nothing.first - 1, 0)


@pytest.mark.parametrize(
    ("asked", "kind", "code"),
    [
        ({}, Invalid, "invalid"),
        ({"first": 9, "last": 8}, Invalid, "invalid"),
        ({"first": 9_999, "last": 9_999}, NotFound, "event_not_found"),
    ],
)
async def test_what_cannot_be_replayed(
    hooks: Hooks, receiver: Receiver, asked: dict[str, Any], kind: type[Exception], code: str
) -> None:
    webhook, _ = await hooks.subscribe(receiver.url, "a.*")
    with pytest.raises(kind) as refused:
        await _replay(hooks, webhook.webhook_id, **asked)
    assert getattr(refused.value, "code", None) == code
    assert await hooks.pending() == []


async def test_a_long_replay_does_not_hold_up_what_happens_now(
    hooks: Hooks, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("balcao.webhooks.match.READ_MAX", 10)
    old = await hooks.happen(*(("a.t1", str(n)) for n in range(100)))
    webhook, _ = await hooks.subscribe(f"{receiver.url}/old", "a.*")
    await hooks.subscribe(f"{receiver.url}/new", "a.*")
    await _replay(hooks, webhook.webhook_id, first=old[0], last=old[-1])
    [new] = await hooks.happen(("a.t2", "now"))
    await hooks.queue(farthest=True)
    assert [seq for seq, _ in await hooks.pending()] == [new, new]
    await hooks.happen(("a.t2", "now"))
    await hooks.queue(farthest=False)
    assert [seq for seq, _ in await hooks.pending()][:10] == old[:10]
    await hooks.deliver()
    assert [seq for seq in seqs_of(receiver.got) if seq <= old[-1]] == old


async def test_dead_letters_are_sent_again(hooks: Hooks, receiver: Receiver) -> None:
    webhook, _ = await hooks.subscribe(receiver.url, "a.*")
    seqs = await hooks.happen(("a.t1", "1"), ("a.t1", "2"), ("a.t1", "3"))
    receiver.answering = lambda _: web.Response(status=500)
    for delay_s in (*DELAYS_S, 0):
        await hooks.deliver()
        hooks.later(int(delay_s * 1.1 * SECOND) + SECOND)
    assert [letter.seq for letter in await hooks.dead(webhook.webhook_id)] == seqs
    receiver.answering = lambda _: web.Response()
    receiver.got.clear()
    for some, count in (([seqs[0]], 1), (None, 2), (None, 0)):
        revived = await hooks.db.run(
            lambda tx, some=some: revive_dead_letters(  # type: ignore[misc]
                tx, hooks.tenant, webhook.webhook_id, seqs=some, now=hooks.now()
            )
        )
        assert revived == count
        await hooks.deliver()
    assert seqs_of(receiver.got)[0] == seqs[0]
    assert sorted(seqs_of(receiver.got)) == seqs
    assert await hooks.dead(webhook.webhook_id) == []


async def test_a_test_message(hooks: Hooks, receiver: Receiver) -> None:
    webhook, secret = await hooks.subscribe(receiver.url, "a.*")
    await _change(hooks, webhook.webhook_id, is_active=False)
    attempt = await try_webhook(hooks.db, hooks.sender, hooks.tenant, webhook.webhook_id, hooks.now)
    [got] = receiver.got
    event = Verifier(secret).verify(got.body, dict(got.headers))
    assert (event["type"], event["data"]) == ("webhook.test", {"webhookId": str(webhook.webhook_id)})
    assert got.headers["webhook-id"] == event["id"]
    assert (attempt.outcome, attempt.status, attempt.number) == (Outcome.DELIVERED, 200, 0)
    assert await hooks.log(webhook.webhook_id) == [attempt]


async def test_a_failed_test_counts_for_nothing(hooks: Hooks) -> None:
    webhook, _ = await hooks.subscribe("http://127.0.0.1:1/", "a.*")
    attempt = await try_webhook(hooks.db, hooks.sender, hooks.tenant, webhook.webhook_id, hooks.now)
    assert (attempt.outcome, attempt.status) == (Outcome.FAILED, None)
    assert attempt.error is not None
    assert attempt.error.startswith("no connection")
    assert (await hooks.webhook(webhook.webhook_id)).failing_since_us is None
    assert await hooks.pending() == []


async def test_nobody_knows_an_unknown_webhook(hooks: Hooks) -> None:
    unknown = new_id()
    for asked in (
        lambda: _change(hooks, unknown, is_active=False),
        lambda: _replay(hooks, unknown, first=1),
        lambda: try_webhook(hooks.db, hooks.sender, hooks.tenant, unknown, hooks.now),
        lambda: hooks.log(unknown),
        lambda: hooks.dead(unknown),
    ):
        with pytest.raises(NotFound) as refused:
            await asked()
        assert refused.value.code == "webhook_not_found"


async def test_the_log_is_kept_for_30_days(hooks: Hooks, receiver: Receiver) -> None:
    webhook, _ = await hooks.subscribe(receiver.url, "a.*")
    await hooks.happen(("a.t1", "1"))
    await hooks.deliver()

    async def purge() -> tuple[int, int]:
        now = hooks.now()
        lines = await hooks.db.run(lambda tx: purge_attempts(tx, hooks.tenant, now=now))
        return lines, await hooks.db.run(lambda tx: purge_dead_letters(tx, hooks.tenant, now=now))

    hooks.later(30 * DAY - 60 * SECOND)
    assert await purge() == (0, 0)
    hooks.later(120 * SECOND)
    assert await purge() == (1, 0)
    assert await hooks.log(webhook.webhook_id) == []
