"""Answers to requests that fail, as RFC 9457 says them: a code of ours, and nothing of anyone."""

from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from typing import Final

import structlog
from aiohttp import web

from cases.errors import Rejected, Unavailable

TYPE: Final = "application/problem+json"
RETRY_AFTER: Final = {"Retry-After": "2"}

_log = structlog.get_logger(__name__)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Refusal(Exception):
    """A request that is answered with a problem."""

    def __init__(
        self, status: HTTPStatus, code: str, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.headers = headers


def problem(
    status: HTTPStatus, code: str, headers: Mapping[str, str] | None = None
) -> web.Response:
    """Return the answer that says what is wrong."""
    body = {"type": "about:blank", "title": status.phrase, "status": int(status), "code": code}
    return web.json_response(body, status=int(status), headers=headers, content_type=TYPE)


@web.middleware
async def problems(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer whatever goes wrong as a problem."""
    try:
        return await handler(request)
    except Refusal as refusal:
        return problem(refusal.status, refusal.code, refusal.headers)
    except Rejected as refusal:
        return problem(HTTPStatus.BAD_REQUEST, refusal.code)
    except Unavailable:
        return problem(HTTPStatus.SERVICE_UNAVAILABLE, "unavailable", RETRY_AFTER)
    except web.HTTPException as refusal:
        status = HTTPStatus(refusal.status)
        allowed = {name: refusal.headers[name] for name in ("Allow",) if name in refusal.headers}
        return problem(status, status.name.lower(), allowed)
    except Exception:
        _log.exception("api_failed")
        return problem(HTTPStatus.INTERNAL_SERVER_ERROR, "unexpected")
