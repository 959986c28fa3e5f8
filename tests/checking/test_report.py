"""The report and the clean list: what they say, and that no spreadsheet damages a number there."""

import csv
import io
import re
from collections.abc import Callable
from contextlib import suppress

import pytest
from openpyxl import Workbook

from cards.problems import finding_line, told_of
from cases.errors import Rejected
from cases.findings import Purpose
from cases.lists import decode, rows, rows_of_sheets
from cases.numbering import read, settle
from cases.ports import Checked
from cases.vocabulary import CaseType
from checking.checkup import checkup, conclude
from checking.report import safe, to_csv
from checking.stages import SHEET, Stage, find_rows, read_few, read_rows, write_up
from strings import LANGUAGES, text_for
from tests.checking.workbooks import saved as saved_book

EN = text_for("en-GB")
MESSY = {
    "FR": [
        *("01 23 45 67 89", "+33 1 23 45 67 90", "33123456791", "123456792", "hello"),
        *("+33 1 23 45 67 8", "+4930123456", "01 23 45 67 89", "+33612345678", "1.2E+10"),
        *("01 23 45 68 0x", "=1+1", "@SUM(1)", "Bob, 01 23 45 67 93", "+800 1234 5678"),
        *("＝HYPERLINK(1)", "-1", '=cmd|" /C calc"!A0', "00 33 1 23 45 67 94 poste 12"),
    ],
    "US": [
        *("(425) 555-0100", "+14255550101", "14255550102", "1-800-FLOWERS", "12/05/2026"),
        *("+1 425 555 1200-1259", "+1 416 555 0123", "425-555-0103x12", "1.4255E+10", "007"),
    ],
    "DE": [
        *("030 123456", "+4930123457", "4930123458", "+49 30 1234-10", "4915123456789"),
        *("+49151234567890", "0800 1234567", "301234567", "+49 30 12345678901234"),
    ],
    "GB": ["020 7946 0123", "+442079460124", "442079460125", "0845 234 5678", "+44 7400 123456"],
    "PL": ["22 123 45 67", "+48 22 123 45 68", "48221234569", "800 123 456"],
    "IT": ["06 12345678", "+39 06 12345679", "390612345670", "333 1234567", "612345671"],
}
LISTS = [(region, written) for region, texts in MESSY.items() for written in ["\n".join(texts)]]


def checked(
    text: str, region: str, language: str = "en", case_type: CaseType | None = None
) -> Checked:
    purpose = Purpose(region=region, case_type=case_type)
    return checkup(rows(text), purpose, text_for(language), {})


