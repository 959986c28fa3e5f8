"""Messages between the desk and its worker processes: some blobs, each with its length in front."""

import struct
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, BinaryIO, Final

if TYPE_CHECKING:
    import asyncio

Blobs = Sequence[bytes]

_LENGTH: Final = struct.Struct("<I")
_PIECE: Final = 256 * 1024
"""Bytes that are handed over at once, so that nobody on the event loop waits for megabytes."""


def receive(source: BinaryIO) -> list[bytes] | None:
    """Return the next message, waiting for it; none once the other side has gone."""
    count = source.read(_LENGTH.size)
    if len(count) < _LENGTH.size:
        return None
    lengths = (source.read(_LENGTH.size) for _ in range(*_LENGTH.unpack(count)))
    return [source.read(*_LENGTH.unpack(length)) for length in lengths]


def send(target: BinaryIO, blobs: Blobs) -> None:
    """Hand a message over, waiting until it is taken."""
    target.write(_LENGTH.pack(len(blobs)))
    for blob in blobs:
        target.write(_LENGTH.pack(len(blob)))
        target.write(blob)
    target.flush()


async def receive_soon(source: "asyncio.StreamReader") -> list[bytes]:
    """Return the next message; raises EOFError once the other side has gone."""
    count = await _number(source)
    return [await _blob(source, await _number(source)) for _ in range(count)]


async def send_soon(target: "asyncio.StreamWriter", blobs: Blobs) -> None:
    """Hand a message over; raises ConnectionError if the other side has gone."""
    target.write(_LENGTH.pack(len(blobs)))
    for blob in blobs:
        target.write(_LENGTH.pack(len(blob)))
        for piece in _pieces(blob):
            target.write(piece)
            await target.drain()


def _pieces(blob: bytes) -> Iterable[memoryview]:
    view = memoryview(blob)
    return (view[start : start + _PIECE] for start in range(0, len(view), _PIECE))


async def _number(source: "asyncio.StreamReader") -> int:
    return int(_LENGTH.unpack(await source.readexactly(_LENGTH.size))[0])


async def _blob(source: "asyncio.StreamReader", length: int) -> bytes:
    sizes = (min(_PIECE, length - start) for start in range(0, length, _PIECE))
    return b"".join([await source.readexactly(size) for size in sizes])
