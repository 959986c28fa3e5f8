"""What files are by their content: honest ones are taken, all others refused with their code."""

import re
import struct
import subprocess
import sys
import zlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from zipfile import ZIP_STORED

import pytest

from bot.inspecting import inspected
from cases.errors import Rejected
from tests.bot.contents import (
    EICAR,
    LOCKED,
    MAIL,
    OLE,
    PDF,
    PNG,
    SHEET,
    SLIDES,
    TYPES,
    WORD,
    Packed,
    blank,
    by_hand,
    deflated,
    forwarded,
    four_gigabytes,
    honest,
    mail,
    office,
    overlapping,
    types,
    workbook,
    zeros,
    zipped,
)

ROOT = Path(__file__).parents[2]
LIST = "PhoneNumber\n+33123456789\n"
MACRO_TYPE = '<Override PartName="/x.bin" ContentType="application/vnd.ms-office.vbaProject"/>'
HIDDEN_TYPE = '<Default Extension="xlsm" ContentType="a/macro&#69;nabled"/>'
ENTITY = b'<!ENTITY a "b">]>'
OTHER_NAME = struct.pack("<HHBI", 0x7075, 6, 1, 0) + b"y"
LAUNCH = PDF.replace(b"/Catalog", b"/Catalog /OpenAction << /S /Launch /F (cmd.exe) >>")

EMPTY_PARTS = b"From: a\nContent-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\n" * 2000


def kind(folder: Path, content: bytes, name: str) -> str:
    path = folder / "waiting.part"
    path.write_bytes(content)
    return inspected(path, name)


def refusal(folder: Path, content: bytes, name: str) -> str:
    with pytest.raises(Rejected) as caught:
        kind(folder, content, name)
    return caught.value.code


@pytest.mark.parametrize(
    "name, content, found",
    [
        ("a.pdf", PDF, "pdf"),
        ("a", PDF, "pdf"),
        ("invoice.2026", PDF, "pdf"),
        ("contoso.com", PDF, "pdf"),
        ("", PNG, "png"),
        ("a.PNG", PNG, "png"),
        ("a.jpeg", b"\xff\xd8\xff\xe0" + bytes(20), "jpg"),
        ("a.jpg", b"\xff\xd8\xff\xe0" + bytes(20), "jpg"),
        ("a.gif", b"GIF89a" + bytes(20), "gif"),
        ("a.webp", b"RIFF\x10\0\0\0WEBPVP8 " + bytes(20), "webp"),
        ("a.tiff", b"II*\0" + bytes(20), "tif"),
        ("a.bmp", b"BM\x3a\0\0\0" + bytes(4) + b"\x36\0\0\0" + bytes(40), "bmp"),
        ("a.docx", office(WORD), "docx"),
        ("a.docx", office(WORD, method=ZIP_STORED), "docx"),
        ("a.xlsx", office(SHEET), "xlsx"),
        ("a.pptx", office(SLIDES), "pptx"),
        ("a.xlsx", workbook(), "xlsx"),
        ("a.xlsx", by_hand(*honest(), longer=True), "xlsx"),
        ("a", office(WORD), "docx"),
        ("a.docx", office(WORD, word__embeddings__chart_xlsx=workbook()), "docx"),
        ("a.docx", office(WORD, word__media__blank_bmp=b"BM" + bytes(5_000_000)), "docx"),
        ("a.docx", zipped({TYPES: types().decode().encode("utf-16"), "main.xml": b"<m/>"}), ""),
        ("a.csv", LIST.encode(), "csv"),
        ("a.csv", LIST.encode("utf-8-sig"), "csv"),
        ("a.csv", LIST.encode("utf-16"), "csv"),
        ("a.txt", LIST.encode("utf-16-le"), "txt"),
        ("a.tsv", LIST.encode("utf-16-be"), "tsv"),
        ("a.csv", "Numéro\n".encode("cp1252"), "csv"),
        ("a.csv", b"BMW;+33123456789\n", "csv"),
        ("a.csv", b"MZ;+33123456789\nID3\n", "csv"),
        ("a.txt", b"a < b and c > d\n", "txt"),
        ("a.eml", MAIL, "eml"),
        ("a.eml", mail(("loa.pdf", PDF), ("list.xlsx", workbook()), ("logo.png", PNG)), "eml"),
        ("a.eml", mail(words="MZ Telecom\n\n--\n" + "line\n" * 9000), "eml"),
        ("a.eml", forwarded(mail(("loa.docx", office(WORD)))), "eml"),
        ("a.eml", mail(("inner.eml", MAIL)), "eml"),
        ("a.eml", mail(("big.pdf", PDF + bytes(5_000_000))), "eml"),
        ("a.txt", LIST.encode() * 100_000, "txt"),
    ],
)
def test_takes_what_is_what_it_says(tmp_path: Path, name: str, content: bytes, found: str) -> None:
    if not found:
        content = zipped(
            {
                TYPES: types().decode().replace('encoding="UTF-8"', "").encode("utf-16"),
                "main.xml": b"<m/>",
            }
        )
        found = "docx"
    assert kind(tmp_path, content, name) == found


