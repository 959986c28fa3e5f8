"""The stores under test: every contract runs on one server and on a cluster of three."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from storage.address import connect
from storage.cases import RedisCases
from storage.ledger import RedisLedger
from storage.outbox import RedisOutbox
from storage.people import RedisPeople
from storage.server import Server
from storage.turns import RedisTurns
from tests.storage.rig import Cluster, Valkey


@dataclass
class Stores:
    """All ports over one connection, and a raw client per node to look behind them."""

    server: Server
    nodes: list[Valkey]
    cases: RedisCases
    ledger: RedisLedger
    turns: RedisTurns
    people: RedisPeople
    outbox: RedisOutbox

    def each(self, *words: str) -> list[object]:
        """Run a plain command on every node."""
        answers = []
        for node in self.nodes:
            with node.client() as client:
                answers.append(client.execute_command(*words))
        return answers

    def all_keys(self) -> set[str]:
        return {key for found in self.each("KEYS", "*") if isinstance(found, list) for key in found}


@pytest.fixture(scope="session")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Valkey]:
    valkey = Valkey(tmp_path_factory.mktemp("alone"))
    try:
        yield valkey.start()
    finally:
        valkey.kill()


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    three = Cluster(tmp_path_factory.mktemp("cluster"))
    try:
        yield three.start()
    finally:
        three.kill()


@pytest.fixture(params=["alone", "cluster"])
async def stores(request: pytest.FixtureRequest) -> AsyncIterator[Stores]:
    """Empty stores, on one server and then on a cluster."""
    kept = request.getfixturevalue(request.param)
    nodes = [kept] if isinstance(kept, Valkey) else kept.nodes
    for node in nodes:
        with node.client() as client:
            client.flushall()
    opened = await open_stores(kept.url, nodes)
    yield opened
    await opened.server.close()


@pytest.fixture
async def one(alone: Valkey) -> AsyncIterator[Stores]:
    """Empty stores on one server."""
    with alone.client() as client:
        client.flushall()
    opened = await open_stores(alone.url, [alone])
    yield opened
    await opened.server.close()


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Valkey]:
    """A server that a test may kill."""
    valkey = Valkey(tmp_path / "own")
    try:
        yield valkey.start()
    finally:
        valkey.kill()


async def open_stores(url: str, nodes: list[Valkey]) -> Stores:
    server = await connect(url)
    outbox = RedisOutbox(server)
    return Stores(
        server=server,
        nodes=nodes,
        cases=RedisCases(server, outbox.ring),
        ledger=RedisLedger(server),
        turns=RedisTurns(server),
        people=RedisPeople(server),
        outbox=outbox,
    )
