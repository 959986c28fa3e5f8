"""The real processes of the rig: a store that can lose power, and bots that come back."""

import asyncio
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import redis

from storage.embedded import server_binary

ROOT = Path(__file__).resolve().parents[2]
READY_WITHIN = 20.0
_OPENED = re.compile(r"(?P<pid>\d+) +(?P<call>write|fsync|fdatasync)\(\d+<(?P<path>[^>]*)>")
_RESUMED = re.compile(r"(?P<pid>\d+) +<\.\.\. (?P<call>write|fsync|fdatasync) resumed>")
_RESULT = re.compile(r"= (?P<result>-?\d+)")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Process:
    """A child that is only ever ended by its own id."""

    name: str
    command: list[str]
    environment: Mapping[str, str]
    log: Path
    child: "subprocess.Popen[bytes] | None" = None

    @property
    def alive(self) -> bool:
        return self.child is not None and self.child.poll() is None

    def launch(self, more: Mapping[str, str] | None = None) -> None:
        with self.log.open("ab") as log:
            self.child = subprocess.Popen(
                self.command,
                cwd=ROOT,
                env={**self.environment, **(more or {})},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def signal(self, sent: signal.Signals) -> None:
        if self.alive and self.child is not None:
            with suppress(ProcessLookupError):
                self.child.send_signal(sent)

    def kill(self) -> None:
        self.signal(signal.SIGKILL)
        if self.child is not None:
            self.child.wait()

    def finish(self, within: float = 15.0) -> None:
        """End in good order, or at all."""
        self.signal(signal.SIGCONT)
        self.signal(signal.SIGTERM)
        try:
            if self.child is not None:
                self.child.wait(within)
        except subprocess.TimeoutExpired:
            self.kill()


@dataclass
class Bot(Process):
    """A bot, with the instants at which it died and came back."""

    port: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/api/messages"


def bot_command(plant: str, wide: bool) -> list[str]:
    if not plant and not wide:
        return [sys.executable, "app.py"]
    told = [plant or "none", *(["wide"] if wide else [])]
    return [sys.executable, "-m", "tests.faults.planted", *told]


@dataclass
class Store:
    """A Valkey server with a log that is synced before every answer."""

    folder: Path
    port: int
    appendfsync: str
    traced: bool
    process: Process | None = None
    began_with: int = 0
    sizes: list[tuple[float, int]] = field(default_factory=list)

    @property
    def log(self) -> Path | None:
        return next(iter(sorted(self.folder.glob("appendonlydir/*.incr.aof"))), None)

    @property
    def trace(self) -> Path:
        return self.folder / "trace.txt"

    @property
    def can_trace(self) -> bool:
        return self.traced and shutil.which("strace") is not None

    def start(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.began_with = self.log.stat().st_size if self.log else 0
        self.trace.unlink(missing_ok=True)
        self.sizes.clear()
        self.process = Process(
            "store", self._command(), dict(os.environ), self.folder.parent / "store.log"
        )
        self.process.launch()

    def _command(self) -> list[str]:
        settings = {
            "port": self.port,
            "bind": "127.0.0.1",
            "dir": self.folder,
            "save": "",
            "appendonly": "yes",
            "appendfsync": self.appendfsync,
            "auto-aof-rewrite-percentage": 0,
            "aof-load-truncated": "yes",
            "maxmemory-policy": "noeviction",
        }
        words = [part for name, value in settings.items() for part in (f"--{name}", str(value))]
        # The tracer is the detached grandchild, so that the child is the server itself.
        tracer = ["strace", "-D", "-f", "-y", "-s", "0", "--seccomp-bpf"]
        tracer += ["-e", "trace=write,fsync,fdatasync", "-o", str(self.trace)]
        return [*(tracer if self.can_trace else ()), str(server_binary()), *words]

    def client(self) -> Any:
        """Return a client for raw commands, whose answers are read as they come."""
        return redis.Redis(port=self.port, socket_timeout=10.0)

    async def answers(self) -> None:
        """Wait until the server has loaded its log."""
        deadline = time.monotonic() + READY_WITHIN
        while True:
            try:
                with self.client() as client:
                    await asyncio.to_thread(client.ping)
            except redis.RedisError:
                if time.monotonic() > deadline:
                    raise
                await asyncio.sleep(0.02)
            else:
                return

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()

    def note_size(self) -> None:
        """Remember how long the log is now; without a tracer a power cut is guessed from it."""
        if self.log is not None:
            self.sizes.append((time.monotonic(), self.log.stat().st_size))

    def lose_power(self) -> int:
        """Kill the server and cut its log back to what was synced; returns the bytes lost."""
        self.kill()
        log = self.log
        if log is None:
            return 0
        size, kept = log.stat().st_size, self._synced()
        if kept < size:
            with log.open("ab") as file:
                file.truncate(kept)
        return size - kept

    def _synced(self) -> int:
        if self.log is None:
            return 0
        if not self.can_trace:
            return self._synced_by_contract(self.log)
        time.sleep(0.1)
        return self.began_with + synced_bytes(self.trace.read_text("utf-8", "replace"))

    def _synced_by_contract(self, log: Path) -> int:
        """Without a tracer: `always` keeps every full command, `everysec` what is 1 s old."""
        if self.appendfsync == "always":
            return log.stat().st_size
        before = time.monotonic() - 1.0
        old = [size for at, size in self.sizes if at <= before]
        return old[-1] if old else self.began_with


@dataclass
class _Syncs:
    """Reads a trace: how much was written to the log, and how much of it a sync has covered."""

    written: int = 0
    synced: int = 0
    writing: set[str] = field(default_factory=set)
    syncing: dict[str, int] = field(default_factory=dict)

    def begins(self, pid: str, call: str, result: int | None) -> None:
        if call == "write":
            self.writing.add(pid)
        else:
            # A sync covers what was written before it began.
            self.syncing[pid] = self.written
        if result is not None:
            self.ends(pid, call, result)

    def ends(self, pid: str, call: str, result: int) -> None:
        if call == "write" and pid in self.writing:
            self.writing.discard(pid)
            self.written += max(0, result)
        elif call != "write" and pid in self.syncing:
            covered = self.syncing.pop(pid)
            self.synced = max(self.synced, covered) if result == 0 else self.synced


def synced_bytes(trace: str) -> int:
    """Return how many bytes were written to the log before the last sync of it began."""
    syncs = _Syncs()
    for line in trace.splitlines():
        begun, resumed = _OPENED.match(line), _RESUMED.match(line)
        found = _RESULT.search(line.rpartition(")")[2])
        result = int(found["result"]) if found else None
        if begun and begun["path"].endswith(".incr.aof"):
            syncs.begins(begun["pid"], begun["call"], result)
        elif resumed and result is not None:
            syncs.ends(resumed["pid"], resumed["call"], result)
    return syncs.synced


def environment(values: Mapping[str, Any]) -> dict[str, str]:
    """Return a bot's environment: ours, without any setting of the bot's own."""
    kept = ("PATH", "HOME", "LANG", "TMPDIR", "PYTHONPATH")
    ours = {name: os.environ[name] for name in kept if name in os.environ}
    return {**ours, **{name: str(value) for name, value in values.items()}}


def tail(log: Path, lines: int = 20) -> str:
    def read(file: IO[bytes]) -> str:
        file.seek(max(0, log.stat().st_size - 20_000))
        return "\n".join(file.read().decode("utf-8", "replace").splitlines()[-lines:])

    with log.open("rb") as file:
        return read(file)
