"""Runs a turn: take, think, save, and only then speak.

Two round trips to the store: `take` removes doubles, leases the conversation and loads; `put`
saves and gives the lease back. A draft that moved on meanwhile is read again. The next turn of a
conversation begins once this one is saved, and speaks once this one has spoken: a connector that is
slow keeps no answer from being saved.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field, replace
from typing import Any, Final, Protocol, TypeVar
from uuid import uuid4

import structlog
from botbuilder.core import TurnContext

from bot.adapter import headway_of
from bot.in_doubt import InDoubt
from bot.inbound import Inbound
from bot.open_cards import OpenCards, Shown
from bot.people import learned
from bot.queues import Queues
from cases.errors import Conflict, Unavailable
from cases.model import Person
from cases.ports import Arrival, Arrived, ChatId, Clock, Conversations, Taken
from dialogs.migrations import current
from dialogs.seam import NotSent, speak
from dialogs.turn import COMING, Here, Said, Turn, settled_on
from strings import text_for

PATIENCE: Final = 20.0
"""Seconds that a turn waits for the one before it, whose lease ends sooner."""
SPOKEN_WITHIN: Final = 0.1
"""Seconds that a turn that is saved has to speak before it is said to be over.

Usually it has, and if the bot dies in between Teams tells it again; a slow connector keeps nobody
waiting.
"""
STILL_SPEAKING: Final = 2.0
"""Seconds that a turn that is saved waits for the one before it to have said everything."""
RETRIES: Final = 5
INSIST: Final = 8
"""Tries of a turn that nobody sends again; half a minute in all."""

_log = structlog.get_logger(__name__)

T = TypeVar("T")
Think = Callable[[Here], Awaitable[Turn]]
Speech = asyncio.Task[tuple[str, ...]]
"""A turn's replies on their way; comes to the messages that tell how far its long checks are, in
their order."""


class Start(Protocol):
    """Begins work that outlasts its turn, and sees to it that this comes to an end."""

    def __call__(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """Begin."""
        ...


@dataclass(frozen=True)
class Outcome:
    """What came of a turn; `repeated` when the activity had been worked off before."""

    turn: Turn = field(default_factory=Turn)
    person: Person | None = None
    repeated: bool = False
    speech: Speech | None = None
    counted_on_card: bool = False
    """Whether it left the card of the open stage to a turn whose card was still on its way."""


class Turns:
    """Runs turns of conversations, one at a time in each."""

    def __init__(self, conversations: Conversations, clock: Clock, start: Start) -> None:
        """Take the store of conversations, a clock, and what sees speeches through."""
        self._conversations = conversations
        self._clock = clock
        self._start = start
        self._cards = OpenCards()
        self._in_doubt: InDoubt[Outcome] = InDoubt(conversations)
        self._thinking = Queues()
        self._speaking = Queues()
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
        """Run one turn and begin to speak; raises `Unavailable` if nothing could be saved.

        `locale` is the language of a place that several people read. `again` thinks of what to say
        where the card of the open stage may be missing: to an activity that was worked off before,
        perhaps by a bot that died over it, and where a card that was coming never came.
        """
        arrival = Arrival(*inbound.chat, inbound.id, inbound.user)
        outcome = await self._run(context, arrival, inbound, said, think, locale)
        if again is None:
            return outcome

        async def once_more(mark: str) -> Outcome:
            arriving = replace(arrival, activity=f"{arrival.activity} {mark}")
            return await self._run(context, arriving, inbound, said, again, locale)

        async def make_up() -> None:
            async with self._speaking.in_turn(arrival.chat, PATIENCE):
                pass
            if not self._cards.latest(arrival.chat):
                await once_more("made up")

        latest = await once_more("again") if outcome.repeated else outcome
        if latest.counted_on_card:
            self._start(make_up())
        return outcome

    async def _run(
        self,
        context: TurnContext,
        arrival: Arrival,
        inbound: Inbound,
        said: Said,
        think: Think,
        locale: str,
    ) -> Outcome:
        chat = arrival.chat
        async with self._thinking.in_turn(chat, PATIENCE):
            outcome = await self._saved(arrival, inbound, said, think, locale)
        if outcome.repeated:
            return outcome
        turn = outcome.turn
        coming = self._cards.saved(chat, turn.draft if turn.opens else None)
        speech = self._start(self._speak(context, chat, turn, coming))
        headway_of(context).speech = speech
        await asyncio.wait({speech}, timeout=SPOKEN_WITHIN)
        return replace(outcome, speech=speech)

    async def _saved(
        self, arrival: Arrival, inbound: Inbound, said: Said, think: Think, locale: str
    ) -> Outcome:
        """Take, think and save; from the start again if the draft moved on meanwhile."""
        for _ in range(RETRIES):
            lease = uuid4().hex
            taken = await self._take(arrival, lease)
            if taken.state is Arrived.DONE:
                return await self._in_doubt.settled(arrival) or Outcome(repeated=True)
            try:
                outcome = await self._once(arrival, taken, inbound, said, think, locale)
            except BaseException:
                self._let_go(arrival, lease)
                raise
            if outcome is not None:
                return outcome
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
        draft = current(taken.draft) if taken.draft else None
        here = Here(
            said=said,
            text=text_for(
                locale or person.chosen_locale or inbound.locale or "",
                zone=person.timezone if inbound.is_personal else "",
            ),
            now=self._clock(),
            person=person,
            conversation=taken.conversation,
            draft=draft,
            open_card=self._cards.get(arrival.chat, draft),
            closed=self._cards.is_closed(arrival.chat, said.card),
        )
        turn = await think(here)
        after = turn.person or person
        news = after.news_since(taken.person)
        counted = here.open_card == COMING and not turn.opens
        outcome = Outcome(turn, after, counted_on_card=counted)
        try:
            saved = await self._conversations.put(
                arrival,
                taken.lease,
                conversation=turn.conversation,
                draft=turn.draft,
                person=after if news else None,
                news=news,
            )
        except Unavailable:
            self._in_doubt.note(arrival, taken.lease, turn, outcome)
            raise
        if not saved:
            return None
        self._in_doubt.went_on(arrival.chat)
        return outcome

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

    async def _speak(
        self, context: TurnContext, chat: ChatId, turn: Turn, coming: Shown
    ) -> tuple[str, ...]:
        """Say what is saved; what cannot be said now is seen with the next word.

        Returns the messages that tell how far checks are.
        """
        cards = self._cards
        async with self._speaking.in_turn(chat, STILL_SPEAKING) as in_order:
            came = cards.latest(chat) if in_order else ""
            try:
                spoken = await speak(context, settled_on(turn, came))
            except NotSent as failure:
                _log.warning("reply_not_sent", sent=failure.outcome.sent, why=failure.outcome.why)
                if turn.opens or turn.ends_draft:
                    cards.stands(chat, coming, "")
                return ()
            finally:
                cards.spoken(chat, coming)
            cards.close(chat, spoken.closed)
            if spoken.opened or turn.ends_draft:
                cards.stands(chat, coming, spoken.opened)
        return spoken.progress


async def insistently(run: Callable[[], Awaitable[T]], tries: int = INSIST) -> T:
    """Run a turn that nobody sends again, through a store's bad minute; it is known by its id."""
    for attempt in range(1, tries):
        try:
            return await run()
        except (Unavailable, Conflict):
            await asyncio.sleep(attempt)
    return await run()
