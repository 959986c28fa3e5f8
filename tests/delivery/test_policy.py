"""How long is waited before a notice is tried again."""

from datetime import timedelta

import pytest

from cases.ports import Outcome, Sent
from delivery.policy import LONGEST_PAUSE, Retry, Tried, judge

FIVE = timedelta(seconds=5)


def pause(sent: Sent, tries: int, retry_after: timedelta | None) -> timedelta:
    tried = Tried(tries=tries, unknown=tries, faults=0, age=timedelta())
    verdict = judge(Outcome(sent, retry_after=retry_after), tried, lambda most: most)
    assert isinstance(verdict, Retry)
    return verdict.after


@pytest.mark.parametrize(
    "sent, tries, retry_after, seconds",
    [
        (Sent.LATER, 1, None, 1),
        (Sent.LATER, 4, None, 8),
        (Sent.LATER, 9, FIVE, 6),
        (Sent.UNKNOWN, 1, FIVE, 5),
        (Sent.UNKNOWN, 4, FIVE, 8),
        (Sent.UNKNOWN, 1, None, 1),
        (Sent.UNKNOWN, 19, FIVE, LONGEST_PAUSE.total_seconds()),
    ],
)
def test_waits_ever_longer_and_as_long_as_it_is_asked_to(
    sent: Sent, tries: int, retry_after: timedelta | None, seconds: float
) -> None:
    assert pause(sent, tries, retry_after) == timedelta(seconds=seconds)


def test_a_service_that_hangs_for_half_an_hour_kills_no_notice() -> None:
    waited = sum((pause(Sent.UNKNOWN, tries, FIVE) for tries in range(1, 20)), timedelta())
    assert waited > timedelta(minutes=30)
