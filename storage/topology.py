"""Which node of a cluster has which slots, learned anew when calls fail or hang.

The client does so only between tries of its own, and those are switched off: a call is tried once.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Final

from redis.asyncio.cluster import ClusterNode, RedisCluster
from redis.exceptions import RedisClusterException, RedisError

DOUBTFUL_AFTER: Final = 2.0
"""Seconds without an answer after which a call's node may have lost its slots; it may be waiting
for a replica for 1.5 s."""
PATIENCE: Final = 1.0
"""Seconds to ask one round of nodes; one that is halted answers never."""
ANSWERS_WITHIN: Final = 0.3
"""Seconds after which a node is asked last."""
PAUSE: Final = 0.5
"""Seconds after which it may be doubted again; every learning has all connections made anew."""


class Topology:
    """Keeps the client's idea of a cluster true."""

    def __init__(self, cluster: RedisCluster) -> None:
        """Take the client."""
        self._cluster = cluster
        self._learning: asyncio.Task[None] | None = None
        self._learned = asyncio.Event()
        self._learned.set()

    def doubt(self) -> None:
        """Learn in the background who has which slots, unless that is under way."""
        if self._learning is None or self._learning.done():
            self._learned.clear()
            self._learning = asyncio.create_task(self._learn())

    @asynccontextmanager
    async def trusted(self) -> AsyncIterator[None]:
        """Make a call that knows what is being learned, and doubt when it hangs."""
        await self._learned.wait()
        hangs = asyncio.get_running_loop().call_later(DOUBTFUL_AFTER, self.doubt)
        try:
            yield
        finally:
            hangs.cancel()

    async def _learn(self) -> None:
        try:
            with suppress(RedisError, RedisClusterException, OSError):
                async with asyncio.timeout(PATIENCE):
                    silent = await self._silent()
                    await self._cluster.nodes_manager.initialize(last_failed_node_name=silent)
        finally:
            self._learned.set()
        await asyncio.sleep(PAUSE)

    async def _silent(self) -> str | None:
        """Return a node that does not answer; the client would ask it at random, and wait."""
        nodes = list(self._cluster.nodes_manager.startup_nodes.values())
        answers = await asyncio.gather(*map(_answers, nodes))
        return next((n.name for n, here in zip(nodes, answers, strict=True) if not here), None)

    async def close(self) -> None:
        """Learn nothing any more."""
        if self._learning is not None:
            self._learning.cancel()
            await asyncio.gather(self._learning, return_exceptions=True)


async def _answers(node: ClusterNode) -> bool:
    try:
        async with asyncio.timeout(ANSWERS_WITHIN):
            await node.execute_command("PING")
    except (RedisError, OSError):
        return False
    return True
