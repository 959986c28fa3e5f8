"""What the desk needs of the world outside, as protocols; storage, delivery and tests fulfil them.

Every call may raise `Unavailable`; then nothing of it was saved, or the caller may repeat it:
all writes are idempotent by the ids that their caller names.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple, Protocol

from pydantic import JsonValue

from cases.findings import Purpose, Summary
from cases.model import (
    Case,
    Change,
    Conversation,
    DeskPlace,
    Draft,
    Event,
    FileRef,
    Notice,
    Page,
    Person,
    Posted,
    Receipt,
    Recipient,
)
from cases.vocabulary import View

Clock = Callable[[], datetime]
"""Tells the present instant, aware and in UTC."""
NumbersOf = Callable[[str, JsonValue], Awaitable[Sequence[str]]]
"""Returns all numbers of a tenant's number list, by the value of its field."""


@dataclass(frozen=True)
class Opening:
    """A case that is to be, the event that opens it, and who hears of it."""

    case: Case
    event: Event
    notices: Sequence[Notice] = ()
    claim: str = ""
    """What `Ledger.claim` returned for its numbers; from now on these are its own."""


@dataclass(frozen=True)
class Created:
    """The number that a draft's case has; `again` when the draft had become a case before."""

    number: str
    again: bool
    others: tuple[str, ...] = ()
    """The numbers of the other parts, if the draft became a batch."""

    @property
    def numbers(self) -> tuple[str, ...]:
        """The numbers of all cases that the draft became, in the order of the parts."""
        return (self.number, *self.others)


class Applied(StrEnum):
    """What became of a change."""

    DONE = "done"
    AGAIN = "again"
    """The same deed had been done before; nothing was changed now."""
    STALE = "stale"
    """The guard failed: re-read and reapply."""


class CaseStore(Protocol):
    """Cases, their timelines and indexes, and the notices that come with each change."""

    async def create(self, first: Opening, *others: Opening) -> Created:
        """Draw the numbers and save cases, events, indexes, notices and tombstone in one step.

        The others are the further parts of a batch: all of them are made or none is. Idempotent by
        the `uid` of the first, which is the draft's id: what the draft became is what is returned,
        whatever it is to become now.
        """
        ...

    async def load(self, number: str) -> Case | None:
        """Return the case with this number, whoever's it is."""
        ...

    async def read(self, number: str, events: int = 50) -> tuple[Case, tuple[Event, ...]] | None:
        """Return the case and its latest events, oldest first, in one round trip."""
        ...

    async def event(self, number: str, event_id: str) -> Event | None:
        """Return one event of a case."""
        ...

    async def change(self, change: Change) -> Applied:
        """Apply a change in one step if its guard holds; idempotent by case and `change.key`.

        Only the members that differ between `before` and `after` are written, and the revision
        goes up by one, so that two changes guarded by the status alone lose nothing.
        """
        ...

    async def page(
        self, tenant: str, user: str | None, view: View, cursor: str = "", size: int = 10
    ) -> Page:
        """Return cases of the tenant, newest first; with a user, those they opened or watch."""
        ...

    async def batch(self, tenant: str, batch: str) -> tuple[Case, ...]:
        """Return the parts of a batch in their order; none if there is no such batch."""
        ...


class Ledger(Protocol):
    """Which numbers are in which open case of a tenant; no tenant sees another's."""

    async def claim(self, tenant: str, uid: str, numbers: Sequence[str]) -> str:
        """Write down that a case which is about to be created has these numbers, in E.164.

        Return the claim, which goes into the case's `Opening`: it counts from then on, and only
        while the case is open, so that closing and reopening need no call. Idempotent.
        """
        ...

    async def busy(self, tenant: str, numbers: Sequence[str], but: str = "") -> dict[str, str]:
        """Return the case number by number, of those that are in an open case; the newest one's.

        `but` is the `uid` of a case, or the id of a batch, that does not count.
        """
        ...


