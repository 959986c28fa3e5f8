"""Every way through the intake, in every language, to a number and a post in the desk's channel."""

import re
from dataclasses import replace

import pytest

from cases.catalogue import types_in
from cases.countries import all_countries
from tests.chat import reading
from tests.chat.intake import (
    CALLING_NAME,
    NEW_NUMBERS,
    PATHS,
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

LOCALES = ("en-US", "fr-FR")


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("name", PATHS)
async def test_every_path_ends_in_a_number_and_one_post(
    desk: Office, ada: Person, name: str, locale: str
) -> None:
    desk.teams.set_person("ada", locale=locale)
    number = await opens_a_case(ada, PATHS[name])

    assert re.fullmatch(r"TNS-\d{6,}", number)
    await desk.delivered()
    (thread,) = desk.teams.threads()
    assert not thread.replies
    desk.agnes.sees(number, "Ada Admin", "Numbers for the office", on=thread.root)
    (living,) = ada.all_saying(ada.text("status.submitted"))
    ada.sees(number, "Numbers for the office", on=living)
    assert all(one.card.get("lang") == locale[:2] for one in ada.heard if one.card)


@pytest.mark.parametrize("iso", ["US", "PR", "FR", "JP", "AE", "BR"])
async def test_offers_what_the_country_has(ada: Person, iso: str) -> None:
    await ada.says("new case")
    await ada.clicks("new_request")
    await ada.answers(country=iso)

    assert ada.choices() == list(types_in(all_countries()[iso]))
    assert ("custom_calling_name" in ada.choices()) == (iso in {"US", "PR"})
    assert ("port_in" in ada.choices()) == (iso in {"US", "PR", "FR", "JP"})


async def test_a_request_is_offered_where_there_is_something_to_request(ada: Person) -> None:
    await gets_to("country", ada)
    offered = {choice["value"] for choice in ada.inputs["country"]["choices"]}
    assert "BH" not in offered

    await ada.clicks("Back")
    await ada.clicks("general_inquiry")
    offered = {choice["value"] for choice in ada.inputs["country"]["choices"]}
    assert "BH" in offered


@pytest.mark.parametrize(
    "iso, office_address, directory_listing",
    [("FR", True, True), ("CH", False, True), ("US", False, False)],
)
async def test_new_numbers_ask_for_what_the_country_wants(
    ada: Person, iso: str, office_address: bool, directory_listing: bool
) -> None:
    await ada.says("new case")
    await ada.clicks("new_request")
    await ada.answers(country=iso)
    await ada.clicks("new_numbers")

    assert ("office_address" in ada.inputs) == office_address
    assert ("directory_listing" in ada.inputs) == directory_listing


async def test_number_types_are_those_of_the_country(ada: Person) -> None:
    await ada.says("new case")
    await ada.clicks("new_request")
    await ada.answers(country="LT")
    await ada.clicks("new_numbers")

    offered = [choice["value"] for choice in ada.inputs["number_type"]["choices"]]
    assert offered == ["user", "service_toll"]


async def test_a_country_with_several_zones_asks_which(desk: Office, ada: Person) -> None:
    us = replace(PORT, country="US", details={**PORT.details, "numbers": number_of("US")})
    await gets_to("details", ada, us)
    zones = [choice["value"] for choice in ada.inputs["when_zone"]["choices"]]
    assert "America/Chicago" in zones

    await ada.answers(**us.details, when_zone="America/Chicago")
    number = await finishes(ada, us)

    await ada.hears(number, "10:00", "Chicago")


async def test_a_country_with_one_zone_does_not_ask(ada: Person) -> None:
    await gets_to("details", ada)
    assert "when_zone" not in ada.inputs


@pytest.mark.parametrize(
    "locale, words",
    [("en-US", "new case port in france"), ("fr-FR", "nouveau cas portage france")],
)
async def test_words_after_new_case_are_answers(
    desk: Office, ada: Person, locale: str, words: str
) -> None:
    desk.teams.set_person("ada", locale=locale)
    await ada.says(words)
    assert ada.asked() == "details"
    ada.sees(ada.text("type.port_in.name"), "France")

    await goes_on_to("review", ada)
    await submits(ada)


async def test_plain_words_answer_a_question(ada: Person) -> None:
    await ada.says("new case")
    await ada.says("a new request please")
    assert ada.asked() == "country"
    await ada.says("the United States")
    assert ada.asked() == "case_type"
    await ada.says("calling name")
    await finishes(ada, CALLING_NAME)


async def test_review_shows_everything_that_was_answered(ada: Person) -> None:
    await gets_to("review", ada, NEW_NUMBERS)
    ada.sees(
        "Belgium", "New numbers", "25", "Brussels", "Rue de la Loi 1", "Numbers for the office"
    )
    assert "Change" in ada.offered()
    await submits(ada)


async def test_each_card_has_one_primary_button(ada: Person) -> None:
    await gets_to("review", ada)
    await submits(ada)
    for message in ada.heard:
        shown = [a for a in message.card.get("actions", []) if a["type"] != "Action.ShowCard"]
        unfolded = list(reading.buttons_of({**message.card, "actions": shown}))
        primary = [one for one in unfolded if one.action.get("style") == reading.PRIMARY]
        assert len(primary) <= 1, reading.words_of(message)
