"""What keeps the bot from starting is told in one clear line, and nothing is left behind."""

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import aiohttp

from tests.chat.ports import free_port
from tests.chat.process import Bot, Ended

APP = "12345678-9abc-def0-1234-56789abcdef0"
WRONG = {
    "an app without a password": (
        {"MicrosoftAppId": APP},
        "MicrosoftAppPassword: is missing; MicrosoftAppId needs it",
    ),
    "the world without an app": ({"HOST": "0.0.0.0"}, "HOST: 0.0.0.0 is refused"),
    "a store that is none": ({"REDIS_URL": "http://localhost"}, "REDIS_URL: must start with"),
    "a store that does not answer": (
        {"REDIS_URL": "redis://:hunter2@127.0.0.1:1"},
        "The store cannot be reached (REDIS_URL)",
    ),
}


async def test_each_wrong_setting_is_one_line(tmp_path: Path) -> None:
    started = await asyncio.gather(*(launched(tmp_path / str(n), w) for n, w in enumerate(WRONG)))
    for what, ended in zip(WRONG, started, strict=True):
        _, line = WRONG[what]
        assert ended.code == 2, what
        assert ended.err.startswith(line), ended.err
        assert len(ended.err.splitlines()) == 1, ended.err
        assert "hunter2" not in ended.err + ended.out


async def launched(folder: Path, what: str) -> Ended:
    settings, _ = WRONG[what]
    bot = Bot(folder, {"PORT": str(free_port()), **settings})
    await bot.launch()
    return await bot.ended()


@contextmanager
def listener() -> Iterator[int]:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        yield int(taken.getsockname()[1])


async def test_a_port_in_use_is_one_line(tmp_path: Path) -> None:
    with listener() as port:
        bot = Bot(tmp_path, {"PORT": str(port)})
        await bot.launch()
        ended = await bot.ended()
    assert ended.code == 2
    assert ended.err.startswith(f"Cannot listen on 127.0.0.1:{port}: Address already in use")
    assert len(ended.err.splitlines()) == 1, ended.err


async def test_a_request_that_is_no_proper_http_is_one_line(tmp_path: Path) -> None:
    port = free_port()
    bot = Bot(tmp_path, {"PORT": str(port)})
    await bot.start()
    about = {"Content-Encoding": "br", "Content-Type": "application/json"}
    async with aiohttp.ClientSession() as web:
        async with web.post(
            f"http://127.0.0.1:{port}/api/messages", data=b"{}", headers=about
        ) as refused:
            assert refused.status == 400
        async with web.get(f"http://127.0.0.1:{port}/healthz") as healthy:
            assert healthy.status == 200
    ended = await bot.interrupt()
    assert "Traceback" not in ended.err, ended.err
    assert ended.err.count("refused a request") == 1


async def test_a_bare_start_offers_the_sandbox(tmp_path: Path) -> None:
    bot = Bot(tmp_path, {"PORT": str(free_port())})
    await bot.start()
    ended = await bot.interrupt()
    assert ended.code == 0, ended.err
    assert "Traceback" not in ended.err
