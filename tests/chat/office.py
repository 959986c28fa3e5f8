"""A whole desk in this process: the real app on a real port, and the people around it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web
from pydantic import SecretStr

from app import assembled, listening
from config import Settings
from sandbox import Fault, Sandbox
from tests.chat.people import Person
from tests.chat.ports import free_port
from tests.storage.rig import Valkey


@dataclass
class Office:
    """A desk that works, and who has to do with it."""

    base_url: str
    teams: Sandbox
    valkey: Valkey
    web: aiohttp.ClientSession

    def __post_init__(self) -> None:
        """Give everybody a seat."""
        self.ada = Person(self.teams, "ada")
        self.colin = Person(self.teams, "colin")
        self.agnes = Person(self.teams, "agnes")
        self.eve = Person(self.teams, "eve")

    async def delivered(self) -> None:
        """Wait until no notice is waiting."""
        with self.valkey.client() as store:
            await self.teams.until(lambda: not store.keys("*:due"), within=20)

    def breaks(self, status: int, *, times: int | None = 1, who: str = "", **more: object) -> None:
        """Have the connector answer an error."""
        where = self.teams.person(who).conversation if who else ""
        fault = Fault(status=status, times=times, conversation=where, **more)  # type: ignore[arg-type]
        self.teams.faults.add(fault)

    async def meets(self, *people: Person) -> None:
        """Have the bot added by people, and wait until it knows how to find them by e-mail."""
        for person in people:
            await self.teams.install(person.key)
        emails = {self.teams.person(person.key).email for person in people}
        with self.valkey.client() as store:
            await self.teams.until(lambda: emails <= known(store), within=10)


def known(store: object) -> set[str]:
    """Return the e-mail addresses that the desk knows."""
    keys = store.keys("*:emails:*")  # type: ignore[attr-defined]
    return {name for key in keys for name in store.hkeys(key)}  # type: ignore[attr-defined]


@asynccontextmanager
async def office(valkey: Valkey, data_dir: Path, **more: Any) -> AsyncIterator[Office]:
    """Open a desk over a store, with more settings if need be, and close it again."""
    settings = Settings(
        _env_file=None,
        port=free_port(),
        data_dir=data_dir,
        redis_url=SecretStr(valkey.url),
        SANDBOX=True,
        MicrosoftAppId=None,
        **more,
    )
    listener = listening(settings)
    async with assembled(settings) as running, aiohttp.ClientSession() as session:
        assert running.sandbox is not None
        runner = web.AppRunner(running.app, access_log=None, shutdown_timeout=1)
        await runner.setup()
        await web.SockSite(runner, listener).start()
        try:
            yield Office(running.base_url, running.sandbox, valkey, session)
        finally:
            await runner.cleanup()
