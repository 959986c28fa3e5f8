"""What follows from a number for a case: kinds, portability, doubles, blocks, lawful parts."""

import pytest

from cases.errors import Rejected
from cases.findings import Advice, Entry, Flaw, NumberKind, Purpose, Settled, Summary
from cases.lists import MOST, Row, rows
from cases.numbering import asked_of, masked, read, settle
from cases.vocabulary import CaseType

PORT, BETWEEN = CaseType.PORT_IN, CaseType.INTER_TENANT_PORT
CHANGE, ADDRESS = CaseType.INVENTORY_TYPE_CHANGE, CaseType.ADDRESS_UPDATE
NAME = CaseType.CUSTOM_CALLING_NAME

PARIS, PARIS_2 = "+33123456789", "+33123456790"
MOBILE, FREE, PREMIUM, SHARED = "+33612345678", "+33801234567", "+33891123456", "+33884012345"
SEATTLE, US_FREE = "+12065550100", "+18005550100"


def settled(
    text: str, region: str = "FR", case_type: CaseType | None = None, **more: str
) -> Settled:
    purpose = Purpose(region=region, case_type=case_type, **more)
    return settle(read(rows(text), purpose), purpose)


def told(
    text: str, region: str = "FR", case_type: CaseType | None = None, **more: str
) -> list[str]:
    entries = settled(text, region, case_type, **more).entries
    return [f"{entry.severity} {entry.problem}".strip() for entry in entries]


def groups(summary: Summary) -> dict[str, int]:
    return {group.key: group.count for group in summary.groups}


# Kinds


def test_numbers_are_named_by_their_kind() -> None:
    entries = settled("\n".join((PARIS, MOBILE, FREE, PREMIUM, SHARED))).entries
    assert [entry.kind for entry in entries] == [
        NumberKind.GEOGRAPHIC,
        NumberKind.MOBILE,
        NumberKind.TOLL_FREE,
        NumberKind.PREMIUM,
        NumberKind.SHARED_COST,
    ]
    assert {entry.problem for entry in entries} == {""}


@pytest.mark.parametrize(
    "case_type, convert_to, expected",
    [
        (PORT, "", ["", "stop wrong_kind", "", "stop wrong_kind", "caution unusual_kind"]),
        (BETWEEN, "", ["", "stop wrong_kind", "", "stop wrong_kind", "caution unusual_kind"]),
        (
            CHANGE,
            "user",
            [
                *("", "caution unusual_kind", "stop wrong_kind"),
                *("stop wrong_kind", "caution unusual_kind"),
            ],
        ),
        (
            CHANGE,
            "service",
            ["", "caution unusual_kind", "", "stop wrong_kind", "caution unusual_kind"],
        ),
        (
            ADDRESS,
            "",
            [
                *("", "caution unusual_kind", "caution unusual_kind"),
                *("stop wrong_kind", "caution unusual_kind"),
            ],
        ),
    ],
)
def test_a_case_takes_some_kinds(case_type: CaseType, convert_to: str, expected: list[str]) -> None:
    text = "\n".join((PARIS, MOBILE, FREE, PREMIUM, SHARED))
    assert told(text, "FR", case_type, convert_to=convert_to) == expected


def test_a_refused_kind_is_named() -> None:
    (entry,) = settled(MOBILE, "FR", PORT).entries
    assert (entry.number, entry.params, entry.accepted) == (MOBILE, {"kind": "mobile"}, False)


@pytest.mark.parametrize("region, expected", [("US", ""), ("PR", ""), ("CA", "")])
def test_where_plans_cannot_tell_mobiles_they_are_ported(region: str, expected: str) -> None:
    number = {"US": SEATTLE, "PR": "+17872345678", "CA": "+14165550123"}[region]
    assert told(number, region, PORT) == [expected]


def test_calling_names_are_for_numbers_of_the_united_states() -> None:
    assert told(f"{SEATTLE}\n+17872345678", "US", NAME) == ["", ""]
    assert told(f"+14165550123\n{PARIS}", "US", NAME) == ["stop other_country"] * 2


# Portability


@pytest.mark.parametrize(
    "region, number",
    [
        *(("GB", f"+44{prefix}2345678") for prefix in ("843", "844", "845", "870", "871", "872")),
        *(("NZ", "+64800123456"), ("SG", "+658001234567"), ("GB", "+80012345678")),
    ],
)
def test_what_no_carrier_gives_away_is_not_ported(region: str, number: str) -> None:
    assert told(number, region, PORT) == ["stop not_portable"]
    assert told(number, region, BETWEEN) == ["stop not_portable"]
    assert told(number, region) == ["caution not_portable"]


