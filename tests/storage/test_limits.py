"""Limits that all processes share: exact in every window, in order, and without a stampede."""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha1
from typing import Any

from cases.ports import Claim, Limit, Marked, Opening, Quota
from storage.outbox import RedisOutbox
from storage.scripts import Script
from storage.server import Call, Server
from tests.storage.conftest import Stores
from tests.storage.samples import ACME, OTHER, case, event, notice

CHAT = (Limit(7, 1), Limit(8, 2), Limit(60, 30), Limit(1800, 3600))
TENANT = (Limit(50, 1),)
START = 1_800_000_000_000


class Simulated(Script):
    """A script that reads the time from a key."""

    def __init__(self, of: Script) -> None:
        told = "(function() local at = tonumber(redis.call('GET', 'clock')) "
        told += "return {math.floor(at / 1000), at % 1000 * 1000} end)()"
        self.name = of.name
        self.text = of.text.replace("redis.call('TIME')", told)
        self.sha = sha1(self.text.encode(), usedforsecurity=False).hexdigest()


class SimulatedServer(Server):
    """A server whose clock stands still until it is moved."""

    def __init__(self, server: Server) -> None:
        super().__init__(server._client)
        self._known: dict[str, Script] = {}

    def _told(self, call: Call) -> Call:
        script = self._known.setdefault(call.script.sha, Simulated(call.script))
        return Call(script, call.keys, call.args)

    async def run(self, call: Call) -> Any:
        return await super().run(self._told(call))

    async def save(self, call: Call) -> Any:
        return await super().save(self._told(call))

    async def run_all(self, calls: Any) -> list[Any]:
        return await super().run_all([self._told(call) for call in calls])

    async def save_each(self, calls: Sequence[Call]) -> list[Any]:
        return await super().save_each([self._told(call) for call in calls])


def quotas(chat: str, tenant: str = ACME) -> tuple[Quota, Quota]:
    return Quota(tenant, chat, CHAT), Quota(tenant, "", TENANT)


async def queue(stores: Stores, count: int, tenant: str = ACME) -> None:
    """Queue notices for the desk, each in a lane of its own."""
    for at in range(0, count, 200):
        uids = [f"d-{each}" for each in range(at, min(count, at + 200))]
        opened = [(case(uid, tenant), event(f"open-{uid}")) for uid in uids]
        await asyncio.gather(
            *(
                stores.cases.create(Opening(one, first, [notice(one, first)]))
                for one, first in opened
            )
        )


def most_in(stamps: list[int], span: float) -> int:
    """Return how many lie in the fullest window of so many seconds."""
    first, most = 0, 0
    for last, at in enumerate(stamps):
        while at - stamps[first] >= span * 1000:
            first += 1
        most = max(most, last - first + 1)
    return most


@dataclass
class Simulation:
    """Two workers under a clock of their own; who sends where is told by `chat_of`."""

    stores: Stores
    tenant: str = ACME
    now: int = START

    async def run(self, hours: float, chats: int, late: Sequence[int]) -> dict[str, list[int]]:
        """Return when messages were sent in each chat, and in all (`""`)."""
        server = SimulatedServer(self.stores.server)
        workers = [RedisOutbox(server), RedisOutbox(server)]
        sent: defaultdict[str, list[int]] = defaultdict(list)
        self.asks = turn = 0
        end = START + hours * 3600_000
        while self.now < end:
            await self.stores.server.command("SET", "clock", self.now)
            claims = [
                (worker, claim) for worker in workers for claim in await worker.claim("w", 500)
            ]
            await asyncio.gather(*(self._send(*one, chats, sent) for one in claims))
            wait = await workers[0].next_due()
            if wait is None:
                break
            # Workers come late by a little, now this much, now that.
            turn += 1
            self.now += max(1, round(wait.total_seconds() * 1000)) + late[turn % len(late)]
        return sent

    async def _send(
        self, worker: RedisOutbox, claim: Claim, chats: int, sent: dict[str, list[int]]
    ) -> None:
        chat = str(int(claim.notice.event.rpartition("-")[2]) % chats)
        self.asks += 1
        if await worker.sending(claim, quotas(chat, self.tenant)) is Marked.SENDING:
            sent[chat].append(self.now)
            sent[""].append(self.now)
            await worker.done(claim)


