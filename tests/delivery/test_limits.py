"""The limits of Teams hold in every window, wherever it begins."""

import pytest

from delivery.limits import CONVERSATION, TENANT, Limit, Limits, Windows


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
    return Limits(time, margin=0)


def most_in(stamps: list[float], per: float) -> int:
    return max(sum(1 for at in stamps if start <= at < start + per) for start in stamps)


def test_windows_free_up_as_they_slide() -> None:
    windows = Windows((Limit(2, 1), Limit(3, 10)), margin=0)
    assert windows.free_at(5.0) == 5.0
    for at in (5.0, 5.5):
        windows.take(at)
    assert windows.free_at(5.6) == 6.0
    windows.take(6.0)
    assert windows.free_at(6.1) == 15.0


def test_a_conversation_keeps_all_its_windows(limits: Limits, time: Time) -> None:
    sent: list[float] = []
    while len(sent) < 2000:
        wait = limits.ask("t", "a:1", "lane")
        if wait == 0:
            sent.append(time.now)
        time.now += wait or 0.001
    for limit in CONVERSATION:
        assert most_in(sent, limit.per) <= limit.most
    assert time.now - 1000 < 3700, "no slower than it must be"


def test_a_tenant_keeps_its_window_over_many_conversations(limits: Limits, time: Time) -> None:
    waiting = {f"a:{number}": 0.0 for number in range(400)}
    sent: list[float] = []
    asks = 0
    while waiting:
        for chat, due in list(waiting.items()):
            if due <= time.now:
                asks += 1
                wait = limits.ask("t", chat, chat)
                waiting[chat] = time.now + wait
                if wait == 0:
                    sent.append(time.now)
                    del waiting[chat]
        time.now += 0.01
    assert most_in(sent, 0.99) <= TENANT[0].most
    assert asks <= 2 * 400, "whoever waits has a slot, and asks no third time"
    assert time.now - 1000 < 8.1


def test_tenants_and_conversations_do_not_wait_for_each_other(limits: Limits) -> None:
    for number in range(60):
        limits.ask("busy", f"b:{number}", str(number))
    for _ in range(7):
        assert limits.ask("t", "a:1", "one") == 0
    assert limits.ask("t", "a:1", "one") > 0
    assert limits.ask("t", "a:2", "two") == 0


def test_threads_share_their_channel(limits: Limits) -> None:
    for number in range(7):
        assert limits.ask("t", f"19:c;messageid={number}", f"lane {number}") == 0
    assert limits.ask("t", "19:c", "lane") > 0


def test_counts_what_was_sent_without_asking(limits: Limits) -> None:
    for _ in range(7):
        limits.count("t", "a:1")
    assert limits.ask("t", "a:1", "one") == 1.0


def test_forgets_who_is_silent(time: Time) -> None:
    limits = Limits(time)
    for number in range(11_000):
        limits.ask(f"t{number}", f"a:{number}", "lane")
    time.now += 4000
    limits.ask("t", "a:1", "lane")
    assert len(limits._conversations) < 10
