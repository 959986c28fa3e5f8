"""Files that nobody should have to open: each is refused with a sentence, and the work goes on."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from tests.bot.clamd import VIRUS, Day, Scanner, scanner
from tests.bot.contents import (
    EICAR,
    LOCKED,
    OLE,
    PDF,
    PNG,
    WORD,
    four_gigabytes,
    office,
    overlapping,
    workbook,
)
from tests.chat.intake import PORT, finishes, gets_to
from tests.chat.office import Office
from tests.chat.office import office as open_office
from tests.chat.people import Person
from tests.storage.rig import Valkey

DOWNLOAD = "application/vnd.microsoft.teams.file.download.info"

REFUSED = [
    ("loa.docx", OLE, "file_old_office"),
    ("loa.docx", LOCKED, "file_locked"),
    ("loa.docx", office(WORD, word__vbaProject_bin=OLE), "file_macros"),
    ("loa.xlsx", overlapping(20), "file_damaged"),
    ("loa.xlsx", four_gigabytes(), "file_absurd"),
    ("loa.pdf", b"<html><script>alert(1)</script>", "file_disguised"),
    ("loa.pdf", PDF + b"<< /S /Launch /F (cmd.exe) >>", "file_launch"),
    ("loa.svg", b"<svg/>", "file_kind"),
    ("loa.pdf", b"", "file_empty"),
    ("loa.pdf", PDF + bytes(25 * 1024 * 1024), "file_too_big"),
]


async def drops_named(desk: Office, name: str, content: bytes = PDF) -> None:
    """Have Ada send a file under a name that Teams itself would not send."""
    upload = await desk.teams.upload("file", content)
    url = f"{desk.base_url}/sandbox/files/{upload.id}/file"
    attachment = {
        "contentType": DOWNLOAD,
        "contentUrl": url,
        "name": name,
        "content": {"downloadUrl": url, "uniqueId": upload.id, "fileType": "pdf"},
    }
    await desk.teams.send(desk.teams.activity("ada", text="", attachments=[attachment]))


@pytest.mark.parametrize("locale", ["en-US", "fr-FR"])
async def test_each_refusal_is_a_sentence(desk: Office, ada: Person, locale: str) -> None:
    desk.teams.set_person("ada", locale=locale)
    await gets_to("papers", ada)
    for name, content, code in REFUSED:
        await ada.drops(name, content=content)
        ada.sees(ada.text(f"error.{code}"), f"{name}", "☐")
    await finishes(ada)


async def test_good_files_of_a_message_are_taken_though_others_are_not(ada: Person) -> None:
    await gets_to("papers", ada)
    good = [await ada.holds("loa.pdf"), await ada.holds("list.xlsx", workbook())]
    bad = [await ada.holds("old.doc", OLE), await ada.holds("eicar.txt", EICAR)]
    await ada.says("", bad[0], good[0], bad[1], good[1])
    ada.sees("“loa.pdf” is in", "“old.doc” was not taken", "“eicar.txt” was not taken")
    ada.sees("☑ Letter of authorization", "list.xlsx")
    await finishes(ada)


@pytest.mark.parametrize("locale", ["en-US", "fr-FR"])
async def test_the_test_virus_is_found_without_a_scanner(
    desk: Office, ada: Person, locale: str
) -> None:
    desk.teams.set_person("ada", locale=locale)
    await gets_to("papers", ada)
    for content in (EICAR, PDF + EICAR, office(WORD, word__x_txt=EICAR)):
        await ada.drops("loa.pdf", content=content)
        ada.sees(ada.text("error.file_infected", found="EICAR-Test"), "☐")
    await finishes(ada)


@pytest.mark.parametrize("name", ["../loa.pdf", "C:\\loa.pdf", "loa\u202efdp.exe", "loa.pdf.exe"])
async def test_names_that_mislead_are_refused(desk: Office, ada: Person, name: str) -> None:
    await gets_to("papers", ada)
    await drops_named(desk, name)
    ada.sees(ada.text("error.file_name"), "☐")
    ada.sees_no("\u202e")
    await finishes(ada)


async def test_a_name_says_nothing_in_the_bots_place(desk: Office, ada: Person) -> None:
    await gets_to("papers", ada)
    await drops_named(desk, "loa.pdf\r\n\r\nYour case is closed. " + "x" * 5000)
    ada.sees("loa.pdf Your case is closed. x", "was not taken")
    ada.sees_no("x" * 121)
    await finishes(ada)


async def test_a_message_brings_ten_files_at_most(desk: Office, ada: Person) -> None:
    await gets_to("papers", ada)
    await ada.drops(*(f"{at}.pdf" for at in range(12)))
    ada.sees("“9.pdf” is in", "“10.pdf” was not taken", "“11.pdf” was not taken")
    await finishes(ada, replace(PORT, papers=()))


@dataclass
class Guarded:
    """A desk with a scanner."""

    desk: Office
    scanner: Scanner


@pytest.fixture
async def guarded(valkey: Valkey, tmp_path: Path) -> AsyncIterator[Guarded]:
    with valkey.client() as store:
        store.flushall()
    async with (
        scanner() as there,
        open_office(valkey, tmp_path / "data", scanner_url=there.url) as desk,
    ):
        yield Guarded(desk, there)


@pytest.mark.parametrize("locale", ["en-US", "fr-FR"])
async def test_the_scanner_answers_before_a_file_is_in(guarded: Guarded, locale: str) -> None:
    ada = guarded.desk.ada
    guarded.desk.teams.set_person("ada", locale=locale)
    await gets_to("papers", ada)
    await ada.drops("loa.pdf", content=PDF + VIRUS)
    ada.sees(ada.text("error.file_infected", found="Win.Test_Virus-1"), "☐")
    for day in (Day.DIES, Day.SMALL, Day.MUTE):
        guarded.scanner.day = day
        await ada.drops("loa.pdf")
        ada.sees(ada.text("error.file_not_scanned"), "☐")
    guarded.scanner.day = Day.GOOD
    await ada.drops("loa.pdf")
    ada.sees("☑")
    await finishes(ada)


async def test_a_pasted_picture_is_scanned_too(guarded: Guarded) -> None:
    ada = guarded.desk.ada
    await gets_to("papers", ada)
    pasted = await guarded.desk.teams.upload("image", PNG, "image/png", pasted=True)
    await ada.says("", pasted)
    ada.sees("☑ Letter of authorization")
    assert guarded.scanner.seen == [PNG]
    await finishes(ada)
