"""Work on cases while the store is away: nothing is told that would not come again."""

from datetime import UTC, datetime
from typing import Any

import pytest

from cards import Press
from cases.casebook import CaseBook
from cases.errors import NotFound, Unavailable
from cases.model import Conversation, FileRef, Person, Speaker
from dialogs.casework import Casework
from dialogs.turn import Here, Said
from strings import text_for

AGENT = Speaker(tenant="desk", user="agnes", name="Agnes Desk", agent=True)


class Away(CaseBook):
    """A case book that fails as it is told to."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    async def act(self, *_: Any) -> Any:
        raise self._error

    async def read(self, *_: Any) -> Any:
        raise self._error


def here(press: Press | None = None) -> Here:
    said = Said(speaker=AGENT, key="a1", text="hello", press=press, waits=press is not None)
    return Here(
        said=said,
        text=text_for("en-US"),
        now=datetime(2026, 11, 21, tzinfo=UTC),
        person=Person(tenant="desk", user="agnes"),
        conversation=Conversation(),
        draft=None,
    )


async def nothing_saved(_tenant: str, _name: str, _content: bytes) -> FileRef:
    raise AssertionError("no file is made here")


def casework(error: Exception) -> Casework:
    return Casework(Away(error), lambda _tenant, _file: "", nothing_saved)


async def test_words_that_could_not_be_saved_must_come_again() -> None:
    with pytest.raises(Unavailable):
        await casework(Unavailable("timeout")).say(here(), "TNS-000105", "hello")


@pytest.mark.parametrize("verb", ["take", "comment", "unmask", "refresh", "calendar", "parts"])
async def test_a_press_that_could_not_be_saved_must_come_again(verb: str) -> None:
    with pytest.raises(Unavailable):
        await casework(Unavailable("timeout")).press(here(Press(verb=verb, case="TNS-000105")))


async def test_a_case_that_cannot_be_read_now_must_be_asked_for_again() -> None:
    with pytest.raises(Unavailable):
        await casework(Unavailable("timeout")).show(here(), "TNS-000105")


async def test_what_is_refused_for_good_is_told() -> None:
    turn = await casework(NotFound("TNS-000105")).say(here(), "TNS-000105", "hello")
    assert "There is no case TNS-000105" in turn.replies[0].message.summary
