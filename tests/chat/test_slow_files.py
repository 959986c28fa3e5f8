"""Files on hosts that are slow, hang or give nothing: nothing else waits, and nothing is lost."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from hashlib import sha256
from pathlib import Path

import pytest

from bot.pending import MOST_DEATHS
from sandbox import Fault
from storage.keys import PENDING_DEATHS, PENDING_LEASES, PENDING_MESSAGES
from tests.bot.contents import PDF
from tests.chat.intake import finishes, gets_to
from tests.chat.office import Office, office
from tests.chat.slow_host import Host, offers, slow_host
from tests.chat.test_bad_days import stopped
from tests.storage.rig import Valkey


@asynccontextmanager
async def opened(store: Valkey, folder: Path) -> AsyncIterator[tuple[Office, Host]]:
    """Opens a desk that takes files from such a host."""
    async with (
        slow_host() as host,
        office(store, folder / "data", FILE_HOSTS=host.address) as desk,
    ):
        yield desk, host


@pytest.fixture
async def slow(valkey: Valkey, tmp_path: Path) -> AsyncIterator[tuple[Office, Host]]:
    with valkey.client() as store:
        store.flushall()
    async with opened(valkey, tmp_path) as both:
        yield both


async def test_a_file_that_cannot_be_fetched_is_told(desk: Office) -> None:
    ada = desk.ada
    await gets_to("papers", ada)
    delivery = await offers(desk.teams, f"{desk.teams.settings.service_url}files/gone/loa.pdf")
    assert delivery.ok
    ada.sees("“loa.pdf” was not taken", "could not be fetched")
    await ada.drops("loa.pdf")
    await ada.answers()
    await finishes(ada)


async def test_a_host_that_hangs_holds_up_nothing_else(slow: tuple[Office, Host]) -> None:
    desk, host = slow
    host.content = b""
    ada = desk.ada
    await gets_to("papers", ada)
    sent = [asyncio.create_task(offers(desk.teams, host.url("loa.pdf"))) for _ in range(20)]
    await desk.teams.until(lambda: host.asked >= 4, within=5)
    await ada.says("help")
    assert ada.all_saying("What I can do"), "answered while the files are still coming"
    assert not any(one.done() for one in sent)
    assert {(await one).status for one in sent} == {202}
    host.gives.set()
    await ada.hears("“loa.pdf” was not taken", "could not be fetched")
    await ada.says("drafts")
    await ada.clicks("resume")
    await ada.drops("loa.pdf")
    await finishes(ada)


async def test_files_are_taken_in_the_order_in_which_they_were_sent(
    slow: tuple[Office, Host],
) -> None:
    desk, host = slow
    ada = desk.ada
    await gets_to("papers", ada)
    old = asyncio.create_task(offers(desk.teams, host.url("loa.pdf")))
    await desk.teams.until(lambda: host.asked == 1, within=5)
    newer = PDF + b"% the newer letter\n"
    new = asyncio.create_task(ada.says("", await ada.holds("loa.pdf", newer)))
    await asyncio.sleep(0.5)
    assert not ada.all_saying("“loa.pdf” is in"), "the first one comes first"
    host.gives.set()
    await asyncio.gather(old, new)
    await ada.hears("in place of “loa.pdf”")
    kept = str(drafts_of(desk))
    assert sha256(newer).hexdigest() in kept
    assert sha256(PDF).hexdigest() not in kept
    await finishes(ada)


def drafts_of(desk: Office) -> list[object]:
    """Return the drafts as they are stored."""
    with desk.valkey.client() as store:
        keys = [key for key in store.keys("*draft*") if store.type(key) == "hash"]
        return [store.hgetall(key) for key in keys]


async def test_sending_waits_for_a_file_that_was_dropped_before(
    slow: tuple[Office, Host],
) -> None:
    desk, host = slow
    ada = desk.ada
    review = await gets_to("review", ada)
    sent = asyncio.create_task(offers(desk.teams, host.url("plan.pdf")))
    await desk.teams.until(lambda: host.asked == 1, within=5)
    pressed = asyncio.create_task(ada.clicks("Submit", on=review))
    await asyncio.sleep(0.3)
    host.gives.set()
    await asyncio.gather(sent, pressed)
    await ada.is_asked("papers")
    ada.sees("plan.pdf")
    await finishes(ada)


async def test_an_acknowledged_message_is_kept_until_its_answer_is_shown(
    slow: tuple[Office, Host],
) -> None:
    desk, host = slow
    ada = desk.ada
    await gets_to("papers", ada)
    with desk.valkey.client() as store:
        assert (await offers(desk.teams, host.url("loa.pdf"))).status == 202
        assert store.zcard(PENDING_LEASES) == 1
        desk.teams.faults.add(Fault(method="POST", delay=1.5))
        host.gives.set()
        await desk.teams.until(lambda: sha256(PDF).hexdigest() in str(drafts_of(desk)), within=15)
        assert not ada.all_saying("“loa.pdf” is in")
        assert store.zcard(PENDING_LEASES) == 1, "a bot that died now would have said nothing"
        await ada.hears("“loa.pdf” is in")
        await desk.teams.until(lambda: store.zcard(PENDING_LEASES) == 0, within=15)
    await finishes(ada)


async def test_what_kills_every_bot_is_told_to_be_given_up(desk: Office) -> None:
    ada, teams = desk.ada, desk.teams
    await ada.says("help")
    with desk.valkey.client() as store:
        body = json.dumps(teams.activity("ada", text="drafts"))
        store.hset(PENDING_MESSAGES, "k", body)
        store.hset(PENDING_DEATHS, "k", MOST_DEATHS)
        store.zadd(PENDING_LEASES, {"k": 0})
        await ada.hears("Something went wrong")
        assert not ada.all_saying("Your drafts")
        await teams.until(lambda: not store.keys("*pending*"), within=15)
    await ada.says("drafts")
    assert not ada.latest.text.startswith("Something")


@pytest.mark.slow
async def test_a_file_that_was_acknowledged_outlasts_a_store_that_is_away(tmp_path: Path) -> None:
    store = Valkey(tmp_path / "own")
    try:
        async with opened(store.start(), tmp_path) as (desk, host):
            ada = desk.ada
            await gets_to("papers", ada)
            assert (await offers(desk.teams, host.url("loa.pdf"))).status == 202
            with stopped(store):
                host.gives.set()
                await asyncio.sleep(4.5)
            await ada.hears("“loa.pdf” is in")
            await finishes(ada)
    finally:
        store.kill()
