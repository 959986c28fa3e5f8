"""A turn as plain values: what someone did, what is known, and what is to be saved and said."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from cards import Message, Press
from cases.errors import Rejected
from cases.findings import Purpose
from cases.model import Conversation, Draft, FileRef, Person, Speaker
from cases.ports import Upload
from strings import Text

COMING: Final = "(coming)"
"""Stands for the message with the card of the stage that is asked while it is still being sent."""
Link = Callable[[str, FileRef], str]
"""Makes a short-lived address of a tenant's file."""


@dataclass(frozen=True)
class Received:
    """What came of the files of a message: those taken in; the names of others, and why not."""

    files: tuple[FileRef, ...] = ()
    refused: tuple[tuple[str, Rejected], ...] = ()


@dataclass(frozen=True)
class Said:
    """What a person did: said something, dropped files, or pressed a button."""

    speaker: Speaker
    key: str
    """What makes it the same thing when it comes twice."""
    text: str = ""
    press: Press | None = None
    typed: Mapping[str, str] = field(default_factory=dict)
    files: tuple[Upload, ...] = ()
    received: Received = Received()
    """What came of the files, once they are fetched."""
    card: str = ""
    """The message whose button was pressed."""
    thread: str = ""
    """The thread of a channel that it was said in."""
    waits: bool = False
    """Whether the client waits for an answer to the press itself (`Action.Execute`)."""


@dataclass(frozen=True)
class Here:
    """The circumstances of a turn."""

    said: Said
    text: Text
    now: datetime
    person: Person
    conversation: Conversation
    draft: Draft | None
    open_card: str = ""
    """The message that shows the card of the stage that is asked, or `COMING`; if it is known."""
    closed: bool = False
    """Whether the pressed message was replaced before by what says that it is over."""

    @property
    def pressed(self) -> Press:
        """The press; raises if nothing was pressed."""
        if self.said.press is None:
            raise LookupError("nothing was pressed in this turn")
        return self.said.press

    @property
    def unfinished(self) -> Draft | None:
        """The draft that is being filled in; none if there is none or it became a case."""
        return None if self.draft is None or self.draft.case else self.draft

    @property
    def card(self) -> str:
        """The message to replace: the pressed one, else the one that shows the open stage."""
        return self.said.card or self.open_card


@dataclass(frozen=True)
class Reply:
    """Something to say, in place of an earlier message if `over` names one."""

    message: Message
    over: str = ""
    needed: bool = True
    """Whether it must be said even if the message that it replaces is gone."""
    opens: bool = False
    """Whether it shows the stage that is asked now, so that its place must be remembered."""
    progress: bool = False
    """Whether it tells how far a long check is, and is to be replaced as that goes on."""


@dataclass(frozen=True)
class LongCheck:
    """A check of a number list that outlasts its turn; what comes of it is a turn of its own."""

    source: FileRef
    purpose: Purpose
    language: str
    draft: str = ""
    """The id of the draft that it is for; empty if it is for no case."""
    id: str = ""
    """What a check for no case is known by."""


@dataclass(frozen=True)
class Turn:
    """What comes of a turn: what to save first, and what to say then."""

    replies: tuple[Reply, ...] = ()
    draft: Draft | None = None
    conversation: Conversation | None = None
    person: Person | None = None
    answer: Message | None = None
    """What the pressed card turns into, for a client that waits."""
    notice: str = ""
    """A line for a client that waits, where the card stays as it is."""
    checks: tuple[LongCheck, ...] = ()
    """What is to be checked once this turn is saved and said; each has a reply for its progress,
    in the same order, or none of them has."""

    @property
    def opens(self) -> bool:
        """Whether it sends the card of the stage that is asked then."""
        return any(reply.opens for reply in self.replies)

    @property
    def ends_draft(self) -> bool:
        """Whether no draft is being filled in any more."""
        return self.conversation is not None and not self.conversation.draft

    def and_say(self, *messages: Message) -> "Turn":
        """Return the turn with more to say."""
        return replace(self, replies=(*self.replies, *map(Reply, messages)))


def settled_on(turn: Turn, card: str) -> Turn:
    """Return a turn with the message that was `COMING`; if it never came, it is left alone."""
    replies = (
        replace(reply, over=card) if reply.over == COMING else reply
        for reply in turn.replies
        if card or reply.over != COMING or reply.needed
    )
    return replace(turn, replies=tuple(replies))


def left_as(message: Message, card: str) -> Reply:
    """Return what the card of a stage that is over turns into."""
    return Reply(message, over=card, needed=False)


def say(*messages: Message) -> Turn:
    """Return a turn that only says something."""
    return Turn(replies=tuple(map(Reply, messages)))