def test_what_cannot_be_ported_can_be_changed() -> None:
    assert told("+442079460123", "GB", CHANGE, convert_to="service") == [""]
    assert told("+80012345678", "GB", CHANGE) == ["stop other_country"]
    assert told("+448001111111", "GB", PORT) == [""]


# Doubles and open cases


def test_a_number_counts_once_wherever_it_stands_again() -> None:
    outcome = settled(f"{PARIS}\n{PARIS_2}\n01 23 45 67 89\n0033123456789")
    assert [entry.params for entry in outcome.entries] == [{}, {}, {"of_line": 1}, {"of_line": 1}]
    assert outcome.summary.numbers == 2
    assert outcome.parts == ((PARIS, PARIS_2),)


def test_a_number_in_an_open_case_is_told_with_it() -> None:
    for case_type, severity in ((None, "caution"), (PORT, "stop")):
        purpose = Purpose(region="FR", case_type=case_type)
        entries = read(rows(f"{PARIS}\n{PARIS_2}\n{PARIS}"), purpose)
        first, second, third = settle(entries, purpose, {PARIS: "TNS-000123"}).entries
        assert (first.problem, first.severity) == (Flaw.IN_OPEN_CASE, severity)
        assert first.params == {"case": "TNS-000123"}
        assert (second.problem, third.problem) == ("", Flaw.DUPLICATE)


def test_open_cases_are_asked_for_what_may_go_on() -> None:
    purpose = Purpose(region="DE", case_type=PORT)
    text = "030 123456\n+4930123456\n+4915123456789\n+33123456789\n4918012345"
    assert asked_of(read(rows(text), purpose)) == ["+4930123456", "+494918012345", "+4918012345"]


# Blocks of ten


def test_poland_ports_whole_blocks() -> None:
    block = "22 123 45 6x"
    assert told(block, "PL", PORT) == [""] * 10
    text = f"{block}\n+48 22 123 45 70\n+48 22 123 45 71"
    outcome = settled(text, "PL", PORT)
    assert [entry.problem for entry in outcome.entries[10:]] == [Flaw.OUTSIDE_BLOCK] * 2
    assert outcome.entries[10].params == {
        "first": "+48221234570",
        "last": "+48221234579",
        "missing": 8,
    }
    assert outcome.summary.numbers == 12


def test_blocks_are_of_no_interest_elsewhere() -> None:
    assert told("+48 22 123 45 70", "PL", CHANGE) == [""]
    assert told("+48 800 123 456", "PL", PORT) == [""]
    assert told(PARIS, "FR", PORT) == [""]


# Lawful cases


@pytest.mark.parametrize("case_type", [PORT, BETWEEN, None])
def test_toll_and_toll_free_are_parts_of_their_own(case_type: CaseType | None) -> None:
    outcome = settled(f"{SEATTLE}\n{US_FREE}\n+12065550101", "US", case_type)
    assert groups(outcome.summary) == {"toll": 2, "toll_free": 1}
    assert outcome.parts == ((SEATTLE, "+12065550101"), (US_FREE,))


USED = "PhoneNumber,Usage\n{},user\n{},Auto attendant\n{},\n{},service"


def test_user_and_service_numbers_are_told_apart_by_their_column() -> None:
    text = USED.format(SEATTLE, "+12065550101", "+12065550102", US_FREE)
    assert groups(settled(text, "US", PORT).summary) == {"user": 2, "service": 1, "toll_free": 1}
    assert groups(settled(text, "US", CHANGE).summary) == {"toll": 3, "toll_free": 1}
    assert groups(settled(text, "US", NAME).summary) == {"all": 4}


def test_mobile_numbers_are_a_part_where_they_can_be_told() -> None:
    assert groups(settled(f"{PARIS}\n{MOBILE}").summary) == {"toll": 1, "mobile": 1}


def test_a_list_of_nothing_has_no_part() -> None:
    outcome = settled("hello", "US", PORT)
    assert (outcome.summary.groups, outcome.parts, outcome.summary.advice) == ((), (), ())


def test_a_block_of_both_usages_is_ported_as_one() -> None:
    block = USED.format(SEATTLE, "+12065550101", "+12065550109", "+12065550119")
    assert settled(block, "US", PORT).summary.advice == (Advice.PORT_AS_ONE,)
    apart = USED.format(SEATTLE, "+12065550105", "+12065550109", "+12065550119")
    assert settled(apart, "US", PORT).summary.advice == ()


