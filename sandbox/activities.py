"""Activities as Teams writes them: pure functions from people and places to JSON."""

import html
import re
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sandbox.settings import Person, SandboxSettings
from sandbox.world import Json, Message, Upload

FILE = "application/vnd.microsoft.teams.file.download.info"


@dataclass(frozen=True)
class Place:
    """Where something is said: a personal chat, or a thread of the desk's channel."""

    conversation: str
    thread: str | None = None

    @property
    def id(self) -> str:
        """The conversation id on the wire."""
        return f"{self.conversation};messageid={self.thread}" if self.thread else self.conversation


def base(settings: SandboxSettings, person: Person, place: Place) -> Json:
    """Returns what every activity of a person has in common."""
    moment = datetime.now(UTC)
    return {
        "timestamp": _instant(moment).replace("+00:00", "Z"),
        "localTimestamp": _instant(moment.astimezone(_zone(person.timezone))),
        "localTimezone": person.timezone,
        "channelId": "msteams",
        "serviceUrl": settings.service_url,
        "from": {"id": person.user_id, "name": person.name, "aadObjectId": person.aad},
        "conversation": _conversation(settings, person, place),
        "recipient": {"id": settings.bot_id, "name": settings.bot_name},
        "channelData": _channel_data(settings, person, place),
        "locale": person.locale,
        "entities": [_client(person)],
    }


def message(settings: SandboxSettings, person: Person, said: Message) -> Json:
    """Returns the activity for what a person wrote."""
    place = Place(said.conversation, said.thread)
    activity = base(settings, person, place)
    activity |= {"type": "message", "id": said.id, "text": said.text, "textFormat": "plain"}
    if place.conversation == settings.desk_channel_id:
        return _mentioning(settings, activity, said.text)
    # Files posted in a channel never reach a bot, those of a personal chat do.
    activity["attachments"] = [_rich(said.text), *(_file(settings, f) for f in said.files)]
    return activity


def edited(settings: SandboxSettings, person: Person, said: Message) -> Json:
    """Returns the activity that tells of a changed message."""
    place = Place(said.conversation, said.thread)
    activity = base(settings, person, place)
    activity |= {"type": "messageUpdate", "id": said.id, "text": said.text}
    activity["channelData"]["eventType"] = "editMessage"
    if said.mention:
        _mentioning(settings, activity, said.text)
    return activity


def submitted(
    settings: SandboxSettings, person: Person, on: Message, value: Mapping[str, Any]
) -> Json:
    """Returns the message without text that an Action.Submit becomes."""
    activity = base(settings, person, Place(on.conversation, on.thread))
    return activity | {"type": "message", "id": event_id(), "value": value, "replyToId": on.id}


def invoke(
    settings: SandboxSettings, person: Person, on: Message | Place, name: str, value: Json
) -> Json:
    """Returns an invoke, with `replyToId` when it comes from a message's card."""
    place = on if isinstance(on, Place) else Place(on.conversation, on.thread)
    activity = base(settings, person, place)
    activity |= {"type": "invoke", "id": event_id(), "name": name}
    if isinstance(on, Message) and name == "adaptiveCard/action":
        activity["replyToId"] = on.id
    return activity | {"value": value}


def reaction(settings: SandboxSettings, person: Person, on: Message, kind: str) -> Json:
    """Returns the activity that tells of a like or another reaction."""
    activity = base(settings, person, Place(on.conversation, on.thread))
    activity |= {"type": "messageReaction", "id": event_id(), "replyToId": on.id}
    return activity | {"reactionsAdded": [{"type": kind}]}


def installation(settings: SandboxSettings, person: Person, action: str) -> Json:
    """Returns the activity that tells that somebody added or removed the bot."""
    activity = base(settings, person, Place(person.conversation))
    activity["channelData"] |= {
        "settings": {"selectedChannel": {"id": person.conversation}},
        "source": {"name": "message"},
    }
    return activity | {"type": "installationUpdate", "id": event_id(), "action": action}


def joined(settings: SandboxSettings, person: Person) -> Json:
    """Returns the activity that opens a personal chat."""
    activity = base(settings, person, Place(person.conversation))
    members = [{"id": person.user_id, "aadObjectId": person.aad}, {"id": settings.bot_id}]
    return activity | {"type": "conversationUpdate", "id": event_id(), "membersAdded": members}


