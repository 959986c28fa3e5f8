"""Turns of which nobody knows whether they are saved: the store's answer was lost.

Their activities come again, and are known to have been worked off if they were; what there was to
say to them has not been said then. It is said if the chat has not gone on since; if it has, what
is open now is shown, as ever when an activity comes again.
"""

from collections import OrderedDict
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from cases.errors import Unavailable
from cases.ports import Arrival, ChatId, Conversations
from dialogs.turn import Turn

MOST: Final = 200
"""Chats of which one is remembered; an activity comes again within seconds, or not at all."""

T = TypeVar("T")


@dataclass(frozen=True)
class _Doubt(Generic[T]):
    arrival: Arrival
    lease: str
    turn: Turn
    outcome: T


class InDoubt(Generic[T]):
    """Remembers what the last turn of a chat came to, if it is in doubt."""

    def __init__(self, conversations: Conversations) -> None:
        """Take where turns are saved."""
        self._conversations = conversations
        self._doubts: OrderedDict[ChatId, _Doubt[T]] = OrderedDict()

    def note(self, arrival: Arrival, lease: str, turn: Turn, outcome: T) -> None:
        """Remember what a turn comes to if it is saved."""
        self._doubts[arrival.chat] = _Doubt(arrival, lease, turn, outcome)
        self._doubts.move_to_end(arrival.chat)
        if len(self._doubts) > MOST:
            self._doubts.popitem(last=False)

    def went_on(self, chat: ChatId) -> None:
        """Forget what was in doubt: a later turn of the chat is saved."""
        self._doubts.pop(chat, None)

    async def settled(self, arrival: Arrival) -> T | None:
        """Return what a turn came to that turns out to be saved; none if it is not news any more.

        Raises `Unavailable`; then it stays in doubt.
        """
        doubt = self._doubts.get(arrival.chat)
        if doubt is None or doubt.arrival != arrival:
            return None
        lease = await self._conversations.worked_off_by(arrival)
        if not lease:
            # A server that has taken over does not know of it.
            raise Unavailable("undone")
        is_news = lease == doubt.lease and await self._still_stands(arrival, doubt.turn)
        self._doubts.pop(arrival.chat, None)
        return doubt.outcome if is_news else None

    async def _still_stands(self, arrival: Arrival, turn: Turn) -> bool:
        """Return whether the draft is as the turn left it: else its card is an old one."""
        if turn.draft is None:
            return True
        stored = await self._conversations.draft(arrival.tenant, turn.draft.id)
        return stored is not None and not stored.case and stored.rev == turn.draft.rev + 1
