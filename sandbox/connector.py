"""The Bot Framework connector as Teams serves it: what a bot may ask, and what it is answered."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import unquote

from aiohttp import web

from sandbox import graph
from sandbox.activities import Place
from sandbox.faults import CODES, Fault, Faults, error_body
from sandbox.feed import Feed
from sandbox.settings import Person
from sandbox.world import BOT, Call, Json, Message, NotPossible, World, now

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

MESSAGE_LIMIT = 100 * 1024
READ_LIMIT = 4 * 1024 * 1024
PAGE_SIZE = 200
THROTTLED = 429


@dataclass(frozen=True)
class Asked:
    """One request of the bot, read and decoded."""

    method: str
    path: str
    ids: Mapping[str, str]
    query: Mapping[str, str]
    body: Any

    @property
    def conversation(self) -> str:
        """The conversation id of the path, without percent signs."""
        return self.ids.get("conversation", "")


@dataclass(frozen=True)
class Answered:
    """What the bot is told."""

    status: int
    body: Any = None
    headers: Mapping[str, str] | None = None
    activity: str = ""


class Refused(Exception):
    """The connector says no, with the code that Teams uses."""

    def __init__(self, status: int, code: str) -> None:
        super().__init__(code)
        self.status, self.code = status, code


Answerer = Callable[[Asked], Answered]


class Connector:
    """Answers the bot's calls from the world, and spoils them where a fault rule says so."""

    def __init__(self, world: World, faults: Faults, feed: Feed) -> None:
        self._world = world
        self._faults = faults
        self._feed = feed
        self._settings = world.settings
        self._hung = asyncio.Event()

    def routes(self) -> list[web.RouteDef]:
        """Returns the connector's routes, relative to the service URL."""
        one = "/v3/conversations/{conversation}"
        activity = one + "/activities/{activity}"
        return [
            web.post("/v3/conversations", self._served(self._open)),
            web.post(one + "/activities", self._served(self._send)),
            web.post(activity, self._served(self._send)),
            web.put(activity, self._served(self._change)),
            web.delete(activity, self._served(self._delete)),
            web.get(one + "/members", self._served(self._members)),
            web.get(one + "/members/{member}", self._served(self._member)),
            web.get(one + "/pagedmembers", self._served(self._page)),
            web.get(f"/{graph.ROOT}", self._served(self._roots)),
            web.get(f"/{graph.ROOT}/{{root}}/replies", self._served(self._replies)),
            web.get("/v3/teams/{conversation}", self._served(self._team)),
            web.get("/v3/teams/{conversation}/conversations", self._served(self._channels)),
        ]

    def release(self) -> None:
        """Lets go of the calls that would never be answered."""
        self._hung.set()

    # -- one call ----------------------------------------------------------------------------

    def _served(self, answer: Answerer) -> Handler:
        async def handle(request: web.Request) -> web.StreamResponse:
            asked = await _asked(request)
            fault = self._faults.take(asked.method, asked.conversation, asked.path)
            if fault and fault.delay:
                await asyncio.sleep(fault.delay)
            given = self._answer(answer, asked) if _carried_out(fault) else Answered(0)
            told = _told(fault, given)
            self._note(asked, told, given, fault)
            return await self._respond(request, told, fault)

        return handle

    def _answer(self, answer: Answerer, asked: Asked) -> Answered:
        try:
            _check_size(asked.body)
            return answer(asked)
        except Refused as no:
            return Answered(no.status, error_body(no.code))

    async def _respond(
        self, request: web.Request, told: Answered, fault: Fault | None
    ) -> web.StreamResponse:
        if fault and fault.never:
            await self._hung.wait()
        if fault and (fault.never or fault.drop) and request.transport is not None:
            request.transport.abort()
        if told.body is None:
            return web.Response(status=told.status or 500, headers=told.headers)
        return web.json_response(told.body, status=told.status, headers=told.headers)

    def _note(self, asked: Asked, told: Answered, given: Answered, fault: Fault | None) -> None:
        call = Call(
            method=asked.method,
            path=asked.path,
            conversation=asked.conversation,
            activity=given.activity or asked.ids.get("activity", ""),
            body=asked.body,
            status=told.status,
            at=now(),
            fault=fault.name if fault else "",
        )
        self._world.record_call(call)

    # -- conversations -----------------------------------------------------------------------

    def _open(self, asked: Asked) -> Answered:
        body = _object(asked.body)
        channel = _object(_object(body.get("channelData")).get("channel")).get("id")
        if channel:
            return self._open_thread(str(channel), body)
        return self._open_chat(body)

    def _open_thread(self, channel: str, body: Json) -> Answered:
        if channel != self._settings.desk_channel_id:
            raise Refused(404, "ConversationNotFound")
        if not isinstance(body.get("activity"), dict):
            raise Refused(400, "BadSyntax")
        root = self._post(Place(channel), body["activity"])
        place = Place(channel, root)
        return Answered(201, {"id": place.id, "activityId": root}, activity=root)

    def _open_chat(self, body: Json) -> Answered:
        members = body.get("members")
        first = _object(members[0]) if isinstance(members, list) and members else {}
        person = self._world.found(str(first.get("id", "")))
        tenant = body.get("tenantId") or _object(
            _object(body.get("channelData")).get("tenant")
        ).get("id")
        if person is None or tenant not in (None, person.tenant):
            raise Refused(400, "BadSyntax")
        answer = {"id": person.conversation}
        if isinstance(body.get("activity"), dict):
            self._check_writable(Place(person.conversation))
            answer["activityId"] = self._post(Place(person.conversation), body["activity"])
        return Answered(201, answer, activity=answer.get("activityId", ""))

    def _send(self, asked: Asked) -> Answered:
        place = self._writable(asked.conversation)
        activity = _object(asked.body)
        if activity.get("type", "message") != "message":
            return self._signal(place, str(activity["type"]))
        if not place.thread and place.conversation == self._settings.desk_channel_id:
            place = self._thread_of(place, asked.ids.get("activity"))
        if activity.get("text") and activity.get("attachments"):
            return self._split(place, activity)
        sent = self._post(place, activity)
        return Answered(201, {"id": sent}, activity=sent)

    def _split(self, place: Place, activity: Json) -> Answered:
        """Posts text and attachments as two messages, and tells no id, as Teams does."""
        first = self._post(place, {**activity, "attachments": []})
        thread = place.thread or (first if self._is_channel(place) else None)
        self._post(Place(place.conversation, thread), {**activity, "text": ""})
        return Answered(201, {})

    def _signal(self, place: Place, kind: str) -> Answered:
        if kind == "typing":
            self._feed.publish("typing", conversation=place.conversation, thread=place.thread)
        return Answered(202, {})

    def _change(self, asked: Asked) -> Answered:
        message = self._own_message(asked)
        activity = _object(asked.body)
        fresh = self._message(Place(message.conversation, message.thread), message.id, activity)
        self._world.update(replace(fresh, created=message.created, versions=message.versions))
        return Answered(200, {"id": message.id}, activity=message.id)

    def _delete(self, asked: Asked) -> Answered:
        message = self._own_message(asked)
        self._world.put(replace(message, deleted=True, updated=now(), attachments=(), text=""))
        return Answered(200)

    def _own_message(self, asked: Asked) -> Message:
        place = self._writable(asked.conversation)
        try:
            message = self._world.message(asked.ids["activity"])
        except NotPossible:
            raise Refused(404, "ActivityNotFound") from None
        if message.conversation != place.conversation or message.sender != BOT:
            raise Refused(404, "ActivityNotFound")
        return message

    def _post(self, place: Place, activity: Json) -> str:
        message_id = self._world.next_id()
        thread = place.thread or (message_id if self._is_channel(place) else None)
        return self._world.put(
            self._message(Place(place.conversation, thread), message_id, activity)
        ).id

    def _message(self, place: Place, message_id: str, activity: Json) -> Message:
        attachments = activity.get("attachments") or []
        return Message(
            id=message_id,
            conversation=place.conversation,
            thread=place.thread,
            sender=BOT,
            created=now(),
            text=str(activity.get("text") or ""),
            text_format=str(activity.get("textFormat") or "markdown"),
            attachments=tuple(item for item in attachments if isinstance(item, dict)),
            summary=str(activity.get("summary") or ""),
        )

    # -- reading back ------------------------------------------------------------------------

    def _roots(self, asked: Asked) -> Answered:
        return self._listed(asked)

    def _replies(self, asked: Asked) -> Answered:
        return self._listed(asked, asked.ids["root"])

    def _listed(self, asked: Asked, root: str = "") -> Answered:
        page = graph.listed(self._world, asked.ids, asked.query, root)
        if page is None:
            raise Refused(404, "NotFound")
        return Answered(200, page)

    # -- places ------------------------------------------------------------------------------

    def _writable(self, conversation: str) -> Place:
        place = self._place(conversation)
        self._check_writable(place)
        return place

    def _place(self, conversation: str) -> Place:
        root, mark, thread = conversation.partition(";messageid=")
        place = Place(root, thread or None)
        if self._is_channel(place):
            if mark and not self._is_root(thread):
                raise Refused(404, "ConversationNotFound")
            return place
        if mark or self._world.chat_of(root) is None:
            raise Refused(404, "ConversationNotFound")
        return place

    def _check_writable(self, place: Place) -> None:
        person = self._world.chat_of(place.conversation)
        if person is None:
            return
        standing = self._world.standing(person.key)
        if standing.blocked or not standing.installed:
            raise Refused(403, "MessageWritesBlocked")

    def _is_channel(self, place: Place) -> bool:
        return place.conversation == self._settings.desk_channel_id

    def _is_root(self, message_id: str) -> bool:
        message = self._world.messages.get(message_id)
        return message is not None and message.thread == message_id

    def _thread_of(self, place: Place, reply_to: str | None) -> Place:
        if not reply_to:
            return place
        message = self._world.messages.get(reply_to)
        if message is None or message.conversation != place.conversation:
            raise Refused(404, "ActivityNotFound")
        return Place(place.conversation, message.thread)

    # -- people ------------------------------------------------------------------------------

    def _roster(self, conversation: str) -> list[Person]:
        if conversation == self._settings.desk_team_id:
            return self._world.agents()
        place = self._place(conversation)
        if self._is_channel(place):
            return self._world.agents()
        person = self._world.chat_of(place.conversation)
        return [person] if person else []

    def _members(self, asked: Asked) -> Answered:
        return Answered(200, [_account(person) for person in self._roster(asked.conversation)])

    def _member(self, asked: Asked) -> Answered:
        wanted = asked.ids["member"]
        for person in self._roster(asked.conversation):
            if wanted in (person.user_id, person.aad):
                return Answered(200, _account(person))
        raise Refused(404, "MemberNotFoundInConversation")

    def _page(self, asked: Asked) -> Answered:
        roster = self._roster(asked.conversation)
        size, token = asked.query.get("pageSize", ""), asked.query.get("continuationToken", "")
        if not (size.isdecimal() or not size) or not (token.isdecimal() or not token):
            raise Refused(400, "BadSyntax")
        start, count = int(token or 0), max(1, int(size or PAGE_SIZE))
        answer: Json = {"members": [_account(p) for p in roster[start : start + count]]}
        if start + count < len(roster):
            answer["continuationToken"] = str(start + count)
        return Answered(200, answer)

    def _team(self, asked: Asked) -> Answered:
        self._check_team(asked)
        team = {
            "id": self._settings.desk_team_id,
            "name": self._settings.desk_team_name,
            "aadGroupId": self._settings.desk_group_id,
            "memberCount": len(self._world.agents()),
            "channelCount": 2,
        }
        return Answered(200, team)

    def _channels(self, asked: Asked) -> Answered:
        self._check_team(asked)
        channel = {"id": self._settings.desk_channel_id, "name": self._settings.desk_channel_name}
        return Answered(200, {"conversations": [{"id": self._settings.desk_team_id}, channel]})

    def _check_team(self, asked: Asked) -> None:
        if asked.conversation not in (self._settings.desk_team_id, self._settings.desk_channel_id):
            raise Refused(404, "ConversationNotFound")


