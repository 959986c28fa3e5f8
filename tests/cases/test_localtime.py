"""Local times and instants, and business days."""

from datetime import UTC, date, datetime, time

import pytest

from cases.errors import Rejected
from cases.lifecycle import first_answer_due
from cases.localtime import business_days_later, to_instant, zone
from cases.vocabulary import Severity


def test_a_zone_is_known_by_its_iana_name_only() -> None:
    assert str(zone("Europe/Paris")) == "Europe/Paris"
    for name in ("", "Mars/Base", "../../etc/passwd", "/etc/passwd", "Europe", "a\0b"):
        assert zone(name) is None


def test_the_first_of_two_equal_times_is_meant() -> None:
    assert to_instant(date(2026, 10, 25), time(2, 30), "Europe/Paris") == datetime(
        2026, 10, 25, 0, 30, tzinfo=UTC
    )


@pytest.mark.parametrize(
    "day, clock, name",
    [
        (date(2027, 3, 28), time(2, 0), "Europe/Paris"),
        (date(2027, 3, 28), time(2, 59), "Europe/Paris"),
        (date(2027, 3, 28), time(0, 30), "Atlantic/Azores"),
        (date(2027, 3, 14), time(2, 30), "America/St_Johns"),
    ],
)
def test_a_time_that_the_clocks_skip_is_refused(day: date, clock: time, name: str) -> None:
    with pytest.raises(Rejected) as caught:
        to_instant(day, clock, name)
    assert caught.value.code == "time_gap"
    assert caught.value.params == {"time": f"{clock:%H:%M}", "date": day.isoformat()}


def test_the_hour_after_the_gap_exists() -> None:
    assert to_instant(date(2027, 3, 28), time(3), "Europe/Paris").hour == 1


@pytest.mark.parametrize(
    "opened, days, due",
    [
        # Friday noon in Paris: a business day later is Monday noon.
        ("2026-11-20T11:00", 1, "2026-11-23T11:00"),
        ("2026-11-18T11:00", 3, "2026-11-23T11:00"),
        ("2026-11-21T11:00", 1, "2026-11-23T11:00"),
        # Over a change of the clocks it stays noon in Paris.
        ("2026-10-23T10:00", 1, "2026-10-26T11:00"),
        # Late on Sunday in UTC it is Monday in Paris already.
        ("2026-11-22T23:30", 1, "2026-11-23T23:30"),
        ("2026-11-20T11:00", 0, "2026-11-20T11:00"),
    ],
)
def test_business_days_are_those_of_the_zone(opened: str, days: int, due: str) -> None:
    start = datetime.fromisoformat(f"{opened}+00:00")
    later = business_days_later(start, days, "Europe/Paris")
    assert later == datetime.fromisoformat(f"{due}+00:00")


def test_the_first_answer_is_due_by_severity() -> None:
    friday = datetime(2026, 11, 20, 11, tzinfo=UTC)
    due = {each: first_answer_due(each, friday, "Europe/Paris") for each in Severity}
    assert due == {
        Severity.A: datetime(2026, 11, 20, 12, tzinfo=UTC),
        Severity.B: datetime(2026, 11, 23, 11, tzinfo=UTC),
        Severity.C: datetime(2026, 11, 25, 11, tzinfo=UTC),
    }
