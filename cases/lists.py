"""Number lists as admins have them, cut into rows: pasted text, CSV of any kind, tables.

A row is a piece of text that is meant to be a number; what it means is `cases/numbering.py`'s.
"""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain, dropwhile, islice
from types import MappingProxyType

from cases import headers
from cases.asides import Form, Told, Unread, labels
from cases.cells import (
    LEAST_DIGITS,
    digit_count,
    is_amount,
    looks_like_a_number,
    usage_of,
)
from cases.columns import SAMPLE, Cells, Columns, columns_of, is_foreign
from cases.errors import Rejected
from cases.findings import Aside
from cases.records import Take, take_of
from cases.remarks import exclusion_in

LONGEST = 5 * 1024 * 1024
"""Characters of a list; a longer one is refused unread."""
MOST = 200_000
"""Rows and numbers of one list."""
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
TEXTS = frozenset({"text/csv", "text/plain"})
LIST_FILES = TEXTS | {XLSX}
"""Media types of files that may hold a list."""
HEADER = "PhoneNumber"
"""The header of the one column that carriers' files have."""


@dataclass(frozen=True, slots=True)
class Row:
    """A piece of a list that is meant to be a number, and where it stands."""

    line: int
    """From 1."""
    text: str
    usage: str = ""
    """`user` or `service`, if the table has a column that says so."""
    sheet: str = ""
    """The sheet of a workbook that it stands in, if the list has several."""
    aside: Aside | None = None
    """What is told of it instead of its number."""


Table = Iterable[tuple[int, Sequence[str]]]
"""Lines and their cells."""


def numbers_in(content: bytes) -> list[str]:
    """Return the numbers of a clean list, one a line below the header."""
    return content.decode().split()[1:]


# Bytes


