"""Uploaded files: streamed to disk, and given back to the bot and to the page."""

import asyncio
import re
import secrets
import shutil
from collections.abc import AsyncIterable, AsyncIterator
from pathlib import Path
from typing import IO

from aiohttp import web

from sandbox.world import NotPossible, Upload, World, clean_name

LIMIT = 64 * 1024 * 1024
CONTENT_TYPE = re.compile(r"[\w.+-]+/[\w.+-]+(;\s*charset=[\w-]+)?")


class Files:
    """A folder of uploads, each under its own unguessable name."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def routes(self, world: World) -> list[web.RouteDef]:
        """Returns the routes by which files are fetched."""

        async def download(request: web.Request) -> web.StreamResponse:
            return self._response(world, request, attachment=True)

        async def original(request: web.Request) -> web.StreamResponse:
            return self._response(world, request, attachment=False)

        return [
            web.get("/files/{upload}/{name}", download),
            web.get("/v3/attachments/{upload}/views/original", original),
        ]

    async def store(
        self,
        name: str,
        content: bytes | AsyncIterable[bytes],
        content_type: str,
        pasted: bool,
    ) -> Upload:
        """Writes a file piece by piece, off the event loop; refuses more than 64 MB."""
        key = secrets.token_hex(16)
        await asyncio.to_thread(self._folder.mkdir, 0o700, parents=True, exist_ok=True)
        size = await self._write(self._folder / key, content)
        kind = content_type if CONTENT_TYPE.fullmatch(content_type) else "application/octet-stream"
        return Upload(key, clean_name(name), kind, size, pasted)

    async def clear(self) -> None:
        """Deletes all files."""
        await asyncio.to_thread(delete_folder, self._folder)

    async def _write(self, path: Path, content: bytes | AsyncIterable[bytes]) -> int:
        file: IO[bytes] = await asyncio.to_thread(path.open, "wb")
        try:
            return await _copy(content, file)
        except BaseException:
            path.unlink(missing_ok=True)  # noqa: ASYNC240 - a cancelled upload cannot wait
            raise
        finally:
            file.close()

    def _response(self, world: World, request: web.Request, attachment: bool) -> web.StreamResponse:
        upload = world.uploads.get(request.match_info["upload"])
        if upload is None or (attachment and request.match_info["name"] != upload.name):
            raise web.HTTPNotFound
        headers = {"Content-Type": upload.content_type}
        if attachment:
            headers["Content-Disposition"] = "attachment"
        return web.FileResponse(self._folder / upload.id, headers=headers)


async def _copy(content: bytes | AsyncIterable[bytes], file: IO[bytes]) -> int:
    size = 0
    async for piece in _pieces(content):
        size += len(piece)
        if size > LIMIT:
            raise NotPossible("a file may have 64 MB at most", 413)
        await asyncio.to_thread(file.write, piece)
    return size


async def _pieces(content: bytes | AsyncIterable[bytes]) -> AsyncIterator[bytes]:
    if isinstance(content, bytes):
        yield content
        return
    async for piece in content:
        yield piece


def delete_folder(folder: Path) -> None:
    """Deletes a folder with what is in it, if it is there."""
    shutil.rmtree(folder, ignore_errors=True)
