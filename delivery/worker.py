"""The outbox worker: claims notices, has them carried, and settles what became of them.

A notice that could be delivered twice is, rather than not at all; what is known of an outcome is
told to the store for as long as the process lives.

```mermaid
stateDiagram-v2
    [*] --> claimed
    claimed --> waiting: limits, no thread yet
    claimed --> sending
    sending --> done: 2xx
    sending --> waiting: 429, unknown, fault
    waiting --> claimed: due again
    sending --> dead: refused for good, or tried enough
    claimed --> dead: nobody to reach
    done --> [*]
    dead --> [*]
```
"""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Protocol
from uuid import uuid4

from prometheus_client import CollectorRegistry

from cases.errors import Unavailable
from cases.model import Case, Event
from cases.ports import CaseStore, Claim, Clock, Connector, Directory, Outbox, Outcome, Sent
from delivery.limits import Limits
from delivery.metrics import DeliveryMetrics
from delivery.policy import Dead, Draw, Retry, Tried, judge
from delivery.postman import (
    SOON,
    Drawer,
    Fate,
    Lost,
    Nothing,
    Postman,
    Refused,
    Shown,
    ToDesk,
    ToPerson,
    Undeliverable,
    Wait,
)

IDLE: Final = timedelta(seconds=0.5)
"""After this the outbox is looked at even if nobody said that something is due."""
PACE: Final = 0.005
"""Seconds that a full worker waits after the first delivery has ended."""
STORE_PAUSE: Final = 1.0
BATCH: Final = 64

_log = logging.getLogger(__name__)


class Mail(Protocol):
    """Takes over what Teams does not deliver."""

    async def take(self, claim: Claim, case: Case, event: Event, why: str) -> bool:
        """Send a notice by mail if its recipient has an address; True once that is certain."""
        ...


@dataclass(frozen=True)
class Parts:
    """What a worker works with."""

    outbox: Outbox
    cases: CaseStore
    directory: Directory
    connector: Connector
    drawer: Drawer
    mail: Mail | None = None


