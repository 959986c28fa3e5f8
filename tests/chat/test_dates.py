"""Dates: what is offered, refused and told of a wish, and the date that the desk confirms."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from icalendar import Calendar

from cases.schedule import is_business_day
from sandbox.world import Message
from tests.chat import reading
from tests.chat.intake import (
    ABOUT,
    BETWEEN_TENANTS,
    NEW_NUMBERS,
    PORT,
    TYPE_CHANGE,
    US_PORT,
    business_day,
    gets_to,
    goes_on_to,
    number_of,
    opens_a_case,
)
from tests.chat.office import Office
from tests.chat.people import Person

TODAY = datetime.now(UTC).date()
SATURDAY = next(
    day for ahead in range(30, 37) if (day := TODAY + timedelta(days=ahead)).weekday() == 5
).isoformat()
WARSAW = replace(
    PORT,
    country="PL",
    details={"order_name": "Office", "when_time": "10:00", "numbers": number_of("PL")},
)


async def test_a_port_begins_with_the_earliest_realistic_date(ada: Person) -> None:
    await gets_to("details", ada, WARSAW)
    ada.sees(
        "Ports (Poland) usually take up to 3 weeks.", "US business days", "Earliest realistic:"
    )
    ada.sees("for you.", "(New York)")
    offered = datetime.fromisoformat(ada.held["when_date"]).date()
    assert is_business_day(offered)
    assert offered > TODAY + timedelta(weeks=1)
    await ada.answers(**WARSAW.details)
    assert ada.asked() == "about"


async def test_a_weekend_is_refused_with_days_that_will_do(ada: Person) -> None:
    await gets_to("details", ada)
    await ada.answers(**{**PORT.details, "when_date": SATURDAY})
    assert set(ada.problems) == {"when_date"}
    assert "US business days" in ada.problems["when_date"]
    assert ada.held["when_date"] == SATURDAY
    await ada.answers(**PORT.details)
    assert ada.asked() == "about"


async def test_mexico_has_its_window(ada: Person) -> None:
    path = replace(PORT, country="MX")
    numbers = {"order_name": "Office", "numbers": number_of("MX")}
    await gets_to("details", ada, path)
    ada.sees("from 2:00", "to 7:30", "Mexico City time")
    zone = {"when_zone": "America/Cancun"}
    await ada.answers(**numbers, **zone, when_date=business_day(30), when_time="10:00")
    assert set(ada.problems) == {"when_time"}
    # What the card held at first would have done.
    await ada.answers(when_time="05:00")
    assert ada.problems == {}
    assert ada.asked() == "about"


async def test_just_beside_the_window_the_nearest_time_is_told(ada: Person) -> None:
    path = replace(PORT, country="MX")
    await gets_to("details", ada, path)
    zone = {"when_zone": "America/Mexico_City"}
    await ada.answers(
        order_name="Office",
        numbers=number_of("MX"),
        **zone,
        when_date=business_day(30),
        when_time="01:59",
    )
    assert set(ada.problems) == {"when_time"}
    assert "2:00" in ada.problems["when_time"].split("that will do:")[1]
    await ada.answers(when_time="02:00")
    assert ada.asked() == "about"


async def test_the_words_fit_countries_that_have_an_article(ada: Person) -> None:
    await gets_to("details", ada, US_PORT)
    ada.sees("Ports (United States) usually take 1–2 weeks.", "Time zone (United States)")
    ada.sees_no("in United States", "to United States")
    await goes_on_to("review", ada, US_PORT)
    # A hyphen at which no line breaks.
    ada.sees("New York (UTC\u20110")
    ada.sees_no("UTC-")


async def test_the_days_told_bring_no_caution(ada: Person) -> None:
    await gets_to("details", ada, US_PORT)
    first = ada.held["when_date"]
    day = datetime.fromisoformat(first).date()
    sunday = next(
        one for ahead in range(7) if (one := TODAY + timedelta(days=1 + ahead)).weekday() == 6
    )
    assert sunday < day
    await ada.answers(**{**US_PORT.details, "when_date": sunday.isoformat()})
    refused = ada.problems["when_date"]
    assert f"{day:%b} {day.day}" in refused.split("that will do:")[1].split(" · ")[0]
    await ada.answers(**{**US_PORT.details, "when_date": first})
    await goes_on_to("review", ada, US_PORT)
    ada.sees_no("Sooner than usual")


async def test_a_port_between_tenants_that_is_too_soon_is_told(ada: Person) -> None:
    soon = {**BETWEEN_TENANTS.details, "when_date": business_day(1)}
    path = replace(BETWEEN_TENANTS, details=soon)
    await gets_to("details", ada, path)
    ada.sees("Earliest realistic:", "A wish: the desk confirms the date.")
    ada.sees_no("the carrier has to agree")
    await goes_on_to("review", ada, path)
    ada.sees("Sooner than usual: ports between tenants usually take 3 business days.")


async def test_a_conversion_has_days_to_choose_from_and_no_carrier(ada: Person) -> None:
    held_date = {k: v for k, v in TYPE_CHANGE.details.items() if not k.startswith("when_")}
    await gets_to("details", ada, TYPE_CHANGE)
    assert is_business_day(datetime.fromisoformat(ada.held["when_date"]).date())
    assert ada.held["when_time"] == "10:00"
    ada.sees("Suggested:", "A wish: the desk confirms the date.")
    ada.sees_no("the carrier has to agree", "Earliest realistic")
    await ada.answers(**held_date)
    assert ada.problems == {}
    await goes_on_to("review", ada, TYPE_CHANGE)
    ada.sees_no("Sooner than usual")


async def test_a_port_is_a_wish_until_the_carrier_agrees(ada: Person) -> None:
    await gets_to("details", ada)
    ada.sees("A wish: the carrier has to agree before a date is certain.")


async def test_other_cases_may_be_wished_for_on_a_weekend(ada: Person) -> None:
    path = replace(
        PORT,
        country="GB",
        case_type="inventory_type_change",
        papers=(),
        details={
            "convert_to": "service",
            "when_date": SATURDAY,
            "when_time": "10:00",
            "unassigned": "true",
            "numbers": number_of("GB"),
        },
    )
    await gets_to("review", ada, path)
    ada.sees("10:00", "for you 5:00", "(New York)")


async def test_a_wish_that_is_too_soon_is_told_to_both(desk: Office, ada: Person) -> None:
    soon = {**WARSAW.details, "when_date": business_day(1)}
    await gets_to("details", ada, WARSAW)
    details = ada.open_card
    await ada.answers(**soon)
    for where in (details, await goes_on_to("review", ada, WARSAW)):
        ada.sees("Please note", "Sooner than usual", "up to 3 weeks", on=where)
    await ada.clicks("send")
    await desk.delivered()
    root = desk.teams.threads()[0].root
    desk.agnes.sees("What the customer was told", "Sooner than usual", on=root)


async def test_the_quota_is_worked_out(desk: Office, ada: Person) -> None:
    polish = {**NEW_NUMBERS.details, "licences": "30", "payg_licences": "20", "quantity": "64"}
    path = replace(NEW_NUMBERS, country="PL", details=polish)
    await gets_to("review", ada, path)
    ada.sees("64 becomes 70", "the licences allow 63 in all", "70 are asked for")
    ada.sees("New numbers (Poland) usually take 1–12 weeks.")
    await ada.clicks("send")
    await desk.delivered()
    root = desk.teams.threads()[0].root
    desk.agnes.sees("64 becomes 70", "the licences allow 63 in all", on=root)


# The date that the desk confirms


@pytest.fixture
async def root(desk: Office) -> Message:
    """Opens a port to France that a French colleague follows; returns its post in the channel."""
    desk.teams.set_person("colin", locale="fr-FR")
    await desk.meets(desk.ada, desk.colin)
    await opens_a_case(desk.ada, replace(PORT, about={**ABOUT, "contacts": "colin@contoso.com"}))
    await desk.delivered()
    return desk.teams.threads()[0].root


DATE = {"schedule_date": business_day(40), "schedule_time": "10:00"}


async def confirms(desk: Office, root: Message, **typed: str) -> None:
    await desk.agnes.clicks("send_schedule", on=root, **{**DATE, **typed})
    await desk.delivered()


async def calendar(who: Person, on: Message, desk: Office) -> Calendar:
    """Press the calendar button, and fetch what its answer leads to."""
    await who.clicks("calendar", on=on)
    link = next(a for a in who.latest.card["actions"] if a["type"] == "Action.OpenUrl")
    async with desk.web.get(link["url"]) as answer:
        assert answer.status == 200
        assert answer.headers["Content-Type"].startswith("text/calendar")
        assert ".ics" in answer.headers["Content-Disposition"]
        return Calendar.from_ical(await answer.read())


async def test_a_confirmed_date_is_told_by_both_clocks(desk: Office, root: Message) -> None:
    await confirms(desk, root, schedule_text="The carrier agreed.")
    told = await desk.ada.hears("Agnes Desk confirmed the date", "The carrier agreed.")
    desk.ada.sees("10:00", "Paris (UTC+01:00)", "for you 4:00", "(New York)", on=told)
    heard = await desk.colin.hears("Agnes Desk a confirmé la date")
    desk.colin.sees("10:00 – Paris", "pour vous 09:00 (Londres)", on=heard)
    desk.agnes.sees("Confirmed date", "In progress", on=root)
    desk.agnes.sees_no("for you", on=root)


async def test_it_goes_into_the_calendar_and_a_new_date_moves_it(
    desk: Office, root: Message
) -> None:
    await confirms(desk, root)
    told = await desk.ada.hears("Agnes Desk confirmed the date")
    (first,) = (await calendar(desk.ada, told, desk)).events
    assert f"{first.start:%Y-%m-%d}" == DATE["schedule_date"]

    await confirms(desk, root, schedule_time="11:30")
    again = await desk.ada.hears("Agnes Desk moved the date from", "10:00", "11:30")
    desk.ada.sees("The calendar file replaces the earlier entry.", on=again)
    heard = await desk.colin.hears("Agnes Desk a déplacé la date du", " au ")
    desk.colin.sees("Le fichier de calendrier remplace l’entrée précédente.", on=heard)
    (second,) = (await calendar(desk.ada, again, desk)).events
    desk.ada.sees("replaces the earlier entry")
    assert second["UID"] == first["UID"]
    assert (first["SEQUENCE"], second["SEQUENCE"]) == (0, 1)
    assert second.start - first.start == timedelta(minutes=90)


async def test_the_timeline_tells_a_date_and_its_moves_apart(desk: Office, root: Message) -> None:
    await confirms(desk, root)
    await confirms(desk, root, schedule_time="11:30")
    await confirms(desk, root, schedule_time="12:30")
    await desk.ada.hears("Agnes Desk moved the date from", "12:30")
    said = reading.words_of(await living_of(desk.ada, "Latest"))
    assert said.count("Agnes Desk confirmed the date") == 1
    assert said.count("Agnes Desk moved the date from") == 2


async def living_of(who: Person, *words: str) -> Message:
    """Return the living card, which says all of this and can be cancelled or is."""
    return next(
        one
        for one in who.heard
        if all(word in reading.words_of(one) for word in ("Opened", *words))
    )


async def test_a_cancelled_case_takes_the_date_out_of_the_calendar(
    desk: Office, root: Message
) -> None:
    await confirms(desk, root)
    told = await desk.ada.hears("Agnes Desk confirmed the date")
    (first,) = (await calendar(desk.ada, told, desk)).events
    living = await living_of(desk.ada, "Confirmed date")
    await desk.ada.clicks("send_cancel", on=living, cancel_reason="duplicate")
    await desk.delivered()

    desk.ada.sees("Cancelled date", on=living)
    assert "Remove from calendar" in desk.ada.offered(living)
    removed = await calendar(desk.ada, living, desk)
    desk.ada.sees("removes the date", "from your calendar")
    assert removed["METHOD"] == "CANCEL"
    (gone,) = removed.events
    assert (gone["UID"], gone["STATUS"]) == (first["UID"], "CANCELLED")
    assert (first["SEQUENCE"], gone["SEQUENCE"]) == (0, 1)

    news = await desk.colin.hears("Ada Admin a annulé le cas", "ne vaut plus")
    assert "Retirer du calendrier" in desk.colin.offered(news)
    again = await calendar(desk.colin, news, desk)
    assert again["METHOD"] == "CANCEL"
    # The message that once told of the date gives nothing else any more.
    assert (await calendar(desk.ada, told, desk))["METHOD"] == "CANCEL"


async def test_a_case_that_was_cancelled_without_a_date_has_nothing_to_remove(
    desk: Office, root: Message
) -> None:
    living = await living_of(desk.ada)
    await desk.ada.clicks("send_cancel", on=living, cancel_reason="duplicate")
    await desk.delivered()
    news = await desk.colin.hears("Ada Admin a annulé le cas")
    assert "Retirer du calendrier" not in desk.colin.offered(news)
    assert not desk.ada.offered(living)


async def test_a_resolved_case_keeps_its_date(desk: Office, root: Message) -> None:
    await confirms(desk, root)
    told = await desk.ada.hears("Agnes Desk confirmed the date")
    (before,) = (await calendar(desk.ada, told, desk)).events
    await desk.agnes.clicks("send_resolve", on=root, resolution="problem_solved")
    await desk.delivered()
    kept = await calendar(desk.ada, told, desk)
    assert kept["METHOD"] == "PUBLISH"
    (after,) = kept.events
    assert (after["UID"], after["SEQUENCE"]) == (before["UID"], before["SEQUENCE"])
    desk.ada.sees("Confirmed date", on=await living_of(desk.ada, "Resolved"))


async def test_the_living_card_gives_the_calendar_file_too(desk: Office, root: Message) -> None:
    await confirms(desk, root)
    living = next(one for one in desk.colin.heard if "Date confirmée" in reading.words_of(one))
    (event,) = (await calendar(desk.colin, living, desk)).events
    assert "le service des numéros de téléphone" in str(event["DESCRIPTION"])


async def test_a_date_that_can_never_be_is_refused_and_kept_in_the_form(
    desk: Office, root: Message
) -> None:
    answer = await desk.agnes.clicks(
        "send_schedule", on=root, schedule_date=SATURDAY, schedule_time="10:00"
    )
    assert "falls on a weekend" in str(answer.value)
    assert SATURDAY in str(answer.value)
    await confirms(desk, root)
    await desk.ada.hears("Agnes Desk confirmed the date")


async def test_a_date_is_asked_for_by_name(desk: Office, root: Message) -> None:
    answer = await desk.agnes.clicks("send_schedule", on=root, schedule_date="", schedule_time="")
    assert "Date and time: please answer this." in str(answer.value)


async def test_only_the_desk_confirms(desk: Office, root: Message) -> None:
    number = reading.words_of(root).split("\n")[2]
    press = {"verb": "schedule", "case": number, **DATE}
    await desk.ada.says(f"case {number}")
    answer = await desk.ada.executes("schedule", press)
    assert "You may not do this" in str(answer.value)
    await desk.eve.says("hi")
    hidden = await desk.eve.executes(
        "calendar", {"verb": "calendar", "case": number}, on=desk.eve.latest
    )
    assert "There is no case" in str(hidden.value)


async def test_without_a_date_there_is_nothing_for_the_calendar(
    desk: Office, root: Message
) -> None:
    number = reading.words_of(root).split("\n")[2]
    await desk.ada.says(f"case {number}")
    answer = await desk.ada.executes("calendar", {"verb": "calendar", "case": number})
    assert "No date is confirmed" in str(answer.value)


async def test_a_zone_that_is_missing_is_asked_for_by_its_name(ada: Person) -> None:
    await gets_to("details", ada, US_PORT)
    await ada.answers(**{**US_PORT.details, "when_zone": ""})
    assert ada.problems == {"when_zone": "⚠ Time zone (United States): please answer this."}
