"""The link between bots and store: a TCP proxy that loses answers, is slow, hangs or breaks."""

import asyncio
import random
from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import sha1

from storage import scripts
from storage.scripts import Script

ONCE = frozenset({"take", "put", "create", "change"})
"""Scripts of a turn: after a lost answer the turn fails, and only Teams or the person repeats it.
Others are repeated by the worker, which knows what it does."""

_NAMES = {
    script.sha: script.name for script in vars(scripts).values() if isinstance(script, Script)
}


@dataclass(eq=False)
class _Pair:
    bot: asyncio.StreamWriter
    store: asyncio.StreamWriter
    asked: bytes = b""
    deaf: bool = False

    def abort(self) -> None:
        for writer in (self.bot, self.store):
            with suppress(Exception):
                writer.transport.abort()


@dataclass
class Link:
    """Listens for bots and passes on to the store what it pleases."""

    port: int
    store_port: int
    rng: random.Random
    delay: float = 0.0
    lose: int = 0
    """How many more answers are lost."""
    lost: int = 0
    broken: int = 0
    repeated: list[str] = field(default_factory=list)
    """Scripts that were sent again, byte for byte, after their answer was lost."""
    _server: asyncio.Server | None = None
    _pairs: set[_Pair] = field(default_factory=set)
    _unanswered: set[bytes] = field(default_factory=set)

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)

    async def close(self) -> None:
        if self._server is not None:
            self._server.close()
        self.breaks()

    def breaks(self) -> None:
        """Reset every connection."""
        for pair in list(self._pairs):
            self.broken += 1
            pair.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            other = await asyncio.open_connection("127.0.0.1", self.store_port)
        except OSError:
            writer.transport.abort()
            return
        pair = _Pair(writer, other[1])
        self._pairs.add(pair)
        pumps = [
            asyncio.create_task(self._asks(reader, pair)),
            asyncio.create_task(self._answers(other[0], pair)),
        ]
        await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
        for pump in pumps:
            pump.cancel()
        await asyncio.gather(*pumps, return_exceptions=True)
        self._pairs.discard(pair)
        pair.abort()

    async def _asks(self, reader: asyncio.StreamReader, pair: _Pair) -> None:
        while chunk := await self._piece(reader):
            pair.asked = chunk
            digest = sha1(chunk, usedforsecurity=False).digest()
            if digest in self._unanswered:
                self.repeated += [name for name in names_in(chunk) if name in ONCE]
            await self._pass(chunk, pair.store)

    async def _answers(self, reader: asyncio.StreamReader, pair: _Pair) -> None:
        while chunk := await self._piece(reader):
            if pair.deaf:
                continue
            if self.lose and names_in(pair.asked):
                self.lose -= 1
                self.lost += 1
                self._unanswered.add(sha1(pair.asked, usedforsecurity=False).digest())
                # Half of the time it hangs, half of the time it breaks.
                if self.rng.random() < 0.5:
                    return
                pair.deaf = True
                continue
            await self._pass(chunk, pair.bot)

    async def _piece(self, reader: asyncio.StreamReader) -> bytes:
        try:
            return await reader.read(1 << 20)
        except OSError:
            return b""

    async def _pass(self, chunk: bytes, writer: asyncio.StreamWriter) -> None:
        if self.delay:
            await asyncio.sleep(self.rng.uniform(0, 2 * self.delay))
        with suppress(OSError):
            writer.write(chunk)
            await writer.drain()


def names_in(chunk: bytes) -> list[str]:
    """Return the names of the scripts that a request runs by their digest."""
    if not chunk.startswith(b"*") or b"EVALSHA" not in chunk[:40]:
        return []
    found = chunk.split(b"\r\n", 5)
    return [_NAMES[found[4].decode()]] if len(found) > 4 and found[4].decode() in _NAMES else []
