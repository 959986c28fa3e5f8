"""The calendar file, as another program reads it, and byte by byte where it matters."""

from datetime import UTC, datetime, timedelta

import pytest
from icalendar import Calendar, Event

from cards.calendar import calendar_file, file_name
from cases.model import Case, Confirmed
from cases.vocabulary import CaseType
from strings import text_for
from tests.cases.samples import NOW, case

AT = datetime(2026, 12, 8, 9, tzinfo=UTC)
DATE = Confirmed(at=AT, zone="Europe/Paris", said=NOW)
ENGLISH = text_for("en-GB")


def written(about: Case | None = None, date: Confirmed = DATE, locale: str = "en-GB") -> bytes:
    return calendar_file(about or case(), date, text_for(locale))


def read(content: bytes) -> Event:
    calendar = Calendar.from_ical(content)
    assert calendar["METHOD"] == "PUBLISH"
    assert calendar["VERSION"] == "2.0"
    (event,) = calendar.events
    assert event.errors == []
    return event


def test_the_event_is_the_date() -> None:
    event = read(written())
    assert event.start == AT
    assert event.end == AT + timedelta(hours=1)
    assert event.DTSTAMP == NOW
    assert event["SEQUENCE"] == 0
    assert str(event["SUMMARY"]) == "TNS-000123 · Port in · France"
    assert "Move our numbers\nTNS-000123: " in str(event["DESCRIPTION"])
    assert "Tuesday, 8 December 2026, 10:00 – Paris (UTC+01:00)" in str(event["DESCRIPTION"])
    assert file_name(case()) == "TNS-000123.ics"


def test_a_new_date_moves_the_same_event() -> None:
    moved = DATE.but(at=AT + timedelta(days=1), said=NOW + timedelta(hours=1), sequence=1)
    before, after = read(written()), read(written(date=moved, locale="fr"))
    assert before["UID"] == after["UID"]
    assert (after["SEQUENCE"], after.start) == (1, AT + timedelta(days=1))


def test_each_case_has_an_event_of_its_own() -> None:
    cases = (case(), case(uid="draft-1.2"), case(tenant="another"))
    assert len({read(written(each))["UID"] for each in cases}) == 3


def test_it_asks_nobody_and_tells_no_id_that_opens_anything() -> None:
    content = written().decode()
    assert "ORGANIZER" not in content
    assert "ATTENDEE" not in content
    assert case().tenant not in content
    assert "draft-1" not in content


@pytest.mark.parametrize(
    "title",
    [
        "plain",
        "commas, semicolons; back\\slashes\\n and \\, both",
        "é" * 100,
        "🧑\u200d🚀" * 50,
        "BEGIN:VEVENT\nUID:evil\nEND:VEVENT",
        "END:VCALENDAR\n\n ",
        "x" * 74 + "é" * 3,
    ],
)
def test_words_of_people_stay_words(title: str) -> None:
    content = written(case(title=title))
    assert str(read(content)["DESCRIPTION"]).startswith(f"{title}\nTNS-000123: ")
    lines = content.split(b"\r\n")
    assert max(map(len, lines)) <= 75
    assert b"\n" not in b"".join(lines)
    assert lines[-1] == b""
    for line in lines:
        line.decode()


def test_signs_that_cannot_be_seen_are_left_out() -> None:
    assert str(read(written(case(title="a\u202eb\rc\x00")))["DESCRIPTION"]).startswith("abc\n")


def test_a_conversion_says_what_is_to_be_done_until_then() -> None:
    change = case(type=CaseType.INVENTORY_TYPE_CHANGE)
    assert "unassigned by then" in str(read(written(change))["DESCRIPTION"])
    assert "unassigned" not in str(read(written())["DESCRIPTION"])


def test_the_same_date_in_the_same_words_gives_the_same_bytes() -> None:
    assert written() == written()
