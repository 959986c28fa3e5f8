"""The channel is read back as Graph reads it: roots and replies apart, newest first, in pages."""

import json
from urllib.parse import quote

from sandbox import Sandbox, SandboxSettings
from tests.sandbox.bot import FakeBot, card

OWN = SandboxSettings()
CHANNEL = OWN.desk_channel_id
ROOTS = f"graph/v1.0/teams/{OWN.desk_group_id}/channels/{quote(CHANNEL, safe='')}/messages"


async def open_thread(bot: FakeBot, name: str) -> str:
    activity = {"type": "message", "attachments": [card(body=[{"type": "TextBlock", "id": name}])]}
    body = {"isGroup": True, "channelData": {"channel": {"id": CHANNEL}}, "activity": activity}
    status, answer = await bot.call("POST", "v3/conversations", body)
    assert status == 201
    return str(answer["activityId"])


async def test_roots_come_newest_first_and_replies_by_their_root(bot: FakeBot) -> None:
    first, second = await open_thread(bot, "one"), await open_thread(bot, "two")
    status, reply = await bot.post(f"{CHANNEL};messageid={first}", text="a reply")
    assert status == 201
    status, page = await bot.call("GET", ROOTS)
    assert status == 200
    assert [one["id"] for one in page["value"]] == [second, first]
    (attached,) = page["value"][1]["attachments"]
    assert json.loads(attached["content"])["body"][0]["id"] == "one"
    status, page = await bot.call("GET", f"{ROOTS}/{first}/replies")
    assert [(one["id"], one["replyToId"]) for one in page["value"]] == [(reply["id"], first)]


async def test_pages_follow_one_another(bot: FakeBot) -> None:
    roots = [await open_thread(bot, str(number)) for number in range(5)]
    found, path = [], f"{ROOTS}?$top=2"
    while path:
        status, page = await bot.call("GET", path)
        assert status == 200
        found += [one["id"] for one in page["value"]]
        path = page.get("@odata.nextLink", "").partition("/sandbox/")[2]
    assert found == roots[::-1]


async def test_elsewhere_there_is_nothing_to_read(sandbox: Sandbox, bot: FakeBot) -> None:
    other = ROOTS.replace(OWN.desk_group_id, "another-group")
    for path in (other, f"{ROOTS}/17/replies"):
        status, _ = await bot.call("GET", path)
        assert status == 404
