"""What in a table is no number of its list: dates, totals, and what a label says is another number.

What is certain by its writing or its label is put aside; what might be a telephone number is told.
"""

import re
from collections.abc import Iterable, Sequence

from cases import headers
from cases.cells import (
    digit_count,
    goes_on,
    is_amount,
    is_date,
    is_doubtful,
    is_marked,
    looks_like_a_number,
)
from cases.findings import Aside, Flaw

Cells = Sequence[str]
Told = tuple[str, Aside]
"""What stands there, and what is told of it."""

_LONGEST_LABEL = 40
_VALUE_DIGITS = 5
"""Digits from which what a label names may be taken for a telephone number."""
_DATED = re.compile(
    r"\d{1,4}([-/.])\d{1,2}\1\d{1,4}(?!\d)|\d{1,2}:\d\d(?::\d\d)?"
    r"|(?:19|20)\d\d ?[-/\u2013] ?(?:19|20)\d\d|(?<!\d)(?:19|20)\d\d[-/.]\d\d(?!\d)"
    r"|(?<!\d)\d\d?[-/.](?:19|20)\d\d(?!\d)"
)
"""Dates, times, months, and years from one to another."""
_POSSIBLE = re.compile(r"(?<![^\W_])(?:\+ ?)?\(?\d(?:[ .\-/()\u00a0\u202f]{0,3}\d){5,}(?![^\W\d_])")
_SMALL = 5
"""Digits of a sum of numbers at most."""
_IN_ONE_CELL = re.compile(
    r"(?P<label>[^\d+(:=]*?[^\W\d_][^\d+(:=]*?)[ :=#.\-]*(?P<value>[+(]*\d.*)"
)


def may_hold_a_number(cell: str) -> bool:
    """Return whether a telephone number may stand in a cell, be it among words."""
    return _POSSIBLE.search(_DATED.sub(" ", cell)) is not None or (
        looks_like_a_number(cell) and not any(map(str.isalpha, cell))
    )


def may_be_a_number(cell: str) -> bool:
    """Return whether a cell is likelier a telephone number, or words beside one, than all else."""
    may_be = looks_like_a_number(cell) or (may_hold_a_number(cell) and not is_amount(cell))
    return may_be and not is_doubtful(cell.strip())


def label_of(text: str) -> str:
    """Return the words of a text that say what else its digits are; empty if they do not."""
    found = _IN_ONE_CELL.fullmatch(text)
    if found is None or not labels(found["label"], found["value"], text):
        return ""
    return found["label"].strip(" -#.")[:_LONGEST_LABEL]


def labels(label: str, value: str, written: str = "") -> bool:
    """Return whether a label says that a value is no telephone number.

    A word alone, such as `Account`, may head a department's telephone number too; then it must not
    be written as one.
    """
    if not headers.is_filed(label):
        return False
    if headers.is_of_file(written or label):
        return True
    return not (is_marked(value.strip()) or headers.may_be_a_name(label))


def is_total(cells: Cells) -> bool:
    """Return whether a record sums a table up and holds nothing that may be a number."""
    first = next((cell for cell in cells if cell.strip()), "")
    return headers.is_total(first) and all(digit_count(cell) <= _SMALL for cell in cells)


class Apart:
    """Takes out of the records of a table without columns what is surely something else.

    A label stands beside its value, or above it; so it knows the record before.
    """

    def __init__(self) -> None:
        self._above: Cells = ()

    def __call__(self, cells: Cells) -> tuple[Cells, list[Told]]:
        """Return the cells with nothing in place of what was taken out, and what is told of it.

        A date beside a number is one of its row; alone, it is told, for it may have been a number.
        """
        labelled = {at: label for at in range(len(cells)) if (label := self._label(cells, at))}
        dates = {at for at, cell in enumerate(cells) if len(cells) > 1 and is_date(cell.strip())}
        self._above = cells
        if not (labelled or dates):
            return cells, []
        rest = ["" if at in labelled or at in dates else cell for at, cell in enumerate(cells)]
        told = [
            (cells[at].strip(), Aside(Flaw.LABELLED, {"label": label}))
            for at, label in labelled.items()
        ]
        if not (labelled or any(map(may_hold_a_number, rest))):
            told += [(cells[at].strip(), Aside(Flaw.DATE, {})) for at in sorted(dates)]
        return rest, told

    def _label(self, cells: Cells, at: int) -> str:
        """Return the label of a cell that says what else it is; empty if there is none."""
        if digit_count(cells[at]) < _VALUE_DIGITS:
            return ""
        beside = next((cell.strip() for cell in reversed(cells[:at]) if cell.strip()), "")
        above = self._above[at].strip() if at < len(self._above) else ""
        named = (label for label in (beside, above) if label and labels(label, cells[at]))
        return next(named, "")[:_LONGEST_LABEL]


class Form(Apart):
    """Takes what may be numbers out of labels and their values, and tells what else is there.

    So the records above a header are read, and cover sheets.
    """

    def __call__(self, cells: Cells) -> tuple[Cells, list[Told]]:
        """Return the cells that may hold numbers, and what is told of the others."""
        rest, told = super().__call__(cells)
        inside = [(cell, label_of(cell.strip())) for cell in rest]
        told = [one for one in told if one[1].flaw is not Flaw.DATE]
        told += [
            (c.strip(), Aside(Flaw.LABELLED, {"label": label})) for c, label in inside if label
        ]
        kept = [cell for cell, label in inside if not label]
        if not any(map(may_hold_a_number, kept)):
            return (), told
        return [cell for cell in kept if may_hold_a_number(cell) or goes_on(cell)], told


def is_form(records: Iterable[Cells]) -> bool:
    """Return whether records are labels and values, and most of the values are no numbers of it."""
    apart = Apart()
    taken = [apart(cells) for cells in records]
    others = sum(bool(told) for _, told in taken)
    numbers = sum(any(map(may_hold_a_number, rest)) for rest, told in taken)
    labelled = any(one.flaw is Flaw.LABELLED for _, told in taken for _, one in told)
    return labelled and others >= numbers


class Unread:
    """Counts the numbers in the columns of a table that are not read, and tells of them."""

    def __init__(self, columns: Sequence[tuple[int, str]]) -> None:
        self._counts = dict.fromkeys(columns, 0)

    def __call__(self, cells: Cells, meant: Cells) -> list[Told]:
        """Return what is told of a record whose number is in such a column, and not in its own."""
        there = [
            (at, name)
            for at, name in self._counts
            if at < len(cells) and may_be_a_number(cells[at])
        ]
        for column in there:
            self._counts[column] += 1
        if not there or any(map(str.strip, meant)):
            return []
        at, name = there[0]
        return [(cells[at].strip(), Aside(Flaw.OTHER_COLUMN, {"column": name}, is_row=True))]

    def told(self) -> list[Told]:
        """Return what is told of the columns, once all records are read."""
        return [
            (name, Aside(Flaw.COLUMN_UNREAD, {"column": name, "count": count}))
            for (_, name), count in self._counts.items()
            if count
        ]
