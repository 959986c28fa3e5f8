"""Where a table has its numbers: by its header, by how its cells look, or by asking.

A column that something else may stand in is never read for want of a better one.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from cases import headers
from cases.asides import is_form, label_of, labels, may_hold_a_number
from cases.cells import (
    digit_count,
    goes_on,
    has_plus,
    is_doubtful,
    is_marked,
    looks_like_a_number,
    usage_of,
)
from cases.errors import Rejected
from cases.extents import quantity

SAMPLE = 20
"""Records that the header stands in."""
_NAMED = 5
"""Columns that a question names."""
_LONGEST_NAME = 40

Cells = Sequence[str]


@dataclass(frozen=True, slots=True)
class Columns:
    """Where a table has what."""

    begin: int = 0
    """Records before the first with numbers: titles and the header."""
    numbers: tuple[int, ...] = ()
    """The columns of the numbers; none if any cell may be one."""
    last: int | None = None
    """Of ranges, the column of their last numbers."""
    size: int | None = None
    """The column that says how many numbers there are from each on."""
    opens: bool = False
    """Whether the header says that each number is the first of so many."""
    usage: int | None = None
    codes: tuple[int, ...] = ()
    """The columns of area and country codes, from the number outwards."""
    country: int | None = None
    """Which of these has country codes."""
    beside: tuple[int, int] | None = None
    """The columns of the ends of what goes on behind each number, such as `10` and `19`."""
    stem: bool = False
    """Whether the header says that these are direct dials, and the number their stem."""
    exchange: int | None = None
    """The column of the digits between area code and line (`NXX`)."""
    is_form: bool = False
    """Whether it is no list: its records are labels and values, as on a cover sheet."""
    unread: tuple[tuple[int, str], ...] = ()
    """Columns that may have other numbers, and their names."""
    loose: bool = False
    """Whether no header says where the numbers end: they may go on behind their column."""

    @property
    def read(self) -> set[int | None]:
        """The columns that are read, whatever for."""
        extent = (self.last, self.size, self.usage, self.exchange)
        return {*self.numbers, *extent, *self.codes, *(self.beside or ())}


def columns_of(records: Sequence[Cells], sheet: str = "") -> Columns:
    """Return where the first records of a table have what.

    Raises `Rejected("which_column")` if several may hold the numbers; `sheet` is named with them.
    """
    begin = _header_at(records)
    if begin is None:
        return _unheaded(_Table((), records, sheet))
    table = _Table(records[begin], records[begin + 1 :], sheet)
    found = _in_parts(table, begin + 1) or _by_header(table, begin + 1)
    return replace(found, unread=tuple(_unread(table, found)))


def is_foreign(records: Sequence[Cells]) -> bool:
    """Return whether the header says that all that looks like numbers is something else."""
    begin = _header_at(records)
    if begin is None:
        return False
    table = _Table(records[begin], records[begin + 1 :])
    return not table.ranked and bool(table.likely) and not table.own


def _share(cells: Cells, looks: Callable[[str], object]) -> float:
    return sum(map(bool, map(looks, cells))) / len(cells) if cells else 0.0


_MOSTLY, _HARDLY = 0.5, 0.1
"""Shares of a column's cells."""