def _account(person: Person) -> Json:
    given, _, surname = person.name.partition(" ")
    return {
        "id": person.user_id,
        "objectId": person.aad,
        "aadObjectId": person.aad,
        "name": person.name,
        "givenName": given,
        "surname": surname,
        "email": person.email,
        "userPrincipalName": person.email,
        "tenantId": person.tenant,
        "userRole": "user",
    }


async def _asked(request: web.Request) -> Asked:
    raw = await request.content.read(-1) if request.can_read_body else b""
    try:
        body = json.loads(raw) if raw and len(raw) <= READ_LIMIT else None
    except ValueError:
        body = None
    # Too much to parse is still too much to accept.
    body = {"text": "x" * MESSAGE_LIMIT} if len(raw) > READ_LIMIT else body
    path = unquote(request.rel_url.raw_path)
    path = path[path.find("/v3/") + 1 :]
    return Asked(request.method, path, dict(request.match_info), dict(request.query), body)


def _carried_out(fault: Fault | None) -> bool:
    return fault is None or not fault.spoils or fault.deliver


def _told(fault: Fault | None, given: Answered) -> Answered:
    if fault is None or not fault.spoils:
        return given
    if not fault.status:
        return Answered(0)
    code = fault.code or CODES.get(fault.status, "ServiceError")
    wait = fault.retry_after if fault.retry_after is not None else 1.0
    headers = {"Retry-After": f"{wait:g}"} if fault.status == THROTTLED else None
    return Answered(fault.status, error_body(code), headers)


def _check_size(body: Any) -> None:
    if _size(body) > MESSAGE_LIMIT:
        raise Refused(413, "MessageSizeTooBig")


def _size(body: Any) -> int:
    text = json.dumps(_without_images(body), ensure_ascii=False, separators=(",", ":"))
    return len(text.encode("utf-16-le", "surrogatepass"))


def _without_images(node: Any) -> Any:
    """Returns the body without base64 images, which Teams does not count."""
    if isinstance(node, dict):
        return {key: _without_images(value) for key, value in node.items()}
    if isinstance(node, list):
        return [_without_images(item) for item in node]
    return "" if isinstance(node, str) and node.startswith("data:image/") else node


def _object(value: Any) -> Json:
    return value if isinstance(value, dict) else {}