def test_toll_free_numbers_are_never_ported_as_one_with_others() -> None:
    block = USED.format(SEATTLE, "+12065550101", "+12065550109", US_FREE)
    assert settled(block, "US", PORT).summary.advice == ()


@pytest.mark.parametrize(
    "text, case_type, advice",
    [
        (f"{SEATTLE}\nhello", PORT, (Advice.WIZARD,)),
        (f"PhoneNumber,Usage\n{SEATTLE},user", PORT, (Advice.WIZARD,)),
        (f"PhoneNumber,Usage\n{SEATTLE},call queue", PORT, ()),
        (US_FREE, PORT, ()),
        (f"{SEATTLE}\n{US_FREE}", PORT, ()),
        (SEATTLE, BETWEEN, ()),
        (SEATTLE, None, ()),
        ("+1 206 555 2000 - +1 206 555 2998", PORT, (Advice.WIZARD,)),
        ("+1 206 555 2000 - +1 206 555 2999", PORT, (Advice.DESK_ONLY,)),
    ],
)
def test_the_right_door_is_told(
    text: str, case_type: CaseType | None, advice: tuple[str, ...]
) -> None:
    assert settled(text, "US", case_type).summary.advice == advice


# Ranges


def test_a_range_is_a_row_and_many_numbers() -> None:
    outcome = settled("+1 425 555 1200-1259\nhello", "US")
    assert (outcome.summary.rows, outcome.summary.numbers) == (2, 60)
    assert {entry.line for entry in outcome.entries[:60]} == {1}
    assert [entry.more for entry in outcome.entries[:3]] == [False, True, True]
    assert outcome.summary.repaired == {"range_opened": 60}


def test_a_range_with_a_number_that_is_none_is_refused() -> None:
    (entry,) = settled("+44 20 7946 9998 - +44 20 8000 0001", "GB").entries
    assert entry.problem == Flaw.RANGE_TOO_LONG
    (entry,) = settled("+1 425 199 9999 - +1 425 200 0001", "US").entries
    assert (entry.problem, entry.params) == (Flaw.RANGE_INVALID, {"number": "+14251999999"})


def test_ranges_make_no_list_longer_than_any() -> None:
    block = Row(1, "+1 425 555 xxxx")
    with pytest.raises(Rejected) as caught:
        read([block] * 21, Purpose(region="US"))
    assert (caught.value.code, caught.value.params) == ("list_too_long", {"most": MOST})
    entries = [Entry(1, "x")] * (MOST + 1)
    with pytest.raises(Rejected):
        settle(entries, Purpose(region="US"))


# The summary


def test_the_first_findings_are_those_that_stop() -> None:
    text = "\n".join([PARIS] * 5 + ["hello", "x" * 60, MOBILE])
    summary = settled(text, "FR", PORT).summary
    assert [(f.line, f.code) for f in summary.findings] == [
        *((6, "not_a_number"), (7, "not_a_number"), (8, "wrong_kind")),
        (2, "duplicate"),
    ]
    assert summary.findings[1].text == "x" * 40
    assert summary.stops == {"not_a_number": 2, "wrong_kind": 1}
    assert summary.cautions == {"duplicate": 4}
    assert summary.kinds == {"geographic": 1}
    assert (summary.rows, summary.numbers) == (8, 1)


def test_a_summary_is_json_and_comes_back() -> None:
    summary = settled(f"{PARIS}\nhello\n{MOBILE}\n4930123456", "DE", PORT).summary
    assert Summary.model_validate_json(summary.model_dump_json()) == summary


def test_a_group_names_its_first_hundred() -> None:
    (group,) = settled("+1 425 555 12xx\n+1 425 555 13xx", "US").summary.groups
    assert (group.count, len(group.head), group.head[0]) == (200, 100, "+14255551200")


def test_reading_in_pieces_is_reading() -> None:
    purpose = Purpose(region="DE", case_type=PORT)
    found = rows("4930123456\n030 1234567\n+49 30 1234567\nhello\n030 12345-47")
    in_pieces = [entry for row in found for entry in read([row], purpose)]
    assert in_pieces == read(found, purpose)


def test_a_masked_number_shows_neither_its_middle_nor_a_short_number() -> None:
    assert masked(PARIS) == "+33…789"
    assert masked("+1234567") == "…"