@dataclass(frozen=True)
class _Table:
    """A header, which may be empty, the records below it, and what is seen in each column."""

    header: Cells
    body: Sequence[Cells]
    sheet: str = ""

    @cached_property
    def filled(self) -> list[list[str]]:
        """What stands in each column."""
        width = max(map(len, (self.header, *self.body)), default=0)
        return [
            [cells[at].strip() for cells in self.body if at < len(cells) and cells[at].strip()]
            for at in range(width)
        ]

    @cached_property
    def likely(self) -> list[int]:
        """Columns that look like numbers; those that may be dates only if there are no others."""
        found = [
            at
            for at, cells in enumerate(self.filled)
            if _share(cells, looks_like_a_number) >= _MOSTLY
        ]
        certain = [at for at in found if not all(map(is_doubtful, self.filled[at]))]
        return certain or found

    @cached_property
    def own(self) -> list[int]:
        """Likely columns whose header says nothing else, or whose cells say more than it does."""
        return [at for at in self.likely if not self._is_foreign(at)]

    @cached_property
    def ranked(self) -> list[tuple[int, int]]:
        """Ranks of the headers of numbers and their columns, the surest first."""
        ranks = ((headers.close_rank(name), at) for at, name in enumerate(self.header))
        return sorted((rank, at) for rank, at in ranks if rank is not None)

    def name(self, at: int) -> str:
        """Return the header of a column; empty if it has none."""
        return self.header[at].strip() if at < len(self.header) else ""

    def marked(self, at: int) -> float:
        """Return how much of a column has the signs of telephone numbers."""
        return _share(self.filled[at], is_marked)

    @cached_property
    def written_out(self) -> set[int]:
        """Columns of numbers with a plus."""
        return {at for at in self.likely if _share(self.filled[at], has_plus) >= _MOSTLY}

    def shape(self, at: int) -> str:
        """Return how most cells of a column are written, whatever their digits are."""
        shapes = Counter(re.sub(r"\d", "0", cell) for cell in self.filled[at])
        return shapes.most_common(1)[0][0]

    def _is_foreign(self, at: int) -> bool:
        return headers.is_foreign(self.name(at)) and at not in self.written_out

    def which(self, columns: Iterable[int]) -> Rejected:
        """Return the question which of the columns it is."""
        named = [self.called(at) for at in columns][:_NAMED]
        return Rejected("which_column", columns=" · ".join(named))

    def called(self, at: int) -> str:
        """Return what a column is called to people."""
        name = " ".join(self.name(at).split())[:_LONGEST_NAME] or _letter(at)
        return f"{self.sheet}!{name}" if self.sheet else name


def _letter(at: int) -> str:
    """Return what spreadsheets call a column that has no name."""
    before, here = divmod(at, 26)
    return (_letter(before - 1) if before else "") + chr(ord("A") + here)


# The header


def _header_rank(cells: Cells) -> int | None:
    """Return the rank of the surest header of numbers in a record; none if it has none."""
    ranks = (headers.close_rank(cell) for cell in cells)
    return min((rank for rank in ranks if rank is not None), default=None)


def _header_at(records: Sequence[Cells]) -> int | None:
    """Return which record is the header; it stands before the first number."""
    first = next((at for at, cells in enumerate(records) if _has_number(cells)), None)
    before = range(min(SAMPLE, len(records) if first is None else first))
    known = [
        (_is_single(records[at]), rank, at)
        for at in before
        if (rank := _header_rank(records[at])) is not None
    ]
    if known:
        return min(known)[2]
    if first is None:
        return None
    below = (at for at in range(first + 1, min(SAMPLE, len(records))) if _is_heading(records[at]))
    return next(below, None) or _unknown_header(records, before)


def _has_number(cells: Cells) -> bool:
    """Return whether a record holds a number, and no label beside it says that it is another."""
    seen = ((at, cell) for at, cell in enumerate(cells) if looks_like_a_number(cell))
    found = [at for at, cell in seen if may_hold_a_number(cell) and not label_of(cell.strip())]
    return any(not (at and labels(cells[at - 1], cells[at])) for at in found)


def _is_heading(cells: Cells) -> bool:
    """Return whether a record surely is a header, even below something that is a number."""
    rank = None if _is_single(cells) else _header_rank(cells)
    return rank is not None and rank < headers.VAGUE and not any(map(looks_like_a_number, cells))


def _unknown_header(records: Sequence[Cells], before: range) -> int | None:
    """Return the record before the first number, if its words may be a header."""
    above = next((at for at in reversed(before) if any(map(str.strip, records[at]))), None)
    return above if above is not None and _heads(records[above], records[above + 1 :]) else None


def _is_single(cells: Cells) -> bool:
    return sum(map(bool, map(str.strip, cells))) < 2


def _heads(cells: Cells, body: Sequence[Cells]) -> bool:
    """Return whether a record of unknown words is a header: it names all that may be numbers."""
    likely = _Table((), body).likely
    named = all(at < len(cells) and cells[at].strip() for at in likely)
    named = named and (not _is_single(cells) or headers.is_filed("".join(cells)))
    return bool(likely) and named and all(map(_may_name, cells))


