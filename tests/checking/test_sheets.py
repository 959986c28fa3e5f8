"""Workbooks come out as tables of text that hold every digit, or are refused."""

from datetime import date, datetime, time

import pytest
from openpyxl import Workbook

from cases.errors import Rejected
from cases.lists import rows_of_table
from cases.numbering import Purpose, read
from checking.sheets import table
from tests.checking.workbooks import (
    MAIN,
    SHEET,
    locked,
    saved,
    swollen,
    with_numbers,
    with_parts,
    workbook,
)


def texts(content: bytes) -> list[tuple[int, str]]:
    return [(row.line, row.text) for row in rows_of_table(table(content))]


def refusal(content: bytes) -> str:
    with pytest.raises(Rejected) as refused:
        table(content)
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
    cells = rows_of_table(table(workbook([["PhoneNumber"], [value], ["+14255551234"]])))
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
