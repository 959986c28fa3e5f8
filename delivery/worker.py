"""The outbox worker: claims notices, has them carried, and settles what became of them.

A notice that could be delivered twice is, rather than not at all; what is known of an outcome is
told to the store for as long as the process lives.

```mermaid
stateDiagram-v2
    [*] --> claimed
    claimed --> waiting: limits, no thread yet, mail busy
    claimed --> sending
    sending --> done: 2xx
    sending --> waiting: 429, unknown, fault
    waiting --> claimed: due again
    sending --> dead: refused for good, or tried enough
    claimed --> done: nothing to show, or nobody
    claimed --> dead: no way to the recipient
    done --> [*]
    dead --> [*]
```
"""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Final, TypeVar
from uuid import uuid4

from prometheus_client import CollectorRegistry

from cases.errors import Unavailable
from cases.model import Posted, Receipt
from cases.ports import Claim, Clock, Outcome, Sent
from cases.vocabulary import Audience, NoticeKind
from delivery.fates import (
    Fate,
    Lost,
    Missed,
    Nothing,
    Place,
    Queued,
    Refused,
    Shown,
    ToDesk,
    ToMailbox,
    ToPerson,
    Undeliverable,
    Wait,
)
from delivery.limits import Limits
from delivery.metrics import DeliveryMetrics
from delivery.policy import Dead, Draw, Retry, Tried, judge, tried_now
from delivery.postman import SOON, Parts, Postman
from delivery.receipts import not_reached, of_nothing, shown_to

IDLE: Final = timedelta(seconds=0.5)
"""After this the outbox is looked at even if nobody said that something is due."""
PACE: Final = 0.005
"""Seconds that a full worker waits after the first delivery has ended."""
STORE_PAUSE: Final = 1.0
GRACE: Final = 1.5 * STORE_PAUSE
"""Seconds after the store was away until something is claimed: what other workers know of notices
whose leases ended meanwhile is told first, so it is longer than any of them waits."""
BEAT: Final = 2.0
"""Seconds between renewals of the leases of what is in flight."""
BEAT_AGAIN: Final = 0.25
SETTLING: Final = 0.2
BATCH: Final = 64
THREAD_MISSING: Final = timedelta(minutes=15)
"""How long a thread that cannot be found may be late, rather than deleted."""

_log = logging.getLogger(__name__)

