"""Which message shows the open stage of each conversation, as far as this process knows."""

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import count
from typing import Final

from cases.model import Draft
from cases.ports import ChatId
from dialogs.turn import COMING

REMEMBERED: Final = 20_000


@dataclass(frozen=True)
class Shown:
    """The message that a turn shows, or is about to show."""

    turn: int
    """Grows from turn to turn, since one that is saved later may speak earlier."""
    asks: str
    card: str


class OpenCards:
    """Remembers cards; a hint: without it one stays where it is, and a press on it is stale.

    A card that asks something else than the draft does now was shown before another process went
    on with the draft; it is not known any more.
    """

    def __init__(self) -> None:
        """Begin with nothing."""
        self._turns = count(1)
        self._shown: OrderedDict[ChatId, Shown] = OrderedDict()
        self._coming: dict[ChatId, Shown] = {}
        self._closed: OrderedDict[tuple[ChatId, str], None] = OrderedDict()

    def get(self, chat: ChatId, draft: Draft | None) -> str:
        """Return the id of the message, `COMING` if it is being sent; empty if it is not known.

        `draft` is what is being filled in.
        """
        known = self._coming.get(chat) or self._shown.get(chat)
        return known.card if known and (draft is None or known.asks == _asks(draft)) else ""

    def latest(self, chat: ChatId) -> str:
        """Return the id of the latest message that was sent; empty if it is not known."""
        shown = self._shown.get(chat)
        return shown.card if shown else ""

    def is_closed(self, chat: ChatId, card: str) -> bool:
        """Return whether a message was replaced by what says that it is over."""
        return (chat, card) in self._closed

    def saved(self, chat: ChatId, opened: Draft | None) -> Shown:
        """Note that a turn is saved, and of which draft it is to show a card, if of any."""
        coming = Shown(next(self._turns), _asks(opened) if opened else "", COMING)
        if opened is not None:
            self._coming[chat] = coming
        return coming

    def stands(self, chat: ChatId, coming: Shown, card: str) -> None:
        """Remember where the card stands, unless a later one is known; empty: nowhere."""
        if chat in self._shown and self._shown[chat].turn > coming.turn:
            return
        self._shown[chat] = replace(coming, card=card)
        self._shown.move_to_end(chat)
        if len(self._shown) > REMEMBERED:
            self._shown.popitem(last=False)

    def spoken(self, chat: ChatId, coming: Shown) -> None:
        """Note that a turn shows nothing any more."""
        if self._coming.get(chat) is coming:
            del self._coming[chat]

    def close(self, chat: ChatId, cards: Iterable[str]) -> None:
        """Remember messages that are over."""
        for card in cards:
            self._closed[chat, card] = None
        while len(self._closed) > REMEMBERED:
            self._closed.popitem(last=False)


def _asks(draft: Draft) -> str:
    return f"{draft.id} {draft.asked}"
