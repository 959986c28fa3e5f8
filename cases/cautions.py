"""What is told of a case though it stops nobody: a line each on review, summary and desk card.

A caution is a code with parameters, like a refusal; its sentence is `caution.<code>` in the
strings. A topic is a pure function of the case type, the answers, the country and the instant at
which they were given; whoever has something to tell adds one to `_TOPICS`.
"""

from collections.abc import Callable
from datetime import datetime

from cases import preflight, quota, schedule
from cases.countries import Country
from cases.fields import Answers
from cases.model import Caution
from cases.vocabulary import CaseType

Topic = Callable[[CaseType, Answers, Country, datetime], tuple[Caution, ...]]

_TOPICS: tuple[Topic, ...] = (schedule.cautions, quota.cautions, preflight.cautions)
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
