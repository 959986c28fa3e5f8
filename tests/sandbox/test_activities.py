"""What people do reaches the bot in the shapes that Teams sends."""

import asyncio
import re
from typing import Any

import pytest
from aiohttp import web

from sandbox import NotPossible, Sandbox
from tests.sandbox.bot import FakeBot, Json, card

COMMON = {
    "timestamp",
    "localTimestamp",
    "localTimezone",
    "channelId",
    "serviceUrl",
    "from",
    "conversation",
    "recipient",
    "channelData",
    "locale",
    "entities",
    "type",
    "id",
}
GO = {"type": "Action.Submit", "title": "Go", "data": {"stage": "country", "country": "?"}}
TAKE = {
    "type": "Action.Execute",
    "title": "Take",
    "id": "take",
    "verb": "take",
    "data": {"case": "TNS-000123"},
    "fallback": {"type": "Action.Submit", "title": "Take", "data": {"old": True}},
}
FRESH = {"type": "AdaptiveCard", "version": "1.5", "body": [{"type": "TextBlock", "text": "new"}]}
ADAPTIVE = "application/vnd.microsoft.card.adaptive"


def invoke_answer(kind: str, value: Any, status: int = 200) -> web.Response:
    return web.json_response({"statusCode": status, "type": kind, "value": value})


async def posted(sandbox: Sandbox, bot: FakeBot, attachment: Json) -> str:
    _, answer = await bot.post(sandbox.person("ada").conversation, attachments=[attachment])
    return str(answer["id"])


async def test_a_personal_message(sandbox: Sandbox, bot: FakeBot) -> None:
    sandbox.set_person("ada", locale="fr-FR", timezone="Europe/Paris")
    said = await sandbox.say("ada", "un <b> & deux\nlignes")
    (heard,) = bot.heard
    assert set(heard) == COMMON | {"text", "textFormat", "attachments"}
    assert heard["id"] == said.id
    assert heard["id"].isdecimal()
    assert heard["text"] == "un <b> & deux\nlignes"
    html = "<p>un &lt;b&gt; &amp; deux<br>lignes</p>"
    assert heard["attachments"] == [{"contentType": "text/html", "content": html}]
    assert heard["locale"] == "fr-FR"
    assert heard["localTimezone"] == "Europe/Paris"
    assert heard["entities"][0]["country"] == "FR"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}Z", heard["timestamp"])
    assert re.search(r"\.\d{7}\+0[12]:00$", heard["localTimestamp"])
    assert heard["conversation"]["conversationType"] == "personal"
    assert heard["serviceUrl"] == sandbox.settings.service_url
    assert said.delivery == "delivered"


async def test_a_file_and_a_pasted_image(sandbox: Sandbox, bot: FakeBot) -> None:
    file = await sandbox.upload("../a b/numbers é.csv", b"1;2", "text/csv")
    image = await sandbox.upload("x.png", b"\x89PNG", "image/png", pasted=True)
    await sandbox.say("ada", files=[file, image.id])
    _, download, pasted = bot.heard[0]["attachments"]
    assert download["contentType"] == "application/vnd.microsoft.teams.file.download.info"
    assert download["name"] == "numbers é.csv"
    assert download["content"]["fileType"] == "csv"
    assert pasted["contentType"] == "image/*"
    assert "content" not in pasted
    for url, content in (
        (download["content"]["downloadUrl"], b"1;2"),
        (pasted["contentUrl"], b"\x89PNG"),
    ):
        async with asyncio.timeout(20):
            status, _ = await bot.call("GET", url.removeprefix(bot.service_url))
        assert status == 200, content


async def test_a_submit_is_a_message_without_text(sandbox: Sandbox, bot: FakeBot) -> None:
    message_id = await posted(sandbox, bot, card(GO))
    answer = await sandbox.press("ada", message_id, "Go", {"country": "FR", "when": "soon"})
    (heard,) = bot.heard
    assert set(heard) == COMMON | {"value", "replyToId"}
    assert heard["type"] == "message"
    assert heard["value"] == {"stage": "country", "country": "FR", "when": "soon"}
    assert heard["replyToId"] == message_id
    assert heard["id"].startswith("f:")
    assert answer.kind == "none"


