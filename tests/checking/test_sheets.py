"""Workbooks come out as tables of text that hold every digit, or are refused."""

import io
from collections.abc import Mapping
from datetime import date, datetime, time
from zipfile import ZipFile

import pytest
from openpyxl import Workbook

from cases.errors import Rejected
from cases.lists import rows_of_sheets
from cases.numbering import Purpose, read
from checking.sheets import LONGEST_NAME, Table, sheets
from tests.checking.workbooks import (
    MAIN,
    SHEET,
    Cells,
    locked,
    saved,
    sheet_of,
    swollen,
    with_numbers,
    with_parts,
    workbook,
)


def texts(content: bytes) -> list[tuple[int, str]]:
    return [(row.line, row.text) for row in rows_of_sheets(sheets(content))]


def placed(content: bytes) -> list[tuple[str, int, str]]:
    return [(row.sheet, row.line, row.text) for row in rows_of_sheets(sheets(content))]


def table(content: bytes) -> Table:
    """The only sheet that is read."""
    found = sheets(content)
    assert len(found) < 2
    return found[0][1] if found else []


def refusal(content: bytes) -> str:
    with pytest.raises(Rejected) as refused:
        rows_of_sheets(sheets(content))
    return refused.value.code


def test_numbers_as_text_and_as_numbers_come_out_alike() -> None:
    content = workbook([["PhoneNumber"], ["+14255551234"], [14255551235], [14255551236.0]])
    assert texts(content) == [(2, "+14255551234"), (3, "14255551235"), (4, "14255551236")]


def test_text_keeps_its_zeros_and_blanks() -> None:
    content = workbook([["Tel"], ["0123456789"], ["01 23 45\u00a067 89"]])
    assert table(content)[1:] == [(2, ["0123456789"]), (3, ["01 23 45\u00a067 89"])]


@pytest.mark.parametrize(
    "value, text",
    [
        (123456789012345, "123456789012345"),
        (999999999999999, "999999999999999"),
        (-33, "-33"),
        (1.5, "1.5"),
        (14255551234.25, "14255551234.25"),
        (True, "TRUE"),
        (False, "FALSE"),
        (date(2024, 1, 2), "2024-01-02"),
        (datetime(2024, 1, 2, 3, 4), "2024-01-02T03:04:00"),
        (time(3, 4), "03:04:00"),
    ],
)
def test_values_that_are_no_text_are_spelled(value: object, text: str) -> None:
    assert table(workbook([["x"], [value]]))[1] == (2, [text])


@pytest.mark.parametrize("value", [1234567890123456, 12345678901234567, 1e15, 1e20])
def test_what_excel_rounded_is_never_taken_for_a_number(value: float) -> None:
    cells = rows_of_sheets(sheets(workbook([["PhoneNumber"], [value], ["+14255551234"]])))
    rounded, fine = read(cells, Purpose(region="US"))
    assert (rounded.number, rounded.problem) == ("", "excel_rounded")
    assert fine.number == "+14255551234"


def test_the_header_may_stand_below_a_title() -> None:
    content = workbook(
        [
            ["Our numbers"],
            [],
            ["Name", "PhoneNumber"],
            ["Ann", 14255551234],
            ["Bob", "+14255551235"],
        ]
    )
    assert texts(content) == [(4, "14255551234"), (5, "+14255551235")]


def test_lines_are_those_of_the_sheet_wherever_it_begins() -> None:
    book = Workbook()
    sheet = book.worksheets[0]
    sheet["C5"], sheet["C6"], sheet["C9"] = "PhoneNumber", 14255551234, "+14255551235"
    assert texts(saved(book)) == [(6, "14255551234"), (9, "+14255551235")]


def test_a_hidden_sheet_is_not_read() -> None:
    content = workbook([["PhoneNumber"], ["+14255550000"]], [["+14255551234"]], hidden=[0])
    assert texts(content) == [(1, "+14255551234")]


def test_hidden_rows_are_read() -> None:
    book = Workbook()
    sheet = book.worksheets[0]
    for row in (["PhoneNumber"], ["+14255551234"], ["+14255551235"]):
        sheet.append(row)
    sheet.row_dimensions[2].hidden = True
    assert texts(saved(book)) == [(2, "+14255551234"), (3, "+14255551235")]


def test_the_sheet_with_numbers_is_found() -> None:
    notes: list[list[object]] = [["Read me"], [date(2024, 1, 2)], [42]]
    assert texts(workbook(notes, [], [["+14255551234"]])) == [(1, "+14255551234")]


def test_every_sheet_with_numbers_is_read_and_its_rows_say_so() -> None:
    content = named({"Paris": [[4255551277]], "Lyon": [["Number"], [], [4255551278]]})
    assert placed(content) == [("Paris", 1, "4255551277"), ("Lyon", 3, "4255551278")]


def test_an_only_sheet_goes_without_saying() -> None:
    assert placed(named({"Notes": [["Read me"]], "Lyon": [[4255551278]], "Empty": []})) == [
        ("", 1, "4255551278")
    ]


def test_each_sheet_has_columns_of_its_own() -> None:
    content = named(
        {
            "Lyon": [["Name", "Numéro SDA"], ["Accueil", "01 42 68 53 00"]],
            "Bern": [["Von", "Bis"], ["031 301 20 00", "031 301 20 09"]],
        }
    )
    assert placed(content) == [
        ("Lyon", 2, "01 42 68 53 00"),
        ("Bern", 2, "031 301 20 00 - 031 301 20 09"),
    ]


