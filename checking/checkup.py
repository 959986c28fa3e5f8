"""The check of a number list from its rows to its report, in one go and in this process."""

from collections.abc import Mapping, Sequence

from cases.findings import Entry
from cases.lists import Row
from cases.numbering import Purpose, read, settle
from cases.ports import Checked
from checking.report import to_csv, to_report
from strings import Text


def checkup(rows: Sequence[Row], purpose: Purpose, text: Text, busy: Mapping[str, str]) -> Checked:
    """Return what came out of a list; `busy` names the open case of a number.

    Raises `Rejected("list_too_long")`.
    """
    return conclude(read(rows, purpose), purpose, text, busy)


def conclude(
    entries: Sequence[Entry], purpose: Purpose, text: Text, busy: Mapping[str, str]
) -> Checked:
    """Return what came out of a list whose rows were read already; raises as `checkup` does."""
    settled = settle(entries, purpose, busy)
    parts = tuple(map(to_csv, settled.parts))
    # The parts of a list that is not split hold all of it.
    whole = parts[0] if len(parts) == 1 else to_csv(_going(settled.entries))
    return Checked(settled.summary, to_report(settled.entries, text), whole, parts)


def _going(entries: Sequence[Entry]) -> list[str]:
    return [entry.number for entry in entries if entry.accepted]
