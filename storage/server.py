"""The connection to Redis or Valkey: one call is one round trip, tried once, and one error.

Nothing is sent twice by itself: after a lost answer only the caller knows whether a repeat is
right. Nothing but `Unavailable` comes out of here for what the server or the network does.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from hiredis import pack_command
from redis.asyncio import Redis
from redis.asyncio.cluster import ClusterNode, RedisCluster
from redis.asyncio.connection import AbstractConnection, ConnectionPool
from redis.exceptions import (
    AuthenticationError,
    AuthorizationError,
    BusyLoadingError,
    ClusterDownError,
    NoPermissionError,
    NoScriptError,
    OutOfMemoryError,
    ReadOnlyError,
    RedisClusterException,
    RedisError,
    ResponseError,
)
from redis.exceptions import ConnectionError as LostError
from redis.exceptions import TimeoutError as LateError

from cases.errors import Unavailable
from storage.keys import LAYOUT, PARTITION_COUNT, PROBE
from storage.scripts import Script
from storage.topology import Topology

PATIENCE: Final = 3.8
"""Seconds that a call may take in all; the bot has 5 to say that the store is away."""
REPLICA_PATIENCE_MS: Final = 1500
CONNECT_PATIENCE: Final = 0.5
"""Seconds for which a server that takes no connection is tried again."""
CONNECT_PAUSE: Final = 0.05
AT_ONCE: Final = 64
"""Calls in flight of one process, and so its connections (to each node of a cluster)."""

UNKNOWN: Final = "settings_unknown"
"""The server does not tell its settings, as managed ones do; no failure."""

_WAIT: Final = ("WAIT", 1, REPLICA_PATIENCE_MS)

Client = Redis | RedisCluster
Words = tuple[str | bytes | int, ...]
"""A command and its arguments."""

_T = TypeVar("_T")


class LayoutError(Exception):
    """The data was written with another number of partitions than this program has."""


@dataclass(frozen=True, slots=True)
class Call:
    """One run of a script; the keys share a slot."""

    script: Script
    keys: Sequence[str]
    args: Sequence[str | bytes | int] = ()

    def words(self, *, in_full: bool = False) -> Words:
        """Return the command, by the script's digest or with its text."""
        head = ("EVAL", self.script.text) if in_full else ("EVALSHA", self.script.sha)
        return (*head, len(self.keys), *self.keys, *self.args)


