"""Messages that were acknowledged before they were saved, in Redis, for whoever lives longer."""

from collections.abc import Collection
from datetime import timedelta
from typing import Final

from cases.ports import LeftBehind
from storage import scripts
from storage.keys import PENDING_DEATHS, PENDING_LEASE, PENDING_LEASES, PENDING_MESSAGES, millis
from storage.server import Call, Server

AT_ONCE: Final = 20
"""Messages that are taken over in one go."""
_PLACES: Final = (PENDING_LEASES, PENDING_MESSAGES, PENDING_DEATHS)


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
            LeftBehind(key.decode(), body, deaths)
            for key, body, deaths in await self._server.run(call)
        )

    async def let_go(self, key: str) -> None:
        """Forget a message that is saved."""
        await self._server.save(Call(scripts.LET_GO, _PLACES, (key,)))

    async def leave(self, keys: Collection[str]) -> None:
        """End the leases of messages, for the next process to take over at once."""
        await self._server.save(Call(scripts.LEAVE, (PENDING_LEASES, PENDING_DEATHS), tuple(keys)))
