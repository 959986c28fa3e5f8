"""The connector answers as Teams does, also when it says no."""

import json
from dataclasses import replace
from typing import Any
from urllib.parse import quote

import pytest

from sandbox import DEFAULT_PEOPLE, Fault, Sandbox, SandboxSettings
from tests.sandbox.bot import FakeBot, Json, card, teams

CHANNEL = SandboxSettings().desk_channel_id
TEAM = SandboxSettings().desk_team_id
ADA = DEFAULT_PEOPLE[0]
CHAT = f"v3/conversations/{ADA.conversation}"


def code(answer: Any) -> str:
    return str(answer["error"]["code"])


async def test_send_reply_update_delete(sandbox: Sandbox, bot: FakeBot) -> None:
    status, first = await bot.post(quote(ADA.conversation, safe=""), text="one", summary="s")
    assert status == 201
    body = {"type": "message", "attachments": [card()]}
    status, second = await bot.call("POST", f"{CHAT}/activities/{first['id']}", body)
    assert status == 201
    assert int(second["id"]) > int(first["id"])
    path = f"{CHAT}/activities/{second['id']}"
    changed = {"type": "message", "attachments": [card(body=[{"type": "TextBlock", "text": "x"}])]}
    assert await bot.call("PUT", path, changed) == (200, {"id": second["id"]})
    assert (await bot.call("DELETE", f"{CHAT}/activities/{first['id']}"))[0] == 200
    one, two = sandbox.messages("ada")
    assert one.deleted
    assert two.versions == 1
    assert two.card["body"]
    assert [c.method for c in sandbox.calls(activity=second["id"])] == ["POST", "PUT"]
    assert sandbox.calls("PUT")[0].body == changed
    status, answer = await bot.call("PUT", f"{CHAT}/activities/{first['id']}", changed)
    assert (status, code(answer)) == (404, "ActivityNotFound")
    status, answer = await bot.call("PUT", f"{CHAT}/activities/17", changed)
    assert (status, code(answer)) == (404, "ActivityNotFound")


async def test_the_bot_changes_only_its_own_messages(sandbox: Sandbox, bot: FakeBot) -> None:
    said = await sandbox.say("ada", "mine")
    status, answer = await bot.call("PUT", f"{CHAT}/activities/{said.id}", {"text": "yours"})
    assert (status, code(answer)) == (404, "ActivityNotFound")


async def test_unknown_conversation(bot: FakeBot) -> None:
    for unknown in ("a:nobody", f"{CHANNEL};messageid=1", f"{ADA.conversation};messageid=1"):
        status, answer = await bot.post(unknown, text="hi")
        assert (status, code(answer)) == (404, "ConversationNotFound")


async def test_threads(sandbox: Sandbox, bot: FakeBot) -> None:
    body = {
        "isGroup": True,
        "channelData": {"channel": {"id": CHANNEL}},
        "activity": {"type": "message", "attachments": [card()]},
    }
    status, made = await bot.call("POST", "v3/conversations", body)
    assert status == 201
    assert made == {
        "id": f"{CHANNEL};messageid={made['activityId']}",
        "activityId": made["activityId"],
    }
    await bot.post(quote(made["id"], safe=""), text="in the thread")
    await bot.call(
        "POST", f"v3/conversations/{CHANNEL}/activities/{made['activityId']}", {"text": "too"}
    )
    await bot.post(CHANNEL, text="a new root")
    first, second = sandbox.threads()
    assert [reply.text for reply in first.replies] == ["in the thread", "too"]
    assert (second.root.text, second.replies) == ("a new root", ())
    path = f"v3/conversations/{quote(made['id'], safe='')}/activities/{made['activityId']}"
    assert (await bot.call("PUT", path, {"attachments": [card()]}))[0] == 200


async def test_a_chat_is_found_and_never_made_twice(bot: FakeBot) -> None:
    for identity in (ADA.user_id, ADA.aad):
        body = {"members": [{"id": identity}], "tenantId": ADA.tenant, "isGroup": False}
        status, answer = await bot.call("POST", "v3/conversations", body)
        assert (status, answer) == (201, {"id": ADA.conversation})
    wrongs: list[Json] = [
        {"members": []},
        {"members": [{"id": ADA.aad}], "tenantId": "another"},
        {},
    ]
    for wrong in wrongs:
        status, answer = await bot.call("POST", "v3/conversations", wrong)
        assert (status, code(answer)) == (400, "BadSyntax")


