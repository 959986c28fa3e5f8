"""Runs a turn: take, think, save, and only then speak.

Two round trips to the store: `take` removes doubles, leases the conversation and loads; `put`
saves and gives the lease back. A draft that moved on meanwhile is read again.
"""

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Final
from uuid import uuid4
from weakref import WeakValueDictionary

import structlog
from botbuilder.core import TurnContext

from bot.adapter import headway_of
from bot.inbound import Inbound
from bot.people import learned
from cases.errors import Conflict, Unavailable
from cases.model import Person
from cases.ports import Arrival, Arrived, Clock, Conversations, Taken
from dialogs.migrations import current
from dialogs.seam import NotSent, speak
from dialogs.turn import Here, Said, Turn
from strings import text_for

PATIENCE: Final = 20.0
"""Seconds that a turn waits for the one before it, whose lease ends sooner."""
STILL_SPEAKING: Final = 2.0
"""Seconds that a turn waits for the one before it to have said everything."""
RETRIES: Final = 5
REMEMBERED_CARDS: Final = 20_000

_log = structlog.get_logger(__name__)

Think = Callable[[Here], Awaitable[Turn]]


@dataclass(frozen=True)
class Outcome:
    """What came of a turn; `repeated` when the activity had been worked off before."""

    turn: Turn = field(default_factory=Turn)
    person: Person | None = None
    repeated: bool = False
    progress: tuple[str, ...] = ()
    """The messages that tell how far the turn's long checks are, in their order."""


class OpenCards:
    """Remembers, in this process, which message shows the open stage of each conversation.

    A hint: without it a card stays where it is, and a press on it is answered as stale.
    """

    def __init__(self) -> None:
        """Begin with nothing."""
        self._cards: OrderedDict[tuple[str, str], str] = OrderedDict()
        self._closed: OrderedDict[tuple[str, str], None] = OrderedDict()

    def is_closed(self, arrival: Arrival, activity_id: str) -> bool:
        """Return whether a message was replaced by what says that it is over."""
        return (arrival.conversation, activity_id) in self._closed

    def close(self, arrival: Arrival, activity_ids: Iterable[str]) -> None:
        """Remember messages that are over."""
        for activity_id in activity_ids:
            self._closed[arrival.conversation, activity_id] = None
        while len(self._closed) > REMEMBERED_CARDS:
            self._closed.popitem(last=False)

    def get(self, arrival: Arrival) -> str:
        """Return the id of the message; empty if it is not known."""
        return self._cards.get((arrival.tenant, arrival.conversation), "")

    def set(self, arrival: Arrival, activity_id: str) -> None:
        """Remember a message; an empty id forgets."""
        key = (arrival.tenant, arrival.conversation)
        self._cards.pop(key, None)
        if activity_id:
            self._cards[key] = activity_id
        if len(self._cards) > REMEMBERED_CARDS:
            self._cards.popitem(last=False)


