"""`python -m balcao.bench.load REPORT`: reads a plan, connects, says `ready`, starts at `go`, reports what was seen."""

import asyncio
import gc
import sys
from array import array
from collections.abc import Iterator
from itertools import count, cycle
from time import perf_counter, process_time

import msgspec
import uvloop

from balcao.bench.load.caller import Answer, Caller
from balcao.bench.load.paced import Pacer
from balcao.bench.load.plan import Done, PacedDone, PacedPlan, Plan, Requests
from balcao.bench.load.report import report

EXAMPLE_LENGTH = 400
ANSWER_TIMEOUT_S = 60


class Tally:
    """Every answer until the end; and at least one: it is waited for where it takes longer than the whole time."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self.latencies = array("f")
        self.errors: dict[str, int] = {}
        self.examples: dict[str, str] = {}
        self.answers: list[tuple[bytes, bytes]] = []
        self.sent = self.bytes = 0
        self.from_s = self.until_s = self.last_s = self.cpu_from_s = 0.0

    def start(self) -> None:
        """From now on the clock runs."""
        self.cpu_from_s = process_time()
        self.from_s = perf_counter() + self._plan.warm_up_s
        self.until_s = self.from_s + self._plan.measure_s

    def is_over(self) -> bool:
        """Whether the time is up, and something was seen of it."""
        return perf_counter() >= self.until_s and bool(self.latencies or self.errors)

    def note(self, answer: Answer) -> None:
        """Count an answer; its latency only when it came within the time that is measured."""
        self.sent += 1
        self.bytes += len(answer.body)
        if answer.status != self._plan.expect:
            name = str(answer.status)
            self.errors[name] = self.errors.get(name, 0) + 1
            self.examples.setdefault(name, answer.body[:EXAMPLE_LENGTH].decode("utf-8", "replace"))
            return
        if self._plan.keeps_answers:
            self.answers.append((answer.key, answer.body))
        if self.from_s <= answer.ended and (answer.ended < self.until_s or not self.latencies):
            self.last_s = answer.ended
            self.latencies.append((answer.ended - answer.started) * 1000)

    def done(self, *, ran_out: bool) -> Done:
        """What came of it. Without further requests the measured time ends with the last answer."""
        seconds = max(self.last_s - self.from_s, 0.0)
        return Done(
            latencies_ms=self.latencies.tobytes(),
            seconds=seconds if ran_out else max(seconds, self._plan.measure_s),
            sent=self.sent,
            bytes_received=self.bytes,
            cpu_s=process_time() - self.cpu_from_s,
            errors=self.errors,
            examples=self.examples,
            answers=self.answers,
        )


def main() -> None:
    """Do the plan on standard input."""
    size = int.from_bytes(sys.stdin.buffer.read(8), "big")
    plan = msgspec.msgpack.decode(sys.stdin.buffer.read(size), type=Plan | PacedPlan)
    report(uvloop.run(_run(plan) if isinstance(plan, Plan) else _run_paced(plan)))


async def _run(plan: Plan) -> Done:
    tally = Tally(plan)
    requests = _rendered(plan.requests)
    ran_out = False

    def next_request() -> tuple[bytes, bytes] | None:
        nonlocal ran_out
        if tally.is_over():
            return None
        request = next(requests, None)
        ran_out = ran_out or request is None
        return request

    callers = [await _connect(plan, Caller(next_request, tally.note)) for _ in range(plan.connections)]
    _wait_for_go()
    tally.start()
    for caller in callers:
        caller.start()
    timeout_s = plan.warm_up_s + plan.measure_s + ANSWER_TIMEOUT_S
    async with asyncio.timeout(timeout_s):
        await asyncio.gather(*(caller.ended for caller in callers))
    return tally.done(ran_out=ran_out)


async def _run_paced(plan: PacedPlan) -> PacedDone:
    pacer = Pacer(plan, _rendered(plan.requests))
    _wait_for_go()
    return await pacer.run()


def _wait_for_go() -> None:
    sys.stdout.buffer.write(b"ready\n")
    sys.stdout.buffer.flush()
    sys.stdin.buffer.readline()
    gc.freeze()
    gc.disable()  # nothing here makes circles, and a pause of the generator would look like one of the server


async def _connect(plan: Plan, caller: Caller) -> Caller:
    await asyncio.get_running_loop().create_connection(lambda: caller, plan.host, plan.port)
    return caller


def _rendered(requests: Requests) -> Iterator[tuple[bytes, bytes]]:
    before, middle, after, choices = requests.before, requests.middle, requests.after, requests.choices
    keys = cycle(requests.keys) if requests.endless else iter(requests.keys)
    for n, key in zip(count(), keys, strict=False):
        yield key, b"".join((before, key, middle, choices[n % len(choices)], after))


if __name__ == "__main__":
    main()
