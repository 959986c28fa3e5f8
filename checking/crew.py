"""Worker processes: started when there is work, replaced when they die, sent home when idle.

A worker reads what others sent, so it is a process that can be ended at any instant: it starts
from nothing, is told nothing of the desk's settings, holds nothing between two messages, and ends
by itself when the desk does.
"""

import asyncio
import json
import os
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Final

import structlog

from cases.errors import Rejected, Unavailable
from checking.frames import receive_soon, send_soon
from checking.stages import REFUSED

MOST_WORKERS: Final = 4
NICENESS: Final = 10
"""How far a worker stands back behind the event loop where both want the same processor."""
IDLE: Final = 60.0
"""Seconds after which a worker without work is sent home."""

_ROOT: Final = Path(__file__).resolve().parents[1]
_KEPT: Final = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "LD_LIBRARY_PATH", "SYSTEMROOT")

_log = structlog.get_logger(__name__)


class Lost(Exception):
    """A worker ended before it had answered."""


class Crew:
    """As many workers as there are processors, and no more than four."""

    def __init__(self, size: int | None = None) -> None:
        self.size = size or min(MOST_WORKERS, os.cpu_count() or 1)
        self._room = asyncio.Semaphore(self.size)
        self._all: set[_Worker] = set()
        self._idle: list[_Worker] = []
        self._leaving: set[asyncio.Task[None]] = set()
        self._closed = False

    @property
    def pids(self) -> tuple[int, ...]:
        """The process ids of the workers that there are now."""
        return tuple(worker.pid for worker in self._all)

    async def work(self, stage: str, *blobs: bytes) -> list[bytes]:
        """Have a stage done; raises what it refuses, and `Lost` if a second worker dies of it."""
        async with self._room:
            try:
                return await self._once(await self._hire(), stage, blobs)
            except Lost:
                _log.warning("check_worker_lost", stage=stage)
            # Those that are idle may have died with it.
            return await self._once(await self._newcomer(), stage, blobs)

    async def close(self) -> None:
        """End all workers, whatever they do."""
        self._closed = True
        for worker in tuple(self._all):
            self._send_home(worker)
        await asyncio.gather(*self._leaving)

    async def _once(self, worker: "_Worker", stage: str, blobs: Iterable[bytes]) -> list[bytes]:
        try:
            outcome, *found = await worker.work(stage, blobs)
        except BaseException:
            # Cancelled or lost, it can no longer be known what it would answer to.
            self._send_home(worker)
            raise
        self._rest(worker)
        if outcome == REFUSED:
            code, params = json.loads(found[0])
            raise Rejected(code, **params)
        return found

    async def _hire(self) -> "_Worker":
        return self._idle.pop() if self._idle else await self._newcomer()

    async def _newcomer(self) -> "_Worker":
        if self._closed:
            raise Unavailable("checks_closed")
        worker = _Worker(await _started())
        self._all.add(worker)
        return worker

    def _rest(self, worker: "_Worker") -> None:
        self._idle.append(worker)
        worker.served += 1
        loop = asyncio.get_running_loop()
        loop.call_later(IDLE, self._retire, worker, worker.served)

    def _retire(self, worker: "_Worker", served: int) -> None:
        if worker in self._idle and worker.served == served:
            self._send_home(worker)

    def _send_home(self, worker: "_Worker") -> None:
        if worker not in self._all:
            return
        self._all.discard(worker)
        if worker in self._idle:
            self._idle.remove(worker)
        leaving = asyncio.create_task(worker.end())
        self._leaving.add(leaving)
        leaving.add_done_callback(self._leaving.discard)


class _Worker:
    """One worker process, and how many stages it has done."""

    def __init__(self, process: Process) -> None:
        self._process = process
        self.pid = process.pid
        self.served = 0

    async def work(self, stage: str, blobs: Iterable[bytes]) -> list[bytes]:
        """Send a message and return the answer; raises `Lost`."""
        if self._process.stdin is None or self._process.stdout is None:
            raise Lost
        try:
            await send_soon(self._process.stdin, (stage.encode(), *blobs))
            return await receive_soon(self._process.stdout)
        except (EOFError, ConnectionError) as error:
            raise Lost from error

    async def end(self) -> None:
        """End the process."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        if self._process.returncode is None:
            self._process.kill()
        await self._process.wait()


async def _started() -> Process:
    """Start a worker that is out of reach of the terminal's Ctrl-C; raises `Unavailable`."""
    try:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "checking.worker"),
            stdin=PIPE,
            stdout=PIPE,
            cwd=_ROOT,
            env=_environment(),
            start_new_session=True,
        )
    except OSError as error:
        raise Unavailable("checks_not_started") from error
    _make_modest(process.pid)
    return process


def _make_modest(pid: int) -> None:
    """Give a process a low priority from its first moment on, where the system knows of such."""
    if sys.platform != "win32":
        with suppress(ProcessLookupError):
            os.setpriority(os.PRIO_PROCESS, pid, NICENESS)


def _environment() -> dict[str, str]:
    """Return what a worker needs to know, which none of the desk's secrets is."""
    kept = {name: value for name, value in os.environ.items() if name.startswith("PYTHON")}
    return kept | {name: os.environ[name] for name in _KEPT if name in os.environ}