def _may_name(cell: str) -> bool:
    digits = digit_count(cell)
    may_name = len(cell) <= headers.LONGEST_HEADER and digits <= sum(map(str.isalpha, cell))
    return may_name and not may_hold_a_number(cell)


# What is where below a header


def _by_header(table: _Table, begin: int) -> Columns:
    """Return where a table below its header has what; raises `Rejected("which_column")`."""
    first, last = _ends(table)
    numbers = _number_columns(table) if first is None else (first,)
    if len(numbers) != 1:
        return Columns(begin, numbers, usage=_usage_column(table))
    at = numbers[0]
    beside = _short_ends(table, at) if last is None else None
    return Columns(
        begin,
        numbers,
        last=_last_behind(table, at) if last is None else last,
        size=_size_column(table, at),
        opens=headers.is_start(table.name(at)) or headers.is_range(table.name(at)),
        usage=_usage_column(table),
        codes=_code_columns(table, at),
        country=_country_column(table),
        beside=beside,
        stem=beside is not None and _is_stem(table, at, beside),
        loose=not any(name.strip() for name in table.header[at + 1 :]),
    )


def _in_parts(table: _Table, begin: int) -> Columns | None:
    """Return the columns of numbers in three parts, as `NPA,NXX,Line`; none if it has no such."""
    kinds = (headers.is_area, headers.is_exchange, headers.is_line)
    at = [next((a for a, name in enumerate(table.header) if of(name)), None) for of in kinds]
    area, exchange, line = at
    if area is None or exchange is None or line is None:
        return None
    return Columns(begin, (line,), usage=_usage_column(table), codes=(area,), exchange=exchange)


def _unread(table: _Table, columns: Columns) -> Iterable[tuple[int, str]]:
    """Yield the columns that may have other telephone numbers than those that are read.

    Below the header of carriers' files a column must say so itself: our own report has such a one.
    """
    if not columns.numbers:
        return
    names = [table.name(at) for at in columns.numbers]
    of_carriers = any(headers.rank(name) == headers.CARRIERS for name in names)
    headed = {at for _, at in table.ranked}
    for at, cells in enumerate(table.filled):
        is_read = at in columns.read or (columns.loose and at > columns.numbers[0])
        may_be = at in headed or (not of_carriers and at in table.own)
        if cells and may_be and not is_read:
            yield at, table.called(at)


# The column of the numbers


def _number_columns(table: _Table) -> tuple[int, ...]:
    """Return the columns of the numbers of a table with a header; none if any cell may be one."""
    found = _named(table) if table.ranked else _guessed(table)
    return tuple(_series(table, found[0])) if len(found) == 1 else found


def _named(table: _Table) -> tuple[int, ...]:
    """Return the column with the surest header; a vague one must also look like numbers."""
    rank, first = table.ranked[0]
    if rank == headers.CARRIERS:
        return (first,)
    sure = [at for rank, at in table.ranked if rank == headers.SURE and table.filled[at]]
    named = {at: rank for rank, at in table.ranked if at in sure or not sure}
    found = next((at for at in named if at in table.likely), None)
    if found is None:
        return (sure[0],) if sure else _unnamed(table, first)
    if named[found] < headers.VAGUE:
        return (found,)
    outstanding = _outstanding(table, table.own)
    return (found,) if outstanding is None else (outstanding,)


def _unnamed(table: _Table, named: int) -> tuple[int, ...]:
    """Return where the numbers are if they are not in the column with a vague header."""
    return _guessed(table) if table.likely else (named,)


def _guessed(table: _Table) -> tuple[int, ...]:
    """Return the column that looks like telephone numbers; raises `Rejected("which_column")`."""
    if not table.likely:
        return ()
    if len(table.own) == 1:
        return (table.own[0],)
    outstanding = _outstanding(table, table.own)
    if outstanding is not None:
        return (outstanding,)
    if table.own and _are_all_numbers(table):
        return tuple(table.own)
    raise table.which(table.own or table.likely)


def _outstanding(table: _Table, columns: Sequence[int]) -> int | None:
    """Return the one column with the signs of telephone numbers, if all others lack them."""
    marked = [at for at in columns if table.marked(at) >= _MOSTLY]
    others = [at for at in columns if at not in marked]
    alone = len(marked) == 1 and all(table.marked(at) <= _HARDLY for at in others)
    return marked[0] if alone else None


