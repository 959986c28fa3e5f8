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
    NEW_NUMBERS,
    PORT,
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
        "Ports in Poland usually take up to 3 weeks.", "US business days", "Earliest realistic:"
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
    ada.sees("New numbers in Poland usually take 1–12 weeks.")
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
    again = await desk.ada.hears("Agnes Desk confirmed the date", "11:30")
    (second,) = (await calendar(desk.ada, again, desk)).events
    assert second["UID"] == first["UID"]
    assert (first["SEQUENCE"], second["SEQUENCE"]) == (0, 1)
    assert second.start - first.start == timedelta(minutes=90)


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
    assert "is a weekend" in str(answer.value)
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
