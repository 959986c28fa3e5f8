"""Dead letters: notices that were given up, to look at and to send after all; ids only."""

from http import HTTPStatus
from typing import Final

import structlog
from aiohttp import web

from api.callers import CALLER
from api.problems import Refusal
from cases.ports import DeadLetter, DeadLetters, Replayed

USUAL: Final = 50
MOST: Final = 200

_log = structlog.get_logger(__name__)

_REFUSED: Final = {
    Replayed.UNKNOWN: (HTTPStatus.NOT_FOUND, "not_found"),
    Replayed.NOT_DEAD: (HTTPStatus.CONFLICT, "not_dead"),
}


class Letters:
    """`/dead-letters` and what is below it."""

    def __init__(self, letters: DeadLetters) -> None:
        self._letters = letters

    def routes(self) -> list[web.RouteDef]:
        """Return the routes, as the app takes them."""
        return [
            web.get("/dead-letters", self.page),
            web.post("/dead-letters/{id}/replay", self.replay),
        ]

    async def page(self, request: web.Request) -> web.Response:
        """Return a page, newest first; `next` is the cursor of the one behind it."""
        size = _size(request.query.get("limit", ""))
        # One more than is shown tells whether there is another page.
        found = await self._letters.dead_letters(size + 1, request.query.get("cursor", ""))
        shown = found[:size]
        following = shown[-1].cursor if len(found) > size else None
        return web.json_response({"items": [_json(one) for one in shown], "next": following})

    async def replay(self, request: web.Request) -> web.Response:
        """Put a letter at the end of its lane."""
        letter_id = request.match_info["id"]
        replayed = await self._letters.replay(letter_id)
        if replayed is not Replayed.DONE:
            raise Refusal(*_REFUSED[replayed])
        _log.info("letter_replayed", id=letter_id, by=request[CALLER])
        return web.json_response({"id": letter_id, "status": "queued"}, status=HTTPStatus.ACCEPTED)


def _size(asked: str) -> int:
    if not asked:
        return USUAL
    if not (asked.isascii() and asked.isdigit() and 1 <= int(asked[:9]) <= MOST):
        raise Refusal(HTTPStatus.BAD_REQUEST, "bad_limit")
    return int(asked)


def _json(letter: DeadLetter) -> dict[str, object]:
    """Return what an operator needs to know; an address of somebody's is not among it."""
    notice = letter.notice
    return {
        "id": letter.id,
        "case": notice.case,
        "tenant": letter.tenant,
        "kind": notice.kind,
        "event": notice.event,
        "audience": notice.to.audience,
        "user": notice.to.user or None,
        "tries": letter.attempts,
        "why": letter.why,
        "at": letter.at.isoformat(),
    }
