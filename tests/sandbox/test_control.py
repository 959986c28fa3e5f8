"""The control API, its stream of events, and who may drive it."""

import asyncio
import json
from typing import Any

import aiohttp
import pytest

from sandbox import Sandbox
from tests.sandbox.bot import FakeBot, card


async def test_state_and_doing(sandbox: Sandbox, bot: FakeBot) -> None:
    _, said = await bot.call("POST", "api/say", {"person": "ada", "text": "hi"})
    assert said["delivery"] == "delivered"
    _, answer = await bot.post(
        sandbox.person("ada").conversation,
        attachments=[card({"type": "Action.Submit", "title": "Go", "data": {"a": 1}})],
    )
    press = {"person": "ada", "message": answer["id"], "action": "Go", "inputs": {"b": "2"}}
    assert (await bot.call("POST", "api/press", press))[1]["kind"] == "none"
    assert bot.heard[-1]["value"] == {"a": 1, "b": "2"}
    _, state = await bot.call("GET", "api/state")
    assert [message["id"] for message in state["messages"]] == [said["id"], answer["id"]]
    assert [person["key"] for person in state["people"]] == ["ada", "colin", "agnes", "eve"]
    _, person = await bot.call("PATCH", "api/people/ada", {"locale": "fr-FR"})
    assert (person["locale"], person["timezone"]) == ("fr-FR", "America/New_York")
    _, person = await bot.call("POST", "api/people/ada/block")
    assert person["blocked"]
    _, calls = await bot.call("GET", "api/calls?method=POST")
    assert [call["status"] for call in calls] == [201]
    assert (await bot.call("POST", "api/clear"))[0] == 200
    assert (await bot.call("GET", "api/messages?conversation=ada"))[1] == []


@pytest.mark.parametrize(
    "path, body, status",
    [
        ("api/say", {"text": "who?"}, 400),
        ("api/say", {"person": "ada", "text": " "}, 400),
        ("api/say", {"person": "nobody", "text": "x"}, 404),
        ("api/press", {"person": "ada", "message": "1", "action": "Go"}, 404),
        ("api/people/ada/marry", {}, 404),
        ("api/resend", {}, 409),
        ("api/say", [], 400),
    ],
)
async def test_what_is_not_possible(bot: FakeBot, path: str, body: Any, status: int) -> None:
    answered, answer = await bot.call("POST", path, body)
    assert answered == status
    assert answer["error"]["message"]


async def test_an_upload_keeps_type_and_name(sandbox: Sandbox, bot: FakeBot) -> None:
    url = bot.service_url + "api/uploads?name=..%2F..%2Fletter.html"
    headers = {"Content-Type": "text/html"}
    data = b"<script>alert(1)</script>" * 20_000
    async with aiohttp.ClientSession() as session:
        async with session.post(url, data=data, headers=headers) as answer:
            upload = await answer.json()
        assert (upload["name"], upload["size"]) == ("letter.html", len(data))
        file = f"{bot.service_url}files/{upload['id']}/letter.html"
        async with session.get(file) as answer:
            assert await answer.read() == data
            assert answer.content_type == "text/html"
            assert answer.headers["Content-Disposition"] == "attachment"
            assert "sandbox" in answer.headers["Content-Security-Policy"]


async def test_an_upload_has_a_limit(
    sandbox: Sandbox, bot: FakeBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sandbox.files.LIMIT", 1000)
    async with aiohttp.ClientSession() as session:
        url = bot.service_url + "api/uploads?name=big"
        async with session.post(url, data=b"x" * 2000) as answer:
            assert answer.status == 413
    assert not sandbox.world.uploads


async def heard(bot: FakeBot, cursor: str, wanted: int) -> list[tuple[str, Any]]:
    """Reads so many events of the stream."""
    events: list[tuple[str, Any]] = []
    url = f"{bot.service_url}api/events?cursor={cursor}"
    async with asyncio.timeout(20), aiohttp.ClientSession() as session, session.get(url) as stream:
        place = ""
        async for line in stream.content:
            if line.startswith(b"id: "):
                place = line[4:].strip().decode()
            elif line.startswith(b"data: "):
                events.append((place, json.loads(line[6:])))
            if len(events) == wanted:
                break
    return events


async def test_events_resume_at_a_cursor(sandbox: Sandbox, bot: FakeBot) -> None:
    _, state = await bot.call("GET", "api/state")
    following = asyncio.create_task(heard(bot, state["cursor"], 2))
    await asyncio.sleep(0.05)
    await sandbox.say("ada", "hi")
    first, second = await following
    assert [event["message"]["delivery"] for _, event in (first, second)] == [
        "sending",
        "delivered",
    ]
    assert await heard(bot, first[0], 1) == [second]
    assert (await heard(bot, "older-1", 1))[0][1]["type"] == "reset"


async def test_other_sites_and_names_are_kept_out(bot: FakeBot) -> None:
    own = bot.service_url.removesuffix("/sandbox/")
    cases = [
        ({"Origin": own}, 200),
        ({"Origin": "https://example.com"}, 403),
        ({"Origin": "null"}, 403),
        ({"Host": "rebound.example.com"}, 403),
        ({"Host": "localhost:80"}, 200),
    ]
    async with aiohttp.ClientSession() as session:
        for headers, status in cases:
            async with session.post(bot.service_url + "api/clear", headers=headers) as answer:
                assert answer.status == status, headers


async def test_the_page_and_nothing_else(bot: FakeBot) -> None:
    async with aiohttp.ClientSession() as session:
        async with session.get(bot.service_url) as answer:
            assert answer.status == 200
            assert "default-src 'self'" in answer.headers["Content-Security-Policy"]
        for name in ("package.json", "..%2Fsettings.py", "lib/package.json", "node_modules"):
            async with session.get(bot.service_url + name) as answer:
                assert answer.status == 404, name
