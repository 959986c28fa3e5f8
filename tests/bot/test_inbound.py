"""What Teams sends is read or refused; nothing a sender writes makes an error of ours."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.inbound import Inbound, Malformed, parse_activity, read_body, to_botbuilder

BOT = "28:bot"
TENANT = "72f988bf-0000-4000-8000-000000000001"
CHANNEL = "19:aa11@thread.tacv2"


def activity(**changes: Any) -> dict[str, Any]:
    base: dict[str, Any] = {
        "type": "message",
        "id": "1",
        "channelId": "msteams",
        "serviceUrl": "https://smba.trafficmanager.net/emea/",
        "timestamp": "2026-11-20T09:14:11.1530000Z",
        "localTimezone": "Europe/Paris",
        "from": {"id": "29:ada", "name": "Ada", "aadObjectId": "7faf8511"},
        "recipient": {"id": BOT, "name": "Number Desk"},
        "conversation": {"id": "a:1", "tenantId": TENANT, "conversationType": "personal"},
        "channelData": {"tenant": {"id": TENANT}},
        "text": "bonjour",
    }
    changed = base | changes
    return {key: value for key, value in changed.items() if value is not ...}


def read(**changes: Any) -> Inbound:
    return parse_activity(json.dumps(activity(**changes)).encode())


def mention(text: str, who: str = BOT) -> dict[str, Any]:
    return {"type": "mention", "text": text, "mentioned": {"id": who, "name": "x"}}


def with_value(value: str) -> bytes:
    return json.dumps(activity(value="@")).replace('"@"', value).encode()


FILE = {
    "contentType": "application/vnd.microsoft.teams.file.download.info",
    "contentUrl": "https://contoso-my.sharepoint.com/numbers.csv",
    "name": "numbers.csv",
    "content": {
        "downloadUrl": "https://x.sharepoint.com/d?a=b",
        "uniqueId": "u",
        "fileType": "csv",
    },
}

MALFORMED = {
    "not JSON": b"hello",
    "empty": b"",
    "list": b"[]",
    "null": b"null",
    "number": b"5",
    "empty object": b"{}",
    "not UTF-8": b'{"type": "\xff"}',
    "lone surrogate": with_value('"\\ud800"'),
    "nested lists": with_value("[" * 450_000 + "]" * 450_000),
    "huge integer": with_value("9" * 900_000),
    "not a number": with_value("NaN"),
    "infinite": with_value("-Infinity"),
    "infinite by exponent": with_value("1e999"),
    "cut short": json.dumps(activity()).encode()[:-1],
    "bad timestamp": json.dumps(activity(timestamp="yesterday")).encode(),
    "timestamp a number": json.dumps(activity(timestamp=5)).encode(),
    "from a string": json.dumps(activity(**{"from": "Ada"})).encode(),
    "no from": json.dumps(activity(**{"from": ...})).encode(),
    "from without id": json.dumps(activity(**{"from": {"name": "Ada"}})).encode(),
    "no conversation": json.dumps(activity(conversation=...)).encode(),
    "no type": json.dumps(activity(type=...)).encode(),
    "empty type": json.dumps(activity(type="")).encode(),
    "text an object": json.dumps(activity(text={"a": 1})).encode(),
    "attachments of numbers": json.dumps(activity(attachments=[5])).encode(),
    "attachments an object": json.dumps(activity(attachments={})).encode(),
    "entities an object": json.dumps(activity(entities={})).encode(),
    "tenant a number": json.dumps(activity(channelData={"tenant": {"id": 5}})).encode(),
    "isGroup a string": json.dumps(activity(conversation={"id": "a", "isGroup": "1"})).encode(),
    "expectReplies": json.dumps(activity(deliveryMode="expectReplies")).encode(),
}


@pytest.mark.parametrize("body", MALFORMED.values(), ids=MALFORMED.keys())
def test_refuses_what_is_no_activity(body: bytes) -> None:
    with pytest.raises(Malformed) as refused:
        parse_activity(body)
    assert refused.value.status == 400


def test_names_the_member_that_is_wrong() -> None:
    with pytest.raises(Malformed, match="text"):
        read(text=5)


def test_reads_who_said_what_where() -> None:
    inbound = read()
    assert (inbound.tenant, inbound.user, inbound.said) == (TENANT, "7faf8511", "bonjour")
    assert inbound.is_personal
    assert not inbound.is_channel
    assert inbound.conversation_id == inbound.thread_root == "a:1"
    assert inbound.zone == "Europe/Paris"


def test_knows_a_person_without_an_object_id_by_the_channels_id() -> None:
    assert read(**{"from": {"id": "29:ada"}}).user == "29:ada"


def test_reads_the_tenant_of_the_channel_data_too() -> None:
    inbound = read(conversation={"id": "a:1"})
    assert inbound.tenant == TENANT
    other = read(conversation={"id": "a:1", "tenantId": "other"})
    assert other.tenants == {"other", TENANT}


def test_tells_a_thread_from_its_channel() -> None:
    place = {"id": f"{CHANNEL};messageid=17", "conversationType": "channel", "isGroup": True}
    inbound = read(conversation=place)
    assert inbound.is_channel
    assert (inbound.thread_root, inbound.thread_message) == (CHANNEL, "17")


@pytest.mark.parametrize(
    "text, entities, said",
    [
        ("<at>Desk</at>&nbsp;we asked", [mention("<at>Desk</at>")], "we asked"),
        ('<at id="0">Desk</at> note: x', [mention('<at id="0">Desk</at>')], "note: x"),
        ("<at>Desk</at> ask <at>Bo</at>",
         [mention("<at>Desk</at>"), mention("<at>Bo</at>", "29:b")],
         "ask Bo"),
        ("a &lt; b &amp; c\n", [], "a < b & c"),
        ("hi", [{"type": "mention"}, {"type": "mention", "mentioned": "x"}, 5, None, "x"], "hi"),
        ("hi", [{"type": "https://schema.org/Message", "new": {"thing": [1]}}], "hi"),
        (None, None, ""),
    ],
)  # fmt: skip
def test_reads_what_was_said(text: str | None, entities: Any, said: str) -> None:
    assert read(text=text, entities=entities).said == said


def test_knows_whether_the_bot_was_mentioned() -> None:
    assert read(entities=[mention("<at>Desk</at>")]).mentions_bot
    assert not read(entities=[mention("<at>Bo</at>", "29:bo")]).mentions_bot
    assert not read(entities=[mention("<at>Bo</at>", "29:bo")], recipient=None).mentions_bot


def test_offers_files_and_pasted_pictures_only() -> None:
    picture = {"contentType": "image/*", "contentUrl": "https://smba.trafficmanager.net/v3/x"}
    broken = [{**FILE, "content": content} for content in (None, "x", {}, {"downloadUrl": 5})]
    text = {"contentType": "text/html", "content": "<p>x</p>"}
    inbound = read(attachments=[text, FILE, picture, *broken])
    file, pasted = inbound.files
    assert (file.url, file.name, file.kind, file.unique_id) == (
        "https://x.sharepoint.com/d?a=b", "numbers.csv", "csv", "u",
    )  # fmt: skip
    assert pasted.pasted
    assert pasted.kind == "image/*"


def test_takes_the_zone_from_the_client_where_the_activity_has_none() -> None:
    client = {"type": "clientInfo", "timezone": "America/Los_Angeles"}
    assert read(localTimezone=None, entities=[client]).zone == "America/Los_Angeles"
    assert read(localTimezone="../../etc/passwd").zone == ""


def test_gives_an_activity_without_id_one_that_its_repetition_shares() -> None:
    first, again, other = read(id=...), read(id=...), read(id=..., text="x")
    assert first.id == again.id != other.id


def test_becomes_an_activity_of_the_sdk() -> None:
    made = to_botbuilder(read(attachments=[FILE], entities=[mention("<at>Desk</at>")]))
    assert made.from_property.aad_object_id == "7faf8511"
    assert made.conversation.tenant_id == TENANT
    assert made.channel_data == {"tenant": {"id": TENANT}}
    assert made.attachments[0].content == FILE["content"]
    assert made.entities[0].additional_properties["text"] == "<at>Desk</at>"
    assert made.timestamp.year == 2026


Ask = Callable[..., Awaitable[int]]


@pytest.fixture
async def ask() -> Any:
    async def handle(request: web.Request) -> web.Response:
        try:
            body = await read_body(request, cap=1000, timeout=0.2)
        except Malformed as no:
            return web.Response(status=no.status)
        return web.Response(text=str(len(body)))

    app = web.Application()
    app.router.add_post("/", handle)
    async with TestServer(app) as server, aiohttp.ClientSession() as session:

        async def send(data: Any, **headers: str) -> int:
            typed = {"Content-Type": "application/json"} | headers
            async with session.post(server.make_url("/"), data=data, headers=typed) as answer:
                return answer.status

        yield send


async def test_reads_a_body(ask: Ask) -> None:
    assert await ask(b"x" * 1000) == 200


async def test_refuses_a_body_that_is_too_big(ask: Ask) -> None:
    async def pieces() -> Any:
        for _ in range(20):
            yield b"x" * 100

    assert await ask(b"x" * 1001) == 413
    assert await ask(pieces()) == 413


async def test_refuses_a_body_that_does_not_end(ask: Ask) -> None:
    async def slow() -> Any:
        yield b"{"
        await asyncio.sleep(0.5)
        yield b"}"

    assert await ask(slow()) == 408


async def test_refuses_what_is_not_json_by_name(ask: Ask) -> None:
    assert await ask(b"{}", **{"Content-Type": "text/plain; x=application/json"}) == 415


async def test_refuses_a_body_that_is_not_packed_as_it_says(ask: Ask) -> None:
    assert await ask(b"{}", **{"Content-Encoding": "gzip"}) == 400


SAMPLES: dict[str, Any] = json.loads(
    Path(__file__).with_name("activities.json").read_text(encoding="utf-8")
)["in"]


@pytest.mark.parametrize("sample", SAMPLES.values(), ids=SAMPLES.keys())
def test_reads_every_sample(sample: dict[str, Any]) -> None:
    inbound = parse_activity(json.dumps(sample).encode())
    assert inbound.tenant
    assert inbound.user == sample["from"]["aadObjectId"]
    assert inbound.zone
    assert to_botbuilder(inbound).type == sample["type"]


def test_reads_the_desks_team_from_its_installation() -> None:
    inbound = parse_activity(json.dumps(SAMPLES["bot added to a team"]).encode())
    assert inbound.team.startswith("19:0d4f")
    assert inbound.channel.startswith("19:aa11")
    assert inbound.event_type == "teamMemberAdded"


def test_reads_a_thread_reply() -> None:
    inbound = parse_activity(json.dumps(SAMPLES["thread reply that mentions the bot"]).encode())
    assert inbound.mentions_bot
    assert inbound.said == "we asked the carrier"
    assert inbound.thread_message == "1700471700001"
