"""Workbooks (XLSX) as tables of text: the cells as somebody sees them, numbers digit by digit.

Excel keeps 15 significant digits of a number. A numeric cell of up to 15 digits is therefore exact;
a longer one has lost digits, and is spelled with an exponent so that nobody takes it for a number.
"""

import io
import re
import zlib
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import Final
from zipfile import BadZipFile, ZipFile, ZipInfo

from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from cases.errors import Rejected
from cases.lists import MOST

EXACT: Final = 10.0**15
"""Below this a numeric cell is what was typed."""
LOOKED_AT: Final = 1_000
"""Rows of a sheet that tell whether there are numbers in it."""

_PHONE_LIKE: Final = re.compile(r"\D{0,4}(\d[^\w+]{0,3}){7,}\D{0,20}")

MOST_INFLATED: Final = 150 * 1024 * 1024
"""Bytes that all parts of a workbook may come to; the largest list that is taken has a tenth."""
_ENCRYPTED: Final = 1
# A cell with a formula and no result; Excel writes an empty one too, as a text (`t="str"`).
_UNCOMPUTED: Final = re.compile(
    rb"<c(?![^>]*t=\"str\")(?:\s[^>]*)?><f(?:[^>]*/>|[^>]*>[^<]*</f>)\s*(?:<v\s*/>|<v></v>)?\s*</c>"
)
_SHEET: Final = re.compile(r"xl/worksheets/[^/]+\.xml")
_DATED: Final = re.compile(r"\d{4}-\d\d-\d\d")

Value = int | float | str | bool | time | date | datetime | timedelta
Table = list[tuple[int, list[str]]]
"""The line, from 1, and its cells."""
Sheet = tuple[str, Table]
"""Its name and what it holds."""
LONGEST_NAME: Final = 31
"""Characters that Excel gives a sheet's name."""
_UNSHOWN: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")


def sheets(content: bytes) -> list[Sheet]:
    """Return the visible sheets with telephone numbers, else the first with anything at all.

    Hidden rows and columns are read too. Raises `Rejected` with `list_too_long` for more rows than
    a list may have, with `file_uncomputed` where formulas have no results, as programs write
    them, and with `file_damaged`, `file_locked` or `file_absurd` for what is no workbook that can
    be read.
    """
    _require_readable(content)
    try:
        with CalamineWorkbook.from_object(io.BytesIO(content)) as book:
            return _chosen(_visible(book))
    except PasswordError as error:
        raise Rejected("file_locked") from error
    except CalamineError as error:
        raise Rejected("file_damaged") from error


def _require_readable(content: bytes) -> None:
    """Refuse what nobody could read, by its own account; that it is true, is known.

    Whoever stored the file has unpacked it once, part by part, and held nothing.
    """
    try:
        with ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
            if any(part.flag_bits & _ENCRYPTED for part in parts):
                raise Rejected("file_locked")
            if sum(part.file_size for part in parts) > MOST_INFLATED:
                raise Rejected("file_absurd")
            sheets = (part for part in parts if _SHEET.fullmatch(part.filename))
            if any(_is_uncomputed(archive, sheet) for sheet in sheets):
                raise Rejected("file_uncomputed")
    except (BadZipFile, NotImplementedError, ValueError, zlib.error, EOFError) as error:
        raise Rejected("file_damaged") from error


def _is_uncomputed(archive: ZipFile, sheet: ZipInfo) -> bool:
    """Return whether a sheet has formulas that nobody computed yet: they would be read as empty."""
    with archive.open(sheet) as part:
        return _UNCOMPUTED.search(part.read(sheet.file_size)) is not None


def _visible(book: CalamineWorkbook) -> Iterator[CalamineSheet]:
    for at, sheet in enumerate(book.sheets_metadata):
        shown = sheet.visible is SheetVisibleEnum.Visible
        if shown and sheet.typ is SheetTypeEnum.WorkSheet:
            yield book.get_sheet_by_index(at)


def _chosen(sheets: Iterable[CalamineSheet]) -> list[Sheet]:
    numbered: list[Sheet] = []
    first: list[Sheet] = []
    count = 0
    for sheet in sheets:
        name, rows = _shown(sheet.name), _read(sheet)
        if _has_numbers(rows):
            numbered.append((name, rows))
            count += len(rows)
            # One row of each sheet may be its header.
            _require_short(count - len(numbered))
        elif rows and not first:
            first.append((name, rows))
    if not numbered:
        _require_short(sum(len(rows) for _, rows in first) - 1)
    return numbered or first


def _shown(name: str) -> str:
    return " ".join(_UNSHOWN.sub(" ", name).split())[:LONGEST_NAME]


def _require_short(count: int) -> None:
    if count > MOST:
        raise Rejected("list_too_long", most=MOST)


def _read(sheet: CalamineSheet) -> Table:
    """Return the rows of a sheet that hold anything, and no more than show that it is too long."""
    if sheet.start is None:
        return []
    spelled = ((line, list(map(_spelled, row))) for line, row in enumerate(sheet.iter_rows(), 1))
    return list(islice(((line, row) for line, row in spelled if any(row)), MOST + 2))


def _has_numbers(rows: Table) -> bool:
    return any(
        _PHONE_LIKE.fullmatch(cell) is not None and not _DATED.match(cell)
        for _, row in rows[:LOOKED_AT]
        for cell in row
    )


def _spelled(value: Value) -> str:
    """Return a cell's value as text."""
    if isinstance(value, str):
        return value
    if isinstance(value, float):
        return _digits(value)
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, date | time):
        return value.isoformat()
    return str(value)


def _digits(value: float) -> str:
    """Return a number in full if Excel still knows all its digits, else with an exponent."""
    if abs(value) >= EXACT:
        return f"{value:.14E}"
    return str(int(value)) if value.is_integer() else repr(value)
