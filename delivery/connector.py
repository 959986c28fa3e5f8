"""The Bot Framework's REST wire on one shared HTTP session.

It tries nothing twice, but for what was refused for its token.
"""

import json
import re
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final, TypeAlias
from urllib.parse import quote

import aiohttp
from yarl import URL

from cases.errors import Rejected
from cases.ports import Clock, Member, Outcome, Sent
from delivery.addresses import PublicResolver, literal_refused
from delivery.tokens import LoginFailed, Tokens

CONNECTIONS: Final = 1024
"""Far above the deliveries in flight: hung conversations must not use the others' connections."""
KEEP_ALIVE: Final = 55.0
DNS_CACHE: Final = 60
TIMEOUT: Final = aiohttp.ClientTimeout(total=10, connect=3)
STILL_COMING: Final = timedelta(seconds=5)
"""How long a request that was not answered in time may still take to be carried out: whoever looks
earlier whether it was does not find it, and makes it twice."""
DOWNLOAD_TIMEOUT: Final = aiohttp.ClientTimeout(total=30, connect=5, sock_read=10)
DOWNLOADS_PER_HOST: Final = 16
"""So that one host that answers slowly, or never, leaves the others their connections."""
ANSWER_CAP: Final = 64 * 1024
ROSTER_CAP: Final = 1024 * 1024
ROSTER_PAGES: Final = 50
CHUNK: Final = 64 * 1024
LONGEST_WAIT: Final = timedelta(hours=1)

_PASTED = re.compile(r"(?:/[\w-]+)*/v3/attachments/[A-Za-z0-9][\w.~-]*/views/\w+", re.ASCII)
"""The path of a picture that lies at the connector; any of its regions has such paths."""
_CODE = re.compile(r"[A-Za-z0-9_.-]{1,64}")
_SUBCODE = re.compile(r'"subCode"\s*:\s*"([A-Za-z0-9_.-]{1,64})"')
_BY_STATUS: Final = {
    401: Sent.UNAUTHORIZED,
    403: Sent.GONE,
    404: Sent.GONE,
    408: Sent.UNKNOWN,
    410: Sent.GONE,
    412: Sent.UNKNOWN,
    429: Sent.LATER,
    502: Sent.UNKNOWN,
    503: Sent.UNKNOWN,
    504: Sent.UNKNOWN,
}

Json: TypeAlias = dict[str, object]


def open_session(connections: int = CONNECTIONS) -> aiohttp.ClientSession:
    """Open the session that all calls to Teams and its logins share; call it inside the loop."""
    pool = aiohttp.TCPConnector(
        limit=connections, ttl_dns_cache=DNS_CACHE, keepalive_timeout=KEEP_ALIVE
    )
    return aiohttp.ClientSession(
        connector=pool, cookie_jar=aiohttp.DummyCookieJar(), timeout=TIMEOUT
    )


def open_file_session(
    *,
    loopback: bool = False,
    connections: int = 64,
    timeout: aiohttp.ClientTimeout = DOWNLOAD_TIMEOUT,
) -> aiohttp.ClientSession:
    """Open the session that fetches files of others: it reaches public addresses only.

    It unpacks nothing: a packed answer could unpack to any size.
    """
    pool = aiohttp.TCPConnector(
        limit=connections,
        limit_per_host=DOWNLOADS_PER_HOST,
        ttl_dns_cache=DNS_CACHE,
        resolver=PublicResolver(loopback=loopback),
    )
    return aiohttp.ClientSession(
        connector=pool,
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=timeout,
        auto_decompress=False,
    )


@dataclass(frozen=True)
class Allowed:
    """Whom the bot calls: tests of URLs, the first one asked before any token is sent."""

    service: Callable[[str], bool]
    file: Callable[[str], bool]
    file_loopback: bool = False
    """Whether files may come from this machine, as they do in the sandbox."""


@dataclass(frozen=True)
class _Answer:
    """What the other side said, or that it said nothing (`status` 0)."""

    outcome: Outcome
    body: Json