class Turns:
    """Runs turns of conversations, one at a time in each."""

    def __init__(self, conversations: Conversations, clock: Clock) -> None:
        """Take the store of conversations and a clock."""
        self._conversations = conversations
        self._clock = clock
        self._cards = OpenCards()
        self._speaking: WeakValueDictionary[tuple[str, str], asyncio.Lock] = WeakValueDictionary()
        self._releasing: set[asyncio.Task[None]] = set()

    async def run(
        self,
        context: TurnContext,
        inbound: Inbound,
        said: Said,
        think: Think,
        *,
        locale: str = "",
        again: Think | None = None,
    ) -> Outcome:
        """Run one turn and speak; raises `Unavailable` if nothing could be saved.

        `locale` is the language of a place that several people read. `again` thinks of what to say
        to an activity that was worked off before, if nothing of it is known to be on screen.
        """
        arrival = Arrival(inbound.tenant, inbound.conversation_id, inbound.id, inbound.user)
        async with self._in_order(arrival):
            outcome = await self._run(context, arrival, inbound, said, think, locale)
            if outcome.repeated and again is not None and not self._cards.get(arrival):
                once = replace(arrival, activity=f"{arrival.activity} again")
                await self._run(context, once, inbound, said, again, locale)
            return outcome

    @asynccontextmanager
    async def _in_order(self, arrival: Arrival) -> AsyncIterator[None]:
        """Let the turn before say everything first: a double click then finds its card.

        Only politeness within this process; a connector that hangs holds nobody up for long.
        """
        key = (arrival.tenant, arrival.conversation)
        lock = self._speaking.setdefault(key, asyncio.Lock())
        try:
            await asyncio.wait_for(lock.acquire(), STILL_SPEAKING)
        except TimeoutError:
            yield
            return
        try:
            yield
        finally:
            lock.release()

    async def _run(
        self,
        context: TurnContext,
        arrival: Arrival,
        inbound: Inbound,
        said: Said,
        think: Think,
        locale: str,
    ) -> Outcome:
        for _ in range(RETRIES):
            lease = uuid4().hex
            taken = await self._take(arrival, lease)
            if taken.state is Arrived.DONE:
                return Outcome(repeated=True)
            if said.files:
                headway_of(context).safe.set()
            try:
                outcome = await self._once(arrival, taken, inbound, said, think, locale)
            except BaseException:
                self._let_go(arrival, lease)
                raise
            if outcome is not None:
                headway = headway_of(context)
                (headway.saved if outcome.turn.changes else headway.safe).set()
                progress = await self._speak(context, arrival, outcome.turn)
                return replace(outcome, progress=progress)
            await self._released(arrival, lease)
        raise Conflict

    async def _take(self, arrival: Arrival, lease: str) -> Taken:
        """Begin the turn, after the one before it has ended."""
        waited, pause = 0.0, 0.02
        while True:
            taken = await self._conversations.take(arrival, lease)
            if taken.state is not Arrived.BUSY:
                return taken
            if waited > PATIENCE:
                raise Unavailable("busy")
            await asyncio.sleep(pause)
            waited, pause = waited + pause, min(pause * 1.5, 0.25)

    async def _once(
        self,
        arrival: Arrival,
        taken: Taken,
        inbound: Inbound,
        said: Said,
        think: Think,
        locale: str,
    ) -> Outcome | None:
        """Think and save; none if the draft moved on and all must be read again."""
        person = learned(taken.person, inbound)
        here = Here(
            said=said,
            text=text_for(
                locale or person.chosen_locale or inbound.locale or "",
                zone=person.timezone if inbound.is_personal else "",
            ),
            now=self._clock(),
            person=person,
            conversation=taken.conversation,
            draft=current(taken.draft) if taken.draft else None,
            open_card=self._cards.get(arrival),
            closed=self._cards.is_closed(arrival, said.card),
        )
        turn = await think(here)
        after = turn.person or person
        saved = await self._conversations.put(
            arrival,
            taken.lease,
            conversation=turn.conversation,
            draft=turn.draft,
            person=after if after != taken.person else None,
        )
        return Outcome(turn, after) if saved else None

    def _let_go(self, arrival: Arrival, lease: str) -> None:
        """Give the lease back, while whoever waits for an answer gets it: the store may be away."""
        task = asyncio.create_task(self._released(arrival, lease))
        self._releasing.add(task)
        task.add_done_callback(self._releasing.discard)

    async def _released(self, arrival: Arrival, lease: str) -> None:
        try:
            await self._conversations.release(arrival, lease)
        except Unavailable:
            _log.info("lease_left_to_expire")

    async def _speak(self, context: TurnContext, arrival: Arrival, turn: Turn) -> tuple[str, ...]:
        """Say what is saved; what cannot be said now is seen with the next word.

        Returns the messages that tell how far checks are.
        """
        try:
            spoken = await speak(context, turn)
        except NotSent as failure:
            _log.warning("reply_not_sent", sent=failure.outcome.sent, why=failure.outcome.why)
            self._cards.set(arrival, "")
            return ()
        self._cards.close(arrival, spoken.closed)
        if spoken.opened or (turn.conversation is not None and not turn.conversation.draft):
            self._cards.set(arrival, spoken.opened)
        return spoken.progress
