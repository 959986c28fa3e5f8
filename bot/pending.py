"""Messages that were acknowledged before their turn was over: kept until it is.

Teams sends them no second time. A process that dies over one leaves it to the others, or to itself
when it is started again; a turn that had been saved by then is known by its activity's id.
"""

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final
from uuid import uuid4

import structlog

from bot.turns import Start
from cases.errors import Unavailable
from cases.ports import LeftBehind, PendingMessages

LOOK_EVERY: Final = 2.0
"""Seconds between two looks for what others left behind; leases are renewed as often."""
MOST_TIMES: Final = 5
"""Processes that may end over a message before it is thought to be what ends them."""

_log = structlog.get_logger(__name__)

Turn = asyncio.Task[Any]


class Pending:
    """Sees the turns of acknowledged messages through, whichever process began them."""

    def __init__(self, store: PendingMessages, start: Start) -> None:
        """Take where messages are kept, and what sees work through that outlasts its turn."""
        self._store = store
        self._start = start
        self._own: set[str] = set()

    async def keep(self, body: bytes, turn: Turn) -> None:
        """Keep a message until its turn is over; raises `Unavailable`, and it may be kept then."""
        # Those that are left at one instant are taken over in the order in which they came.
        key = f"{time.time_ns():020}-{uuid4().hex[:8]}"
        await self._store.keep(key, body)
        self._see_through(key, turn)

    async def watch(self, resume: Callable[[bytes], Turn]) -> None:
        """Take over what is left behind, until cancelled."""
        while True:
            with suppress(Unavailable):
                for message in await self._store.take_over(self._own):
                    await self._take(message, resume)
            await asyncio.sleep(LOOK_EVERY)

    async def leave(self) -> None:
        """Leave what is not over to another process, or to the next one."""
        if self._own:
            with suppress(Unavailable):
                await self._store.leave(self._own)

    async def _take(self, message: LeftBehind, resume: Callable[[bytes], Turn]) -> None:
        if message.times > MOST_TIMES:
            _log.error("message_given_up", times=message.times)
            await self._store.let_go(message.key)
            return
        _log.info("message_taken_over", times=message.times)
        self._see_through(message.key, resume(message.body))

    def _see_through(self, key: str, turn: Turn) -> None:
        self._own.add(key)
        self._start(self._until_over(key, turn))

    async def _until_over(self, key: str, turn: Turn) -> None:
        await asyncio.wait({turn})
        if turn.cancelled():
            return
        try:
            await self._store.let_go(key)
        except Unavailable:
            # Its lease ends, and whoever takes it over finds it done.
            _log.info("message_left_to_be_found_done")
        self._own.discard(key)
