"""A message that was acknowledged before its turn was over is seen through by somebody."""

import asyncio
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager

import pytest

from bot import pending as module
from bot.pending import MOST_TIMES, Pending
from bot.web import Tasks
from cases.errors import Unavailable
from cases.ports import LeftBehind


class Store:
    """Holds messages in a dict; `left` is what somebody left behind."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}
        self.left: list[LeftBehind] = []
        self.given_back: set[str] = set()
        self.renewed: list[set[str]] = []
        self.away = False

    def _here(self) -> None:
        if self.away:
            raise Unavailable("connection")

    async def keep(self, key: str, body: bytes) -> None:
        self._here()
        self.kept[key] = body

    async def take_over(self, own: Collection[str]) -> tuple[LeftBehind, ...]:
        self._here()
        self.renewed.append(set(own))
        left, self.left = tuple(self.left), []
        return left

    async def let_go(self, key: str) -> None:
        self._here()
        self.kept.pop(key, None)

    async def leave(self, keys: Collection[str]) -> None:
        self._here()
        self.given_back |= set(keys)


class Rig:
    """Pending messages among tasks, and turns that end when they may."""

    def __init__(self) -> None:
        self.store = Store()
        self.tasks = Tasks()
        self.pending = Pending(self.store, self.tasks.start)
        self.may_end = asyncio.Event()
        self.resumed: list[bytes] = []

    def turn(self) -> "asyncio.Task[bool]":
        return self.tasks.start(self.may_end.wait())

    def resume(self, body: bytes) -> "asyncio.Task[bool]":
        self.resumed.append(body)
        return self.turn()

    @asynccontextmanager
    async def watched(self) -> AsyncIterator[None]:
        watching = asyncio.create_task(self.pending.watch(self.resume))
        yield
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)

    async def looks(self, times: int) -> None:
        async with asyncio.timeout(20):
            while len(self.store.renewed) < times:  # noqa: ASYNC110
                await asyncio.sleep(0.002)


@pytest.fixture
def rig(monkeypatch: pytest.MonkeyPatch) -> Rig:
    monkeypatch.setattr(module, "LOOK_EVERY", 0.01)
    return Rig()


async def test_is_kept_until_its_turn_is_over(rig: Rig) -> None:
    await rig.pending.keep(b"a", rig.turn())
    assert list(rig.store.kept.values()) == [b"a"]
    async with rig.watched():
        await rig.looks(2)
        assert rig.store.renewed[-1] == set(rig.store.kept)
    rig.may_end.set()
    await rig.tasks.drain(5)
    assert rig.store.kept == {}
    await rig.pending.leave()
    assert rig.store.given_back == set()


async def test_keys_are_in_the_order_in_which_messages_came(rig: Rig) -> None:
    bodies = [b"%d" % at for at in range(9)]
    for body in bodies:
        await rig.pending.keep(body, rig.turn())
    assert [rig.store.kept[key] for key in sorted(rig.store.kept)] == bodies
    rig.may_end.set()
    await rig.tasks.drain(5)


async def test_is_not_kept_for_a_store_that_is_away(rig: Rig) -> None:
    rig.store.away = True
    with pytest.raises(Unavailable):
        await rig.pending.keep(b"a", rig.turn())
    rig.may_end.set()
    await rig.tasks.drain(5)


async def test_a_turn_that_does_not_end_in_time_is_left_to_others(rig: Rig) -> None:
    await rig.pending.keep(b"a", rig.turn())
    await rig.tasks.drain(0.01)
    await rig.pending.leave()
    assert rig.store.given_back == set(rig.store.kept) != set()


async def test_what_others_left_is_run_and_then_over(rig: Rig) -> None:
    rig.store.kept = {"k": b"theirs"}
    rig.store.left = [LeftBehind("k", b"theirs", 1)]
    async with rig.watched():
        await rig.looks(2)
        assert rig.resumed == [b"theirs"]
        assert rig.store.renewed[-1] == {"k"}
        rig.may_end.set()
        await rig.tasks.drain(5)
        assert rig.store.kept == {}


async def test_a_message_that_ends_each_process_is_given_up(rig: Rig) -> None:
    rig.store.kept = {"k": b"theirs", "last": b"more"}
    rig.store.left = [
        LeftBehind("k", b"theirs", MOST_TIMES + 1),
        LeftBehind("last", b"more", MOST_TIMES),
    ]
    rig.may_end.set()
    async with rig.watched():
        await rig.looks(2)
    await rig.tasks.drain(5)
    assert rig.resumed == [b"more"]
    assert rig.store.kept == {}


async def test_goes_on_looking_when_the_store_was_away(rig: Rig) -> None:
    rig.store.away = True
    async with rig.watched():
        await asyncio.sleep(0.03)
        rig.store.away = False
        await rig.looks(1)


async def test_what_could_not_be_forgotten_is_somebody_elses_again(rig: Rig) -> None:
    await rig.pending.keep(b"a", rig.turn())
    rig.store.away = True
    rig.may_end.set()
    await rig.tasks.drain(5)
    rig.store.away = False
    async with rig.watched():
        await rig.looks(1)
    assert rig.store.renewed == [set()], "its lease ends"
