"""Failpoints: what may be ordered, when it happens, and that nothing happens without an order."""

import subprocess
import sys

import pytest

from config import ConfigError, Settings
from failpoints import failpoint_of


def test_without_orders_nothing_happens() -> None:
    reached = failpoint_of("")
    reached("before_post")


@pytest.mark.parametrize("orders", ["before_post", "a=pause", "a=kill@0", "a=kill@x", "A=kill"])
def test_refuses_what_is_no_order(orders: str) -> None:
    with pytest.raises(ValueError, match="must be"):
        failpoint_of(orders)


@pytest.mark.parametrize("orders, passed", [("a=kill", 0), ("b=stop,a=kill@3", 2)])
def test_ends_the_process_the_time_it_was_told(orders: str, passed: int) -> None:
    code = f"""
from config import ConfigError, Settings
from failpoints import failpoint_of
reached = failpoint_of({orders!r})
for turn in range(9):
    reached("a")
    print(turn, flush=True)
"""
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    assert ended.returncode == -9
    assert ended.stdout.split() == [b"%d" % turn for turn in range(passed)]


def test_a_bot_that_teams_reaches_refuses_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAILPOINTS", "before_post=kill")
    assert Settings.load(None).failpoints == "before_post=kill"
    monkeypatch.setenv("MicrosoftAppId", "1b4e28ba-2fa1-11d2-883f-0016d3cca427")
    monkeypatch.setenv("MicrosoftAppPassword", "p4ss")
    with pytest.raises(ConfigError, match="FAILPOINTS: is for tests"):
        Settings.load(None)


def test_an_order_that_is_none_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAILPOINTS", "before_post")
    with pytest.raises(ConfigError, match=r"FAILPOINTS: must be name=kill@3"):
        Settings.load(None)
