"""Which message shows the open stage of each conversation, as far as this process knows."""

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import count
from typing import Final

from cases.ports import ChatId
from dialogs.turn import COMING

REMEMBERED: Final = 20_000


@dataclass(frozen=True)
class _Shown:
    turn: int
    card: str


class OpenCards:
    """Remembers cards; a hint: without it one stays where it is, and a press on it is stale.

    Turns are told apart by a number that grows, since one that is saved later may speak earlier.
    """

    def __init__(self) -> None:
        """Begin with nothing."""
        self._turns = count(1)
        self._shown: OrderedDict[ChatId, _Shown] = OrderedDict()
        self._coming: dict[ChatId, int] = {}
        self._closed: OrderedDict[tuple[ChatId, str], None] = OrderedDict()

    def get(self, chat: ChatId) -> str:
        """Return the id of the message, `COMING` if it is being sent; empty if it is not known."""
        return COMING if chat in self._coming else self.latest(chat)

    def latest(self, chat: ChatId) -> str:
        """Return the id of the latest message that was sent; empty if it is not known."""
        shown = self._shown.get(chat)
        return shown.card if shown else ""

    def is_closed(self, chat: ChatId, card: str) -> bool:
        """Return whether a message was replaced by what says that it is over."""
        return (chat, card) in self._closed

    def saved(self, chat: ChatId, *, opens: bool) -> int:
        """Note that a turn is saved, and whether it sends a message to remember; number it."""
        turn = next(self._turns)
        if opens:
            self._coming[chat] = turn
        return turn

    def spoken(self, chat: ChatId, turn: int) -> None:
        """Note that a turn sends nothing any more."""
        if self._coming.get(chat) == turn:
            del self._coming[chat]

    def stands(self, chat: ChatId, turn: int, card: str) -> None:
        """Remember the message of a turn, unless a later turn's is known; an empty id forgets."""
        if chat in self._shown and self._shown[chat].turn > turn:
            return
        self._shown[chat] = _Shown(turn, card)
        self._shown.move_to_end(chat)
        if len(self._shown) > REMEMBERED:
            self._shown.popitem(last=False)

    def close(self, chat: ChatId, cards: Iterable[str]) -> None:
        """Remember messages that are over."""
        for card in cards:
            self._closed[chat, card] = None
        while len(self._closed) > REMEMBERED:
            self._closed.popitem(last=False)
