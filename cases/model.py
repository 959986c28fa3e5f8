"""The records of the desk: people, files, drafts, cases, events and notices, as frozen values.

Instants are aware datetimes in UTC; ids are opaque strings that their maker chose.
"""

from datetime import datetime
from hashlib import sha256
from typing import Self

from pydantic import BaseModel, ConfigDict, JsonValue

from cases.vocabulary import (
    Audience,
    Ball,
    CaseType,
    Category,
    Guard,
    NoticeKind,
    Obstacle,
    Origin,
    Resolution,
    Role,
    Severity,
    Status,
    Verb,
    Way,
)

DRAFT_SCHEMA = 1
"""The version of a draft's answers; see `dialogs/migrations.py` for what an older one becomes."""


class Record(BaseModel):
    """A frozen value that is stored as JSON; members of a newer version are ignored."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    def but(self, **changes: object) -> Self:
        """Return a copy with these members changed."""
        return self.model_copy(update=changes)


class Speaker(Record):
    """Who is speaking, as verified: never built from what a card says."""

    tenant: str
    user: str
    """The Entra object id."""
    name: str
    agent: bool = False
    """On the desk's roster and speaking in the desk's team."""
    origin: Origin = Origin.CHAT


class Person(Record):
    """Someone the bot has met, and where a message reaches them."""

    tenant: str
    user: str
    channel_user: str = ""
    """The id that Teams uses in a chat (`29:...`)."""
    name: str = ""
    email: str = ""
    locale: str = ""
    """What Teams last said, such as `fr-FR`."""
    chosen_locale: str = ""
    """What the person chose in the profile; it wins over `locale`."""
    timezone: str = ""
    service_url: str = ""
    conversation: str = ""
    """The personal chat; empty while the person is known from elsewhere only."""
    welcomed: bool = False
    blocked: str = ""
    """Why the personal chat takes no messages now; empty when it does."""

    def news_since(self, before: "Person | None") -> tuple[str, ...]:
        """Return the names of the members that were otherwise, or that nobody knew."""
        known = before or type(self)(tenant=self.tenant, user=self.user)
        names = type(self).model_fields
        return tuple(name for name in names if getattr(self, name) != getattr(known, name))

    @property
    def language(self) -> str:
        """The locale that messages to this person are written in; empty if none is known."""
        return self.chosen_locale or self.locale

    @property
    def reachable(self) -> bool:
        """Whether a message can be posted to the personal chat."""
        return bool(self.conversation and self.service_url and not self.blocked)


class DeskPlace(Record):
    """Where the desk's channel is reached."""

    service_url: str
    tenant: str
    team: str
    channel: str
    locale: str = ""
    """The language of whoever spoke there last; its cards are read by all."""

    def thread(self, root: str) -> str:
        """Return the conversation of the thread below a message of the channel."""
        return f"{self.channel};messageid={root}"


class Posted(Record):
    """A message that stands in a conversation."""

    conversation: str
    activity: str


class FileRef(Record):
    """A stored file; its content is found by its hash."""

    sha256: str
    name: str
    size: int
    """In bytes."""
    media_type: str
    field: str = ""
    """The id of the field it answers; `documents` for any other paper."""
    covers: dict[str, str] = {}
    """Of a letter: marks of the answers that it was signed for, by field id; see `cases.papers`."""


class Problem(Record):
    """Why an input was refused: a code and what fills its sentence."""

    code: str
    params: dict[str, JsonValue] = {}


class Caution(Record):
    """What has to be told though it stops nobody: a code and what fills its sentence."""

    code: str
    params: dict[str, JsonValue] = {}


class Draft(Record):
    """A case that is being asked for: plain answers by name, never a position."""

    id: str
    tenant: str
    user: str
    rev: int = 0
    schema_version: int = DRAFT_SCHEMA
    asked: str = ""
    """The name of the stage whose card is open."""
    finished: tuple[str, ...] = ()
    """The names of the stages that were answered and still hold."""
    answers: dict[str, JsonValue] = {}
    """Values by field id, as the kinds of field return them."""
    typed: dict[str, str] = {}
    """What was typed into the open card and not taken yet, by input id."""
    problems: dict[str, Problem] = {}
    """Why it was not taken, by input id."""
    files: tuple[FileRef, ...] = ()
    awaited: str = ""
    """The paper that the next file is to replace, if someone said so."""
    unsure: dict[str, str] = {}
    """Files of the last message whose place was guessed, by `cases.papers.spot`: what is offered.

    `place` if such a file may go to another paper, `also` if it may serve for one more.
    """
    checking: FileRef | None = None
    """The number list that is being checked for it, if that outlasts a turn."""
    consumed: tuple[str, ...] = ()
    """Fingerprints of the last presses that were taken, so that a late copy does nothing."""
    created: datetime
    updated: datetime
    case: str = ""
    """The number of the case it became; such a draft is a tombstone."""


