"""When ports can be had: business days, lead times, Mexico's window, the dates on offer."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from cases.cautions import cautions
from cases.countries import all_countries
from cases.errors import Rejected
from cases.kinds import LocalDateTime
from cases.localtime import stored
from cases.model import Caution
from cases.schedule import (
    PORTS,
    Lead,
    federal_holidays,
    is_business_day,
    lead_of,
    offers,
    window_of,
)
from cases.vocabulary import CaseType
from tests.cases.samples import NOW, asked

COUNTRIES = all_countries()
PORT, BETWEEN = CaseType.PORT_IN, CaseType.INTER_TENANT_PORT
CHANGE = CaseType.INVENTORY_TYPE_CHANGE


def days(listed: str) -> frozenset[date]:
    return frozenset(map(date.fromisoformat, listed.split()))


# Business days


def test_the_federal_holidays_are_those_of_the_law() -> None:
    # As the Office of Personnel Management lists them for 2026.
    assert federal_holidays(2026) == days(
        "2026-01-01 2026-01-19 2026-02-16 2026-05-25 2026-06-19 2026-07-03 2026-09-07 2026-10-12 "
        "2026-11-11 2026-11-26 2026-12-25"
    )


@pytest.mark.parametrize(
    "day, kept",
    [
        ("2027-07-05", "Independence Day, a Sunday, is kept on Monday"),
        ("2026-07-03", "Independence Day, a Saturday, is kept on Friday"),
        ("2027-12-24", "Christmas Day, a Saturday, is kept on Friday"),
        ("2027-12-31", "New Year's Day of 2028, a Saturday, is kept in the year before"),
        ("2023-01-02", "New Year's Day, a Sunday, is kept on Monday"),
        ("2027-05-31", "Memorial Day is the last Monday of May"),
        ("2026-05-25", "Memorial Day, in a May with four Mondays"),
    ],
)
def test_a_holiday_is_kept_on_a_weekday(day: str, kept: str) -> None:
    assert not is_business_day(date.fromisoformat(day)), kept


@pytest.mark.parametrize("day", ["2027-12-27", "2028-01-03", "2026-07-06", "2026-12-24"])
def test_the_day_beside_it_is_a_business_day(day: str) -> None:
    assert is_business_day(date.fromisoformat(day))


# Lead times and the window


@pytest.mark.parametrize(
    "case_type, iso, lead",
    [
        (PORT, "PL", Lead(0, 3)),
        (PORT, "CZ", Lead(2, 3)),
        (PORT, "NO", Lead(4, 5)),
        (PORT, "FR", Lead(1, 2)),
        (CaseType.NEW_NUMBERS, "PL", Lead(1, 12)),
        (CaseType.NEW_NUMBERS, "FR", None),
        (BETWEEN, "PL", None),
        (CaseType.INVENTORY_TYPE_CHANGE, "PL", None),
    ],
)
def test_how_long_it_takes(case_type: CaseType, iso: str, lead: Lead | None) -> None:
    assert lead_of(case_type, COUNTRIES[iso]) == lead


def test_every_lead_time_and_window_of_the_countries_is_understood() -> None:
    for country in COUNTRIES.values():
        assert lead_of(PORT, country)
        lead_of(CaseType.NEW_NUMBERS, country)
    assert {c.iso for c in COUNTRIES.values() if window_of(c)} == {"MX"}


# What can never be carried out


def parsed(typed: str, iso: str, case_type: CaseType | None, zone: str = "") -> object:
    day, clock = typed.split()
    where = asked(iso, case_type=case_type)
    said = {"when_date": day, "when_time": clock, "when_zone": zone}
    return LocalDateTime().parse("when", said, where)


def refusal(typed: str, iso: str, case_type: CaseType = PORT, zone: str = "") -> Rejected:
    with pytest.raises(Rejected) as caught:
        parsed(typed, iso, case_type, zone)
    return caught.value


@pytest.mark.parametrize("case_type", sorted(PORTS))
def test_a_port_is_refused_on_a_weekend_with_the_next_days(case_type: CaseType) -> None:
    refused = refusal("2026-12-05 10:00", "FR", case_type)
    assert (refused.code, refused.input_id) == ("port_weekend", "when_date")
    assert refused.params == {
        "date": "2026-12-05",
        "slots": ["2026-12-07", "2026-12-08", "2026-12-09"],
    }


def test_a_port_is_refused_on_a_holiday_of_the_united_states() -> None:
    refused = refusal("2026-12-25 10:00", "FR")
    assert (refused.code, refused.input_id) == ("port_holiday", "when_date")
    assert refused.params["slots"] == ["2026-12-28", "2026-12-29", "2026-12-30"]


@pytest.mark.parametrize("typed", ["2026-12-05 10:00", "2026-12-25 10:00"])
@pytest.mark.parametrize("case_type", sorted({*CaseType} - PORTS))
def test_what_is_no_port_may_be_wished_for_any_day(typed: str, case_type: CaseType) -> None:
    assert parsed(typed, "FR", case_type)
    assert parsed(typed, "MX", case_type, "America/Mexico_City")


def test_the_day_is_the_local_one() -> None:
    # Monday morning in Auckland is still Sunday in New York, and Saturday there is still Friday.
    assert parsed("2026-12-07 08:00", "NZ", PORT, "Pacific/Auckland")
    assert refusal("2026-12-05 08:00", "NZ", PORT, "Pacific/Auckland").code == "port_weekend"


@pytest.mark.parametrize(
    "clock, zone",
    [
        ("02:00", "America/Mexico_City"),
        ("07:30", "America/Mexico_City"),
        ("08:30", "America/Cancun"),
        ("03:00", "America/Cancun"),
        ("00:00", "America/Tijuana"),
    ],
)
def test_the_window_is_read_from_the_clocks_of_mexico_city(clock: str, zone: str) -> None:
    assert parsed(f"2026-12-08 {clock}", "MX", PORT, zone)


@pytest.mark.parametrize(
    "clock, zone",
    [
        ("01:59", "America/Mexico_City"),
        ("07:31", "America/Mexico_City"),
        ("10:00", "America/Mexico_City"),
        ("02:30", "America/Cancun"),
        ("07:00", "America/Tijuana"),
    ],
)
def test_outside_the_window_nothing_is_carried_out(clock: str, zone: str) -> None:
    refused = refusal(f"2026-12-08 {clock}", "MX", PORT, zone)
    assert (refused.code, refused.input_id) == ("port_window", "when_time")
    assert refused.params["window"] == "02:00-07:30 America/Mexico_City"
    slots = refused.params["slots"]
    assert isinstance(slots, list)
    assert len(slots) == 3
    for slot in slots:
        assert parsed(str(slot).replace("T", " "), "MX", PORT, zone)


def test_on_a_weekend_outside_the_window_the_dates_told_hold_both() -> None:
    refused = refusal("2026-12-05 12:00", "MX", BETWEEN, "America/Mexico_City")
    assert refused.code == "port_window"
    assert refused.params["slots"] == ["2026-12-07T07:30", "2026-12-08T07:30", "2026-12-09T07:30"]


@pytest.mark.parametrize(
    "clock, zone, nearest",
    [
        ("01:59", "America/Mexico_City", "02:00"),
        ("00:00", "America/Mexico_City", "02:00"),
        ("07:31", "America/Mexico_City", "07:30"),
        ("02:30", "America/Cancun", "03:00"),
        ("08:31", "America/Cancun", "08:30"),
        ("23:30", "America/Tijuana", "05:30"),
    ],
)
def test_the_time_that_is_told_is_the_nearest_in_the_window(
    clock: str, zone: str, nearest: str
) -> None:
    slots = refusal(f"2026-12-08 {clock}", "MX", PORT, zone).params["slots"]
    assert slots == [f"2026-12-{day}T{nearest}" for day in ("08", "09", "10")]


def test_the_nearest_time_is_that_of_each_day() -> None:
    # On 14 March 2027 the clocks of Tijuana go forward, those of Mexico City never.
    slots = refusal("2027-03-12 06:00", "MX", PORT, "America/Tijuana").params["slots"]
    assert slots == ["2027-03-12T05:30", "2027-03-15T06:00", "2027-03-16T06:00"]


@pytest.mark.parametrize("typed", ["2026-11-26 10:00", "2026-11-22 10:00", "2026-11-28 10:00"])
def test_the_days_told_are_no_sooner_than_usual(typed: str) -> None:
    assert refusal(typed, "US", PORT, "America/New_York").params["slots"] == [
        "2026-11-30",
        "2026-12-01",
        "2026-12-02",
    ]
    for iso in ("LT", "NZ", "PL", "FR"):
        zone = COUNTRIES[iso].zones[0]
        for slot in refusal("2026-11-28 10:00", iso, PORT, zone).params["slots"]:  # type: ignore[union-attr]
            value = parsed(f"{slot} 10:00", iso, PORT, zone)
            assert told(PORT, iso, {"when": value}) == set()


def test_of_a_window_too() -> None:
    slots = refusal("2026-11-24 01:59", "MX", PORT, "America/Mexico_City").params["slots"]
    assert slots == ["2026-11-30T02:00", "2026-12-01T02:00", "2026-12-02T02:00"]


def test_what_was_agreed_waits_for_nothing() -> None:
    agreed = replace(asked("US", case_type=PORT), agreed=True)
    said = {"when_date": "2026-11-26", "when_time": "10:00", "when_zone": "America/New_York"}
    with pytest.raises(Rejected) as caught:
        LocalDateTime().parse("when", said, agreed)
    assert caught.value.params["slots"] == ["2026-11-27", "2026-11-30", "2026-12-01"]


def test_the_days_told_have_the_time_that_is_wished_for() -> None:
    # On 28 March 2027 the clocks of Paris skip 02:30; the Monday after has it.
    assert refusal("2027-03-27 02:30", "FR").params["slots"] == [
        "2027-03-29",
        "2027-03-30",
        "2027-03-31",
    ]


# What is offered


@pytest.mark.parametrize("zone", ["", "second"])
@pytest.mark.parametrize("case_type", sorted(PORTS))
@pytest.mark.parametrize("iso", [c.iso for c in COUNTRIES.values() if c.calling_plan])
def test_every_offer_is_accepted_and_no_sooner_than_usual(
    iso: str, case_type: CaseType, zone: str
) -> None:
    country = COUNTRIES[iso]
    zones = country.zones[-1:] if zone else country.zones
    offered = offers(case_type, country, NOW, country.zones[-1] if zone else "")
    assert len(offered) == len(set(offered)) == 3
    for moment in offered:
        for one in zones:
            # What is offered before a zone is chosen holds whichever is chosen.
            value = parsed(f"{moment:%Y-%m-%d %H:%M}", iso, case_type, one)
            assert told(case_type, iso, {"when": value}) <= {"partner", "time_twice"}


@pytest.mark.parametrize("hour", range(0, 24, 3))
@pytest.mark.parametrize("case_type", sorted(PORTS))
@pytest.mark.parametrize("iso", ["US", "AU", "FR", "LT", "MX", "NZ"])
def test_every_day_before_the_first_offer_is_told_and_none_after(
    iso: str, case_type: CaseType, hour: int
) -> None:
    country, now = COUNTRIES[iso], datetime(2026, 11, 24, hour, tzinfo=UTC)
    for zone in country.zones:
        first = offers(case_type, country, now, zone)[0].date()
        assert offers(case_type, country, now)[0].date() >= first
        for ahead in range(-12, 8):
            day = datetime.combine(first + timedelta(days=ahead), time(5), ZoneInfo(zone))
            if day > now and is_business_day(day.date()):
                found = cautions(case_type, wished(day, zone), country, now)  # type: ignore[arg-type]
                soon = {"lead_port", "lead_between"} & {caution.code for caution in found}
                assert bool(soon) == (day.date() < first), (iso, zone, day)


def told(case_type: CaseType, iso: str, answers: dict[str, object]) -> set[str]:
    found = cautions(case_type, answers, COUNTRIES[iso], NOW)  # type: ignore[arg-type]
    return {caution.code for caution in found if caution.code in SAID}


SAID = {"lead_port", "lead_between", "lead_new", "time_twice"}


@pytest.mark.parametrize(
    "iso, first",
    [
        # Saturday 21 November: a week and a day on is a Sunday.
        ("FR", "2026-11-30 10:00"),
        ("PL", "2026-11-30 10:00"),
        ("CZ", "2026-12-07 10:00"),
        ("NO", "2026-12-21 10:00"),
        ("MX", "2026-11-30 05:00"),
        ("LT", "2026-11-30 10:00"),
        ("NZ", "2026-11-30 10:00"),
    ],
)
def test_the_first_offer_is_the_earliest_realistic_date(iso: str, first: str) -> None:
    assert f"{offers(PORT, COUNTRIES[iso], NOW)[0]:%Y-%m-%d %H:%M}" == first


def test_a_port_between_tenants_waits_for_three_business_days() -> None:
    # Monday, Tuesday, Wednesday; Thursday is Thanksgiving.
    assert [f"{at:%m-%d}" for at in offers(BETWEEN, COUNTRIES["DE"], NOW)] == [
        "11-25",
        "11-27",
        "11-30",
    ]


def test_days_when_people_are_there_are_offered_for_a_conversion() -> None:
    for iso in ("DE", "MX"):
        assert [f"{at:%m-%d %H:%M}" for at in offers(CHANGE, COUNTRIES[iso], NOW)] == [
            "11-25 10:00",
            "11-27 10:00",
            "11-30 10:00",
        ]


def test_nothing_is_offered_for_what_has_no_date() -> None:
    for case_type in {None, *CaseType} - PORTS - {CHANGE}:
        assert offers(case_type, COUNTRIES["FR"], NOW) == ()


# What is told


def wished(at: datetime, zone: str = "Europe/Prague") -> dict[str, object]:
    return {"when": stored(at, zone)}


def test_sooner_than_usual_is_told_and_taken() -> None:
    soon = NOW + timedelta(days=14)
    (caution,) = cautions(PORT, wished(soon), COUNTRIES["CZ"], NOW)  # type: ignore[arg-type]
    assert caution == Caution(
        code="lead_port", params={"lead": [2, 3], "country": "CZ", "date": "2026-12-07"}
    )
    # The days are counted from the next one on, so that what is offered is never told of.
    assert told(PORT, "CZ", wished(NOW + timedelta(days=15))) == set()


def test_a_port_between_tenants_that_is_too_soon_is_told_and_taken() -> None:
    monday = parsed("2026-11-23 10:00", "FR", BETWEEN)
    (caution,) = cautions(BETWEEN, {"when": monday}, COUNTRIES["FR"], NOW)  # type: ignore[dict-item]
    assert caution == Caution(code="lead_between", params={"days": 3, "date": "2026-11-25"})
    wednesday = parsed("2026-11-25 10:00", "FR", BETWEEN)
    assert told(BETWEEN, "FR", {"when": wednesday}) == set()


def test_a_conversion_has_no_usual_time() -> None:
    assert told(CHANGE, "CZ", wished(NOW + timedelta(hours=1))) == set()


def test_how_long_new_numbers_take_is_told() -> None:
    assert told(CaseType.NEW_NUMBERS, "PL", {}) == {"lead_new"}
    assert told(CaseType.NEW_NUMBERS, "FR", {}) == set()


def test_a_time_that_comes_twice_is_told() -> None:
    twice = datetime(2027, 10, 31, 0, 30, tzinfo=UTC)
    assert told(CHANGE, "FR", wished(twice, "Europe/Paris")) == {"time_twice"}
    assert told(CHANGE, "FR", wished(twice + timedelta(hours=3), "Europe/Paris")) == set()


def test_a_general_inquiry_is_told_nothing() -> None:
    assert cautions(None, {}, COUNTRIES["PL"], NOW) == ()
