"""Carries one claimed notice to its place, once; what follows from the answer is the worker's."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, Protocol, TypeAlias

from cases.model import Case, DeskPlace, Event, Person, Posted
from cases.ports import CaseStore, Claim, Clock, Connector, Directory, Outbox, Outcome, Sent
from cases.vocabulary import Audience, NoticeKind
from delivery.limits import Limits
from delivery.policy import LONGEST_AGE

SOON: Final = timedelta(seconds=1)
NO_DESK_PAUSE: Final = timedelta(seconds=10)
THREAD_PATIENCE: Final = timedelta(minutes=1)
"""How long a message waits for its thread, which an earlier notice of the lane should have made."""

RECENT: Final = timedelta(seconds=1)
MOST_RECENT: Final = 256


@dataclass(frozen=True)
class ToPerson:
    """The personal chat with someone; `shown` is the case's living card there."""

    person: Person
    shown: Posted | None = None


@dataclass(frozen=True)
class ToDesk:
    """The desk's channel; `shown` is the root of the case's thread, once there is one."""

    desk: DeskPlace
    shown: Posted | None = None


Place: TypeAlias = ToPerson | ToDesk


@dataclass(frozen=True)
class Drawing:
    """What a notice says at its place: the JSON of an activity, without id and conversation."""

    activity: dict[str, object]


class Drawer(Protocol):
    """Turns a notice into words; pure but for what it has to look up."""

    async def draw(self, claim: Claim, case: Case, event: Event, to: Place) -> Drawing | None:
        """Return the message, in the language of the place; none if there is nothing to say."""
        ...


@dataclass(frozen=True)
class Shown:
    """It stands; `posted` for a living card, `thread` for the root of a new thread."""

    posted: Posted | None = None
    thread: str = ""


@dataclass(frozen=True)
class Nothing:
    """There is nothing to show, or no longer anything to show it on."""


@dataclass(frozen=True)
class Wait:
    """Not now, and nothing was tried."""

    after: timedelta
    why: str


@dataclass(frozen=True)
class Refused:
    """It was tried and does not stand, as far as is known."""

    outcome: Outcome
    to: Place | None = None


@dataclass(frozen=True)
class Undeliverable:
    """There is no way to the recipient; nothing was tried."""

    why: str


@dataclass(frozen=True)
class Lost:
    """The lease is somebody else's by now."""


Fate: TypeAlias = Shown | Nothing | Wait | Refused | Undeliverable | Lost


class _Ends(Exception):
    """The notice's fate is known before its end was reached."""

    def __init__(self, fate: Fate) -> None:
        super().__init__(fate)
        self.fate = fate


