"""Contents of files: received beside the store while they are hashed, kept under their hash.

A kept file is `<digest of the tenant>/<sha256>`: the same content twice is one file, and two
tenants never share one.
"""

import asyncio
import os
import re
import secrets
import shutil
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final, Protocol
from urllib.parse import unquote, urlsplit

import obstore
from obstore.exceptions import BaseError
from obstore.store import LocalStore, ObjectStore, from_url

from cases.errors import NotFound, Rejected, Unavailable
from cases.model import FileRef
from cases.ports import Incoming

if TYPE_CHECKING:
    from obstore.store import ClientConfig, RetryConfig

HEAD: Final = 8192
"""Bytes from the front that are handed on, to tell a file's kind by."""
BATCH: Final = 256 * 1024
"""Bytes that are gathered before a thread writes them."""
ORPHAN_AGE: Final = timedelta(hours=1)
"""After this nobody is still receiving what waits in the folder."""

_HASH: Final = re.compile(r"[0-9a-f]{64}", re.ASCII)
_PART: Final = ".part"


async def open_files(
    url: str, incoming: Path, failpoint: Callable[[str], None] = lambda _name: None
) -> "ObjectFiles":
    """Open the store at a URL (`file://`, `s3://`, `gs://`, `az://`) and sweep up orphans.

    `incoming` is a folder for what is being received; for `file://` on the same file system.
    """
    parts = urlsplit(url)
    if parts.scheme == "file":
        root = Path(unquote(parts.path))
        files = await asyncio.to_thread(_open_local, root, incoming, failpoint)
    else:
        store = from_url(url, client_options=_CLIENT, retry_config=_RETRY)
        files = ObjectFiles(store, Uploads(store), incoming)
    await asyncio.to_thread(_sweep, incoming)
    return files


class ObjectFiles:
    """The `Files` over an object store; see `open_files`."""

    def __init__(self, store: ObjectStore, keeper: "Keeper", incoming: Path) -> None:
        self._store = store
        self._keeper = keeper
        self._incoming = incoming

    async def receive(self, chunks: AsyncIterator[bytes], most: int) -> Incoming:
        """Take a stream in; raises `Rejected("file_too_big")` once it exceeds `most` bytes."""
        with _refusals():
            sink = await asyncio.to_thread(_Sink, self._incoming)
        try:
            await _pour(chunks, sink, most)
        except BaseException:
            # Not awaited: a cancelled task must not leave the file behind either.
            sink.discard()
            raise
        return sink.incoming()

    async def keep(self, tenant: str, incoming: Incoming) -> None:
        """Store what was received, durably; again is no harm."""
        with _refusals():
            await self._keeper.keep(Path(incoming.path), _name(tenant, incoming.sha256))

    async def drop(self, incoming: Incoming) -> None:
        """Forget what was received."""
        await asyncio.to_thread(Path(incoming.path).unlink, missing_ok=True)

    async def content(self, tenant: str, sha256: str) -> bytes:
        """Return a file's bytes; raises `NotFound`, or `Unavailable` if they are damaged."""
        return b"".join([piece async for piece in self._pieces(tenant, sha256)])

    async def stream(self, tenant: str, file: FileRef) -> AsyncIterator[bytes]:
        """Yield a file's bytes in pieces; damage is only known, and raised, at the end."""
        async for piece in self._pieces(tenant, file.sha256):
            yield piece

    async def _pieces(self, tenant: str, digest: str) -> AsyncIterator[bytes]:
        seen = sha256()
        with _refusals(digest):
            result = await obstore.get_async(self._store, _name(tenant, digest))
            async for piece in result.stream(min_chunk_size=BATCH):
                chunk = bytes(piece)
                # hashlib lets go of the interpreter's lock for pieces of this size.
                await asyncio.to_thread(seen.update, chunk)
                yield chunk
        if seen.hexdigest() != digest:
            raise Unavailable("file_damaged")


class Keeper(Protocol):
    """How a received file becomes a stored one."""

    async def keep(self, source: Path, name: str) -> None:
        """Store it under its name and remove it where it waited."""
        ...


class Uploads:
    """Keeps files in an object store, which tells that they are durable by answering."""

    def __init__(self, store: ObjectStore) -> None:
        self._store = store

    async def keep(self, source: Path, name: str) -> None:
        """Upload the file; one that is there already need not wait here any more."""
        if not await asyncio.to_thread(source.exists):
            await obstore.head_async(self._store, name)
            return
        await obstore.put_async(self._store, name, source)
        await asyncio.to_thread(source.unlink, missing_ok=True)


