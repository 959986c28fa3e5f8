"""Queues of a conversation: what came first goes first, within this process."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from weakref import WeakValueDictionary

from cases.ports import ChatId


class Queues:
    """Lets one at a time through in each conversation, in the order in which they came."""

    def __init__(self) -> None:
        """Begin with nobody waiting."""
        self._locks: WeakValueDictionary[ChatId, asyncio.Lock] = WeakValueDictionary()

    def busy(self, chat: ChatId) -> bool:
        """Tell whether there is anybody to wait for."""
        lock = self._locks.get(chat)
        return lock is not None and lock.locked()

    @asynccontextmanager
    async def in_turn(self, chat: ChatId, seconds: float) -> AsyncIterator[bool]:
        """Wait for those before, but only so long: what must be right does not rest on it.

        Tells whether they are through.
        """
        lock = self._locks.setdefault(chat, asyncio.Lock())
        try:
            await asyncio.wait_for(lock.acquire(), seconds)
        except TimeoutError:
            yield False
            return
        try:
            yield True
        finally:
            lock.release()
