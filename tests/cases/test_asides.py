"""What stands in a list and is none of its numbers: told or put aside, never taken, never lost."""

from collections.abc import Sequence

import pytest

from cases.asides import is_total, may_hold_a_number
from cases.cautions import cautions
from cases.cells import is_date, looks_like_a_number
from cases.countries import all_countries
from cases.fields import Answers
from cases.findings import Entry, Purpose, Summary
from cases.lists import rows, rows_of_sheets
from cases.numbering import read, settle
from cases.vocabulary import CaseType
from tests.cases.samples import NOW


def checked(text: str, region: str) -> tuple[list[Entry], Summary]:
    purpose = Purpose(region=region)
    settled = settle(read(rows(text), purpose), purpose)
    return settled.entries, settled.summary


def numbers(text: str, region: str) -> list[str]:
    return [entry.number for entry in checked(text, region)[0] if entry.accepted]


def told(text: str, region: str) -> list[tuple[int, str, str]]:
    return [(e.line, e.problem, e.severity) for e in checked(text, region)[0] if e.problem]


# Above a header

ABOVE = [
    (
        "FR",
        "Numéro principal 01 42 68 53 00\nNuméros SDA :\n01 42 68 53 01\n01 42 68 53 02",
        ["+33142685300", "+33142685301", "+33142685302"],
    ),
    (
        "DE",
        "Hauptnummer 040 11223340\nRufnummern:\n040 11223341",
        ["+494011223340", "+494011223341"],
    ),
    ("PL", "Numer główny 22 123 45 00\nNumery:\n22 123 45 01", ["+48221234500", "+48221234501"]),
    (
        "US",
        "Billing number 2065550100\nTelephone numbers\n2065550101",
        ["+12065550100", "+12065550101"],
    ),
    (
        "DE",
        "Zentrale;040 11223340\nName;Rufnummer;Ort\nA;040 11223341;Hamburg",
        ["+494011223340", "+494011223341"],
    ),
    ("DE", "Liste, Büro in Hamburg 040 11223340;x\nB;040 11223341", ["+494011223341"]),
]


@pytest.mark.parametrize("region, text, expected", ABOVE)
def test_a_number_above_a_header_is_a_row(region: str, text: str, expected: list[str]) -> None:
    entries, _ = checked(text, region)
    assert [entry.number for entry in entries if entry.may_go][-len(expected) :] == expected
    assert entries[0].line == 1


def test_titles_with_dates_and_places_are_none() -> None:
    title = "Rufnummern 2024-2026, Stand 03.11.2026 18:16:48, 10115 Berlin, Hauptstr. 12-14"
    assert told(f"{title}\n\nName;Rufnummer\nA;040 11223341", "DE") == []


# Dates


@pytest.mark.parametrize("text", ["2026-11-03", "03.11.2026", "3/11/2026", "2026-11-03T10:00:00"])
def test_a_date_is_no_number(text: str) -> None:
    assert is_date(text)
    assert told(text, "DK") == [(1, "date", "stop")]
    assert told(f"Phone\n32123456\n{text}", "DK") == [(3, "date", "stop")]


@pytest.mark.parametrize("text", ["32-12-34-56", "2026 1103", "12.34.2026", "99-99-2026"])
def test_what_is_no_day_is_no_date(text: str) -> None:
    assert not is_date(text)


def test_a_date_beside_a_number_says_nothing() -> None:
    text = "32123456;Bob;2026-11-03\n32123457;Ann;2026-11-04"
    assert told(text, "DK") == []
    assert numbers(text, "DK") == ["+4532123456", "+4532123457"]


# Labels

