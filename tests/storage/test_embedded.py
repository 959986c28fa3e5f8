"""The embedded store with real servers: shared, adopted after a crash, clear in its refusals."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import pytest
import redis.asyncio as redis

from storage.embedded import EmbeddedStore, StoreNotStarted, open_embedded, server_binary

ROOT = Path(__file__).resolve().parents[2]
BOT = """
import asyncio, sys, pathlib
from storage.embedded import open_embedded
async def main():
    store = await open_embedded(pathlib.Path(sys.argv[1]))
    print(store.url, flush=True)
    await asyncio.to_thread(sys.stdin.read)
    await store.close()
asyncio.run(main())
"""


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[EmbeddedStore]:
    opened = await open_embedded(tmp_path)
    yield opened
    await opened.close()


def start_bot(data_dir: Path) -> subprocess.Popen[str]:
    pipe = subprocess.PIPE
    return subprocess.Popen(
        [sys.executable, "-c", BOT, str(data_dir)], cwd=ROOT, stdin=pipe, stdout=pipe, text=True
    )


def started(bot: subprocess.Popen[str]) -> str:
    assert bot.stdout is not None
    return bot.stdout.readline().strip()


def leave(bot: subprocess.Popen[str]) -> None:
    bot.communicate(timeout=20)
    assert bot.returncode == 0


def pid_of(data_dir: Path) -> int:
    return int((data_dir / "store" / "valkey.pid").read_text())


def servers(data_dir: Path) -> int:
    log = (data_dir / "store" / "valkey.log").read_text(errors="replace")
    return log.count("Ready to accept connections")


def gone(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().split()[2] == "Z"
    except FileNotFoundError:
        return True


async def ask(store: EmbeddedStore, *command: str) -> object:
    async with redis.Redis.from_url(store.url, decode_responses=True) as client:
        answer: object = await client.execute_command(*command)  # type: ignore[no-untyped-call]
        return answer


async def test_keeps_what_it_promises(tmp_path: Path) -> None:
    store = await open_embedded(tmp_path)
    try:
        wanted = {
            "appendonly": "yes",
            "appendfsync": "always",
            "aof-load-truncated": "yes",
            "maxmemory-policy": "noeviction",
            "save": "",
            "port": "0",
        }
        assert await ask(store, "CONFIG", "GET", *wanted) == wanted
        assert store.socket.stat().st_mode & 0o077 == 0
        assert (tmp_path / "store").stat().st_mode & 0o077 == 0
    finally:
        await store.close()


async def test_closing_ends_the_server_and_keeps_the_data(tmp_path: Path) -> None:
    first = await open_embedded(tmp_path)
    await ask(first, "SET", "case", "TNS-000064")
    pid = pid_of(tmp_path)
    await first.close()
    await first.close()
    assert gone(pid)
    second = await open_embedded(tmp_path)
    assert await ask(second, "GET", "case") == "TNS-000064"
    await second.close()


async def test_the_last_of_two_members_shuts_it_down(tmp_path: Path, store: EmbeddedStore) -> None:
    other = await open_embedded(tmp_path)
    pid = pid_of(tmp_path)
    await store.close()
    assert await ask(other, "PING")
    await other.close()
    assert gone(pid)
    assert servers(tmp_path) == 1


def test_many_bots_at_once_start_one_server(tmp_path: Path) -> None:
    bots = [start_bot(tmp_path) for _ in range(4)]
    assert len({started(bot) for bot in bots}) == 1
    pid = pid_of(tmp_path)
    for bot in bots:
        leave(bot)
    assert servers(tmp_path) == 1
    assert gone(pid)


async def test_a_killed_bot_leaves_a_server_that_the_next_adopts(tmp_path: Path) -> None:
    bot = start_bot(tmp_path)
    started(bot)
    pid = pid_of(tmp_path)
    bot.kill()
    bot.communicate()
    store = await open_embedded(tmp_path)
    assert pid_of(tmp_path) == pid
    assert servers(tmp_path) == 1
    await store.close()
    assert gone(pid)


def test_ctrl_c_does_not_reach_the_server(tmp_path: Path) -> None:
    bot = start_bot(tmp_path)
    started(bot)
    pid = pid_of(tmp_path)
    assert os.getpgid(pid) != os.getpgid(bot.pid)
    assert os.getsid(pid) != os.getsid(bot.pid)
    leave(bot)


async def test_a_killed_server_leaves_a_stale_socket_that_is_no_obstacle(tmp_path: Path) -> None:
    bot = start_bot(tmp_path)
    started(bot)
    os.kill(pid_of(tmp_path), signal.SIGKILL)
    bot.kill()
    bot.communicate()
    assert (tmp_path / "store" / "store.sock").exists()
    store = await open_embedded(tmp_path)
    assert await ask(store, "PING")
    await store.close()


async def test_a_torn_tail_is_cut_off(tmp_path: Path) -> None:
    first = await open_embedded(tmp_path)
    await ask(first, "SET", "a", "1")
    await ask(first, "SET", "b", "2")
    await first.close()
    history = tmp_path / "store" / "appendonlydir" / "appendonly.aof.1.incr.aof"
    history.write_bytes(history.read_bytes()[:-4])
    second = await open_embedded(tmp_path)
    assert await ask(second, "MGET", "a", "b") == ["1", None]
    await second.close()


async def test_names_a_damaged_file_and_its_remedy(tmp_path: Path) -> None:
    first = await open_embedded(tmp_path)
    await ask(first, "SET", "a", "1")
    await ask(first, "SET", "b", "2")
    await first.close()
    history = tmp_path / "store" / "appendonlydir" / "appendonly.aof.1.incr.aof"
    history.write_bytes(b"?" * 10 + history.read_bytes()[10:])
    with pytest.raises(StoreNotStarted, match=rf"{history} is damaged.*valkey-check-aof") as caught:
        await open_embedded(tmp_path)
    assert "\n" not in str(caught.value)


async def test_repeats_what_the_server_said_when_it_does_not_start(tmp_path: Path) -> None:
    await (await open_embedded(tmp_path)).close()
    (tmp_path / "store" / "appendonlydir" / "appendonly.aof.manifest").write_text("junk\n")
    with pytest.raises(StoreNotStarted, match=r"did not start: Invalid AOF manifest .*valkey\.log"):
        await open_embedded(tmp_path)


async def test_says_when_the_folder_cannot_be_used(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreNotStarted, match="DATA_DIR"):
        await open_embedded(tmp_path / "file")


async def test_never_starts_a_second_server_beside_one_without_a_socket(
    tmp_path: Path, store: EmbeddedStore
) -> None:
    store.socket.rename(tmp_path / "hidden")
    with pytest.raises(StoreNotStarted, match=f"socket is gone.*{pid_of(tmp_path)}"):
        await open_embedded(tmp_path)
    (tmp_path / "hidden").rename(store.socket)


@pytest.mark.slow
async def test_never_starts_a_second_server_beside_a_hung_one(
    tmp_path: Path, store: EmbeddedStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.embedded.START_SECONDS", 1.0)
    os.kill(pid_of(tmp_path), signal.SIGSTOP)
    try:
        with pytest.raises(StoreNotStarted, match="does not answer"):
            await open_embedded(tmp_path)
    finally:
        os.kill(pid_of(tmp_path), signal.SIGCONT)
    assert await ask(store, "PING")


async def test_a_long_path_is_reached_by_a_short_link(tmp_path: Path) -> None:
    deep = tmp_path / ("d" * 120) / "with space"
    store = await open_embedded(deep)
    assert len(os.fsencode(store.socket)) <= 100
    assert await ask(store, "PING")
    link = store.socket.parent
    assert link.parent.stat().st_mode & 0o777 == 0o700
    await store.close()
    assert not link.parent.exists()


async def test_starting_does_not_hold_up_the_loop(tmp_path: Path) -> None:
    opening = asyncio.create_task(open_embedded(tmp_path))
    turns = 0
    while not opening.done():
        await asyncio.sleep(0.001)
        turns += 1
    await (await opening).close()
    assert turns > 10


def test_says_what_to_do_on_a_platform_without_a_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platform.machine", lambda: "riscv64")
    with pytest.raises(StoreNotStarted, match=r"linux-riscv64\): set REDIS_URL"):
        server_binary()


async def test_a_server_that_was_killed_is_started_again_with_its_data(tmp_path: Path) -> None:
    store = await open_embedded(tmp_path)
    watch = asyncio.create_task(store.watch())
    client = redis.Redis(unix_socket_path=str(store.socket))
    try:
        await client.set("kept", "yes")
        os.kill((await client.info("server"))["process_id"], signal.SIGKILL)
        for _ in range(100):
            await asyncio.sleep(0.1)
            with suppress(redis.ConnectionError):
                assert await client.get("kept") == b"yes"
                return
        raise AssertionError("the store did not come back")
    finally:
        watch.cancel()
        await client.aclose()
        await store.close()
