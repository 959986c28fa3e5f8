"""How long a cluster's lost primary keeps writers waiting, against a bare client that retries.

`python -m bench.failover [rounds]`: three primaries with replicas; one primary is killed, then in
another run halted, while the desk's store and a bare client write to its slots side by side. Prints
seconds from when a replica has taken over until every writer was served again, and their ratio.
"""

import asyncio
import signal
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import uvloop
from redis.asyncio.cluster import RedisCluster
from redis.crc import key_slot
from redis.exceptions import RedisClusterException, RedisError

from cases.errors import Unavailable
from storage.address import connect
from storage.server import PATIENCE
from tests.storage.rig import Cluster, until

WRITERS = 8
LOST_SLOTS = 5461
"""Those of the first primary."""

Write = Callable[[str], Awaitable[object]]


class Writers:
    """Write to the lost primary's slots all the time, and know when they were last served."""

    def __init__(self, write: Write) -> None:
        self._write = write
        tags = (f"{{bench-{at}}}" for at in range(1000))
        self._keys = [tag for tag in tags if key_slot(tag.encode()) < LOST_SLOTS][:WRITERS]
        self.served = dict.fromkeys(self._keys, 0.0)
        self._tasks = [asyncio.create_task(self._writes(key)) for key in self._keys]

    async def _writes(self, key: str) -> None:
        while True:
            try:
                await self._write(key)
            except (Unavailable, RedisError, RedisClusterException, OSError):
                await asyncio.sleep(0.05)
            else:
                self.served[key] = time.monotonic()
                await asyncio.sleep(0.01)

    async def back(self, since: float) -> float:
        """Return how many seconds after a moment everybody was served again, at most a minute."""
        while any(at < since for at in self.served.values()):
            if time.monotonic() > since + 60:
                break
            await asyncio.sleep(0.01)
        return time.monotonic() - since

    async def end(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


async def seen(fault: signal.Signals) -> tuple[float, float]:
    """Take the first primary away; returns seconds of the desk and of the bare client."""
    cluster = Cluster(Path(tempfile.mkdtemp()), replicas=True).start()
    lost, heirs = cluster.nodes[0], (cluster.replicas[0], cluster.replicas[3])
    desk = await connect(f"{cluster.url}?wait=0")
    bare = RedisCluster(
        host="127.0.0.1", port=cluster.nodes[1].port, socket_timeout=PATIENCE, protocol=2
    )
    both = [
        Writers(lambda key: desk.command("SET", key, "x")),
        Writers(lambda key: bare.set(key, "x")),
    ]
    try:
        await asyncio.sleep(1)
        lost.tell(fault)
        await asyncio.to_thread(until, lambda: any(heir.is_primary for heir in heirs))
        since = time.monotonic()
        ours, theirs = await asyncio.gather(*(writers.back(since) for writers in both))
    finally:
        for writers in both:
            await writers.end()
        await desk.close()
        await bare.aclose()
        cluster.kill()
    return ours, theirs


async def main(rounds: int) -> None:
    for fault in (signal.SIGKILL, signal.SIGSTOP):
        times = [await seen(fault) for _ in range(rounds)]
        ours, theirs = (statistics.median(one) for one in zip(*times, strict=True))
        most = max(ours for ours, _ in times)
        print(
            f"{fault.name}: desk {ours:.2f} s (at most {most:.2f}), bare client {theirs:.2f} s, "
            f"ratio {ours / theirs:.2f}"
        )


if __name__ == "__main__":
    uvloop.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 3))
