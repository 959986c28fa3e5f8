"""The part of Microsoft Graph that reads a channel back, as the desk's team has granted it."""

import json
from typing import Any
from urllib.parse import quote

from sandbox.settings import SandboxSettings
from sandbox.world import BOT, Json, Message, World

ROOT = "graph/v1.0/teams/{group}/channels/{channel}/messages"
PAGE_SIZE, MOST = 20, 50


def listed(world: World, ids: Any, query: Any, root: str = "") -> Json | None:
    """Returns a page of roots, or of the replies to one, newest first; none if there is no such."""
    settings = world.settings
    if (ids.get("group"), ids.get("channel")) != (settings.desk_group_id, settings.desk_channel_id):
        return None
    if root and root not in world.messages:
        return None
    found = [one for one in reversed(world.messages.values()) if _is_in(one, settings, root)]
    start, size = _number(query, "$skiptoken", 0), min(_number(query, "$top", PAGE_SIZE), MOST)
    page: Json = {"value": [_message(one, settings) for one in found[start : start + size]]}
    if start + size < len(found):
        page["@odata.nextLink"] = _next(settings, root, start + size, size)
    return page


def _is_in(message: Message, settings: SandboxSettings, root: str) -> bool:
    if message.conversation != settings.desk_channel_id:
        return False
    is_root = message.thread == message.id
    return message.thread == root and not is_root if root else is_root


def _next(settings: SandboxSettings, root: str, start: int, size: int) -> str:
    path = ROOT.format(
        group=settings.desk_group_id, channel=quote(settings.desk_channel_id, safe="")
    )
    path += f"/{root}/replies" if root else ""
    return f"{settings.service_url}{path}?$top={size}&$skiptoken={start}"


def _number(query: Any, name: str, usual: int) -> int:
    given = str(query.get(name, ""))
    return int(given) if given.isdecimal() else usual


def _message(message: Message, settings: SandboxSettings) -> Json:
    who = settings.bot_id if message.sender == BOT else message.sender
    kind = "application" if message.sender == BOT else "user"
    return {
        "id": message.id,
        "replyToId": None if message.thread == message.id else message.thread,
        "messageType": "message",
        "createdDateTime": message.created,
        "lastModifiedDateTime": message.updated or message.created,
        "deletedDateTime": message.updated if message.deleted else None,
        "summary": message.summary or None,
        "from": {kind: {"id": who}},
        "body": {"contentType": "text", "content": message.text},
        "attachments": [
            {
                "id": f"{message.id}-{place}",
                "contentType": item.get("contentType"),
                "content": json.dumps(item.get("content")),
            }
            for place, item in enumerate(message.attachments)
        ],
    }
