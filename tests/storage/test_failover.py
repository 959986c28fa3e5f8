"""Sentinels and clusters: another server takes over, and nothing acknowledged is lost."""

import asyncio
import signal
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from cases.errors import Unavailable
from cases.ports import Opening
from tests.storage.conftest import Stores, open_stores
from tests.storage.rig import Cluster, Sentinels, Valkey, until
from tests.storage.samples import case, event


@pytest.fixture
def guarded(tmp_path: Path) -> Iterator[Sentinels]:
    three = Sentinels(tmp_path)
    try:
        yield three.start()
    finally:
        three.kill()


@asynccontextmanager
async def opened(url: str, nodes: list[Valkey]) -> AsyncIterator[Stores]:
    stores = await open_stores(url, nodes)
    try:
        yield stores
    finally:
        await stores.server.close()


PEOPLE = 8


class Work:
    """People of many companies who open cases all the time."""

    def __init__(self, stores: Stores) -> None:
        self._stores = stores
        self.acknowledged: dict[str, str] = {}
        self.refused = 0
        self._over = False
        self._tasks = [asyncio.create_task(self._works(at)) for at in range(PEOPLE)]

    async def _works(self, worker: int) -> None:
        done = 0
        while not self._over:
            uid = f"d-{worker}-{done}"
            try:
                made = await self._stores.cases.create(
                    Opening(case(uid, f"company-{worker}"), event(f"open-{uid}"))
                )
            except Unavailable:
                self.refused += 1
                await asyncio.sleep(0.05)
            else:
                self.acknowledged[uid] = made.number
                done += 1
                await asyncio.sleep(0.01)

    async def ends(self) -> None:
        self._over = True
        await asyncio.gather(*self._tasks)

    async def goes_on(self) -> None:
        """Wait until everybody was served again."""
        before = self._served()
        async with asyncio.timeout(20):
            while any(self._served()[at] < before[at] + 3 for at in range(PEOPLE)):  # noqa: ASYNC110
                await asyncio.sleep(0.02)

    def _served(self) -> Counter[int]:
        return Counter(int(uid.split("-")[1]) for uid in self.acknowledged)


@pytest.fixture
def spread(tmp_path: Path) -> Iterator[Cluster]:
    six = Cluster(tmp_path, replicas=True)
    try:
        yield six.start()
    finally:
        six.kill()


@pytest.mark.slow
@pytest.mark.parametrize("fault", [signal.SIGKILL, signal.SIGSTOP])
async def test_another_server_takes_over(guarded: Sentinels, fault: signal.Signals) -> None:
    lost = guarded.primary
    async with opened(guarded.url, guarded.nodes) as stores:
        await survives(stores, lost, fault, lambda: guarded.primary is not lost)


@pytest.mark.slow
@pytest.mark.parametrize("fault", [signal.SIGKILL, signal.SIGSTOP])
async def test_a_replica_of_a_cluster_takes_over(spread: Cluster, fault: signal.Signals) -> None:
    heirs = (spread.replicas[0], spread.replicas[3])
    async with opened(spread.url, [*spread.nodes, *spread.replicas]) as stores:
        await survives(
            stores, spread.nodes[0], fault, lambda: any(heir.is_primary for heir in heirs)
        )


async def survives(
    stores: Stores, lost: Valkey, fault: signal.Signals, taken_over: Callable[[], bool]
) -> None:
    """Take a primary away under work, and see that the work goes on and nothing is lost."""
    work = Work(stores)
    try:
        await work.goes_on()
        lost.tell(fault)
        await asyncio.to_thread(until, taken_over)
        await work.goes_on()
        if fault is signal.SIGSTOP:
            # The old one wakes and believes for a moment that nothing has changed.
            lost.tell(signal.SIGCONT)
            await work.goes_on()
    finally:
        await work.ends()
    assert work.refused
    for uid, number in work.acknowledged.items():
        read = await stores.cases.read(number)
        assert read is not None, f"{number} was acknowledged and is gone"
        assert read[0].uid == uid
    assert len(set(work.acknowledged.values())) == len(work.acknowledged)
