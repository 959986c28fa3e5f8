"""Who may ask: bearer tokens, compared without telling by the time it takes how near one came."""

from collections.abc import Mapping
from hashlib import sha256
from hmac import compare_digest
from http import HTTPStatus
from typing import Final

from aiohttp import web
from aiohttp.typedefs import Middleware

from api.problems import Handler, Refusal

CALLER: Final = web.RequestKey("caller", str)
"""The name of whoever asks, for the log."""
LONGEST: Final = 1024


class Callers:
    """The names of callers by the tokens they show."""

    def __init__(self, secrets: Mapping[str, str]) -> None:
        self._digests = [(name, _digest(secret)) for name, secret in secrets.items()]

    def name(self, header: str) -> str | None:
        """Return whose token an `Authorization` header holds; none if it is nobody's."""
        scheme, _, token = header.partition(" ")
        if scheme.lower() != "bearer" or len(token) > LONGEST:
            return None
        shown, found = _digest(token.strip()), None
        # All of them, always: it takes the same time whoever it is.
        for name, digest in self._digests:
            if compare_digest(digest, shown):
                found = name
        return found


def only(callers: Callers) -> Middleware:
    """Return the middleware that lets callers pass, and nobody else."""

    @web.middleware
    async def check(request: web.Request, handler: Handler) -> web.StreamResponse:
        name = callers.name(request.headers.get("Authorization", ""))
        if name is None:
            headers = {"WWW-Authenticate": "Bearer"}
            raise Refusal(HTTPStatus.UNAUTHORIZED, "unauthorized", headers)
        request[CALLER] = name
        return await handler(request)

    return check


def _digest(token: str) -> bytes:
    return sha256(token.encode("utf-8", "surrogateescape")).digest()