@pytest.mark.parametrize(
    "name, content, code",
    [
        ("a.pdf", b"", "file_empty"),
        ("a.pdf", b"MZ" + bytes(200), "file_disguised"),
        ("a.pdf", LIST.encode(), "file_disguised"),
        ("a.png", PDF, "file_disguised"),
        ("a.txt", PDF, "file_disguised"),
        ("a.csv", PNG, "file_disguised"),
        ("a.png", b"<html><script>alert(1)</script>", "file_disguised"),
        ("a.png", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "file_disguised"),
        ("a.jpg", b"#!/bin/sh\nrm -rf /\n", "file_disguised"),
        ("a.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "file_kind"),
        ("a.html", b"<html></html>", "file_kind"),
        ("a.exe", b"MZ" + bytes(200), "file_kind"),
        ("a.exe", PDF, "file_kind"),
        ("a", LIST.encode(), "file_kind"),
        ("a.zip", zipped({"a.txt": b"x"}), "file_kind"),
        ("a.rar", b"Rar!\x1a\x07\x00" + bytes(20), "file_kind"),
        ("a.txt", b"x" * 20_000 + b"\0\1", "file_disguised"),
        ("a.csv", bytes(20_000), "file_disguised"),
        ("a.txt", LIST.encode("utf-16") + b"\0", "file_disguised"),
        ("a.txt", (LIST + "\0\1").encode("utf-16"), "file_disguised"),
        ("a.txt", b" \n<!DOCTYPE html><p>", "file_disguised"),
        ("a.txt", b"\xef\xbb\xbf<?xml version='1.0'?><svg/>", "file_disguised"),
        ("a.csv", b"a,b\n<ScRipt >alert(1)</script>\n", "file_disguised"),
        ("a.txt", "<html>".encode("utf-16"), "file_disguised"),
        ("a.txt", b"#!/bin/sh\nrm -rf /\n", "file_disguised"),
        ("a.txt", b"<?php system('x');", "file_disguised"),
        ("a.txt", b"{\\rtf1\\ansi}", "file_disguised"),
        ("a.eml", b"<html></html>", "file_disguised"),
        ("a.eml", LIST.encode(), "file_disguised"),
        ("a.eml", mail(("x.exe", b"MZ" + bytes(99))), "file_attached"),
        ("a.eml", mail(("x.pdf", b"MZ" + bytes(99))), "file_attached"),
        ("a.eml", mail(("loa.pdf", PDF), ("run.js", b"x")), "file_attached"),
        ("a.eml", mail(("old.doc", OLE)), "file_attached"),
        ("a.eml", mail(("all.zip", zipped({"a.txt": b"x"}))), "file_attached"),
        ("a.eml", mail(("a.docm", office(WORD))), "file_attached"),
        ("a.eml", mail(("a.docx", office(WORD, word__vbaProject_bin=OLE))), "file_macros"),
        ("a.eml", mail(("a.pdf", LAUNCH)), "file_launch"),
        ("a.eml", forwarded(mail(("x.exe", b"MZ" + bytes(99)))), "file_attached"),
        ("a.eml", mail(("a.eml", mail(("x.exe", b"MZ" + bytes(99))))), "file_attached"),
        ("a.eml", mail(("a.eml", mail(("a.eml", mail(("a.eml", MAIL)))))), "file_absurd"),
        ("a.eml", b"Subject: x\r\nTo: " + b"x" * 300_000, "file_absurd"),
        ("a.eml", EMPTY_PARTS, "file_absurd"),
        ("a.doc", OLE, "file_old_office"),
        ("a.xls", OLE, "file_old_office"),
        ("a.docx", OLE, "file_old_office"),
        ("a.msg", OLE, "file_old_office"),
        ("a.xlsx", LOCKED, "file_locked"),
        ("a.xlsx", by_hand(Packed("x", b"", 0, flags=1)), "file_locked"),
        ("a.docx", office(SHEET), "file_disguised"),
        ("a.pdf", office(WORD), "file_disguised"),
        ("a.docx", zipped({"a.txt": b"x"}), "file_disguised"),
        ("a.docx", office("application/vnd.ms-visio.drawing.main+xml"), "file_disguised"),
        ("a.docm", office(WORD), "file_macros"),
        ("a.docx", office(WORD, word__vbaProject_bin=OLE), "file_macros"),
        ("a.docx", office(WORD, word__VBAPROJECT_BIN=b"x"), "file_macros"),
        ("a.docx", office(WORD, word__innocent_bin=OLE), "file_macros"),
        ("a.docx", office(WORD, word__media__picture_png=b"MZ" + bytes(99)), "file_macros"),
        ("a.docx", office(WORD, more=MACRO_TYPE), "file_macros"),
        ("a.docx", office(WORD, more=HIDDEN_TYPE), "file_macros"),
        ("a.docx", office(WORD.replace("main", "macroEnabled.main")), "file_macros"),
        ("a.xlsx", office(SHEET, xl__macrosheets__sheet1_xml=b"<x/>"), "file_macros"),
        ("a.docx", office(WORD, word__x_xlsx=office(SHEET, xl__vbaProject_bin=OLE)), "file_macros"),
        ("a.docx", office(WORD, word__x_zip=zipped({"a.js": b"x"})), "file_macros"),
        ("a.pdf", LAUNCH, "file_launch"),
        ("a.pdf", LAUNCH.replace(b"/Launch", b"/L#61unc#68"), "file_launch"),
        ("a.pdf", PDF + b" " * (256 * 1024 - len(PDF) - 3) + b"/Launch ", "file_launch"),
        ("a.pdf", PDF + b"\nstream\r\n" + zlib.compress(b"1 0 << /S /Launch >>"), "file_launch"),
    ],
)  # fmt: skip
def test_refuses_the_rest(tmp_path: Path, name: str, content: bytes, code: str) -> None:
    assert refusal(tmp_path, content, name) == code


@pytest.mark.parametrize(
    "text",
    [b"/LaunchPad is a name", b"<< /S /JavaScript /JS (AFNumber_Format(2);) >>", b"(see Launch)"],
)
def test_forms_may_compute(tmp_path: Path, text: bytes) -> None:
    assert kind(tmp_path, PDF + text, "form.pdf") == "pdf"


@pytest.mark.parametrize(
    "content",
    [
        EICAR,
        b"x" * (256 * 1024 - 20) + EICAR,
        PDF + EICAR,
        office(WORD, main_txt=EICAR),
        office(WORD, word__x_xlsx=office(SHEET, y=b"-" * 70_000 + EICAR)),
    ],
    ids=["plain", "behind", "in a PDF", "packed", "packed twice"],
)
@pytest.mark.parametrize("name", ["a.txt", "a.docx", "a.pdf", "eicar.com"])
def test_finds_the_test_string(tmp_path: Path, content: bytes, name: str) -> None:
    assert refusal(tmp_path, content, name) == "file_infected"


@pytest.mark.parametrize("name", ["a.txt", "a", "a.docx", "a.bin"])
@pytest.mark.parametrize("wrapped", [bytes, forwarded], ids=["attached", "forwarded"])
def test_finds_the_test_string_in_a_mail(
    tmp_path: Path, wrapped: Callable[[bytes], bytes], name: str
) -> None:
    content = wrapped(mail((name, b"-" * 70_000 + EICAR)))
    assert EICAR not in content
    assert refusal(tmp_path, content, "a.eml") == "file_infected"


# -- archives that nobody wrote to be read -----------------------------------------------------


def named(name: str) -> bytes:
    return by_hand(*honest(), Packed.of(name, b"x"))


def twice() -> bytes:
    return by_hand(*honest(), Packed.of("a.xml", b"x"), Packed.of("A.xml", b"y"))


def nested(depth: int) -> bytes:
    content = office(SHEET)
    for _ in range(depth):
        content = office(WORD, word__x_docx=content)
    return content


def many() -> bytes:
    return zipped({TYPES: types(SHEET), **{f"{n}": b"" for n in range(6000)}}, ZIP_STORED)


def long_directory() -> bytes:
    return zipped({TYPES: types(SHEET), **{f"{n}" * 500: b"" for n in range(3000)}}, ZIP_STORED)


def large_together() -> bytes:
    return by_hand(*honest(), *blank(30, 7 << 20))


def large_nested() -> bytes:
    inner = by_hand(*honest(), *blank(10, 8 << 20))
    parts = {f"word/embeddings/{at}.xlsx": inner for at in range(3)}
    return zipped({TYPES: types(), **parts}, ZIP_STORED)


def lying(told: int) -> bytes:
    return by_hand(*honest(), Packed("xl/sheet1.xml", zeros(64 << 20), told))


ABSURD: dict[str, Callable[[], bytes]] = {
    "too many parts": many,
    "a directory without end": long_directory,
    "too much together": large_together,
    "too much in what is nested": large_nested,
    "nested too deep": lambda: nested(2),
    "too much of one": four_gigabytes,
    "packed too well": lambda: by_hand(*honest(), *blank(1, 9 << 20)),
    "less told than there is": lambda: lying(1000),
    "half told": lambda: lying(6 << 20),
}
DAMAGED: dict[str, Callable[[], bytes]] = {
    "parts share bytes": overlapping,
    "a name twice": twice,
    "another directory": lambda: named("../../etc/passwd"),
    "from the root": lambda: named("/etc/passwd"),
    "a drive": lambda: named("C:x.xml"),
    "of Windows": lambda: named("xl\\x.xml"),
    "up and down": lambda: named("xl/../x.xml"),
    "nothing between": lambda: named("xl//x.xml"),
    "a control": lambda: named("x\n.xml"),
    "no name": lambda: named(""),
    "cut off": lambda: workbook()[:-30],
    "cut off early": lambda: workbook()[:2000],
    "more behind": lambda: workbook() + b"x",
    "something before": lambda: by_hand(*honest(), before=b"PK\3\4" + bytes(96)),
    "another checksum": lambda: by_hand(*honest(), Packed("x", deflated(b"x"), 1, 7)),
    "more told than there is": lambda: by_hand(*honest(), Packed("x", deflated(b"x"), 2)),
    "no deflate": lambda: by_hand(*honest(), Packed("x", b"\xff" * 9, 9)),
    "breaks off": lambda: by_hand(*honest(), Packed("x", deflated(bytes(99999))[:-9], 99999)),
    "bytes behind": lambda: by_hand(*honest(), Packed("x", deflated(b"x") + b"y", 1)),
    "another packing": lambda: by_hand(*honest(), Packed("x", b"x", 1, method=12)),
    "elsewhere": lambda: by_hand(*honest(), Packed.of("x", b"x")).replace(b"PK\3\4", b"PK\3\5", 3),
    "beyond the end": lambda: by_hand(*honest(), Packed("x", b"", 0, offset=10**6)),
    "two names": lambda: by_hand(*honest(), replace(Packed.of("x", b"x"), extra=OTHER_NAME)),
    "entities": lambda: zipped({TYPES: types().replace(b"?>", b"?><!DOCTYPE Types [" + ENTITY)}),
    "no markup": lambda: zipped({TYPES: b"\xff\xff"}),
}  # fmt: skip


@pytest.mark.parametrize("make", ABSURD.values(), ids=ABSURD.keys())
def test_refuses_what_would_be_absurdly_large(tmp_path: Path, make: Callable[[], bytes]) -> None:
    assert refusal(tmp_path, make(), "a.xlsx") == "file_absurd"


@pytest.mark.parametrize("make", DAMAGED.values(), ids=DAMAGED.keys())
def test_refuses_what_can_be_read_in_two_ways(tmp_path: Path, make: Callable[[], bytes]) -> None:
    content = make()
    if content.startswith(b"PK\3\5"):
        content = b"PK\3\4" + content[4:]
    assert refusal(tmp_path, content, "a.xlsx") == "file_damaged"


GROWTH = """
import resource, sys
from pathlib import Path
from bot.inspecting import inspected
from cases.errors import Rejected
peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
before = peak()
try:
    said = inspected(Path(sys.argv[1]), sys.argv[2])
except Rejected as refusal:
    said = refusal.code
print(said, (peak() - before) // 1024)
"""


@pytest.mark.parametrize(
    "make, name, says",
    [
        (four_gigabytes, "a.xlsx", "file_absurd"),
        (lambda: four_gigabytes(1000), "a.xlsx", "file_absurd"),
        (lambda: four_gigabytes(140 << 20), "a.xlsx", "file_absurd"),
        (overlapping, "a.xlsx", "file_damaged"),
        (lambda: b"PK\3\4" + b"PK\1\2" + bytes(25_000_000), "a.xlsx", "file_damaged"),
        (lambda: by_hand(*[Packed("x" * 9, b"", 0)] * 60_000), "a.xlsx", "file_absurd"),
        (lambda: workbook(20_000), "a.xlsx", "xlsx"),
        (lambda: PDF + b"stream\n" * 3_000_000, "a.pdf", "pdf"),
        (lambda: PDF + b"stream\n" + zlib.compress(b"1 0 " + bytes(500_000_000)), "a.pdf", "pdf"),
        (lambda: LIST.encode() * 900_000, "a.csv", "csv"),
        (lambda: (LIST * 400_000).encode("utf-16"), "a.csv", "csv"),
        (lambda: OLE + bytes(25_000_000), "a.doc", "file_old_office"),
        (lambda: zipped({TYPES: types(SHEET, "<x/>" * 250_000)}), "a.xlsx", "xlsx"),
    ],
)  # fmt: skip
def test_no_file_takes_much_memory_or_time(
    tmp_path: Path, make: Callable[[], bytes], name: str, says: str
) -> None:
    path = tmp_path / "waiting.part"
    path.write_bytes(make())
    assert path.stat().st_size <= 25 * 1024 * 1024
    told = subprocess.run(
        [sys.executable, "-c", GROWTH, path, name], cwd=ROOT, capture_output=True, check=True
    ).stdout
    found = re.fullmatch(rb"(\w+) (\d+)\n", told)
    assert found is not None
    assert found[1].decode() == says
    assert int(found[2]) < 64, "megabytes more than before"
