"""Short-lived, signed addresses of files, and what is served at them."""

import base64
import hmac
import json
import re
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final
from urllib.parse import quote

import structlog
from aiohttp import web

from cases.errors import NotFound, Unavailable
from cases.model import FileRef
from cases.ports import Clock, Files

VALID: Final = timedelta(minutes=10)
LONGEST_TOKEN: Final = 4096
CLAIMED: Final = 6
"""Members of a claim."""

_TOKEN: Final = re.compile(r"(?P<body>[A-Za-z0-9_-]+)\.(?P<signature>[0-9a-f]{64})")
_UNQUOTABLE: Final = re.compile(r'[\x00-\x1f\x7f"\\]')

_log = structlog.get_logger(__name__)


class FileLinks:
    """Signs addresses of files, and serves the files to whoever has one in time."""

    def __init__(self, secret: bytes, base_url: str, files: Files, clock: Clock) -> None:
        """Take the signing key, where this host is reached, the files and a clock."""
        self._secret = secret
        self._base_url = base_url.rstrip("/")
        self._files = files
        self._clock = clock

    def link(self, tenant: str, file: FileRef) -> str:
        """Return an address that works for ten minutes."""
        until = self._clock() + VALID
        claim = [
            tenant,
            file.sha256,
            file.name,
            file.media_type,
            file.size,
            int(until.timestamp()),
        ]
        raw = json.dumps(claim, ensure_ascii=False).encode()
        body = base64.urlsafe_b64encode(raw).decode().rstrip("=")
        return f"{self._base_url}/files/{body}.{self._signature(body)}"

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Send the file as an attachment that no browser opens by itself; 404 for all else.

        It is streamed, and whole or not at all: what turns out to be damaged is broken off before
        its end. Ranges are not served, since a part cannot be held against the file's hash.
        """
        claim = self._claim(request.match_info["token"])
        if claim is None:
            raise web.HTTPNotFound
        tenant, file = claim
        pieces = self._files.stream(tenant, file)
        try:
            first = await anext(pieces, b"")
            # A file of one piece is known to be whole before anything of it is sent.
            second = await anext(pieces, b"")
        except NotFound:
            raise web.HTTPNotFound from None
        except Unavailable as error:
            _log.warning("file_not_served", why=error.params.get("why"), sha256=file.sha256)
            raise web.HTTPServiceUnavailable from None
        response = web.StreamResponse(headers=_headers(file))
        if file.size:
            response.content_length = file.size
        await response.prepare(request)
        if request.method != "HEAD":
            await self._send(request, response, _held_back(first, second, pieces), file)
        return response

    async def _send(
        self,
        request: web.Request,
        response: web.StreamResponse,
        pieces: AsyncIterator[bytes],
        file: FileRef,
    ) -> None:
        try:
            async for piece in pieces:
                await response.write(piece)
        except (NotFound, Unavailable) as error:
            _log.warning("file_not_served", why=error.params.get("why"), sha256=file.sha256)
            if request.transport is not None:
                request.transport.abort()
            return
        await response.write_eof()

    def _signature(self, body: str) -> str:
        return hmac.new(self._secret, body.encode(), sha256).hexdigest()

    def _claim(self, token: str) -> tuple[str, FileRef] | None:
        """Return what a token gives leave to, if it is ours and in time."""
        parts = _TOKEN.fullmatch(token) if len(token) <= LONGEST_TOKEN else None
        if parts is None:
            return None
        body = parts["body"]
        if not hmac.compare_digest(parts["signature"], self._signature(body)):
            return None
        claim = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
        if len(claim) != CLAIMED:
            # Signed by a version before this one; its addresses end within minutes.
            return None
        tenant, content, name, media_type, size, until = claim
        if datetime.fromtimestamp(until, self._clock().tzinfo) < self._clock():
            return None
        return tenant, FileRef(sha256=content, name=name, size=size, media_type=media_type)


async def _held_back(
    first: bytes, second: bytes, pieces: AsyncIterator[bytes]
) -> AsyncIterator[bytes]:
    """Yield each piece once the one after it is there: the last only when the whole was right."""
    held = second
    yield first
    async for piece in pieces:
        yield held
        held = piece
    yield held


def _headers(file: FileRef) -> dict[str, str]:
    ascii_name = _UNQUOTABLE.sub("_", file.name.encode("ascii", "replace").decode())
    return {
        "Content-Type": file.media_type,
        "Content-Disposition": (
            f"attachment; filename=\"{ascii_name}\"; filename*=UTF-8''{quote(file.name, safe='')}"
        ),
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "sandbox; default-src 'none'; frame-ancestors 'none'",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Accept-Ranges": "none",
        "Cache-Control": "private, no-store",
        "Referrer-Policy": "no-referrer",
    }
