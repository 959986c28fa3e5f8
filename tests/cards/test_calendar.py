"""The calendar file, as another program reads it, and byte by byte where it matters."""

from datetime import UTC, datetime, timedelta

import pytest
from icalendar import Calendar, Event

from cards.calendar import calendar_file, file_name
from cases.model import Case, Confirmed
from cases.vocabulary import CaseType, Status
from strings import text_for
from tests.cases.samples import NOW, case

AT = datetime(2026, 12, 8, 9, tzinfo=UTC)
DATE = Confirmed(at=AT, zone="Europe/Paris", said=NOW)
ENGLISH = text_for("en-GB")


def written(about: Case | None = None, date: Confirmed = DATE, locale: str = "en-GB") -> bytes:
    return calendar_file(about or case(), date, text_for(locale))


def read(content: bytes, method: str = "PUBLISH") -> Event:
    calendar = Calendar.from_ical(content)
    assert calendar["METHOD"] == method
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
    assert before["STATUS"] == after["STATUS"] == "CONFIRMED"


@pytest.mark.parametrize("sequence", [0, 3])
def test_a_cancelled_case_takes_the_same_event_out(sequence: int) -> None:
    held = case(confirmed=DATE.but(sequence=sequence))
    cancelled = case(Status.CANCELLED, confirmed=held.confirmed, closed=NOW + timedelta(days=2))
    assert cancelled.dated is not None
    before = read(written(held, DATE.but(sequence=sequence)))
    after = read(written(cancelled, cancelled.dated), "CANCEL")
    assert after["UID"] == before["UID"]
    assert (before["SEQUENCE"], after["SEQUENCE"]) == (sequence, sequence + 1)
    assert after["STATUS"] == "CANCELLED"
    assert (after.start, after.end) == (before.start, before.end)
    assert cancelled.closed == after.DTSTAMP
    assert str(after["SUMMARY"]) == "Cancelled: TNS-000123 · Port in · France"
    assert "was cancelled" in str(after["DESCRIPTION"])
    assert "carries this out" not in str(after["DESCRIPTION"])


def test_a_cancelled_conversion_asks_for_nothing_more() -> None:
    change = case(Status.CANCELLED, type=CaseType.INVENTORY_TYPE_CHANGE, confirmed=DATE)
    assert change.dated is not None
    assert "unassigned" not in str(read(written(change, change.dated), "CANCEL")["DESCRIPTION"])


def test_a_resolved_case_keeps_its_date() -> None:
    resolved = case(Status.RESOLVED, confirmed=DATE)
    assert resolved.dated == DATE
    assert written(resolved, resolved.dated) == written(case(confirmed=DATE))


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


def test_blanks_that_do_not_break_stay_blanks() -> None:
    cancelled = case(Status.CANCELLED, confirmed=DATE)
    assert cancelled.dated is not None
    event = read(written(cancelled, cancelled.dated, "fr"), "CANCEL")
    assert str(event["SUMMARY"]).startswith("Annulé\xa0: TNS-000123")
    assert "10:00\u202fAM" in str(read(written(locale="en-US"))["DESCRIPTION"])


def test_a_conversion_says_what_is_to_be_done_until_then() -> None:
    change = case(type=CaseType.INVENTORY_TYPE_CHANGE)
    assert "unassigned by then" in str(read(written(change))["DESCRIPTION"])
    assert "unassigned" not in str(read(written())["DESCRIPTION"])


def test_the_same_date_in_the_same_words_gives_the_same_bytes() -> None:
    assert written() == written()
