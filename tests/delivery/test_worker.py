"""What the worker does with a notice, whatever the other side answers."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from prometheus_client import CollectorRegistry

from cases.model import Posted
from cases.ports import Outcome, Sent
from cases.vocabulary import NoticeKind
from delivery import worker
from delivery.limits import Limits
from delivery.metrics import DeliveryMetrics
from delivery.postman import Parts
from delivery.worker import Worker
from tests.delivery.desk import (
    ADA,
    NOW,
    NUMBER,
    THE_DESK,
    Cases,
    Directory,
    Drawer,
    Outbox,
    Wire,
    person,
)

CARD, MESSAGE, UPDATE = NoticeKind.CARD, NoticeKind.MESSAGE, NoticeKind.UPDATE
THREAD = Posted(conversation="19:channel;messageid=m1", activity="m1")


async def come_true(holds: Callable[[], bool], meanwhile: Callable[[], None] | None = None) -> None:
    """Return once something holds."""
    async with asyncio.timeout(20):
        while not holds():
            if meanwhile:
                meanwhile()
            await asyncio.sleep(0.002)


class Rig:
    """A worker among fakes, with a clock that can be moved."""

    def __init__(self) -> None:
        self.time = NOW
        self.outbox = Outbox(self.now)
        self.cases = Cases()
        self.directory = Directory()
        self.wire = Wire()
        self.drawer = Drawer()
        self.registry = CollectorRegistry()
        self.points: list[str] = []
        self.worker = self.build()

    def build(self, **changes: Any) -> Worker:
        ways = {name: changes.pop(name, None) for name in ("mail", "history")}
        parts = Parts(self.outbox, self.cases, self.directory, self.wire, self.drawer, **ways)
        self.registry = CollectorRegistry()
        given: dict[str, Any] = {
            "clock": self.now,
            "limits": Limits(),
            "metrics": DeliveryMetrics(self.registry),
            "draw": lambda most: most,
            "failpoint": self.points.append,
        }
        self.worker = Worker(parts, **(given | changes))
        return self.worker

    def now(self) -> datetime:
        return self.time

    def later(self, **span: float) -> None:
        self.time += timedelta(**span)

    def seconds(self) -> float:
        return self.time.timestamp()

    async def until(self, holds: Callable[[], bool]) -> None:
        """Run the worker until something holds."""
        running = asyncio.create_task(self.worker.run())
        try:
            await come_true(holds)
        finally:
            await self.worker.stop(drain=0.2)
            await running

    async def settles(self, entries: int = 1) -> list[tuple[Any, ...]]:
        """Run the worker until the log has so many entries."""
        await self.until(lambda: len(self.outbox.log) >= entries)
        return self.outbox.log

    async def settles_again(self, entries: int) -> list[tuple[Any, ...]]:
        """Run another worker, as the first was stopped."""
        self.build()
        return await self.settles(entries)

    def steal(self) -> None:
        """Have another worker take over what is in flight."""
        self.outbox.stolen = True

    def move(self) -> None:
        """Have Ada write from another chat."""
        self.directory.people["ada"] = ADA.but(conversation="a:moved")

    def counted(self, name: str, **labels: str) -> float:
        return self.registry.get_sample_value(f"desk_delivery_{name}", labels) or 0.0


@pytest.fixture
async def rig() -> Rig:
    return Rig()


# -- places ----------------------------------------------------------------------------------


async def test_posts_the_living_card_to_a_person(rig: Rig) -> None:
    rig.outbox.queue(CARD)
    posted = Posted(conversation="a:ada", activity="m1")
    assert await rig.settles() == [("done", posted)]
    assert rig.wire.asked == [("post", "a:ada")]
    assert rig.points == ["before_post", "after_post", "before_done"]
    assert rig.counted("settled_total", how="shown") == 1
    assert rig.counted("seconds_count") == 1
    assert rig.counted("in_flight") == 0


async def test_roots_a_thread_and_remembers_it_before_anything_else(rig: Rig) -> None:
    rig.outbox.queue(CARD, THE_DESK)
    assert await rig.settles(2) == [("thread", THREAD.conversation, NUMBER), ("done", THREAD)]


async def test_goes_on_in_the_thread(rig: Rig) -> None:
    rig.outbox.queue(CARD, THE_DESK)
    rig.outbox.queue(MESSAGE, THE_DESK, "e2")
    rig.outbox.queue(UPDATE, THE_DESK, "e2")
    await rig.settles(4)
    assert rig.wire.asked[1:] == [("post", THREAD.conversation), ("put", THREAD.conversation, "m1")]


async def test_waits_a_little_for_a_thread(rig: Rig) -> None:
    rig.outbox.queue(MESSAGE, THE_DESK)
    assert await rig.settles() == [("retry", timedelta(seconds=1), "no_thread", False)]
    rig.time += timedelta(minutes=2)
    assert (await rig.settles_again(2))[-1] == ("dead", "no_thread")
    assert rig.wire.asked == []


async def test_waits_for_a_desk(rig: Rig) -> None:
    rig.directory.place = None
    waiting = rig.outbox.queue(CARD, THE_DESK)
    assert await rig.settles() == [("retry", timedelta(seconds=10), "no_desk", False)]
    assert waiting.tries == 0


async def test_redraws_a_card_where_it_stands(rig: Rig) -> None:
    rig.outbox.standing[NUMBER, person().key] = Posted(conversation="a:old", activity="m0")
    rig.outbox.queue(UPDATE)
    assert await rig.settles() == [("done", None)]
    assert rig.wire.asked == [("put", "a:old", "m0")]


async def test_has_nothing_to_redraw_where_no_card_stands(rig: Rig) -> None:
    rig.outbox.queue(UPDATE)
    rig.outbox.queue(UPDATE, THE_DESK)
    assert await rig.settles(2) == [("done", None)] * 2
    assert rig.wire.asked == []


async def test_lets_a_deleted_card_be(rig: Rig) -> None:
    rig.outbox.standing[NUMBER, person().key] = Posted(conversation="a:ada", activity="m0")
    rig.wire.outcomes.append(Outcome(Sent.GONE, why="404 ActivityNotFound"))
    rig.outbox.queue(UPDATE)
    assert await rig.settles() == [("done", None)]
    assert not rig.directory.people["ada"].blocked


async def test_opens_a_chat_with_someone_known_from_elsewhere(rig: Rig) -> None:
    rig.directory.people["ada"] = ADA.but(conversation="")
    rig.outbox.queue(CARD)
    assert await rig.settles() == [("done", Posted(conversation="a:new", activity="m2"))]
    assert rig.wire.asked == [("chat", "29:ada"), ("post", "a:new")]
    assert rig.directory.people["ada"].conversation == "a:new"


async def test_an_unknown_outcome_of_opening_a_chat_leaves_no_doubt(rig: Rig) -> None:
    rig.directory.people["ada"] = ADA.but(conversation="")
    rig.wire.outcomes.append(Outcome(Sent.UNKNOWN, why="503"))
    rig.outbox.queue(CARD)
    assert await rig.settles() == [("retry", timedelta(seconds=1), "503", False)]


@pytest.mark.parametrize("who", [None, ADA.but(blocked="403"), ADA.but(service_url="")])
async def test_gives_up_at_once_on_whom_it_cannot_reach(rig: Rig, who: Any) -> None:
    rig.directory.people = {"ada": who} if who else {}
    rig.outbox.queue()
    assert await rig.settles() == [("dead", "unreachable", "missed")]
    assert rig.counted("dead_total", reason="unreachable") == 1


async def test_gives_up_on_what_there_is_no_case_of(rig: Rig) -> None:
    rig.outbox.queue(event_id="e9")
    assert await rig.settles() == [("dead", "no_event")]
    rig.cases.case = None
    rig.outbox.queue()
    assert (await rig.settles_again(2))[-1] == ("dead", "no_case")


async def test_tells_nobody_of_another_tenants_case(rig: Rig) -> None:
    assert rig.cases.case is not None
    rig.cases.case = rig.cases.case.but(tenant="t2")
    rig.outbox.queue()
    assert await rig.settles() == [("dead", "wrong_tenant")]
    assert rig.wire.asked == []


async def test_sends_nothing_that_the_drawer_has_no_words_for(rig: Rig) -> None:
    rig.drawer.silent = True
    rig.outbox.queue()
    assert await rig.settles() == [("done", None)]
    assert rig.wire.asked == []


async def test_sends_nothing_when_the_lease_is_lost(rig: Rig) -> None:
    rig.outbox.stolen = True
    rig.outbox.queue()
    await rig.until(lambda: rig.counted("retries_total", reason="lease") == 1)
    assert rig.wire.asked == rig.outbox.log == []


async def test_reads_a_case_once_for_all_who_hear_of_it(rig: Rig) -> None:
    rig.outbox.queue(CARD, THE_DESK)
    rig.outbox.queue(MESSAGE, THE_DESK)
    rig.outbox.queue(UPDATE, THE_DESK)
    await rig.settles(4)
    assert rig.cases.reads == 2, "one for all, and one for the card that is redrawn"


# -- outcomes --------------------------------------------------------------------------------

S = timedelta(seconds=1)
POLICY: dict[str, tuple[Outcome, dict[str, Any], tuple[Any, ...]]] = {
    "429": (Outcome(Sent.LATER, why="429", retry_after=5 * S), {}, ("retry", 6 * S, "429", False)),
    "refused": (Outcome(Sent.LATER, why="refused"), {}, ("retry", S, "refused", False)),
    "third try": (Outcome(Sent.LATER), {"tries": 2}, ("retry", 4 * S, "later", False)),
    "tenth try": (Outcome(Sent.LATER), {"tries": 10}, ("retry", 300 * S, "later", False)),
    "unknown": (Outcome(Sent.UNKNOWN, why="504"), {}, ("retry", S, "504", True)),
    "still in doubt": (Outcome(Sent.LATER), {"in_doubt": True}, ("retry", S, "later", False)),
    "fault": (Outcome(Sent.FAULT, why="500"), {}, ("retry", S, "500", True)),
    "wrong": (Outcome(Sent.WRONG, why="413"), {}, ("dead", "413")),
    "gone": (Outcome(Sent.GONE, why="403"), {}, ("dead", "403", "missed")),
    "unauthorized": (Outcome(Sent.UNAUTHORIZED), {}, ("retry", 61 * S, "unauthorized", False)),
    "last unknown": (Outcome(Sent.UNKNOWN, why="504"), {"unknown": 19}, ("dead", "expired: 504")),
    "refused often": (
        Outcome(Sent.LATER, why="429"), {"tries": 90, "unknown": 19},
        ("retry", 300 * S, "429", False),
    ),
    "third fault": (Outcome(Sent.FAULT, why="500"), {"faults": 2}, ("dead", "500")),
    "a day old": (
        Outcome(Sent.UNKNOWN), {"first": NOW - timedelta(hours=24)}, ("dead", "expired: unknown"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("outcome, entry, settled", POLICY.values(), ids=POLICY.keys())
async def test_settles_an_outcome(
    rig: Rig, outcome: Outcome, entry: dict[str, Any], settled: tuple[Any, ...]
) -> None:
    rig.wire.outcomes.append(outcome)
    rig.outbox.queue(**entry)
    assert await rig.settles() == [settled]
    assert rig.counted("answers_total", outcome=str(outcome.sent)) == 1


async def test_tries_a_fault_three_times(rig: Rig) -> None:
    faults = [Outcome(Sent.FAULT, why="500")] * 3
    rig.wire.outcomes.extend([Outcome(Sent.LATER, why="429"), *faults])
    rig.outbox.queue()
    running = asyncio.create_task(rig.worker.run())
    await come_true(lambda: len(rig.outbox.log) >= 4, lambda: rig.later(seconds=30))
    await rig.worker.stop()
    await running
    assert [entry[0] for entry in rig.outbox.log] == ["retry", "retry", "retry", "dead"]


async def test_retires_whom_it_can_write_to_no_more(rig: Rig) -> None:
    rig.wire.outcomes.append(Outcome(Sent.GONE, why="403 MessageWritesBlocked"))
    rig.outbox.queue()
    rig.outbox.queue(event_id="e2")
    assert await rig.settles(2) == [
        ("dead", "403 MessageWritesBlocked", "missed"),
        ("dead", "unreachable", "missed"),
    ]
    assert rig.directory.people["ada"].blocked == "403 MessageWritesBlocked"
    assert len(rig.wire.asked) == 1


async def test_follows_a_person_who_moved_meanwhile(rig: Rig) -> None:
    rig.wire.outcomes.append(Outcome(Sent.GONE, why="404"))
    rig.build(failpoint=lambda name: rig.move() if name == "after_post" else None)
    rig.outbox.queue()
    log = await rig.settles(2)
    assert [entry[0] for entry in log] == ["retry", "done"]
    assert rig.wire.asked == [("post", "a:ada"), ("post", "a:moved")]


async def test_waits_for_a_channel_that_the_bot_was_taken_from(rig: Rig) -> None:
    rig.wire.outcomes.append(Outcome(Sent.GONE, why="403"))
    rig.outbox.queue(CARD, THE_DESK)
    assert await rig.settles() == [("retry", 61 * S, "403", False)]


async def test_gives_up_on_a_thread_that_was_deleted(rig: Rig) -> None:
    rig.outbox.standing[NUMBER, THE_DESK.key] = THREAD
    rig.wire.outcomes += [Outcome(Sent.GONE, why="404")] * 2
    rig.outbox.queue(MESSAGE, THE_DESK)
    assert await rig.settles() == [("retry", 61 * S, "404", False)]
    rig.later(minutes=15)
    assert (await rig.settles_again(2))[-1] == ("dead", "404")


async def test_waits_for_a_thread_of_a_channel_that_it_was_taken_from(rig: Rig) -> None:
    rig.outbox.standing[NUMBER, THE_DESK.key] = THREAD
    rig.wire.outcomes += [Outcome(Sent.GONE, why="403 BotNotInConversationRoster")] * 2
    rig.outbox.queue(MESSAGE, THE_DESK)
    assert (await rig.settles())[0][0] == "retry"
    rig.later(hours=23)
    assert (await rig.settles_again(2))[-1][0] == "retry"
    rig.later(hours=1)
    assert (await rig.settles_again(3))[-1] == ("done", None)


async def test_a_card_of_whom_it_cannot_write_to_is_redrawn_later(rig: Rig) -> None:
    rig.outbox.standing[NUMBER, person().key] = Posted(conversation="a:ada", activity="m")
    rig.wire.outcomes.append(Outcome(Sent.GONE, why="403 MessageWritesBlocked"))
    rig.outbox.queue(UPDATE)
    rig.outbox.queue(UPDATE, event_id="e2")
    assert await rig.settles(2) == [
        ("miss", "403 MessageWritesBlocked"),
        ("miss", "unreachable"),
    ]
    assert rig.directory.people["ada"].blocked == "403 MessageWritesBlocked"
    assert rig.counted("settled_total", how="missed") == 2


async def test_a_card_that_cannot_be_drawn_stops_nobody(
    rig: Rig, caplog: pytest.LogCaptureFixture
) -> None:
    rig.drawer.broken = True
    rig.outbox.queue()
    assert (await rig.settles())[0][0] == "retry"
    assert "failed" in caplog.text


# -- many at once ----------------------------------------------------------------------------


async def test_a_hung_conversation_delays_nobody_else(rig: Rig) -> None:
    for number in range(50):
        chat = f"a:{number}"
        rig.directory.people[chat] = ADA.but(user=chat, conversation=chat)
        rig.outbox.queue(to=person(chat))
    rig.wire.hung = {"a:0", "a:1"}
    await rig.settles(48)
    assert all(entry == ("done", None) for entry in rig.outbox.log)
    assert {lane for lane, queue in rig.outbox.lanes.items() if queue} == {
        "person:a:0", "person:a:1",
    }  # fmt: skip


async def test_keeps_no_more_in_flight_than_it_may(rig: Rig) -> None:
    seen: list[int] = []
    rig.build(most=3, failpoint=lambda _name: seen.append(rig.worker.in_flight))
    for number in range(10):
        rig.directory.people[str(number)] = ADA.but(user=str(number), conversation=f"a:{number}")
        rig.outbox.queue(to=person(str(number)))
    await rig.settles(10)
    assert max(seen) == 3


async def test_leaves_it_to_the_store_when_the_limits_are_reached(rig: Rig) -> None:
    rig.outbox.full = S
    waiting = rig.outbox.queue()
    await rig.until(lambda: rig.counted("retries_total", reason="limits") == 1)
    assert rig.wire.asked == rig.outbox.log == []
    assert waiting.tries == 0
    rig.outbox.full = timedelta()
    rig.later(seconds=1)
    assert (await rig.settles_again(1))[-1] == ("done", None)


async def test_keeps_the_lease_of_what_takes_long(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "BEAT", 0.02)
    rig.wire.hung = {"a:ada"}
    rig.outbox.queue()
    await rig.until(lambda: len([claims for claims in rig.outbox.renewed if claims]) > 2)
    assert {len(claims) for claims in rig.outbox.renewed} <= {0, 1}


async def test_lets_go_of_what_somebody_else_has(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "BEAT", 0.02)
    rig.wire.hung = {"a:ada"}
    rig.outbox.queue()

    def loses() -> bool:
        if rig.outbox.renewed:
            rig.outbox.lost = rig.outbox.renewed[-1]
        return rig.counted("retries_total", reason="lease") == 1

    await rig.until(loses)
    assert rig.worker.in_flight == 0
    assert rig.outbox.log == []


async def test_says_nothing_of_what_was_sent_under_a_lost_lease(rig: Rig) -> None:
    rig.build(failpoint=lambda name: rig.steal() if name == "after_post" else None)
    rig.outbox.queue()
    await rig.until(lambda: rig.counted("retries_total", reason="lease") == 1)
    assert rig.outbox.log == []
    assert rig.counted("settled_total", how="shown") == 0


# -- trouble ---------------------------------------------------------------------------------


@pytest.mark.parametrize("broken", ["claim", "sending", "shown"])
async def test_outlives_a_store_that_is_away(rig: Rig, broken: str) -> None:
    rig.outbox.standing[NUMBER, person().key] = Posted(conversation="a:ada", activity="m0")
    rig.outbox.down.add(broken)
    waiting = rig.outbox.queue(UPDATE)
    running = asyncio.create_task(rig.worker.run())
    await asyncio.sleep(0.1)
    assert rig.wire.asked == []
    rig.outbox.down.clear()
    waiting.due = rig.time
    await come_true(lambda: rig.outbox.empty, lambda: rig.later(seconds=1))
    await rig.worker.stop()
    await running
    assert len(rig.wire.asked) == 1


@pytest.mark.parametrize("broken", ["done", "remember_thread"])
async def test_tells_the_store_what_it_knows_once_it_is_back(rig: Rig, broken: str) -> None:
    rig.outbox.down.add(broken)
    rig.outbox.queue(CARD, THE_DESK)
    running = asyncio.create_task(rig.worker.run())
    await asyncio.sleep(0.15)
    assert not any(entry[0] == "done" for entry in rig.outbox.log)
    rig.outbox.down.clear()
    await come_true(lambda: rig.outbox.empty)
    await rig.worker.stop()
    await running
    assert rig.wire.asked == [("thread", "19:channel")]
    assert rig.outbox.log[-1] == ("done", THREAD)


async def test_ends_what_is_in_flight_and_begins_nothing(rig: Rig) -> None:
    rig.wire.hung = {"a:ada"}
    rig.outbox.queue()
    running = asyncio.create_task(rig.worker.run())
    await come_true(lambda: bool(rig.wire.asked))
    stopping = asyncio.create_task(rig.worker.stop(drain=0.05))
    await asyncio.sleep(0)
    rig.outbox.queue(to=person("bo"))
    await asyncio.wait_for(stopping, 20)
    await running
    assert rig.worker.in_flight == 0
    assert len(rig.wire.asked) == 1
    assert rig.outbox.log == [], "its mark stays: whoever claims it next knows the doubt"


async def test_outlives_a_failure_of_its_own(rig: Rig, caplog: pytest.LogCaptureFixture) -> None:
    def breaks(name: str) -> None:
        if name == "before_done":
            raise RuntimeError("pulled the plug")

    rig.build(failpoint=breaks)
    rig.outbox.queue()
    await rig.until(lambda: "could not be settled" in caplog.text)
    assert rig.outbox.log == []


async def test_a_card_that_is_redrawn_again_right_after_is_not_redrawn(rig: Rig) -> None:
    rig.outbox.standing[NUMBER, THE_DESK.key] = THREAD
    rig.outbox.queue(UPDATE, THE_DESK, moot=True)
    rig.outbox.queue(UPDATE, THE_DESK, event_id="e2")
    assert await rig.settles(2) == [("done", None)] * 2
    assert len(rig.wire.asked) == 1
    assert rig.counted("settled_total", how="superseded") == 1
