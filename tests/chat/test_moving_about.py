"""Back, Change, drafts and other talk in between: what was typed is never lost."""

import pytest

from tests.chat.intake import (
    ABOUT,
    CALLING_NAME,
    INQUIRY,
    NEW_NUMBERS,
    PORT,
    finishes,
    gets_to,
    goes_on_to,
    number_of,
    opens_a_case,
    submits,
)
from tests.chat.office import Office
from tests.chat.people import Person
from tests.chat.reading import buttons_of

STAGES = ("category", "country", "case_type", "details", "about", "papers", "review")


@pytest.mark.parametrize("way", ["button", "word"])
@pytest.mark.parametrize("stage", STAGES[1:])
async def test_back_opens_the_stage_before(ada: Person, stage: str, way: str) -> None:
    left = await gets_to(stage, ada)
    if way == "button":
        await ada.clicks("Back")
    else:
        await ada.says("back")

    assert ada.asked() == STAGES[STAGES.index(stage) - 1]
    assert not ada.offered(left), "nothing stale can be pressed"
    if ada.asked() == "details":
        assert ada.held["order_name"] == "Paris office"
    if ada.asked() == "about":
        assert ada.held["title"] == ABOUT["title"]
    await finishes(ada)


async def test_back_all_the_way_and_forth_again(ada: Person) -> None:
    await gets_to("review", ada)
    for stage in reversed(STAGES[:-1]):
        await ada.clicks("Back")
        assert ada.asked() == stage
    assert "Back" not in ada.offered()
    await finishes(ada)


@pytest.mark.parametrize("stage", STAGES[:-1])
async def test_change_opens_any_stage_and_comes_back_to_the_review(ada: Person, stage: str) -> None:
    await gets_to("review", ada)
    await ada.clicks(stage)
    assert ada.asked() == stage

    match stage:
        case "category":
            await ada.clicks("new_request")
        case "case_type":
            await ada.clicks("port_in")
        case _:
            await ada.answers()
    assert ada.asked() == "review", "the same answer leaves all others standing"
    ada.sees("Paris office", ABOUT["title"], "loa.pdf")
    await submits(ada)


async def test_a_changed_answer_is_the_one_that_is_sent(desk: Office, ada: Person) -> None:
    await gets_to("review", ada)
    await ada.clicks("details")
    await ada.answers(order_name="Lyon office")
    ada.sees("Lyon office")
    ada.sees_no("Paris office")
    await submits(ada)
    await desk.delivered()
    desk.agnes.sees("Lyon office", on=desk.teams.threads()[0].root)


async def test_another_country_asks_for_its_details_again(ada: Person) -> None:
    await gets_to("review", ada)
    await ada.clicks("country")
    await ada.answers(country="DE")
    await ada.clicks("port_in")
    assert ada.asked() == "details"
    ada.sees("Germany")
    assert ada.held["order_name"] == "Paris office"

    await ada.answers()
    assert "numbers" in ada.problems, "French numbers are none of Germany's"
    await ada.answers(numbers=number_of("DE"))
    assert ada.asked() == "papers", "what is asked of every case stands"
    await ada.answers()
    assert set(ada.problems) == {"loa"}, "it was signed for other numbers"
    await ada.drops("new loa.pdf")
    await ada.answers()
    ada.sees("Germany", ABOUT["title"])
    await submits(ada)


async def test_another_country_may_not_have_the_type(ada: Person) -> None:
    await gets_to("review", ada, CALLING_NAME)
    await ada.clicks("country")
    await ada.answers(country="FR")
    assert ada.asked() == "case_type"
    assert "custom_calling_name" not in ada.choices()
    await ada.clicks("port_in")
    await finishes(ada)


async def test_another_category_leaves_the_details_out(desk: Office, ada: Person) -> None:
    await gets_to("review", ada)
    await ada.clicks("category")
    await ada.clicks("general_inquiry")
    assert ada.asked() == "country"
    await goes_on_to("review", ada, INQUIRY)
    ada.sees_no("Paris office")
    await submits(ada)
    await desk.delivered()
    desk.agnes.sees_no("Paris office", on=desk.teams.threads()[0].root)


@pytest.mark.parametrize("word", ["help", "my cases", "company cases", "drafts", "profile", "hi"])
async def test_other_talk_keeps_the_draft(ada: Person, word: str) -> None:
    form = await gets_to("about", ada)
    await ada.says(word)
    if word != "drafts":
        ada.sees("You are in the middle of")
    await ada.answers(form, **ABOUT)
    assert ada.asked() == "papers"
    await finishes(ada)


async def test_cancel_puts_aside_and_nothing_is_lost(ada: Person) -> None:
    form = await gets_to("about", ada)
    await ada.says("cancel")
    ada.sees("is put aside")
    assert not ada.offered(form)

    await ada.says("drafts")
    await ada.clicks("resume")
    assert ada.asked() == "about"
    await ada.clicks("Back")
    assert ada.held["order_name"] == "Paris office"
    await finishes(ada)


