"""Where a notice goes, and what may become of it there."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final, TypeAlias

from cases.model import DeskPlace, Person, Posted, Recipient
from cases.ports import Outcome
from cases.vocabulary import Obstacle

NOBODY: Final = "nobody_to_reach"
"""An address is all that is known, and there is no mail."""


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


@dataclass(frozen=True)
class ToMailbox:
    """The mailbox of someone whom Teams does not reach."""

    address: str
    locale: str = ""
    """The language to begin in; empty if it is not known."""
    zone: str = ""
    """The IANA zone of the reader's clocks; empty if it is not known."""
    name: str = ""
    obstacle: Obstacle | None = None
    """Why it is not the chat, for someone who is known in person."""


Place: TypeAlias = ToPerson | ToDesk


@dataclass(frozen=True)
class Shown:
    """It stands; `posted` for a living card, `thread` for the root of a new thread."""

    posted: Posted | None = None
    thread: str = ""
    to: Recipient | None = None
    """Whom it was shown to, where the notice gives only an address."""
    how: str = "shown"
    at: Place | ToMailbox | None = None


@dataclass(frozen=True)
class Nothing:
    """There is nothing to show, no longer anything to show it on, or nobody to show it to."""

    how: str = "nothing"


@dataclass(frozen=True)
class Wait:
    """Not now, and nothing was tried."""

    after: timedelta
    why: str


@dataclass(frozen=True)
class Refused:
    """It was tried and does not stand, as far as is known."""

    outcome: Outcome
    to: Place | ToMailbox | None = None


@dataclass(frozen=True)
class Undeliverable:
    """There is no way to the recipient; nothing was tried."""

    why: str


@dataclass(frozen=True)
class Missed:
    """A card that is redrawn when its person can be reached again; nobody misses it till then."""

    why: str


@dataclass(frozen=True)
class Queued:
    """The limits leave no room now: the store has put it back for as long as that takes."""


@dataclass(frozen=True)
class Lost:
    """The lease is somebody else's by now."""


Fate: TypeAlias = Shown | Nothing | Wait | Refused | Undeliverable | Missed | Queued | Lost
