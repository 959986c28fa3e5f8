"""A sandbox and a bot for each test."""

from collections.abc import AsyncIterator

import pytest

from sandbox import Sandbox
from tests.sandbox.bot import FakeBot, teams


@pytest.fixture
async def both() -> AsyncIterator[tuple[Sandbox, FakeBot]]:
    """Serves a sandbox with a bot beside it."""
    async with teams() as served:
        yield served


@pytest.fixture
def sandbox(both: tuple[Sandbox, FakeBot]) -> Sandbox:
    """Returns the sandbox."""
    return both[0]


@pytest.fixture
def bot(both: tuple[Sandbox, FakeBot]) -> FakeBot:
    """Returns the bot."""
    return both[1]