class Server:
    """A store that runs scripts: one server, one behind sentinels, or a cluster."""

    def __init__(
        self,
        client: Client,
        *,
        replicated: bool = False,
        failpoint: Callable[[str], None] = lambda _name: None,
        beside: Sequence[Redis] = (),
    ) -> None:
        """Take the client, and those beside it that are closed with it."""
        self._client = client
        self._beside = beside
        self._failpoint = failpoint
        self._replicated = replicated
        self._room = asyncio.Semaphore(AT_ONCE)
        self._topology = Topology(client) if isinstance(client, RedisCluster) else None

    @property
    def one_slot(self) -> bool:
        """Whether one script may touch all keys, of any partition."""
        return not isinstance(self._client, RedisCluster)

    async def run(self, call: Call) -> Any:
        """Run a script that reads, or whose loss costs nothing but a repeat."""
        return await self._guarded(self._passed(call, copied=False))

    async def save(self, call: Call) -> Any:
        """Run a script whose effect must last: with replicas, one of them has it too."""
        return await self._guarded(self._passed(call, copied=self._replicated))

    async def run_all(self, calls: Iterable[Call]) -> list[Any]:
        """Run scripts in one round trip, a cluster's nodes side by side."""
        return await self._guarded(self._all_once(list(calls)))

    async def save_each(self, calls: Sequence[Call]) -> list[Any]:
        """Run scripts as `save` does, in one round trip; a refusal stands among the answers."""
        if self._replicated and not self.one_slot:
            return await asyncio.gather(*map(self.save, calls), return_exceptions=True)
        return await self._guarded(self._each_saved(calls))

    async def command(self, *words: str | bytes | int) -> Any:
        """Run one plain command."""
        return await self._guarded(self._ask(words))

    async def write(self, command: str, key: str, *words: str | bytes | int) -> None:
        """Run one plain command whose effect must last."""
        if self._replicated:
            await self._guarded(self._write_copied((command, key, *words), key))
        else:
            await self.command(command, key, *words)

    async def close(self) -> None:
        """Close all connections."""
        if self._topology is not None:
            await self._topology.close()
        for client in (self._client, *self._beside):
            await client.aclose()

    async def check_layout(self) -> None:
        """Make sure that data and program agree on the partitions; raises `LayoutError`."""
        await self.command("SET", LAYOUT, PARTITION_COUNT, "NX")
        stored = await self.command("GET", LAYOUT)
        if stored != str(PARTITION_COUNT).encode():
            raise LayoutError(f"written with {stored!r} partitions, this is {PARTITION_COUNT}")

    async def troubles(self) -> tuple[str, ...]:
        """Return as codes what durability lacks; empty when all is well.

        `appendonly_off`, `appendfsync_not_always`, `evicting`, `aof_write_failed`, `no_writes`;
        and `settings_unknown`, which is no failure, where the server does not tell.
        """
        found = await self._guarded(self._troubles())
        try:
            await self.write("SET", PROBE, 1, "EX", 60)
        except Unavailable:
            return (*found, "no_writes")
        return found

    async def _guarded(self, work: Awaitable[_T]) -> _T:
        """Wait for a call as long as it may take, and say in one word why it failed."""
        try:
            async with asyncio.timeout(PATIENCE), self._room, self._trusted():
                return await work
        except (RedisError, RedisClusterException, OSError) as error:
            if self._topology is not None:
                self._topology.doubt()
            raise Unavailable(_why(error)) from error
        finally:
            if isinstance(work, Coroutine):
                # Without room in time it was never begun.
                work.close()

    def _trusted(self) -> AbstractAsyncContextManager[None]:
        return nullcontext() if self._topology is None else self._topology.trusted()

    async def _passed(self, call: Call, *, copied: bool) -> Any:
        self._pass_by("before", (call,))
        result = await (self._copied_once(call) if copied else self._once(call))
        self._pass_by("after", (call,))
        return result

    async def _once(self, call: Call) -> Any:
        try:
            return await self._ask(call.words())
        except NoScriptError:
            return await self._ask(call.words(in_full=True))

    async def _ask(self, words: Words) -> Any:
        if isinstance(self._client, RedisCluster):
            return await self._client.execute_command(*words)
        return _checked(await _exchange(self._client.connection_pool, [words]))[0]

    async def _copied_once(self, call: Call) -> Any:
        results = await self._copied(call.words(), call.keys[0])
        if isinstance(results[0], NoScriptError):
            results = await self._copied(call.words(in_full=True), call.keys[0])
        return _kept(results)

    async def _write_copied(self, words: Words, key: str) -> Any:
        return _kept(await self._copied(words, key))

    async def _all_once(self, calls: Sequence[Call]) -> list[Any]:
        return _checked(await self._each(calls))

    async def _each_saved(self, calls: Sequence[Call]) -> list[Any]:
        results = await self._each(calls, copied=self._replicated)
        return [_refusal(one) if isinstance(one, Exception) else one for one in results]

    async def _each(self, calls: Sequence[Call], *, copied: bool = False) -> list[Any]:
        """Return the answers to all calls, refusals among them."""
        self._pass_by("before", calls)
        results = await self._piped([call.words() for call in calls], copied=copied)
        lost = [at for at, result in enumerate(results) if isinstance(result, NoScriptError)]
        if lost:
            in_full = [calls[at].words(in_full=True) for at in lost]
            again = await self._piped(in_full, copied=copied)
            for at, result in zip(lost, again, strict=True):
                results[at] = result
        self._pass_by("after", calls)
        return results

    async def _piped(self, commands: Sequence[Words], *, copied: bool) -> list[Any]:
        if not copied:
            return await self._pipe(commands)
        *results, copies = await self._pipe([*commands, _WAIT])
        _kept([None, copies])
        return results

    def _pass_by(self, when: str, calls: Iterable[Call]) -> None:
        for call in calls:
            self._failpoint(f"{when}_script:{call.script.name}")

    async def _copied(self, words: Words, key: str) -> list[Any]:
        # WAIT speaks of what came before it on its own connection: both go down one pipe.
        if not isinstance(self._client, RedisCluster):
            return await self._pipe([words, _WAIT])
        await self._client.initialize()
        node = self._client.get_node_from_key(key)
        pipe = self._client.pipeline()
        pipe.execute_command(*words)
        pipe.execute_command(*_WAIT, target_nodes=[node])
        return list(await pipe.execute(raise_on_error=False))

    async def _pipe(self, commands: Sequence[Words]) -> list[Any]:
        if not isinstance(self._client, RedisCluster):
            return await _exchange(self._client.connection_pool, commands)
        pipe = self._client.pipeline()
        for words in commands:
            pipe.execute_command(*words)
        return list(await pipe.execute(raise_on_error=False))

    async def _primaries(self) -> Sequence[ClusterNode | None]:
        if not isinstance(self._client, RedisCluster):
            return (None,)
        await self._client.initialize()
        return list(self._client.get_primaries())

    async def _troubles(self) -> tuple[str, ...]:
        found: set[str] = set()
        for node in await self._primaries():
            found |= await self._troubles_of(node)
        return tuple(sorted(found))

    async def _troubles_of(self, node: ClusterNode | None) -> set[str]:
        where: dict[str, Any] = {"target_nodes": node} if node else {}
        ask = self._client.execute_command
        memory = await ask("INFO", "persistence", **where)
        found = set() if memory.get("aof_last_write_status", "ok") == "ok" else {"aof_write_failed"}
        if int(memory.get("aof_enabled", 1)) == 0:
            found.add("appendonly_off")
        for name, (wanted, code) in _SETTINGS.items():
            try:
                answer = await ask("CONFIG GET", name, **where)
            except ResponseError:
                return found | {UNKNOWN}
            if _setting(answer) != wanted:
                found.add(code)
        return found


