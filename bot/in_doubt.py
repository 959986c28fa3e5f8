"""Turns of which nobody knows whether they are saved: the store's answer was lost.

Their activities come again, and are known to have been worked off if they were; what there was to
say to them has not been said then.
"""

from collections import OrderedDict
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from cases.ports import Arrival, Conversations
from dialogs.turn import Turn

MOST: Final = 1000
"""Turns in doubt that are remembered; an activity comes again within seconds, or not at all."""

T = TypeVar("T")


@dataclass(frozen=True)
class _Doubt(Generic[T]):
    lease: str
    turn: Turn
    outcome: T


class InDoubt(Generic[T]):
    """Remembers what such turns came to."""

    def __init__(self, conversations: Conversations) -> None:
        """Take where turns are saved."""
        self._conversations = conversations
        self._doubts: OrderedDict[Arrival, _Doubt[T]] = OrderedDict()

    def note(self, arrival: Arrival, lease: str, turn: Turn, outcome: T) -> None:
        """Remember what a turn comes to if it is saved."""
        self._doubts[arrival] = _Doubt(lease, turn, outcome)
        self._doubts.move_to_end(arrival)
        if len(self._doubts) > MOST:
            self._doubts.popitem(last=False)

    async def settled(self, arrival: Arrival) -> T | None:
        """Return what a turn came to that turns out to be saved; none if it is not news any more.

        Raises `Unavailable`; then it stays in doubt.
        """
        doubt = self._doubts.get(arrival)
        if doubt is None:
            return None
        mine = await self._conversations.worked_off_by(arrival) == doubt.lease
        is_news = mine and await self._still_stands(arrival, doubt.turn)
        self._doubts.pop(arrival, None)
        return doubt.outcome if is_news else None

    async def _still_stands(self, arrival: Arrival, turn: Turn) -> bool:
        """Return whether the draft is as the turn left it: else its card is an old one."""
        if turn.draft is None:
            return True
        stored = await self._conversations.draft(arrival.tenant, turn.draft.id)
        return stored is not None and stored.rev == turn.draft.rev + 1