async def test_an_execute_is_an_invoke_whose_card_is_shown(sandbox: Sandbox, bot: FakeBot) -> None:
    message_id = await posted(sandbox, bot, card(TAKE))
    bot.answers.append(invoke_answer(ADAPTIVE, FRESH))
    answer = await sandbox.press("ada", message_id, "take", {"note": "n"})
    (heard,) = bot.heard
    assert heard["type"] == "invoke"
    assert heard["name"] == "adaptiveCard/action"
    assert heard["value"] == {
        "action": {
            "type": "Action.Execute",
            "title": "Take",
            "id": "take",
            "verb": "take",
            "data": {"case": "TNS-000123", "note": "n"},
        },
        "trigger": "manual",
    }
    assert answer.kind == "card"
    message = sandbox.messages("ada")[-1]
    assert message.card == FRESH
    assert message.versions == 1


@pytest.mark.parametrize(
    "answer, kind",
    [
        (invoke_answer("application/vnd.microsoft.activity.message", "Taken."), "message"),
        (invoke_answer("application/vnd.microsoft.error", {"message": "no"}, 400), "error"),
        (web.json_response({"task": {"type": "continue", "value": {}}}), "task"),
        (web.Response(status=501), "failed"),
    ],
)
async def test_other_answers_leave_the_card(
    sandbox: Sandbox, bot: FakeBot, answer: web.Response, kind: str
) -> None:
    message_id = await posted(sandbox, bot, card(TAKE))
    bot.answers += [answer, web.Response(status=501)]
    assert (await sandbox.press("ada", message_id, "Take")).kind == kind
    assert sandbox.messages("ada")[-1].versions == 0


async def test_a_refresh_is_one_persons_view(sandbox: Sandbox, bot: FakeBot) -> None:
    refresh = {"action": {"type": "Action.Execute", "verb": "refresh", "data": {"case": "1"}}}
    message_id = await posted(sandbox, bot, card(refresh=refresh))
    bot.answers.append(invoke_answer(ADAPTIVE, FRESH))
    await sandbox.refresh("ada", message_id)
    action = {"type": "Action.Execute", "verb": "refresh", "data": {"case": "1"}}
    assert bot.heard[0]["value"] == {"action": action, "trigger": "automatic"}
    message = sandbox.messages("ada")[-1]
    assert message.views == {"ada": FRESH}
    assert message.versions == 0


async def test_a_typeahead_and_a_dialog(sandbox: Sandbox, bot: FakeBot) -> None:
    button = {
        "type": "Action.Submit",
        "title": "Details",
        "data": {"msteams": {"type": "task/fetch"}, "verb": "details"},
    }
    message_id = await posted(sandbox, bot, card(button))
    results = {"results": [{"title": "Lithuania", "value": "LT"}]}
    kind = "application/vnd.microsoft.search.searchResponse"
    bot.answers.append(invoke_answer(kind, results))
    assert (await sandbox.search("ada", message_id, "countries", "lith")).value == results
    await sandbox.press("ada", message_id, "Details")
    search, fetch = bot.heard
    assert search["name"] == "application/search"
    assert "replyToId" not in search
    assert search["value"] == {
        "queryText": "lith",
        "kind": "search",
        "queryOptions": {"skip": 0, "top": 15},
        "dataset": "countries",
    }
    assert fetch["name"] == "task/fetch"
    assert fetch["value"]["data"] == {"data": {"type": "task/fetch", "verb": "details"}}


