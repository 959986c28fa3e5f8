"""The same thing twice, at once or late: it is done once, and answered both times."""

import asyncio

import pytest

from tests.chat.intake import INQUIRY, PORT, finishes, gets_to, goes_on_to, number_in, submits
from tests.chat.office import Office
from tests.chat.people import Person
from tests.chat.reading import words_of

STAGES = ("category", "country", "case_type", "details", "about", "papers")


@pytest.mark.parametrize("stage", STAGES)
async def test_a_double_click_answers_once(ada: Person, stage: str) -> None:
    form = await gets_to(stage, ada)
    if stage == "papers":
        await ada.drops("loa.pdf")
        form = ada.open_card
    before = len(ada.heard)

    async def click() -> None:
        match stage:
            case "category":
                await ada.clicks("new_request", on=form)
            case "country":
                await ada.answers(form, country="FR")
            case "case_type":
                await ada.clicks("port_in", on=form)
            case "details":
                await ada.answers(form, **PORT.details)
            case "about":
                await ada.answers(form, **PORT.about)
            case _:
                await ada.answers(form)

    await asyncio.gather(click(), click())

    assert len(ada.heard) == before + 1, "one card follows"
    assert not ada.offered(form), "the answered card is its summary"
    await finishes(ada)


@pytest.mark.parametrize("button", ["Back", "Finish later", "Change"])
async def test_a_double_click_on_a_way_out(ada: Person, button: str) -> None:
    review = await gets_to("review", ada)
    await asyncio.gather(ada.clicks(button, on=review), ada.clicks(button, on=review))
    if button == "Finish later":
        await ada.says("drafts")
        assert ada.offered() == ["Continue", "Discard"]
        await ada.clicks("resume")
    assert not ada.offered(review)
    if ada.asked() == "category":
        await ada.clicks("new_request")
    await finishes(ada)


async def test_two_submits_are_one_case_and_the_number_twice(desk: Office, ada: Person) -> None:
    review = await gets_to("review", ada)
    send = next(a for a in review.card["actions"] if a["data"]["verb"] == "send")

    await asyncio.gather(*(ada.sends(send["data"], on=review) for _ in range(5)))

    number = number_in(ada, review)
    changed = desk.teams.calls("PUT", activity=review.id)
    told = [call for call in changed if number in str(call.body)]
    assert len(told) == 5, "each press is answered with the number"
    await desk.delivered()
    assert len(desk.teams.threads()) == 1
    await ada.says("my cases")
    assert ada.offered() == ["Open"]
    ada.sees(number)


@pytest.mark.parametrize("new_id", [False, True], ids=["same id", "new id"])
@pytest.mark.parametrize("stage", [*STAGES, "review"])
async def test_an_activity_that_comes_again_is_not_worked_off_again(
    desk: Office, ada: Person, stage: str, new_id: bool
) -> None:
    await gets_to(stage, ada)
    await goes_one_on(ada, stage)
    await desk.delivered()
    said = [words_of(one) for one in ada.heard]

    delivery = await desk.teams.resend(new_id=new_id)

    assert delivery.ok
    await desk.delivered()
    if stage == "review":
        again = "This case was sent: it is TNS-" if new_id else "Your case is TNS-"
        assert ada.all_saying(again)
        assert len(desk.teams.threads()) == 1
        said = [words.replace("Your case is TNS-", again) for words in said]
    assert [words_of(one) for one in ada.heard] == said, "nothing more is said"
    if stage != "review":
        await finishes(ada)


async def goes_one_on(who: Person, stage: str) -> None:
    following = [*STAGES, "review"]
    if stage == "review":
        await submits(who)
        return
    await goes_on_to(following[following.index(stage) + 1], who)


async def test_words_that_come_again_with_their_id_are_heard_once(
    desk: Office, ada: Person
) -> None:
    await ada.says("new case")
    before = len(ada.heard)
    await desk.teams.resend()
    assert len(ada.heard) == before
    await finishes(ada)


async def test_a_file_that_comes_again_is_there_once(desk: Office, ada: Person) -> None:
    await gets_to("papers", ada)
    await ada.drops("loa.pdf")
    await desk.teams.resend(new_id=True)
    assert [name for name in ada.inputs if name.startswith("file_")] == ["file_0"]
    await finishes(ada)


async def test_answers_at_once_from_two_devices_end_in_one_case(desk: Office, ada: Person) -> None:
    form = await gets_to("about", ada, INQUIRY)
    await asyncio.gather(
        ada.answers(form, title="From the laptop", description="one"),
        ada.answers(form, title="From the phone", description="two"),
    )
    assert ada.asked() == "review"
    titles = {"From the laptop", "From the phone"}
    assert sum(bool(ada.all_saying("Please check", title)) for title in titles) >= 1
    await submits(ada)
    await desk.delivered()
    assert len(desk.teams.threads()) == 1
