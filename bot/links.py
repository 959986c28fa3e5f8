"""Short-lived, signed addresses of files, and what is served at them."""

import base64
import hmac
import json
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final
from urllib.parse import quote

from aiohttp import web

from cases.errors import NotFound, Unavailable
from cases.model import FileRef
from cases.ports import Clock, Files

VALID: Final = timedelta(minutes=10)


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
        claim = [tenant, file.sha256, file.name, file.media_type, int(until.timestamp())]
        body = (
            base64.urlsafe_b64encode(json.dumps(claim, ensure_ascii=False).encode())
            .decode()
            .rstrip("=")
        )
        return f"{self._base_url}/files/{body}.{self._signature(body)}"

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Send the file as an attachment that no browser opens by itself; 404 for all else."""
        claim = self._claim(request.match_info["token"])
        if claim is None:
            raise web.HTTPNotFound
        tenant, file = claim
        try:
            content = await self._files.content(tenant, file.sha256)
        except NotFound:
            raise web.HTTPNotFound from None
        except Unavailable:
            raise web.HTTPServiceUnavailable from None
        return web.Response(body=content, headers=_headers(file))

    def _signature(self, body: str) -> str:
        return hmac.new(self._secret, body.encode(), sha256).hexdigest()

    def _claim(self, token: str) -> tuple[str, FileRef] | None:
        body, _, signature = token.rpartition(".")
        if not hmac.compare_digest(signature.encode(), self._signature(body).encode()):
            return None
        padded = body + "=" * (-len(body) % 4)
        tenant, content, name, media_type, until = json.loads(base64.urlsafe_b64decode(padded))
        if datetime.fromtimestamp(until, self._clock().tzinfo) < self._clock():
            return None
        return tenant, FileRef(sha256=content, name=name, size=0, media_type=media_type)


def _headers(file: FileRef) -> dict[str, str]:
    ascii_name = file.name.encode("ascii", "replace").decode().replace('"', "_")
    return {
        "Content-Type": file.media_type,
        "Content-Disposition": (
            f"attachment; filename=\"{ascii_name}\"; filename*=UTF-8''{quote(file.name)}"
        ),
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "Cache-Control": "private, no-store",
        "Referrer-Policy": "no-referrer",
    }