class Arrived(StrEnum):
    """What is known of an activity that comes in."""

    FRESH = "fresh"
    DONE = "done"
    """It was worked off before."""
    BUSY = "busy"
    """Another turn of the conversation, or this very activity, is being worked on."""


ChatId = tuple[str, str]
"""A tenant's conversation: the tenant's id and the conversation's."""


@dataclass(frozen=True)
class Arrival:
    """An activity as the store knows it."""

    tenant: str
    conversation: str
    activity: str
    user: str

    @property
    def chat(self) -> ChatId:
        """The conversation that it came in."""
        return self.tenant, self.conversation


@dataclass(frozen=True)
class Taken:
    """A turn that may begin (`lease` is set), or why it may not."""

    state: Arrived
    lease: str = ""
    conversation: Conversation = field(default_factory=Conversation)
    draft: Draft | None = None
    person: Person | None = None


class Conversations(Protocol):
    """Turns of conversations, drafts and the people who have them."""

    async def take(self, arrival: Arrival, lease: str) -> Taken:
        """Begin a turn: deduplicate, lease the conversation, load what it needs; one step."""
        ...

    async def put(
        self,
        arrival: Arrival,
        lease: str,
        *,
        conversation: Conversation | None = None,
        draft: Draft | None = None,
        person: Person | None = None,
        news: Collection[str] = (),
    ) -> bool:
        """End a turn: save what is given, mark the activity done, give the lease back; one step.

        `news` are the fields of the person that the turn changed; all if none are named.
        `draft.rev` is the revision that was read; the saved one is higher by one. Returns False,
        having saved nothing, if the draft moved on meanwhile or became a case.
        """
        ...

    async def worked_off_by(self, arrival: Arrival) -> str:
        """Return the lease of the turn that worked an activity off; empty if none did."""
        ...

    async def release(self, arrival: Arrival, lease: str) -> None:
        """Give the lease back without an effect, so that the activity may come again."""
        ...

    async def draft(self, tenant: str, draft_id: str) -> Draft | None:
        """Return a draft, or its tombstone."""
        ...

    async def drafts(self, tenant: str, user: str) -> tuple[Draft, ...]:
        """Return a person's open drafts, last touched first."""
        ...

    async def discard(self, tenant: str, user: str, draft_id: str) -> None:
        """Throw a draft away; one that became a case stays what it is."""
        ...


class LeftBehind(NamedTuple):
    """A message that was not saved when the process that had it ended."""

    key: str
    body: bytes
    """The activity as it came."""
    deaths: int
    """How many processes had it and ended without a word."""


class PendingMessages(Protocol):
    """Messages that were acknowledged before they were saved."""

    async def keep(self, key: str, body: bytes) -> None:
        """Save a message, leased to this process."""
        ...

    async def take_over(self, own: Collection[str]) -> tuple[LeftBehind, ...]:
        """Renew one's own, and return what a process left behind that is silent, leased anew."""
        ...

    async def let_go(self, key: str) -> None:
        """Forget a message that is saved."""
        ...

    async def leave(self, keys: Collection[str]) -> None:
        """End the leases of messages, for the next process to take over at once.

        Whoever does so did not die over them: their deaths are forgotten.
        """
        ...


class Directory(Protocol):
    """The people whom the bot has met, and the desk's place."""

    async def person(self, tenant: str, user: str) -> Person | None:
        """Return what is known of someone."""
        ...

    async def by_email(self, tenant: str, emails: Sequence[str]) -> dict[str, str]:
        """Return the users of a tenant by e-mail address (lower case), as far as known."""
        ...

    async def remember(self, person: Person, *news: str) -> None:
        """Save what was learned of someone, outside a turn: these fields; all if none are named.

        Turns learn of the same person at the same time.
        """
        ...

    async def desk(self) -> DeskPlace | None:
        """Return where the desk's channel was last seen."""
        ...

    async def remember_desk(self, place: DeskPlace) -> None:
        """Save where the desk's channel is."""
        ...

    async def case_of_thread(self, conversation: str) -> str | None:
        """Return the number of the case whose thread this is."""
        ...


