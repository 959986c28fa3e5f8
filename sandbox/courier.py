"""Brings activities to the bot the way Teams does: one retry of the same activity, then no more."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import aiohttp

from sandbox.activities import event_id
from sandbox.settings import SandboxSettings
from sandbox.world import Json, World


@dataclass(frozen=True)
class Delivery:
    """What the bot answered; `status` 0 when it could not be reached or did not answer in time."""

    status: int
    body: Any = None
    attempts: int = 1

    @property
    def ok(self) -> bool:
        """Whether the bot took the activity."""
        return HTTPStatus.OK <= self.status < HTTPStatus.MULTIPLE_CHOICES


class Courier:
    """Posts activities with one shared HTTP session."""

    def __init__(self, settings: SandboxSettings, world: World) -> None:
        self._settings = settings
        self._world = world
        self._session: aiohttp.ClientSession | None = None
        self.last: Json | None = None
        self.unanswered = 0
        """How many activities the bot has only accepted: what it says to them comes later."""

    async def deliver(self, activity: Json, *, retry: bool | None = None) -> Delivery:
        """Posts an activity, once more if the bot answers with an error."""
        self.last = activity
        again = self._settings.retry if retry is None else retry
        first = await self._post(activity)
        if first.ok or not first.status or not again:
            return first
        await asyncio.sleep(self._settings.retry_delay)
        second = await self._post(activity)
        return Delivery(second.status, second.body, attempts=2)

    async def again(self, new_id: bool) -> Delivery | None:
        """Delivers the last activity once more, as it was or with a new id."""
        if self.last is None:
            return None
        activity = dict(self.last)
        if new_id:
            digits = str(activity["id"]).isdecimal()
            activity["id"] = self._world.next_id() if digits else event_id()
        return await self.deliver(activity, retry=False)

    async def close(self) -> None:
        """Closes the HTTP session."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def _post(self, activity: Json) -> Delivery:
        timeout = aiohttp.ClientTimeout(total=self._settings.bot_timeout)
        url = self._settings.bot_endpoint
        try:
            async with self._open().post(
                url, json=activity, headers=self._headers(), timeout=timeout
            ) as response:
                self.unanswered += response.status == HTTPStatus.ACCEPTED
                return Delivery(response.status, _parsed(await response.text()))
        except (aiohttp.ClientError, TimeoutError, OSError):
            return Delivery(0)

    def _headers(self) -> Mapping[str, str]:
        return self._settings.headers() if self._settings.headers else {}

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession()
        return self._session


def _parsed(text: str) -> Any:
    try:
        return json.loads(text) if text else None
    except ValueError:
        return None
