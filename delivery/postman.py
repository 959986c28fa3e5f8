"""Carries one claimed notice to its place, once; what follows from the answer is the worker's.

The place is looked up each time, so that a notice that waits for a mail server still goes to the
chat of whoever came back meanwhile.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, Protocol

from cards.message import marked
from cases import deeds
from cases.model import Case, DeskPlace, Event, Notice, Person, Posted
from cases.ports import (
    CaseStore,
    Claim,
    Clock,
    Connector,
    Directory,
    Marked,
    Outbox,
    Outcome,
    Quota,
    Sent,
)
from cases.vocabulary import Audience, NoticeKind
from delivery.fates import (
    NOBODY,
    Fate,
    Lost,
    Missed,
    Nothing,
    Place,
    Queued,
    Refused,
    Shown,
    ToDesk,
    ToMailbox,
    ToPerson,
    Undeliverable,
    Wait,
)
from delivery.limits import Limits
from delivery.policy import LONGEST_AGE
from delivery.receipts import obstacle_of, obstacle_with

SOON: Final = timedelta(seconds=1)
NO_DESK_PAUSE: Final = timedelta(seconds=10)
THREAD_PATIENCE: Final = timedelta(minutes=1)
"""How long a message waits for its thread, which an earlier notice of the lane should have made."""

READ_PATIENCE: Final = timedelta(minutes=5)
"""How long a post of unknown outcome waits for the channel to be readable."""

MAILS_AT_ONCE: Final = 5
"""However slow the mail server is, no more lanes than these wait for it to answer."""
MAIL_GAP: Final = timedelta(seconds=0.1)
LONGEST_MAIL_GAP: Final = timedelta(seconds=30)

RECENT: Final = timedelta(seconds=1)
MOST_RECENT: Final = 256


@dataclass(frozen=True)
class Drawing:
    """What a notice says at its place: the JSON of an activity, without id and conversation."""

    activity: dict[str, object]


class Drawer(Protocol):
    """Turns a notice into words; pure but for what it has to look up."""

    async def draw(self, claim: Claim, case: Case, event: Event, to: Place) -> Drawing | None:
        """Return the message, in the language of the place; none if there is nothing to say."""
        ...


class Mail(Protocol):
    """Sends what Teams does not deliver."""

    async def send(self, notice: Notice, case: Case, event: Event, to: ToMailbox) -> Outcome:
        """Send a notice as mail, one try; never raises for what the other side answers."""
        ...


class History(Protocol):
    """Reads back what stands in the desk's channel."""

    async def find(self, desk: DeskPlace, root: str, mark: str) -> str | None:
        """Return the id of the message with a mark, in a thread or at its root (`""`).

        Empty if it is not there or nobody may look; None if it cannot be told just now.
        """
        ...


@dataclass(frozen=True)
class Parts:
    """What notices are delivered with.

    Without `mail`, Teams is the only way to anybody; without `history` a post of unknown outcome
    may come to stand twice.
    """

    outbox: Outbox
    cases: CaseStore
    directory: Directory
    connector: Connector
    drawer: Drawer
    mail: Mail | None = None
    history: History | None = None


class _Ends(Exception):
    """The notice's fate is known before its end was reached."""

    def __init__(self, fate: Fate) -> None:
        super().__init__(fate)
        self.fate = fate


