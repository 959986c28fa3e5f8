"""Ports of the worker as small fakes: an outbox in memory, a directory, a scripted connector."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from cases.errors import Unavailable
from cases.model import Actor, Case, DeskPlace, Event, Notice, Person, Posted, Receipt, Recipient
from cases.ports import Backlog, Claim, Marked, Member, Outcome, Quota, Sent
from cases.vocabulary import Audience, Category, NoticeKind, Origin, Role, Status, Verb
from delivery.fates import Place
from delivery.postman import Drawing

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
TENANT = "t1"
NUMBER = "TNS-000123"
DESK = DeskPlace(service_url="https://smba/", tenant="desk", team="19:team", channel="19:channel")
ADA = Person(
    tenant=TENANT,
    user="ada",
    channel_user="29:ada",
    service_url="https://smba/",
    conversation="a:ada",
)
BY = Actor(user="ada", name="Ada", role=Role.REQUESTER)
CASE = Case(
    uid="draft",
    number=NUMBER,
    tenant=TENANT,
    requester=BY,
    category=Category.GENERAL_INQUIRY,
    country="FR",
    title="A title",
    description="Words",
    created=NOW,
    updated=NOW,
    due=NOW,
)


def event(event_id: str = "e1") -> Event:
    return Event(
        id=event_id, verb=Verb.OPEN, at=NOW, by=BY, origin=Origin.CHAT, status=Status.SUBMITTED
    )


def person(user: str = "ada") -> Recipient:
    return Recipient(audience=Audience.PERSON, user=user)


THE_DESK = Recipient(audience=Audience.DESK)


@dataclass
class Waiting:
    """A notice in a lane."""

    notice: Notice
    lane: str
    due: datetime
    first: datetime
    tries: int = 0
    in_doubt: bool = False
    unknown: int = 0
    faults: int = 0
    leased: bool = False
    moot: bool = False


class Outbox:
    """Lanes in memory; `store` fails while it is down."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self.clock = clock
        self.lanes: dict[str, deque[Waiting]] = {}
        self.log: list[tuple[Any, ...]] = []
        self.standing: dict[tuple[str, str], Posted] = {}
        self.down: set[str] = set()
        self.stolen = False
        self.full = timedelta()
        self.renewed: list[tuple[Claim, ...]] = []
        self.lost: tuple[Claim, ...] = ()
        self.known: set[str] = set()
        self.receipts: list[Receipt] = []

    def queue(
        self,
        kind: NoticeKind = NoticeKind.MESSAGE,
        to: Recipient | None = None,
        event_id: str = "e1",
        **changes: Any,
    ) -> Waiting:
        to = to or person()
        notice = Notice.about(CASE, event(event_id), to, kind)
        now = self.clock()
        entry = replace(Waiting(notice, to.key, now, now), **changes)
        self.lanes.setdefault(entry.lane, deque()).append(entry)
        return entry

    def _check(self, name: str) -> None:
        if name in self.down or "all" in self.down:
            raise Unavailable("down")

    async def claim(self, worker: str, most: int) -> tuple[Claim, ...]:
        self._check("claim")
        heads = [lane[0] for lane in self.lanes.values() if lane]
        free = [head for head in heads if not head.leased and head.due <= self.clock()][:most]
        for head in free:
            head.leased = True
        return tuple(self._claim(head, worker) for head in free)

    def _claim(self, head: Waiting, worker: str) -> Claim:
        return Claim(
            tenant=TENANT,
            lane=head.lane,
            token=worker,
            notice=head.notice,
            attempts=head.tries,
            in_doubt=head.in_doubt,
            first_due=head.first,
            unknown=head.unknown,
            faults=head.faults,
            moot=head.moot,
        )

    async def next_due(self) -> timedelta | None:
        return None

    async def wait(self, most: timedelta) -> None:
        await asyncio.sleep(0.001)

    async def renew(self, claims: Sequence[Claim]) -> tuple[Claim, ...]:
        self._check("renew")
        self.renewed.append(tuple(claims))
        return self.lost

    async def sending(self, claim: Claim, quotas: Sequence[Quota] = ()) -> Marked:
        self._check("sending")
        head = self.lanes[claim.lane][0]
        if self.full and quotas:
            head.due, head.leased = self.clock() + self.full, False
            return Marked.WAITING
        head.tries += 1
        return Marked.LOST if self.stolen else Marked.SENDING

    async def done(
        self, claim: Claim, posted: Posted | None = None, receipt: Receipt | None = None
    ) -> bool:
        self._check("done")
        if self.stolen:
            return False
        self.lanes[claim.lane].popleft()
        if posted:
            self.standing[claim.notice.case, claim.notice.to.key] = posted
        self.log.append(("done", posted))
        self.receipts += [receipt] if receipt else []
        return True

    async def retry(
        self,
        claim: Claim,
        after: timedelta,
        why: str,
        *,
        in_doubt: bool = False,
        fault: bool = False,
    ) -> bool:
        self._check("retry")
        head = self.lanes[claim.lane][0]
        head.due, head.leased = self.clock() + after, False
        head.in_doubt = head.in_doubt or in_doubt
        head.unknown += in_doubt
        head.faults += fault
        self.log.append(("retry", after, why, in_doubt))
        return True

    async def dead(
        self, claim: Claim, why: str, *, missed: bool = False, receipt: Receipt | None = None
    ) -> bool:
        self._check("dead")
        self.lanes[claim.lane].popleft()
        self.log.append(("dead", why, "missed") if missed else ("dead", why))
        self.receipts += [receipt] if receipt else []
        return True

    async def miss(self, claim: Claim, why: str) -> bool:
        self._check("miss")
        self.lanes[claim.lane].popleft()
        self.log.append(("miss", why))
        return True

    async def backlog(self) -> Backlog:
        return Backlog(sum(map(len, self.lanes.values())), timedelta(), 0)

    async def shown(self, number: str, to: Recipient) -> Posted | None:
        self._check("shown")
        return self.standing.get((number, to.key))

    async def queued(self, tenant: str, notice_id: str) -> bool:
        self._check("queued")
        return notice_id in self.known

    async def remember_thread(self, conversation: str, number: str) -> None:
        self._check("remember_thread")
        self.log.append(("thread", conversation, number))

    @property
    def empty(self) -> bool:
        return not any(self.lanes.values())


