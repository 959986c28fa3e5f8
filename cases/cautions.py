"""What is told of a case though it stops nobody: a line each on review, summary and desk card.

A caution is a code with parameters, like a refusal; its sentence is `caution.<code>` in the
strings. A topic is a pure function of the case type, the answers, the country and the instant at
which they were given; whoever has something to tell adds one to `_TOPICS`.
"""

from collections.abc import Callable, Iterator
from datetime import datetime

from cases import preflight, quota, schedule
from cases.countries import Country
from cases.fields import Answers
from cases.findings import Advice, Flaw
from cases.model import Caution
from cases.vocabulary import CaseType

Topic = Callable[[CaseType, Answers, Country, datetime], tuple[Caution, ...]]


def _of_list(answers: Answers) -> Iterator[Caution]:
    """Yield what the check of the number list found, though it stops nobody."""
    value = answers.get("numbers")
    if not isinstance(value, dict):
        return
    advice, found = value.get("advice"), value.get("cautions")
    told = advice if isinstance(advice, list) else []
    if Advice.WIZARD in told:
        yield Caution(code="list_wizard")
    if Advice.DESK_ONLY in told:
        yield Caution(code="list_desk_only")
    counts = found if isinstance(found, dict) else {}
    if Flaw.OUTSIDE_BLOCK in counts:
        yield Caution(code="list_blocks", params={"count": counts[Flaw.OUTSIDE_BLOCK]})
    if Flaw.COLUMN_UNREAD in counts:
        yield Caution(code="list_columns", params={"count": counts[Flaw.COLUMN_UNREAD]})
    if Flaw.OTHER_COLUMN in counts:
        yield Caution(code="list_empty_rows", params={"count": counts[Flaw.OTHER_COLUMN]})
    if Flaw.UNUSUAL_KIND in counts:
        yield Caution(code="list_unusual", params={"count": counts[Flaw.UNUSUAL_KIND]})


def _list_cautions(
    _case_type: CaseType, answers: Answers, _country: Country, _now: datetime
) -> tuple[Caution, ...]:
    return tuple(_of_list(answers))


_TOPICS: tuple[Topic, ...] = (
    _list_cautions,
    schedule.cautions,
    quota.cautions,
    preflight.cautions,
)
"""In the order in which their lines stand."""


def cautions(
    case_type: CaseType | None, answers: Answers, country: Country, now: datetime
) -> tuple[Caution, ...]:
    """Return what has to be told of these answers; nothing of a general inquiry.

    `now` is the instant of asking; for a case, that at which it was opened.
    """
    if case_type is None:
        return ()
    return tuple(said for topic in _TOPICS for said in topic(case_type, answers, country, now))
