"""The bot's own tokens towards Teams: fetched ahead of time, once for everybody who waits."""

import asyncio
import json
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol
from urllib.parse import urlsplit

import aiohttp

from cases.ports import Clock

LOGIN: Final = "https://login.microsoftonline.com/"
MULTI_TENANT: Final = "botframework.com"
SCOPE: Final = "https://api.botframework.com/.default"
US_SCOPE: Final = "https://api.botframework.us/.default"
ENDPOINT: Final = "/oauth2/v2.0/token"
REFRESH_AHEAD: Final = timedelta(minutes=5)
PAUSE: Final = timedelta(seconds=1)
"""Between two tries after a failure: everybody waiting would ask again at once."""
QUIET: Final = timedelta(seconds=60)
"""Between two tokens that are dropped because they were refused."""
TIMEOUT: Final = aiohttp.ClientTimeout(total=10, connect=3)
_CAP: Final = 64 * 1024
_REFUSED: Final = frozenset({400, 401, 403})
_CODE = re.compile(r"[a-z_]{1,40}")
_DETAIL = re.compile(r"AADSTS[0-9]{4,9}")


class LoginFailed(Exception):
    """No token can be had; `refused` if the login service said no to our credentials."""

    def __init__(self, why: str, *, refused: bool = False) -> None:
        super().__init__(why)
        self.why = why
        self.refused = refused


class Tokens(Protocol):
    """Where the connector gets its bearer token from."""

    async def token(self) -> str:
        """Return a valid token, empty if none is needed; raises `LoginFailed`."""
        ...

    def refused(self, token: str) -> bool:
        """Hear that Teams did not accept a token; tells whether another is to be had at once."""
        ...


class NoToken:
    """For a bot without an app id, which runs on loopback only."""

    async def token(self) -> str:
        """Return no token."""
        return ""

    def refused(self, token: str) -> bool:
        """Shrug: there is none to replace."""
        return False


@dataclass(frozen=True)
class _Held:
    value: str
    since: datetime
    expires: datetime
    refresh: datetime


class LoginTokens:
    """Client-credentials tokens of one app, shared by all calls.

    MSAL blocks the loop, discovers instances on the internet and refuses plain http, so the one
    POST that is needed is made here, on the shared session.
    """

    def __init__(
        self,
        session: aiohttp.ClientSession,
        *,
        url: str,
        app_id: str,
        secret: str,
        clock: Clock,
        scope: str = SCOPE,
        timeout: aiohttp.ClientTimeout = TIMEOUT,
    ) -> None:
        self._session = session
        self._url = url
        self._form = {
            "grant_type": "client_credentials",
            "client_id": app_id,
            "client_secret": secret,
            "scope": scope,
        }
        self._clock = clock
        self._timeout = timeout
        self._held: _Held | None = None
        self._dropped: datetime | None = None
        self._failure = LoginFailed("not tried")
        self._not_before: datetime | None = None
        self._flight: asyncio.Task[None] | None = None

    async def token(self) -> str:
        """Return a token that is valid now; raises `LoginFailed`."""
        now = self._clock()
        held = self._held
        if held is not None and now < held.refresh:
            return held.value
        flight = self._started(now)
        if held is not None and now < held.expires:
            # Good for minutes yet: nobody waits for its successor.
            return held.value
        if flight is not None:
            # One waiter that gives up must not take the token from the others.
            await asyncio.shield(flight)
        return self._usable()

    def refused(self, token: str) -> bool:
        """Drop a token that Teams did not accept, unless one was dropped just now.

        The login service would be asked for each call otherwise, where it is the app that is
        refused rather than its token.
        """
        held, now = self._held, self._clock()
        if held is None or held.value != token:
            return True
        if self._dropped is not None and now - self._dropped < QUIET:
            return False
        self._held, self._dropped = None, now
        return True

    async def close(self) -> None:
        """Give up the fetch that is under way, if one is."""
        if self._flight is not None:
            self._flight.cancel()
            await asyncio.wait({self._flight})

    def _usable(self) -> str:
        if self._held is None or self._clock() >= self._held.expires:
            raise self._failure
        return self._held.value

    def _started(self, now: datetime) -> asyncio.Task[None] | None:
        """Return the fetch under way, begun if it may be; none during the pause after a failure."""
        if self._flight is not None and not self._flight.done():
            return self._flight
        if self._not_before is not None and now < self._not_before:
            return None
        self._flight = asyncio.create_task(self._refresh(), name="login")
        return self._flight

    async def _refresh(self) -> None:
        try:
            self._held = await self._fetched()
            self._not_before = None
        except LoginFailed as failure:
            self._failure = failure
            self._not_before = self._clock() + PAUSE

    async def _fetched(self) -> _Held:
        asked = self._clock()
        try:
            async with self._session.post(
                self._url, data=self._form, timeout=self._timeout, allow_redirects=False
            ) as answer:
                status, raw = answer.status, await _capped(answer.content)
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            raise LoginFailed(type(error).__name__) from error
        said = _object(raw)
        if status != 200:
            raise LoginFailed(_why(status, said), refused=status in _REFUSED)
        return _held(said, asked)


def token_url(login_url: str, tenant: str) -> str:
    """Return where tokens are had: `login_url` (or the public cloud's) names its tenant or not."""
    base = (login_url or LOGIN).rstrip("/")
    if base.endswith("/token"):
        return base
    if not urlsplit(base).path.strip("/"):
        base = f"{base}/{tenant or MULTI_TENANT}"
    return base + ENDPOINT


def scope_of(login_url: str) -> str:
    """Return the connector's scope in the cloud that a login URL belongs to."""
    host = urlsplit(login_url).hostname or ""
    return US_SCOPE if host.endswith(".us") else SCOPE


def graph_scope(url: str) -> str:
    """Return the scope of the Graph at an address."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}/.default"


async def _capped(content: aiohttp.StreamReader) -> bytes:
    raw = bytearray()
    async for chunk in content.iter_any():
        raw += chunk
        if len(raw) > _CAP:
            raise LoginFailed("answer too big")
    return bytes(raw)


def _object(raw: bytes) -> dict[str, object]:
    try:
        said = json.loads(raw)
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}


def _held(said: dict[str, object], asked: datetime) -> _Held:
    value = said.get("access_token")
    try:
        life = timedelta(seconds=int(str(said.get("expires_in"))))
    except (ValueError, OverflowError):
        raise LoginFailed("answer without expires_in") from None
    if not isinstance(value, str) or not value.isascii() or not value.isprintable() or not value:
        raise LoginFailed("answer without access_token")
    # A token with a shorter life than the margin would be fetched again for every call.
    ahead = min(REFRESH_AHEAD, life / 2)
    return _Held(value, asked, asked + life, asked + life - ahead)


def _why(status: int, said: dict[str, object]) -> str:
    """Return the codes of a refusal; its description may hold ids and is left out."""
    code = str(said.get("error", ""))
    detail = _DETAIL.search(str(said.get("error_description", "")))
    parts = (str(status), code if _CODE.fullmatch(code) else "", detail[0] if detail else "")
    return " ".join(filter(None, parts))
