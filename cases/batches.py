"""Batches: one intake that becomes several lawful cases, which go on as one (domain, section 6).

Each part is a case like any other; what they have in common is the id of the draft, and how far
they have come as a whole.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from cases.deeds import DESK, opened_by, person
from cases.model import BALL, Case, Change, Draft, Notice, Part, Redrawn
from cases.vocabulary import Ball, NoticeKind, Status

MOST_PARTS = 6
"""Cases of one batch: one for each thing that numbers can have in common, and some room."""

_FARTHEST_FIRST = (
    Status.WAITING_FOR_DETAILS,
    Status.SUBMITTED,
    Status.IN_PROGRESS,
    Status.ON_HOLD,
    Status.RESOLVED,
    Status.CANCELLED,
)
"""Which part tells how a batch stands: one that waits for the customer, else the least advanced."""


@dataclass(frozen=True)
class RollUp:
    """How far a batch is as a whole."""

    parts: int
    closed: int
    status: Status

    @property
    def ball(self) -> Ball | None:
        """Whose turn it is; nobody's once all parts are closed."""
        return BALL.get(self.status)


def rolled_up(parts: Sequence[Case]) -> RollUp:
    """Return how a batch stands; some are resolved and the rest cancelled: it is resolved."""
    status = min((part.status for part in parts), key=_FARTHEST_FIRST.index)
    closed = sum(not part.is_open for part in parts)
    return RollUp(parts=len(parts), closed=closed, status=status)


def drafts_of(draft: Draft, parts: Sequence[Part]) -> tuple[Draft, ...]:
    """Return a draft for each part: its own numbers and files, all else as it was answered.

    The first keeps the draft's id, the others are `{id}.2`, `{id}.3` and so on, always.
    """
    if len(parts) > MOST_PARTS:
        raise ValueError(f"a batch has at most {MOST_PARTS} parts, not {len(parts)}")
    if len(parts) < 2:
        return (draft,)
    return tuple(
        draft.but(
            id=draft.id if at == 1 else f"{draft.id}.{at}",
            answers={**draft.answers, "numbers": part.numbers},
            files=part.files,
        )
        for at, part in enumerate(parts, start=1)
    )


def as_part(case: Case, batch: str, at: int, parts: Sequence[Part]) -> Case:
    """Return the case as the part `at` (from 1) of a batch; as it is if there are no parts."""
    if len(parts) < 2:
        return case
    return case.but(batch=batch, part=at, parts=len(parts), group=parts[at - 1].key)


def redrawn(change: Change, parts: Iterable[Case]) -> tuple[Redrawn, ...]:
    """Return the other parts of a changed case's batch, whose cards show its status as well."""
    return tuple(
        Redrawn(case=part, notices=tuple(_redrawing(part, change)))
        for part in parts
        if part.number != change.before.number
    )


def _redrawing(part: Case, change: Change) -> Iterator[Notice]:
    """Yield a notice for everyone who has a card of the part.

    Its id is made of the event of the other case, so that it is a new one each time; what the part
    itself can be looked up by is the event that opened it.
    """
    cause = change.event.but(id=f"{change.before.uid}:{change.event.id}")
    for to in (DESK, *map(person, part.watchers)):
        notice = Notice.about(part, cause, to, NoticeKind.UPDATE)
        yield notice.but(event=opened_by(part.uid))