async def test_text_with_attachment_is_split_and_has_no_id(sandbox: Sandbox, bot: FakeBot) -> None:
    assert await bot.post(ADA.conversation, text="t", attachments=[card()]) == (201, {})
    first, second = sandbox.messages("ada")
    assert (first.text, first.cards) == ("t", ())
    assert (second.text, len(second.cards)) == ("", 1)


async def test_size_counts_utf16_but_no_images(bot: FakeBot) -> None:
    assert (await bot.post(ADA.conversation, text="x" * 50_000))[0] == 201
    status, answer = await bot.post(ADA.conversation, text="x" * 52_000)
    assert (status, code(answer)) == (413, "MessageSizeTooBig")
    image = {"contentType": "image/png", "contentUrl": "data:image/png;base64," + "A" * 300_000}
    assert (await bot.post(ADA.conversation, attachments=[image]))[0] == 201
    assert (await bot.post(ADA.conversation, text="x" * 400_000))[0] == 413


async def test_typing_leaves_no_message(sandbox: Sandbox, bot: FakeBot) -> None:
    status, _ = await bot.call("POST", f"{CHAT}/activities", {"type": "typing"})
    assert status == 202
    assert not sandbox.messages()


async def test_members_and_roster(bot: FakeBot) -> None:
    _, members = await bot.call("GET", f"{CHAT}/members")
    assert [m["email"] for m in members] == ["ada@contoso.com"]
    assert members[0]["givenName"] == "Ada"
    assert members[0]["tenantId"] == ADA.tenant
    for identity in (ADA.user_id, ADA.aad):
        assert (await bot.call("GET", f"{CHAT}/members/{identity}"))[1] == members[0]
    status, answer = await bot.call("GET", f"{CHAT}/members/29:nobody")
    assert (status, code(answer)) == (404, "MemberNotFoundInConversation")
    _, team = await bot.call("GET", f"v3/teams/{TEAM}")
    assert team["memberCount"] == 1
    assert team["aadGroupId"]
    _, channels = await bot.call("GET", f"v3/teams/{TEAM}/conversations")
    assert [c["id"] for c in channels["conversations"]] == [TEAM, CHANNEL]


async def test_a_roster_comes_in_pages() -> None:
    agnes = DEFAULT_PEOPLE[2]
    many = tuple(replace(agnes, key=f"a{i}", user_id=f"29:{i}", aad=f"o{i}") for i in range(7))
    async with teams(SandboxSettings(people=many)) as (_, bot):
        seen, token, sizes = [], "", []
        while True:
            path = f"v3/conversations/{TEAM}/pagedmembers?pageSize=3&continuationToken={token}"
            _, page = await bot.call("GET", path)
            seen += [m["id"] for m in page["members"]]
            sizes.append(len(page["members"]))
            if not (token := page.get("continuationToken", "")):
                break
        assert sizes == [3, 3, 1]
        assert len(set(seen)) == 7


async def test_blocked_until_the_person_writes(sandbox: Sandbox, bot: FakeBot) -> None:
    sandbox.block("ada")
    status, answer = await bot.post(ADA.conversation, text="hi")
    assert status == 403
    inner = json.loads(answer["error"]["innerHttpError"]["body"]["message"])
    assert inner["subCode"] == "MessageWritesBlocked"
    await sandbox.say("ada", "I am back")
    assert (await bot.post(ADA.conversation, text="hi"))[0] == 201
    await sandbox.uninstall("ada")
    assert (await bot.post(ADA.conversation, text="hi"))[0] == 403
    await sandbox.install("ada")
    assert (await bot.post(ADA.conversation, text="hi"))[0] == 201


@pytest.mark.parametrize(
    "fault, status, expected",
    [
        (Fault(status=429, retry_after=5), 429, "RateLimited"),
        (Fault(status=412), 412, "PreconditionFailed"),
        (Fault(status=403), 403, "ForbiddenOperationException"),
        (Fault(status=403, code="BotNotInConversationRoster"), 403, "BotNotInConversationRoster"),
        (Fault(status=404), 404, "ConversationNotFound"),
        (Fault(status=500), 500, "ServiceError"),
        (Fault(status=503), 503, "ServiceUnavailable"),
    ],
)
async def test_faults_refuse_once(
    sandbox: Sandbox, bot: FakeBot, fault: Fault, status: int, expected: str
) -> None:
    sandbox.faults.add(fault)
    answered, body = await bot.post(ADA.conversation, text="hi")
    assert (answered, code(body)) == (status, expected)
    assert (await bot.post(ADA.conversation, text="hi"))[0] == 201
    assert len(sandbox.messages("ada")) == 1
    assert [call.fault for call in sandbox.calls()] == [str(status), ""]
