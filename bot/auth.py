"""Who is calling: the check of the token that comes with an activity, and of what it vouches for.

Denied
├── Unauthenticated   401: no token, or none that we can believe
├── Forbidden         403: a good token that does not vouch for this activity
└── NoKeys            503: the keys were never had, so that nothing can be checked yet
"""

import asyncio
import ipaddress
import json
import logging
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any, Final, Protocol
from urllib.parse import urlsplit

import aiohttp
import jwt

from bot.inbound import Inbound
from cases.ports import Clock

CHANNEL: Final = "msteams"
LEEWAY: Final = timedelta(minutes=5)
KEYS_AGE: Final = timedelta(hours=24)
ASK_AGAIN: Final = timedelta(seconds=60)
"""An unknown key is worth one look per minute; anybody can name one."""
FIRST_AGAIN: Final = timedelta(seconds=1)
"""The same while no key is known at all, when every request depends on it."""
TIMEOUT: Final = aiohttp.ClientTimeout(total=5)
MOST_TOKENS: Final = 2048
_CAP: Final = 1024 * 1024
_REQUIRED: Final = ("exp", "nbf", "iss", "aud")

_log = logging.getLogger(__name__)


class Denied(Exception):
    """The activity is not taken; `status` is what to answer, `code` is for the log."""

    status = 403

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Unauthenticated(Denied):
    """Nobody we can believe in is calling."""

    status = 401


class Forbidden(Denied):
    """The caller is known and may not do this."""


class NoKeys(Denied):
    """The caller may be right; it cannot be checked now."""

    status = 503


class Authenticator(Protocol):
    """Decides whether an activity is taken."""

    async def check(self, inbound: Inbound, headers: Mapping[str, str], remote: str | None) -> None:
        """Return if the activity is what it says it is; raises `Denied`."""
        ...


@dataclass(frozen=True)
class SigningKey:
    """A key of the channel service, and the channels that it may sign for."""

    key: Any
    endorsements: frozenset[str]