async def test_finish_later_and_go_on_from_its_answer(ada: Person) -> None:
    await gets_to("details", ada)
    await ada.clicks("Finish later")
    await ada.clicks("Continue")
    assert ada.asked() == "details"
    await finishes(ada)


async def test_cancel_without_a_form_says_so(ada: Person) -> None:
    await ada.says("cancel")
    ada.sees("You are not filling in a case")
    await ada.clicks("new_case")
    await finishes(ada)


async def test_two_drafts_live_side_by_side(ada: Person) -> None:
    first = await gets_to("about", ada)
    await ada.says("new case")
    ada.sees("Your unfinished case is kept")
    assert not ada.offered(first)
    await goes_on_to("about", ada, INQUIRY)

    await ada.says("drafts")
    drafts = ada.latest
    assert ada.offered(drafts) == ["Continue", "Discard"] * 2
    ada.sees("Port in · France", "General inquiry · Japan", on=drafts)

    await ada.clicks("resume", on=drafts)
    ada.sees("General inquiry · Japan")
    one = await finishes(ada, INQUIRY)
    await ada.says("drafts")
    assert ada.offered() == ["Continue", "Discard"]
    await ada.clicks("resume")
    ada.sees("Port in · France")
    two = await finishes(ada)
    assert one != two
    await ada.says("drafts")
    ada.sees("You have no drafts")


async def test_a_discarded_draft_is_gone(ada: Person) -> None:
    form = await gets_to("about", ada)
    stale = ada.now(form)
    await ada.says("drafts")
    await ada.clicks("discard")
    ada.sees("The draft is discarded")
    await ada.says("drafts")
    ada.sees("You have no drafts")

    await ada.sends(stale.card["actions"][0]["data"] | ABOUT, on=stale)
    ada.sees("no longer there", on=stale)
    await opens_a_case(ada)


async def test_a_stale_card_is_answered_with_what_is_asked_now(ada: Person) -> None:
    await ada.says("new case")
    stale = ada.open_card
    await goes_on_to("details", ada)
    now = ada.open_card

    inquiry = next(b for b in buttons_of(stale.card) if b.data.get("value") == "general_inquiry")
    await ada.sends(inquiry.data, on=stale)

    assert not ada.offered(stale), "the stale card turns into its summary"
    ada.sees("✓ Category", "New request", on=stale)
    assert ada.open_card.id == now.id
    await finishes(ada)


async def test_a_card_of_a_sent_case_says_which_it_is(ada: Person) -> None:
    review = await gets_to("review", ada)
    number = await submits(ada)
    await ada.sends(review.card["actions"][0]["data"], on=review)
    ada.sees("This case was sent", number, on=review)

    other = await opens_a_case(ada, INQUIRY)
    assert other != number


async def test_a_draft_keeps_its_language_free_answers(desk: Office, ada: Person) -> None:
    await gets_to("about", ada, NEW_NUMBERS)
    desk.teams.set_person("ada", locale="fr-FR")
    await ada.says("brouillons")
    ada.sees("Vos brouillons", "Nouveaux numéros · Belgique")
    await ada.clicks("resume")
    ada.sees("Expliquez-nous")
    await finishes(ada, NEW_NUMBERS)


async def test_ten_drafts_are_enough(ada: Person) -> None:
    for _ in range(10):
        await ada.says("new case")
    await ada.says("new case")
    ada.sees("Your drafts")
    assert ada.all_saying("You have 10 unfinished cases")
    await ada.clicks("discard")
    await ada.says("drafts")
    await ada.clicks("resume")
    await finishes(ada, PORT)


@pytest.mark.parametrize("verb", ["answer", "send", "back"])
async def test_a_press_for_a_stage_not_reached_yet_shows_the_card_as_it_is(
    ada: Person, verb: str
) -> None:
    await gets_to("details", ada)
    before = len(ada.heard)
    await ada.sends({"verb": verb, "stage": "review"})
    assert len(ada.heard) == before + 1
    assert ada.asked() == "details"
    await finishes(ada)


async def test_an_answer_to_the_review_sends_the_case(ada: Person) -> None:
    review = await gets_to("review", ada)
    await ada.sends({"stage": "review"}, on=review)
    await ada.hears("Your case is TNS-")


@pytest.mark.parametrize("value", [{"foo": "bar"}, {"verb": "answer"}, {"verb": "leap"}])
async def test_nothing_is_sent_by_a_press_that_does_not_say_so(
    ada: Person, value: dict[str, str]
) -> None:
    review = await gets_to("review", ada)
    await ada.sends(value, on=review)
    assert ada.asked() == "review"
    await finishes(ada)
