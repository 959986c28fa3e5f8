"""Reading back what stands in the desk's channel, through Microsoft Graph, where that is granted.

The connector cannot tell what it has shown. Graph can, in a channel, to an app that the team's
owner has given `ChannelMessage.Read.Group`; for personal chats with a bot there is no such grant.
"""

import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import quote

import aiohttp
from yarl import URL

from cases.model import DeskPlace
from cases.ports import Clock
from delivery.connector import read_object
from delivery.tokens import LoginFailed, Tokens

TIMEOUT: Final = aiohttp.ClientTimeout(total=5, connect=2)
"""Of one page: the notice waits for it, and its lease is renewed meanwhile."""
PAGE: Final = 50
PAGES: Final = 4
"""What is looked for was posted within the last minutes, and the newest come first."""
CAP: Final = 8 * 1024 * 1024
NOT_GRANTED: Final = timedelta(hours=1)
"""A permission is given by a person: no use in asking sooner."""
_REFUSED: Final = frozenset({401, 403, 404})

_log = logging.getLogger(__name__)

GroupOf = Callable[[str, str], Awaitable[str]]
"""Returns the id of the Microsoft 365 group behind a team, by service URL and team, or empty."""


class _Unreadable(Exception):
    """Graph does not answer, or not us (`refused`)."""

    def __init__(self, why: str, *, refused: bool = False) -> None:
        super().__init__(why)
        self.refused = refused


class GraphHistory:
    """Looks for messages in the desk's channel; fulfils `delivery.postman.History`."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        tokens: Tokens,
        *,
        url: str,
        group_of: GroupOf,
        clock: Clock,
    ) -> None:
        """Take the shared session, tokens for Graph, its address and what knows groups."""
        self._session = session
        self._tokens = tokens
        self._url = url.rstrip("/")
        self._group_of = group_of
        self._clock = clock
        self._groups: dict[str, str] = {}
        self._not_before: datetime | None = None

    async def find(self, desk: DeskPlace, root: str, mark: str) -> str | None:
        """Return the id of the message that carries a mark; empty if there is none to be seen.

        `root` is the thread that it is a reply in; empty for the root of a thread. None means that
        Graph cannot tell just now; to those who may never ask it, nothing is to be seen.
        """
        if self._not_before is not None and self._clock() < self._not_before:
            return ""
        try:
            return await self._found(desk, root, mark)
        except _Unreadable as error:
            _log.warning("the channel cannot be read back: %s", error)
            if not error.refused:
                return None
            self._not_before = self._clock() + NOT_GRANTED
            return ""

    async def _found(self, desk: DeskPlace, root: str, mark: str) -> str:
        group = self._groups.get(desk.team) or await self._group_of(desk.service_url, desk.team)
        if not group:
            raise _Unreadable("its group is not known")
        self._groups[desk.team] = group
        where = f"{self._url}/v1.0/teams/{_quoted(group)}/channels/{_quoted(desk.channel)}/messages"
        where += f"/{_quoted(root)}/replies" if root else ""
        async for message in self._messages(f"{where}?$top={PAGE}", is_thread=bool(root)):
            if mark in json.dumps(message):
                return str(message.get("id", ""))
        return ""

    async def _messages(self, url: str, *, is_thread: bool) -> AsyncIterator[dict[str, object]]:
        for _ in range(PAGES):
            said = await self._page(url, is_thread=is_thread)
            messages = said.get("value")
            if not isinstance(messages, list):
                raise _Unreadable("no messages")
            for message in filter(_is_object, messages):
                yield message
            url = str(said.get("@odata.nextLink") or "")
            # The token goes nowhere else, whatever the answer says.
            if not url or URL(url).origin() != URL(self._url).origin():
                return

    async def _page(self, url: str, *, is_thread: bool) -> dict[str, object]:
        try:
            token = await self._tokens.token()
            headers = {"Authorization": f"Bearer {token}"} if token else {}
            async with self._session.get(
                URL(url, encoded=True), headers=headers, timeout=TIMEOUT, allow_redirects=False
            ) as answer:
                if answer.status == 404 and is_thread:
                    # The thread is gone, and with it all that stood in it.
                    return {"value": []}
                if answer.status != 200:
                    raise _Unreadable(str(answer.status), refused=answer.status in _REFUSED)
                return await read_object(answer, CAP)
        except LoginFailed as error:
            raise _Unreadable(f"login {error.why}", refused=error.refused) from None
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            raise _Unreadable(type(error).__name__) from error


def _is_object(item: object) -> bool:
    return isinstance(item, dict)


def _quoted(part: str) -> str:
    return quote(part, safe="")
