"""A host of files that gives them when it is told to, and people who send what lies there."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

from sandbox import Delivery, Sandbox
from tests.bot.contents import PDF


@dataclass
class Host:
    """A host that drips, and gives the rest of a file when it is told to, or hangs up."""

    address: str = ""
    asked: int = 0
    content: bytes = PDF
    gives: asyncio.Event = field(default_factory=asyncio.Event)

    def url(self, name: str) -> str:
        return f"http://{self.address}/{name}"

    async def answer(self, _reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.asked += 1
        left = self.content
        if left:
            writer.write(f"HTTP/1.1 200 OK\r\nContent-Length: {len(left)}\r\n\r\n".encode())
        while not self.gives.is_set():
            # So little at a time that nobody may think it dead.
            writer.write(left[:1])
            left = left[1:]
            with suppress(TimeoutError):
                await asyncio.wait_for(self.gives.wait(), 1)
        writer.write(left)
        writer.close()


@asynccontextmanager
async def slow_host() -> AsyncIterator[Host]:
    """Open such a host."""
    host = Host()
    async with await asyncio.start_server(host.answer, "127.0.0.1", 0) as server:
        host.address = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
        yield host


async def offers(teams: Sandbox, url: str) -> Delivery:
    """Have Ada send a file that lies somewhere."""
    offer = {
        "contentType": "application/vnd.microsoft.teams.file.download.info",
        "name": url.rpartition("/")[2],
        "content": {"downloadUrl": url, "uniqueId": "1", "fileType": "pdf"},
    }
    return await teams.send(teams.activity("ada", text="", attachments=[offer]))
