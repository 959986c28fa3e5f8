"""The bot as a process of its own, that can be killed, between a Teams of ours and its store."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
from aiohttp import web

from sandbox import Sandbox, SandboxSettings
from tests.chat.people import Person
from tests.chat.ports import free_port

ROOT = Path(__file__).parents[2]
OURS = ("HOST", "PORT", "REDIS_URL", "SANDBOX", "FILES_URL")


@dataclass
class Ended:
    """How a process ended."""

    code: int
    out: str
    err: str


@dataclass
class Bot:
    """`python app.py`, over one folder."""

    folder: Path
    settings: dict[str, str] = field(default_factory=dict)
    process: asyncio.subprocess.Process | None = None

    @property
    def running(self) -> asyncio.subprocess.Process:
        assert self.process is not None, "the bot was not started"
        return self.process

    async def start(self) -> None:
        """Start the bot and return once it says that it is ready."""
        await self.launch()
        assert self.running.stdout is not None
        async with asyncio.timeout(60):
            line = await self.running.stdout.readline()
        if not line:
            raise AssertionError((await self.ended()).err)

    async def launch(self) -> None:
        """Start the bot, whatever becomes of it."""
        self.folder.mkdir(parents=True, exist_ok=True)
        plain = {name: value for name, value in os.environ.items() if name not in OURS}
        self.process = await asyncio.create_subprocess_exec(
            sys.executable,
            str(ROOT / "app.py"),
            cwd=self.folder,
            env={**plain, "DATA_DIR": str(self.folder), **self.settings},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )

    async def kill(self) -> None:
        """End the bot without a word."""
        if self.process is not None and self.process.returncode is None:
            self.process.kill()
            await self.process.communicate()

    async def interrupt(self) -> Ended:
        """End the bot as Ctrl-C does."""
        self.running.send_signal(signal.SIGINT)
        return await self.ended()

    async def ended(self) -> Ended:
        """Wait for the bot to end."""
        async with asyncio.timeout(60):
            out, err = await self.running.communicate()
        return Ended(self.running.returncode or 0, out.decode(), err.decode())


@dataclass
class Outside:
    """A Teams of ours, and the bot that it talks to."""

    bot: Bot
    teams: Sandbox

    def __post_init__(self) -> None:
        self.ada = Person(self.teams, "ada")
        self.agnes = Person(self.teams, "agnes")


@asynccontextmanager
async def outside(folder: Path) -> AsyncIterator[Outside]:
    """Open a Teams for a bot over a folder; whoever uses it starts the bot."""
    bot_port, own_port = free_port(), free_port()
    settings = SandboxSettings(
        bot_endpoint=f"http://127.0.0.1:{bot_port}/api/messages",
        service_url=f"http://127.0.0.1:{own_port}/sandbox/",
        retry_delay=0.1,
    )
    teams = Sandbox(settings)
    app = web.Application()
    app.add_subapp("/sandbox/", teams.app())
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", own_port).start()
    bot = Bot(
        folder,
        {
            "PORT": str(bot_port),
            "SANDBOX": "off",
            "SERVICE_URL_HOSTS": f"127.0.0.1:{own_port}",
            "FILE_HOSTS": f"127.0.0.1:{own_port}",
            "DESK_TENANT_ID": settings.desk_tenant_id,
            "DESK_TEAM_ID": settings.desk_team_id,
            "DESK_CHANNEL_ID": settings.desk_channel_id,
        },
    )
    try:
        yield Outside(bot, teams)
    finally:
        if bot.process is not None and bot.process.returncode is None:
            await bot.interrupt()
        await runner.cleanup()


async def ready(bot: Bot) -> bool:
    """Return whether the bot says that it can work."""
    url = f"http://127.0.0.1:{bot.settings['PORT']}/readyz"
    async with aiohttp.ClientSession() as session, session.get(url) as answer:
        return answer.status == 200