LABELLED = [
    ("US", "Acct # 2125550188"),
    ("US", "Ticket 4255550111"),
    ("US", "Invoice no. 2065550199"),
    ("US", "Order number: 206-555-0199"),
    ("US", "Tax ID 206555019"),
    ("DE", "Kundennummer 0221998877"),
    ("DE", "Vertragsnr.: 0221 998877"),
    ("DE", "Rg.-Nr. 0221998877"),
    ("FR", "N° de contrat : 0142685300"),
    ("FR", "SIRET 552 102 554 00013"),
    ("ES", "Nº de cliente 912345678"),
    ("IT", "Codice cliente 0212345678"),
    ("NL", "Klantnummer 0201234560"),
    ("PL", "Nr umowy: 221234567"),
    ("PL", "NIP: 5252445767"),
    ("SE", "Kundnummer 081234567"),
    ("CZ", "Číslo smlouvy 212345678"),
    ("RU", "Номер договора 4951234567"),
    ("JP", "顧客番号 0312345678"),
]


@pytest.mark.parametrize("region, text", LABELLED)
def test_a_label_says_that_it_is_another_number(region: str, text: str) -> None:
    assert told(text, region) == [(1, "labelled", "stop")]


DEPARTMENTS = [
    ("US", "Customer service 206-555-0199"),
    ("US", "Account manager 2065550199"),
    ("US", "Accounting 2065550199"),
    ("US", "Order desk: 2065550199"),
    ("US", "Customer phone number 2065550199"),
    ("US", "Bob Price 2065550199"),
    ("US", "Price 2065550199"),
    ("FR", "Service client 01 42 68 53 00"),
    ("FR", "Client 01 42 68 53 00"),
    ("DE", "Kundenservice 030 901820"),
    ("DE", "Rechnungsstelle 030 901820"),
    ("DE", "Personal 030 901820"),
]


@pytest.mark.parametrize("region, text", DEPARTMENTS)
def test_a_department_or_a_person_has_a_telephone(region: str, text: str) -> None:
    assert len(numbers(text, region)) == 1


def test_the_value_beside_a_label_above_a_header_is_none() -> None:
    text = (
        "Société;ACME\nN° client;802123456;;\n\nN° de ligne;Type;RIO\n"
        "01 42 68 53 00;SDA;01P123456ABC\n01 42 68 53 01;SDA;01P123456ABD"
    )
    assert numbers(text, "FR") == ["+33142685300", "+33142685301"]
    assert told(text, "FR") == [(2, "labelled", "caution")]
    text = "Kundennummer\n4711081512\n\nName;Rufnummer\nA;040 11223341"
    assert told(text, "DE") == [(2, "labelled", "caution")]
    text = "Kundennummer 4711081512\nRufnummern\n040 11223341"
    assert told(text, "DE") == [(1, "labelled", "caution")]
    assert checked(text, "DE")[1].rows == 1


def test_a_letterhead_above_a_header_is_no_list() -> None:
    text = (
        "Firma: Muster GmbH\nKd.-Nr.: 4711081512\nDatum: 03.11.2026\n\nRufnummern\n"
        "040 11223341\nSumme: 1"
    )
    assert numbers(text, "DE") == ["+494011223341"]
    assert told(text, "DE") == [(2, "labelled", "caution")]


def test_what_goes_on_behind_a_number_is_kept_beside_a_label() -> None:
    text = "425-555-1200, 1201\nTicket, 4255550111"
    assert [row.text for row in rows(text)] == ["425-555-1200", "1201", "4255550111"]
    assert told(text, "US")[-1] == (2, "labelled", "caution")


def test_a_case_tells_of_columns_that_are_not_read() -> None:
    answers: Answers = {"numbers": {"cautions": {"column_unread": 1, "other_column": 2}}}
    found = cautions(CaseType.PORT_IN, answers, all_countries()["FR"], NOW)
    assert [(one.code, one.params) for one in found][:2] == [
        ("list_columns", {"count": 1}),
        ("list_empty_rows", {"count": 2}),
    ]


def test_a_column_of_accounts_is_asked_about() -> None:
    with pytest.raises(Exception, match="which_column"):
        rows("Account\n2079460199\n2079460200")


Sheet = Sequence[Sequence[str]]
INFO = [["Kunde", "Muster GmbH"], ["Kundennummer", "4711081512"], ["Stand", "2026-11-03"]]