def decode(content: bytes) -> str:
    """Return a file's text: UTF-8 or UTF-16, with or without a mark, else Windows-1252."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", "replace")
    wide = _wide_coding(content[:1000])
    if wide:
        return content.decode(wide, "replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")


def _wide_coding(head: bytes) -> str:
    """Return the kind of UTF-16 that every other byte being zero speaks for; empty if none."""
    for coding, zeros in (("utf-16-le", head[1::2]), ("utf-16-be", head[::2])):
        if len(zeros) > 1 and 2 * zeros.count(0) > len(zeros):
            return coding
    return ""


# Text


def rows(text: str) -> list[Row]:
    """Return the rows of a pasted text or a CSV file; headers and blanks are left out.

    Raises `Rejected("list_too_long")`.
    """
    if len(text) > LONGEST:
        raise Rejected("list_too_long", most=MOST)
    plain = _LINE_ENDS.sub("\n", text).replace("\0", "").removeprefix("\ufeff")
    return rows_of_table(_table(plain))


_LINE_ENDS = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
_SEPARATOR_LINE = re.compile(r"\s*\"?sep=(.)\"?\s*\n", re.IGNORECASE)
# A comma may be that of a decimal or a thousand, a semicolon that of a parameter (`;ext=12`).
_COMMA = r",(?!\d+[eE]\+?\d)(?!0+(?!\d))"
_SEMICOLON = r";(?! *(?:ext|phone-context|isub)=)"
_BETWEEN = MappingProxyType(
    {
        "\t": re.compile("\t"),
        ";": re.compile(_SEMICOLON),
        "|": re.compile(r"\|"),
        ",": re.compile(_COMMA),
    }
)
_NO_DELIMITER = "\x1f"


def _table(text: str) -> Table:
    named = _SEPARATOR_LINE.match(text)
    skipped = 1 if named else 0
    body = text[named.end() :] if named else text
    delimiter = named[1] if named else _delimiter(body)
    if delimiter or '"' in body:
        return _records(body, delimiter or _NO_DELIMITER, skipped)
    return ((line, (content,)) for line, content in enumerate(body.split("\n"), 1 + skipped))


def _delimiter(text: str) -> str:
    """Return what separates columns; empty if the text is no table of several.

    It is what the line with the header has, else what every line has, be it below a title.
    """
    lines = [line for line in text[:LONGEST_LINE].split("\n")[:SAMPLE] if line.strip()]
    for line in lines:
        for sign in sorted(_BETWEEN, key=line.count, reverse=True):
            if sign in line and _is_header(line.split(sign)):
                return sign
    regular = (sign for sign, at in _BETWEEN.items() if _is_regular(lines, at))
    return next(regular, "") or next((s for s, at in _BETWEEN.items() if _is_titled(lines, at)), "")


def _is_header(cells: Cells) -> bool:
    known = any(headers.rank(cell) is not None for cell in cells)
    return known and not any(map(looks_like_a_number, cells))


def _is_regular(lines: Sequence[str], between: re.Pattern[str]) -> bool:
    return len(lines) > 1 and all(map(between.search, lines))


def _is_titled(lines: Sequence[str], between: re.Pattern[str]) -> bool:
    """Return whether every line below some words has a delimiter."""
    below = list(dropwhile(lambda line: _is_title(line, between), lines))
    return _is_regular(below, between)


def _is_title(line: str, between: re.Pattern[str]) -> bool:
    return not (between.search(line) or _is_heading(line) or looks_like_a_number(line))


def _records(text: str, delimiter: str, skipped: int) -> Table:
    """Yield the records of a CSV text with the line that each begins in."""
    csv.field_size_limit(LONGEST)
    reader = csv.reader(io.StringIO(text), delimiter=delimiter, skipinitialspace=True)
    line = 1
    for cells in reader:
        yield line + skipped, _unwrapped(cells, delimiter)
        line = reader.line_num + 1


def _unwrapped(cells: list[str], delimiter: str) -> list[str]:
    """Return the cells of a line that was quoted as a whole.

    A spreadsheet that expects another delimiter does that.
    """
    if len(cells) == 1 and delimiter in cells[0] and "\n" not in cells[0]:
        return next(csv.reader([cells[0]], delimiter=delimiter, skipinitialspace=True))
    return cells


# Tables


def rows_of_table(table: Table, sheet: str = "") -> list[Row]:
    """Return the rows of a table's cells: the number column's, or all where none stands out.

    Raises `Rejected("list_too_long")` as soon as there are too many, and
    `Rejected("which_column")` if several columns may hold the numbers.
    """
    records = iter(table)
    sample = list(islice(records, _SAMPLE))
    columns = columns_of([cells for _, cells in sample], sheet)
    unread = Unread(columns.unread)
    above, below = sample[: columns.begin], chain(sample[columns.begin :], records)
    take = take_of(columns, unread) if columns.begin else _with_exclusions(take_of(columns, unread))
    found = (
        row
        for part, take in ((above, Form()), (below, take))
        for line, cells in part
        for row in _rows_taken(line, cells, take(cells), _usage_in(cells, columns), sheet)
    )
    taken = list(islice(found, MOST + 1))
    if len(taken) > MOST:
        raise Rejected("list_too_long", most=MOST)
    head = sample[columns.begin - 1][0] if columns.begin else 1
    return [*taken, *_told(head, unread.told(), sheet)]


def _with_exclusions(take: Take) -> Take:
    """Return what takes numbers out of a record without a header, with what leaves them out.

    No header says that the words beside a number, such as `do not port`, are a mere remark.
    """

    def taken(cells: Cells) -> tuple[Cells, Sequence[Told]]:
        meant, told = take(cells)
        if len(meant) != 1 or len(cells) == 1:
            return meant, told
        said = [cell for cell in cells if digit_count(cell) == 0 and exclusion_in(cell)]
        return ([f"{meant[0]}, {said[0]}"], told) if said else (meant, told)

    return taken


def _rows_taken(
    line: int, cells: Cells, taken: tuple[Cells, Sequence[Told]], usage: str, sheet: str
) -> Iterable[Row]:
    meant, told = taken
    found = _rows_in(line, cells, meant, usage, sheet)
    return chain(found, _told(line, told, sheet)) if told else found


def _told(line: int, told: Iterable[Told], sheet: str) -> list[Row]:
    return [Row(line, text, sheet=sheet, aside=aside) for text, aside in told]


_SAMPLE = 200
"""Records that a table is known by."""


def rows_of_sheets(sheets: Sequence[tuple[str, Sequence[tuple[int, Cells]]]]) -> list[Row]:
    """Return the rows of a workbook's sheets, each with its name if the list has several.

    A sheet that says itself that its numbers are others, such as those of invoices, is none of
    them. Raises as `rows_of_table` does.
    """
    meant = [sheet for sheet in sheets if not is_foreign([c for _, c in sheet[1][:_SAMPLE]])]
    read = meant or sheets
    several = len(read) > 1
    found = [row for name, table in read for row in rows_of_table(table, name if several else "")]
    if len(found) > MOST:
        raise Rejected("list_too_long", most=MOST)
    return found


def _usage_in(cells: Cells, columns: Columns) -> str:
    at = columns.usage
    return usage_of(cells[at]) if at is not None and at < len(cells) else ""


_UNDIVIDED = re.compile(r"(?:[ +().\-/]*\w){0,15}[ +().\-/]*")


def _rows_in(line: int, cells: Cells, meant: Cells, usage: str, sheet: str) -> Iterable[Row]:
    """Return the rows of a record, of whose cells those that are `meant` may be numbers."""
    if len(meant) == 1 and _UNDIVIDED.fullmatch(meant[0]):
        return _rows_of_one(line, meant[0].strip(), usage, sheet)
    pieces = [piece for cell in meant for piece in _pieces(cell)]
    numbers = _numbers_among(pieces, is_table=len(cells) > 1)
    return [Row(line + below, text, usage, sheet) for below, text in numbers]


def _rows_of_one(line: int, text: str, usage: str, sheet: str) -> Iterable[Row]:
    """Return the row of a cell that nothing divides, as most are; none of a heading's."""
    if not text or (text[0].isalpha() and _is_heading(text)):
        return ()
    return (Row(line, text, usage, sheet),)


