"""What a message counts against; the counting itself is the store's, and tested there."""

import pytest

from delivery.limits import CONVERSATION, TENANT, Limits


class Time:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def limits(time: Time) -> Limits:
    return Limits(time)


def test_keeps_a_margin_to_what_teams_says() -> None:
    said = [(7, 1), (8, 2), (60, 30), (1800, 3600), (50, 1)]
    kept = [(limit.most, limit.per) for limit in (*CONVERSATION, *TENANT)]
    assert all(
        most == least and per > span for (most, per), (least, span) in zip(kept, said, strict=True)
    )


def test_a_message_counts_in_its_conversation_and_in_its_tenant(limits: Limits) -> None:
    chat, tenant = limits.quotas("t", "a:1")
    assert (chat.tenant, chat.conversation, chat.limits) == ("t", "a:1", CONVERSATION)
    assert (tenant.tenant, tenant.conversation, tenant.limits) == ("t", "", TENANT)


def test_threads_share_their_channel(limits: Limits) -> None:
    limits.count("t", "19:c;messageid=2")
    chat, _ = limits.quotas("t", "19:c;messageid=1")
    assert (chat.conversation, chat.told) == ("19:c", (0.0,))


def test_tells_of_an_answer_once(limits: Limits, time: Time) -> None:
    limits.count("t", "a:1")
    time.now += 0.5
    limits.count("t", "a:2")
    assert [quota.told for quota in limits.quotas("t", "a:1")] == [(0.5,), (0.5, 0.0)]
    assert [quota.told for quota in limits.quotas("t", "a:2")] == [(0.0,), ()]
    assert [quota.told for quota in limits.quotas("u", "a:1")] == [(), ()]


def test_forgets_what_is_long_ago(limits: Limits, time: Time) -> None:
    for number in range(11_000):
        limits.count(f"t{number}", "a:1")
    time.now += 40
    limits.count("t", "a:1")
    assert len(limits._untold) < 10
    assert limits.quotas("t5", "a:1")[0].told == ()
