"""Each kind of field: the writings it takes, the codes it refuses with, and its spelling."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from pydantic import JsonValue

from cases.catalogue import CASE_TYPES, COMMON_FIELDS
from cases.errors import Rejected
from cases.fields import Field, read
from cases.kinds import (
    Asked,
    Choice,
    Confirm,
    Domain,
    Emails,
    File,
    Guid,
    Integer,
    Kind,
    LocalDateTime,
    NumberList,
    Text,
    YesNo,
    clean,
)
from cases.model import Problem
from cases.vocabulary import CaseType
from tests.cases.samples import NOW, asked

HERE = asked("FR")
GUID = "1a2b3c4d-0000-4000-8000-1a2b3c4d5e6f"


def parse(kind: Kind, typed: str, where: Asked = HERE) -> JsonValue:
    return kind.parse("x", {"x": typed}, where)


def refused(kind: Kind, typed: str, where: Asked = HERE) -> Rejected:
    with pytest.raises(Rejected) as caught:
        parse(kind, typed, where)
    return caught.value


LETTERS = Choice(lambda _: ("user", "service"))
QUANTITY = Integer(least=1, most=100_000)

TAKEN: list[tuple[Kind, str, JsonValue]] = [
    (Text(longest=10), "  two \t words\n", "two words"),
    (Text(longest=10), "a\u202eb\u200bc\x00\ufeffd", "abcd"),
    (Text(longest=4), "😀😀😀😀", "😀😀😀😀"),
    (Text(longest=30, multiline=True), "  one\r\ntwo\rthree ", "one\ntwo\nthree"),
    (LETTERS, " user ", "user"),
    (YesNo(), "YES", True),
    (YesNo(), "true", True),
    (YesNo(), "no", False),
    (YesNo(), "False", False),
    (Confirm(), "true", True),
    (QUANTITY, "25", 25),
    (QUANTITY, " 1 000 ", 1000),
    (QUANTITY, "1\u202f000", 1000),
    (QUANTITY, "10.0", 10),
    (QUANTITY, "+7", 7),
    (Guid(), GUID, GUID),
    (Guid(), f" {{{GUID.upper()}}} ", GUID),
    (Domain(), "contoso.com", "contoso.com"),
    (Domain(), " HTTPS://Contoso.onmicrosoft.com/path ", "contoso.onmicrosoft.com"),
    (Domain(), "@contoso.co.uk.", "contoso.co.uk"),
    (Domain(), "société.fr", "société.fr"),
    (
        Emails(),
        "A@x.com; b@Y.com,a@x.com c@z.org\nd@z.org",
        ["a@x.com", "b@y.com", "c@z.org", "d@z.org"],
    ),
    (Emails(), "o'neil+desk@contoso.com", ["o'neil+desk@contoso.com"]),
]

REFUSED: list[tuple[Kind, str, str]] = [
    (Text(longest=3), "four", "too_long"),
    (LETTERS, "other", "not_a_choice"),
    (LETTERS, "USER", "not_a_choice"),
    (YesNo(), "perhaps", "not_a_choice"),
    (Confirm(), "false", "not_confirmed"),
    (QUANTITY, "0", "out_of_range"),
    (QUANTITY, "-5", "out_of_range"),
    (QUANTITY, "100001", "out_of_range"),
    (QUANTITY, "2.5", "not_a_whole_number"),
    (QUANTITY, "many", "not_a_whole_number"),
    (QUANTITY, "1e3", "not_a_whole_number"),
    (QUANTITY, "9" * 5000, "not_a_whole_number"),
    (Guid(), GUID[:-1], "not_a_guid"),
    (Guid(), GUID.replace("a", "g"), "not_a_guid"),
    (Domain(), "contoso", "not_a_domain"),
    (Domain(), "con toso.com", "not_a_domain"),
    (Domain(), "-contoso.com", "not_a_domain"),
    (Domain(), "ann@contoso.com", "not_a_domain"),
    (Domain(), "a..com", "not_a_domain"),
    (Domain(), f"{'a' * 64}.com", "not_a_domain"),
    (Domain(), f"{'a.' * 130}com", "not_a_domain"),
    (Domain(), "127.0.0.1", "not_a_domain"),
    (Emails(), "ann@contoso", "not_an_email"),
    (Emails(), "@contoso.com", "not_an_email"),
    (Emails(), "<ann@contoso.com>", "not_an_email"),
    (Emails(), "a@x.com b", "not_an_email"),
    (Emails(most=2), "a@x.com b@x.com c@x.com", "too_many"),
]


@pytest.mark.parametrize("kind, typed, value", TAKEN)
def test_takes_what_people_write(kind: Kind, typed: str, value: JsonValue) -> None:
    assert parse(kind, typed) == value


@pytest.mark.parametrize("kind, typed, value", TAKEN)
def test_spelling_is_the_inverse_of_parsing(kind: Kind, typed: str, value: JsonValue) -> None:
    spelled = kind.spell("x", value, HERE)
    assert spelled.keys() == set(kind.inputs("x", HERE)) == {"x"}
    assert kind.parse("x", spelled, HERE) == value


@pytest.mark.parametrize("kind, typed, code", REFUSED)
def test_refuses_by_a_code(kind: Kind, typed: str, code: str) -> None:
    assert refused(kind, typed).code == code


def test_a_refusal_says_what_fills_its_sentence() -> None:
    assert refused(Text(longest=3), "four").params == {"most": 3, "is_now": 4}
    assert refused(QUANTITY, "0").params == {"least": 1, "most": 100_000}
    assert refused(Emails(), "a@x.com nonsense").params == {"address": "nonsense"}
    assert len(str(refused(Emails(), "x" * 500).params["address"])) == 80


def test_a_long_list_is_not_spelled() -> None:
    long: dict[str, JsonValue] = {"count": 200, "numbers": ["+33123456789"] * 100, "file": "ab"}
    assert NumberList().spell("numbers", long, HERE) == {"numbers": ""}


def test_a_file_has_no_input() -> None:
    assert File().inputs("loa", HERE) == ()
    assert File().spell("loa", None, HERE) == {}


@pytest.mark.parametrize("text", ["a\x1b[31mb", "a\u2066b", "a\u2028b", "a\ud800b"])
def test_control_and_direction_characters_are_taken_out(text: str) -> None:
    assert not set(clean(text)) & {"\x1b", "\u2066", "\u2028", "\ud800"}


# Local dates and times


def when(day: str, clock: str, zone: str | None = None) -> dict[str, str]:
    typed = {"when_date": day, "when_time": clock}
    return typed if zone is None else {**typed, "when_zone": zone}


def instant(typed: dict[str, str], iso: str, now: datetime = NOW) -> dict[str, JsonValue]:
    return LocalDateTime().parse("when", typed, asked(iso, now))


def date_refused(typed: dict[str, str], iso: str, now: datetime = NOW) -> tuple[str, str | None]:
    with pytest.raises(Rejected) as caught:
        instant(typed, iso, now)
    return caught.value.code, caught.value.input_id


@pytest.mark.parametrize(
    "typed, iso, at, zone",
    [
        (when("2026-12-01", "10:00"), "FR", "2026-12-01T09:00:00Z", "Europe/Paris"),
        (when("2027-07-01", "10:00"), "FR", "2027-07-01T08:00:00Z", "Europe/Paris"),
        (when("2026-12-01", "02:30"), "IN", "2026-11-30T21:00:00Z", "Asia/Kolkata"),
        (
            when("2026-12-01", "10:00", "America/Phoenix"),
            "US",
            "2026-12-01T17:00:00Z",
            "America/Phoenix",
        ),
        (when("2026-12-01", "10:00", ""), "ES", "2026-12-01T09:00:00Z", "Europe/Madrid"),
        (
            when("2026-12-01", "10:00", "Atlantic/Canary"),
            "ES",
            "2026-12-01T10:00:00Z",
            "Atlantic/Canary",
        ),
        # The clocks go back and 02:30 comes twice: the first is meant.
        (when("2027-10-31", "02:30"), "FR", "2027-10-31T00:30:00Z", "Europe/Paris"),
        (
            when("2027-11-07", "01:30", "America/New_York"),
            "US",
            "2027-11-07T05:30:00Z",
            "America/New_York",
        ),
    ],
)
def test_a_time_is_the_local_time_of_the_country(
    typed: dict[str, str], iso: str, at: str, zone: str
) -> None:
    value = instant(typed, iso)
    assert value == {"at": at, "zone": zone}
    spelled = LocalDateTime().spell("when", value, asked(iso))
    assert instant(spelled, iso) == value
    assert (spelled["when_date"], spelled["when_time"]) == (typed["when_date"], typed["when_time"])


@pytest.mark.parametrize(
    "typed, iso, code, input_id",
    [
        (when("", "10:00"), "FR", "required", "when_date"),
        (when("2026-12-01", ""), "FR", "required", "when_time"),
        (when("1/12/2026", "10:00"), "FR", "not_a_date", "when_date"),
        (when("2026-02-30", "10:00"), "FR", "not_a_date", "when_date"),
        (when("2026-12-01", "25:00"), "FR", "not_a_time", "when_time"),
        (when("2026-12-01", "10:00"), "US", "required", "when_zone"),
        (when("2026-12-01", "10:00", ""), "MX", "required", "when_zone"),
        (when("2026-12-01", "10:00", "Europe/Paris"), "US", "not_a_choice", "when_zone"),
        (when("2026-12-01", "10:00", "../etc/passwd"), "BR", "not_a_choice", "when_zone"),
        (when("2026-11-21", "10:30"), "FR", "past", "when_date"),
        (when("2020-01-01", "10:00"), "FR", "past", "when_date"),
        (when("2028-11-21", "10:00"), "FR", "too_far", "when_date"),
        (when("0001-01-01", "00:00"), "FR", "not_a_date", "when_date"),
        (when("9999-12-31", "23:59", "Pacific/Honolulu"), "US", "not_a_date", "when_date"),
        # The clocks go forward and 02:30 does not come at all.
        (when("2027-03-28", "02:30"), "FR", "time_gap", "when_time"),
        (when("2027-03-14", "02:30", "America/New_York"), "US", "time_gap", "when_time"),
    ],
)
def test_refuses_a_moment(typed: dict[str, str], iso: str, code: str, input_id: str) -> None:
    assert date_refused(typed, iso) == (code, input_id)


def test_what_lies_ahead_is_told_from_what_is_past_by_the_minute() -> None:
    assert instant(when("2026-11-21", "10:31"), "FR")["at"] == "2026-11-21T09:31:00Z"
    late = datetime(2026, 11, 21, 9, 31, tzinfo=UTC)
    assert date_refused(when("2026-11-21", "10:31"), "FR", late)[0] == "past"


def test_a_date_is_taken_for_two_years() -> None:
    last = (NOW + timedelta(days=730)).date().isoformat()
    assert instant(when(last, "10:30"), "FR")
    assert date_refused(when(last, "10:31"), "FR")[0] == "too_far"


def test_a_country_with_several_zones_asks_which() -> None:
    kind = LocalDateTime()
    assert kind.inputs("when", asked("FR")) == ("when_date", "when_time")
    for iso in ("US", "BR", "ES"):
        assert kind.inputs("when", asked(iso)) == ("when_date", "when_time", "when_zone")


# A field of a form


def field(name: str) -> Field:
    every = (*COMMON_FIELDS, *(f for entry in CASE_TYPES.values() for f in entry.fields))
    return next(field for field in every if field.id == name)


@pytest.mark.parametrize("typed", ["", "  \n", "\u200b", "\u202e\u2066 "])
def test_a_required_field_takes_nothing_that_cannot_be_seen(typed: str) -> None:
    reading = read((field("title"),), {"title": typed}, HERE, {})
    assert reading.problems["title"].code == "required"


def test_an_optional_field_may_stay_empty() -> None:
    assert read((field("contacts"),), {}, HERE, {}).values == {"contacts": None}


def test_all_that_is_wrong_is_told_at_once() -> None:
    fields = CASE_TYPES[CaseType.INTER_TENANT_PORT].fields
    reading = read(fields, {"source_domain": "x", "when_date": "x"}, HERE, {})
    assert {name: problem.code for name, problem in reading.problems.items()} == {
        "source_domain": "not_a_domain",
        "destination_domain": "required",
        "when_date": "not_a_date",
        "numbers": "required",
    }


def test_impact_is_asked_by_the_severity_on_the_same_card() -> None:
    typed = {"title": "x", "description": "x", "severity": "a"}
    assert read(COMMON_FIELDS, typed, HERE, {}).problems["impact"].code == "required"
    assert read(COMMON_FIELDS, {**typed, "severity": "b"}, HERE, {}).problems == {}


LONG_LIST: dict[str, JsonValue] = {
    "count": 200,
    "numbers": [f"+331234567{at:02}" for at in range(100)],
    "file": "ab" * 32,
}


def test_a_list_is_what_its_check_came_to() -> None:
    checked = replace(HERE, lists={"numbers": LONG_LIST})
    assert read((field("numbers"),), {}, checked, {}).values == {"numbers": LONG_LIST}
    refused = replace(HERE, lists={"numbers": Problem(code="empty_list")})
    assert read((field("numbers"),), {"numbers": "x"}, refused, {}).problems == refused.lists


def test_a_list_that_is_not_there_is_required() -> None:
    assert read((field("numbers"),), {}, HERE, {}).problems["numbers"].code == "required"


def test_a_list_that_was_not_checked_is_never_taken() -> None:
    with pytest.raises(LookupError):
        read((field("numbers"),), {"numbers": "+33123456789"}, HERE, {})
