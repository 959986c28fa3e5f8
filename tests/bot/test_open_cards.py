"""Which card is open, when turns speak in another order than they were saved in."""

from datetime import UTC, datetime

from bot.open_cards import OpenCards
from cases.model import Draft
from dialogs.turn import COMING

CHAT = ("contoso", "a:1")
NOW = datetime(2026, 11, 21, tzinfo=UTC)
DRAFT = Draft(id="d-1", tenant="contoso", user="ada", asked="about", created=NOW, updated=NOW)


def test_a_card_on_its_way_is_coming_until_it_stands() -> None:
    cards = OpenCards()
    coming = cards.saved(CHAT, DRAFT)
    assert cards.get(CHAT, DRAFT) == COMING
    cards.spoken(CHAT, coming)
    cards.stands(CHAT, coming, "1")
    assert cards.get(CHAT, DRAFT) == "1"
    assert cards.get(CHAT, None) == "1"
    assert cards.get(("contoso", "a:2"), DRAFT) == ""


def test_a_turn_that_speaks_late_does_not_hide_the_card_of_the_next() -> None:
    cards = OpenCards()
    slow, quick = cards.saved(CHAT, DRAFT), cards.saved(CHAT, DRAFT)
    cards.spoken(CHAT, quick)
    cards.stands(CHAT, quick, "2")
    assert cards.get(CHAT, DRAFT) == "2"
    cards.spoken(CHAT, slow)
    cards.stands(CHAT, slow, "1")
    assert cards.get(CHAT, DRAFT) == "2"


def test_a_turn_that_opens_nothing_leaves_the_card_as_it_is() -> None:
    cards = OpenCards()
    first = cards.saved(CHAT, DRAFT)
    cards.saved(CHAT, None)
    assert cards.get(CHAT, DRAFT) == COMING
    cards.spoken(CHAT, first)
    cards.stands(CHAT, first, "1")
    assert cards.get(CHAT, DRAFT) == "1"


def test_a_card_that_never_came_is_not_known() -> None:
    cards = OpenCards()
    coming = cards.saved(CHAT, DRAFT)
    cards.spoken(CHAT, coming)
    cards.stands(CHAT, coming, "")
    assert cards.get(CHAT, DRAFT) == ""


def test_a_card_from_before_another_process_went_on_is_not_known() -> None:
    cards = OpenCards()
    coming = cards.saved(CHAT, DRAFT)
    cards.spoken(CHAT, coming)
    cards.stands(CHAT, coming, "1")
    assert cards.get(CHAT, DRAFT.but(asked="papers")) == ""
    assert cards.get(CHAT, DRAFT.but(id="d-2")) == ""