@dataclass(frozen=True)
class Found:
    """What a claim brings along, as it was at that moment, so that nobody need ask for it."""

    person: Person | None = None
    """Whom the notice is for, if that is somebody we have met."""
    shown: Posted | None = None
    """Where the living card of the case stands for the recipient."""


@dataclass(frozen=True)
class Claim:
    """A notice that this worker, and no other, may deliver until the lease ends."""

    tenant: str
    lane: str
    token: str
    notice: Notice
    attempts: int
    """How often it was marked as being sent before."""
    in_doubt: bool
    """An earlier try may have been shown: its outcome was never learned."""
    first_due: datetime
    unknown: int = 0
    """How many tries had an outcome that was never learned."""
    faults: int = 0
    """How many of these were faults of the other side (500)."""
    queued: bool = False
    """It has waited for its turn under the limits, and this is it."""
    moot: bool = False
    """Behind it in its lane waits another one that redraws the same card."""
    found: Found | None = None
    """None where nothing was looked up."""


@dataclass(frozen=True)
class Limit:
    """At most `most` requests in any `per` seconds."""

    most: int
    per: float


@dataclass(frozen=True)
class Quota:
    """A stream of requests that all processes share, and how much of it the other side takes."""

    tenant: str
    conversation: str
    """Empty for all that is asked in the tenant."""
    limits: tuple[Limit, ...]
    """The longest last."""


class Marked(StrEnum):
    """What became of the wish to send a notice."""

    SENDING = "sending"
    WAITING = "waiting"
    """The limits leave no room: it was put back for as long as they say, and nothing counted."""
    LOST = "lost"
    """The lease is somebody else's by now."""


@dataclass(frozen=True)
class Backlog:
    """What is in the outbox."""

    waiting: int
    """Notices, those being sent among them."""
    overdue: timedelta
    """For how long the oldest has been due and nobody took it; not those that wait on purpose."""
    dead: int


class Outbox(Protocol):
    """Notices that wait for delivery: a lane per recipient, in order, one at a time in each."""

    async def claim(self, worker: str, most: int) -> tuple[Claim, ...]:
        """Lease the heads of lanes that are due."""
        ...

    async def next_due(self) -> timedelta | None:
        """Return how long until a lane is due; none when nothing waits."""
        ...

    async def wait(self, most: timedelta) -> None:
        """Return when a claim is worth a try, or after `most`."""
        ...

    async def renew(self, claims: Sequence[Claim]) -> tuple[Claim, ...]:
        """Count the leases of claims anew from here; return those that are lost."""
        ...

    async def sending(self, claim: Claim, quotas: Sequence[Quota] = ()) -> Marked:
        """Mark the notice as being sent if all quotas have room for one more request."""
        ...

    async def done(
        self, claim: Claim, posted: Posted | None = None, receipt: Receipt | None = None
    ) -> bool:
        """Take the notice off its lane; `posted` says where a living card now stands.

        A `receipt` is kept with its event, and the desk hears of it (`Notice.heard`), in one step.

        Like `retry` and `dead` it changes nothing, and returns False, if the lease is lost.
        """
        ...

    async def retry(
        self,
        claim: Claim,
        after: timedelta,
        why: str,
        *,
        in_doubt: bool = False,
        fault: bool = False,
    ) -> bool:
        """Leave the notice at the head of its lane until `after` has passed.

        `in_doubt` says that this try may have been shown, `fault` that it failed with a fault.
        """
        ...

    async def dead(
        self, claim: Claim, why: str, *, missed: bool = False, receipt: Receipt | None = None
    ) -> bool:
        """Put the notice on the list of dead letters and let its lane go on; tell as `done` does.

        With `missed` only the person could not be reached: it is sent if they soon can be again.
        """
        ...

    async def miss(self, claim: Claim, why: str) -> bool:
        """Put the notice by until the person can be reached again; nobody need hear of that."""
        ...

    async def backlog(self) -> Backlog:
        """Return what is in the outbox, in one round trip."""
        ...

    async def shown(self, number: str, to: Recipient) -> Posted | None:
        """Return where the living card of a case stands for a recipient."""
        ...

    async def queued(self, tenant: str, notice_id: str) -> bool:
        """Tell whether a notice was queued before, whatever became of it since."""
        ...

    async def remember_thread(self, conversation: str, number: str) -> None:
        """Save which case a thread of the desk's channel belongs to; before `done`."""
        ...


