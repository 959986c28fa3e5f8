"""A store for the session, and a desk for each test."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.chat.office import Office, office
from tests.chat.people import Person
from tests.storage.rig import Valkey


@pytest.fixture(scope="session")
def valkey(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Valkey]:
    """Runs one store for all tests."""
    store = Valkey(tmp_path_factory.mktemp("chat"))
    try:
        yield store.start()
    finally:
        store.kill()


@pytest.fixture
async def desk(valkey: Valkey, tmp_path: Path) -> AsyncIterator[Office]:
    """Opens a desk that has met nobody but its own team."""
    with valkey.client() as store:
        store.flushall()
    async with office(valkey, tmp_path / "data") as opened:
        yield opened


@pytest.fixture
def ada(desk: Office) -> Person:
    return desk.ada


@pytest.fixture
def colin(desk: Office) -> Person:
    return desk.colin


@pytest.fixture
def agnes(desk: Office) -> Person:
    return desk.agnes


@pytest.fixture
def eve(desk: Office) -> Person:
    return desk.eve
