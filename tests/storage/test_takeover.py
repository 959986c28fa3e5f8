"""Two workers on a real store: one is halted or slow, the other takes over or leaves it alone."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest

from cases.model import DeskPlace, Person
from cases.ports import Opening, Outcome, Sent
from delivery import worker as working
from delivery.limits import Limits
from delivery.postman import Parts
from delivery.worker import Worker
from storage.cases import RedisCases
from storage.outbox import RedisOutbox
from storage.people import RedisPeople
from storage.server import Server
from tests.delivery.desk import Drawer, Wire
from tests.storage.conftest import Stores, open_stores
from tests.storage.rig import Valkey
from tests.storage.samples import ACME, TO_ANN, case, event, notice

LEASE = timedelta(seconds=0.6)
ANN = Person(tenant=ACME, user="ann-id", service_url="https://smba/", conversation="a:ann")


def now() -> datetime:
    return datetime.now(UTC)


@dataclass
class Slow(Wire):
    """A wire that takes a while to answer."""

    seconds: float = 0.0

    async def post(self, service_url: str, conversation: str, activity: Any) -> Outcome:
        self.asked.append(("post", conversation, activity["text"]))
        await asyncio.sleep(self.seconds)
        if self.outcomes:
            return self.outcomes.popleft()
        return Outcome(Sent.DONE, activity="m1")


class Halted(Server):
    """A store that a halted process does not reach."""

    halted = False

    async def run_all(self, calls: Any) -> Any:
        return await self._unless_halted(partial(super().run_all, calls))

    async def save_each(self, calls: Any) -> Any:
        return await self._unless_halted(partial(super().save_each, calls))

    async def run(self, call: Any) -> Any:
        return await self._unless_halted(partial(super().run, call))

    async def _unless_halted(self, work: Callable[[], Awaitable[Any]]) -> Any:
        await come_true(lambda: not self.halted)
        return await work()


@dataclass
class Process:
    """A worker as one of several processes has it."""

    server: Halted
    wire: Slow
    worker: Worker

    @classmethod
    def of(cls, stores: Stores, seconds: float = 0.0) -> "Process":
        server, wire = Halted(stores.server._client), Slow(seconds=seconds)
        outbox = RedisOutbox(server, lease=LEASE)
        parts = Parts(outbox, RedisCases(server, outbox.ring), RedisPeople(server), wire, Drawer())
        return cls(server, wire, Worker(parts, clock=now, limits=Limits()))


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(working, "BEAT", 0.15)
    monkeypatch.setattr(working, "BEAT_AGAIN", 0.05)


@pytest.fixture
async def stores(own: Valkey) -> AsyncIterator[Stores]:
    opened = await open_stores(own.url, [own])
    await opened.people.remember(ANN)
    await opened.people.remember_desk(
        DeskPlace(service_url="https://smba/", tenant="d", team="t", channel="19:c")
    )
    yield opened
    await opened.server.close()


async def open_case(stores: Stores, uid: str = "d-1") -> None:
    opened, first = case(uid), event(f"open-{uid}")
    await stores.cases.create(Opening(opened, first, [notice(opened, first, TO_ANN)]))


async def come_true(holds: Callable[[], bool], most: float = 20) -> None:
    async with asyncio.timeout(most):
        while not holds():  # noqa: ASYNC110
            await asyncio.sleep(0.01)


async def nothing_waits(stores: Stores) -> None:
    async with asyncio.timeout(20):
        while (await stores.outbox.backlog()).waiting:  # noqa: ASYNC110
            await asyncio.sleep(0.02)


async def test_a_slow_send_of_a_living_worker_is_left_alone(stores: Stores) -> None:
    slow, other = Process.of(stores, seconds=4 * LEASE.total_seconds()), Process.of(stores)
    running = [asyncio.create_task(slow.worker.run())]
    await open_case(stores)
    await come_true(lambda: bool(slow.wire.asked))
    running.append(asyncio.create_task(other.worker.run()))
    await nothing_waits(stores)
    await asyncio.gather(slow.worker.stop(), other.worker.stop(), *running)
    assert (len(slow.wire.asked), other.wire.asked) == (1, [])


async def test_a_halted_worker_is_replaced_and_does_no_harm(stores: Stores) -> None:
    halted, other = Process.of(stores, seconds=0.3), Process.of(stores)
    running = [asyncio.create_task(halted.worker.run())]
    await open_case(stores, "d-1")
    await come_true(lambda: bool(halted.wire.asked))
    halted.server.halted = True
    running.append(asyncio.create_task(other.worker.run()))
    await open_case(stores, "d-2")
    await come_true(lambda: len(other.wire.asked) == 2, LEASE.total_seconds() + 2)
    assert [asked[2] for asked in other.wire.asked] == ["open-d-1", "open-d-2"], "in order"
    halted.server.halted = False
    await nothing_waits(stores)
    await come_true(lambda: halted.worker.in_flight == 0)
    await asyncio.gather(halted.worker.stop(), other.worker.stop(), *running)
    assert len(halted.wire.asked) == 1
    assert await stores.outbox.dead_letters() == ()


async def test_faults_are_counted_over_all_workers(stores: Stores) -> None:
    await open_case(stores)
    for at in range(3):
        process = Process.of(stores)
        process.wire.outcomes.append(Outcome(Sent.FAULT, why="500"))
        process.worker._draw = lambda _most: 0.0
        running = asyncio.create_task(process.worker.run())
        await come_true(lambda wire=process.wire: bool(wire.asked))  # type: ignore[misc]
        await process.worker.stop()
        await running
        letters = await stores.outbox.dead_letters()
        assert len(letters) == (1 if at == 2 else 0)
        assert len(process.wire.asked) == 1 or at < 2


async def test_who_was_blocked_hears_of_it_when_they_come_back(stores: Stores) -> None:
    await stores.people.remember(ANN.but(blocked="403"))
    process = Process.of(stores)
    running = asyncio.create_task(process.worker.run())
    await open_case(stores)
    await nothing_waits(stores)
    assert len(await stores.outbox.dead_letters()) == 1
    await stores.people.remember(ANN)
    await come_true(lambda: bool(process.wire.asked))
    await nothing_waits(stores)
    await process.worker.stop()
    await running
    assert await stores.outbox.dead_letters() == ()


async def test_what_was_sent_is_told_once_the_store_is_back(own: Valkey, stores: Stores) -> None:
    """Two workers, and a store that is restarted while both have sent: nobody sends again."""
    both = [Process.of(stores, seconds=0.4), Process.of(stores, seconds=0.4)]
    running = [asyncio.create_task(one.worker.run()) for one in both]
    for at in range(6):
        await stores.people.remember(ANN.but(user=f"u-{at}", conversation=f"a:{at}"))
        opened, first = case(f"d-{at}"), event(f"open-d-{at}")
        to = TO_ANN.but(user=f"u-{at}")
        await stores.cases.create(Opening(opened, first, [notice(opened, first, to)]))
    await come_true(lambda: sum(len(one.wire.asked) for one in both) == 6)
    own.kill()
    await asyncio.sleep(LEASE.total_seconds() + 0.3)
    own.start()
    await nothing_waits(stores)
    await asyncio.gather(*(one.worker.stop() for one in both), *running)
    assert sum(len(one.wire.asked) for one in both) == 6
