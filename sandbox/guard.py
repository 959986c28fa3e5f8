"""Keeps other web pages out: loopback names only, same origin for changes, a strict policy."""

from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

from aiohttp import web

from sandbox.settings import is_loopback

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

READING = ("GET", "HEAD")
# The card renderer sets style attributes, and cards may show pictures from the web.
POLICY = (
    "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' https: data: blob:; "
    "object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
# What people upload is shown or saved, never run.
FILE_POLICY = "default-src 'none'; sandbox"


@web.middleware
async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuses requests that a page of another site could have caused."""
    host = request.headers.get("Host", "")
    if not is_loopback(urlsplit(f"//{host}").hostname or ""):
        raise web.HTTPForbidden(text="The sandbox answers on loopback only.")
    origin = request.headers.get("Origin")
    if request.method not in READING and origin not in (None, f"http://{host}"):
        raise web.HTTPForbidden(text="The sandbox is driven by its own page only.")
    return await handler(request)


async def protect(request: web.Request, response: web.StreamResponse) -> None:
    """Adds the headers that keep a browser from doing more than it should."""
    file = "/files/" in request.path or "/v3/attachments/" in request.path
    response.headers["Content-Security-Policy"] = FILE_POLICY if file else POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    response.headers.setdefault("Cache-Control", "no-cache")
