"""The lifecycle of a case as one table: (status, verb, role) -> status.

```mermaid
stateDiagram-v2
    [*] --> submitted: open
    submitted --> in_progress: take
    submitted --> waiting_for_details: ask
    submitted --> on_hold: hold
    in_progress --> waiting_for_details: ask
    in_progress --> on_hold: hold
    waiting_for_details --> in_progress: customer's comment, take
    waiting_for_details --> on_hold: hold
    on_hold --> in_progress: take
    on_hold --> waiting_for_details: ask
    submitted --> in_progress: schedule
    on_hold --> in_progress: schedule (the carrier agreed)
    submitted --> resolved: resolve
    in_progress --> resolved: resolve
    waiting_for_details --> resolved: resolve
    on_hold --> resolved: resolve
    submitted --> cancelled: cancel
    in_progress --> cancelled: cancel
    waiting_for_details --> cancelled: cancel
    on_hold --> cancelled: cancel
    resolved --> in_progress: reopen within 14 days
    resolved --> [*]
    cancelled --> [*]
```
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from types import MappingProxyType

from cases.catalogue import FIRST_ANSWER, FIRST_ANSWER_BUSINESS_DAYS
from cases.errors import NotAllowed, NotPossible
from cases.localtime import business_days_later
from cases.model import Case
from cases.vocabulary import Role, Severity, Status, Verb

REOPEN_WITHIN = timedelta(days=14)

OPEN = (
    Status.SUBMITTED,
    Status.IN_PROGRESS,
    Status.WAITING_FOR_DETAILS,
    Status.ON_HOLD,
)
_CUSTOMERS = (Role.REQUESTER, Role.COLLEAGUE)

Move = tuple[Status, Verb, Role]


def _moves() -> Iterator[tuple[Move, Status]]:
    for status in OPEN:
        yield (status, Verb.TAKE, Role.AGENT), Status.IN_PROGRESS
        yield (status, Verb.ASK, Role.AGENT), Status.WAITING_FOR_DETAILS
        yield (status, Verb.HOLD, Role.AGENT), Status.ON_HOLD
        # A date is no answer to what the customer was asked.
        asked = status is Status.WAITING_FOR_DETAILS
        yield (status, Verb.SCHEDULE, Role.AGENT), status if asked else Status.IN_PROGRESS
        for role in (Role.AGENT, Role.REQUESTER):
            yield (status, Verb.RESOLVE, role), Status.RESOLVED
        yield (status, Verb.CANCEL, Role.REQUESTER), Status.CANCELLED
    for status in (*OPEN, Status.RESOLVED):
        yield (status, Verb.COMMENT, Role.AGENT), status
        for role in _CUSTOMERS:
            waits = status is Status.WAITING_FOR_DETAILS
            yield (status, Verb.COMMENT, role), Status.IN_PROGRESS if waits else status
    for status in Status:
        yield (status, Verb.NOTE, Role.AGENT), status
    for role in (Role.AGENT, Role.REQUESTER):
        yield (Status.RESOLVED, Verb.REOPEN, role), Status.IN_PROGRESS


TABLE: Mapping[Move, Status] = MappingProxyType(dict(_moves()))
"""What each role may do in each status, and the status that follows; all else is refused."""


def follow(case: Case, verb: Verb, role: Role, now: datetime) -> Status:
    """Return the status that follows; raises `NotAllowed` or `NotPossible`."""
    if not any((status, verb, role) in TABLE for status in Status):
        raise NotAllowed("not_allowed", verb=verb)
    following = TABLE.get((case.status, verb, role))
    if following is None:
        raise NotPossible("not_possible", verb=verb, status=case.status)
    if verb is Verb.REOPEN and now > (case.closed or case.updated) + REOPEN_WITHIN:
        raise NotPossible("reopen_too_late", days=REOPEN_WITHIN.days)
    return following


def open_verbs(case: Case, role: Role, now: datetime) -> tuple[Verb, ...]:
    """Return what this role may do to the case now."""
    late = now > (case.closed or case.updated) + REOPEN_WITHIN
    return tuple(
        verb
        for verb in Verb
        if (case.status, verb, role) in TABLE and not (verb is Verb.REOPEN and late)
    )


def first_answer_due(severity: Severity, opened: datetime, zone: str) -> datetime:
    """Return when the first answer is due, in business days of the zone but for severity a."""
    if severity in FIRST_ANSWER:
        return opened + FIRST_ANSWER[severity]
    return business_days_later(opened, FIRST_ANSWER_BUSINESS_DAYS[severity], zone)