def of_sheets(region: str, **sheets: Sheet) -> list[tuple[str, int, str, str]]:
    tables = [(name, list(enumerate(table, 1))) for name, table in sheets.items()]
    purpose = Purpose(region=region)
    entries = settle(read(rows_of_sheets(tables), purpose), purpose).entries
    return [(entry.sheet, entry.line, entry.number, entry.problem) for entry in entries]


@pytest.mark.parametrize("region, number", [("DE", "+494011223341"), ("DK", "+4532123456")])
def test_a_cover_sheet_has_no_numbers(region: str, number: str) -> None:
    assert of_sheets(region, Info=INFO, Liste=[["Rufnummer"], [number]]) == [
        ("Info", 2, "", "labelled"),
        ("Liste", 2, number, ""),
    ]


def test_an_account_on_a_cover_sheet_is_none_and_its_main_number_is() -> None:
    numbers = [["PhoneNumber"], ["020 7946 0958"]]
    cover = [["Company", "Acme"], ["Account", "2079460199"], ["Main", "020 7946 0959"]]
    assert of_sheets("GB", Cover=[["Account", "2079460199"]], Numbers=numbers) == [
        ("Cover", 1, "", "labelled"),
        ("Numbers", 2, "+442079460958", ""),
    ]
    assert of_sheets("GB", Cover=cover, Numbers=numbers) == [
        ("Cover", 2, "", "labelled"),
        ("Cover", 3, "+442079460959", ""),
        ("Numbers", 2, "+442079460958", ""),
    ]


def test_where_no_number_is_left_what_was_told_stops_it() -> None:
    entries, summary = checked("Account;2079460199", "GB")
    assert [(entry.problem, entry.severity) for entry in entries] == [("labelled", "stop")]
    assert (summary.rows, summary.numbers, summary.stops) == (1, 0, {"labelled": 1})


# Columns that are not read


def test_other_columns_of_numbers_are_told() -> None:
    text = "Name;Telefon;Fax\nA;040 11223341;040 11223399\nB;;040 11223398"
    entries, summary = checked(text, "DE")
    assert [(e.line, e.text, e.number, e.problem, e.params) for e in entries] == [
        (2, "040 11223341", "+494011223341", "", {}),
        (3, "040 11223398", "", "other_column", {"column": "Fax"}),
        (1, "Fax", "", "column_unread", {"column": "Fax", "count": 2}),
    ]
    assert (summary.rows, summary.numbers, summary.stops) == (2, 1, {})
    assert summary.cautions == {"other_column": 1, "column_unread": 1}


@pytest.mark.parametrize(
    "text, columns",
    [
        ("Name;Number;Alt number\nA;2065550101;2065550102", ["Alt number"]),
        ("DID;Fax;Cell\n2065550101;2065550102;2065550103", ["Fax", "Cell"]),
        ("Telefon;Mobil\n206-555-0101;206-555-0102", ["Mobil"]),
        ("Work Phone,Fax Phone\n206-555-0101,206-555-0102", ["Fax Phone"]),
        ("PhoneNumber,Fax\n206-555-0101,206-555-0102", ["Fax"]),
        ("PhoneNumber,As written\n206-555-0101,206-555-0102", []),
        ("Phone,Fax\n206-555-0101,\n206-555-0102,none", []),
        ("Phone,Customer\n206-555-0101,2065550102", []),
        ("Phone,Date\n206-555-0101,2026-11-03", []),
        ("Phone 1,Phone 2\n206-555-0101,206-555-0102", []),
    ],
)
def test_a_column_that_is_not_read_is_named(text: str, columns: list[str]) -> None:
    unread = [row.text for row in rows(text) if row.aside]
    assert unread == columns
    assert numbers(text, "US")[0] == "+12065550101"


def test_numbers_beyond_the_sample_are_counted_too() -> None:
    lines = [f"+1425555{at},+1425556{at}" for at in range(1000, 2000)]
    last = rows("\n".join(["Phone,Fax", *lines]))[-1]
    assert last.aside is not None
    assert last.aside.params == {"column": "Fax", "count": 1000}


# Codes and totals


