"""A scanner of viruses on a port of its own that speaks as clamd does, and has bad days."""

import asyncio
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

VIRUS = b"this is the virus"


class Day(StrEnum):
    """How it answers."""

    GOOD = "good"
    HANGS = "hangs"
    DIES = "dies"
    """In the middle of a file."""
    MUTE = "mute"
    """It closes the connection without an answer."""
    SMALL = "small"
    """It takes no more than a few bytes."""
    BABBLES = "babbles"
    ENDLESS = "endless"
    """Its answer never ends."""


@dataclass
class Scanner:
    """What it was sent, and how it is doing."""

    url: str = ""
    day: Day = Day.GOOD
    seen: list[bytes] = field(default_factory=list)
    chunks: int = 0
    asked: asyncio.Event = field(default_factory=asyncio.Event)
    """Set once it hangs."""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await self._serve(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            writer.transport.abort() if self.day is Day.DIES else writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        assert await reader.readexactly(10) == b"zINSTREAM\0"
        if self.day is Day.HANGS:
            self.asked.set()
            await asyncio.sleep(30)
        content = b""
        while size := struct.unpack(">I", await reader.readexactly(4))[0]:
            content += await reader.readexactly(size)
            self.chunks += 1
            if self.day is Day.DIES:
                return
            if self.day is Day.SMALL:
                writer.write(b"INSTREAM size limit exceeded. ERROR\0")
                return
        self.seen.append(content)
        writer.write(self._answer(content))
        await writer.drain()

    def _answer(self, content: bytes) -> bytes:
        match self.day:
            case Day.MUTE:
                return b""
            case Day.BABBLES:
                return b"stream: maybe\0"
            case Day.ENDLESS:
                return b"stream: " * 10_000
        return b"stream: Win.Test/Virus-1 FOUND\0" if VIRUS in content else b"stream: OK\0"


@asynccontextmanager
async def scanner(socket: Path | None = None) -> AsyncIterator[Scanner]:
    """Open a scanner on a port, or on a Unix socket."""
    made = Scanner()
    if socket is None:
        server = await asyncio.start_server(made.serve, "127.0.0.1", 0)
        made.url = f"clamd://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    else:
        server = await asyncio.start_unix_server(made.serve, socket)
        made.url = f"clamd+unix://{socket}"
    try:
        yield made
    finally:
        server.close()
