"""Number lists as admins have them, cut into rows: pasted text, CSV of any kind, tables.

A row is a piece of text that is meant to be a number; what it means is `cases/numbering.py`'s.
"""

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, islice
from types import MappingProxyType

from cases.errors import Rejected

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
_SAMPLE = 20
"""Lines that a table is known by."""


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

    It is what the line with the header has, else what every line has.
    """
    lines = [line for line in text[:LONGEST_LINE].split("\n")[:_SAMPLE] if line.strip()]
    for line in lines:
        for sign in sorted(_BETWEEN, key=line.count, reverse=True):
            if sign in line and _header_in(line.split(sign)):
                return sign
    several = len(lines) > 1
    regular = (sign for sign, at in _BETWEEN.items() if several and all(map(at.search, lines)))
    return next(regular, "")


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


@dataclass(frozen=True, slots=True)
class _Columns:
    """Where a table has what."""

    begin: int = 0
    """Records before the first with numbers: titles and the header."""
    number: int | None = None
    """The column of the numbers; none if any cell may be one."""
    usage: int | None = None


def rows_of_table(table: Table) -> list[Row]:
    """Return the rows of a table's cells: the number column's, or all where none stands out.

    Raises `Rejected("list_too_long")` as soon as there are too many.
    """
    records = iter(table)
    sample = list(islice(records, 10 * _SAMPLE))
    columns = _columns([cells for _, cells in sample])
    found = (
        row
        for line, cells in chain(sample[columns.begin :], records)
        for row in _rows_in(line, cells, columns)
    )
    taken = list(islice(found, MOST + 1))
    if len(taken) > MOST:
        raise Rejected("list_too_long", most=MOST)
    return taken


_UNDIVIDED = re.compile(r"(?:[ +().\-/]*\w){0,15}[ +().\-/]*")


def _rows_in(line: int, cells: Sequence[str], columns: _Columns) -> Iterable[Row]:
    at = columns.number
    if at is None:
        meant = cells
    elif at < len(cells):
        meant = cells[at : at + 1]
    else:
        # A record that is too short for the column may still have its number elsewhere.
        meant = [cell for cell in cells if _digits(cell) >= LEAST_DIGITS]
    usage = ""
    if columns.usage is not None and columns.usage < len(cells):
        usage = _usage(cells[columns.usage])
    if len(meant) == 1 and _UNDIVIDED.fullmatch(meant[0]):
        return _rows_of_one(line, meant[0].strip(), usage)
    pieces = [piece for cell in meant for piece in _pieces(cell)]
    numbers = _numbers_among(pieces, is_table=len(cells) > 1)
    return [Row(line + below, text, usage) for below, text in numbers]


def _rows_of_one(line: int, text: str, usage: str) -> Iterable[Row]:
    """Return the row of a cell that nothing divides, as most are; none of a heading's."""
    if not text or (text[0].isalpha() and _is_heading(text)):
        return ()
    return (Row(line, text, usage),)


# Cells

_ANY_DELIMITER = re.compile(rf"{_COMMA}|{_SEMICOLON}|[\t|]")
_THOUSANDS = re.compile(r"\s*\d{1,3}(?:,\d{3}){2,}\s*")
_NEXT_PLUS = re.compile(r"(?<=[\d)])\s+(?=\(?\+\s?\d)")
_NEXT_SIGN = re.compile(r"\s*[/&]\s*|\s+(?:and|et|or|ou)\s+")
_NEXT_BLANK = re.compile(r"\s+")
_QUOTES = '"\u201c\u201d\u00ab\u00bb \t'
LONGEST_LINE = 100_000
"""Characters of a text that are looked at to learn its shape."""

Piece = tuple[int, str]
"""Lines below the cell's first, and the text."""


def _pieces(cell: str) -> Iterable[Piece]:
    """Yield what a cell has between delimiters and lines, and numbers that only blanks part."""
    for below, line in enumerate(cell.split("\n")):
        parts = [line] if _THOUSANDS.fullmatch(line) else _ANY_DELIMITER.split(line)
        for part in parts:
            # The quotes of a formula belong to it.
            text = part.strip() if part.lstrip().startswith("=") else part.strip(_QUOTES)
            if text:
                yield from ((below, one) for one in _told_apart(text))


def _told_apart(text: str) -> list[str]:
    """Return the numbers of a text that has more digits than one may have."""
    if _digits(text) <= MOST_DIGITS:
        return [text]
    for between in (_NEXT_SIGN, _NEXT_PLUS, _NEXT_BLANK):
        parts = between.split(text)
        if len(parts) > 1 and all(LEAST_DIGITS < _digits(part) <= MOST_DIGITS for part in parts):
            return parts
    return [text]


MOST_DIGITS = 15
"""Of a number with its calling code (E.164)."""


def _numbers_among(pieces: list[Piece], *, is_table: bool) -> Iterable[Piece]:
    """Yield the pieces that are meant to be numbers; words beside a number are its label.

    In a line of several numbers that is no table, the odd word after one is none's label.
    """
    numbers = sum(_digits(text) >= LEAST_DIGITS for _, text in pieces)
    words = sum(_digits(text) == 0 for _, text in pieces)
    every_word = is_table or numbers == 1 or words >= numbers
    seen = False
    for below, text in pieces:
        seen = seen or _digits(text) >= LEAST_DIGITS
        is_label = numbers > 0 and _digits(text) == 0 and (every_word or not seen)
        if not (is_label or _is_heading(text)):
            yield below, text


