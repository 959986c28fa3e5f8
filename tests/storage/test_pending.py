"""The contract of `PendingMessages`."""

import asyncio
from datetime import timedelta

from cases.ports import LeftBehind
from storage.pending import RedisPending
from tests.storage.conftest import Stores

BRIEF = timedelta(milliseconds=150)


async def test_what_a_living_process_runs_is_its_own(stores: Stores) -> None:
    mine, other = RedisPending(stores.server, BRIEF), RedisPending(stores.server, BRIEF)
    await mine.keep("k1", b"{}")
    for _ in range(6):
        await asyncio.sleep(0.05)
        assert await mine.take_over({"k1"}) == ()
        assert await other.take_over(()) == ()


async def test_what_a_silent_process_left_is_taken_over_once(stores: Stores) -> None:
    gone, other = RedisPending(stores.server, BRIEF), RedisPending(stores.server)
    await gone.keep("k1", b'{"text": "\xc3\xa9"}')
    await gone.keep("k2", b"{}")
    await gone.let_go("k2")
    await asyncio.sleep(0.2)
    assert await other.take_over(()) == (LeftBehind("k1", b'{"text": "\xc3\xa9"}', 1),)
    assert await other.take_over(()) == ()
    await other.let_go("k1")
    assert stores.each("KEYS", "*pending*") == [[] for _ in stores.nodes]


async def test_what_is_left_on_purpose_is_taken_over_at_once(stores: Stores) -> None:
    pending = RedisPending(stores.server)
    for key in ("k1", "k2", "k3"):
        await pending.keep(key, b"{}")
    await pending.let_go("k3")
    await pending.leave({"k1", "k2", "k3"})
    left = await pending.take_over(())
    assert {message.key for message in left} == {"k1", "k2"}
    await pending.leave(["k1"])
    assert await pending.take_over(()) == (LeftBehind("k1", b"{}", 1),), "nobody died over it"


async def test_deaths_are_counted(stores: Stores) -> None:
    pending = RedisPending(stores.server, BRIEF)
    await pending.keep("k1", b"{}")
    for deaths in (1, 2, 3):
        await asyncio.sleep(0.2)
        assert await pending.take_over(()) == (LeftBehind("k1", b"{}", deaths),)


async def test_all_of_one_instant_are_taken_over_by_their_keys(stores: Stores) -> None:
    pending = RedisPending(stores.server, BRIEF)
    keys = [f"k{at}" for at in range(9)]
    for key in reversed(keys):
        await pending.keep(key, b"{}")
    assert await pending.take_over(keys) == ()
    await asyncio.sleep(0.2)
    assert [message.key for message in await pending.take_over(())] == keys


async def test_many_are_taken_over_in_parts(stores: Stores) -> None:
    pending = RedisPending(stores.server)
    keys = {f"k{at}" for at in range(50)}
    for key in keys:
        await pending.keep(key, b"{}")
    await pending.leave(keys)
    parts = [await pending.take_over(()) for _ in range(4)]
    assert sorted(map(len, parts)) == [0, 10, 20, 20]
    assert {message.key for part in parts for message in part} == keys
