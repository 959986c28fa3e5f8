"""What follows from the answer to a message: pure rules, without a store and without a clock."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, TypeAlias

from cases.ports import Outcome, Sent

MOST_UNKNOWN: Final = 20
"""Tries that may have been shown; what was certainly refused may be tried for as long as it is
worth telling."""
MOST_FAULTS: Final = 3
LONGEST_AGE: Final = timedelta(hours=24)
FIRST_PAUSE: Final = timedelta(seconds=1)
LONGEST_PAUSE: Final = timedelta(minutes=5)
LOGIN_PAUSE: Final = timedelta(minutes=1)
"""At least this long: refused credentials or a missing bot take a person to mend."""

_MOST_DOUBLINGS: Final = 20
_IN_DOUBT: Final = frozenset({Sent.UNKNOWN, Sent.FAULT})

Draw = Callable[[float], float]
"""Returns a random number from 0 to the given one."""


@dataclass(frozen=True)
class Tried:
    """How often and how long a notice has been tried, the last try included."""

    tries: int
    unknown: int
    """Tries that may have been shown, the faults among them."""
    faults: int
    age: timedelta


@dataclass(frozen=True)
class Retry:
    """Send it again after a while."""

    after: timedelta
    why: str
    reason: str
    in_doubt: bool = False
    """This try may have been shown."""
    fault: bool = False


@dataclass(frozen=True)
class Dead:
    """Give it up: a dead letter that an operator may replay."""

    why: str
    reason: str


Verdict: TypeAlias = Retry | Dead


def judge(
    outcome: Outcome, tried: Tried, draw: Draw, *, mendable: bool = False, patient: bool = False
) -> Verdict:
    """Return what to do after a failure.

    `mendable` places come back without a word from anyone; `patient` ones are tried for as long as
    it is worth telling, whatever they answer.
    """
    sent = outcome.sent
    why = outcome.why or str(sent)
    if _hopeless(sent, mendable) or (sent is Sent.FAULT and tried.faults >= MOST_FAULTS):
        return Dead(why, str(sent))
    tired = tried.unknown >= MOST_UNKNOWN and not patient
    if tired or tried.age >= LONGEST_AGE:
        return Dead(f"expired: {why}", "expired")
    pause = _pause(outcome, tried.tries, draw)
    return Retry(pause, why, str(sent), sent in _IN_DOUBT, sent is Sent.FAULT)


def tried_now(outcome: Outcome, before: Tried) -> Tried:
    """Count the try that came to this outcome."""
    return Tried(
        tries=before.tries + 1,
        unknown=before.unknown + (outcome.sent in _IN_DOUBT),
        faults=before.faults + (outcome.sent is Sent.FAULT),
        age=before.age,
    )


def backoff(tries: int, draw: Draw) -> timedelta:
    """Return a pause with full jitter that doubles its reach with every try."""
    reach = min(FIRST_PAUSE * 2 ** max(0, min(tries, _MOST_DOUBLINGS) - 1), LONGEST_PAUSE)
    return timedelta(seconds=draw(reach.total_seconds()))


def _hopeless(sent: Sent, mendable: bool) -> bool:
    return sent is Sent.WRONG or (sent is Sent.GONE and not mendable)


def _pause(outcome: Outcome, tries: int, draw: Draw) -> timedelta:
    pause = backoff(tries, draw)
    if outcome.sent in (Sent.UNAUTHORIZED, Sent.GONE):
        return LOGIN_PAUSE + pause
    if outcome.sent is Sent.UNKNOWN:
        # Not for ever at one pace: what may have been shown is tried a few times only.
        return max(pause, outcome.retry_after or pause)
    if outcome.retry_after is not None:
        # Everybody was told the same moment; the jitter keeps them from meeting there.
        return outcome.retry_after + min(pause, FIRST_PAUSE)
    return pause