class Postman:
    """Finds the place of a notice, has it drawn and sends it."""

    def __init__(
        self,
        outbox: Outbox,
        cases: CaseStore,
        directory: Directory,
        connector: Connector,
        drawer: Drawer,
        *,
        limits: Limits,
        clock: Clock,
        failpoint: Callable[[str], None],
    ) -> None:
        self._outbox = outbox
        self._cases = cases
        self._directory = directory
        self._connector = connector
        self._drawer = drawer
        self._limits = limits
        self._clock = clock
        self._failpoint = failpoint
        self._kept: dict[tuple[str, str], tuple[datetime, tuple[Case, Event]]] = {}

    async def carry(self, claim: Claim) -> Fate:
        """Deliver a notice and say what became of it; raises `Unavailable`."""
        try:
            case, event = await self._told(claim)
            to = await self._place(claim)
            self._keep_limits(claim, to)
            drawing = await self._drawn(claim, case, event, to)
            if not await self._outbox.sending(claim):
                return Lost()
            return await self._send(claim, to, drawing.activity)
        except _Ends as end:
            return end.fate

    async def find(self, claim: Claim) -> tuple[Case, Event] | None:
        """Return the case and the event that a notice tells of; none if there is no such thing."""
        try:
            return await self._told(claim)
        except _Ends:
            return None

    async def _told(self, claim: Claim) -> tuple[Case, Event]:
        told = self._recent(claim) or await self._read(claim)
        if told[0].tenant != claim.tenant:
            raise _Ends(Undeliverable("wrong_tenant"))
        return told

    def _recent(self, claim: Claim) -> tuple[Case, Event] | None:
        """Return what another recipient of the same event was told just now.

        A redrawn card must show the case as it is; everything else may be a moment old, since the
        change of that moment brings a notice of its own.
        """
        notice = claim.notice
        kept = self._kept.get((notice.case, notice.event))
        fresh = kept is not None and abs(self._clock() - kept[0]) < RECENT
        return kept[1] if kept and fresh and notice.kind is not NoticeKind.UPDATE else None

    async def _read(self, claim: Claim) -> tuple[Case, Event]:
        notice = claim.notice
        asked = self._clock()
        read = await self._cases.read(notice.case, events=1)
        if read is None:
            raise _Ends(Undeliverable("no_case"))
        case, latest = read
        # Most notices tell of the latest event, so that one look-up serves.
        found = next((event for event in latest if event.id == notice.event), None)
        event = found or await self._cases.event(notice.case, notice.event)
        if event is None:
            raise _Ends(Undeliverable("no_event"))
        if len(self._kept) >= MOST_RECENT:
            self._kept.clear()
        self._kept[notice.case, notice.event] = (asked, (case, event))
        return case, event

    # -- where -------------------------------------------------------------------------------

    async def _place(self, claim: Claim) -> Place:
        shown = await self._shown(claim)
        if claim.notice.to.audience is Audience.DESK:
            return await self._desk(claim, shown)
        return await self._person(claim, shown)

    async def _shown(self, claim: Claim) -> Posted | None:
        """Return what stands of the case at the recipient, if this notice builds on it."""
        notice = claim.notice
        update = notice.kind is NoticeKind.UPDATE
        reply = notice.kind is NoticeKind.MESSAGE and notice.to.audience is Audience.DESK
        if not (update or reply):
            return None
        shown = await self._outbox.shown(notice.case, notice.to)
        if shown is None and update:
            raise _Ends(Nothing())
        if shown is None:
            raise _Ends(self._threadless(claim))
        return shown

    def _threadless(self, claim: Claim) -> Fate:
        age = self._clock() - claim.first_due
        return Wait(SOON, "no_thread") if age < THREAD_PATIENCE else Undeliverable("no_thread")

    async def _desk(self, claim: Claim, shown: Posted | None) -> Place:
        desk = await self._directory.desk()
        if desk is not None:
            return ToDesk(desk, shown)
        age = self._clock() - claim.first_due
        waits = age < LONGEST_AGE
        raise _Ends(Wait(NO_DESK_PAUSE, "no_desk") if waits else Undeliverable("no_desk"))

    async def _person(self, claim: Claim, shown: Posted | None) -> Place:
        person = await self._directory.person(claim.tenant, claim.notice.to.user)
        if person is not None and _can_be_met(person):
            return ToPerson(person, shown)
        # A card that cannot be redrawn now is no message that anybody misses.
        raise _Ends(Nothing() if shown is not None else Undeliverable("unreachable"))

    def _keep_limits(self, claim: Claim, to: Place) -> None:
        tenant, conversation = _limited(to)
        wait = self._limits.ask(tenant, conversation, f"{claim.tenant} {claim.lane}")
        if wait > 0:
            raise _Ends(Wait(timedelta(seconds=wait), "limits"))

    async def _drawn(self, claim: Claim, case: Case, event: Event, to: Place) -> Drawing:
        drawing = await self._drawer.draw(claim, case, event, to)
        if drawing is None:
            raise _Ends(Nothing())
        return drawing

    # -- sending -----------------------------------------------------------------------------

    async def _send(self, claim: Claim, to: Place, activity: dict[str, object]) -> Fate:
        if isinstance(to, ToPerson) and not to.person.conversation:
            to = await self._met(to)
        self._failpoint("before_post")
        outcome = await self._call(claim, to, activity)
        self._failpoint("after_post")
        if outcome.ok:
            return _stands(claim, to, outcome)
        if outcome.sent is Sent.GONE and claim.notice.kind is NoticeKind.UPDATE:
            # Someone deleted the message that was to be replaced.
            return Nothing()
        return Refused(outcome, to)

    async def _met(self, to: ToPerson) -> ToPerson:
        """Open the personal chat with someone who is known from elsewhere only."""
        person = to.person
        outcome = await self._connector.start_chat(
            person.service_url, person.tenant, person.channel_user
        )
        if not outcome.ok:
            # Opening a chat shows nothing: an unknown outcome of it leaves no doubt.
            harmless = outcome.sent is Sent.UNKNOWN
            refused = replace(outcome, sent=Sent.LATER) if harmless else outcome
            raise _Ends(Refused(refused, to))
        self._limits.count(person.tenant, outcome.conversation)
        fresh = await self._directory.person(person.tenant, person.user) or person
        met = fresh.but(conversation=fresh.conversation or outcome.conversation)
        await self._directory.remember(met)
        return ToPerson(met, to.shown)

    async def _call(self, claim: Claim, to: Place, activity: dict[str, object]) -> Outcome:
        if claim.notice.kind is NoticeKind.UPDATE and to.shown is not None:
            shown = to.shown
            return await self._connector.put(
                _service_url(to), shown.conversation, shown.activity, activity
            )
        if isinstance(to, ToPerson):
            person = to.person
            return await self._connector.post(person.service_url, person.conversation, activity)
        desk = to.desk
        if to.shown is not None:
            return await self._connector.post(desk.service_url, to.shown.conversation, activity)
        return await self._connector.start_thread(
            desk.service_url, desk.tenant, desk.channel, activity
        )


def _can_be_met(person: Person) -> bool:
    known = bool(person.service_url and (person.conversation or person.channel_user))
    return known and not person.blocked


def _service_url(to: Place) -> str:
    return to.person.service_url if isinstance(to, ToPerson) else to.desk.service_url


def _limited(to: Place) -> tuple[str, str]:
    """Return the tenant and the conversation whose limits a message counts against."""
    if isinstance(to, ToPerson):
        return to.person.tenant, to.person.conversation or to.person.channel_user
    return to.desk.tenant, to.desk.channel


def _stands(claim: Claim, to: Place, outcome: Outcome) -> Shown:
    if claim.notice.kind is not NoticeKind.CARD:
        return Shown()
    if isinstance(to, ToPerson):
        posted = Posted(conversation=to.person.conversation, activity=outcome.activity)
        return Shown(posted if outcome.activity else None)
    if not outcome.activity:
        return Shown()
    posted = Posted(conversation=outcome.conversation, activity=outcome.activity)
    return Shown(posted, thread=outcome.conversation)
