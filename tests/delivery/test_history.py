"""Reading back what stands in the desk's channel: only what is there, and only for the channel."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import aiohttp
import pytest

from cases.model import DeskPlace, Posted
from cases.ports import Outcome, Sent
from cases.vocabulary import NoticeKind
from delivery.history import NOT_GRANTED, GraphHistory
from delivery.tokens import NoToken
from tests.delivery.desk import DESK, NOW, NUMBER, THE_DESK
from tests.delivery.test_worker import THREAD, Rig
from tests.delivery.wire import Answer, Teams, drops, says, teams

ROOT, MARK = "1795000000000", "notice-0123"


class Token(NoToken):
    async def token(self) -> str:
        return "for-graph"


@dataclass
class Asking:
    """A Graph that answers as it is told, and who asks it."""

    graph: Teams
    history: GraphHistory
    time: datetime = NOW
    groups: list[str] = field(default_factory=lambda: ["the-group"])

    async def find(self, root: str = "", desk: DeskPlace = DESK) -> str | None:
        return await self.history.find(desk, root, MARK)


@pytest.fixture
async def asking() -> AsyncIterator[Asking]:
    async with teams() as graph, aiohttp.ClientSession() as session:
        found = Asking(graph, None)  # type: ignore[arg-type]

        async def group_of(_service_url: str, _team: str) -> str:
            return found.groups[0] if found.groups else ""

        found.history = GraphHistory(
            session, Token(), url=graph.url + "graph", group_of=group_of, clock=lambda: found.time
        )
        yield found


def message(name: str, mark: str = "") -> dict[str, object]:
    card = f'{{"type": "AdaptiveCard", "body": [{{"type": "TextBlock", "id": "{mark}"}}]}}'
    return {"id": name, "attachments": [{"contentType": "card", "content": card}]}


async def test_a_root_is_found_by_its_mark(asking: Asking) -> None:
    asking.graph.will(says(200, {"value": [message("1"), message("2", MARK), message("3")]}))
    assert await asking.find() == "2"
    (asked,) = asking.graph.asked
    assert asked.path == "/emea/graph/v1.0/teams/the-group/channels/19%3Achannel/messages?$top=50"
    assert asked.headers["Authorization"] == "Bearer for-graph"


async def test_a_reply_is_looked_for_in_its_thread(asking: Asking) -> None:
    asking.graph.will(says(200, {"value": [message("2", MARK)]}))
    assert await asking.find(ROOT) == "2"
    assert f"/messages/{ROOT}/replies?" in asking.graph.asked[0].path


async def test_what_is_not_there_is_not_found(asking: Asking) -> None:
    asking.graph.will(says(200, {"value": [message("1", "notice-0124")]}))
    assert await asking.find() == ""


async def test_more_pages_are_read_but_not_for_ever(asking: Asking) -> None:
    more = {"value": [message("1")], "@odata.nextLink": f"{asking.graph.url}graph/more"}
    asking.graph.will(says(200, more), says(200, {"value": [message("9", MARK)]}))
    assert await asking.find() == "9"
    asking.graph.will(*[says(200, more)] * 9)
    assert await asking.find() == ""
    assert len(asking.graph.asked) == 2 + 4


async def test_the_token_goes_nowhere_else(asking: Asking) -> None:
    async with teams() as other:
        asking.graph.will(says(200, {"value": [], "@odata.nextLink": f"{other.url}more"}))
        assert await asking.find() == ""
        assert other.asked == []


@pytest.mark.parametrize("status", [401, 403, 404])
async def test_whoever_may_not_read_does_not_ask_all_the_time(asking: Asking, status: int) -> None:
    asking.graph.will(says(status, {"error": {"code": "Forbidden"}}))
    assert await asking.find() == ""
    asking.graph.will(says(200, {"value": [message("2", MARK)]}))
    asking.time += NOT_GRANTED - timedelta(seconds=1)
    assert await asking.find() == ""
    assert len(asking.graph.asked) == 1
    asking.time += timedelta(seconds=1)
    assert await asking.find() == "2"


async def test_a_thread_that_is_gone_is_no_reason_to_ask_no_more(asking: Asking) -> None:
    asking.graph.will(says(404, {"error": {"code": "NotFound"}}))
    assert await asking.find(ROOT) == ""
    asking.graph.will(says(200, {"value": [message("2", MARK)]}))
    assert await asking.find() == "2"


@pytest.mark.parametrize(
    "answer",
    [says(503), says(200, "no object"), says(302, None, Location="/elsewhere"), drops],
)
async def test_a_graph_that_does_not_answer_is_asked_again(asking: Asking, answer: Answer) -> None:
    asking.graph.will(answer)
    assert await asking.find() is None
    asking.graph.will(says(200, {"value": [message("2", MARK)]}))
    assert await asking.find() == "2"


async def test_a_page_may_be_long_and_come_in_pieces(asking: Asking) -> None:
    many = [message(str(number)) | {"summary": "x" * 20_000} for number in range(49)]
    asking.graph.will(says(200, {"value": [*many, message("50", MARK)]}))
    assert await asking.find() == "50"


async def test_an_unknown_group_is_asked_for_again(asking: Asking) -> None:
    asking.groups.clear()
    assert await asking.find() is None
    asking.groups.append("the-group")
    asking.graph.will(says(200, {"value": [message("2", MARK)]}))
    assert await asking.find() == "2"


@dataclass
class History:
    """Has what it is told."""

    stands: str | None = ""
    asked: list[tuple[str, str]] = field(default_factory=list)

    async def find(self, desk: DeskPlace, root: str, mark: str) -> str | None:
        self.asked.append((root, mark))
        return self.stands


class TestAPostOfUnknownOutcome:
    @asynccontextmanager
    async def in_doubt(self, stands: str | None) -> AsyncIterator[tuple[Rig, History]]:
        rig, history = Rig(), History(stands)
        rig.build(history=history)
        yield rig, history

    async def test_is_adopted_if_it_stands(self) -> None:
        async with self.in_doubt("77") as (rig, history):
            entry = rig.outbox.queue(NoticeKind.CARD, THE_DESK, in_doubt=True)
            log = await rig.settles(2)
            posted = Posted(conversation="19:channel;messageid=77", activity="77")
            assert log == [("thread", posted.conversation, NUMBER), ("done", posted)]
            assert history.asked == [("", f"notice-{entry.notice.id}")]
            assert rig.wire.asked == []
            assert rig.counted("settled_total", how="found") == 1

    async def test_is_sent_again_if_it_does_not(self) -> None:
        async with self.in_doubt("") as (rig, _):
            rig.outbox.queue(NoticeKind.CARD, THE_DESK, in_doubt=True)
            await rig.settles(2)
            assert [asked[0] for asked in rig.wire.asked] == ["thread"]

    async def test_is_looked_for_after_the_try_that_left_the_doubt(self) -> None:
        async with self.in_doubt("78") as (rig, history):
            rig.outbox.standing[NUMBER, THE_DESK.key] = THREAD
            rig.wire.outcomes.append(Outcome(Sent.UNKNOWN, why="502"))
            rig.outbox.queue(NoticeKind.MESSAGE, THE_DESK)
            await rig.settles()
            assert history.asked == []
            rig.later(seconds=10)
            rig.build(history=history)
            assert (await rig.settles(2))[-1] == ("done", None)
            assert [root for root, _ in history.asked] == [THREAD.activity]
            assert len(rig.wire.asked) == 1

    async def test_waits_for_a_while_if_nobody_can_tell(self) -> None:
        async with self.in_doubt(None) as (rig, history):
            rig.outbox.queue(NoticeKind.CARD, THE_DESK, in_doubt=True)
            ((what, _, why, in_doubt),) = await rig.settles()
            assert (what, why, in_doubt) == ("retry", "unread", False)
            assert rig.wire.asked == []
            rig.later(minutes=6)
            rig.build(history=history)
            await rig.settles(3)
            assert [asked[0] for asked in rig.wire.asked] == ["thread"]

    async def test_in_a_personal_chat_nobody_can_look(self) -> None:
        async with self.in_doubt("77") as (rig, history):
            rig.outbox.queue(in_doubt=True)
            await rig.settles()
            assert history.asked == []
            assert len(rig.wire.asked) == 1