async def _exchange(pool: ConnectionPool, commands: Sequence[Words]) -> list[Any]:
    """Send commands down one connection and read as many answers, refusals among them.

    The client's own way from a command to its answer (retries, telemetry, callbacks, none of use
    here) costs as much CPU again.
    """
    connection = await _connected(pool)
    try:
        # The stub takes a tuple of one only.
        packed = [pack_command(words) for words in commands]  # type: ignore[arg-type]
        await connection.send_packed_command(b"".join(packed))
        return [await _answer(connection) for _ in commands]
    finally:
        # A connection that was left with answers unread has disconnected itself by now.
        await pool.release(connection)


async def _connected(pool: ConnectionPool) -> AbstractConnection:
    """Return a connection that works, from the pool or a new one.

    Nothing has been sent yet, so that a server that is just restarting may be tried again.
    """
    deadline = asyncio.get_running_loop().time() + CONNECT_PATIENCE
    while True:
        try:
            connection: AbstractConnection = await pool.get_connection()  # type: ignore[no-untyped-call]
        except (LostError, OSError):
            if asyncio.get_running_loop().time() >= deadline:
                raise
        else:
            return connection
        await asyncio.sleep(CONNECT_PAUSE)


async def _answer(connection: AbstractConnection) -> Any:
    try:
        return await connection.read_response()
    except ResponseError as refusal:
        return refusal


_SETTINGS: Final = {
    "appendonly": ("yes", "appendonly_off"),
    "appendfsync": ("always", "appendfsync_not_always"),
    "maxmemory-policy": ("noeviction", "evicting"),
}


def _setting(answer: dict[Any, Any]) -> str | None:
    """Return the only value of a `CONFIG GET`."""
    for value in answer.values():
        return value.decode() if isinstance(value, bytes) else str(value)
    return None


def _kept(results: list[Any]) -> Any:
    """Return the answer to a write of which a replica has a copy, else raise."""
    result, copies = _checked(results)
    if copies < 1:
        raise Unavailable("replica")
    return result


def _refusal(error: Exception) -> Exception:
    """Return how a refusal is told outside of here."""
    if not isinstance(error, RedisError):
        return error
    told = Unavailable(_why(error))
    told.__cause__ = error
    return told


def _checked(results: list[Any]) -> list[Any]:
    for result in results:
        if isinstance(result, Exception):
            raise result
    return results


_WHY: Final[tuple[tuple[type[Exception], str], ...]] = (
    (BusyLoadingError, "loading"),
    (AuthenticationError, "credentials"),
    (AuthorizationError, "credentials"),
    (NoPermissionError, "credentials"),
    (ReadOnlyError, "readonly"),
    (OutOfMemoryError, "memory"),
    (ClusterDownError, "cluster"),
    (RedisClusterException, "cluster"),
    (LateError, "timeout"),
    (TimeoutError, "timeout"),
    (LostError, "connection"),
    (OSError, "connection"),
)


def _why(error: Exception) -> str:
    """Return a code for an error; never its text, which may quote what was being saved."""
    # A refusal during the handshake comes wrapped in a lost connection.
    cause = error.__cause__ if isinstance(error.__cause__, RedisError) else error
    for kind, code in _WHY:
        if isinstance(cause, kind):
            return code
    first = str(error).partition(" ")[0]
    return first.lower() if first.isascii() and first.isalpha() and first.isupper() else "refused"