_T = TypeVar("_T")


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
        self._clock = clock
        self._metrics = metrics or DeliveryMetrics(CollectorRegistry())
        self._most = most
        self._draw = draw
        self._failpoint = failpoint
        self._name = name or uuid4().hex
        self._postman = Postman(parts, limits=limits, clock=clock, failpoint=failpoint)
        self._tasks: dict[asyncio.Task[None], Claim] = {}
        self._beating: asyncio.Task[None] | None = None
        self._stirred = asyncio.Event()
        self._looped = asyncio.Event()
        self._looped.set()
        self._stopping = False
        self._store_pause = 0.0
        self._away = False
        self._store_back = asyncio.Event()

    @property
    def in_flight(self) -> int:
        """How many notices are being delivered."""
        return len(self._tasks)

    def wake(self) -> None:
        """Look for due notices now, because one was just written."""
        self._stirred.set()

    async def run(self) -> None:
        """Deliver until `stop` is called."""
        self._looped.clear()
        self._beating = asyncio.create_task(self._beat())
        try:
            while not self._stopping:
                await self._turn()
        finally:
            self._looped.set()
            if not self._stopping:
                self._beating.cancel()

    async def _turn(self) -> None:
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
        # A claim that is under way still starts what it has leased.
        with suppress(TimeoutError):
            await asyncio.wait_for(self._looped.wait(), drain)
        if self._tasks:
            await asyncio.wait(set(self._tasks), timeout=drain)
        left = set(self._tasks)
        for task in left:
            task.cancel()
        if left:
            # Marked as being sent: whoever claims them next knows that they are in doubt.
            await asyncio.wait(left)
        if self._beating is not None:
            self._beating.cancel()

    # -- claiming ----------------------------------------------------------------------------

    async def _round(self) -> None:
        """Start what is due, as far as there is room, or wait until either changes."""
        if self._away:
            await self._come_back()
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
        self._tasks[task] = claim
        self._metrics.in_flight.set(len(self._tasks))
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.pop(task, None)
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

    async def _come_back(self) -> None:
        """Go on after the store was away, once all that is known has been told to it."""
        await self._outbox.next_due()
        self._away = False
        self._store_back.set()
        await asyncio.sleep(GRACE)

    # -- leases ------------------------------------------------------------------------------

    async def _beat(self) -> None:
        """Keep the leases of what is in flight for as long as this process lives."""
        pause = BEAT
        while True:
            await asyncio.sleep(pause)
            pause = BEAT_AGAIN
            try:
                await self._renew()
                pause = BEAT
            except Unavailable as error:
                self._store_failed(error)
            except Exception:
                _log.exception("leases could not be renewed")

    async def _renew(self) -> None:
        lost = await self._outbox.renew(tuple(self._tasks.values()))
        if not lost:
            return
        # What was just settled has no lease either, and is about to end.
        await asyncio.sleep(SETTLING)
        gone = {(claim.notice.id, claim.token) for claim in lost}
        for task, claim in list(self._tasks.items()):
            if (claim.notice.id, claim.token) in gone:
                # Whoever has it now sends it; nothing that we learn would count.
                self._lost(claim)
                task.cancel()

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
                self._count(Sent.DONE, mail=fate.how == "mailed")
                await self._shown(claim, fate)
            case Nothing():
                await self._done(claim, fate.how, of_nothing(claim, fate))
            case Wait():
                self._metrics.retries.labels(fate.why).inc()
                await self._put_back(claim, Retry(fate.after, fate.why, fate.why))
            case Refused():
                self._count(fate.outcome.sent, mail=isinstance(fate.to, ToMailbox))
                await self._refused(claim, fate)
            case Undeliverable():
                await self._give_up(
                    claim, Dead(fate.why, fate.why), missed=fate.why == "unreachable"
                )
            case Missed():
                await self._miss(claim, fate.why)
            case Queued() | Lost():
                self._left(claim, fate)

    def _left(self, claim: Claim, fate: Queued | Lost) -> None:
        """Leave a notice as it is: it was put back already, or is somebody else's."""
        if isinstance(fate, Lost):
            self._lost(claim)
        else:
            self._metrics.retries.labels("limits").inc()

    def _count(self, sent: Sent, *, mail: bool) -> None:
        answers = self._metrics.mails if mail else self._metrics.answers
        answers.labels(sent).inc()

    async def _shown(self, claim: Claim, fate: Shown) -> None:
        if fate.to is not None:
            claim = replace(claim, notice=claim.notice.but(to=fate.to))
        if fate.thread:
            # A reply in the thread must find its case, even if nothing else is known of it yet.
            await self._insist(lambda: self._outbox.remember_thread(fate.thread, claim.notice.case))
        if await self._done(claim, fate.how, shown_to(claim, fate), fate.posted):
            self._metrics.seconds.observe((self._clock() - claim.first_due).total_seconds())

    async def _done(
        self,
        claim: Claim,
        how: str,
        receipt: Receipt | None = None,
        posted: Posted | None = None,
    ) -> bool:
        self._failpoint("before_done")
        if not await self._insist(lambda: self._outbox.done(claim, posted, receipt)):
            self._lost(claim)
            return False
        self._metrics.settled.labels(how).inc()
        return True

    async def _miss(self, claim: Claim, why: str) -> None:
        if not await self._insist(lambda: self._outbox.miss(claim, why)):
            self._lost(claim)
            return
        self._metrics.settled.labels("missed").inc()

    async def _refused(self, claim: Claim, fate: Refused) -> None:
        outcome = fate.outcome
        if outcome.sent is Sent.GONE and isinstance(fate.to, ToPerson):
            await self._gone(claim, fate.to, outcome)
            return
        # The desk's channel comes back when the bot is put into the team again. So does a thread,
        # unless it was deleted: who deletes it is seldom quick to regret it.
        channel = isinstance(fate.to, ToDesk) and self._may_come_back(claim, fate)
        # Mail servers are away for longer than Teams is, and nobody else waits for them.
        patient = isinstance(fate.to, ToMailbox)
        tried = self._tried(claim, outcome)
        verdict = judge(outcome, tried, self._draw, mendable=channel, patient=patient)
        if isinstance(verdict, Dead):
            person = claim.notice.to.audience is Audience.PERSON
            await self._give_up(claim, verdict, fate.to, missed=patient and person)
        else:
            await self._again(claim, verdict)

    def _may_come_back(self, claim: Claim, fate: Refused) -> bool:
        in_thread = isinstance(fate.to, ToDesk) and fate.to.shown is not None
        age = self._clock() - claim.first_due
        return not in_thread or fate.outcome.why.startswith("403") or age < THREAD_MISSING

    def _tried(self, claim: Claim, outcome: Outcome) -> Tried:
        age = self._clock() - claim.first_due
        return tried_now(outcome, Tried(claim.attempts, claim.unknown, claim.faults, age))

    async def _again(self, claim: Claim, verdict: Retry) -> None:
        self._metrics.retries.labels(verdict.reason).inc()
        await self._put_back(claim, verdict)

    async def _put_back(self, claim: Claim, verdict: Retry) -> None:
        async def put() -> bool:
            return await self._outbox.retry(
                claim,
                verdict.after,
                verdict.why,
                in_doubt=verdict.in_doubt,
                fault=verdict.fault,
            )

        if not await self._insist(put):
            self._lost(claim)

    def _lost(self, claim: Claim) -> None:
        """Count a lease that ended while we held it: the notice is somebody else's by now."""
        self._metrics.retries.labels("lease").inc()
        _log.warning("the lease of notice %s is lost", claim.notice.id)

    # -- giving up ---------------------------------------------------------------------------

    async def _gone(self, claim: Claim, to: ToPerson, outcome: Outcome) -> None:
        """Retire the personal chat, unless the person has come back with another one meanwhile."""
        moved = False

        async def retire() -> None:
            nonlocal moved
            fresh = await self._directory.person(claim.tenant, to.person.user)
            moved = fresh is not None and _address(fresh) != _address(to.person)
            if fresh is not None and not moved:
                await self._directory.remember(fresh.but(blocked=outcome.why or "gone"), "blocked")

        await self._insist(retire)
        if moved:
            await self._again(claim, Retry(timedelta(), outcome.why, "moved"))
        elif claim.notice.kind is NoticeKind.UPDATE:
            await self._miss(claim, outcome.why)
        elif self._postman.mails_to(claim, to.person):
            await self._again(claim, Retry(timedelta(), outcome.why, "by_mail"))
        else:
            verdict = Dead(outcome.why or "gone", str(outcome.sent))
            await self._give_up(claim, verdict, to, missed=True)

    async def _give_up(
        self,
        claim: Claim,
        verdict: Dead,
        to: Place | ToMailbox | None = None,
        *,
        missed: bool = False,
    ) -> None:
        mailed = await self._mailed(claim, to, verdict.why) if isinstance(to, ToPerson) else None
        if mailed:
            self._count(Sent.DONE, mail=True)
            await self._done(claim, mailed.how, shown_to(claim, mailed))
            return
        _log.error(
            "notice %s of case %s is dead: %s", claim.notice.id, claim.notice.case, verdict.why
        )
        receipt = not_reached(claim, to, verdict.why)
        if not await self._insist(
            lambda: self._outbox.dead(claim, verdict.why, missed=missed, receipt=receipt)
        ):
            self._lost(claim)
            return
        self._metrics.dead.labels(verdict.reason).inc()
        self._metrics.settled.labels("dead").inc()

    async def _mailed(self, claim: Claim, to: ToPerson, why: str) -> Shown | None:
        try:
            return await self._postman.mail_instead(claim, to.person, why)
        except Exception:
            _log.exception("notice %s could not be mailed", claim.notice.id)
            return None

    # -- the store ---------------------------------------------------------------------------

    async def _insist(self, write: Callable[[], Awaitable[_T]]) -> _T:
        """Write what is known until the store takes it: the other side has seen it happen."""
        pause = 0.05
        while True:
            try:
                return await write()
            except Unavailable as error:
                self._store_failed(error)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._store_back.wait(), max(0.01, self._draw(pause)))
            pause = min(STORE_PAUSE, pause * 2)

    def _store_failed(self, error: Unavailable) -> None:
        self._away = True
        self._store_back.clear()
        self._metrics.store_errors.inc()
        _log.warning("the store does not answer: %s", error.params.get("why"))


def _address(person: object) -> tuple[str, ...]:
    return tuple(str(getattr(person, name)) for name in ("service_url", "conversation"))
