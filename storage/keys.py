"""Every Redis key, how long it lives, and the case numbers that tell where a case is kept.

All keys of a tenant carry the tag of one of 64 fixed partitions, so that one script may change
them together, on one server and on a cluster alike. A key that ends in a colon is a prefix to
which a script appends an id that only it knows; the tag keeps it in the partition's slot.
"""

import re
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property, lru_cache
from hashlib import sha256
from typing import Final

VERSION: Final = "nd1"
"""Raised when the layout changes so that older processes cannot read it."""

PARTITION_COUNT: Final = 64
"""Fixed for the life of the data: case numbers are made of it."""

LAYOUT: Final = f"{VERSION}:{{sys}}:layout"
"""The partition count that the data was written with."""
PROBE: Final = f"{VERSION}:{{sys}}:probe"
"""Written now and then, to see whether anything can be."""
DESK_PLACE: Final = f"{VERSION}:{{desk}}:place"
PENDING_LEASES: Final = f"{VERSION}:{{pending}}:leases"
"""Messages acknowledged before they were saved, by the instant (ms) at which they are left."""
PENDING_MESSAGES: Final = f"{VERSION}:{{pending}}:messages"
"""A hash of these messages, as they came."""
PENDING_DEATHS: Final = f"{VERSION}:{{pending}}:deaths"
"""A hash of how many processes ended over each without a word."""
THREADS: Final = f"{VERSION}:{{desk}}:threads"
"""A hash of the desk's threads: conversation -> case number."""

TURN_LEASE: Final = timedelta(seconds=4)
"""A turn takes milliseconds; one whose bot was killed must not hold up the next for long."""
CLAIM_LEASE: Final = timedelta(seconds=3)
"""Until the notice is marked as being sent: an answer to a claim that was lost costs no more."""
SEND_LEASE: Final = timedelta(seconds=7)
"""Renewed while its worker lives, however slow the send; takes others less than 10 s to notice."""
PENDING_LEASE: Final = timedelta(seconds=12)
"""Renewed while the process lives that has a message, until it drains before it stops."""
ACTIVITY_TTL: Final = timedelta(hours=24)
"""Far beyond the last redelivery that was ever seen."""
DRAFT_TTL: Final = timedelta(days=90)
CONVERSATION_TTL: Final = DRAFT_TTL
TOMBSTONE_TTL: Final = timedelta(days=90)
DEED_TTL: Final = timedelta(days=30)
SENT_TTL: Final = timedelta(days=30)
DEAD_TTL: Final = timedelta(days=90)
MISSED_TTL: Final = timedelta(hours=24)
"""Who comes back later than this is told of cases by looking, not by old news."""

BLOCK: Final = 250
"""Telephone numbers of one hash: few enough for a server to keep them packed and find them fast."""

_NUMBER = re.compile(r"TNS-([0-9]{6,15})", re.ASCII)


@dataclass(frozen=True)
class Place:
    """Where a case is kept: its partition and its sequence number there, counted from 1."""

    partition: int
    sequence: int

    @property
    def number(self) -> str:
        """The case number that people see."""
        return f"TNS-{self.sequence * PARTITION_COUNT + self.partition:06d}"


def place_of(number: str) -> Place | None:
    """Return where the case with this number is kept; none if no case can have it."""
    match = _NUMBER.fullmatch(number)
    if match is None:
        return None
    sequence, partition = divmod(int(match[1]), PARTITION_COUNT)
    place = Place(partition, sequence)
    return place if sequence and place.number == number else None


def partition_of(number: str) -> int | None:
    """Return the partition that a case number names; none if no case can have it."""
    place = place_of(number)
    return place.partition if place else None


