"""A bot of a few lines that keeps what it was sent, and a sandbox served beside it."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import aiohttp
from aiohttp import web
from aiohttp.test_utils import unused_port

from sandbox import Sandbox, SandboxSettings

Json = dict[str, Any]
Turn = Callable[["FakeBot", Json], Awaitable[web.Response | None]]
CARD = "application/vnd.microsoft.card.adaptive"


@dataclass
class FakeBot:
    """Remembers activities, answers 200 unless told otherwise, and calls the connector."""

    service_url: str
    heard: list[Json] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    answers: list[web.Response] = field(default_factory=list)
    turn: Turn | None = None

    def of(self, kind: str) -> list[Json]:
        """Returns the activities of a type, as they came."""
        return [activity for activity in self.heard if activity["type"] == kind]

    async def hear(self, request: web.Request) -> web.StreamResponse:
        """Takes one activity."""
        activity = await request.json()
        self.heard.append(activity)
        self.headers.append(dict(request.headers))
        if self.answers:
            return self.answers.pop(0)
        return (self.turn and await self.turn(self, activity)) or web.Response()

    async def call(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """Calls the connector and returns its status and body."""
        url = self.service_url + path
        async with (
            aiohttp.ClientSession() as session,
            session.request(method, url, json=body) as answer,
        ):
            kind = answer.headers.get("Content-Type", "")
            return answer.status, await answer.json() if "json" in kind else None

    async def post(self, conversation: str, **activity: Any) -> tuple[int, Any]:
        """Posts a message to a conversation."""
        path = f"v3/conversations/{conversation}/activities"
        return await self.call("POST", path, {"type": "message", **activity})


def card(*actions: Json, body: list[Json] | None = None, **members: Any) -> Json:
    """Returns an attachment with an Adaptive Card."""
    content = {"type": "AdaptiveCard", "version": "1.5", "body": body or [], **members}
    return {"contentType": CARD, "content": content | {"actions": list(actions)}}


@asynccontextmanager
async def teams(
    settings: SandboxSettings | None = None, port: int | None = None
) -> AsyncIterator[tuple[Sandbox, FakeBot]]:
    """Serves a sandbox and a bot on one free port."""
    port = port or unused_port()
    service_url = f"http://127.0.0.1:{port}/sandbox/"
    chosen = settings or SandboxSettings(retry_delay=0.01, bot_timeout=2)
    endpoint = f"http://127.0.0.1:{port}/api/messages"
    sandbox = Sandbox(replace(chosen, bot_endpoint=endpoint, service_url=service_url))
    bot = FakeBot(service_url)
    app = web.Application()
    app.router.add_post("/api/messages", bot.hear)
    app.add_subapp("/sandbox/", sandbox.app())
    runner = web.AppRunner(app, shutdown_timeout=1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", port).start()
        yield sandbox, bot
    finally:
        await runner.cleanup()
