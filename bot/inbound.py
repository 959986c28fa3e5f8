"""What Teams sends, as the few members that the desk reads; nothing here trusts who sent it.

Whatever a sender does wrong is `Malformed`, never an error of ours: a retry would not cure it.
"""

import asyncio
import html
import json
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from hashlib import sha256
from typing import Annotated, Any, Final, NoReturn

import aiohttp
from aiohttp import web
from botbuilder.schema import (
    Activity,
    Attachment,
    ChannelAccount,
    ConversationAccount,
    Entity,
)
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_camel

from cases.ports import ChatId

BODY_CAP: Final = 256 * 1024
BODY_TIMEOUT: Final = 10.0
FILE: Final = "application/vnd.microsoft.teams.file.download.info"
MESSAGE_MARK: Final = ";messageid="

_ZONE = re.compile(r"[A-Za-z0-9_+\-/]{1,64}")
_AT = re.compile(r"</?at\b[^>]*>", re.IGNORECASE)
_LINE_END = re.compile(r"<br\s*/?>|</(?:p|div|li|h[1-6])>", re.IGNORECASE)
_FORMATTING = re.compile(
    r"</?(?:p|div|span|b|i|u|s|strong|em|a|ul|ol|li|code|pre|blockquote|font|h[1-6])\b[^>]*>",
    re.IGNORECASE,
)
# What JSON proper does not have, or what becomes infinite when it is read.
_ODD_NUMBER = re.compile(rb"NaN|Infinity|[0-9][eE]\+?[0-9]{3}")

Id = Annotated[str, Field(min_length=1, max_length=2048)]


class Malformed(Exception):
    """The request is not an activity; `status` is what to answer."""

    def __init__(self, code: str, status: int = 400) -> None:
        super().__init__(code)
        self.code = code
        self.status = status


class _Part(BaseModel):
    model_config = ConfigDict(
        frozen=True, extra="ignore", strict=True, alias_generator=to_camel, populate_by_name=True
    )


class Account(_Part):
    """Someone in a conversation, a person or the bot."""

    id: Id
    name: str | None = None
    aad_object_id: str | None = None


class Conversation(_Part):
    """Where it was said."""

    id: Id
    tenant_id: str | None = None
    conversation_type: str | None = None
    is_group: bool | None = None


class File(_Part):
    """An attachment as it comes; `content` can be anything."""

    content_type: str | None = None
    content_url: str | None = None
    name: str | None = None
    content: object = None


class Named(_Part):
    """A thing of Teams of which the id matters."""

    id: str | None = None
    name: str | None = None


class ChannelSettings(_Part):
    """Which channel was chosen when the bot was added."""

    selected_channel: Named | None = None


class ChannelData(_Part):
    """What only Teams says of an activity."""

    tenant: Named | None = None
    team: Named | None = None
    channel: Named | None = None
    teams_team_id: str | None = None
    teams_channel_id: str | None = None
    event_type: str | None = None
    settings: ChannelSettings | None = None


@dataclass(frozen=True)
class Offered:
    """A file that came with a message and can be fetched."""

    url: str
    name: str = ""
    kind: str = ""
    """The extension, or for a pasted picture its media type."""
    unique_id: str = ""
    pasted: bool = False


