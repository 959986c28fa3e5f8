"""What stands between the rows of a number list: duplicates, ambiguity, blocks, lawful groups.

Sources in domain.md: one order per kind of number, and service numbers apart (section 6), the
admin centre's wizard (section 6), blocks of ten in Poland (section 13).
"""

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from types import MappingProxyType

from cases.countries import all_countries
from cases.dialling import Form
from cases.errors import Rejected
from cases.findings import (
    CAUTION,
    STOP,
    Advice,
    Entry,
    Finding,
    Flaw,
    Group,
    NumberKind,
    Purpose,
    Settled,
    Summary,
    row_name,
)
from cases.lists import MOST
from cases.vocabulary import CaseType

SHOWN = 100
"""Numbers that a group names; its file has all of them."""
FINDINGS = 5
"""What a summary tells of; the report has all of it."""
TEXT_SHOWN = 40
WIZARD_MOST = 999
"""User numbers that the admin centre's wizard takes; more go to the desk."""
_NOTHING: Mapping[str, str] = MappingProxyType({})


def asked_of(entries: Iterable[Entry]) -> list[str]:
    """Return the numbers that open cases may have, each once: accepted ones, and readings."""
    numbers: dict[str, None] = {}
    for entry in entries:
        if entry.accepted:
            numbers[entry.number] = None
        elif entry.problem == Flaw.AMBIGUOUS:
            numbers.update((one.number, None) for one in entry.either if one.accepted)
    return list(numbers)


def settle(
    entries: Sequence[Entry], purpose: Purpose, busy: Mapping[str, str] = _NOTHING
) -> Settled:
    """Return the list as a whole; `busy` names the open case of a number.

    Raises `Rejected("list_too_long")` if its ranges make more numbers than a list may have.
    """
    if len(entries) > MOST:
        raise Rejected("list_too_long", most=MOST)
    settled = _told_apart(entries)
    settled = _each_once(settled)
    settled = _not_busy(settled, busy, STOP if purpose.case_type else CAUTION)
    settled = _in_blocks(settled, purpose)
    settled = _told_alone(settled)
    groups = _groups(settled, purpose)
    return Settled(
        entries=settled,
        summary=_summary(settled, groups, purpose),
        parts=tuple(tuple(entry.number for entry in group) for group in groups.values()),
    )


_NO_NUMBER = frozenset({Flaw.LABELLED, Flaw.DATE, Flaw.OTHER_COLUMN})
"""Flaws of what is told though it has no number, and so stops none."""


def _told_alone(entries: list[Entry]) -> list[Entry]:
    """Return the entries; where no number is left, what was only told is why."""
    if any(entry.accepted or entry.severity == STOP for entry in entries):
        return entries
    return [
        replace(entry, severity=STOP, more=False) if entry.problem in _NO_NUMBER else entry
        for entry in entries
    ]


# One reading, one row, one case


def _told_apart(entries: Sequence[Entry]) -> list[Entry]:
    """Return the entries with ambiguous ones read as the certain rows of the list are written."""
    if not any(entry.either for entry in entries):
        return list(entries)
    forms = {entry.form for entry in entries if entry.accepted}
    return [_as_others(entry, forms) if entry.either else entry for entry in entries]


def _as_others(entry: Entry, forms: set[str]) -> Entry:
    """Return the reading that goes with how the other rows are written; the entry if none does.

    An ambiguous text has no plus. Where the others keep the zero that it lacks, it is no national
    number, so its plus is what was lost.
    """
    national, international = entry.either
    as_national = national.form in forms
    keeps_zero = national.form == Form.SHORT and Form.NATIONAL in forms
    if as_national == (Form.BARE in forms):
        return international if keeps_zero and not as_national else entry
    return national if as_national else international


def _each_once(entries: Iterable[Entry]) -> list[Entry]:
    """Return the entries; a number that stands again is told where it stands first."""
    first: dict[str, Entry] = {}
    once: list[Entry] = []
    for entry in entries:
        if not entry.may_go:
            once.append(entry)
        elif entry.number in first:
            once.append(entry.told(Flaw.DUPLICATE, CAUTION, of_line=_row(first[entry.number])))
        else:
            first[entry.number] = entry
            once.append(entry)
    return once