class ListCheck(Record):
    """A number list that was checked, or waits to be, for no case."""

    id: str
    source: FileRef
    region: str = ""
    """The country whose national writing is understood; none if international only."""
    report: str = ""
    """The hash of the report by row; empty until it was checked."""
    clean: str = ""
    """The hash of the list of the numbers that are right; empty if there is none."""


class Conversation(Record):
    """What the bot keeps of one conversation between turns."""

    draft: str = ""
    """The id of the draft that is being filled in here."""
    wants_list: bool = False
    """Whether a number list was asked for that is to be checked for no case."""
    list_region: str = ""
    """The country that was named for it."""
    checks: tuple[ListCheck, ...] = ()
    """The lists that were checked last, oldest first."""


class Part(Record):
    """What one of the lawful cases is about that a mixed number list is split into."""

    key: str
    """What its numbers have in common: `toll`, `toll_free`, `mobile`, `user` or `service`."""
    numbers: JsonValue
    """The value of the number list, as its kind of field returns it."""
    files: tuple[FileRef, ...] = ()
    """The files of this part; those of the draft do not count."""


class Actor(Record):
    """Whoever did something to a case, as others see them."""

    user: str
    name: str
    role: Role


class Confirmed(Record):
    """The date on which the desk carries a request out."""

    at: datetime
    zone: str
    """The IANA zone of the clock that the desk read it from."""
    said: datetime
    """When the desk said so."""
    sequence: int = 0
    """How often what calendars hold was replaced."""
    withdrawn: bool = False
    """Whether the case was cancelled, and the date with it."""


class Receipt(Record):
    """How something that the desk said reached one recipient; agents see it on the case's card."""

    event: str
    name: str = ""
    """What the recipient is called, else their address; empty if neither is known."""
    way: Way
    obstacle: Obstacle | None = None


class Event(Record):
    """One entry of a case's timeline: a person's comment or a change of status."""

    id: str
    verb: Verb
    at: datetime
    by: Actor
    origin: Origin
    text: str = ""
    files: tuple[FileRef, ...] = ()
    status: Status
    """The status after the event."""
    before: Status | None = None
    """The status before it; none for the opening."""
    confirmed: Confirmed | None = None
    """The date that `schedule` confirmed."""
    replaces: Confirmed | None = None
    """The earlier date that it moved."""

    receipts: tuple[Receipt, ...] = ()
    """Whom it reached so far, and how; kept beside the timeline, since it comes later."""

    @property
    def internal(self) -> bool:
        """Whether only the desk may see it."""
        return self.verb is Verb.NOTE

    @property
    def moved(self) -> bool:
        """Whether the event changed the status."""
        return self.before is not None and self.before is not self.status


class Case(Record):
    """A request to the desk and where it stands."""

    uid: str
    """The id of the draft it came from; known before the number is."""
    number: str = ""
    """`TNS-` and at least six digits; drawn by the store."""
    tenant: str
    requester: Actor
    category: Category
    type: CaseType | None = None
    country: str
    answers: dict[str, JsonValue] = {}
    title: str
    description: str
    severity: Severity = Severity.C
    contacts: tuple[str, ...] = ()
    """E-mail addresses that asked to be told."""
    files: tuple[FileRef, ...] = ()
    status: Status = Status.SUBMITTED
    resolution: Resolution | None = None
    cancel_reason: str = ""
    assignee: Actor | None = None
    watchers: tuple[str, ...] = ()
    """Users of the tenant who hear of it, the requester first."""
    rev: int = 1
    created: datetime
    updated: datetime
    due: datetime
    """When the first answer is due by the severity."""
    closed: datetime | None = None
    confirmed: Confirmed | None = None
    batch: str = ""
    """What the cases of one draft have in common, the draft's id; empty for a case of its own."""
    part: int = 1
    """Which of them it is, from 1."""
    parts: int = 1
    """How many there are."""
    group: str = ""
    """What the numbers of this part have in common; see `Part.key`."""

    @property
    def dated(self) -> Confirmed | None:
        """The date as calendars are to hold it: withdrawn, as one more change, by a cancel.

        Nothing can be done to a cancelled case, so that no later date has the same sequence.
        """
        date = self.confirmed
        if date is None or self.status is not Status.CANCELLED:
            return date
        said = self.closed or self.updated
        return date.but(said=said, sequence=date.sequence + 1, withdrawn=True)

    @property
    def ball(self) -> Ball | None:
        """Whose turn it is; nobody's once the case is closed."""
        return BALL.get(self.status)

    @property
    def is_open(self) -> bool:
        """Whether the case still needs work."""
        return self.status in BALL


