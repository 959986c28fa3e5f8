"""What a record of a table means: which of its cells are numbers, or make one together."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import takewhile

from cases.cells import (
    LEAST_DIGITS,
    digit_count,
    goes_on,
    is_doubtful,
    looks_like_a_number,
)
from cases.columns import Cells, Columns
from cases.extents import between, from_on, quantity, several, with_code

Pick = Callable[[Cells], Sequence[str]]
"""Returns the cells of a record that may be numbers."""


def pick_of(columns: Columns) -> Pick:
    """Return what takes the numbers out of a record."""
    if not columns.numbers:
        return lambda cells: cells
    at = columns.numbers[0]
    if len(columns.numbers) > 1:
        return lambda cells: [cells[at] for at in columns.numbers if at < len(cells)]
    if columns.codes:
        rest = pick_of(replace(columns, codes=()))
        return lambda cells: rest(_dialled(cells, columns))
    if columns.beside is not None:
        first, last = columns.beside
        return lambda cells: [_at(cells, at), between(_at(cells, first), _at(cells, last))]
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
    before = filter(_may_be_lost, cells[:at]) if any_cell else ()
    return [*before, cells[at], *_behind(cells[at + 1 :])]


def _behind(cells: Cells) -> list[str]:
    """Return what of the cells behind a number goes on with it, or is another."""
    going_on = list(takewhile(_is_behind, cells))
    return [*going_on, *filter(_may_be_lost, cells[len(going_on) :])]


def _may_be_lost(cell: str) -> bool:
    """Return whether a cell is likelier a number in the wrong place than anything else."""
    return looks_like_a_number(cell) and not is_doubtful(cell.strip())


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


def _extent(cells: Cells, columns: Columns) -> list[str]:
    """Return the range of a record whose ends, or whose end and size, stand in several columns."""
    first, last, size = (_at(cells, at) for at in (columns.numbers[0], columns.last, columns.size))
    count = quantity(size)
    if last or not first or count is None:
        return [between(first, last)]
    return [from_on(first, count) if columns.opens else several(first, count)]