def _are_all_numbers(table: _Table) -> bool:
    """Return whether a table holds nothing but telephone numbers, in columns that look alike."""
    filled = [at for at, cells in enumerate(table.filled) if cells]
    alike = table.written_out >= set(filled) or len({table.shape(at) for at in filled}) == 1
    return filled == table.own and alike and all(table.marked(at) >= _MOSTLY for at in filled)


def _series(table: _Table, first: int) -> list[int]:
    """Return a column and those beside it whose headers differ in a figure only."""
    series = headers.series(table.name(first))
    return [
        at
        for at in range(len(table.header))
        if at == first or (at in table.likely and _is_as_good(table.name(at), series))
    ]


def _is_as_good(header: str, series: str) -> bool:
    return headers.is_range(header) or bool(series and headers.series(header) == series)


def _unheaded(table: _Table) -> Columns:
    """Return the one column of several that looks like numbers; any cell, if it is not just one.

    Raises `Rejected("which_column")` where a column may be anything, and another surely is not.
    """
    if len(table.filled) > 1 and is_form(table.body):
        return Columns(is_form=True)
    if len(table.body) < 2 or len(table.filled) < 2:
        return Columns()
    if len(table.likely) == 1:
        return Columns(numbers=(table.likely[0],), loose=True)
    whole = all(2 * len(table.filled[at]) > len(table.body) for at in table.likely)
    if whole and _outstanding(table, table.likely) is not None:
        raise table.which(table.likely)
    return Columns()


# Ranges in several columns


def _ends(table: _Table) -> tuple[int | None, int | None]:
    """Return the columns of the first and last numbers of ranges; none if there are no two."""
    if any(rank <= headers.SURE and table.filled[at] for rank, at in table.ranked):
        return None, None
    starts = [at for at in table.likely if headers.is_start(table.name(at))]
    ends = [at for at in range(len(table.header)) if headers.is_end(table.name(at))]
    pairs = ((first, last) for first in starts for last in ends if _may_end(table, last))
    return next(((first, last) for first, last in pairs if first != last), (None, None))


def _may_end(table: _Table, at: int) -> bool:
    return at in table.likely or _share(table.filled[at], goes_on) >= _MOSTLY


def _short_ends(table: _Table, number: int) -> tuple[int, int] | None:
    """Return the columns of ends that are no numbers by themselves, such as direct dials."""
    short = [
        at
        for at, cells in enumerate(table.filled)
        if at != number and cells and _share(cells, goes_on) >= _MOSTLY
    ]
    starts = (at for at in short if headers.is_start(table.name(at)))
    ends = (at for at in short if headers.is_end(table.name(at)))
    first, last = next(starts, None), next(ends, None)
    return None if first is None or last is None else (first, last)


def _is_stem(table: _Table, number: int, ends: tuple[int, int]) -> bool:
    """Return whether short ends are direct dials behind a stem, by the words of the header."""
    named = [table.name(at) for at in ends]
    return headers.is_stem(table.name(number)) or all(map(headers.is_direct, named))


def _code_columns(table: _Table, number: int) -> tuple[int, ...]:
    area = next((at for at, name in enumerate(table.header) if headers.is_area(name)), None)
    found = (area, _country_column(table))
    return tuple(at for at in found if at is not None and at != number)


def _country_column(table: _Table) -> int | None:
    return next((at for at, name in enumerate(table.header) if headers.is_country(name)), None)


def _last_behind(table: _Table, at: int) -> int | None:
    """Return the column of last numbers where the first ones are just called numbers."""
    behind = (last for last in table.likely if last > at and headers.is_end(table.name(last)))
    return next(behind, None)


def _size_column(table: _Table, number: int) -> int | None:
    sized = (
        at
        for at, name in enumerate(table.header)
        if at != number
        and headers.is_size(name)
        and _share(table.filled[at], lambda cell: quantity(cell) is not None) >= _MOSTLY
    )
    return next(sized, None)


# Usage


def _usage_column(table: _Table) -> int | None:
    named = (at for at, name in enumerate(table.header) if headers.is_usage(name))
    return next((at for at in named if any(map(usage_of, table.filled[at]))), None)