@dataclass(frozen=True)
class DeadLetter:
    """A notice that was given up; its `id` is what `replay` takes."""

    id: str
    tenant: str
    notice: Notice
    attempts: int
    why: str
    at: datetime

    @property
    def cursor(self) -> str:
        """Where a list of them goes on behind this one."""
        return f"{round(self.at.timestamp() * 1000)}.{self.id}"


class Replayed(StrEnum):
    """What became of the wish to send a dead letter after all."""

    DONE = "done"
    NOT_DEAD = "not_dead"
    """It was replayed before, or sent."""
    UNKNOWN = "unknown"


class DeadLetters(Protocol):
    """Notices that were given up, for an operator to look at and to send after all."""

    async def dead_letters(self, most: int = 100, cursor: str = "") -> tuple[DeadLetter, ...]:
        """Return them, newest first; raises `Rejected("bad_cursor")`."""
        ...

    async def replay(self, letter_id: str) -> Replayed:
        """Put one at the end of its lane; what was told meanwhile is not told again."""
        ...


@dataclass(frozen=True)
class Incoming:
    """A file that was received and hashed, and does not count as stored yet."""

    sha256: str
    size: int
    head: bytes
    """Its first bytes, at most 8192, to tell its kind by."""
    path: str
    """Where it waits."""


class Files(Protocol):
    """Contents of files, found by their hash, apart for each tenant."""

    async def receive(self, chunks: AsyncIterator[bytes], most: int) -> Incoming:
        """Take a stream in; raises `Rejected("file_too_big")` once it exceeds `most` bytes."""
        ...

    async def keep(self, tenant: str, incoming: Incoming) -> None:
        """Store what was received, durably."""
        ...

    async def drop(self, incoming: Incoming) -> None:
        """Forget what was received."""
        ...

    async def content(self, tenant: str, sha256: str) -> bytes:
        """Return a stored file's bytes; raises `NotFound`."""
        ...

    def stream(self, tenant: str, file: FileRef) -> AsyncIterator[bytes]:
        """Yield a stored file's bytes in pieces."""
        ...


class Sent(StrEnum):
    """What became of a message: how much is known decides whether it may be sent again."""

    DONE = "done"
    LATER = "later"
    """Refused for now, certainly not shown: 429, connection refused."""
    UNKNOWN = "unknown"
    """It may have been shown: 412, 502, 503, 504, timed out, connection lost."""
    FAULT = "fault"
    """500: unknown, and worth three tries at most."""
    GONE = "gone"
    """The conversation or message takes nothing: 403, 404."""
    WRONG = "wrong"
    """The message itself is refused: 400, 413; sending it again is no use."""
    UNAUTHORIZED = "unauthorized"
    """401: our credentials are refused."""


@dataclass(frozen=True)
class Outcome:
    """The answer to one call of the connector."""

    sent: Sent
    activity: str = ""
    conversation: str = ""
    """The conversation that was created, where one was."""
    retry_after: timedelta | None = None
    why: str = ""

    @property
    def ok(self) -> bool:
        """Whether the message stands."""
        return self.sent is Sent.DONE


@dataclass(frozen=True)
class Member:
    """Someone on a roster."""

    user: str
    channel_user: str
    name: str
    email: str