async def opened_at_start(stores: Stores, count: int, tenant: str = ACME) -> None:
    await queue(stores, count, tenant)
    # They were queued by the real clock, which is behind the simulated one.
    assert await stores.outbox.next_due() == timedelta(0)


async def test_an_hour_of_a_busy_channel_keeps_every_window(one: Stores) -> None:
    await opened_at_start(one, 2100)
    simulation = Simulation(one)
    sent = (await simulation.run(1.2, 1, late=(0, 3, 0, 40, 7)))["0"]
    assert len(sent) == 2100
    for limit in CHAT:
        assert most_in(sent, limit.per) <= limit.most
    assert sum(at < START + 3600_000 for at in sent) == 1800, "and none of what it may is lost"
    assert sent[1799] - START < 950_000
    assert simulation.asks < 3 * 2100, "who must wait comes back once, or twice if it came late"


async def test_many_chats_of_a_tenant_keep_its_window(one: Stores) -> None:
    await opened_at_start(one, 1000)
    simulation = Simulation(one)
    sent = (await simulation.run(1, 1000, late=(0, 0, 5, 20)))[""]
    assert len(sent) == 1000
    assert most_in(sent, 1) <= 50
    assert sent[-1] - START < 21_500, "1,000 at 50 a second take 19 s at least"
    assert simulation.asks < 2.5 * 1000


async def test_a_stall_is_no_reason_to_exceed_a_limit(one: Stores) -> None:
    await opened_at_start(one, 400)
    simulation = Simulation(one)
    sent = await simulation.run(1, 5, late=(0, 0, 700, 0, 0, 0, 2500))
    assert len(sent[""]) == 400
    assert most_in(sent[""], 1) <= 50
    assert all(most_in(sent[str(chat)], limit.per) <= limit.most
               for chat in range(5) for limit in CHAT)  # fmt: skip
    assert simulation.asks < 4 * 400


async def test_waiting_is_no_try_and_ends_by_itself(stores: Stores) -> None:
    await queue(stores, 2)
    few = (Quota(ACME, "a:1", (Limit(1, 0.3),)),)
    before, claim = await stores.outbox.claim("w", 9)
    assert await stores.outbox.sending(before, few) is Marked.SENDING
    assert await stores.outbox.sending(claim, few) is Marked.WAITING
    assert await stores.outbox.claim("w", 9) == ()
    await asyncio.sleep(0.35)
    (again,) = await stores.outbox.claim("w", 9)
    assert (again.attempts, again.unknown, again.in_doubt, again.queued) == (0, 0, False, True)
    assert again.first_due == claim.first_due
    assert await stores.outbox.sending(again, few) is Marked.SENDING


async def test_the_desk_is_limited_where_it_is_whoever_writes(stores: Stores) -> None:
    """On a cluster its limits are kept on another node than the notice."""
    few = Quota("the desk's tenant", "19:channel", (Limit(1, 30),))
    for tenant in (ACME, OTHER):
        opened, first = case(f"d-{tenant}", tenant), event(f"e-{tenant}")
        await stores.cases.create(Opening(opened, first, [notice(opened, first)]))
    claims = await stores.outbox.claim("w", 9)
    marked = [await stores.outbox.sending(claim, (few,)) for claim in claims]
    assert marked == [Marked.SENDING, Marked.WAITING]
    assert await stores.outbox.sending(claims[1], (few,)) is Marked.LOST


async def test_asking_again_for_the_same_notice_counts_once(one: Stores) -> None:
    await queue(one, 1)
    (claim,) = await one.outbox.claim("w", 9)
    few = (Quota(ACME, "a:1", (Limit(1, 30),)),)
    assert [await one.outbox.sending(claim, few) for _ in range(2)] == [Marked.SENDING] * 2


async def test_what_is_counted_is_forgotten(one: Stores) -> None:
    await queue(one, 3)
    for claim in await one.outbox.claim("w", 9):
        await one.outbox.sending(claim, (Quota(ACME, "", (Limit(2, 0.1),)),))
    keys = {key for key in one.all_keys() if ":spent:" in key or ":booked:" in key}
    assert len(keys) == 2
    await asyncio.sleep(1.3)
    assert not keys & one.all_keys()