def test_a_sheet_of_invoices_is_no_list() -> None:
    invoices: list[list[object]] = [["Rechnungsnummer", "Betrag"], [2024000123, 12.5]]
    content = named({"Rechnungen": invoices, "Nummern": [["Rufnummer"], ["030 901820"]]})
    assert placed(content) == [("", 2, "030 901820")]
    assert refusal(named({"Rechnungen": invoices})) == "which_column"


def test_the_question_which_column_names_the_sheet() -> None:
    unclear: list[list[object]] = [["Foo", "Bar"], [4255550199, 4255551200]]
    content = named({"Paris": [["Phone"], [4255551277]], "Lyon": unclear})
    with pytest.raises(Rejected) as refused:
        rows_of_sheets(sheets(content))
    assert refused.value.params == {"columns": "Lyon!Foo · Lyon!Bar"}
    unclear[0][1] = "PhoneNumber"
    content = named({"Paris": [["Phone"], [4255551277]], "Lyon": unclear})
    assert placed(content) == [("Paris", 2, "4255551277"), ("Lyon", 2, "4255551200")]


def test_a_name_of_a_sheet_is_one_short_line() -> None:
    many = "".join(["Ly\u202eon", "x" * 50])
    content = with_parts(
        named({"A": [[4255551277]], "B": [[4255551278]]}),
        {"xl/workbook.xml": _renamed("B", many)},
    )
    assert placed(content)[1][0] == "Ly onxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"[:LONGEST_NAME]


def test_sheets_together_have_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("checking.sheets", "cases.lists"):
        monkeypatch.setattr(f"{module}.MOST", 200)
    half = sheet_of(f"><v>{14250000000 + at}</v>" for at in range(101))
    both = {SHEET: half, SHEET.replace("1.xml", "2.xml"): half}
    assert refusal(with_parts(workbook([["x"]], [["y"]]), both)) == "list_too_long"


def named(held: Mapping[str, Cells]) -> bytes:
    """Makes a workbook of sheets with these names."""
    book = Workbook()
    book.remove(book.worksheets[0])
    for name, rows in held.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
    return saved(book)


def _renamed(old: str, new: str) -> bytes:
    """The part of `named` with the names of its sheets, one of them replaced."""
    content = named({"A": [[4255551277]], "B": [[4255551278]]})
    with ZipFile(io.BytesIO(content)) as archive:
        part = archive.read("xl/workbook.xml").decode()
    return part.replace(f'name="{old}"', f'name="{new}"').encode()


def test_a_chart_is_no_sheet() -> None:
    book = Workbook()
    book.worksheets[0]["A1"] = 14255551234
    book.create_chartsheet("Chart", 0)
    assert table(saved(book)) == [(1, ["14255551234"])]


def test_without_numbers_the_first_sheet_with_anything_is_the_list() -> None:
    assert table(workbook([], [["hello"]], [["world"]])) == [(1, ["hello"])]


def test_an_empty_workbook_is_an_empty_list() -> None:
    assert table(workbook([])) == []


def test_formats_alone_are_nothing() -> None:
    book = Workbook()
    book.worksheets[0]["A1"] = "+14255551234"
    book.worksheets[0]["XFD1048576"].number_format = "@"
    assert texts(saved(book)) == [(1, "+14255551234")]


def test_formulas_that_nobody_computed_are_refused_and_not_taken_for_empty() -> None:
    assert refusal(workbook([["+14255551234"], ['="+1"&"4255551235"']])) == "file_uncomputed"


@pytest.mark.parametrize(
    "cell",
    [
        '<c r="A1" t="str"><f>"+1"&amp;"4255551235"</f><v>+14255551235</v></c>',
        '<c r="A1"><f>14255551235</f><v>14255551235</v></c>',
        '<c r="A1" t="str"><f>IF(TRUE,"","x")</f><v></v></c><c r="B1"><v>14255551235</v></c>',
    ],
)
def test_formulas_with_results_are_read(cell: str) -> None:
    sheet = f'<worksheet xmlns="{MAIN}"><sheetData><row r="1">{cell}</row></sheetData></worksheet>'
    content = with_parts(workbook([["x"]]), {SHEET: sheet.encode()})
    assert "14255551235" in texts(content)[0][1]


def test_too_many_rows_are_refused() -> None:
    assert refusal(with_numbers(range(14250000000, 14250200002))) == "list_too_long"


@pytest.mark.parametrize(
    "content, code",
    [
        (b"", "file_damaged"),
        (b"PK\x03\x04 and no more", "file_damaged"),
        (workbook([["+14255551234"]])[:-200], "file_damaged"),
        (with_parts(workbook([["x"]]), {SHEET: b"<worksheet><sheetData><row"}), "file_damaged"),
        (with_parts(workbook([["x"]]), {"xl/workbook.xml": b"<html/>"}), "file_damaged"),
        (locked(workbook([["+14255551234"]])), "file_locked"),
        (swollen(workbook([["x"]]), 200 * 2**20), "file_absurd"),
        (swollen(workbook([["x"]]), 2**20, told=2**32 - 1), "file_absurd"),
    ],
    ids=["empty", "stump", "cut off", "half a sheet", "no book", "locked", "swollen", "4 GB told"],
)
def test_what_is_no_workbook_that_can_be_read_is_refused(content: bytes, code: str) -> None:
    assert refusal(content) == code