class Inbound(_Part):
    """An activity."""

    type: Id
    id: str = ""
    name: str | None = None
    text: str | None = None
    value: object = None
    locale: str | None = None
    timestamp: datetime | None = None
    local_timezone: str | None = None
    service_url: str | None = None
    channel_id: str | None = None
    sender: Account = Field(alias="from")
    recipient: Account | None = None
    conversation: Conversation
    reply_to_id: str | None = None
    attachments: tuple[File, ...] | None = None
    entities: tuple[object, ...] | None = None
    channel_data: ChannelData | None = None
    members_added: tuple[Account, ...] | None = None
    members_removed: tuple[Account, ...] | None = None
    action: str | None = None
    delivery_mode: str | None = None

    @property
    def tenants(self) -> frozenset[str]:
        """The tenants that the activity names, in lower case; more than one is a lie."""
        data = self.channel_data
        named = data.tenant.id if data and data.tenant else None
        return frozenset(found.lower() for found in (self.conversation.tenant_id, named) if found)

    @property
    def tenant(self) -> str:
        """The tenant it comes from; empty if it names none."""
        data = self.channel_data
        named = data.tenant.id if data and data.tenant else None
        return self.conversation.tenant_id or named or ""

    @property
    def user(self) -> str:
        """The Entra object id of whoever sent it; the channel's id where there is none."""
        return self.sender.aad_object_id or self.sender.id

    @property
    def chat(self) -> ChatId:
        """The tenant's conversation that it belongs to."""
        return self.tenant, self.conversation_id

    @property
    def conversation_id(self) -> str:
        """The conversation it was said in, thread included."""
        return self.conversation.id

    @property
    def thread_root(self) -> str:
        """The conversation without its thread: for a channel, the channel's id."""
        return self.conversation.id.partition(MESSAGE_MARK)[0]

    @property
    def thread_message(self) -> str:
        """The id of the thread's first message; empty outside a thread."""
        return self.conversation.id.partition(MESSAGE_MARK)[2]

    @property
    def is_personal(self) -> bool:
        """Whether it was said in the personal chat with the bot."""
        return self.conversation.conversation_type == "personal"

    @property
    def is_channel(self) -> bool:
        """Whether it was said in a team's channel."""
        return self.conversation.conversation_type == "channel"

    @property
    def team(self) -> str:
        """The team's id; empty outside a team."""
        data = self.channel_data
        if data is None:
            return ""
        return (data.team.id if data.team else None) or data.teams_team_id or ""

    @property
    def channel(self) -> str:
        """The channel's id: where it was said, else the one chosen on installation."""
        data = self.channel_data
        if data is None:
            return ""
        chosen = data.settings.selected_channel if data.settings else None
        named = (data.channel.id if data.channel else None) or data.teams_channel_id
        return named or (chosen.id if chosen else None) or ""

    @property
    def event_type(self) -> str:
        """What Teams calls a conversation update; empty for anything else."""
        return (self.channel_data.event_type if self.channel_data else None) or ""

    @property
    def mentions_bot(self) -> bool:
        """Whether the bot was mentioned."""
        return any(True for _ in self._own_mentions())

    @cached_property
    def said(self) -> str:
        """What was written, without the mention of the bot and as plain text."""
        text = self.text or ""
        for mention in self._own_mentions():
            text = text.replace(mention, " ")
        # Other people's mentions stay as their names.
        text = _FORMATTING.sub("", _LINE_END.sub("\n", _AT.sub("", text)))
        plain = html.unescape(text).replace("\xa0", " ")
        return plain.strip()

    @cached_property
    def files(self) -> tuple[Offered, ...]:
        """The files that came with it, pasted pictures included."""
        found = (_offered(file) for file in self.attachments or ())
        return tuple(file for file in found if file is not None)

    @property
    def zone(self) -> str:
        """The name of the sender's time zone, unchecked; empty if none is told."""
        told = self.local_timezone or self._client_zone()
        return told if _ZONE.fullmatch(told) else ""

    def _client_zone(self) -> str:
        for entity in self._entities("clientInfo"):
            zone = entity.get("timezone")
            if isinstance(zone, str):
                return zone
        return ""

    def _entities(self, kind: str) -> Iterator[dict[str, Any]]:
        for entity in self.entities or ():
            if isinstance(entity, dict) and entity.get("type") == kind:
                yield entity

    def _own_mentions(self) -> Iterator[str]:
        own = self.recipient.id if self.recipient else None
        for entity in self._entities("mention"):
            mentioned, text = entity.get("mentioned"), entity.get("text")
            if isinstance(mentioned, dict) and own and mentioned.get("id") == own:
                yield text if isinstance(text, str) and text else "<at></at>"


async def read_body(
    request: web.Request,
    cap: int = BODY_CAP,
    timeout: float = BODY_TIMEOUT,  # noqa: ASYNC109
) -> bytes:
    """Return the body of a request; raises `Malformed` with 400, 408, 413 or 415."""
    # A page of a browser can post anything else to loopback without asking first.
    if request.content_type != "application/json":
        raise Malformed("content_type", 415)
    if (request.content_length or 0) > cap:
        raise Malformed("too_big", 413)
    try:
        async with asyncio.timeout(timeout):
            return await _pieces(request, cap)
    except TimeoutError:
        raise Malformed("too_slow", 408) from None
    except (aiohttp.ClientError, web.RequestPayloadError, OSError):
        raise Malformed("broken_body") from None