class Connector(Protocol):
    """The Bot Framework's REST wire; no call raises for what the other side answers.

    `activity` is the JSON of a Bot Framework activity. One try each: who retries, decides.
    """

    async def post(
        self, service_url: str, conversation: str, activity: dict[str, object]
    ) -> Outcome:
        """Send a message into a conversation."""
        ...

    async def put(
        self, service_url: str, conversation: str, activity_id: str, activity: dict[str, object]
    ) -> Outcome:
        """Replace a message."""
        ...

    async def delete(self, service_url: str, conversation: str, activity_id: str) -> Outcome:
        """Delete a message."""
        ...

    async def start_thread(
        self, service_url: str, tenant: str, channel: str, activity: dict[str, object]
    ) -> Outcome:
        """Post a new root message in a channel."""
        ...

    async def start_chat(self, service_url: str, tenant: str, channel_user: str) -> Outcome:
        """Open, or find, the personal chat with someone."""
        ...

    async def member(self, service_url: str, conversation: str, user: str) -> Member | None:
        """Return one member of a conversation; none if unknown or unreachable."""
        ...

    async def roster(self, service_url: str, team: str) -> tuple[Member, ...] | None:
        """Return a team's members, all pages of them; none if that cannot be found out now."""
        ...

    def download(self, url: str, service_url: str = "") -> AsyncIterator[bytes]:
        """Stream a file from an allowed host, without credentials; raises `Rejected`.

        What lies at the connector of `service_url`, and only that, is fetched with the bot's token.
        """
        ...


@dataclass(frozen=True)
class Upload:
    """A file that someone dropped into a chat, or a picture that was pasted: where it is to be had.

    Nothing of it can be trusted but `service_url`.
    """

    name: str
    """What it is called where people read it: one line, not too long, nothing in it reversed."""
    url: str
    named: str = ""
    """What it calls itself, in full, where that is something else."""
    service_url: str = ""
    """For a pasted picture, the verified service URL of the activity that brought it."""
    place: int = 1
    """Its place among the files of one message, from 1."""


class Scanner(Protocol):
    """Looks for viruses in a file that waits, before it counts as stored."""

    async def scan(self, path: str) -> str:
        """Return the name of what was found in the file, empty if it is clean.

        Raises `Unavailable` if there is no answer, or none that says either.
        """
        ...


class Receiver(Protocol):
    """Takes in files from chats: fetched, measured, recognised by content, stored."""

    async def take(self, tenant: str, upload: Upload) -> FileRef:
        """Return the stored file; raises `Rejected` with a `file_...` code if it is refused."""
        ...

    async def text(self, tenant: str, file: FileRef) -> str | None:
        """Return what a stored file says if it is plain text; none for any other kind."""
        ...

    async def save(self, tenant: str, name: str, content: bytes) -> FileRef:
        """Store a file that we made ourselves."""
        ...


@dataclass(frozen=True)
class Checked:
    """A number list after its check."""

    summary: Summary
    report: bytes
    """A CSV of all rows and what was found of each."""
    clean: bytes
    """A CSV with the header `PhoneNumber` and the numbers that are right, each once."""
    parts: tuple[bytes, ...]
    """The same for each of the summary's groups."""


class Lengthy(Exception):
    """A list cannot be checked while somebody waits for it."""


class Checks(Protocol):
    """Checks number lists of any size; no other turn waits for it."""

    async def check(
        self,
        tenant: str,
        source: str | FileRef,
        purpose: Purpose,
        language: str,
        progress: Callable[[int, int], None] | None = None,
        but: str = "",
        *,
        at_once: bool = False,
    ) -> Checked:
        """Return what there is to say of a list that was typed or stored.

        `progress` hears how many rows of how many are done, in rising order up to all of them; a
        short list is done without. `but` is the `uid` of a case, or the id of a batch, whose own
        numbers are no doubles. `at_once` raises `Lengthy` instead of beginning what takes longer
        than anybody waits. Raises `Rejected` for what is no list, and `NotFound` for a file
        that is not there.
        """
        ...
