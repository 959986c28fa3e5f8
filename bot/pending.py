"""Messages that were acknowledged before they were saved: kept until they are, and answered.

Teams delivers them no second time, so this does it instead: again while the answer is 503, and in
another process when the one that had them has ended. A turn that had been saved by then is known by
its activity's id.
"""

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from http import HTTPStatus
from typing import Final
from uuid import uuid4

import structlog
from aiohttp import web

from bot.turns import Start, insistently
from cases.errors import Unavailable
from cases.ports import LeftBehind, PendingMessages

AGAIN_AFTER: Final = 2.0
"""Seconds after which a message is delivered again that could not be saved."""
LOOK_EVERY: Final = 2.0
"""Seconds between two looks for what others left behind; leases are renewed as often."""
MOST_DEATHS: Final = 5
"""Processes that may die over a message before it is thought to be what kills them."""

_log = structlog.get_logger(__name__)

Delivery = asyncio.Task[web.Response]
"""A turn, to the last word that is said in it, and what Teams would be answered."""
Deliver = Callable[[bytes], Delivery]
"""Begins the turn of an activity, as it came."""


class Pending:
    """Sees acknowledged messages through, whichever process took them."""

    def __init__(self, store: PendingMessages, start: Start) -> None:
        """Take where messages are kept, and what sees work through that outlasts its turn."""
        self._store = store
        self._start = start
        self._own: set[str] = set()

    async def keep(self, body: bytes, delivery: Delivery, deliver: Deliver) -> None:
        """Keep a message until it is saved; raises `Unavailable`, and it may be kept then."""
        # Those that are left at one instant are taken over in the order in which they came.
        key = f"{time.time_ns():020}-{uuid4().hex[:8]}"
        await self._store.keep(key, body)
        self._see_through(key, body, delivery, deliver)

    async def watch(self, deliver: Deliver, give_up: Callable[[bytes], None]) -> None:
        """Take over what is left behind, until cancelled; what kills processes is given up."""
        while True:
            try:
                for message in await self._store.take_over(self._own):
                    await self._take(message, deliver, give_up)
            except Unavailable:
                _log.info("nothing_taken_over")
            except Exception:
                _log.exception("take_over_failed")
            await asyncio.sleep(LOOK_EVERY)

    async def leave(self) -> None:
        """Leave what is not over to another process, or to the next one."""
        if self._own:
            with suppress(Unavailable):
                await self._store.leave(self._own)

    async def _take(
        self, message: LeftBehind, deliver: Deliver, give_up: Callable[[bytes], None]
    ) -> None:
        key, body, deaths = message
        if deaths > MOST_DEATHS:
            await self._store.let_go(key)
            give_up(body)
            return
        _log.info("message_taken_over", deaths=deaths)
        self._see_through(key, body, deliver(body), deliver)

    def _see_through(self, key: str, body: bytes, delivery: Delivery, deliver: Deliver) -> None:
        self._own.add(key)
        self._start(self._until_over(key, body, delivery, deliver))

    async def _until_over(
        self, key: str, body: bytes, delivery: Delivery, deliver: Deliver
    ) -> None:
        while not await _is_over(delivery):
            await asyncio.sleep(AGAIN_AFTER)
            delivery = deliver(body)
        # Otherwise its lease ends, and whoever takes it over finds it done.
        with suppress(Unavailable):
            await insistently(lambda: self._store.let_go(key))
        self._own.discard(key)


async def _is_over(delivery: Delivery) -> bool:
    """Wait for a turn; return whether it is saved, or never will be."""
    try:
        answer = await delivery
    except Exception:
        # Told by whoever watches the task.
        return True
    return answer.status != HTTPStatus.SERVICE_UNAVAILABLE
