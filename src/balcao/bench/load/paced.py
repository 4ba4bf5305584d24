"""Send each request when its time has come, whatever became of those before it."""

import asyncio
from array import array
from collections import deque
from collections.abc import Iterator, Sequence
from time import perf_counter, process_time

from balcao.bench.load.caller import Answer, Caller
from balcao.bench.load.plan import PacedDone, PacedPlan, Stretch

TICK_S = 0.001
YIELD_EVERY = 16
LAST_ANSWER_S = 60
"""How long answers are waited for once the last request was due."""
EXAMPLE_LENGTH = 400

Due = tuple[float, bytes, bytes]
"""When a request is due (`perf_counter`), its key, and its bytes."""


class Pacer:
    """The crowd: its connections, who waits for one, and what was answered."""

    def __init__(self, plan: PacedPlan, requests: Iterator[tuple[bytes, bytes]]) -> None:
        self._plan = plan
        self._requests = requests
        self._free: deque[PacedCaller] = deque()
        self._waiting: deque[Due] = deque()
        self._opening = self._open = self._open_most = 0
        self._under_way: set[PacedCaller] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._due_s, self._took_ms, self._statuses = array("d"), array("d"), array("H")
        self._answers: list[tuple[bytes, bytes, float]] = []
        self._examples: dict[str, str] = {}
        self._started = 0.0

    async def run(self) -> PacedDone:
        """All stretches, and then until everything is answered."""
        cpu_s, self._started = process_time(), perf_counter()
        for n, due_s in enumerate(due_times(self._plan.stretches)):
            if n % YIELD_EVERY == 0:
                await asyncio.sleep(0)  # also where it is late: answers must be read, or no connection gets free
            while (wait_s := self._started + due_s - perf_counter()) > 0:  # noqa: ASYNC110
                await asyncio.sleep(min(wait_s, TICK_S))
            request = next(self._requests, None)
            if request is None:
                break
            self._send((self._started + due_s, *request))
        end = perf_counter() + LAST_ANSWER_S
        while (self._waiting or self._under_way) and perf_counter() < end:  # noqa: ASYNC110
            await asyncio.sleep(TICK_S)
        return self._done(process_time() - cpu_s)

    def note(self, answer: Answer) -> None:
        """An answer came."""
        self._count(answer.started, answer.status, answer.ended)
        if answer.status == self._plan.expect:
            if len(self._statuses) % self._plan.keeps_every == 0:
                self._answers.append((answer.key, answer.body, answer.ended))
        else:
            self._examples.setdefault(str(answer.status), answer.body[:EXAMPLE_LENGTH].decode("utf-8", "replace"))

    def free(self, caller: "PacedCaller") -> None:
        """A connection has nothing to do: whoever waits longest takes it."""
        self._under_way.discard(caller)
        if self._waiting:
            self._under_way.add(caller)
            caller.send(self._waiting.popleft())
        else:
            self._free.append(caller)

    def lost(self, caller: "PacedCaller", due: float | None) -> None:
        """A connection broke, in the middle of a request where that was due."""
        self._open -= 1
        self._under_way.discard(caller)
        if caller in self._free:
            self._free.remove(caller)
        if due is not None:
            self._count(due, 0, perf_counter())

    def _send(self, due: Due) -> None:
        if self._free:
            caller = self._free.pop()
            self._under_way.add(caller)
            caller.send(due)
            return
        self._waiting.append(due)
        if self._open + self._opening < self._plan.connections_max and self._opening < len(self._waiting):
            self._opening += 1
            task = asyncio.create_task(self._connect())
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _connect(self) -> None:
        caller = PacedCaller(self)
        try:
            await asyncio.get_running_loop().create_connection(lambda: caller, self._plan.host, self._plan.port)
        except OSError:  # refused: whoever waits goes on waiting, which is counted
            return
        finally:
            self._opening -= 1
        self._open += 1
        self._open_most = max(self._open, self._open_most)
        self.free(caller)

    def _count(self, due: float, status: int, ended: float) -> None:
        self._due_s.append(due - self._started)
        self._took_ms.append((ended - due) * 1000)
        self._statuses.append(status)

    def _done(self, cpu_s: float) -> PacedDone:
        return PacedDone(
            started=self._started,
            due_s=self._due_s.tobytes(),
            took_ms=self._took_ms.tobytes(),
            statuses=self._statuses.tobytes(),
            answers=self._answers,
            unsent=len(self._waiting) + len(self._under_way),
            connections=self._open_most,
            cpu_s=cpu_s,
            examples=self._examples,
        )


class PacedCaller(Caller):
    """A connection that sends what it is given, and says when it is free again."""

    def __init__(self, pacer: Pacer) -> None:
        super().__init__(lambda: None, pacer.note)
        self._pacer = pacer
        self._is_waiting = False

    def send(self, due: Due) -> None:
        """Send a request; its latency runs from when it was due."""
        self._started, self._key, data = due
        self._is_waiting = True
        self._transport.write(data)

    def start(self) -> None:
        """It was answered."""
        self._is_waiting = False
        self._pacer.free(self)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - whatever it is, it broke
        """The end, which nobody asked for."""
        self._pacer.lost(self, self._started if self._is_waiting else None)


def due_times(stretches: Sequence[Stretch]) -> Iterator[float]:
    """When each request is due, in seconds after the start."""
    begin = 0.0
    for stretch in stretches:
        for n in range(int(stretch.seconds * stretch.rate)):
            yield begin + n / stretch.rate
        begin += stretch.seconds
