"""What a record of a table means: which of its cells are numbers, or make one together."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import takewhile

from cases.asides import Apart, Cells, Form, Told, Unread, is_total, may_be_a_number
from cases.cells import (
    LEAST_DIGITS,
    digit_count,
    goes_on,
)
from cases.columns import Columns
from cases.extents import between, direct_dials, from_on, quantity, several, with_code

Pick = Callable[[Cells], Sequence[str]]
"""Returns the cells of a record that may be numbers."""


Take = Callable[[Cells], tuple[Cells, Sequence[Told]]]
"""Returns the cells of a record that may be numbers, and what is told of the others."""


def take_of(columns: Columns, unread: Unread) -> Take:
    """Return what takes a record apart; numbers that are not read are counted."""
    pick = _pick_of(columns)
    if columns.begin:
        return _below(pick, unread if columns.unread else None)
    if columns.is_form:
        return Form()
    apart = Apart()

    def take(cells: Cells) -> tuple[Cells, Sequence[Told]]:
        rest, told = apart(cells)
        return _but_totals(cells, pick(rest)), told

    return take


def _below(pick: Pick, unread: Unread | None) -> Take:
    def take(cells: Cells) -> tuple[Cells, Sequence[Told]]:
        meant = _but_totals(cells, pick(cells))
        return meant, unread(cells, meant) if unread else ()

    return take


def _but_totals(cells: Cells, meant: Cells) -> Cells:
    """Return what is meant by a record; nothing if it is a sum."""
    return meant if any(map(_MANY_DIGITS.match, meant)) or not is_total(cells) else ()


_MANY_DIGITS = re.compile(r"(?:\D*\d){6}")


def _pick_of(columns: Columns) -> Pick:
    """Return what takes the numbers out of a record."""
    if not columns.numbers:
        return lambda cells: cells
    at = columns.numbers[0]
    if len(columns.numbers) > 1:
        return lambda cells: [cells[at] for at in columns.numbers if at < len(cells)]
    if columns.exchange is not None:
        parts = (*columns.codes, columns.exchange, at)
        return lambda cells: [_in_parts(cells, parts)]
    if columns.codes:
        rest = _pick_of(replace(columns, codes=()))
        return lambda cells: rest(_dialled(cells, columns))
    if columns.beside is not None:
        return lambda cells: _beside(cells, at, columns)
    return _pick_of_one(columns, at)


def _pick_of_one(columns: Columns, at: int) -> Pick:
    """Return what takes the number or the range of each record out of its column."""
    if columns.last is not None or columns.size is not None:
        return lambda cells: _extent(cells, columns)
    if columns.loose:
        return lambda cells: (
            # Most records end where their header does.
            cells[at:]
            if columns.begin and len(cells) == at + 1
            else _with_continuations(cells, at, any_cell=not columns.begin)
        )
    return lambda cells: cells[at : at + 1] if at < len(cells) else _misplaced(cells)


def _misplaced(cells: Cells) -> list[str]:
    """Return what a record that is too short for the column has instead."""
    return [cell for cell in cells if digit_count(cell) >= LEAST_DIGITS]


def _with_continuations(cells: Cells, at: int, *, any_cell: bool) -> list[str]:
    """Return the number of a record and what goes on behind it, such as `-11`.

    Without a header, `any_cell` that looks like a number may be one.
    """
    if at >= len(cells):
        return _misplaced(cells)
    before = filter(may_be_a_number, cells[:at]) if any_cell else ()
    return [*before, cells[at], *_behind(cells[at + 1 :])]


def _behind(cells: Cells) -> list[str]:
    """Return what of the cells behind a number goes on with it, or is another."""
    going_on = list(takewhile(_is_behind, cells))
    return [*going_on, *filter(may_be_a_number, cells[len(going_on) :])]


def _is_behind(cell: str) -> bool:
    return not cell.strip() or goes_on(cell)


def _at(cells: Cells, at: int | None) -> str:
    return cells[at].strip() if at is not None and at < len(cells) else ""


def _dialled(cells: Cells, columns: Columns) -> Cells:
    """Return a record whose numbers have the codes that stand beside them."""
    number = _at(cells, columns.numbers[0])
    for at in columns.codes:
        number = with_code(_at(cells, at), number, of_country=at == columns.country)
    return [number if at == columns.numbers[0] else cell for at, cell in enumerate(cells)]


def _in_parts(cells: Cells, parts: Sequence[int]) -> str:
    """Return a number whose parts stand in several columns."""
    return "-".join(part for at in parts if (part := _at(cells, at)))


def _beside(cells: Cells, at: int, columns: Columns) -> list[str]:
    """Return the range of a record whose ends stand beside what they go on."""
    first, last = columns.beside or (None, None)
    number, ends = _at(cells, at), (_at(cells, first), _at(cells, last))
    if columns.stem:
        return [direct_dials(number, *ends)]
    return [number, between(*ends)]


def _extent(cells: Cells, columns: Columns) -> list[str]:
    """Return the range of a record whose ends, or whose end and size, stand in several columns."""
    first, last, size = (_at(cells, at) for at in (columns.numbers[0], columns.last, columns.size))
    count = quantity(size)
    if last or not first or count is None:
        return [between(first, last)]
    return [from_on(first, count) if columns.opens else several(first, count)]
