"""The whole product as a newcomer starts it, and a browser to look at it with."""

import asyncio
import os
import shutil
import signal
import socket
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import aiohttp
import pytest

from sandbox.page import LIBRARIES

if TYPE_CHECKING:
    from playwright.async_api import Page

ROOT = Path(__file__).parents[2]
BROWSER = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-quic"]
READY_WITHIN = 20
"""Seconds."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks these tests, and skips them where there is nothing to look with or at."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)
            if BROWSER is None:
                item.add_marker(pytest.mark.skip(reason="no Chromium on this machine"))
            if not all(map(Path.is_file, LIBRARIES.values())):
                item.add_marker(pytest.mark.skip(reason="the page is not installed: make run"))


@dataclass
class Desk:
    """`python app.py` as a process that can be killed and started again."""

    port: int
    data: Path
    process: asyncio.subprocess.Process | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/sandbox/"

    async def start(self) -> None:
        environment = {**os.environ, "PORT": str(self.port), "DATA_DIR": str(self.data)}
        self.process = await asyncio.create_subprocess_exec(
            sys.executable, "app.py", cwd=ROOT, env=environment
        )
        async with aiohttp.ClientSession() as session:
            for _ in range(READY_WITHIN * 10):
                if await _is_up(session, self.url):
                    return
                await asyncio.sleep(0.1)
        raise AssertionError("the desk did not come up")

    async def end(self, how: signal.Signals) -> int:
        assert self.process is not None
        self.process.send_signal(how)
        return await self.process.wait()


async def _is_up(session: aiohttp.ClientSession, url: str) -> bool:
    try:
        async with session.get(url) as response:
            return response.status == 200
    except aiohttp.ClientError:
        return False


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    desk = Desk(port, tmp_path / "data")
    await desk.start()
    yield desk
    assert await desk.end(signal.SIGINT) == 0


@pytest.fixture
async def page(desk: Desk) -> AsyncIterator["Page"]:
    """Opens the sandbox, and fails on what the browser complains about."""
    playwright = pytest.importorskip("playwright.async_api", reason="no playwright installed")
    errors: list[str] = []
    async with playwright.async_playwright() as player:
        browser = await player.chromium.launch(executable_path=BROWSER, args=FLAGS)
        page = await browser.new_page(viewport={"width": 1600, "height": 1050})
        page.on("pageerror", lambda error: errors.append(str(error)))
        await page.goto(desk.url)
        yield page
        await browser.close()
    assert errors == []