BALL = {
    Status.SUBMITTED: Ball.DESK,
    Status.IN_PROGRESS: Ball.DESK,
    Status.WAITING_FOR_DETAILS: Ball.CUSTOMER,
    Status.ON_HOLD: Ball.CARRIER,
}


class Recipient(Record):
    """Whom a notice is for: one person of a tenant, an e-mail address, or the desk's channel."""

    audience: Audience
    user: str = ""
    address: str = ""
    """The e-mail address, lower case, of someone who was known by nothing else."""

    @property
    def name(self) -> str:
        """What tells the recipient from others of the same audience."""
        return self.user or self.address

    @property
    def key(self) -> str:
        """How the recipient is spelled in ids and queues."""
        return f"{self.audience}:{self.name}" if self.name else str(self.audience)


class Notice(Record):
    """Something that a recipient has to hear of; what it says is drawn when it is delivered."""

    id: str
    kind: NoticeKind
    to: Recipient
    event: str
    """The id of the event it tells of."""
    case: str = ""
    """The case's number; the store fills it in for a case that it creates."""
    reports: str = ""
    """The `uid` of the case whose thread hears how the notice arrived; empty for most."""
    receipt: Receipt | None = None
    """What a `RECEIPT` tells."""

    @classmethod
    def about(cls, case: Case, event: Event, to: Recipient, kind: NoticeKind) -> Self:
        """Make the notice; the same event, recipient and kind give the same id, always."""
        name = "\x1f".join((case.tenant, case.uid, event.id, to.key, kind))
        return cls(
            id=sha256(name.encode()).hexdigest()[:32],
            kind=kind,
            to=to,
            event=event.id,
            case=case.number,
            reports=case.uid if _is_answer(event, to, kind) else "",
        )

    def heard(self, receipt: Receipt) -> "tuple[Notice, ...]":
        """Return what the desk hears of how this arrived; the same way gives the same ids.

        Its card always shows it. A message of its own comes only where the chat did not take it:
        somebody may want to call.
        """
        kinds = [NoticeKind.UPDATE]
        if receipt.obstacle:
            kinds.insert(0, NoticeKind.RECEIPT)
        return tuple(self._to_desk(kind, receipt) for kind in kinds)

    def _to_desk(self, kind: NoticeKind, receipt: Receipt) -> "Notice":
        name = "\x1f".join((self.id, receipt.way, kind))
        return Notice(
            id=sha256(name.encode()).hexdigest()[:32],
            kind=kind,
            to=Recipient(audience=Audience.DESK),
            event=self.event,
            case=self.case,
            receipt=receipt if kind is NoticeKind.RECEIPT else None,
        )


def _is_answer(event: Event, to: Recipient, kind: NoticeKind) -> bool:
    """Tell whether a notice brings people what an agent said or did."""
    by_desk = event.by.role is Role.AGENT and to.audience is not Audience.DESK
    return by_desk and kind is NoticeKind.MESSAGE


class Redrawn(Record):
    """Another case whose living cards show the changed one too, and the notices to redraw them."""

    case: Case
    notices: tuple[Notice, ...]


class Change(Record):
    """What one deed does to a case: the case before and after it, its event, who hears of it."""

    before: Case
    after: Case
    event: Event
    notices: tuple[Notice, ...] = ()
    redrawn: tuple[Redrawn, ...] = ()
    """The other parts of its batch; their notices are queued in the same step."""
    key: str
    """What makes the deed the same deed when it comes twice."""
    guard: Guard = Guard.REVISION


class Page(Record):
    """One page of cases, newest first, and the cursor of the next; empty at the end."""

    cases: tuple[Case, ...]
    cursor: str = ""
