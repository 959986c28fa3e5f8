"""The bot's own tokens: fetched once, ahead of time, and kept while they are good."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from delivery.tokens import LoginFailed, LoginTokens, NoToken, scope_of, token_url
from tests.delivery.wire import NOW


class Login:
    """A login service that numbers its tokens."""

    def __init__(self) -> None:
        self.asked = 0
        self.delay = 0.0
        self.answers = asyncio.Event()
        self.answers.set()
        self.status = 200
        self.body: Any = None
        self.form: dict[str, list[str]] = {}
        app = web.Application()
        app.router.add_post("/botframework.com/oauth2/v2.0/token", self._token)
        self.server = TestServer(app)

    async def _token(self, request: web.Request) -> web.Response:
        self.asked += 1
        self.form = parse_qs(await request.text())
        number = self.asked
        await asyncio.sleep(self.delay)
        await self.answers.wait()
        body = self.body or {"access_token": f"token {number}", "expires_in": 3600}
        return web.json_response(body, status=self.status)


class Rig:
    """Tokens, the service they come from, and a clock that can be moved."""

    def __init__(self, login: Login, session: aiohttp.ClientSession) -> None:
        self.login = login
        self.time = NOW
        self.tokens = LoginTokens(
            session,
            url=token_url(str(login.server.make_url("/")), ""),
            app_id="app",
            secret="s3cret",
            clock=self.now,
            timeout=aiohttp.ClientTimeout(total=0.8),
        )

    def now(self) -> datetime:
        return self.time

    def later(self, **span: float) -> None:
        self.time += timedelta(**span)


@pytest.fixture
async def rig() -> AsyncIterator[Rig]:
    login = Login()
    async with login.server, aiohttp.ClientSession() as session:
        made = Rig(login, session)
        yield made
        await made.tokens.close()


async def test_fetches_a_token_once_for_all_who_wait(rig: Rig) -> None:
    rig.login.delay = 0.05
    found = await asyncio.gather(*(rig.tokens.token() for _ in range(50)))
    assert set(found) == {"token 1"}
    assert rig.login.asked == 1
    assert rig.login.form == {
        "grant_type": ["client_credentials"],
        "client_id": ["app"],
        "client_secret": ["s3cret"],
        "scope": ["https://api.botframework.com/.default"],
    }


async def test_one_who_gives_up_takes_it_from_nobody(rig: Rig) -> None:
    rig.login.delay = 0.1
    impatient = asyncio.create_task(rig.tokens.token())
    patient = asyncio.create_task(rig.tokens.token())
    await asyncio.sleep(0.02)
    impatient.cancel()
    assert await patient == "token 1"


async def test_refreshes_ahead_of_time_while_nobody_waits(rig: Rig) -> None:
    await rig.tokens.token()
    rig.later(minutes=54)
    assert await rig.tokens.token() == "token 1"
    assert rig.login.asked == 1
    rig.later(minutes=2)
    rig.login.answers.clear()
    assert await rig.tokens.token() == "token 1"
    rig.login.answers.set()
    async with asyncio.timeout(20):
        while await rig.tokens.token() != "token 2":  # noqa: ASYNC110
            await asyncio.sleep(0.01)


async def test_keeps_the_old_token_when_the_refresh_fails(rig: Rig) -> None:
    await rig.tokens.token()
    rig.later(minutes=56)
    rig.login.status = 503
    for _ in range(5):
        assert await rig.tokens.token() == "token 1"
        await asyncio.sleep(0.05)
    assert rig.login.asked == 2, "a pause follows a failure"
    rig.later(minutes=5)
    with pytest.raises(LoginFailed, match="503"):
        await rig.tokens.token()
    rig.login.status = 200
    rig.later(seconds=2)
    assert await rig.tokens.token() == "token 4"


REFUSAL = {"error": "invalid_client", "error_description": "AADSTS7000215: Invalid secret x."}


@pytest.mark.parametrize(
    "status, body, why, refused",
    [
        (401, REFUSAL, "401 invalid_client AADSTS7000215", True),
        (400, [1], "400", True),
        (500, {"error": "<b>"}, "500", False),
        (302, None, "302", False),
        (200, {"access_token": "x"}, "answer without expires_in", False),
        (200, {"access_token": "a\r\nb", "expires_in": 5}, "answer without access_token", False),
        (200, {"access_token": "", "expires_in": "5"}, "answer without access_token", False),
        (200, {"x": "x" * 100_000}, "answer too big", False),
    ],
)
async def test_says_why_there_is_no_token(
    rig: Rig, status: int, body: Any, why: str, refused: bool
) -> None:
    rig.login.status, rig.login.body = status, body
    with pytest.raises(LoginFailed) as failed:
        await rig.tokens.token()
    assert (failed.value.why, failed.value.refused) == (why, refused)
    assert "s3cret" not in repr(failed.value)


async def test_does_not_wait_for_ever(rig: Rig) -> None:
    rig.login.delay = 1.5
    with pytest.raises(LoginFailed, match="Timeout"):
        await rig.tokens.token()


async def test_replaces_a_token_that_was_refused_but_not_all_the_time(rig: Rig) -> None:
    first = await rig.tokens.token()
    assert rig.tokens.refused(first)
    second = await rig.tokens.token()
    assert second == "token 2"
    assert rig.tokens.refused(first), "there is another one by now"
    assert not rig.tokens.refused(second), "it is the app that is refused"
    assert await rig.tokens.token() == second
    rig.later(minutes=2)
    assert rig.tokens.refused(second)
    assert await rig.tokens.token() == "token 3"


async def test_needs_no_token_without_an_app_id() -> None:
    tokens = NoToken()
    assert not tokens.refused(await tokens.token())
    assert await tokens.token() == ""


@pytest.mark.parametrize(
    "login, tenant, url",
    [
        ("", "", "https://login.microsoftonline.com/botframework.com/oauth2/v2.0/token"),
        ("", "t1", "https://login.microsoftonline.com/t1/oauth2/v2.0/token"),
        ("https://login.example/t2/", "t1", "https://login.example/t2/oauth2/v2.0/token"),
        ("http://127.0.0.1:9", "t1", "http://127.0.0.1:9/t1/oauth2/v2.0/token"),
        ("http://[::1]:9/x/oauth2/v2.0/token", "", "http://[::1]:9/x/oauth2/v2.0/token"),
    ],
)
def test_finds_the_login_of_a_tenant(login: str, tenant: str, url: str) -> None:
    assert token_url(login, tenant) == url


def test_asks_for_the_scope_of_its_cloud() -> None:
    government = "https://login.microsoftonline.us/MicrosoftServices.onmicrosoft.us"
    assert scope_of(government) == "https://api.botframework.us/.default"
    assert scope_of("") == "https://api.botframework.com/.default"
