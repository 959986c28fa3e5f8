"""Who may speak to the bot: tokens over a real wire, with keys of our own."""

import asyncio
import base64
import hashlib
import hmac
import json
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import jwt
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from bot.auth import Denied, Forbidden, LoopbackOnly, NoKeys, SigningKeys, TokenCheck
from bot.inbound import Inbound, parse_activity

APP = "c9e8c047-2a74-40a2-b28a-b162d5f5327c"
ISSUER = "https://api.botframework.com"
SERVICE = "https://smba.trafficmanager.net/emea/"
GOOD = rsa.generate_private_key(public_exponent=65537, key_size=2048)
OTHER = rsa.generate_private_key(public_exponent=65537, key_size=2048)


def inbound(**changes: Any) -> Inbound:
    base: dict[str, Any] = {
        "type": "message",
        "id": "1",
        "channelId": "msteams",
        "serviceUrl": SERVICE,
        "from": {"id": "29:ada"},
        "conversation": {"id": "a:1", "tenantId": "T1"},
        "channelData": {"tenant": {"id": "t1"}},
    }
    return parse_activity(json.dumps(base | changes).encode())


def claims(**changes: Any) -> dict[str, Any]:
    now = datetime.now(UTC)
    base = {
        "iss": ISSUER,
        "aud": APP,
        "nbf": now - timedelta(minutes=1),
        "exp": now + timedelta(hours=1),
        "serviceurl": SERVICE,
    }
    changed = base | changes
    return {key: value for key, value in changed.items() if value is not ...}


def ago(**span: float) -> datetime:
    return datetime.now(UTC) - timedelta(**span)


def token(key: Any = GOOD, alg: str = "RS256", kid: str | None = "good", /, **changes: Any) -> str:
    headers = {"kid": kid} if kid else {}
    return jwt.encode(claims(**changes), key, algorithm=alg, headers=headers)


def confused() -> str:
    """Return a token signed by HMAC with the public key as its secret."""

    def packed(raw: bytes) -> str:
        return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()

    plain = {k: int(v.timestamp()) if isinstance(v, datetime) else v for k, v in claims().items()}
    head = packed(b'{"alg":"HS256","kid":"good","typ":"JWT"}')
    body = f"{head}.{packed(json.dumps(plain).encode())}"
    secret = GOOD.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return f"{body}.{packed(hmac.new(secret, body.encode(), hashlib.sha256).digest())}"


def jwk(key: rsa.RSAPrivateKey, kid: str, endorsements: Any = ("msteams",)) -> dict[str, Any]:
    made: dict[str, Any] = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key()))
    made |= {"kid": kid, "use": "sig"}
    return made | ({"endorsements": list(endorsements)} if endorsements is not None else {})


class KeyServer:
    """Publishes keys, and counts who asks."""

    def __init__(self) -> None:
        self.keys = [jwk(GOOD, "good"), jwk(GOOD, "webchat", ("webchat",)), jwk(GOOD, "bare", None)]
        self.asked = 0
        self.delay = 0.0
        self.answers = asyncio.Event()
        self.answers.set()
        self.status = 200
        self.body: Any = None
        self.server = TestServer(self._app())

    def _app(self) -> web.Application:
        app = web.Application()
        app.router.add_get("/openid", self._metadata)
        app.router.add_get("/keys", self._keys)
        return app

    async def is_asked(self, times: int) -> None:
        async with asyncio.timeout(20):
            while self.asked < times:  # noqa: ASYNC110
                await asyncio.sleep(0.005)

    async def _metadata(self, _request: web.Request) -> web.Response:
        self.asked += 1
        await asyncio.sleep(self.delay)
        await self.answers.wait()
        return web.json_response({"jwks_uri": str(self.server.make_url("/keys"))})

    async def _keys(self, _request: web.Request) -> web.Response:
        body = self.body if self.body is not None else {"keys": self.keys}
        return web.json_response(body, status=self.status)