class Postman:
    """Finds the place of a notice, has it drawn and sends it."""

    def __init__(
        self,
        parts: Parts,
        *,
        limits: Limits,
        clock: Clock,
        failpoint: Callable[[str], None],
    ) -> None:
        self._outbox = parts.outbox
        self._cases = parts.cases
        self._directory = parts.directory
        self._connector = parts.connector
        self._drawer = parts.drawer
        self._mail = parts.mail
        self._history = parts.history
        self._mailing = asyncio.Semaphore(MAILS_AT_ONCE)
        self._mail_booked = clock()
        self._limits = limits
        self._clock = clock
        self._failpoint = failpoint
        self._kept: dict[tuple[str, str], tuple[datetime, tuple[Case, Event]]] = {}

    async def carry(self, claim: Claim) -> Fate:
        """Deliver a notice and say what became of it; raises `Unavailable`."""
        if claim.moot:
            return Nothing("superseded")
        try:
            case, event = await self._told(claim)
            if claim.notice.to.audience is Audience.MAIL:
                return await self._to_address(claim, case, event)
            return await self._carried(claim, case, event)
        except _Ends as end:
            return end.fate

    def mails_to(self, claim: Claim, person: Person) -> bool:
        """Tell whether a notice goes by mail to someone whose chat takes nothing."""
        return bool(self._mail and person.email) and claim.notice.kind is not NoticeKind.UPDATE

    async def mail_instead(self, claim: Claim, person: Person, why: str) -> Shown | None:
        """Send by mail what the chat refused for good, one try; none unless that is certain."""
        if not self.mails_to(claim, person):
            return None
        try:
            case, event = await self._told(claim)
            to = replace(_mailbox_of(person), obstacle=obstacle_of(why))
            fate = await self._by_mail(claim, case, event, to, patient=True)
        except _Ends:
            return None
        return fate if isinstance(fate, Shown) else None

    async def _carried(self, claim: Claim, case: Case, event: Event) -> Fate:
        to = await self._place(claim)
        if isinstance(to, ToMailbox):
            return await self._by_mail(claim, case, event, to)
        drawing = await self._drawn(claim, case, event, to)
        await self._mark(claim, self._limits.quotas(*_limited(to)))
        return await self._send(claim, to, drawing.activity)

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

    async def _place(self, claim: Claim) -> Place | ToMailbox:
        shown = await self._shown(claim)
        if claim.notice.to.audience is Audience.DESK:
            return await self._desk(claim, shown)
        return await self._person(claim, shown)

    async def _shown(self, claim: Claim) -> Posted | None:
        """Return what stands of the case at the recipient, if this notice builds on it."""
        notice = claim.notice
        update = notice.kind is NoticeKind.UPDATE
        told = notice.kind in (NoticeKind.MESSAGE, NoticeKind.RECEIPT)
        reply = told and notice.to.audience is Audience.DESK
        if not (update or reply):
            return None
        shown = claim.found.shown if claim.found else None
        shown = shown or await self._outbox.shown(notice.case, notice.to)
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

    async def _person(self, claim: Claim, shown: Posted | None) -> ToPerson | ToMailbox:
        person = claim.found.person if claim.found else None
        person = person or await self._directory.person(claim.tenant, claim.notice.to.user)
        if person is not None and _can_be_met(person):
            return ToPerson(person, shown)
        if person is not None and self.mails_to(claim, person):
            return _mailbox_of(person)
        fate = Undeliverable if shown is None else Missed
        raise _Ends(fate("unreachable"))

    async def _drawn(self, claim: Claim, case: Case, event: Event, to: Place) -> Drawing:
        drawing = await self._drawer.draw(claim, case, event, to)
        if drawing is None:
            raise _Ends(Nothing())
        return drawing

    # -- by mail -----------------------------------------------------------------------------

    async def _to_address(self, claim: Claim, case: Case, event: Event) -> Fate:
        """Deliver to whoever has an address: to the chat, if the bot has met them meanwhile."""
        address = claim.notice.to.address
        known = await self._directory.by_email(claim.tenant, [address])
        user = known.get(address.lower(), "")
        person = await self._directory.person(claim.tenant, user) if user else None
        if user and await self._heard(claim, case, event, user):
            return Nothing("told_already")
        if person is not None and _can_be_met(person):
            named = replace(claim, notice=claim.notice.but(to=deeds.person(user)))
            fate = await self._carried(named, case, event)
            return replace(fate, to=named.notice.to) if isinstance(fate, Shown) else fate
        to = replace(_mailbox_of(person), address=address) if person else ToMailbox(address)
        return await self._by_mail(claim, case, event, to)

    async def _heard(self, claim: Claim, case: Case, event: Event, user: str) -> bool:
        """Tell whether someone caused an event, or has a notice of it in their own name."""
        own = Notice.about(case, event, deeds.person(user), claim.notice.kind)
        return user == event.by.user or await self._outbox.queued(claim.tenant, own.id)

    async def _by_mail(
        self, claim: Claim, case: Case, event: Event, to: ToMailbox, *, patient: bool = False
    ) -> Fate:
        """Send by mail; `patient` waits where all connections are in use, else the lane does."""
        if self._mail is None:
            return Nothing(NOBODY)
        if claim.notice.to.user == event.by.user:
            # In the chat it would be the card; a mail of what one did oneself says nothing.
            return Nothing("told_already")
        if self._mailing.locked() and not patient:
            return Wait(self._mail_pause(), "mail_busy")
        async with self._mailing:
            await self._mark(claim)
            self._failpoint("before_mail")
            outcome = await self._mail.send(claim.notice, case, event, to)
            self._failpoint("after_mail")
        return Shown(how="mailed", at=to) if outcome.ok else Refused(outcome, to)

    def _mail_pause(self) -> timedelta:
        """Return when to try again while all connections are in use, each lane a bit later."""
        now = self._clock()
        booked = max(now, self._mail_booked) + MAIL_GAP
        self._mail_booked = min(booked, now + LONGEST_MAIL_GAP)
        return self._mail_booked - now

    # -- sending -----------------------------------------------------------------------------

    async def _mark(self, claim: Claim, quotas: Sequence[Quota] = ()) -> None:
        """Have the notice marked as being sent; ends here if it may not be sent now."""
        marked = await self._outbox.sending(claim, quotas)
        if marked is Marked.WAITING:
            raise _Ends(Queued())
        if marked is Marked.LOST:
            raise _Ends(Lost())

    async def _send(self, claim: Claim, to: Place, activity: dict[str, object]) -> Fate:
        if isinstance(to, ToPerson) and not to.person.conversation:
            to = await self._met(to)
        if isinstance(to, ToDesk) and claim.notice.kind is not NoticeKind.UPDATE:
            mark = f"notice-{claim.notice.id}"
            found = await self._read_back(claim, to, mark)
            if found:
                return replace(_stands(claim, to, found), how="found")
            activity = marked(activity, mark)
        self._failpoint("before_post")
        outcome = await self._call(claim, to, activity)
        self._failpoint("after_post")
        if outcome.ok:
            return _stands(claim, to, outcome)
        if _is_deleted(outcome) and claim.notice.kind is NoticeKind.UPDATE:
            return Nothing()
        return Refused(outcome, to)

    async def _read_back(self, claim: Claim, to: ToDesk, mark: str) -> Outcome | None:
        """Return where a post of unknown outcome stands; none if it does not, or nobody may look.

        Ends with a wait while that cannot be told, though not for ever: better twice than not.
        """
        if self._history is None or not claim.in_doubt:
            return None
        root = to.shown.activity if to.shown else ""
        found = await self._history.find(to.desk, root, mark)
        if found is None and self._clock() - claim.first_due < READ_PATIENCE:
            raise _Ends(Wait(SOON, "unread"))
        if not found:
            return None
        return Outcome(Sent.DONE, activity=found, conversation=to.desk.thread(found))

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
        fresh = await self._directory.person(person.tenant, person.user) or person
        met = fresh.but(conversation=fresh.conversation or outcome.conversation)
        await self._directory.remember(met, "conversation")
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


def _mailbox_of(person: Person) -> ToMailbox:
    return ToMailbox(
        person.email, person.language, person.timezone, person.name, obstacle_with(person)
    )


def _service_url(to: Place) -> str:
    return to.person.service_url if isinstance(to, ToPerson) else to.desk.service_url


def _is_deleted(outcome: Outcome) -> bool:
    """Tell whether a message that was to be replaced is gone, rather than its reader."""
    return outcome.sent is Sent.GONE and not outcome.why.startswith("403")


def _limited(to: Place) -> tuple[str, str]:
    """Return the tenant and the conversation whose limits a message counts against."""
    if isinstance(to, ToPerson):
        return to.person.tenant, to.person.conversation or to.person.channel_user
    return to.desk.tenant, to.desk.channel


def _stands(claim: Claim, to: Place, outcome: Outcome) -> Shown:
    if claim.notice.kind is not NoticeKind.CARD:
        return Shown(at=to)
    if isinstance(to, ToPerson):
        posted = Posted(conversation=to.person.conversation, activity=outcome.activity)
        return Shown(posted if outcome.activity else None)
    if not outcome.activity:
        return Shown()
    posted = Posted(conversation=outcome.conversation, activity=outcome.activity)
    return Shown(posted, thread=outcome.conversation)
