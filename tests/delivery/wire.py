"""The other side of the connector: a small server that answers as it is told."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import aiohttp
from aiohttp import web
from aiohttp.test_utils import TestServer

from delivery.connector import (
    DOWNLOAD_TIMEOUT,
    Allowed,
    TeamsConnector,
    open_file_session,
    open_session,
)
from delivery.tokens import NoToken, Tokens

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]
NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


@dataclass
class Asked:
    """A request as it arrived."""

    method: str
    path: str
    """As it was spelled, percent signs and all."""
    headers: dict[str, str]
    body: Any


@dataclass
class Teams:
    """Notes what it is asked and gives the next answer."""

    answers: deque[Answer] = field(default_factory=deque)
    asked: list[Asked] = field(default_factory=list)
    url: str = ""

    def will(self, *answers: Answer) -> None:
        self.answers.extend(answers)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        body = await request.json() if request.can_read_body else None
        headers = dict(request.headers)
        self.asked.append(Asked(request.method, request.raw_path, headers, body))
        return await self.answers.popleft()(request)


def says(status: int, body: Any = None, **headers: str) -> Answer:
    async def answer(_request: web.Request) -> web.StreamResponse:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return web.json_response({} if body is None else body, status=status, headers=named)

    return answer


async def hangs(_request: web.Request) -> web.StreamResponse:
    await asyncio.sleep(1)
    return web.Response()


async def drops(request: web.Request) -> web.StreamResponse:
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


@asynccontextmanager
async def teams() -> AsyncIterator[Teams]:
    made = Teams()
    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", made.handle)
    async with TestServer(app) as server:
        made.url = str(server.make_url("/emea/"))
        yield made


@asynccontextmanager
async def connector(
    tokens: Tokens | None = None,
    *,
    allows: Callable[[str], bool] = lambda _url: True,
    allows_file: Callable[[str], bool] = lambda _url: True,
    loopback: bool = True,
    seconds: float = 0.3,
    file_timeout: aiohttp.ClientTimeout = DOWNLOAD_TIMEOUT,
) -> AsyncIterator[TeamsConnector]:
    fetching = open_file_session(loopback=loopback, timeout=file_timeout)
    async with open_session() as session, fetching as files:
        yield TeamsConnector(
            session,
            files,
            tokens or NoToken(),
            bot_id="28:bot",
            allowed=Allowed(allows, allows_file, file_loopback=loopback),
            clock=lambda: NOW,
            timeout=aiohttp.ClientTimeout(total=2 * seconds, connect=seconds),
        )