async def _pieces(request: web.Request, cap: int) -> bytes:
    body = bytearray()
    async for piece in request.content.iter_any():
        body += piece
        if len(body) > cap:
            raise Malformed("too_big", 413)
    return bytes(body)


def parse_activity(body: bytes) -> Inbound:
    """Return the activity that a body holds; raises `Malformed`."""
    try:
        if _ODD_NUMBER.search(body):
            _refuse_odd_numbers(body)
        inbound = Inbound.model_validate_json(body)
    except ValidationError as error:
        raise Malformed(_code(error)) from None
    except (ValueError, RecursionError):
        raise Malformed("json") from None
    if (inbound.delivery_mode or "normal").lower() != "normal":
        # The answer would have to wait for the whole turn, and be given twice if it is repeated.
        raise Malformed("delivery_mode")
    if not inbound.id:
        # The same body is the same activity, whoever repeats it.
        return inbound.model_copy(update={"id": f"sha256:{sha256(body).hexdigest()}"})
    return inbound


def to_botbuilder(inbound: Inbound) -> Activity:
    """Return the activity as the SDK's type, by hand: its own deserialiser takes far longer."""
    data = inbound.channel_data
    return Activity(
        type=inbound.type,
        id=inbound.id,
        name=inbound.name,
        text=inbound.text,
        value=inbound.value,
        locale=inbound.locale,
        timestamp=inbound.timestamp,
        local_timezone=inbound.local_timezone,
        service_url=inbound.service_url,
        channel_id=inbound.channel_id,
        from_property=_account(inbound.sender),
        recipient=_account(inbound.recipient),
        conversation=_conversation(inbound.conversation),
        reply_to_id=inbound.reply_to_id,
        attachments=[_attachment(file) for file in inbound.attachments or ()],
        entities=[_entity(one) for one in inbound.entities or () if isinstance(one, dict)],
        channel_data=data.model_dump(by_alias=True, exclude_none=True) if data else None,
        members_added=[_account(one) for one in inbound.members_added or ()],
        members_removed=[_account(one) for one in inbound.members_removed or ()],
        action=inbound.action,
    )


def _account(account: Account | None) -> ChannelAccount | None:
    if account is None:
        return None
    return ChannelAccount(id=account.id, name=account.name, aad_object_id=account.aad_object_id)


def _conversation(conversation: Conversation) -> ConversationAccount:
    return ConversationAccount(
        id=conversation.id,
        tenant_id=conversation.tenant_id,
        conversation_type=conversation.conversation_type,
        is_group=conversation.is_group,
    )


def _attachment(file: File) -> Attachment:
    return Attachment(
        content_type=file.content_type,
        content_url=file.content_url,
        name=file.name,
        content=file.content,
    )


def _entity(raw: dict[str, Any]) -> Entity:
    entity = Entity(type=raw.get("type"))
    entity.additional_properties = {key: raw[key] for key in raw if key != "type"}
    return entity


def _offered(file: File) -> Offered | None:
    kind = file.content_type or ""
    if kind == FILE and isinstance(file.content, dict):
        url = _text(file.content.get("downloadUrl"))
        file_type = _text(file.content.get("fileType"))
        unique_id = _text(file.content.get("uniqueId"))
        return Offered(url, file.name or "", file_type, unique_id) if url else None
    if kind.startswith("image/") and file.content_url:
        return Offered(file.content_url, file.name or "", kind, pasted=True)
    return None


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _code(error: ValidationError) -> str:
    """Return `json`, or the name of the first member that is wrong."""
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    return "json" if first["type"] == "json_invalid" else str((*first["loc"], "shape")[0])


def _refuse_odd_numbers(body: bytes) -> None:
    def finite(text: str) -> float:
        number = float(text)
        return number if math.isfinite(number) else _refused(text)

    json.loads(body, parse_constant=_refused, parse_float=finite)


def _refused(_text_of_number: str) -> NoReturn:
    raise ValueError("not a JSON number")
