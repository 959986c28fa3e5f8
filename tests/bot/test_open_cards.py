"""Which card is open, when turns speak in another order than they were saved in."""

from bot.open_cards import OpenCards
from dialogs.turn import COMING

CHAT = ("contoso", "a:1")


def test_a_card_on_its_way_is_coming_until_it_stands() -> None:
    cards = OpenCards()
    turn = cards.saved(CHAT, opens=True)
    assert cards.get(CHAT) == COMING
    cards.spoken(CHAT, turn)
    cards.stands(CHAT, turn, "1")
    assert cards.get(CHAT) == "1"
    assert cards.get(("contoso", "a:2")) == ""


def test_a_turn_that_speaks_late_does_not_hide_the_card_of_the_next() -> None:
    cards = OpenCards()
    slow, quick = cards.saved(CHAT, opens=True), cards.saved(CHAT, opens=True)
    cards.spoken(CHAT, quick)
    cards.stands(CHAT, quick, "2")
    assert cards.get(CHAT) == "2"
    cards.spoken(CHAT, slow)
    cards.stands(CHAT, slow, "1")
    assert cards.get(CHAT) == "2"


def test_a_turn_that_opens_nothing_leaves_the_card_as_it_is() -> None:
    cards = OpenCards()
    first = cards.saved(CHAT, opens=True)
    cards.saved(CHAT, opens=False)
    assert cards.get(CHAT) == COMING
    cards.spoken(CHAT, first)
    cards.stands(CHAT, first, "1")
    assert cards.get(CHAT) == "1"


def test_a_card_that_never_came_is_not_known() -> None:
    cards = OpenCards()
    turn = cards.saved(CHAT, opens=True)
    cards.spoken(CHAT, turn)
    cards.stands(CHAT, turn, "")
    assert cards.get(CHAT) == ""