# Cells

_ANY_DELIMITER = re.compile(rf"({_COMMA}|{_SEMICOLON}|[\t|])")
_THOUSANDS = re.compile(r"\s*\d{1,3}(?:,\d{3}){2,}\s*")
_NEXT_PLUS = re.compile(r"(?<=[\d)])\s+(?=\(?\+\s?\d)")
_NEXT_SIGN = re.compile(
    r"\s*&\s*|(?<!\bt)(?<!\bt )\s*/(?!\s*m\b)\s*|\s+(?:and|et|or|ou)\s+", re.IGNORECASE
)
"""The slash of `t/m` is that of a range."""
_NEXT_BLANK = re.compile(r"\s+")
_BETWEEN_TWO = re.compile(
    r"\b(?:between|zwischen|entre|tra|fra|tussen|mellan|mellem|między)\s", re.IGNORECASE
)
"""Words of a range, whose ends belong together."""
_QUOTES = '"\u201c\u201d\u00ab\u00bb \t'
LONGEST_LINE = 100_000
"""Characters of a text that are looked at to learn its shape."""

Piece = tuple[int, str]
"""Lines below the cell's first, and the text."""


def _pieces(cell: str) -> Iterable[Piece]:
    """Yield what a cell has between delimiters and lines, and numbers that only blanks part."""
    for below, line in enumerate(cell.split("\n")):
        whole = _THOUSANDS.fullmatch(line) or is_amount(line)
        parts = [line] if whole else _rejoined(*_ANY_DELIMITER.split(line))
        for part in parts:
            # The quotes of a formula belong to it.
            text = part.strip() if part.lstrip().startswith("=") else part.strip(_QUOTES)
            if text:
                yield from ((below, one) for one in _told_apart(text))


