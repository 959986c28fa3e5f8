"""Lists of telephone numbers: finding them in what an admin pastes or drops, and checking each.

A list is text: one number a line, or separated by commas, semicolons or tabs, or a CSV file with
or without the header `PhoneNumber` in any column.
"""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat

from cases.countries import Country
from cases.errors import Rejected

LONGEST = 5 * 1024 * 1024
"""Characters of a list; a longer one is refused unread."""
MOST = 200_000
"""Numbers in one list."""
HEADER = "PhoneNumber"
"""The header of the one column that carriers' files have."""
_HEADERS = {
    *("phonenumber", "phonenumbers", "telephonenumber", "telephone", "phone", "number"),
    *("numéro", "numéros", "téléphone", "numérodetéléphone"),
}
_DELIMITERS = ",;\t|"
_PHONE_LIKE = re.compile(r"[+(]?[\d\s().\-\u2010-\u2015\u00a0\u202f/]{6,}$")


@dataclass(frozen=True)
class Row:
    """A piece of a list that is meant to be a number, and the line it stands in (from 1)."""

    line: int
    text: str


@dataclass(frozen=True)
class Fault:
    """Why a row is not taken: a code and, where it is known, the country it belongs to."""

    row: Row
    code: str
    region: str = ""


@dataclass(frozen=True)
class Checked:
    """A list after the check: its numbers in E.164, each once, and what is wrong with the rest."""

    numbers: tuple[str, ...]
    faults: tuple[Fault, ...]


def decode(content: bytes) -> str:
    """Return a file's text: UTF-8 or UTF-16 by its mark, else UTF-8, else Windows-1252."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", "replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")


def rows(text: str) -> list[Row]:
    """Return the rows of a list that are meant to be numbers; headers and blanks are left out.

    Raises `Rejected("list_too_long")`.
    """
    if len(text) > LONGEST:
        raise Rejected("list_too_long", most=MOST)
    found = _column(text) or _pieces(text)
    if len(found) > MOST:
        raise Rejected("list_too_long", most=MOST)
    return found


def _pieces(text: str) -> list[Row]:
    pieces = (
        Row(line, piece.strip().strip("\"'"))
        for line, content in enumerate(text.splitlines(), 1)
        for piece in re.split(f"[{_DELIMITERS}]", content)
    )
    return [row for row in pieces if row.text and not _is_header(row.text)]


def _column(text: str) -> list[Row]:
    """Return the number column of a table of several columns; empty if it is none."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    delimiter = max(_DELIMITERS, key=first.count)
    table = list(_table(text, delimiter)) if delimiter in first else []
    widths = Counter(len(cells) for _, cells in table)
    if len(table) < 2 or len(widths) != 1:
        return []
    column = _number_column([cells for _, cells in table])
    return [
        Row(line, cells[column].strip())
        for line, cells in table
        if column is not None and cells[column].strip() and not _is_header(cells[column])
    ]


def _table(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    csv.field_size_limit(LONGEST)
    lines = io.StringIO(text.replace("\0", ""), newline=None)
    reader = csv.reader(lines, delimiter=delimiter)
    for cells in reader:
        if any(cell.strip() for cell in cells):
            yield reader.line_num, cells


def _number_column(table: Sequence[Sequence[str]]) -> int | None:
    """Return the column with the header, else the only one that looks like numbers."""
    for column, cell in enumerate(table[0]):
        if _is_header(cell):
            return column
    likely = [
        column
        for column in range(len(table[0]))
        if 2 * sum(bool(_PHONE_LIKE.match(cells[column].strip())) for cells in table) >= len(table)
    ]
    return likely[0] if len(likely) == 1 else None


def _is_header(text: str) -> bool:
    return re.sub(r"[\W_]", "", text).lower() in _HEADERS


def check(found: Iterable[Row], country: Country) -> Checked:
    """Check each row against the numbering plan of the country; a repeated number counts once."""
    numbers: dict[str, None] = {}
    faults: list[Fault] = []
    for row in found:
        number, fault = _check_one(row, country)
        if fault:
            faults.append(fault)
        else:
            numbers[number] = None
    return Checked(tuple(numbers), tuple(faults))


def _check_one(row: Row, country: Country) -> tuple[str, Fault | None]:
    try:
        # The narrow blanks of French typography are none to phonenumbers.
        number = phonenumbers.parse(" ".join(row.text.split()), country.iso)
    except NumberParseException:
        return "", Fault(row, "not_a_number")
    e164 = phonenumbers.format_number(number, PhoneNumberFormat.E164)
    if any(phonenumbers.is_valid_number_for_region(number, region) for region in country.regions):
        return e164, None
    region = phonenumbers.region_code_for_number(number) if _is_valid(number) else None
    return "", Fault(row, "other_country", region) if region else Fault(row, "not_valid")


def _is_valid(number: phonenumbers.PhoneNumber) -> bool:
    return phonenumbers.is_valid_number(number)


def to_csv(numbers: Iterable[str]) -> bytes:
    """Return the file that carriers take: the header and one E.164 number a line."""
    return "\n".join((HEADER, *numbers, "")).encode()


def masked(number: str) -> str:
    """Return a number with its middle hidden, such as `+49…123`."""
    shown = 3 if len(number) > 8 else 0
    return f"{number[:3]}…{number[len(number) - shown :]}" if shown else "…"
