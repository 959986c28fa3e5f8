"""Faults that hang, cut, delay or lie, and rules that say where and how often."""

import asyncio
import time

import aiohttp
import pytest

from sandbox import DEFAULT_PEOPLE, Fault, Sandbox
from tests.sandbox.bot import FakeBot

ADA, COLIN = DEFAULT_PEOPLE[0].conversation, DEFAULT_PEOPLE[1].conversation


async def test_retry_after_is_a_header(sandbox: Sandbox, bot: FakeBot) -> None:
    sandbox.faults.add(Fault(status=429, retry_after=5))
    url = f"{bot.service_url}v3/conversations/{ADA}/activities"
    async with aiohttp.ClientSession() as session, session.post(url, json={}) as answer:
        assert (answer.status, answer.headers["Retry-After"]) == (429, "5")


async def test_delivered_and_yet_an_error(sandbox: Sandbox, bot: FakeBot) -> None:
    sandbox.faults.add(Fault(status=502, deliver=True))
    assert (await bot.post(ADA, text="hi"))[0] == 502
    assert [message.text for message in sandbox.messages("ada")] == ["hi"]


async def test_no_answer_and_a_cut_line(sandbox: Sandbox, bot: FakeBot) -> None:
    sandbox.faults.add(Fault(never=True))
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(bot.post(ADA, text="hi"), 1)
    sandbox.faults.add(Fault(drop=True, deliver=True))
    with pytest.raises(aiohttp.ClientError):
        await bot.post(ADA, text="cut")
    assert [message.text for message in sandbox.messages("ada")] == ["cut"]
    assert [call.status for call in sandbox.calls()] == [0, 0]
    assert [call.fault for call in sandbox.calls()] == ["never", "drop, delivered"]


async def test_a_delay_is_no_refusal(sandbox: Sandbox, bot: FakeBot) -> None:
    sandbox.faults.add(Fault(delay=0.1))
    start = time.monotonic()
    assert (await bot.post(ADA, text="hi"))[0] == 201
    assert time.monotonic() - start >= 0.1


async def test_rules_choose_calls_and_wear_out(sandbox: Sandbox, bot: FakeBot) -> None:
    sandbox.faults.add(Fault(method="post", conversation=COLIN, status=500, times=2))
    sandbox.faults.add(Fault(path="pagedmembers", status=503, times=None))
    assert (await bot.post(ADA, text="hi"))[0] == 201
    assert [(await bot.post(COLIN, text="hi"))[0] for _ in range(3)] == [500, 500, 201]
    path = f"v3/conversations/{ADA}/pagedmembers"
    assert [(await bot.call("GET", path))[0] for _ in range(3)] == [503] * 3
    sandbox.faults.clear()
    assert (await bot.call("GET", path))[0] == 200


async def test_rules_over_http(sandbox: Sandbox, bot: FakeBot) -> None:
    rule = {"match": {"method": "PUT"}, "then": {"status": 412}, "times": "always"}
    _, rules = await bot.call("POST", "api/faults", rule)
    assert rules[0]["times"] == "always"
    assert rules[0]["then"]["status"] == 412
    assert (await bot.call("DELETE", f"api/faults/{rules[0]['id']}"))[1] == []
    assert (await bot.call("PUT", "api/faults", {"rules": [rule, rule]}))[0] == 200
    assert len(list(sandbox.faults)) == 2
    assert (await bot.call("POST", "api/faults", {"then": {"status": "high"}}))[0] == 400