def joined_team(settings: SandboxSettings, person: Person) -> Json:
    """Returns the activity that tells that an agent added the bot to the desk's team."""
    activity = base(settings, person, Place(settings.desk_channel_id))
    activity["channelData"] = {
        "team": {
            "id": settings.desk_team_id,
            "name": settings.desk_team_name,
            "aadGroupId": settings.desk_group_id,
        },
        "eventType": "teamMemberAdded",
        "tenant": {"id": settings.desk_tenant_id},
        "settings": {"selectedChannel": {"id": settings.desk_channel_id}},
    }
    members = [{"id": settings.bot_id}]
    return activity | {"type": "conversationUpdate", "id": event_id(), "membersAdded": members}


def event_id() -> str:
    """Returns the id of an activity that is not a message."""
    return f"f:{uuid.uuid4()}"


def file_url(settings: SandboxSettings, upload: Upload) -> str:
    """Returns where a file can be downloaded."""
    return f"{settings.service_url}files/{upload.id}/{quote(upload.name)}"


def merged(data: Any, inputs: Mapping[str, Any]) -> Json:
    """Returns what a card sends: the action's data, with the card's inputs laid over it."""
    # The same order as the renderer's own `prepareForExecution`.
    return {**(data if isinstance(data, dict) else {}), **inputs}


def actions(node: Any) -> Iterable[Json]:
    """Yields every action of a card, in reading order."""
    if isinstance(node, list):
        for item in node:
            yield from actions(item)
    elif isinstance(node, dict):
        if str(node.get("type", "")).startswith("Action."):
            yield node
        for key, value in node.items():
            # A fallback is not shown while the renderer knows the action itself.
            if key not in ("data", "fallback", "refresh"):
                yield from actions(value)


def _instant(moment: datetime) -> str:
    stamp = moment.isoformat(timespec="microseconds")
    return f"{stamp[:26]}0{stamp[26:]}"


def _zone(name: str) -> tzinfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return UTC


def _client(person: Person) -> Json:
    region = re.search(r"-([A-Za-z]{2})$", person.locale)
    return {
        "type": "clientInfo",
        "locale": person.locale,
        "country": region[1].upper() if region else "US",
        "platform": "Web",
        "timezone": person.timezone,
    }


def _conversation(settings: SandboxSettings, person: Person, place: Place) -> Json:
    if place.conversation == settings.desk_channel_id:
        return {
            "isGroup": True,
            "conversationType": "channel",
            "tenantId": settings.desk_tenant_id,
            "id": place.id,
        }
    return {"conversationType": "personal", "tenantId": person.tenant, "id": place.id}


def _channel_data(settings: SandboxSettings, person: Person, place: Place) -> Json:
    if place.conversation != settings.desk_channel_id:
        return {"tenant": {"id": person.tenant}}
    return {
        "teamsChannelId": settings.desk_channel_id,
        "teamsTeamId": settings.desk_team_id,
        "channel": {"id": settings.desk_channel_id},
        "team": {"id": settings.desk_team_id},
        "tenant": {"id": settings.desk_tenant_id},
    }


def _mentioning(settings: SandboxSettings, activity: Json, text: str) -> Json:
    at = f"<at>{settings.bot_name}</at>"
    mentioned = {"id": settings.bot_id, "name": settings.bot_name}
    activity["entities"].insert(0, {"type": "mention", "text": at, "mentioned": mentioned})
    activity["text"] = f"{at}&nbsp;{text}"
    return activity


def _rich(text: str) -> Json:
    lines = html.escape(text, quote=False).replace("\n", "<br>")
    return {"contentType": "text/html", "content": f"<p>{lines}</p>"}


def _file(settings: SandboxSettings, upload: Upload) -> Json:
    if upload.pasted:
        url = f"{settings.service_url}v3/attachments/{upload.id}/views/original"
        return {"contentType": "image/*", "contentUrl": url}
    url = file_url(settings, upload)
    return {
        "contentType": FILE,
        "contentUrl": url,
        "name": upload.name,
        "content": {
            "downloadUrl": f"{url}?tempauth={upload.id}",
            "uniqueId": upload.id,
            "fileType": upload.name.rpartition(".")[2].lower() if "." in upload.name else "",
        },
    }