def _rejoined(first: str, *rest: str) -> list[str]:
    """Return the parts of a line; what goes on with the one before it is one text with that.

    These are what brackets hold together, the last digits of further numbers, and what is left
    out: `(Bob, room 12)`, `-30, -31, -32`, `0100 - 0109, not 0105`. The parts come with the signs
    between them.
    """
    joined = [first]
    for sign, part in zip(rest[::2], rest[1::2], strict=True):
        if len(joined[-1]) < _LONGEST_JOINED and _goes_on(joined[-1], sign, part):
            joined[-1] = f"{joined[-1].rstrip()}{sign} {part.strip()}"
        else:
            joined.append(part)
    return joined


_LONGEST_JOINED = 200
"""Characters of a text that still goes on."""
_WHOLE = re.compile(r"\s*[+(]?\d[\d .\-]{5,}")
_MORE = r"(?:&|\b(?:and|et|und|y|e|en|i|or|ou|oder|o|of)\b)"
_LAST_DIGITS = re.compile(rf"\s*(?:{_MORE}\s*)?(-?)(\d{{1,5}})(?:\s*{_MORE}\s*-?\d{{1,5}})*\s*")
_LAST_GROUP = re.compile(r"\d+(?=\D*$)")


def _goes_on(before: str, sign: str, part: str) -> bool:
    if "(" in before and before.count("(") > before.count(")"):
        return True
    if _WHOLE.fullmatch(part) or digit_count(before) < LEAST_DIGITS:
        return False
    return (sign == "," and _shares(before, part)) or _is_exclusion(part)


def _shares(before: str, part: str) -> bool:
    """Return whether a part is the last digits of a number that begins as the one before.

    It has a dash, or as many digits as the last group there; any others may be anything.
    """
    last, group = _LAST_DIGITS.fullmatch(part), _LAST_GROUP.search(before)
    if last is None or group is None:
        return False
    return last[1] == "-" or len(last[2]) == len(group[0])


def _is_exclusion(part: str) -> bool:
    left_out = exclusion_in(part)
    begins = part.lstrip(" (").startswith(left_out)
    return bool(left_out) and (begins or digit_count(part) == 0)


def _told_apart(text: str) -> list[str]:
    """Return the numbers of a text that has more digits than one may have."""
    if digit_count(text) <= MOST_DIGITS or _BETWEEN_TWO.search(text) or exclusion_in(text):
        return [text]
    single_blanks = " ".join(text.split())
    for between in (_NEXT_SIGN, _NEXT_PLUS, _NEXT_BLANK):
        parts = between.split(single_blanks)
        if len(parts) > 1 and all(map(_is_long, parts)):
            return parts
    return [text]


MOST_DIGITS = 15
"""Of a number with its calling code (E.164)."""


def _is_long(part: str) -> bool:
    return LEAST_DIGITS < digit_count(part) <= MOST_DIGITS


def _numbers_among(pieces: list[Piece], *, is_table: bool) -> Iterable[Piece]:
    """Yield the pieces that are meant to be numbers; words beside a number are its label.

    In a line of several numbers that is no table, the odd word after one is none's label.
    """
    numbers = sum(digit_count(text) >= LEAST_DIGITS for _, text in pieces)
    words = sum(digit_count(text) == 0 for _, text in pieces)
    every_word = is_table or numbers == 1 or words >= numbers
    seen = False
    before = ""
    for below, piece in pieces:
        # `Account, 2079460199` is not parted from what says that it is no telephone number.
        text = f"{before}: {piece}" if before and labels(before, piece) else piece
        before = "" if digit_count(piece) else piece
        seen = seen or digit_count(text) >= LEAST_DIGITS
        is_label = numbers > 0 and digit_count(text) == 0 and (every_word or not seen)
        if not (is_label or _is_heading(text)):
            yield below, text


def _is_heading(text: str) -> bool:
    return headers.rank(text) is not None or (text.endswith(":") and digit_count(text) == 0)
