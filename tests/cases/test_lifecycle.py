"""The lifecycle as a table of its own, held against every status, verb and role."""

from datetime import timedelta
from itertools import product

import pytest

from cases.errors import DeskError, NotAllowed, NotPossible
from cases.lifecycle import TABLE, follow, open_verbs
from cases.model import Case
from cases.vocabulary import Ball, Role, Status, Verb
from tests.cases.samples import NOW, case

# A line per verb: what follows in each status, `=` for no change, `-` for refused.
COLUMNS = (
    Status.SUBMITTED,
    Status.IN_PROGRESS,
    Status.WAITING_FOR_DETAILS,
    Status.ON_HOLD,
    Status.RESOLVED,
    Status.CANCELLED,
)
SHORT = {
    "prog": Status.IN_PROGRESS,
    "wait": Status.WAITING_FOR_DETAILS,
    "hold": Status.ON_HOLD,
    "done": Status.RESOLVED,
    "cancelled": Status.CANCELLED,
}
EXPECTED = {
    Role.AGENT: """
        open     -          -          -          -          -     -
        comment  =          =          =          =          =     -
        note     =          =          =          =          =     =
        take     prog       prog       prog       prog       -     -
        ask      wait       wait       wait       wait       -     -
        hold     hold       hold       hold       hold       -     -
        schedule prog       prog       =          prog       -     -
        resolve  done       done       done       done       -     -
        cancel   -          -          -          -          -     -
        reopen   -          -          -          -          prog  -
    """,
    Role.REQUESTER: """
        open     -          -          -          -          -     -
        comment  =          =          prog       =          =     -
        note     -          -          -          -          -     -
        take     -          -          -          -          -     -
        ask      -          -          -          -          -     -
        hold     -          -          -          -          -     -
        schedule -          -          -          -          -     -
        resolve  done       done       done       done       -     -
        cancel   cancelled  cancelled  cancelled  cancelled  -     -
        reopen   -          -          -          -          prog  -
    """,
    Role.COLLEAGUE: """
        open     -          -          -          -          -     -
        comment  =          =          prog       =          =     -
        note     -          -          -          -          -     -
        take     -          -          -          -          -     -
        ask      -          -          -          -          -     -
        hold     -          -          -          -          -     -
        schedule -          -          -          -          -     -
        resolve  -          -          -          -          -     -
        cancel   -          -          -          -          -     -
        reopen   -          -          -          -          -     -
    """,
}


def expected() -> dict[tuple[Status, Verb, Role], Status | None]:
    table: dict[tuple[Status, Verb, Role], Status | None] = {}
    for role, lines in EXPECTED.items():
        for line in lines.strip().splitlines():
            verb, *cells = line.split()
            for status, cell in zip(COLUMNS, cells, strict=True):
                after = status if cell == "=" else SHORT.get(cell)
                table[status, Verb(verb), role] = after
    return table


WALKS = expected()


def following(a_case: Case, verb: Verb, role: Role) -> Status | None:
    try:
        return follow(a_case, verb, role, NOW)
    except DeskError:
        return None


def test_the_expected_table_is_whole() -> None:
    assert set(WALKS) == set(product(Status, Verb, Role))


@pytest.mark.parametrize("status, verb, role", WALKS.keys())
def test_a_move_is_what_the_table_says(status: Status, verb: Verb, role: Role) -> None:
    after = WALKS[status, verb, role]
    assert following(case(status), verb, role) is after
    assert TABLE.get((status, verb, role)) is after
    assert (verb in open_verbs(case(status), role, NOW)) == (after is not None)


@pytest.mark.parametrize("role, verb", [*product(Role, Verb)])
def test_what_a_role_may_never_do_is_told_from_what_it_may_not_do_now(
    role: Role, verb: Verb
) -> None:
    ever = any(WALKS[status, verb, role] for status in Status)
    for status in Status:
        if WALKS[status, verb, role]:
            continue
        with pytest.raises(NotPossible if ever else NotAllowed) as caught:
            follow(case(status), verb, role, NOW)
        assert caught.value.params["verb"] == verb


@pytest.mark.parametrize("role", [Role.AGENT, Role.REQUESTER])
def test_a_case_is_reopened_within_fourteen_days(role: Role) -> None:
    resolved = case(Status.RESOLVED)
    last = NOW + timedelta(days=14)
    assert follow(resolved, Verb.REOPEN, role, last) is Status.IN_PROGRESS
    assert Verb.REOPEN in open_verbs(resolved, role, last)
    late = last + timedelta(seconds=1)
    with pytest.raises(NotPossible) as caught:
        follow(resolved, Verb.REOPEN, role, late)
    assert (caught.value.code, caught.value.params) == ("reopen_too_late", {"days": 14})
    assert Verb.REOPEN not in open_verbs(resolved, role, late)


def test_the_window_is_counted_from_the_resolution_not_from_the_last_comment() -> None:
    commented = case(Status.RESOLVED, updated=NOW + timedelta(days=10))
    assert Verb.REOPEN not in open_verbs(commented, Role.REQUESTER, NOW + timedelta(days=15))


def test_a_case_that_does_not_say_when_it_was_closed_counts_from_its_last_change() -> None:
    assert Verb.REOPEN in open_verbs(case(Status.RESOLVED, closed=None), Role.AGENT, NOW)


def test_verbs_are_offered_in_one_order() -> None:
    assert open_verbs(case(), Role.REQUESTER, NOW) == (Verb.COMMENT, Verb.RESOLVE, Verb.CANCEL)
    assert open_verbs(case(Status.CANCELLED), Role.REQUESTER, NOW) == ()


def test_the_ball_is_with_whoever_has_to_move() -> None:
    assert {status: case(status).ball for status in Status} == {
        Status.SUBMITTED: Ball.DESK,
        Status.IN_PROGRESS: Ball.DESK,
        Status.WAITING_FOR_DETAILS: Ball.CUSTOMER,
        Status.ON_HOLD: Ball.CARRIER,
        Status.RESOLVED: None,
        Status.CANCELLED: None,
    }
    assert {status for status in Status if not case(status).is_open} == {
        Status.RESOLVED,
        Status.CANCELLED,
    }