class Rig:
    """A token check, its key server, and a clock that can be moved."""

    def __init__(self, server: KeyServer, session: aiohttp.ClientSession) -> None:
        self.server = server
        self.ahead = timedelta()
        self.keys = SigningKeys(
            session,
            str(server.server.make_url("/openid")),
            clock=self.now,
            timeout=aiohttp.ClientTimeout(total=0.8),
        )
        self.gate = TokenCheck(self.keys, app_id=APP, issuer=ISSUER, clock=self.now)

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    def later(self, **span: float) -> None:
        self.ahead += timedelta(**span)

    async def shows(self, header: str, activity: Inbound | None = None) -> int:
        try:
            await self.gate.check(activity or inbound(), {"Authorization": header}, "1.2.3.4")
        except Denied as no:
            return no.status
        return 200

    async def bears(self, value: str, activity: Inbound | None = None) -> int:
        return await self.shows(f"Bearer {value}", activity)


@pytest.fixture
async def rig() -> AsyncIterator[Rig]:
    server = KeyServer()
    async with server.server, aiohttp.ClientSession() as session:
        made = Rig(server, session)
        yield made
        await made.keys.close()


async def test_takes_a_good_token_and_checks_it_once(rig: Rig) -> None:
    good = token()
    assert [await rig.bears(good) for _ in range(3)] == [200, 200, 200]
    assert rig.server.asked == 1


TOKENS: dict[str, tuple[Callable[[], str], int]] = {
    "garbage": (lambda: "garbage", 401),
    "dots": (lambda: "a.b.c", 401),
    "not ASCII": (lambda: "\udcff\udcfe.x.y", 401),
    "expired": (lambda: token(exp=ago(minutes=6)), 401),
    "expired within leeway": (lambda: token(exp=ago(minutes=4)), 200),
    "not yet valid": (lambda: token(nbf=ago(minutes=-6)), 401),
    "valid soon": (lambda: token(nbf=ago(minutes=-4)), 200),
    "other key": (lambda: token(OTHER), 401),
    "unknown kid": (lambda: token(OTHER, "RS256", "new"), 401),
    "no kid": (lambda: token(GOOD, "RS256", None), 401),
    "alg none": (lambda: token(None, "none"), 401),
    "HS256 with the public key": (confused, 401),
    "RS512": (lambda: token(GOOD, "RS512"), 401),
    "other audience": (lambda: token(aud="other"), 401),
    "other issuer": (lambda: token(iss="https://sts.windows.net/x/"), 401),
    "no issuer": (lambda: token(iss=...), 401),
    "no exp": (lambda: token(exp=...), 401),
    "no nbf": (lambda: token(nbf=...), 401),
    "no aud": (lambda: token(aud=...), 401),
    "exp of another age": (lambda: token(exp=10**18), 200),
    "endorsed for Web Chat": (lambda: token(GOOD, "RS256", "webchat"), 403),
    "endorsed for nothing": (lambda: token(GOOD, "RS256", "bare"), 403),
    "no service URL": (lambda: token(serviceurl=...), 403),
    "service URL a list": (lambda: token(serviceurl=[SERVICE]), 403),
    "other service URL": (lambda: token(serviceurl="https://evil.example/"), 403),
    "service URL by another spelling": (
        lambda: token(serviceurl="https://SMBA.trafficmanager.net/emea"), 200,
    ),
}  # fmt: skip


@pytest.mark.parametrize("made, status", TOKENS.values(), ids=TOKENS.keys())
async def test_judges_a_token(rig: Rig, made: Callable[[], str], status: int) -> None:
    assert await rig.bears(made()) == status


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Basic YTpi", "Negotiate x"])
async def test_asks_for_a_token(rig: Rig, header: str) -> None:
    assert await rig.shows(header) == 401
    assert rig.server.asked == 0


ACTIVITIES: dict[str, dict[str, Any]] = {
    "other service URL": {"serviceUrl": "https://evil.example/"},
    "service URL with a port": {"serviceUrl": "https://smba.trafficmanager.net:444/emea/"},
    "service URL in plain text": {"serviceUrl": "http://smba.trafficmanager.net/emea/"},
    "no service URL": {"serviceUrl": None},
    "empty service URL": {"serviceUrl": ""},
    "Web Chat": {"channelId": "webchat"},
    "no channel": {"channelId": None},
    "two tenants": {"channelData": {"tenant": {"id": "t2"}}},
    "no tenant": {"conversation": {"id": "a:1"}, "channelData": None},
}


