"""What follows from the answer to a message: pure rules, without a store and without a clock."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, TypeAlias

from cases.ports import Outcome, Sent

MOST_TRIES: Final = 20
MOST_FAULTS: Final = 3
LONGEST_AGE: Final = timedelta(hours=24)
FIRST_PAUSE: Final = timedelta(seconds=1)
LONGEST_PAUSE: Final = timedelta(minutes=5)
LOGIN_PAUSE: Final = timedelta(minutes=1)
"""At least this long: refused credentials or a missing bot take a person to mend."""

Draw = Callable[[float], float]
"""Returns a random number from 0 to the given one."""


@dataclass(frozen=True)
class Tried:
    """How often and how long a notice has been tried, the last try included."""

    tries: int
    faults: int
    age: timedelta
    in_doubt: bool


@dataclass(frozen=True)
class Retry:
    """Send it again after a while."""

    after: timedelta
    why: str
    reason: str
    in_doubt: bool


@dataclass(frozen=True)
class Dead:
    """Give it up: a dead letter that an operator may replay."""

    why: str
    reason: str


Verdict: TypeAlias = Retry | Dead


def judge(outcome: Outcome, tried: Tried, draw: Draw, *, mendable: bool = False) -> Verdict:
    """Return what to do after a failure; `mendable` places come back without a word from anyone."""
    sent = outcome.sent
    why = outcome.why or str(sent)
    if _hopeless(sent, mendable) or (sent is Sent.FAULT and tried.faults >= MOST_FAULTS):
        return Dead(why, str(sent))
    if tried.tries >= MOST_TRIES or tried.age >= LONGEST_AGE:
        return Dead(f"expired: {why}", "expired")
    doubt = tried.in_doubt or sent in (Sent.UNKNOWN, Sent.FAULT)
    return Retry(_pause(outcome, tried.tries, draw), why, str(sent), doubt)


def backoff(tries: int, draw: Draw) -> timedelta:
    """Return a pause with full jitter that doubles its reach with every try."""
    reach = min(FIRST_PAUSE * 2 ** max(0, min(tries, MOST_TRIES) - 1), LONGEST_PAUSE)
    return timedelta(seconds=draw(reach.total_seconds()))


def _hopeless(sent: Sent, mendable: bool) -> bool:
    return sent is Sent.WRONG or (sent is Sent.GONE and not mendable)


def _pause(outcome: Outcome, tries: int, draw: Draw) -> timedelta:
    pause = backoff(tries, draw)
    if outcome.sent in (Sent.UNAUTHORIZED, Sent.GONE):
        return LOGIN_PAUSE + pause
    if outcome.retry_after is not None:
        # Everybody was told the same moment; the jitter keeps them from meeting there.
        return outcome.retry_after + min(pause, FIRST_PAUSE)
    return pause