class Cases:
    """One case and its events."""

    def __init__(self) -> None:
        self.case: Case | None = CASE
        self.reads = 0
        self.events = [event("e0"), event("e1"), event("e2")]

    async def create(self, *_: Any) -> Any:
        raise NotImplementedError

    change = page = create

    async def batch(self, tenant: str, batch: str) -> tuple[Case, ...]:
        return ()

    async def load(self, number: str) -> Case | None:
        return self.case

    async def read(self, number: str, events: int = 50) -> tuple[Case, tuple[Event, ...]] | None:
        self.reads += 1
        return (self.case, tuple(self.events[-events:])) if self.case else None

    async def event(self, number: str, event_id: str) -> Event | None:
        return next((one for one in self.events if one.id == event_id), None)


class Directory:
    """People by user, and the desk."""

    def __init__(self) -> None:
        self.people = {"ada": ADA}
        self.place: DeskPlace | None = DESK

    async def person(self, tenant: str, user: str) -> Person | None:
        return self.people.get(user)

    async def by_email(self, tenant: str, emails: Sequence[str]) -> dict[str, str]:
        found = {each.email: user for user, each in self.people.items() if each.email}
        return {email: found[email] for email in emails if email in found}

    async def remember(self, person: Person, *news: str) -> None:
        self.people[person.user] = person

    async def desk(self) -> DeskPlace | None:
        return self.place

    async def remember_desk(self, place: DeskPlace) -> None:
        self.place = place

    async def case_of_thread(self, conversation: str) -> str | None:
        return None


@dataclass
class Wire:
    """Gives the next outcome, a success when none is left; notes what was asked."""

    outcomes: deque[Outcome] = field(default_factory=deque)
    asked: list[tuple[str, ...]] = field(default_factory=list)
    hung: set[str] = field(default_factory=set)

    async def _next(self, *asked: str) -> Outcome:
        self.asked.append(asked)
        if self.hung & set(asked):
            await asyncio.sleep(3600)
        if self.outcomes:
            return self.outcomes.popleft()
        return Outcome(Sent.DONE, activity=f"m{len(self.asked)}")

    async def post(self, service_url: str, conversation: str, activity: Any) -> Outcome:
        return await self._next("post", conversation)

    async def put(
        self, service_url: str, conversation: str, activity_id: str, activity: Any
    ) -> Outcome:
        return await self._next("put", conversation, activity_id)

    async def delete(self, service_url: str, conversation: str, activity_id: str) -> Outcome:
        return await self._next("delete", conversation, activity_id)

    async def start_thread(
        self, service_url: str, tenant: str, channel: str, activity: Any
    ) -> Outcome:
        outcome = await self._next("thread", channel)
        thread = f"{channel};messageid={outcome.activity}"
        return replace(outcome, conversation=thread) if outcome.ok else outcome

    async def start_chat(self, service_url: str, tenant: str, channel_user: str) -> Outcome:
        outcome = await self._next("chat", channel_user)
        return replace(outcome, activity="", conversation="a:new") if outcome.ok else outcome

    async def member(self, service_url: str, conversation: str, user: str) -> Member | None:
        return None

    async def roster(self, service_url: str, team: str) -> tuple[Member, ...] | None:
        return None

    async def download(self, url: str, service_url: str = "") -> AsyncIterator[bytes]:
        yield b""


class Drawer:
    """Draws the event's id, unless it is told otherwise."""

    def __init__(self) -> None:
        self.silent = False
        self.broken = False
        self.drawn: list[Place] = []

    async def draw(self, claim: Claim, case: Case, event: Event, to: Place) -> Drawing | None:
        if self.broken:
            raise KeyError("a card")
        self.drawn.append(to)
        assert event.id == claim.notice.event
        return None if self.silent else Drawing({"type": "message", "text": event.id})
