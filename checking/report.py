"""The files that come of a check: the report by row, and the clean lists for the carrier.

Both survive a spreadsheet. In the report, whatever a spreadsheet would take for a formula, a
number or a date begins with an apostrophe, which our own reader takes off again; the report can
be corrected and dropped back in, for its numbers stand below the same header as in any list.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from typing import Final

from cases.findings import Entry, row_name
from cases.lists import HEADER
from strings import Text
from strings.findings import place, problem_told, todo_told

_MARK: Final = "\ufeff"
"""Without it, Excel reads a CSV file as Windows-1252."""
_LONGEST_CELL: Final = 200
_FORMULA: Final = re.compile(r"\s*[=+\-@\t\r\n\0\uff1d\uff0b\uff0d\uff20]")
_CALCULATED: Final = re.compile(r"[\s\d.,:/+\-()'eE]*\d[\s\d.,:/+\-()'eE]*|'.*", re.DOTALL)
"""Digits and their signs: a number that loses its zeros, a date, an exponent; an apostrophe too."""
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")


def to_csv(numbers: Iterable[str]) -> bytes:
    """Return the file that carriers take: the header and one E.164 number a line.

    No apostrophe stands here: carriers' systems take `+` and digits, and nothing else.
    """
    return "\n".join((HEADER, *numbers, "")).encode()


def to_report(entries: Sequence[Entry], text: Text) -> bytes:
    """Return the report: a line for each number, in the list's order, in the reader's language."""
    used = any(entry.usage for entry in entries)
    lines = io.StringIO(_MARK)
    lines.seek(len(_MARK))
    writer = csv.writer(lines)
    writer.writerow(_header(text, used=used))
    writer.writerows(_lines(entries, text, used=used))
    return lines.getvalue().encode("utf-8", "replace")


def _header(text: Text, *, used: bool) -> list[str]:
    before = [text("numbers.column.row"), text("numbers.column.written"), HEADER]
    after = [text(f"numbers.column.{name}") for name in ("kind", "country", "result", "todo")]
    return [*before, *after, *([text("numbers.column.usage")] if used else [])]


def _lines(entries: Iterable[Entry], text: Text, *, used: bool) -> Iterator[list[str]]:
    said = _Said(text)
    for entry in entries:
        written, number = safe(entry.text), f"'{entry.number}" if entry.number else ""
        row = safe(row_name(entry.sheet, entry.line)) if entry.sheet else str(entry.line)
        line = [row, written, number, *said.of(entry)]
        yield [*line, said.usage(entry.usage)] if used else line


def safe(text: str) -> str:
    """Return a cell that a spreadsheet shows as it stands, and takes for nothing but text."""
    cell = _CONTROL.sub(" ", text[:_LONGEST_CELL])
    return f"'{cell}" if _FORMULA.match(cell) or _CALCULATED.fullmatch(cell) else cell


class _Said:
    """What is said of entries; most are alike, so what they share is said once and repeated."""

    def __init__(self, text: Text) -> None:
        self._text = text
        self.usage = cache(self._usage)
        self._about = cache(self._about_number)
        self._right = cache(self._of_right)
        self._todo = cache(self._what_to_do)

    def of(self, entry: Entry) -> tuple[str, ...]:
        """Return kind, country, result and what to do."""
        about = self._about(entry.kind, entry.region)
        if not entry.problem:
            return (*about, self._right(entry.repaired), "")
        why = problem_told(entry.problem, entry.params, self._text)
        result = self._text(f"numbers.result.{entry.severity}", why=why)
        return (*about, result, self._todo(entry.problem))

    def _about_number(self, kind: str, region: str) -> tuple[str, str]:
        if not region:
            return "", ""
        return self._text(f"numbers.kind.{kind}"), place(region, self._text)

    def _of_right(self, repaired: str) -> str:
        if not repaired:
            return self._text("numbers.result.fine")
        how = self._text(f"numbers.repaired.{repaired}")
        return self._text("numbers.result.repaired", how=how)

    def _what_to_do(self, problem: str) -> str:
        return todo_told(problem, self._text)

    def _usage(self, usage: str) -> str:
        return self._text(f"numbers.usage.{usage}") if usage else ""
