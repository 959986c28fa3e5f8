"""What a summary counts and tells of a list: each thing once, however often it stands there."""

import pytest

from cases.findings import Finding, Flaw, Purpose, Settled, Summary
from cases.lists import rows
from cases.numbering import read, settle
from cases.vocabulary import CaseType

PORT = CaseType.PORT_IN
LONDON, UNPORTABLE, UIFN = "+442079460900", "0845 464 0000", "+800 1234 5678"
SEATTLE = "+12065550100"


def settled(text: str, region: str, case_type: CaseType | None = None, **busy: str) -> Settled:
    purpose = Purpose(region=region, case_type=case_type)
    named = {f"+{number.lstrip('n')}": case for number, case in busy.items()}
    return settle(read(rows(text), purpose), purpose, named)


def summary_of(text: str, region: str, case_type: CaseType | None = None) -> Summary:
    return settled(text, region, case_type).summary


def the_finding(summary: Summary) -> Finding:
    (finding,) = summary.findings
    assert summary.told == 1
    return finding


# What is right


@pytest.mark.parametrize(
    "region, text",
    [("GB", UNPORTABLE), ("GB", UIFN), ("NZ", "0800 123 456"), ("SG", "800 123 4567")],
)
def test_what_no_carrier_gives_away_is_a_right_number_that_is_told_of(
    region: str, text: str
) -> None:
    outcome = settled(text, region)
    assert outcome.summary.numbers == 1
    assert outcome.summary.cautions == {"not_portable": 1}
    assert outcome.summary.stops == {}


def test_what_may_be_changed_is_right_though_it_cannot_be_ported() -> None:
    change = summary_of("0800 123 456", "NZ", CaseType.INVENTORY_TYPE_CHANGE)
    assert (change.numbers, change.stops) == (1, {})


def test_a_number_in_an_open_case_is_not_in_the_clean_list() -> None:
    outcome = settled(f"{SEATTLE}\n+12065550101", "US", n12065550100="TNS-000123")
    assert outcome.summary.numbers == 1
    assert outcome.parts == (("+12065550101",),)
    assert outcome.summary.cautions == {"in_open_case": 1}


def test_what_is_left_aside_counts_once_as_well() -> None:
    summary = summary_of(f"{UNPORTABLE}\n{UNPORTABLE}\n+448454640000", "GB")
    assert summary.cautions == {"not_portable": 1, "duplicate": 2}


# Rows and numbers


def test_a_refused_range_is_one_row_and_many_numbers() -> None:
    summary = summary_of("+33 6 12 34 56 00-09", "FR", PORT)
    assert (summary.refused_rows, summary.stops) == (1, {"wrong_kind": 10})
    apart = summary_of("+33612345600\n+33612345601", "FR", PORT)
    assert (apart.refused_rows, apart.stops) == (2, {"wrong_kind": 2})


# What is told


def test_a_block_is_told_once() -> None:
    finding = the_finding(summary_of("22 123 45 60-67", "PL", PORT))
    assert (finding.code, finding.line, finding.count, finding.rows) == ("outside_block", 1, 8, 1)
    assert finding.params["missing"] == 2
    assert finding.text == "22 123 45 60-67"


def test_the_numbers_of_a_block_are_told_together_wherever_they_stand() -> None:
    finding = the_finding(summary_of("22 123 45 60\n22 123 45 61\n22 123 45 62", "PL", PORT))
    assert (finding.line, finding.last, finding.rows, finding.count) == (1, 3, 3, 3)
    assert finding.text == ""


def test_one_number_many_times_is_told_once() -> None:
    finding = the_finding(summary_of("\n".join(["2065550100"] * 8000), "US", PORT))
    assert (finding.code, finding.params) == ("duplicate", {"of_line": 1})
    assert (finding.line, finding.last, finding.rows) == (2, 8000, 7999)
    assert finding.text == "2065550100"


def test_rows_with_others_between_them_are_no_stretch() -> None:
    summary = summary_of(f"{SEATTLE}\nhello\n{SEATTLE}\n+12065550101\nhello", "US", PORT)
    hello, double = summary.findings
    assert (hello.line, hello.last, hello.rows) == (2, 0, 2)
    assert (double.line, double.last, double.rows) == (3, 3, 1)


def test_numbers_of_one_case_are_told_together_and_those_of_another_apart() -> None:
    busy = {"n12065550100": "TNS-1", "n12065550101": "TNS-1", "n12065550102": "TNS-2"}
    text = "+12065550100\n+12065550101\n+12065550102"
    first, second = settled(text, "US", PORT, **busy).summary.findings
    assert (first.params, first.rows, second.params) == ({"case": "TNS-1"}, 2, {"case": "TNS-2"})


def test_rows_that_are_wrong_in_their_own_ways_are_told_one_by_one() -> None:
    summary = summary_of("hello\nthere\n+33612345600\n+33612345601", "FR", PORT)
    assert [(finding.line, finding.rows) for finding in summary.findings] == [
        *((1, 1), (2, 1), (3, 1), (4, 1)),
    ]


def test_what_is_left_aside_is_told_before_what_needs_nothing() -> None:
    summary = summary_of(f"{LONDON}\n{LONDON}\n{UNPORTABLE}\nhello", "GB")
    assert [finding.code for finding in summary.findings] == [
        *(Flaw.NOT_A_NUMBER, Flaw.NOT_PORTABLE, Flaw.DUPLICATE),
    ]


def test_how_much_there_is_to_tell_is_counted_though_little_is_told() -> None:
    summary = summary_of("\n".join(["a", "b", "c", "d", "e", "f", "f"]), "US", PORT)
    assert (len(summary.findings), summary.told) == (5, 6)