class Worker:
    """Delivers notices until it is stopped; any number of workers may share an outbox."""

    def __init__(
        self,
        parts: Parts,
        *,
        clock: Clock,
        limits: Limits,
        metrics: DeliveryMetrics | None = None,
        most: int = 200,
        draw: Draw = lambda most: random.uniform(0, most),  # noqa: S311
        failpoint: Callable[[str], None] = lambda _name: None,
        name: str = "",
    ) -> None:
        self._outbox = parts.outbox
        self._directory = parts.directory
        self._mail = parts.mail
        self._clock = clock
        self._metrics = metrics or DeliveryMetrics(CollectorRegistry())
        self._most = most
        self._draw = draw
        self._failpoint = failpoint
        self._name = name or uuid4().hex
        self._postman = Postman(
            parts.outbox,
            parts.cases,
            parts.directory,
            parts.connector,
            parts.drawer,
            limits=limits,
            clock=clock,
            failpoint=failpoint,
        )
        self._tasks: set[asyncio.Task[None]] = set()
        self._faults: dict[str, int] = {}
        self._stirred = asyncio.Event()
        self._stopping = False
        self._store_pause = 0.0

    @property
    def in_flight(self) -> int:
        """How many notices are being delivered."""
        return len(self._tasks)

    def wake(self) -> None:
        """Look for due notices now, because one was just written."""
        self._stirred.set()

    async def run(self) -> None:
        """Deliver until `stop` is called."""
        while not self._stopping:
            try:
                await self._round()
            except Unavailable as error:
                self._store_failed(error)
                await self._back_off()
            except Exception:
                _log.exception("the outbox could not be read")
                await self._back_off()

    async def stop(self, drain: float = 10.0) -> None:
        """Claim nothing more, give what is in flight `drain` seconds to end, then let go of it."""
        self._stopping = True
        self.wake()
        if self._tasks:
            await asyncio.wait(set(self._tasks), timeout=drain)
        left = set(self._tasks)
        for task in left:
            task.cancel()
        if left:
            # Marked as being sent: whoever claims them next knows that they are in doubt.
            await asyncio.wait(left)

    # -- claiming ----------------------------------------------------------------------------

    async def _round(self) -> None:
        """Start what is due, as far as there is room, or wait until either changes."""
        room = min(self._most - len(self._tasks), BATCH)
        if room <= 0:
            await asyncio.wait(self._tasks, return_when=asyncio.FIRST_COMPLETED)
            # They end in swarms: one claim for a handful of them is cheaper.
            await asyncio.sleep(PACE)
            return
        self._stirred.clear()
        claims = await self._outbox.claim(self._name, room)
        self._store_pause = 0.0
        for claim in claims:
            self._start(claim)
        if len(claims) < room and not self._stopping:
            await self._idle()

    def _start(self, claim: Claim) -> None:
        task = asyncio.create_task(self._deliver(claim), name=f"notice {claim.notice.id}")
        self._tasks.add(task)
        self._metrics.in_flight.set(len(self._tasks))
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._metrics.in_flight.set(len(self._tasks))

    async def _idle(self) -> None:
        waits = (
            asyncio.ensure_future(self._outbox.wait(IDLE)),
            asyncio.ensure_future(self._stirred.wait()),
        )
        try:
            done, _ = await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
            for one in done:
                one.result()
        finally:
            for one in waits:
                one.cancel()
            await asyncio.gather(*waits, return_exceptions=True)

    async def _back_off(self) -> None:
        self._store_pause = min(STORE_PAUSE, self._store_pause * 2 or 0.05)
        self._stirred.clear()
        with suppress(TimeoutError):
            await asyncio.wait_for(self._stirred.wait(), self._store_pause)

    # -- one notice --------------------------------------------------------------------------

    async def _deliver(self, claim: Claim) -> None:
        try:
            fate = await self._postman.carry(claim)
        except Unavailable as error:
            self._store_failed(error)
            fate = Wait(SOON, "store")
        except Exception:
            # A notice that cannot be drawn must not stop its lane, nor the worker.
            _log.exception("notice %s of case %s failed", claim.notice.id, claim.notice.case)
            fate = Refused(Outcome(Sent.FAULT, why="internal"))
        try:
            await self._settle(claim, fate)
        except Exception:
            # Its lease ends by itself, and whoever claims it next knows of the doubt.
            _log.exception("notice %s could not be settled", claim.notice.id)

    async def _settle(self, claim: Claim, fate: Fate) -> None:
        match fate:
            case Shown():
                self._metrics.answers.labels(Sent.DONE).inc()
                await self._shown(claim, fate)
            case Nothing():
                await self._done(claim, "nothing")
            case Wait():
                self._metrics.retries.labels(fate.why).inc()
                await self._insist(
                    lambda: self._outbox.retry(claim, fate.after, fate.why, in_doubt=claim.in_doubt)
                )
            case Refused():
                self._metrics.answers.labels(fate.outcome.sent).inc()
                await self._refused(claim, fate)
            case Undeliverable():
                await self._give_up(claim, Dead(fate.why, fate.why))
            case Lost():
                self._metrics.retries.labels("lease").inc()

    async def _shown(self, claim: Claim, fate: Shown) -> None:
        if fate.thread:
            # A reply in the thread must find its case, even if nothing else is known of it yet.
            await self._insist(lambda: self._outbox.remember_thread(fate.thread, claim.notice.case))
        self._failpoint("before_done")
        await self._insist(lambda: self._outbox.done(claim, fate.posted))
        self._metrics.seconds.observe((self._clock() - claim.first_due).total_seconds())
        self._forget(claim, "shown")

    async def _done(self, claim: Claim, how: str) -> None:
        self._failpoint("before_done")
        await self._insist(lambda: self._outbox.done(claim))
        self._forget(claim, how)

    async def _refused(self, claim: Claim, fate: Refused) -> None:
        outcome = fate.outcome
        if outcome.sent is Sent.GONE and isinstance(fate.to, ToPerson):
            await self._gone(claim, fate.to, outcome)
            return
        # The desk's channel itself comes back when the bot is put into the team again; a thread
        # that was deleted does not.
        channel = isinstance(fate.to, ToDesk) and fate.to.shown is None
        verdict = judge(outcome, self._tried(claim, outcome), self._draw, mendable=channel)
        if isinstance(verdict, Dead):
            await self._give_up(claim, verdict)
        else:
            await self._again(claim, verdict)

    def _tried(self, claim: Claim, outcome: Outcome) -> Tried:
        notice = claim.notice.id
        if outcome.sent is Sent.FAULT:
            self._faults[notice] = self._faults.get(notice, 0) + 1
        return Tried(
            tries=claim.attempts + 1,
            faults=self._faults.get(notice, 0),
            age=self._clock() - claim.first_due,
            in_doubt=claim.in_doubt,
        )

    async def _again(self, claim: Claim, verdict: Retry) -> None:
        self._metrics.retries.labels(verdict.reason).inc()
        await self._insist(
            lambda: self._outbox.retry(claim, verdict.after, verdict.why, in_doubt=verdict.in_doubt)
        )

    # -- giving up ---------------------------------------------------------------------------

    async def _gone(self, claim: Claim, to: ToPerson, outcome: Outcome) -> None:
        """Retire the personal chat, unless the person has come back with another one meanwhile."""
        moved = False

        async def retire() -> None:
            nonlocal moved
            fresh = await self._directory.person(claim.tenant, claim.notice.to.user)
            moved = fresh is not None and _address(fresh) != _address(to.person)
            if fresh is not None and not moved:
                await self._directory.remember(fresh.but(blocked=outcome.why or "gone"))

        await self._insist(retire)
        if moved:
            await self._again(claim, Retry(timedelta(), outcome.why, "moved", claim.in_doubt))
        else:
            await self._give_up(claim, Dead(outcome.why or "gone", str(outcome.sent)))

    async def _give_up(self, claim: Claim, verdict: Dead) -> None:
        if await self._mailed(claim, verdict.why):
            await self._done(claim, "mailed")
            return
        _log.error(
            "notice %s of case %s is dead: %s", claim.notice.id, claim.notice.case, verdict.why
        )
        await self._insist(lambda: self._outbox.dead(claim, verdict.why))
        self._metrics.dead.labels(verdict.reason).inc()
        self._forget(claim, "dead")

    async def _mailed(self, claim: Claim, why: str) -> bool:
        if self._mail is None:
            return False
        try:
            told = await self._postman.find(claim)
            return told is not None and await self._mail.take(claim, *told, why)
        except Exception:
            _log.exception("notice %s could not be mailed", claim.notice.id)
            return False

    def _forget(self, claim: Claim, how: str) -> None:
        self._faults.pop(claim.notice.id, None)
        self._metrics.settled.labels(how).inc()

    # -- the store ---------------------------------------------------------------------------

    async def _insist(self, write: Callable[[], Awaitable[None]]) -> None:
        """Write what is known until the store takes it: the other side has seen it happen."""
        pause = 0.05
        while True:
            try:
                return await write()
            except Unavailable as error:
                self._store_failed(error)
            await asyncio.sleep(self._draw(pause))
            pause = min(STORE_PAUSE, pause * 2)

    def _store_failed(self, error: Unavailable) -> None:
        self._metrics.store_errors.inc()
        _log.warning("the store does not answer: %s", error.params.get("why"))


def _address(person: object) -> tuple[str, ...]:
    return tuple(str(getattr(person, name)) for name in ("service_url", "conversation"))
