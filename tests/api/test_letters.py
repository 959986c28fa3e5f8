"""Dead letters over HTTP: who may see them, page by page, and what a replay answers."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from api.routes import api_app
from cases.errors import Rejected, Unavailable
from cases.model import Notice, Recipient
from cases.ports import DeadLetter, Replayed
from cases.vocabulary import Audience, NoticeKind

Client = TestClient[web.Request, web.Application]

AT = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
OURS = {"Authorization": "Bearer open sesame"}


def letter(number: int) -> DeadLetter:
    to = Recipient(audience=Audience.PERSON, user=f"user-{number}", address="ada@acme.example")
    notice = Notice(
        id=f"{number:032x}", kind=NoticeKind.MESSAGE, to=to, event="e1", case="TNS-000123"
    )
    return DeadLetter(f"07-{notice.id}", "t1", notice, 3, "403", AT - timedelta(seconds=number))


class Letters:
    """Letters in memory."""

    def __init__(self) -> None:
        self.kept = [letter(number) for number in range(5)]
        self.down = False

    async def dead_letters(self, most: int = 100, cursor: str = "") -> tuple[DeadLetter, ...]:
        if self.down:
            raise Unavailable("timeout")
        places = {one.cursor: place for place, one in enumerate(self.kept, 1)} | {"": 0}
        if cursor not in places:
            raise Rejected("bad_cursor")
        return tuple(self.kept[places[cursor] :][:most])

    async def replay(self, letter_id: str) -> Replayed:
        known = {self.kept[0].id: Replayed.DONE, self.kept[1].id: Replayed.NOT_DEAD}
        return known.get(letter_id, Replayed.UNKNOWN)


@pytest.fixture
def letters() -> Letters:
    return Letters()


@pytest.fixture
async def client(letters: Letters) -> AsyncIterator[Client]:
    app = web.Application()
    app.add_subapp("/api/v1/", api_app({"ops": "open sesame", "token-2": "bare"}, letters))
    async with TestClient(TestServer(app)) as opened:
        yield opened


async def asks(client: Client, path: str, status: int = 200, **more: Any) -> Any:
    method = more.pop("method", "GET")
    async with client.request(method, f"/api/v1{path}", headers=OURS, **more) as answer:
        assert answer.status == status
        kind = "application/json" if status < 300 else "application/problem+json"
        assert answer.content_type == kind
        return await answer.json()


@pytest.mark.parametrize(
    "header",
    ["", "Bearer", "Bearer ", "Bearer wrong", "Basic open sesame", "open sesame", "Bearer ops",
     "Bearer open sesame!", "Bearer " + "x" * 5000, "Bearer \u00e9"],
)  # fmt: skip
async def test_nobody_passes_without_a_token(client: Client, header: str) -> None:
    for method, path in (("GET", "/dead-letters"), ("POST", "/dead-letters/x/replay")):
        where = f"/api/v1{path}"
        async with client.request(method, where, headers={"Authorization": header}) as answer:
            assert answer.status == 401
            assert answer.headers["WWW-Authenticate"] == "Bearer"
            body = await answer.json()
            assert (body["status"], body["code"]) == (401, "unauthorized")


@pytest.mark.parametrize("token", ["open sesame", "bare"])
async def test_each_token_passes(client: Client, token: str) -> None:
    headers = {"Authorization": f"bearer {token}"}
    async with client.get("/api/v1/dead-letters", headers=headers) as answer:
        assert answer.status == 200


async def test_lists_letters_page_by_page(client: Client, letters: Letters) -> None:
    seen: list[str] = []
    cursor: Any = ""
    for _ in range(3):
        page = await asks(client, "/dead-letters", params={"limit": "2", "cursor": cursor})
        seen += [one["id"] for one in page["items"]]
        cursor = page["next"]
    assert cursor is None
    assert seen == [one.id for one in letters.kept]


async def test_tells_what_an_operator_needs_and_of_nobody(client: Client) -> None:
    first = (await asks(client, "/dead-letters"))["items"][0]
    assert first == {
        "id": "07-" + "0" * 32,
        "case": "TNS-000123",
        "tenant": "t1",
        "kind": "message",
        "event": "e1",
        "audience": "person",
        "user": "user-0",
        "tries": 3,
        "why": "403",
        "at": "2026-11-21T12:00:00+00:00",
    }


@pytest.mark.parametrize("limit", ["0", "201", "-1", "x", "1e3", "9" * 40])
async def test_refuses_a_wrong_limit(client: Client, limit: str) -> None:
    refused = await asks(client, "/dead-letters", 400, params={"limit": limit})
    assert refused["code"] == "bad_limit"


async def test_refuses_a_wrong_cursor(client: Client) -> None:
    refused = await asks(client, "/dead-letters", 400, params={"cursor": "x"})
    assert refused == {
        "type": "about:blank", "title": "Bad Request", "status": 400, "code": "bad_cursor",
    }  # fmt: skip


async def test_replays_a_letter(client: Client, letters: Letters) -> None:
    path = f"/dead-letters/{letters.kept[0].id}/replay"
    answer = await asks(client, path, 202, method="POST")
    assert answer == {"id": letters.kept[0].id, "status": "queued"}


async def test_replays_nothing_that_is_not_dead(client: Client, letters: Letters) -> None:
    path = f"/dead-letters/{letters.kept[1].id}/replay"
    assert (await asks(client, path, 409, method="POST"))["code"] == "not_dead"
    assert (await asks(client, "/dead-letters/x/replay", 404, method="POST"))["code"] == "not_found"


async def test_says_so_when_the_store_is_away(client: Client, letters: Letters) -> None:
    letters.down = True
    assert (await asks(client, "/dead-letters", 503))["code"] == "unavailable"


async def test_answers_with_a_problem_whatever_is_asked(client: Client) -> None:
    assert (await asks(client, "/nothing", 404))["code"] == "not_found"
    assert (await asks(client, "/dead-letters", 405, method="DELETE"))["status"] == 405
