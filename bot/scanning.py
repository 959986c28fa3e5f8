"""Looks for viruses: the scanner that an operator runs, and the test string that needs none."""

import asyncio
import re
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

from cases.errors import Rejected, Unavailable

TEST_VIRUS: Final = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
"""The string by which scanners are tried out (eicar.org); apart, so that none takes this for it."""
TEST_VIRUS_NAME: Final = "EICAR-Test"
PORT: Final = 3310
"""Where clamd listens."""
CHUNK: Final = 256 * 1024
PATIENCE: Final = 20.0
"""Seconds that a scan may take, connecting included; 25 MB take about three."""
LONGEST_REPLY: Final = 4096

_FOUND: Final = re.compile(rb"stream: (?P<name>.{1,200}) FOUND")
_CLEAN: Final = b"stream: OK"

Wire = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class TestString:
    """Finds the test string in pieces of a content; needs no scanner, so that the hook is seen."""

    __test__ = False

    def __init__(self) -> None:
        """Begin with nothing seen."""
        self._end = b""

    def see(self, piece: bytes) -> None:
        """Look at the next piece; raises `Rejected("file_infected")`."""
        seen = self._end + piece
        if TEST_VIRUS in seen:
            raise Rejected("file_infected", found=TEST_VIRUS_NAME)
        self._end = seen[1 - len(TEST_VIRUS) :]


@dataclass(frozen=True)
class Clamd:
    """A clamd, on a port or a socket, asked by `INSTREAM`; fulfils `cases.ports.Scanner`.

    See clamd(8) for the protocol. Its `StreamMaxLength` must not be below the largest file.
    """

    host: str = ""
    port: int = PORT
    socket: str = ""
    """The path of its Unix socket, in place of host and port."""
    patience: float = PATIENCE

    @classmethod
    def parse(cls, url: str) -> "Clamd":
        """Return the one at `clamd://host:port` or `clamd+unix:///path`, checked before."""
        parts = urlsplit(url)
        if parts.scheme == "clamd+unix":
            return cls(socket=unquote(parts.path))
        return cls(host=parts.hostname or "", port=parts.port or PORT)

    async def scan(self, path: str) -> str:
        """Return what it finds in a file, empty if that is clean; raises `Unavailable`."""
        try:
            async with asyncio.timeout(self.patience), self._connected() as wire:
                return _verdict(await _asked(wire, Path(path)))
        except (OSError, TimeoutError, EOFError) as error:
            raise Unavailable(f"scanner: {type(error).__name__}") from error

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[Wire]:
        if self.socket:
            reader, writer = await asyncio.open_unix_connection(self.socket, limit=LONGEST_REPLY)
        else:
            reader, writer = await asyncio.open_connection(
                self.host, self.port, limit=LONGEST_REPLY
            )
        try:
            yield reader, writer
        finally:
            # Not waited for: a scanner that hangs does not take the end of a connection either.
            writer.transport.abort()


async def _asked(wire: Wire, path: Path) -> bytes:
    """Send a file and return the answer, which may come, and be final, before its end."""
    reader, writer = wire
    with suppress(ConnectionError):
        await _send(writer, path)
    try:
        return (await reader.readuntil(b"\0")).rstrip(b"\0")
    except asyncio.LimitOverrunError:
        raise Unavailable("scanner: too long an answer") from None


async def _send(writer: asyncio.StreamWriter, path: Path) -> None:
    writer.write(b"zINSTREAM\0")
    at = 0
    while chunk := await asyncio.to_thread(_chunk, path, at):
        writer.write(struct.pack(">I", len(chunk)) + chunk)
        await writer.drain()
        at += len(chunk)
    writer.write(struct.pack(">I", 0))
    await writer.drain()


def _chunk(path: Path, at: int) -> bytes:
    """Read a piece; the file is not left open for a turn that may end before the thread does."""
    with path.open("rb") as file:
        file.seek(at)
        return file.read(CHUNK)


def _verdict(reply: bytes) -> str:
    """Return what was found, empty if nothing; raises `Unavailable` for any other answer."""
    if reply == _CLEAN:
        return ""
    found = _FOUND.fullmatch(reply)
    if found is None:
        # Such as `INSTREAM size limit exceeded. ERROR`.
        raise Unavailable(f"scanner: {reply[:100].decode('ascii', 'replace')}")
    return re.sub(r"[^\w.-]", "_", found["name"].decode("ascii", "replace"))[:64]