@pytest.mark.parametrize("code", ["01P123456ABC", "FR12345678901", "INV2065550199"])
def test_a_code_of_letters_and_digits_is_no_number(code: str) -> None:
    assert not looks_like_a_number(code)
    text = f"N° de ligne|Type|Code postal|RIO\n01 42 68 53 00|SDA|75001|{code}".replace("|", ";")
    assert numbers(text, "FR") == ["+33142685300"]
    assert told(text, "FR") == []


@pytest.mark.parametrize(
    "text", ["0142685300x12", "+33142685300ext12", "1.4255551234E+10", "tel0142685300"]
)
def test_words_of_numbers_are_no_codes(text: str) -> None:
    assert looks_like_a_number(text)


TOTALS = [
    ("FR", "Site;Nom;SDA\nA;b;0142685300\nTotal;;15"),
    ("PL", "Numer;Ilość\n22 123 45 20;1\nRazem;24"),
    ("DE", "040 11223341\nSumme...4"),
    ("FR", "Nom;SDA;Lignes\nA;0142685300;6\nTOTAL;;6"),
    ("US", "206-555-0101\nTotal: 1 number"),
    ("US", "Site,206-555-0101,\nTotal,1,"),
]


@pytest.mark.parametrize("region, text", TOTALS)
def test_a_total_is_no_row(region: str, text: str) -> None:
    entries, summary = checked(text, region)
    assert (summary.rows, summary.numbers, summary.stops) == (1, 1, {})
    assert len(entries) == 1


def test_a_total_with_a_number_is_a_row() -> None:
    assert not is_total(["Total Energies", "01 42 68 53 00"])
    assert numbers("Total Energies 01 42 68 53 00", "FR") == ["+33142685300"]


def test_numbers_among_words_are_seen() -> None:
    assert may_hold_a_number("Numéro principal 01 42 68 53 00")
    assert not may_hold_a_number("Stand 03.11.2026")
    assert not may_hold_a_number("10115 Berlin, 1. Stock")


# How many, and which


@pytest.mark.parametrize(
    "header", ["Number;Qty", "Numéro;Quantité", "Nummer;Aantal", "Numer;Ilość"]
)
def test_a_count_is_told_to_be_written_as_a_range(header: str) -> None:
    entries, _ = checked(f"{header}\n020 7946 0100;10", "GB")
    assert [(e.number, e.problem, e.params) for e in entries] == [("", "counted", {"count": 10})]


# Prefixes that are no longer dialled

OLD = [
    ("MX", "01 55 5123 4502", "+525551234502"),
    ("MX", "044 55 1234 5678", "+525512345678"),
    ("MX", "045 55 1234 5678", "+525512345678"),
    ("MX", "+52 1 55 1234 5679", "+525512345679"),
    ("MX", "52 1 55 1234 5679", "+525512345679"),
    ("MX", "0052 1 55 1234 5679", "+525512345679"),
    ("MX", "01 800 123 4567", "+528001234567"),
    ("MX", "(0155) 5123 4602", "+525551234602"),
    ("", "+52 1 55 1234 5679", "+525512345679"),
    ("PL", "0 22 123 45 22", "+48221234522"),
    ("PL", "(0-22) 123 45 23", "+48221234523"),
]


@pytest.mark.parametrize("region, text, number", OLD)
def test_an_old_prefix_is_left_out(region: str, text: str, number: str) -> None:
    entries, _ = checked(text, region)
    assert [(e.number, e.repaired) for e in entries] == [(number, "old_prefix_dropped")]


@pytest.mark.parametrize(
    "region, text", [("MX", "01 55 5123 450"), ("PL", "0 22 123 45"), ("", "0155 5123 4502")]
)
def test_what_is_no_number_behind_it_is_refused(region: str, text: str) -> None:
    assert numbers(text, region) == []


# Without a country

UNPORTABLE = ["+44 845 123 4567", "+64 800 123 456", "+65 800 123 4567", "+800 1234 5678"]


@pytest.mark.parametrize("text", UNPORTABLE)
def test_what_cannot_be_ported_is_told_without_a_country(text: str) -> None:
    assert told(text, "") == [(1, "not_portable", "caution")]
    assert told("+44 20 7946 0958", "") == []
