"""A message that was acknowledged before it was saved is seen through by somebody."""

import asyncio
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager

import pytest
from aiohttp import web

from bot import pending as module
from bot.pending import MOST_DEATHS, Pending
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
        self.trouble: Exception | None = None

    def _here(self) -> None:
        if self.trouble:
            raise self.trouble

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
    """Pending messages among tasks, and deliveries that end when they may."""

    def __init__(self) -> None:
        self.store = Store()
        self.tasks = Tasks()
        self.pending = Pending(self.store, self.tasks.start)
        self.may_end = asyncio.Event()
        self.delivered: list[bytes] = []
        self.given_up: list[bytes] = []
        self.answers: list[int | Exception] = []

    def deliver(self, body: bytes) -> "asyncio.Task[web.Response]":
        self.delivered.append(body)
        return self.tasks.start(self._delivery())

    async def _delivery(self) -> web.Response:
        await self.may_end.wait()
        answer = self.answers.pop(0) if self.answers else 200
        if isinstance(answer, Exception):
            raise answer
        return web.Response(status=answer)

    async def keeps(self, body: bytes) -> None:
        await self.pending.keep(body, self.tasks.start(self._delivery()), self.deliver)

    @asynccontextmanager
    async def watched(self) -> AsyncIterator[None]:
        watching = asyncio.create_task(self.pending.watch(self.deliver, self.given_up.append))
        yield
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)

    async def looks(self, times: int) -> None:
        async with asyncio.timeout(20):
            while len(self.store.renewed) < times:  # noqa: ASYNC110
                await asyncio.sleep(0.002)

    async def ends(self) -> None:
        self.may_end.set()
        await self.tasks.drain(20)


@pytest.fixture
def rig(monkeypatch: pytest.MonkeyPatch) -> Rig:
    monkeypatch.setattr(module, "LOOK_EVERY", 0.01)
    monkeypatch.setattr(module, "AGAIN_AFTER", 0.01)
    return Rig()


async def test_is_kept_until_it_is_saved(rig: Rig) -> None:
    await rig.keeps(b"a")
    assert list(rig.store.kept.values()) == [b"a"]
    async with rig.watched():
        await rig.looks(2)
        assert rig.store.renewed[-1] == set(rig.store.kept)
    await rig.ends()
    assert rig.store.kept == {}
    assert rig.delivered == []
    await rig.pending.leave()
    assert rig.store.given_back == set()


async def test_keys_are_in_the_order_in_which_messages_came(rig: Rig) -> None:
    bodies = [b"%d" % at for at in range(9)]
    for body in bodies:
        await rig.keeps(body)
    assert [rig.store.kept[key] for key in sorted(rig.store.kept)] == bodies
    await rig.ends()


async def test_is_not_kept_in_a_store_that_is_away(rig: Rig) -> None:
    rig.store.trouble = Unavailable("connection")
    with pytest.raises(Unavailable):
        await rig.keeps(b"a")
    await rig.ends()


async def test_is_delivered_again_until_it_is_saved(rig: Rig) -> None:
    rig.answers = [503, 503, 503, 200]
    await rig.keeps(b"a")
    await rig.ends()
    assert rig.delivered == [b"a"] * 3
    assert rig.store.kept == {}


async def test_a_fault_of_ours_is_not_tried_again(rig: Rig) -> None:
    rig.answers = [ZeroDivisionError()]
    await rig.keeps(b"a")
    await rig.ends()
    assert rig.delivered == []
    assert rig.store.kept == {}


async def test_what_is_not_saved_in_time_is_left_to_others(rig: Rig) -> None:
    await rig.keeps(b"a")
    await rig.tasks.drain(0.01)
    await rig.pending.leave()
    assert rig.store.given_back == set(rig.store.kept) != set()


async def test_what_others_left_is_delivered_until_it_is_saved(rig: Rig) -> None:
    rig.store.kept = {"k": b"theirs"}
    rig.store.left = [LeftBehind("k", b"theirs", 1)]
    rig.answers = [503, 202]
    async with rig.watched():
        await rig.looks(2)
        assert rig.delivered == [b"theirs"]
        assert rig.store.renewed[-1] == {"k"}
        await rig.ends()
    assert rig.delivered == [b"theirs"] * 2
    assert rig.store.kept == {}
    assert rig.given_up == []


async def test_a_message_that_kills_processes_is_given_up(rig: Rig) -> None:
    rig.store.kept = {"k": b"theirs", "last": b"more"}
    rig.store.left = [
        LeftBehind("k", b"theirs", MOST_DEATHS + 1),
        LeftBehind("last", b"more", MOST_DEATHS),
    ]
    rig.may_end.set()
    async with rig.watched():
        await rig.looks(2)
    await rig.ends()
    assert rig.given_up == [b"theirs"]
    assert rig.delivered == [b"more"]
    assert rig.store.kept == {}


@pytest.mark.parametrize("trouble", [Unavailable("connection"), ZeroDivisionError()])
async def test_goes_on_looking_after_any_trouble(rig: Rig, trouble: Exception) -> None:
    rig.store.trouble = trouble
    async with rig.watched():
        await asyncio.sleep(0.03)
        rig.store.trouble = None
        await rig.looks(1)


async def test_is_forgotten_when_the_store_is_back(rig: Rig) -> None:
    await rig.keeps(b"a")
    rig.store.trouble = Unavailable("connection")
    rig.may_end.set()
    await asyncio.sleep(0.05)
    rig.store.trouble = None
    await rig.ends()
    assert rig.store.kept == {}