def _row(entry: Entry) -> int | str:
    return row_name(entry.sheet, entry.line) if entry.sheet else entry.line


def _not_busy(entries: list[Entry], busy: Mapping[str, str], severity: str) -> list[Entry]:
    """Return the entries; a number in an open case is told with it (sections 1 and 6)."""
    if not busy:
        return entries
    return [
        entry.told(Flaw.IN_OPEN_CASE, severity, case=busy[entry.number])
        if entry.accepted and entry.number in busy
        else entry
        for entry in entries
    ]


# Blocks

_PORTS = frozenset({CaseType.PORT_IN, CaseType.INTER_TENANT_PORT})
_IN_BLOCKS = frozenset({NumberKind.GEOGRAPHIC, NumberKind.GEOGRAPHIC_OR_MOBILE, NumberKind.VOIP})


def _in_blocks(entries: list[Entry], purpose: Purpose) -> list[Entry]:
    """Return the entries; a number whose block is not complete is told how many are missing."""
    country = all_countries().get(purpose.region)
    size = country.block_size if country else 1
    if size == 1 or purpose.case_type not in {None, *_PORTS}:
        return entries
    counts = Counter(int(entry.number) // size for entry in entries if _has_block(entry))
    return [_of_block(entry, counts, size) if _has_block(entry) else entry for entry in entries]


def _has_block(entry: Entry) -> bool:
    return entry.accepted and entry.kind in _IN_BLOCKS


def _of_block(entry: Entry, counts: Mapping[int, int], size: int) -> Entry:
    block = int(entry.number) // size
    missing = size - counts[block]
    if not missing or entry.problem:
        return entry
    first, last = f"+{block * size}", f"+{block * size + size - 1}"
    return entry.told(Flaw.OUTSIDE_BLOCK, CAUTION, missing=missing, first=first, last=last)


# Lawful cases

_TOLL, _TOLL_FREE, _MOBILE, _ALL = "toll", "toll_free", "mobile", "all"
_USER, _SERVICE = "user", "service"


def _groups(entries: Iterable[Entry], purpose: Purpose) -> dict[str, list[Entry]]:
    """Return the accepted entries by the cases that they may stand in, in the list's order.

    A port order takes one type of number from one carrier: toll, toll-free or mobile, and service
    numbers alone (section 6); a port between tenants is such an order. A list that nobody said a
    purpose of is looked at as one that might be ported. A change of inventory type keeps
    toll-free apart, which never was a user number (section 7). Other cases take any list.
    """
    going = [entry for entry in entries if entry.accepted]
    by_usage = any(entry.usage and _natural(entry) == _TOLL for entry in going)
    groups: dict[str, list[Entry]] = {}
    for entry in going:
        groups.setdefault(_key(entry, purpose.case_type, by_usage=by_usage), []).append(entry)
    return groups


def _natural(entry: Entry) -> str:
    """Return the type of number; what is no toll-free and surely no mobile number is toll."""
    if entry.kind is NumberKind.TOLL_FREE:
        return _TOLL_FREE
    return _MOBILE if entry.kind is NumberKind.MOBILE else _TOLL


def _key(entry: Entry, case_type: CaseType | None, *, by_usage: bool) -> str:
    natural = _natural(entry)
    if case_type is CaseType.INVENTORY_TYPE_CHANGE:
        return _TOLL_FREE if natural == _TOLL_FREE else _TOLL
    if case_type is not None and case_type not in _PORTS:
        return _ALL
    # Where a list says which numbers are for services, the others are for people.
    return (entry.usage or _USER) if by_usage and natural == _TOLL else natural


# What it comes to


def _summary(
    entries: Sequence[Entry], groups: Mapping[str, Sequence[Entry]], purpose: Purpose
) -> Summary:
    going = [entry for group in groups.values() for entry in group]
    refused = [entry for entry in entries if entry.severity == STOP]
    causes = _causes(entries)
    return Summary(
        rows=sum(not entry.more for entry in entries),
        numbers=len(going),
        kinds=_counted(entry.kind for entry in going),
        stops=_counted(entry.problem for entry in refused),
        cautions=_counted(entry.problem for entry in entries if entry.severity == CAUTION),
        repaired=_counted(entry.repaired for entry in entries if entry.repaired),
        findings=tuple(map(_finding, sorted(causes, key=_urgency)[:FINDINGS])),
        groups=tuple(_group(key, group) for key, group in groups.items()),
        advice=_advice(groups, purpose),
        refused_rows=len(_rows(refused)),
        told=len(causes),
    )


def _counted(codes: Iterable[str]) -> dict[str, int]:
    """Return how often each code occurs, the most frequent first."""
    return {str(code): count for code, count in Counter(codes).most_common()}


_OF_OTHERS = frozenset({Flaw.DUPLICATE, Flaw.OUTSIDE_BLOCK, Flaw.IN_OPEN_CASE, Flaw.OTHER_COLUMN})
"""Flaws that lie in something else, a row, a block, a case, however the number is written."""
_FIRST_TOLD = frozenset(
    {Flaw.NOT_PORTABLE, Flaw.IN_OPEN_CASE, Flaw.COLUMN_UNREAD, Flaw.OTHER_COLUMN}
)
"""Flaws that leave something aside."""


def _causes(entries: Iterable[Entry]) -> list[list[Entry]]:
    """Return what there is to tell, each with all entries of which it is true, in their order.

    That is the same against texts that are written alike, such as the numbers of a range.
    """
    causes: dict[Hashable, list[Entry]] = {}
    for entry in entries:
        if entry.problem:
            written = "" if entry.problem in _OF_OTHERS else entry.text
            cause = (entry.problem, written, *entry.params.values())
            causes.setdefault(cause, []).append(entry)
    return list(causes.values())


def _urgency(cause: Sequence[Entry]) -> int:
    """Return what goes first: what stops, then what is left aside, then all else."""
    entry = cause[0]
    if entry.severity == STOP:
        return 0
    return 1 if entry.problem in _FIRST_TOLD else 2


def _finding(cause: Sequence[Entry]) -> Finding:
    first, lines = cause[0], _rows(cause)
    alike = all(entry.text == first.text for entry in cause)
    last = cause[-1]
    in_a_row = last.sheet == first.sheet and last.line - first.line == len(lines) - 1
    return Finding(
        line=first.line,
        text=first.text[:TEXT_SHOWN] if alike else "",
        number=first.number,
        code=first.problem,
        severity=first.severity,
        params=first.params,
        count=len(cause),
        rows=len(lines),
        last=last.line if in_a_row else 0,
        sheet=first.sheet,
    )


def _rows(entries: Iterable[Entry]) -> set[tuple[str, int]]:
    return {(entry.sheet, entry.line) for entry in entries}


def _group(key: str, entries: Sequence[Entry]) -> Group:
    return Group(key=key, count=len(entries), head=tuple(entry.number for entry in entries[:SHOWN]))


def _advice(groups: Mapping[str, Sequence[Entry]], purpose: Purpose) -> tuple[str, ...]:
    """Return what a port's requester should know; the wizard is for user numbers of one order."""
    if purpose.case_type is not CaseType.PORT_IN:
        return ()
    count = sum(map(len, groups.values()))
    of_users = len(groups) == 1 and groups.keys() <= {_TOLL, _USER}
    door = {
        Advice.DESK_ONLY: count > WIZARD_MOST,
        Advice.WIZARD: of_users and count <= WIZARD_MOST,
        Advice.PORT_AS_ONE: groups.keys() == {_USER, _SERVICE}
        and _share_a_block(groups[_USER], groups[_SERVICE]),
    }
    return tuple(advice for advice, holds in door.items() if holds)


def _share_a_block(users: Iterable[Entry], services: Iterable[Entry]) -> bool:
    """Return whether a user number and a service number follow each other."""
    usage = {int(e.number): _USER for e in users} | {int(e.number): _SERVICE for e in services}
    return any(
        after - before == 1 and usage[before] != usage[after]
        for before, after in pairwise(sorted(usage))
    )