def table(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def numbers_in(content: bytes, region: str) -> set[str]:
    purpose = Purpose(region=region)
    entries = settle(read(rows(decode(content)), purpose), purpose).entries
    return {entry.number for entry in entries if entry.number}


def accepted_in(content: bytes, region: str) -> set[str]:
    purpose = Purpose(region=region)
    entries = settle(read(rows(decode(content)), purpose), purpose).entries
    return {entry.number for entry in entries if entry.accepted}


# What they say


def test_a_report_says_of_each_row_what_a_clerk_would() -> None:
    text = "01 23 45 67 89\nhello\n+4930123456\n33123456790\n0033123456789\n+33612345678"
    report = checked(text, "FR", case_type=CaseType.PORT_IN).report
    assert [list(line.values()) for line in table(report)] == [
        ["1", "'01 23 45 67 89", "'+33123456789", "geographic", "France", "Right.", ""],
        [
            *("2", "hello", "", "", "", "Not taken: this is no telephone number."),
            "Write the number here, or delete the row.",
        ],
        [
            *("3", "'+4930123456", "'+4930123456", "geographic", "Germany"),
            "Not taken: this is a number of another country (Germany).",
            "Put it into a case of that country: one case is about one country.",
        ],
        [
            *("4", "'33123456790", "'+33123456790", "geographic", "France"),
            *("Right. The lost + was put back.", ""),
        ],
        [
            *("5", "'0033123456789", "'+33123456789", "geographic", "France"),
            "Note: the same number stands in row 1; it counts once.",
            "Nothing: it was taken once.",
        ],
        [
            *("6", "'+33612345678", "'+33612345678", "mobile", "France"),
            "Not taken: such a case cannot have a number of this kind (mobile).",
            "Leave it out.",
        ],
    ]


def test_a_report_speaks_its_readers_language() -> None:
    report = table(checked("hello", "FR", "fr").report)
    assert list(report[0]) == [
        *("Ligne", "Tel qu’écrit", "PhoneNumber", "Nature", "Pays", "Résultat", "Que faire")
    ]
    assert report[0]["Résultat"] == "Non repris\u00a0: ce n’est pas un numéro de téléphone."


def test_a_report_of_usages_has_a_column_for_them() -> None:
    text = "PhoneNumber,Usage\n+12065550100,user\n+12065550101,call queue\n+12065550102,"
    outcome = checked(text, "US")
    assert [line["Usage"] for line in table(outcome.report)] == ["User", "Service", ""]
    again = checked(decode(outcome.report), "US")
    assert again.parts == outcome.parts
    assert len(outcome.parts) == 2


SHEETS = [
    ("Paris", [(1, ["01 42 68 53 00"]), (2, ["hello"])]),
    ("Lyon", [(1, ["Phone"]), (2, ["01 42 68 53 00"]), (3, ["01 42 68 53 01"])]),
    ("=1+1", [(7, ["0142685300"])]),
]


def test_a_report_on_several_sheets_says_in_which_a_row_stands() -> None:
    report = checkup(rows_of_sheets(SHEETS), Purpose(region="FR"), EN, {}).report
    assert [(line["Row"], line["Result"]) for line in table(report)] == [
        ("Paris!1", "Right."),
        ("Paris!2", "Not taken: this is no telephone number."),
        ("Lyon!2", "Note: the same number stands in row Paris!1; it counts once."),
        ("Lyon!3", "Right."),
        ("'=1+1!7", "Note: the same number stands in row Paris!1; it counts once."),
    ]
    again = checked(decode(report), "FR")
    assert again.clean == b"PhoneNumber\n+33142685300\n+33142685301\n"


def test_a_card_says_so_too() -> None:
    summary = checkup(rows_of_sheets(SHEETS), Purpose(region="FR"), EN, {}).summary
    told = [finding_line(finding, EN) for finding in summary.findings]
    assert "Row Paris!2, “hello”: this is no telephone number." in told
    assert any(said.startswith("Row") and "Lyon!2" in said for said in told)
    french = [finding_line(finding, text_for("fr")) for finding in summary.findings]
    assert any("Paris!2" in said for said in french)


def test_one_sheet_is_told_as_any_other_list() -> None:
    found = rows_of_sheets([SHEETS[0]])
    assert [row.sheet for row in found] == ["", ""]
    report = checkup(found, Purpose(region="FR"), EN, {}).report
    assert [line["Row"] for line in table(report)] == ["1", "2"]


def test_a_range_on_one_sheet_does_not_reach_into_another() -> None:
    found = rows_of_sheets([("A", [(1, ["0142685300"]), (2, ["hello"])]), ("B", [(3, ["hello"])])])
    found += rows_of_sheets([("A", [(1, ["01 42 68 53 00"])])])
    (finding,) = checkup(found[1:3], Purpose(region="FR"), EN, {}).summary.findings
    assert (finding.sheet, finding.line, finding.rows, finding.last) == ("A", 2, 2, 0)


@pytest.mark.parametrize("stage", [read_rows, read_few])
def test_sheets_survive_the_way_between_workers(stage: Stage) -> None:
    content = book_of({"Paris": ["0142685300"], "Lyon": ["0142685300", "hello"]})
    purpose = Purpose(region="FR").model_dump_json().encode()
    _, *chunks = find_rows((SHEET, content))
    entries = [stage((purpose, chunk))[1] for chunk in chunks]
    _, report, clean = write_up((purpose, b"en", b"{}", *entries))[:3]
    assert [line["Row"] for line in table(report)] == ["Paris!1", "Lyon!1", "Lyon!2"]
    assert clean == b"PhoneNumber\n+33142685300\n"


def book_of(held: dict[str, list[str]]) -> bytes:
    book = Workbook()
    book.remove(book.worksheets[0])
    for name, cells in held.items():
        sheet = book.create_sheet(name)
        for cell in cells:
            sheet.append([cell])
    return saved_book(book)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_list_that_is_not_clear_is_asked_about(language: str) -> None:
    with pytest.raises(Rejected) as asked:
        rows("Foo;Bar\n4255550199;4255551200")
    said = told_of(asked.value, text_for(language))
    assert "Foo · Bar" in said
    assert "PhoneNumber" in said


def test_a_clean_list_is_what_carriers_take() -> None:
    outcome = checked("01 23 45 67 89\nhello\n01 23 45 67 90\n08 00 12 34 56", "FR")
    assert outcome.clean == b"PhoneNumber\n+33123456789\n+33123456790\n+33800123456\n"
    assert outcome.parts == (
        b"PhoneNumber\n+33123456789\n+33123456790\n",
        b"PhoneNumber\n+33800123456\n",
    )
    assert checked("hello", "FR").clean == b"PhoneNumber\n"


def test_entries_that_were_read_elsewhere_come_to_the_same() -> None:
    for region, written in LISTS:
        purpose = Purpose(region=region, case_type=CaseType.PORT_IN)
        found = rows(written)
        busy = {"+14255550101": "TNS-000123"}
        entries = [entry for row in found for entry in read([row], purpose)]
        assert conclude(entries, purpose, EN, busy) == checkup(found, purpose, EN, busy)


# Formulas


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("region, written", LISTS, ids=MESSY.keys())
def test_no_cell_starts_a_formula(region: str, written: str, language: str) -> None:
    for line in table(checked(written, region, language).report):
        for cell in line.values():
            assert not re.match(r"\s*[=+\-@\t\r\n\0＝＋－＠]", cell)


@pytest.mark.parametrize(
    "text, cell",
    [
        ("=1+1", "'=1+1"),
        ("  =1+1", "'  =1+1"),
        ("\t=1", "' =1"),
        ("＝1", "'＝1"),
        ("+33 1", "'+33 1"),
        ("-x", "'-x"),
        ("@x", "'@x"),
        ("012", "'012"),
        ("123456789012", "'123456789012"),
        ("1/2", "'1/2"),
        ("1.5E+10", "'1.5E+10"),
        ("'+33", "''+33"),
        ("hello", "hello"),
        ("Bob: 01", "Bob: 01"),
        ("a\r\nb\0c\u202ed", "a  b c d"),
        ("x" * 300, "x" * 200),
        ("", ""),
    ],
)
def test_cells_are_text_to_a_spreadsheet(text: str, cell: str) -> None:
    assert safe(text) == cell


# Round trips


def kept(content: bytes) -> bytes:
    return content


def sniffed(content: bytes) -> bytes:
    """As a reader that finds out the delimiter by itself writes it again."""
    text = content.decode("utf-8-sig")
    dialect: type[csv.Dialect] = csv.excel
    with suppress(csv.Error):
        # It finds none where sentences have more commas than columns do.
        dialect = csv.Sniffer().sniff(text[:4000], delimiters=",;\t|")
    out = io.StringIO()
    csv.writer(out, dialect).writerows(csv.reader(io.StringIO(text), dialect))
    return out.getvalue().encode()


def shown(cell: str) -> str:
    """What Excel makes of a cell: numbers lose their signs, and long ones their digits."""
    if not re.fullmatch(r"[+-]?\d+(\.\d+)?(E[+-]?\d+)?", cell):
        return cell
    value = float(cell)
    return f"{value:.0f}" if abs(value) < 1e11 else f"{value:.5E}"


def saved(content: bytes, delimiter: str, coding: str) -> bytes:
    """As Excel opens a CSV file where `delimiter` is the list separator, and saves it again."""
    text = content.decode("utf-8-sig")
    table = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows([shown(cell) for cell in line] for line in table)
    return out.getvalue().encode(coding, "replace")


def excel(content: bytes) -> bytes:
    return saved(content, ",", "utf-8-sig")


def french_excel(content: bytes) -> bytes:
    return saved(content, ";", "cp1252")


def excel_as_unicode_text(content: bytes) -> bytes:
    text = content.decode("utf-8-sig")
    out = io.StringIO()
    lines = ([shown(cell) for cell in line] for line in csv.reader(io.StringIO(text, newline="")))
    csv.writer(out, delimiter="\t").writerows(lines)
    return out.getvalue().encode("utf-16")


TRIPS: tuple[Callable[[bytes], bytes], ...] = (
    kept,
    sniffed,
    excel,
    french_excel,
    excel_as_unicode_text,
)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("trip", TRIPS)
@pytest.mark.parametrize("region, written", LISTS, ids=MESSY.keys())
def test_a_report_keeps_every_number(
    region: str, written: str, trip: Callable[[bytes], bytes], language: str
) -> None:
    outcome = checked(written, region, language)
    back = trip(outcome.report)
    said = {line["PhoneNumber"].lstrip("'") for line in table(outcome.report)} - {""}
    assert numbers_in(back, region) == said
    assert accepted_in(back, region) == accepted_in(outcome.clean, region)
    assert len(accepted_in(back, region)) == outcome.summary.numbers


@pytest.mark.parametrize("region, written", LISTS, ids=MESSY.keys())
def test_a_clean_list_keeps_every_number(region: str, written: str) -> None:
    outcome = checked(written, region)
    again = checked(decode(outcome.clean), region)
    assert (again.clean, again.summary.stops) == (outcome.clean, {})
    text = outcome.clean.decode()
    assert [cells[0] for cells in csv.reader(io.StringIO(text))] == text.split()


@pytest.mark.parametrize("region, written", LISTS, ids=MESSY.keys())
@pytest.mark.parametrize("trip", TRIPS[2:])
def test_a_clean_list_that_excel_has_saved_never_gets_another_number(
    region: str, written: str, trip: Callable[[bytes], bytes]
) -> None:
    clean = checked(written, region).clean
    before = accepted_in(clean, region)
    purpose = Purpose(region=region)
    back = settle(read(rows(decode(trip(clean))), purpose), purpose)
    assert {entry.number for entry in back.entries if entry.accepted} <= before
    lost = [entry for entry in back.entries if not entry.accepted]
    assert len(before) == back.summary.numbers + len(lost)
    assert {entry.problem for entry in lost} <= {"excel_rounded", "ambiguous"}


def test_the_file_that_is_kept_is_read_back() -> None:
    content = to_csv(("+33123456789", "+33612345678"))
    assert content == b"PhoneNumber\n+33123456789\n+33612345678\n"
    assert accepted_in(content, "FR") == {"+33123456789", "+33612345678"}
