"""Which node of a cluster has which slots, learned anew when calls fail.

The client does so only between tries of its own, and those are switched off: a call is tried once.
"""

import asyncio
from contextlib import suppress
from typing import Final

from redis.asyncio.cluster import RedisCluster
from redis.exceptions import RedisClusterException, RedisError

PATIENCE: Final = 1.0
"""Seconds to ask one round of nodes; a halted one answers never, and the next round may begin
with another."""
PAUSE: Final = 0.2
"""Seconds after which it may be doubted again."""


class Topology:
    """Keeps the client's idea of a cluster true."""

    def __init__(self, cluster: RedisCluster) -> None:
        """Take the client."""
        self._cluster = cluster
        self._learning: asyncio.Task[None] | None = None

    def doubt(self) -> None:
        """Learn in the background who has which slots, unless that is under way."""
        if self._learning is None or self._learning.done():
            self._learning = asyncio.create_task(self._learn())

    async def _learn(self) -> None:
        with suppress(RedisError, RedisClusterException, OSError):
            async with asyncio.timeout(PATIENCE):
                await self._cluster.nodes_manager.initialize()
        await asyncio.sleep(PAUSE)

    async def close(self) -> None:
        """Learn nothing any more."""
        if self._learning is not None:
            self._learning.cancel()
            await asyncio.gather(self._learning, return_exceptions=True)