class PartitionKeys:
    """The keys that belong to a whole partition, or to a case by its sequence number."""

    def __init__(self, partition: int) -> None:
        self.partition = partition
        self.prefix = prefix = f"{VERSION}:{{p{partition:02d}}}:"
        self.sequence = f"{prefix}seq"
        """The last sequence number drawn."""
        self.cases = f"{prefix}case:"
        """Prefix of hashes: `opened`, the members as they were at first, and those that changed."""
        self.events = f"{prefix}events:"
        """Prefix of lists of `id newline JSON`, oldest first."""
        self.due = f"{prefix}due"
        """A sorted set: lane -> the instant (ms) when its head may be claimed."""
        self.lanes = f"{prefix}lane:"
        """Prefix of lists of notice ids, the next one first."""
        self.notices = f"{prefix}notice:"
        """Prefix of hashes: what to say and how far it got."""
        self.dead = f"{prefix}dead"
        """A sorted set: notice id -> the instant (ms) of its death."""
        self.people = f"{prefix}person:"
        """Prefix of the hashes of people: tenant's digest, colon, user."""
        self.standing = f"{prefix}shown:"
        """Prefix of the hashes of where living cards stand: by the case's sequence."""

    def case(self, sequence: int) -> str:
        """The hash of a case."""
        return f"{self.cases}{sequence}"

    def timeline(self, sequence: int) -> str:
        """The list of a case's events."""
        return f"{self.events}{sequence}"

    def shown(self, sequence: int) -> str:
        """A hash of where a case's living cards stand: recipient -> `Posted`."""
        return f"{self.standing}{sequence}"

    def deed(self, sequence: int, key: str) -> str:
        """The mark that a change was applied."""
        return f"{self.prefix}deed:{sequence}:{_digest(key)}"

    def receipts(self, sequence: int) -> str:
        """A hash of how what the desk said about a case arrived: notice id -> `Receipt`."""
        return f"{self.prefix}receipts:{sequence}"

    def lane(self, lane: str) -> str:
        """The list of the notices that wait for one recipient."""
        return f"{self.lanes}{lane}"

    def notice(self, notice_id: str) -> str:
        """The hash of a notice."""
        return f"{self.notices}{notice_id}"

    def missed(self, lane: str) -> str:
        """A sorted set of the dead letters that only missed their recipient: id -> death (ms)."""
        return f"{self.prefix}missed:{lane}"


class TenantKeys(PartitionKeys):
    """The keys of a tenant, in its partition.

    The tenant goes in as a digest of fixed length: no choice of ids can make the keys of two
    tenants meet.
    """

    def __init__(self, tenant: str) -> None:
        digest = sha256(tenant.encode())
        super().__init__(int(digest.hexdigest(), 16) % PARTITION_COUNT)
        self.digest = digest.hexdigest()[:16]

    @cached_property
    def drafts(self) -> str:
        """Prefix of the hashes of drafts, and of the tombstones of those that became cases."""
        return self._of("draft", "")

    @cached_property
    def emails(self) -> str:
        """A hash: e-mail address, lower case -> user."""
        return f"{self.prefix}emails:{self.digest}"

    @cached_property
    def claims(self) -> str:
        """A hash: claim on numbers -> sequence of its case, once that is made."""
        return f"{self.prefix}claims:{self.digest}"

    def holders(self, block: int) -> str:
        """A hash of a block of telephone numbers: place in it -> claims, the latest first."""
        return self._of("holders", str(block))

    def batch(self, batch: str) -> str:
        """A sorted set of the sequence numbers of a batch's cases, in the order of the parts."""
        return self._of("batch", batch)

    def draft(self, draft_id: str) -> str:
        """The hash of a draft, or its tombstone."""
        return f"{self.drafts}{draft_id}"

    def drafts_of(self, user: str) -> str:
        """A sorted set of a person's open drafts by when they were touched last (ms)."""
        return self._of("drafts", user)

    def person(self, user: str) -> str:
        """The hash of a person."""
        return self._of("person", user)

    def lane_of_person(self, user: str) -> str:
        """The lane of everything that someone has to hear of."""
        return f"{self.digest}:person:{user}"

    def conversation(self, conversation: str) -> str:
        """The hash of what is kept of a conversation between turns."""
        return self._of("conv", conversation)

    def turn(self, conversation: str) -> str:
        """The lease of a conversation."""
        return self._of("turn", conversation)

    def activity(self, conversation: str, activity: str) -> str:
        """The mark of an activity that was worked off: the lease of the turn that did it."""
        return self._of("act", _digest("\x1f".join((conversation, activity))))

    def spent(self, conversation: str) -> str:
        """A list of when requests were made (ms), in a conversation or, if `""`, for the tenant."""
        return self._of("spent", _digest(conversation) if conversation else "")

    def booked(self, conversation: str) -> str:
        """The same with what was promised to notices that wait; there only while some do."""
        return self._of("booked", _digest(conversation) if conversation else "")

    def listing(self, view: str) -> str:
        """Prefix of the sorted sets of sequence numbers in a view: by user, `""` for everyone."""
        return self._of(f"list-{view}", "")

    def _of(self, kind: str, name: str) -> str:
        return f"{self.prefix}{kind}:{self.digest}:{name}"


@lru_cache(maxsize=4096)
def of_tenant(tenant: str) -> TenantKeys:
    """Return the keys of a tenant."""
    return TenantKeys(tenant)


PARTITIONS: Final = tuple(PartitionKeys(index) for index in range(PARTITION_COUNT))
"""The keys of every partition, in order."""


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:32]


def seconds(ttl: timedelta) -> int:
    """Return a lifetime as `EXPIRE` takes it."""
    return int(ttl.total_seconds())


def millis(span: timedelta) -> int:
    """Return a span in whole milliseconds, as `PX` and the scores of `due` take it."""
    return span // timedelta(milliseconds=1)
