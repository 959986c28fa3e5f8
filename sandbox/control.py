"""The control API: everything a person can do in the sandbox, as JSON over HTTP."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from aiohttp import web

from sandbox.faults import Fault
from sandbox.feed import Feed
from sandbox.settings import Person
from sandbox.world import Json, NotPossible

if TYPE_CHECKING:
    from sandbox.teams import Sandbox

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Act = Callable[[web.Request, Json], Awaitable[Any]]

HEARTBEAT = 15.0
BODY_LIMIT = 1024 * 1024
PIECE = 64 * 1024


class Control:
    """Turns requests of the page and of tests into what people do."""

    def __init__(self, sandbox: "Sandbox", feed: Feed) -> None:
        self._sandbox = sandbox
        self._feed = feed

    def routes(self) -> list[web.RouteDef]:
        """Returns the routes below /api/."""
        return [
            web.get("/api/state", _served(self._state)),
            web.get("/api/events", self._events),
            web.get("/api/messages", _served(self._messages)),
            web.get("/api/calls", _served(self._calls)),
            web.post("/api/say", _served(self._say)),
            web.post("/api/press", _served(self._press)),
            web.post("/api/refresh", _served(self._refresh)),
            web.post("/api/search", _served(self._search)),
            web.post("/api/dialog", _served(self._dialog)),
            web.post("/api/edit", _served(self._edit)),
            web.post("/api/react", _served(self._react)),
            web.post("/api/uploads", self._upload),
            web.patch("/api/people/{person}", _served(self._set_person)),
            web.post("/api/people/{person}/{deed}", _served(self._deed)),
            web.get("/api/faults", _served(self._faults)),
            web.put("/api/faults", _served(self._set_faults)),
            web.post("/api/faults", _served(self._add_fault)),
            web.delete("/api/faults/{fault}", _served(self._remove_fault)),
            web.post("/api/resend", _served(self._resend)),
            web.post("/api/introduce", _served(self._introduce)),
            web.post("/api/clear", _served(self._clear)),
        ]

    # -- reading -----------------------------------------------------------------------------

    async def _state(self, _: web.Request, __: Json) -> Json:
        settings = self._sandbox.settings
        return {
            "cursor": self._feed.cursor,
            "bot": {"id": settings.bot_id, "name": settings.bot_name},
            "channel": {
                "id": settings.desk_channel_id,
                "name": settings.desk_channel_name,
                "team": settings.desk_team_name,
            },
            "people": [self._person(person) for person in self._sandbox.world.people],
            "messages": [message.json() for message in self._sandbox.messages()],
            "faults": self._sandbox.faults.json(),
        }

    def _person(self, person: Person) -> Json:
        standing = self._sandbox.world.standing(person.key)
        return asdict(person) | {"installed": standing.installed, "blocked": standing.blocked}

    async def _events(self, request: web.Request) -> web.StreamResponse:
        cursor = request.headers.get("Last-Event-ID") or request.query.get("cursor", "")
        stream = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await stream.prepare(request)
        # A page that was closed is no error; one that comes back names the last event it saw.
        with suppress(ConnectionResetError):
            async for place, event in self._feed.follow(cursor, HEARTBEAT):
                await stream.write(f"id: {place}\ndata: {json.dumps(event)}\n\n".encode())
        return stream

    async def _messages(self, request: web.Request, _: Json) -> list[Json]:
        query = request.query
        found = self._sandbox.messages(
            query.get("conversation"), query.get("thread"), query.get("sender")
        )
        return [message.json() for message in found]

    async def _calls(self, request: web.Request, _: Json) -> list[Json]:
        query = request.query
        method, path = query.get("method", ""), query.get("path", "")
        found = self._sandbox.calls(method, path, query.get("activity", ""))
        return [asdict(call) for call in found]

    # -- doing -------------------------------------------------------------------------------

    async def _say(self, _: web.Request, body: Json) -> Json:
        message = await self._sandbox.say(
            _text(body, "person"),
            _text(body, "text", ""),
            conversation=body.get("conversation"),
            thread=body.get("thread"),
            files=[str(item) for item in body.get("files", [])],
            mention=bool(body.get("mention", True)),
            wait=bool(body.get("wait", True)),
        )
        return message.json()

    async def _press(self, _: web.Request, body: Json) -> Json:
        action = body.get("action")
        if not isinstance(action, (str, dict)):
            raise NotPossible("`action` is missing", 400)
        person, message = _text(body, "person"), _text(body, "message")
        answer = await self._sandbox.press(person, message, action, body.get("inputs") or {})
        return answer.json()

    async def _refresh(self, _: web.Request, body: Json) -> Json:
        answer = await self._sandbox.refresh(_text(body, "person"), _text(body, "message"))
        return answer.json()

    async def _search(self, _: web.Request, body: Json) -> Json:
        answer = await self._sandbox.search(
            _text(body, "person"),
            _text(body, "message"),
            _text(body, "dataset"),
            _text(body, "query", ""),
        )
        return answer.json()

    async def _dialog(self, _: web.Request, body: Json) -> Json:
        person, message = _text(body, "person"), _text(body, "message")
        data, inputs = body.get("data"), body.get("inputs") or {}
        return (await self._sandbox.submit_dialog(person, message, data, inputs)).json()

    async def _edit(self, _: web.Request, body: Json) -> Json:
        person, message = _text(body, "person"), _text(body, "message")
        wait = bool(body.get("wait", True))
        edited = await self._sandbox.edit(person, message, _text(body, "text"), wait=wait)
        return edited.json()

    async def _react(self, _: web.Request, body: Json) -> Json:
        person, message = _text(body, "person"), _text(body, "message")
        return asdict(await self._sandbox.react(person, message, _text(body, "kind", "like")))

    async def _upload(self, request: web.Request) -> web.StreamResponse:
        return await _answered(self._stored(request))

    async def _stored(self, request: web.Request) -> Json:
        upload = await self._sandbox.upload(
            request.query.get("name", ""),
            _pieces(request),
            request.headers.get("Content-Type", ""),
            pasted=request.query.get("pasted") == "true",
        )
        return asdict(upload)

    async def _set_person(self, request: web.Request, body: Json) -> Json:
        person = request.match_info["person"]
        locale, timezone = body.get("locale"), body.get("timezone")
        self._sandbox.set_person(person, locale=locale, timezone=timezone)
        return self._person(self._sandbox.person(person))

    async def _deed(self, request: web.Request, _: Json) -> Json:
        person = request.match_info["person"]
        match request.match_info["deed"]:
            case "install":
                await self._sandbox.install(person)
            case "uninstall":
                await self._sandbox.uninstall(person)
            case "block":
                self._sandbox.block(person)
            case "unblock":
                self._sandbox.block(person, False)
            case deed:
                raise NotPossible(f"nobody can {deed}", 404)
        return self._person(self._sandbox.person(person))

    # -- weather -----------------------------------------------------------------------------

    async def _faults(self, _: web.Request, __: Json) -> list[Json]:
        return self._sandbox.faults.json()

    async def _set_faults(self, _: web.Request, body: Json) -> list[Json]:
        self._sandbox.faults.replace([_fault(rule) for rule in body.get("rules", [])])
        return self._told()

    async def _add_fault(self, _: web.Request, body: Json) -> list[Json]:
        self._sandbox.faults.add(_fault(body))
        return self._told()

    async def _remove_fault(self, request: web.Request, _: Json) -> list[Json]:
        self._sandbox.faults.remove(request.match_info["fault"])
        return self._told()

    def _told(self) -> list[Json]:
        rules = self._sandbox.faults.json()
        self._feed.publish("faults", faults=rules)
        return rules

    async def _resend(self, _: web.Request, body: Json) -> Json:
        return asdict(await self._sandbox.resend(new_id=bool(body.get("new_id"))))

    async def _introduce(self, _: web.Request, __: Json) -> Json:
        return {"done": await self._sandbox.introduce()}

    async def _clear(self, _: web.Request, __: Json) -> Json:
        await self._sandbox.clear()
        return {}


def _served(act: Act) -> Handler:
    async def handle(request: web.Request) -> web.StreamResponse:
        async def run() -> Any:
            return await act(request, await _body(request))

        return await _answered(run())

    return handle


async def _answered(work: Awaitable[Any]) -> web.StreamResponse:
    try:
        return web.json_response(await work)
    except NotPossible as no:
        body = {"error": {"code": "NotPossible", "message": str(no)}}
        return web.json_response(body, status=no.status)


async def _body(request: web.Request) -> Json:
    if not request.can_read_body:
        return {}
    raw = bytearray()
    async for piece in _pieces(request):
        raw += piece
        if len(raw) > BODY_LIMIT:
            raise NotPossible("the request is too large", 413)
    try:
        value = json.loads(raw or b"{}")
    except ValueError:
        raise NotPossible("the request is not JSON", 400) from None
    if not isinstance(value, dict):
        raise NotPossible("the request is not a JSON object", 400)
    return value


async def _pieces(request: web.Request) -> AsyncIterator[bytes]:
    async for piece in request.content.iter_chunked(PIECE):
        yield piece


def _text(body: Json, key: str, default: str | None = None) -> str:
    value = body.get(key, default)
    if not isinstance(value, str):
        raise NotPossible(f"`{key}` is missing", 400)
    return value


def _fault(rule: Any) -> Fault:
    try:
        return Fault.of(rule)
    except (AttributeError, TypeError, ValueError):
        raise NotPossible("the fault rule cannot be read", 400) from None
