"""Long checks are told of while they go on, and come to something whatever goes wrong."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from botbuilder.core import BotAdapter, TurnContext
from botbuilder.schema import Activity, ResourceResponse

from bot.inbound import Account, Conversation, Inbound
from bot.long_checks import LongChecks
from cases.errors import Conflict, DeskError, Rejected, Unavailable
from cases.findings import Purpose, Summary
from cases.model import FileRef, Problem
from cases.ports import Checked, Upload
from dialogs.lists import Lists, Reading
from dialogs.turn import LongCheck

Progress = Callable[[int, int], None]
SUMMARY = Summary(
    rows=9, numbers=0, kinds={}, stops={}, cautions={}, repaired={}, findings=(), groups=()
)


@dataclass
class Checking:
    """Checks that end when they are told to."""

    outcome: Exception | None = None
    may_end: asyncio.Event = field(default_factory=asyncio.Event)
    seen: list[str] = field(default_factory=list)
    done: tuple[int, int] = (0, 0)

    async def check(
        self,
        tenant: str,
        source: str | FileRef,
        purpose: Purpose,
        language: str,
        progress: Progress | None = None,
        but: str = "",
        *,
        at_once: bool = False,
    ) -> Checked:
        assert isinstance(source, FileRef)
        self.seen.append(source.name)
        if progress and self.done[1]:
            progress(*self.done)
        await self.may_end.wait()
        if self.outcome:
            raise self.outcome
        return Checked(SUMMARY, b"", b"", ())


class Keeping:
    """Stores nothing."""

    async def take(self, tenant: str, upload: Upload) -> FileRef:
        raise NotImplementedError

    async def text(self, tenant: str, file: FileRef) -> str | None:
        raise NotImplementedError

    async def save(self, tenant: str, name: str, content: bytes) -> FileRef:
        return FileRef(sha256="0" * 64, name=name, size=len(content), media_type="text/csv")


async def no_list(_tenant: str, _value: object) -> tuple[str, ...]:
    return ()


class Wire(BotAdapter):
    """Remembers which message was replaced, and by what."""

    def __init__(self) -> None:
        super().__init__()
        self.replaced: asyncio.Queue[tuple[str, str]] = asyncio.Queue()
        self.answers = asyncio.Event()
        self.answers.set()
        self.arrived: list[str] = []

    async def send_activities(
        self, context: TurnContext, activities: list[Activity]
    ) -> list[ResourceResponse]:
        raise NotImplementedError

    async def update_activity(self, context: TurnContext, activity: Activity) -> ResourceResponse:
        self.replaced.put_nowait((activity.id, str(activity.attachments or activity.text)))
        await self.answers.wait()
        self.arrived.append(activity.id)
        return ResourceResponse(id=activity.id)

    async def delete_activity(self, context: TurnContext, reference: object) -> None:
        raise NotImplementedError


@dataclass
class Desk:
    """Long checks with all that they hang on."""

    checking: Checking = field(default_factory=Checking)
    wire: Wire = field(default_factory=Wire)
    ended: list[tuple[Reading | Problem, str]] = field(default_factory=list)
    refusing: list[DeskError] = field(default_factory=list)
    running: list[asyncio.Task[None]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.long_checks = LongChecks(Lists(self.checking, Keeping(), no_list))

    def begins(self, name: str, message: str = "m1", chat: str = "chat") -> None:
        inbound = Inbound(
            type="message",
            sender=Account(id="29:ada"),
            conversation=Conversation(id=chat, tenantId="contoso"),
        )
        source = FileRef(sha256=name * 64, name=name, size=9, media_type="text/csv")
        check = LongCheck(source, Purpose(region="FR"), "en", "draft")
        context = TurnContext(self.wire, Activity())
        run = self.long_checks.run(context, inbound, check, message, self._take)
        self.running.append(asyncio.create_task(run))

    async def _take(self, outcome: Reading | Problem, over: str) -> None:
        if self.refusing:
            raise self.refusing.pop()
        self.ended.append((outcome, over))

    async def finishes(self) -> None:
        self.checking.may_end.set()
        await asyncio.gather(*self.running)

    async def idles(self) -> None:
        for _ in range(20):
            await asyncio.sleep(0)


def code_of(outcome: Reading | Problem) -> str:
    return outcome.code if isinstance(outcome, Problem) else ""


@pytest.mark.parametrize(
    "trouble, code",
    [
        (None, ""),
        (Rejected("list_too_long", most=9), "list_too_long"),
        (Unavailable("store"), "check_failed"),
        (ZeroDivisionError(), "unexpected"),
    ],
)
async def test_whatever_a_check_comes_to_is_told(trouble: Exception | None, code: str) -> None:
    desk = Desk(Checking(trouble))
    desk.begins("a")
    await desk.finishes()
    assert [(code_of(outcome), over) for outcome, over in desk.ended] == [(code, "m1")]


@pytest.mark.parametrize("trouble", [Unavailable("store"), Conflict()])
async def test_a_check_is_not_lost_while_the_store_is_away(trouble: DeskError) -> None:
    desk = Desk(refusing=[trouble])
    desk.begins("a")
    await desk.finishes()
    assert len(desk.ended) == 1


async def test_a_list_that_is_being_checked_is_not_checked_twice() -> None:
    desk = Desk()
    desk.begins("a", "m1")
    desk.begins("a", "m2")
    await desk.finishes()
    assert desk.checking.seen == ["a"]
    assert [over for _, over in desk.ended] == ["m2"]


async def test_the_lists_of_one_chat_wait_for_each_other_and_keep_nobody_else_waiting() -> None:
    desk = Desk()
    desk.begins("a")
    desk.begins("b")
    desk.begins("c", chat="another")
    await desk.idles()
    assert desk.checking.seen == ["a", "c"]
    await desk.finishes()
    assert desk.checking.seen == ["a", "c", "b"]
    assert len(desk.ended) == 3


async def test_progress_is_told_in_the_message_that_was_asked_for_last() -> None:
    desk = Desk(Checking(done=(4000, 9000)))
    desk.begins("a", "m1")
    desk.begins("a", "m2")
    async with asyncio.timeout(20):
        over, said = await desk.wire.replaced.get()
    assert over == "m2"
    assert "4,000" in said
    assert "9,000" in said
    await desk.finishes()


async def test_an_edit_on_its_way_arrives_before_what_the_check_came_to() -> None:
    desk = Desk(Checking(done=(4000, 9000)))
    desk.wire.answers.clear()
    desk.begins("a", "m1")
    async with asyncio.timeout(20):
        await desk.wire.replaced.get()
    desk.checking.may_end.set()
    await desk.idles()
    assert desk.ended == []
    desk.wire.answers.set()
    await desk.finishes()
    assert desk.wire.arrived == ["m1"]
    assert len(desk.ended) == 1


async def test_an_edit_that_hangs_holds_nothing_up_for_long(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("bot.long_checks.EDITED_WITHIN", 0.01)
    desk = Desk(Checking(done=(4000, 9000)))
    desk.wire.answers.clear()
    desk.begins("a", "m1")
    async with asyncio.timeout(20):
        await desk.wire.replaced.get()
    await desk.finishes()
    assert desk.wire.arrived == []
    assert len(desk.ended) == 1


async def test_nothing_is_told_after_the_end() -> None:
    desk = Desk(Checking(done=(4000, 9000)))
    desk.begins("a")
    await desk.idles()
    await desk.finishes()
    assert desk.wire.replaced.empty()
    assert all(task.done() for task in asyncio.all_tasks() - {asyncio.current_task()})