class TeamsConnector:
    """Calls the connector service of a conversation; fulfils `cases.ports.Connector`."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        files: aiohttp.ClientSession,
        tokens: Tokens,
        *,
        bot_id: str,
        allowed: Allowed,
        clock: Clock,
        timeout: aiohttp.ClientTimeout = TIMEOUT,
    ) -> None:
        self._session = session
        self._files = files
        self._tokens = tokens
        self._bot_id = bot_id
        self._allowed = allowed
        self._clock = clock
        self._timeout = timeout

    async def post(self, service_url: str, conversation: str, activity: Json) -> Outcome:
        """Send a message into a conversation."""
        path = f"/v3/conversations/{_quoted(conversation)}/activities"
        answer = await self._call("POST", service_url, path, activity)
        return answer.outcome

    async def put(
        self, service_url: str, conversation: str, activity_id: str, activity: Json
    ) -> Outcome:
        """Replace a message."""
        body = {**activity, "id": activity_id}
        path = _activity_path(conversation, activity_id)
        return (await self._call("PUT", service_url, path, body)).outcome

    async def delete(self, service_url: str, conversation: str, activity_id: str) -> Outcome:
        """Delete a message."""
        path = _activity_path(conversation, activity_id)
        return (await self._call("DELETE", service_url, path)).outcome

    async def start_thread(
        self, service_url: str, tenant: str, channel: str, activity: Json
    ) -> Outcome:
        """Post a new root message in a channel; the outcome names the thread and its root."""
        body: Json = {
            "isGroup": True,
            "bot": {"id": self._bot_id},
            "channelData": {"channel": {"id": channel}, "tenant": {"id": tenant}},
            "activity": activity,
        }
        answer = await self._call("POST", service_url, "/v3/conversations", body)
        return _thread_of(channel, answer)

    async def start_chat(self, service_url: str, tenant: str, channel_user: str) -> Outcome:
        """Open, or find, the personal chat with someone."""
        body: Json = {
            "isGroup": False,
            "bot": {"id": self._bot_id},
            "members": [{"id": channel_user}],
            "tenantId": tenant,
            "channelData": {"tenant": {"id": tenant}},
        }
        answer = await self._call("POST", service_url, "/v3/conversations", body)
        outcome = answer.outcome
        if outcome.ok and not outcome.activity:
            return Outcome(Sent.FAULT, why="no_conversation_id")
        return Outcome(
            outcome.sent,
            conversation=outcome.activity,
            retry_after=outcome.retry_after,
            why=outcome.why,
        )

    async def member(self, service_url: str, conversation: str, user: str) -> Member | None:
        """Return one member of a conversation; none if unknown or unreachable."""
        path = f"/v3/conversations/{_quoted(conversation)}/members/{_quoted(user)}"
        answer = await self._call("GET", service_url, path)
        return _member(answer.body) if answer.outcome.ok else None

    async def roster(self, service_url: str, team: str) -> tuple[Member, ...] | None:
        """Return a team's members, all pages of them; none if unreachable or without an end.

        A team that the bot is not in, as 403 and 404 say, has none for it.
        """
        members: list[Member] = []
        token = ""
        for _ in range(ROSTER_PAGES):
            answer = await self._page(service_url, team, token)
            if answer.outcome.sent is Sent.GONE:
                return ()
            if not answer.outcome.ok or not isinstance(answer.body.get("members"), list):
                return None
            members += _members(answer.body["members"])
            token = _text(answer.body.get("continuationToken"))
            if not token:
                return tuple(members)
        # Half a roster would take the agents of the other half their role.
        return None

    async def group(self, service_url: str, team: str) -> str:
        """Return the id of the Microsoft 365 group behind a team; empty if it is not told."""
        answer = await self._call("GET", service_url, f"/v3/teams/{_quoted(team)}")
        return _text(answer.body.get("aadGroupId")) if answer.outcome.ok else ""

    async def _page(self, service_url: str, team: str, token: str) -> _Answer:
        path = f"/v3/conversations/{_quoted(team)}/pagedmembers?pageSize=200"
        more = f"&continuationToken={_quoted(token)}" if token else ""
        return await self._call("GET", service_url, path + more, cap=ROSTER_CAP)

    async def download(self, url: str, service_url: str = "") -> AsyncIterator[bytes]:
        """Stream a file from an allowed host, without credentials; raises `Rejected`.

        A picture that was pasted into the chat lies at the connector of `service_url`, the one of
        the activity that brought it, and is fetched from there with the bot's token.
        `file_host`: the URL leads elsewhere; `file_unreachable`: it cannot be had, or not whole.
        """
        where, token = await self._leave_to_fetch(url, service_url)
        headers = {"Accept-Encoding": "identity"}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        try:
            async with self._files.get(where, headers=headers, allow_redirects=False) as answer:
                if token and answer.status == 401:
                    self._tokens.refused(token)
                _require_plain(answer)
                async for chunk in answer.content.iter_chunked(CHUNK):
                    yield chunk
        except (aiohttp.ClientError, OSError, TimeoutError, UnicodeError) as error:
            raise Rejected("file_unreachable") from error

    async def _leave_to_fetch(self, url: str, service_url: str) -> tuple[URL, str]:
        """Return where to fetch a file and the token to show there, empty for most."""
        if not self._is_pasted(url, service_url):
            return self._file_url(url), ""
        try:
            return URL(url, encoded=True), await self._tokens.token()
        except LoginFailed:
            raise Rejected("file_unreachable") from None

    def _is_pasted(self, url: str, service_url: str) -> bool:
        """Tell whether a URL is a picture at the very connector that an activity came from."""
        allowed = self._allowed.service
        if not service_url or not allowed(service_url) or not allowed(url):
            return False
        there, connector = _parsed(url), _parsed(service_url)
        # Nothing may stand behind the path, where it could change what is asked for.
        return _origin(there) == _origin(connector) and bool(
            _PASTED.fullmatch(str(there.relative()))
        )

    def _file_url(self, url: str) -> URL:
        where = _parsed(url)
        loopback = self._allowed.file_loopback
        if not self._allowed.file(url) or literal_refused(where.host or "", loopback=loopback):
            raise Rejected("file_host")
        return where

    async def _call(
        self,
        method: str,
        service_url: str,
        path: str,
        body: Json | None = None,
        *,
        cap: int = ANSWER_CAP,
    ) -> _Answer:
        """Make one request and say what is known of it; no token leaves for a host not allowed."""
        if not _is_base(service_url) or not self._allowed.service(service_url):
            return _Answer(Outcome(Sent.WRONG, why="service_url"), {})
        url = URL(service_url.rstrip("/") + path, encoded=True)
        answer, fresh = await self._tried(method, url, body, cap)
        # Nothing was shown: with another token it is worth another try, once.
        return (await self._tried(method, url, body, cap))[0] if fresh else answer

    async def _tried(
        self, method: str, url: URL, body: Json | None, cap: int
    ) -> tuple[_Answer, bool]:
        """Make a request with the token there is; tells too whether another one can be had."""
        try:
            token = await self._tokens.token()
        except LoginFailed as error:
            sent = Sent.UNAUTHORIZED if error.refused else Sent.LATER
            return _Answer(Outcome(sent, why=f"login {error.why}"), {}), False
        try:
            answer = await self._exchange(method, url, token, body, cap)
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            sent = _lost(error)
            later = (
                STILL_COMING if sent is Sent.UNKNOWN and isinstance(error, TimeoutError) else None
            )
            return _Answer(Outcome(sent, retry_after=later, why=type(error).__name__), {}), False
        refused = answer.outcome.sent is Sent.UNAUTHORIZED
        return answer, refused and self._tokens.refused(token)

    async def _exchange(
        self, method: str, url: URL, token: str, body: Json | None, cap: int
    ) -> _Answer:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        data = None
        if body is not None:
            headers["Content-Type"] = "application/json"
            data = json.dumps(body, separators=(",", ":")).encode()
        async with self._session.request(
            method,
            url,
            data=data,
            headers=headers,
            timeout=self._timeout,
            allow_redirects=False,
        ) as response:
            said = await read_object(response, cap)
            return _Answer(self._outcome(response, said), said)

    def _outcome(self, response: aiohttp.ClientResponse, said: Json) -> Outcome:
        if 200 <= response.status < 300:
            return Outcome(Sent.DONE, activity=_text(said.get("id")))
        wait = retry_after(response.headers.get("Retry-After", ""), self._clock())
        why = f"{response.status} {_why(said)}".strip()
        return Outcome(classified(response.status), retry_after=wait, why=why)


def _parsed(url: str) -> URL:
    try:
        return URL(url, encoded=url.isascii())
    except ValueError:
        raise Rejected("file_host") from None


def _origin(url: URL) -> tuple[str, str, int | None]:
    return url.scheme.lower(), (url.host or "").lower(), url.port


def _require_plain(answer: aiohttp.ClientResponse) -> None:
    """Refuse whatever is not the file itself as it lies there; raises `Rejected`."""
    packed = answer.headers.get("Content-Encoding", "identity").strip().lower()
    if answer.status != 200 or packed != "identity":
        raise Rejected("file_unreachable", status=answer.status)


def classified(status: int) -> Sent:
    """Return what an HTTP status that is no success says about the message."""
    if status in _BY_STATUS:
        return _BY_STATUS[status]
    if 400 <= status < 500:
        return Sent.WRONG
    # 500, and whatever else is on no list of codes that may be repeated freely.
    return Sent.FAULT


def retry_after(header: str, now: datetime) -> timedelta | None:
    """Return the wait that a Retry-After header asks for, in seconds or as a date; at most 1 h."""
    wait = _seconds(header)
    if wait is None:
        wait = _until(header, now)
    return None if wait is None else max(timedelta(), min(wait, LONGEST_WAIT))


def _seconds(number: str) -> timedelta | None:
    try:
        return timedelta(seconds=float(number))
    except (ValueError, OverflowError):
        return None


def _until(date: str, now: datetime) -> timedelta | None:
    try:
        then = parsedate_to_datetime(date)
    except (ValueError, TypeError, OverflowError):
        return None
    return (then if then.tzinfo else then.replace(tzinfo=UTC)) - now


def _lost(error: Exception) -> Sent:
    """Tell a request that never left from one that may have been carried out."""
    before_sending = (
        aiohttp.ClientConnectorError,
        aiohttp.ConnectionTimeoutError,
        aiohttp.ServerFingerprintMismatch,
        aiohttp.InvalidURL,
    )
    return Sent.LATER if isinstance(error, before_sending) else Sent.UNKNOWN


async def read_object(response: aiohttp.ClientResponse, cap: int) -> Json:
    """Return the JSON object of an answer; an empty one if it is anything else, or too big."""
    raw = bytearray()
    try:
        async for chunk in response.content.iter_any():
            raw += chunk
            if len(raw) > cap:
                return {}
    except (aiohttp.ClientError, OSError, TimeoutError):
        # Without a success the status alone says enough; with one, the id is lost.
        if response.ok:
            raise
        return {}
    return _object(raw)


def _object(raw: bytes | bytearray) -> Json:
    try:
        said = json.loads(raw) if raw else {}
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}


def _why(said: Json) -> str:
    """Return the codes of an error answer, without its sentences."""
    error = said.get("error")
    if not isinstance(error, dict):
        return ""
    inner = _SUBCODE.search(json.dumps(error.get("innerHttpError")).replace("\\", ""))
    code = _text(error.get("code"))
    codes = (code if _CODE.fullmatch(code) else "", inner[1] if inner else "")
    return " ".join(filter(None, codes))


def _thread_of(channel: str, answer: _Answer) -> Outcome:
    """Read the thread's conversation and its root's id, either of which may tell the other."""
    outcome = answer.outcome
    if not outcome.ok:
        return outcome
    conversation, root = _text(answer.body.get("id")), _text(answer.body.get("activityId"))
    root = root or conversation.partition(";messageid=")[2]
    if root and ";messageid=" not in conversation:
        conversation = f"{conversation or channel};messageid={root}"
    return Outcome(Sent.DONE, activity=root, conversation=conversation if root else "")


def _members(found: object) -> list[Member]:
    entries = found if isinstance(found, list) else []
    members = [_member(entry) for entry in entries if isinstance(entry, dict)]
    return [member for member in members if member is not None]


def _member(said: Json) -> Member | None:
    user = _text(said.get("aadObjectId")) or _text(said.get("objectId"))
    channel_user = _text(said.get("id"))
    if not (user or channel_user):
        return None
    email = _text(said.get("email")) or _text(said.get("userPrincipalName"))
    return Member(user or channel_user, channel_user, _text(said.get("name")), email)


def _activity_path(conversation: str, activity_id: str) -> str:
    return f"/v3/conversations/{_quoted(conversation)}/activities/{_quoted(activity_id)}"


def _quoted(part: str) -> str:
    return quote(part, safe="", errors="replace")


def _is_base(service_url: str) -> bool:
    """Tell whether a path can be put behind the URL without changing what it means."""
    return service_url.isascii() and service_url.isprintable() and not set("?#") & set(service_url)


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