class SigningKeys:
    """The channel service's keys: fetched once, refreshed daily behind the callers' backs."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        metadata_url: str,
        *,
        clock: Clock,
        timeout: aiohttp.ClientTimeout = TIMEOUT,
    ) -> None:
        self._session = session
        self._url = metadata_url
        self._clock = clock
        self._timeout = timeout
        self._keys: dict[str, SigningKey] = {}
        self._fetched: datetime | None = None
        self._asked: datetime | None = None
        self._flight: asyncio.Task[None] | None = None

    async def find(self, kid: str) -> SigningKey | None:
        """Return the key with this id; raises `NoKeys` while none was ever had."""
        key = self._keys.get(kid)
        if key is not None:
            if self._stale():
                self._refresh()
            return key
        flight = self._refresh()
        if flight is not None:
            # A caller that hangs up must not take the keys from the others.
            await asyncio.shield(flight)
        if not self._keys:
            raise NoKeys("no_keys")
        return self._keys.get(kid)

    async def warm(self) -> None:
        """Fetch the keys ahead of the first activity."""
        flight = self._refresh()
        if flight is not None:
            await asyncio.shield(flight)

    async def close(self) -> None:
        """Give up the fetch that is under way, if one is."""
        if self._flight is not None:
            self._flight.cancel()
            await asyncio.wait({self._flight})

    def _stale(self) -> bool:
        return self._fetched is None or abs(self._clock() - self._fetched) > KEYS_AGE

    def _refresh(self) -> asyncio.Task[None] | None:
        """Return the fetch under way, begun if it may be; none if the last one was just now."""
        if self._flight is not None and not self._flight.done():
            return self._flight
        now = self._clock()
        pause = ASK_AGAIN if self._keys else FIRST_AGAIN
        if self._asked is not None and abs(now - self._asked) < pause:
            return None
        self._asked = now
        self._flight = asyncio.create_task(self._fetch(), name="signing keys")
        return self._flight

    async def _fetch(self) -> None:
        try:
            async with asyncio.timeout(self._timeout.total):
                self._keys = await self._published()
        except Exception as error:
            # The last good set stays, whatever the other side does: new keys are announced long
            # before they are used.
            _log.warning("signing keys could not be fetched: %s", type(error).__name__)
        else:
            self._fetched = self._clock()

    async def _published(self) -> dict[str, SigningKey]:
        url = (await self._object(self._url)).get("jwks_uri")
        # Plain http is for tests, whose metadata come the same way.
        schemes = ("https", urlsplit(self._url).scheme)
        if not isinstance(url, str) or urlsplit(url).scheme not in schemes:
            raise ValueError("metadata without a jwks_uri that can be trusted")
        found = _keys(await self._object(url))
        if not found:
            raise ValueError("no usable key")
        return found

    async def _object(self, url: str) -> dict[str, Any]:
        async with self._session.get(url, timeout=self._timeout, allow_redirects=False) as answer:
            if answer.status != 200:
                raise ValueError(f"answered {answer.status}")
            raw = bytearray()
            async for piece in answer.content.iter_any():
                raw += piece
                if len(raw) > _CAP:
                    raise ValueError("answer too big")
        said = json.loads(raw)
        return said if isinstance(said, dict) else {}


@dataclass(frozen=True)
class _Accepted:
    """What a checked token vouches for."""

    service_url: str
    until: datetime


class TokenCheck:
    """Takes activities that Teams signed for this bot."""

    def __init__(self, keys: SigningKeys, *, app_id: str, issuer: str, clock: Clock) -> None:
        self._keys = keys
        self._app_id = app_id
        self._issuer = issuer
        self._clock = clock
        self._accepted: OrderedDict[bytes, _Accepted] = OrderedDict()

    async def check(self, inbound: Inbound, headers: Mapping[str, str], remote: str | None) -> None:
        """Return if the token is good and vouches for the activity; raises `Denied`."""
        accepted = await self._token(_bearer(headers.get("Authorization", "")))
        check_activity(inbound)
        if _same(accepted.service_url) != _same(inbound.service_url or ""):
            raise Forbidden("service_url")

    async def _token(self, token: str) -> _Accepted:
        # Teams sends the same token for an hour; its signature need not be checked each time.
        name = sha256(token.encode("utf-8", "surrogateescape")).digest()
        known = self._accepted.get(name)
        if known is not None and self._clock() < known.until:
            self._accepted.move_to_end(name)
            return known
        accepted = await self._verified(token)
        self._accepted[name] = accepted
        while len(self._accepted) > MOST_TOKENS:
            self._accepted.popitem(last=False)
        return accepted

    async def _verified(self, token: str) -> _Accepted:
        key = await self._keys.find(_kid(token))
        if key is None:
            raise Unauthenticated("unknown_key")
        claims = self._claims(token, key)
        # Without the list, a key for Web Chat, where senders write their own identity, would do.
        if CHANNEL not in key.endorsements:
            raise Forbidden("endorsement")
        vouched = claims.get("serviceurl") or claims.get("serviceUrl")
        if not isinstance(vouched, str) or not vouched:
            raise Forbidden("service_url_claim")
        return _Accepted(vouched, _instant(claims["exp"]))

    def _claims(self, token: str, key: SigningKey) -> dict[str, Any]:
        try:
            claims = jwt.decode(
                token,
                key.key,
                algorithms=["RS256"],
                audience=self._app_id,
                issuer=self._issuer,
                leeway=LEEWAY,
                options={"require": list(_REQUIRED)},
            )
        except jwt.PyJWTError as error:
            raise Unauthenticated(type(error).__name__) from None
        except Exception:
            # Whatever a stranger can make the parser do is still only a bad token.
            _log.exception("a token could not be read")
            raise Unauthenticated("token") from None
        return dict(claims)


class LoopbackOnly:
    """For a bot without an app id: takes what comes from this machine, and nothing else."""

    async def check(self, inbound: Inbound, headers: Mapping[str, str], remote: str | None) -> None:
        """Return if the request comes from loopback, by no detour; raises `Denied`."""
        if not _loopback(remote or ""):
            raise Forbidden("not_loopback")
        # A tunnel to the outside ends on loopback too, and says whom it speaks for.
        if any(name in headers for name in ("Forwarded", "X-Forwarded-For", "X-Forwarded-Host")):
            raise Forbidden("forwarded")
        check_activity(inbound)


def check_activity(inbound: Inbound) -> None:
    """Return if an activity is of Teams and agrees with itself; raises `Forbidden`."""
    if inbound.channel_id != CHANNEL:
        raise Forbidden("channel")
    if not inbound.service_url:
        raise Forbidden("service_url")
    if len(inbound.tenants) != 1:
        raise Forbidden("tenants" if inbound.tenants else "no_tenant")


def _bearer(header: str) -> str:
    scheme, _, token = header.partition(" ")
    token = token.strip()
    if scheme.lower() != "bearer" or not token:
        raise Unauthenticated("no_token")
    return token


def _kid(token: str) -> str:
    try:
        header = jwt.get_unverified_header(token)
    except Exception:
        raise Unauthenticated("token") from None
    kid = header.get("kid")
    # Checked before the keys are asked: garbage must not cost a look at the key server.
    if header.get("alg") != "RS256" or not isinstance(kid, str) or not kid:
        raise Unauthenticated("header")
    return kid


def _keys(said: dict[str, Any]) -> dict[str, SigningKey]:
    entries = said.get("keys")
    found: dict[str, SigningKey] = {}
    for entry in entries if isinstance(entries, list) else ():
        if isinstance(entry, dict) and _signs(entry):
            try:
                key = jwt.PyJWK(entry, algorithm="RS256")
            except (jwt.PyJWTError, ValueError, TypeError, KeyError):
                continue
            found[entry["kid"]] = SigningKey(key, _endorsements(entry))
    return found


def _signs(entry: dict[str, Any]) -> bool:
    kid = entry.get("kid")
    signature = entry.get("use", "sig") == "sig"
    return entry.get("kty") == "RSA" and isinstance(kid, str) and bool(kid) and signature


def _endorsements(entry: dict[str, Any]) -> frozenset[str]:
    listed = entry.get("endorsements")
    entries = listed if isinstance(listed, list) else []
    return frozenset(one for one in entries if isinstance(one, str))


def _instant(seconds: float) -> datetime:
    try:
        return datetime.fromtimestamp(float(seconds), UTC)
    except (ValueError, OverflowError, OSError, TypeError):
        # Good for longer than a date can say, and checked anew each time.
        return datetime.min.replace(tzinfo=UTC)


def _same(url: str) -> tuple[str, ...]:
    """Return what must agree in two service URLs: all but the host's case and a last slash."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return (url,)
    return (
        parts.scheme,
        parts.netloc.lower(),
        parts.path.rstrip("/"),
        parts.query,
        parts.fragment,
    )


def _loopback(remote: str) -> bool:
    try:
        address = ipaddress.ip_address(remote.partition("%")[0])
    except ValueError:
        return False
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return (mapped or address).is_loopback
