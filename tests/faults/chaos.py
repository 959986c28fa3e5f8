"""Everything that goes wrong, in an order drawn from the seed and spread over the work."""

import asyncio
import random
import signal
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace

from sandbox.faults import Fault
from tests.faults.cast import Cast
from tests.faults.knobs import PAUSE_MOST, Knobs
from tests.faults.ledger import Ledger
from tests.faults.link import Link
from tests.faults.processes import Bot, Store
from tests.faults.records import Witness
from tests.faults.wire import Teams

FAILPOINTS = (
    *(
        f"{when}_script:{name}"
        for name in ("take", "put", "create", "change", "claim", "sending", "done", "retry")
        for when in ("before", "after")
    ),
    *("before_post", "after_post", "before_done", "before_rename", "after_rename"),
)
BUSY = frozenset({"take", "put", "claim"})
"""Scripts that are passed so often that a low count would kill a bot as it starts."""


@dataclass
class Chaos:
    """Breaks things, and mends them all in the end."""

    knobs: Knobs
    cast: Cast
    bots: list[Bot]
    store: Store
    link: Link
    teams: Teams
    ledger: Ledger
    witness: Witness
    rng: random.Random
    effort: int
    over: bool = False
    killed: int = 0
    met: int = 0
    """Bots that ended at a failpoint."""
    lost_bytes: list[int] = field(default_factory=list)
    _points: list[str] = field(default_factory=list)
    _store_is_away: asyncio.Lock = field(default_factory=asyncio.Lock)

    # -- life and death ----------------------------------------------------------------------

    async def watch(self, bot: Bot) -> None:
        """Bring a bot back whenever it has died, half of the time to meet a failpoint."""
        while True:
            await asyncio.sleep(0.02)
            if bot.alive:
                continue
            if bot.child is not None and not self.over:
                self.met += 1
                await self._count_in_flight()
                self.ledger.spell("bot").ended = time.monotonic() + 2.0
            await asyncio.sleep(self.rng.uniform(0.0, 0.8))
            bot.launch(self._orders())

    def _orders(self) -> dict[str, str]:
        if self.over or not self._points:
            return {}
        name = self._points.pop()
        most = 30 if name.partition(":")[2] in BUSY else max(1, min(8, self.knobs.cases // 8))
        return {"FAILPOINTS": f"{name}=kill@{self.rng.randint(1, most)}"}

    async def _count_in_flight(self) -> None:
        self.ledger.in_flight_at_kills.update(await self.witness.in_flight())

    # -- the schedule ------------------------------------------------------------------------

    async def run(self) -> None:
        """Let one thing after the other go wrong as the work goes on."""
        points = list(FAILPOINTS)
        self.rng.shuffle(points)
        self._points = (points * 10)[: self.knobs.kills]
        deeds = self._deeds()
        self.rng.shuffle(deeds)
        wire = asyncio.create_task(self._spoil_wire())
        for number, deed in enumerate(deeds, start=1):
            await self._reaches(number / (len(deeds) + 1) * 0.95)
            await deed()
        self.over = True
        wire.cancel()

    def _deeds(self) -> list[Callable[[], Awaitable[None]]]:
        knobs = self.knobs
        return [
            *[self._kill_bot] * knobs.kills,
            *[self._kill_store] * knobs.store_kills,
            *[self._cut_power] * knobs.cuts,
            *[self._pause_store] * knobs.pauses,
            *[self._pause_bot] * knobs.pauses,
            *[self._lose_answers] * knobs.links,
            *[self._slow_link] * knobs.links,
            *[self._break_link] * knobs.links,
        ]

    async def _reaches(self, part: float) -> None:
        """Wait until this part of the work is done, or nothing has moved for a while."""
        seen, since = self.ledger.progress, time.monotonic()
        while self.ledger.progress < part * self.effort:
            await asyncio.sleep(0.05)
            self.store.note_size()
            if self.ledger.progress != seen:
                seen, since = self.ledger.progress, time.monotonic()
            elif time.monotonic() - since > 20.0:
                return

    # -- what goes wrong ---------------------------------------------------------------------

    async def _kill_bot(self) -> None:
        bot = self.rng.choice(self.bots)
        spell = self.ledger.spell("bot")
        bot.kill()
        self.killed += 1
        self.met -= 1
        await asyncio.sleep(0.1)
        spell.ended = time.monotonic() + 2.0

    async def _pause_bot(self) -> None:
        bot = self.rng.choice(self.bots)
        spell = self.ledger.spell("bot paused")
        bot.signal(signal.SIGSTOP)
        await asyncio.sleep(self.rng.uniform(0.5, PAUSE_MOST))
        bot.signal(signal.SIGCONT)
        spell.ended = time.monotonic()

    async def _pause_store(self) -> None:
        async with self._store_is_away:
            if self.store.process is None:
                return
            spell = self.ledger.spell("store paused")
            self.store.process.signal(signal.SIGSTOP)
            await asyncio.sleep(PAUSE_MOST)
            self.store.process.signal(signal.SIGCONT)
            spell.ended = time.monotonic()

    async def _kill_store(self) -> None:
        async with self._store_is_away:
            spell = self.ledger.spell("store killed")
            self.store.kill()
            await self._start_store()
            spell.ended = time.monotonic()

    async def _cut_power(self) -> None:
        async with self._store_is_away:
            spell = self.ledger.spell("power cut")
            self.lost_bytes.append(await asyncio.to_thread(self.store.lose_power))
            await self._start_store()
            spell.ended = time.monotonic()

    async def _start_store(self) -> None:
        await asyncio.sleep(self.rng.uniform(0.1, 1.0))
        self.store.start()
        await self.store.answers()

    async def _lose_answers(self) -> None:
        spell = self.ledger.spell("answers lost")
        self.link.lose += self.rng.randint(1, 3)
        deadline = time.monotonic() + 5.0
        while self.link.lose and time.monotonic() < deadline:  # noqa: ASYNC110 - polls the link
            await asyncio.sleep(0.05)
        self.link.lose = 0
        spell.ended = time.monotonic()

    async def _slow_link(self) -> None:
        spell = self.ledger.spell("link slow")
        self.link.delay = self.rng.uniform(0.01, 0.06)
        await asyncio.sleep(self.rng.uniform(0.5, 2.0))
        self.link.delay = 0.0
        spell.ended = time.monotonic()

    async def _break_link(self) -> None:
        spell = self.ledger.spell("link broken")
        for _ in range(self.rng.randint(1, 4)):
            self.link.breaks()
            await asyncio.sleep(self.rng.uniform(0.0, 0.3))
        spell.ended = time.monotonic()

    async def _spoil_wire(self) -> None:
        """Have a share of the connector's calls go wrong, each in its own way."""
        if not self.knobs.wire:
            return
        while True:
            await asyncio.sleep(0.05)
            due = self.teams.eyes.calls * self.knobs.wire
            while self._spoiled < due:
                self._spoiled += 1
                self.teams.sandbox.faults.add(self._fault())

    _spoiled: int = 0

    def _fault(self) -> Fault:
        deliver = self.rng.random() < 0.5
        kind = self.rng.choice(
            ("429", "412", "5xx", "5xx", "drop", "slow", "slow", "gone", "never")
        )
        method = self.rng.choice(("POST", "PUT"))
        where = Fault(path="v3/conversations", method=method)
        match kind:
            case "429":
                return replace(where, status=429, retry_after=self.rng.choice((0.2, 1.0)))
            case "412":
                return replace(where, status=412, deliver=deliver)
            case "5xx":
                status = self.rng.choice((502, 503, 504))
                return replace(where, status=status, deliver=deliver)
            case "drop":
                return replace(where, drop=True, deliver=deliver)
            case "slow":
                return replace(where, delay=self.rng.uniform(0.3, 2.5))
            case "gone":
                fragile = self.rng.choice(self.cast.companies).fragile
                status = self.rng.choice((403, 404))
                return Fault(conversation=fragile.conversation, method="POST", status=status)
            case _:
                return replace(where, never=True, deliver=deliver)

    def mend(self) -> None:
        """Let everything work again."""
        self.over = True
        self.teams.sandbox.faults.clear()
        self.link.delay, self.link.lose = 0.0, 0
        for bot in self.bots:
            bot.signal(signal.SIGCONT)