async def test_first_day_and_last_day(sandbox: Sandbox, bot: FakeBot) -> None:
    assert await sandbox.introduce()
    assert await sandbox.introduce()
    kinds = [activity["type"] for activity in bot.heard]
    assert kinds == ["installationUpdate", "conversationUpdate"] * 2 + ["conversationUpdate"]
    assert bot.heard[0]["action"] == "add"
    assert bot.heard[0]["channelData"]["settings"]["selectedChannel"]["id"].startswith("a:")
    assert [m["id"][:3] for m in bot.heard[1]["membersAdded"]] == ["29:", "28:"]
    team = bot.heard[-1]
    assert team["channelData"]["eventType"] == "teamMemberAdded"
    assert team["conversation"]["id"] == sandbox.settings.desk_channel_id
    await sandbox.uninstall("ada")
    assert bot.heard[-1]["action"] == "remove"
    with pytest.raises(NotPossible):
        await sandbox.say("ada", "hello?")


async def test_a_thread_reply_mentions_the_bot(sandbox: Sandbox, bot: FakeBot) -> None:
    channel = sandbox.settings.desk_channel_id
    _, root = await bot.post(channel, text="A case")
    await sandbox.say("agnes", "lunch?", thread=root["id"], mention=False)
    assert not bot.heard
    await sandbox.say("agnes", "we asked the carrier", thread=root["id"])
    (heard,) = bot.heard
    assert set(heard) == COMMON | {"text", "textFormat"}
    assert heard["text"] == "<at>Number Desk</at>&nbsp;we asked the carrier"
    assert heard["conversation"]["id"] == f"{channel};messageid={root['id']}"
    assert heard["entities"][0]["mentioned"]["id"] == sandbox.settings.bot_id
    assert heard["channelData"]["teamsChannelId"] == channel
    (thread,) = sandbox.threads()
    assert [reply.text for reply in thread.replies] == ["lunch?", "we asked the carrier"]


async def test_an_edit_and_a_reaction(sandbox: Sandbox, bot: FakeBot) -> None:
    said = await sandbox.say("ada", "bonjour")
    await sandbox.edit("ada", said.id, "bonjour, un cas")
    message_id = await posted(sandbox, bot, card())
    await sandbox.react("ada", message_id)
    _, edit, reaction = bot.heard
    assert edit["type"] == "messageUpdate"
    assert edit["id"] == said.id
    assert edit["channelData"]["eventType"] == "editMessage"
    assert edit["text"] == "bonjour, un cas"
    assert reaction["type"] == "messageReaction"
    assert reaction["replyToId"] == message_id
    with pytest.raises(NotPossible):
        await sandbox.edit("colin", said.id, "not mine")


async def test_nobody_presses_what_they_cannot_see(sandbox: Sandbox, bot: FakeBot) -> None:
    message_id = await posted(sandbox, bot, card(GO))
    for stranger in ("colin", "eve", "agnes"):
        with pytest.raises(NotPossible):
            await sandbox.press(stranger, message_id, "Go")
    with pytest.raises(NotPossible):
        await sandbox.press("ada", message_id, "No such button")
    with pytest.raises(NotPossible):
        await sandbox.say("ada", "hi", conversation="channel")
    assert not bot.heard


async def test_one_retry_with_the_same_id(sandbox: Sandbox, bot: FakeBot) -> None:
    bot.answers.append(web.Response(status=500))
    said = await sandbox.say("ada", "hi")
    assert [activity["id"] for activity in bot.heard] == [said.id] * 2
    assert said.delivery == "delivered"
    bot.answers += [web.Response(status=500), web.Response(status=503)]
    assert (await sandbox.say("ada", "again")).delivery == "failed"
    assert len(bot.heard) == 4


async def test_pressing_twice_sends_twice_and_resending_repeats(
    sandbox: Sandbox, bot: FakeBot
) -> None:
    message_id = await posted(sandbox, bot, card(GO))
    await asyncio.gather(*(sandbox.press("ada", message_id, "Go") for _ in range(2)))
    assert len({activity["id"] for activity in bot.heard}) == 2
    await sandbox.resend()
    await sandbox.resend(new_id=True)
    ids = [activity["id"] for activity in bot.heard]
    assert ids[2] == ids[1]
    assert ids[3] not in ids[:3]
    forged = sandbox.activity("eve", text="hi", conversation={"id": "a:somebody-else"})
    assert (await sandbox.send(forged)).ok
    assert bot.heard[-1]["conversation"] == {"id": "a:somebody-else"}
