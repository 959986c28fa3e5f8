"""Which card is open, when turns speak in another order than they were saved in."""

from datetime import UTC, datetime

from bot.open_cards import OpenCards, Shown
from cases.model import Draft
from dialogs.turn import COMING

CHAT = ("contoso", "a:1")
NOW = datetime(2026, 11, 21, tzinfo=UTC)
DRAFT = Draft(id="d-1", tenant="contoso", user="ada", asked="about", created=NOW, updated=NOW)


def speaks(cards: OpenCards, turn: Shown, card: str) -> None:
    """Have a turn say all that it says."""
    cards.spoken(CHAT, turn)
    cards.stands(CHAT, turn, card)


def test_a_card_on_its_way_is_coming_until_it_stands() -> None:
    cards = OpenCards()
    coming = cards.saved(CHAT, DRAFT)
    assert cards.get(CHAT, DRAFT) == COMING
    speaks(cards, coming, "1")
    assert cards.get(CHAT, DRAFT) == "1"
    assert cards.get(CHAT, None) == "1"
    assert cards.get(("contoso", "a:2"), DRAFT) == ""


def test_a_turn_that_speaks_late_does_not_hide_the_card_of_the_next() -> None:
    cards = OpenCards()
    slow, quick = cards.saved(CHAT, DRAFT), cards.saved(CHAT, DRAFT)
    speaks(cards, quick, "2")
    assert cards.get(CHAT, DRAFT) == "2"
    speaks(cards, slow, "1")
    assert cards.get(CHAT, DRAFT) == "2"


def test_a_turn_that_opens_nothing_leaves_the_card_as_it_is() -> None:
    cards = OpenCards()
    first = cards.saved(CHAT, DRAFT)
    cards.saved(CHAT, None)
    assert cards.get(CHAT, DRAFT) == COMING
    speaks(cards, first, "1")
    assert cards.get(CHAT, DRAFT) == "1"


def test_a_card_that_never_came_is_not_known() -> None:
    cards = OpenCards()
    coming = cards.saved(CHAT, DRAFT)
    speaks(cards, coming, "")
    assert cards.get(CHAT, DRAFT) == ""


def test_a_card_from_before_another_process_went_on_is_not_known() -> None:
    cards = OpenCards()
    coming = cards.saved(CHAT, DRAFT)
    speaks(cards, coming, "1")
    assert cards.get(CHAT, DRAFT.but(asked="papers")) == ""
    assert cards.get(CHAT, DRAFT.but(id="d-2")) == ""