class Renames:
    """Keeps files in a folder: synced, renamed, and the folder synced too."""

    def __init__(self, root: Path, failpoint: Callable[[str], None] = lambda _name: None) -> None:
        self._root = root
        self._failpoint = failpoint

    async def keep(self, source: Path, name: str) -> None:
        """Move the file to its place; obstore's own folder store does not sync."""
        await asyncio.to_thread(_move, source, self._root / name, self._failpoint)


@dataclass
class _Sink:
    """A file that is being received; its calls block."""

    folder: Path
    size: int = 0
    head: bytes = b""
    path: Path = field(init=False)

    def __post_init__(self) -> None:
        self.path = self.folder / f"{secrets.token_hex(16)}{_PART}"
        self._file: BinaryIO = self.path.open("xb")
        self._seen = sha256()

    def take(self, chunk: bytes) -> None:
        """Write and hash a chunk."""
        self._file.write(chunk)
        self._seen.update(chunk)

    def close(self) -> None:
        """Finish the file, on the disk itself."""
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()

    def discard(self) -> None:
        """Remove what came in so far."""
        with suppress(OSError):
            self._file.close()
        self.path.unlink(missing_ok=True)

    def incoming(self) -> Incoming:
        """Return what was received."""
        return Incoming(self._seen.hexdigest(), self.size, self.head, str(self.path))


async def _pour(chunks: AsyncIterator[bytes], sink: _Sink, most: int) -> None:
    batch = bytearray()
    async for chunk in chunks:
        sink.size += len(chunk)
        if sink.size > most:
            raise Rejected("file_too_big")
        sink.head += chunk[: HEAD - len(sink.head)]
        batch += chunk
        if len(batch) >= BATCH:
            await _in_thread(sink, bytes(batch))
            batch.clear()
    await _in_thread(sink, bytes(batch))
    with _refusals():
        await asyncio.to_thread(sink.close)


async def _in_thread(sink: _Sink, chunk: bytes) -> None:
    with _refusals():
        await asyncio.to_thread(sink.take, chunk)


def _name(tenant: str, digest: str) -> str:
    if _HASH.fullmatch(digest) is None:
        raise NotFound(digest)
    return f"{sha256(tenant.encode()).hexdigest()[:16]}/{digest}"


def _open_local(root: Path, incoming: Path, failpoint: Callable[[str], None]) -> ObjectFiles:
    root.mkdir(parents=True, exist_ok=True)
    return ObjectFiles(LocalStore(root), Renames(root, failpoint), incoming)


def _sweep(folder: Path) -> None:
    """Remove what a process left behind that died while receiving."""
    folder.mkdir(parents=True, exist_ok=True)
    oldest = time.time() - ORPHAN_AGE.total_seconds()
    for orphan in folder.glob(f"*{_PART}"):
        with suppress(FileNotFoundError):
            if orphan.stat().st_mtime < oldest:
                orphan.unlink()


def _move(source: Path, target: Path, failpoint: Callable[[str], None]) -> None:
    if not source.exists():
        target.stat()
        return
    _make_folder(target.parent)
    ready = source
    if source.stat().st_dev != target.parent.stat().st_dev:
        # Renamed in its turn: a copy that is cut off must never look like the file.
        ready = target.with_name(f"{secrets.token_hex(16)}{_PART}")
        shutil.copyfile(source, ready)
    _sync(ready)
    failpoint("before_rename")
    ready.replace(target)
    failpoint("after_rename")
    _sync(target.parent)
    source.unlink(missing_ok=True)


def _make_folder(folder: Path) -> None:
    if not folder.exists():
        folder.mkdir(parents=True, exist_ok=True)
        _sync(folder.parent)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def _refusals(digest: str = "") -> Iterator[None]:
    """Say in the desk's words what a store or a disk refuses."""
    try:
        yield
    except FileNotFoundError as error:
        raise NotFound(digest) from error
    except (BaseError, OSError) as error:
        raise Unavailable("files") from error


_CLIENT: "Final[ClientConfig]" = {"connect_timeout": "3s", "timeout": "60s"}
_RETRY: "Final[RetryConfig]" = {
    "max_retries": 2,
    "retry_timeout": timedelta(seconds=10),
}
