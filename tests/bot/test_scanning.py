"""The scanner's protocol, over a real socket: whatever is no clear answer is none."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.scanning import CHUNK, TEST_VIRUS, Clamd, TestString
from cases.errors import Rejected, Unavailable
from tests.bot.clamd import VIRUS, Day, Scanner, scanner


@pytest.fixture
async def there() -> AsyncIterator[Scanner]:
    async with scanner() as made:
        yield made


def waiting(folder: Path, content: bytes) -> str:
    path = folder / "waiting.part"
    path.write_bytes(content)
    return str(path)


async def test_a_clean_file_is_sent_whole(there: Scanner, tmp_path: Path) -> None:
    content = bytes(range(256)) * 5000
    assert await Clamd.parse(there.url).scan(waiting(tmp_path, content)) == ""
    assert there.seen == [content]
    assert there.chunks == len(content) // CHUNK + 1


async def test_it_says_what_it_finds(there: Scanner, tmp_path: Path) -> None:
    path = waiting(tmp_path, b"x" * CHUNK + VIRUS)
    assert await Clamd.parse(there.url).scan(path) == "Win.Test_Virus-1"


async def test_it_may_listen_on_a_socket(tmp_path: Path) -> None:
    async with scanner(tmp_path / "clamd sock") as there:
        url = there.url.replace(" ", "%20")
        assert await Clamd.parse(url).scan(waiting(tmp_path, VIRUS)) == "Win.Test_Virus-1"


@pytest.mark.parametrize("day", [day for day in Day if day is not Day.GOOD])
async def test_no_clear_answer_is_none(there: Scanner, tmp_path: Path, day: Day) -> None:
    there.day = day
    asked = replace(Clamd.parse(there.url), patience=0.3)
    with pytest.raises(Unavailable):
        await asked.scan(waiting(tmp_path, bytes(5 * CHUNK)))
    there.day = Day.GOOD
    assert await asked.scan(waiting(tmp_path, b"x")) == "", "the next file is scanned again"


async def test_the_reason_is_for_the_operator(there: Scanner, tmp_path: Path) -> None:
    there.day = Day.SMALL
    with pytest.raises(Unavailable) as caught:
        await Clamd.parse(there.url).scan(waiting(tmp_path, bytes(9)))
    assert caught.value.params["why"] == "scanner: INSTREAM size limit exceeded. ERROR"


async def test_nobody_listens(there: Scanner, tmp_path: Path) -> None:
    async with scanner() as gone:
        url = gone.url
    with pytest.raises(Unavailable):
        await Clamd.parse(url).scan(waiting(tmp_path, b"x"))


async def test_many_at_once(there: Scanner, tmp_path: Path) -> None:
    path, asked = waiting(tmp_path, bytes(CHUNK)), Clamd.parse(there.url)
    assert set(await asyncio.gather(*(asked.scan(path) for _ in range(20)))) == {""}


def see_all(seen: TestString, *pieces: bytes) -> None:
    for piece in pieces:
        seen.see(piece)


def test_the_test_string_is_found_where_pieces_meet() -> None:
    for cut in range(len(TEST_VIRUS) + 1):
        seen = TestString()
        with pytest.raises(Rejected) as caught:
            see_all(seen, b"x" * 99, TEST_VIRUS[:cut], TEST_VIRUS[cut:])
        assert caught.value.params == {"found": "EICAR-Test"}


def test_what_only_looks_like_the_test_string_passes() -> None:
    seen = TestString()
    for _ in range(3):
        see_all(seen, TEST_VIRUS[:-1], b" " + TEST_VIRUS[1:])


def test_the_url_says_where() -> None:
    assert Clamd.parse("clamd://scanner") == Clamd(host="scanner", port=3310)
    assert Clamd.parse("clamd://[::1]:99/") == Clamd(host="::1", port=99)
    assert Clamd.parse("clamd+unix:///run/clamd.sock") == Clamd(socket="/run/clamd.sock")