def _is_heading(text: str) -> bool:
    return _header_rank(text) is not None or (text.endswith(":") and _digits(text) == 0)


LEAST_DIGITS = 6
"""Digits that make a text look like a number."""


def _digits(text: str) -> int:
    return sum(map(str.isdigit, text))


# Columns


def _columns(records: Sequence[Sequence[str]]) -> _Columns:
    """Return where the table has its numbers, by its header or else by their looks."""
    begin = _header_at(records)
    if begin is None:
        return _Columns(number=_likely_column(records))
    header, body = records[begin], records[begin + 1 :]
    return _Columns(begin + 1, _named_column(header, body), _usage_column(header, body))


def _header_at(records: Sequence[Sequence[str]]) -> int | None:
    """Return which record is the header; it stands before the first number."""
    for at, cells in enumerate(records[:_SAMPLE]):
        if _header_in(cells):
            return at
        if any(map(_looks_like_a_number, cells)):
            return None
    return None


def _header_in(cells: Sequence[str]) -> bool:
    return any(_header_rank(cell) is not None for cell in cells) and not any(
        map(_looks_like_a_number, cells)
    )


def _named_column(header: Sequence[str], body: Sequence[Sequence[str]]) -> int:
    """Return the column with the surest header; a vague one must also look like numbers."""
    ranked = sorted(
        (rank, at) for at, cell in enumerate(header) if (rank := _header_rank(cell)) is not None
    )
    rank, first = ranked[0]
    if rank == 0:
        return first
    likely = _likely_columns(body)
    named = next((at for _, at in ranked if at in likely), None)
    if named is not None:
        return named
    return likely[0] if len(likely) == 1 else first


def _likely_column(records: Sequence[Sequence[str]]) -> int | None:
    """Return the one column of several that looks like numbers; none if it is not just one."""
    if len(records) < 2 or max(map(len, records)) < 2:
        return None
    likely = _likely_columns(records)
    return likely[0] if len(likely) == 1 else None


def _likely_columns(records: Sequence[Sequence[str]]) -> list[int]:
    width = max(map(len, records), default=0)
    return [at for at in range(width) if _mostly_numbers([c[at] for c in records if at < len(c)])]


def _mostly_numbers(cells: Sequence[str]) -> bool:
    filled = [cell for cell in cells if cell.strip()]
    return bool(filled) and 2 * sum(map(_looks_like_a_number, filled)) >= len(filled)


_DATE = re.compile(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}(?:[ T][\d:.]+)?")


def _looks_like_a_number(cell: str) -> bool:
    text = cell.strip()
    letters = sum(map(str.isalpha, text))
    return _digits(text) > max(LEAST_DIGITS - 1, letters) and not _DATE.fullmatch(text)


_HEADERS = (
    "phonenumber phonenumbers",
    "telephonenumber telephonenumbers numerodetelephone numerosdetelephone numerotelephone "
    "e164 msisdn lineuri did ddi tn tns phoneno telno directorynumber assignednumber",
    "telephone telephones phone phones tel businessphone officephone workphone lignefixe fixe",
    "number numbers numero numeros mobile mobilephone portable ligne lignes line lines",
)
"""Words that head a column of numbers, the surest first, as `_bare` spells them."""
_RANKS = MappingProxyType({word: at for at, words in enumerate(_HEADERS) for word in words.split()})
_USAGE_HEADERS = frozenset(
    [
        *("usage", "use", "usagetype", "numberusage", "type", "numbertype", "assignment"),
        *("capability", "utilisation", "typedutilisation", "typedenumero", "usagedunumero"),
        "affectation",
    ]
)
_LONGEST_HEADER = 40


def _header_rank(text: str) -> int | None:
    return _RANKS.get(_bare(text)) if len(text) <= _LONGEST_HEADER else None


def _bare(text: str) -> str:
    """Return the letters and digits of a text, small and without accents."""
    letters = unicodedata.normalize("NFKD", text.casefold())
    return "".join(sign for sign in letters if sign.isalnum())


# Usage: what the admin centre calls a number's (domain.md section 7), and its own exports

_SERVICE_WORDS = (
    *("service", "queue", "attendant", "conferenc", "bridge", "voiceapp"),
    *("attente", "standardauto"),
)
_USER_WORDS = ("user", "utilisateur", "subscriber", "abonne", "person")


def _usage_column(header: Sequence[str], body: Sequence[Sequence[str]]) -> int | None:
    named = (at for at, cell in enumerate(header) if _bare(cell) in _USAGE_HEADERS)
    return next((at for at in named if any(_usage(c[at]) for c in body if at < len(c))), None)


@lru_cache(1000)
def _usage(text: str) -> str:
    """Return `user` or `service` if the words say just one of them."""
    bare = _bare(text[:100])
    service = any(word in bare for word in _SERVICE_WORDS)
    user = any(word in bare for word in _USER_WORDS)
    if service == user:
        return ""
    return "service" if service else "user"
