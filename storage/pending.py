"""Messages that were acknowledged before their turn was over, in Redis, for whoever outlives it."""

from collections.abc import Collection
from datetime import timedelta
from typing import Final

from cases.ports import LeftBehind
from storage import scripts
from storage.keys import PENDING_LEASE, PENDING_LEASES, PENDING_MESSAGES, PENDING_TAKEN, millis
from storage.server import Call, Server

AT_ONCE: Final = 20
"""Messages that are taken over in one go."""
_PLACES: Final = (PENDING_LEASES, PENDING_MESSAGES, PENDING_TAKEN)


class RedisPending:
    """The `PendingMessages` over Redis."""

    def __init__(self, server: Server, lease: timedelta = PENDING_LEASE) -> None:
        self._server = server
        self._lease = millis(lease)

    async def keep(self, key: str, body: bytes) -> None:
        """Save a message, leased to this process."""
        await self._server.save(Call(scripts.KEEP, _PLACES[:2], (key, body, self._lease)))

    async def take_over(self, own: Collection[str]) -> tuple[LeftBehind, ...]:
        """Renew one's own, and return what a process left behind that is silent, leased anew."""
        call = Call(scripts.TAKE_OVER, _PLACES, (self._lease, AT_ONCE, *own))
        return tuple(
            LeftBehind(key.decode(), body, times)
            for key, body, times in await self._server.save(call)
        )

    async def let_go(self, key: str) -> None:
        """Forget a message whose turn is over."""
        await self._server.save(Call(scripts.LET_GO, _PLACES, (key,)))

    async def leave(self, keys: Collection[str]) -> None:
        """End the leases of messages, for the next process to take over at once."""
        words = (word for key in keys for word in (0, key))
        await self._server.write("ZADD", PENDING_LEASES, "XX", *words)
