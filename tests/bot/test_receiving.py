"""What becomes of a file between the wire and the store: names, verdicts, and what is left over."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from aiohttp import web

from bot.inbound import Offered
from bot.receiving import ChatFiles, require_honest, safe_name, shown_name, upload_of
from bot.scanning import Clamd
from cases.errors import Rejected
from cases.model import FileRef
from cases.ports import Upload
from storage.files import ObjectFiles, open_files
from tests.bot.clamd import VIRUS, Day, Scanner, scanner
from tests.bot.contents import EICAR, PDF, PNG
from tests.delivery.wire import Teams, connector, teams

TENANT = "contoso"


@dataclass
class Taking:
    """A receiver with what it hangs on, and the place where files wait."""

    receiver: ChatFiles
    files: ObjectFiles
    there: Teams
    scanner: Scanner
    folder: Path

    async def drop(
        self, content: bytes = PDF, name: str = "loa.pdf", place: int = 1
    ) -> FileRef | str:
        """Return the file that was taken, or the code of its refusal."""

        async def file(_request: web.Request) -> web.StreamResponse:
            return web.Response(body=content)

        self.there.answers.clear()
        self.there.will(file)
        offered = Offered(self.there.url + "x", name)
        try:
            return await self.receiver.take(TENANT, upload_of(offered, place, ""))
        except Rejected as refusal:
            return refusal.code

    async def takes(self, content: bytes = PDF, name: str = "loa.pdf", place: int = 1) -> FileRef:
        """Return the file, which must be taken."""
        file = await self.drop(content, name, place)
        assert isinstance(file, FileRef), file
        return file

    @property
    def waiting(self) -> list[Path]:
        return list((self.folder / "incoming").iterdir())

    @property
    def kept(self) -> int:
        return sum(1 for path in (self.folder / "files").rglob("*") if path.is_file())


@pytest.fixture
async def taking(tmp_path: Path) -> AsyncIterator[Taking]:
    files = await open_files((tmp_path / "files").as_uri(), tmp_path / "incoming")
    async with teams() as there, connector() as wire, scanner() as scanning:
        receiver = ChatFiles(wire, files, Clamd.parse(scanning.url))
        yield Taking(receiver, files, there, scanning, tmp_path)


async def test_a_file_is_scanned_and_kept(taking: Taking) -> None:
    file = await taking.takes()
    assert (file.name, file.size, file.media_type) == ("loa.pdf", len(PDF), "application/pdf")
    assert taking.scanner.seen == [PDF]
    assert (taking.waiting, taking.kept) == ([], 1)


@pytest.mark.parametrize(
    "content, name, code",
    [
        (PDF + VIRUS, "loa.pdf", "file_infected"),
        (EICAR, "loa.pdf", "file_infected"),
        (PNG, "loa.pdf", "file_disguised"),
        (b"", "loa.pdf", "file_empty"),
        (PDF + bytes(25 * 1024 * 1024), "loa.pdf", "file_too_big"),
    ],
)
async def test_nothing_is_left_of_what_is_refused(
    taking: Taking, content: bytes, name: str, code: str
) -> None:
    assert await taking.drop(content, name) == code
    assert (taking.waiting, taking.kept) == ([], 0)
    assert await taking.drop() != code, "a good one is taken afterwards"


async def test_the_test_string_needs_no_scanner(taking: Taking) -> None:
    taking.scanner.day = Day.DIES
    assert await taking.drop(EICAR, "eicar.com") == "file_infected"
    assert taking.scanner.chunks == 0


@pytest.mark.parametrize("day", [Day.DIES, Day.MUTE, Day.SMALL, Day.BABBLES])
async def test_nothing_is_kept_without_a_verdict(taking: Taking, day: Day) -> None:
    taking.scanner.day = day
    assert await taking.drop() == "file_not_scanned"
    assert (taking.waiting, taking.kept) == ([], 0)
    taking.scanner.day = Day.GOOD
    assert (await taking.takes()).name == "loa.pdf"


async def test_a_turn_that_ends_early_leaves_nothing(taking: Taking) -> None:
    taking.scanner.day = Day.HANGS
    task = asyncio.create_task(taking.drop())
    await taking.scanner.asked.wait()
    assert len(taking.waiting) == 1
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (taking.waiting, taking.kept) == ([], 0)


async def test_a_store_that_fails_is_said(taking: Taking) -> None:
    (taking.folder / "files").rmdir()
    (taking.folder / "files").write_bytes(b"")
    assert await taking.drop() == "file_not_stored"
    assert taking.waiting == []
    (taking.folder / "files").unlink()
    (taking.folder / "files").mkdir()
    assert (await taking.takes()).name == "loa.pdf"


async def test_ten_of_a_message_are_fetched(taking: Taking) -> None:
    assert await taking.drop(place=11) == "too_many_files"
    assert not taking.there.asked
    assert (await taking.takes(place=10)).name == "loa.pdf"


async def test_a_misleading_name_is_refused_unfetched(taking: Taking) -> None:
    assert await taking.drop(name="\u202eloa.pdf") == "file_name"
    assert not taking.there.asked


async def test_a_list_that_is_too_long_is_not_read(taking: Taking) -> None:
    file = await taking.takes(b"+33123456789\n" * 420_000, "list.csv")
    with pytest.raises(Rejected, match="list_too_long"):
        await taking.receiver.text(TENANT, file)
    short = await taking.takes(b"+33123456789\n", "list.csv")
    assert await taking.receiver.text(TENANT, short) == "+33123456789\n"


@pytest.mark.parametrize(
    "name",
    [
        "../loa.pdf",
        "..\\loa.pdf",
        "/etc/passwd",
        "C:\\loa.pdf",
        "loa\u202efdp.exe",
        "\u2066loa.pdf",
        "loa.pdf\0.exe",
        "loa\n.pdf",
        "loa.pdf.exe",
        "loa.PDF .scr",
        "loa.pdf.com",
        "loa.xlsx.js",
        "loa.exe.pdf",
        "loa.svg.png",
        "CON",
        "con.pdf",
        "nul",
        "LPT1.txt",
    ],
)
def test_refuses_names_that_mislead(name: str) -> None:
    with pytest.raises(Rejected) as caught:
        require_honest(name)
    assert caught.value.code == "file_name"


@pytest.mark.parametrize(
    "name, kind, safe",
    [
        ("loa.pdf", "pdf", "loa.pdf"),
        ("", "png", "file.png"),
        (".pdf", "pdf", "pdf.pdf"),
        ("scan.jpeg", "jpg", "scan.jpeg"),
        ("invoice.2026.pdf", "pdf", "invoice.2026.pdf"),
        ("invoice.2026", "pdf", "invoice.2026.pdf"),
        ("contoso.com.pdf", "pdf", "contoso.com.pdf"),
        ("numbers.csv.txt", "txt", "numbers.csv.txt"),
        ("  …LOA  Été.pdf. ", "pdf", "…LOA Été.pdf"),
        ("E\u0301te\u0301.pdf", "pdf", "Été.pdf"),
        ("a\u200b\u200fb.pdf", "pdf", "a\u200fb.pdf"),
        ('what? "x" <y>|z*.pdf', "pdf", "what_ _x_ _y__z_.pdf"),
        ("console.pdf", "pdf", "console.pdf"),
        ("x" * 300 + ".pdf", "pdf", "x" * 116 + ".pdf"),
        ("工单.xlsx", "xlsx", "工单.xlsx"),
    ],
)
def test_cleans_what_is_only_odd(name: str, kind: str, safe: str) -> None:
    require_honest(name)
    assert safe_name(name, kind) == safe


def test_shows_no_name_as_it_came() -> None:
    assert shown_name("a\u202eb\r\nWell done: " + "x" * 300) == "ab Well done: " + "x" * 106
    upload = upload_of(Offered("https://x/", "../\u202ea"), 1, "https://smba/")
    assert (upload.name, upload.named, upload.service_url) == ("../a", "../\u202ea", "")


def test_only_a_pasted_picture_knows_the_connector() -> None:
    upload = upload_of(Offered("https://x/", pasted=True), 3, "https://smba/")
    assert upload == Upload("", "https://x/", service_url="https://smba/", place=3)
