"""The stages of a check, as functions from blobs to blobs, so that any process can do any of them.

Between them lie pickles that nobody but these stages reads: they never leave the machine, are
stored nowhere, and the event loop passes them on unopened.
"""

import json
import pickle
from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields
from itertools import starmap
from operator import attrgetter
from typing import Any, Final

from cases.errors import Rejected
from cases.lists import Row, decode, rows, rows_of_sheets
from cases.numbering import Entry, Purpose, asked_of, read
from checking.checkup import conclude
from checking.frames import Blobs
from checking.sheets import sheets
from strings import text_for

CHUNK: Final = 1_000
"""Rows that are read in one go."""
MOST_FEW: Final = 2 * CHUNK
"""Numbers of a chunk that the desk's own process reads."""
TEXT: Final = b"text"
SHEET: Final = b"sheet"


class Many(Exception):
    """A list turned out to be too much work for the desk's own process."""


def find_rows(blobs: Blobs) -> list[bytes]:
    """Turn what a list is (`TEXT` or `SHEET`) and its bytes into a count and chunks of rows."""
    kind, content = blobs
    found = rows_of_sheets(sheets(content)) if kind == SHEET else rows(decode(content))
    return [str(len(found)).encode(), *(_flat(_ROW, chunk) for chunk in _chunks(found))]


def _chunks(found: list[Row]) -> Iterator[list[Row]]:
    return (found[start : start + CHUNK] for start in range(0, len(found), CHUNK))


def read_rows(blobs: Blobs) -> list[bytes]:
    """Turn purpose and chunk into its count of rows, entries, and the numbers to look up."""
    purpose, chunk = blobs
    found = _rows(chunk)
    return _answered(len(found), read(found, Purpose.model_validate_json(purpose)))


def read_few(blobs: Blobs) -> list[bytes]:
    """Do what `read_rows` does; raises `Many` if ranges turn out to be long."""
    purpose, chunk = blobs
    found = _rows(chunk)
    try:
        entries = read(found, Purpose.model_validate_json(purpose), MOST_FEW)
    except Rejected as error:
        raise Many from error
    return _answered(len(found), entries)


def _answered(rows: int, entries: list[Entry]) -> list[bytes]:
    numbers = "\n".join(asked_of(entries))
    return [str(rows).encode(), _flat(_ENTRY, entries), numbers.encode()]


def write_up(blobs: Blobs) -> list[bytes]:
    """Turn purpose, language, busy numbers and all entries into a summary and the files."""
    purpose, language, busy, *chunks = blobs
    checked = conclude(
        [entry for chunk in chunks for entry in _entries(chunk)],
        Purpose.model_validate_json(purpose),
        text_for(language.decode()),
        _busy(busy),
    )
    summary = checked.summary.model_dump_json().encode()
    return [summary, checked.report, checked.clean, *checked.parts]


_ROW: Final = attrgetter(*(member.name for member in fields(Row)))
_ENTRY: Final = attrgetter(*(member.name for member in fields(Entry)))


def _flat(members: Callable[[Any], tuple[Any, ...]], found: list[Any]) -> bytes:
    """Pickle values as tuples of their members, which is a quarter of the work."""
    return pickle.dumps([members(one) for one in found], pickle.HIGHEST_PROTOCOL)


def _tuples(chunk: bytes) -> list[tuple[Any, ...]]:
    found: list[tuple[Any, ...]] = pickle.loads(chunk)  # noqa: S301  our own, see above
    return found


def _rows(chunk: bytes) -> list[Row]:
    return list(starmap(Row, _tuples(chunk)))


def _entries(chunk: bytes) -> list[Entry]:
    return list(starmap(Entry, _tuples(chunk)))


def _busy(blob: bytes) -> Mapping[str, str]:
    found: dict[str, str] = json.loads(blob)
    return found


Stage = Callable[[Blobs], list[bytes]]
STAGES: Final[dict[str, Stage]] = {
    "find_rows": find_rows,
    "read_rows": read_rows,
    "write_up": write_up,
}
FEW: Final[dict[str, Stage]] = {"read_rows": read_few}
"""What is done otherwise where it must not take long."""

DONE: Final = b"done"
REFUSED: Final = b"refused"


def answer(blobs: Blobs) -> list[bytes]:
    """Do what a message asks: the name of a stage and its blobs; tell `DONE` or `REFUSED` first."""
    stage, *given = blobs
    try:
        return [DONE, *STAGES[stage.decode()](given)]
    except Rejected as error:
        return [REFUSED, json.dumps([error.code, error.params]).encode()]