@pytest.mark.parametrize("changes", ACTIVITIES.values(), ids=ACTIVITIES.keys())
async def test_refuses_what_the_token_does_not_vouch_for(rig: Rig, changes: dict[str, Any]) -> None:
    good = token()
    assert await rig.bears(good) == 200
    assert await rig.bears(good, inbound(**changes)) == 403


async def test_takes_a_key_that_is_new(rig: Rig) -> None:
    assert await rig.bears(token()) == 200
    rig.server.keys.append(jwk(OTHER, "new"))
    rotated = token(OTHER, "RS256", "new")
    assert await rig.bears(rotated) == 401, "asked less than a minute ago"
    rig.later(seconds=61)
    assert await rig.bears(rotated) == 200


async def test_asks_for_unknown_keys_once_a_minute(rig: Rig) -> None:
    await rig.keys.warm()
    for number in range(5):
        await rig.bears(token(OTHER, "RS256", f"unknown {number}"))
    assert rig.server.asked == 1


async def test_fetches_the_keys_once_for_all_who_wait(rig: Rig) -> None:
    rig.server.delay = 0.05
    found = await asyncio.gather(*(rig.bears(token(jti=str(n))) for n in range(20)))
    assert set(found) == {200}
    assert rig.server.asked == 1


async def test_a_slow_key_server_holds_nobody_up_whose_key_is_known(rig: Rig) -> None:
    assert await rig.bears(token()) == 200
    rig.server.answers.clear()
    rig.later(seconds=61)
    waiting = asyncio.create_task(rig.bears(token(OTHER, "RS256", "new")))
    await rig.server.is_asked(2)
    assert await rig.bears(token(jti="another")) == 200
    rig.server.answers.set()
    assert await waiting == 401


async def test_refreshes_daily_behind_the_callers_backs(rig: Rig) -> None:
    assert await rig.bears(token()) == 200
    rig.server.answers.clear()
    rig.later(hours=25)
    assert await rig.bears(token(exp=ago(days=-3))) == 200
    await rig.server.is_asked(2)
    rig.server.answers.set()


@pytest.mark.parametrize("trouble", ["down", "hung", "no keys", "no JSON object"])
async def test_keeps_the_last_good_keys(rig: Rig, trouble: str) -> None:
    assert await rig.bears(token()) == 200
    rig.later(seconds=61)
    await spoil(rig, trouble)
    assert await rig.bears(token(OTHER, "RS256", "new")) == 401
    assert await rig.bears(token(jti="another")) == 200


async def spoil(rig: Rig, trouble: str) -> None:
    rig.server.status = 500 if trouble == "down" else 200
    rig.server.delay = 1.5 if trouble == "hung" else 0.0
    rig.server.body = {"no keys": {"keys": [{"kty": "RSA", "kid": "x"}, 5]}}.get(trouble)
    rig.server.body = [1] if trouble == "no JSON object" else rig.server.body


async def test_says_that_it_cannot_tell_while_it_never_had_a_key(rig: Rig) -> None:
    rig.server.status = 503
    with pytest.raises(NoKeys) as told:
        await rig.gate.check(inbound(), {"Authorization": f"Bearer {token()}"}, None)
    assert told.value.status == 503
    assert await rig.bears("garbage") == 401, "garbage needs no key"
    rig.server.status = 200
    rig.later(seconds=2)
    assert await rig.bears(token()) == 200


@pytest.mark.parametrize("remote", ["127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1"])
async def test_without_an_app_id_takes_loopback(remote: str) -> None:
    await LoopbackOnly().check(inbound(), {}, remote)


@pytest.mark.parametrize("remote", [None, "", "10.0.0.1", "8.8.8.8", "::", "localhost", "x"])
async def test_without_an_app_id_takes_nobody_else(remote: str | None) -> None:
    with pytest.raises(Forbidden, match="not_loopback"):
        await LoopbackOnly().check(inbound(), {}, remote)


async def test_without_an_app_id_takes_nothing_from_a_tunnel() -> None:
    with pytest.raises(Forbidden, match="forwarded"):
        await LoopbackOnly().check(inbound(), {"X-Forwarded-For": "8.8.8.8"}, "127.0.0.1")
    with pytest.raises(Forbidden, match="tenants"):
        await LoopbackOnly().check(inbound(channelData={"tenant": {"id": "t2"}}), {}, "127.0.0.1")
