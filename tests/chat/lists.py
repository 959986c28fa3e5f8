"""Number lists of people: what they hold, and what comes back as files."""

import csv
import io
from collections.abc import Iterable

import phonenumbers

from sandbox.world import Message
from tests.chat.office import Office
from tests.chat.people import Person

NANP = ("202", "212", "213", "303", "312", "404", "415", "425", "503", "602")


def american(count: int) -> list[str]:
    """Return numbers in use in the United States, each once, a thousand from each area."""
    return [f"+1{NANP[at // 9000]}555{1000 + at % 9000}" for at in range(count)]


def toll_free(count: int) -> list[str]:
    return [f"+1800555{1000 + at}" for at in range(count)]


def as_csv(numbers: Iterable[str]) -> bytes:
    return "\n".join(("PhoneNumber", *numbers, "")).encode()


def is_valid(number: str) -> bool:
    return phonenumbers.is_valid_number(phonenumbers.parse(number))


async def fetched(desk: Office, who: Person, title: str, on: Message | None = None) -> str:
    """Press the button that asks for files and return the text of one of them."""
    urls = who.links(on)
    async with desk.web.get(urls[title]) as answer:
        assert answer.status == 200
        assert answer.headers["Content-Disposition"].startswith("attachment")
        return (await answer.read()).decode("utf-8-sig")


def rows_of(report: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(report)))


def numbers_of(clean: str) -> list[str]:
    header, *numbers = clean.split()
    assert header == "PhoneNumber"
    return numbers
