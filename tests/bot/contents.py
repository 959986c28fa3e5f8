"""Contents of files as people and others make them: honest ones, and ones that are not."""

import io
import struct
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from functools import cache
from zipfile import ZIP_DEFLATED, ZipFile

from openpyxl import Workbook

from bot.scanning import TEST_VIRUS

PDF = b"%PDF-1.7\n1 0 obj << /Type /Catalog >> endobj\ntrailer << /Root 1 0 R >>\n%%EOF\n"
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(20)
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)
LOCKED = OLE + "EncryptedPackage".encode("utf-16-le") + bytes(600)
EICAR = TEST_VIRUS
MAIL = b"From: ada@contoso.com\r\nSubject: The port\r\n\r\n<html>Hello</html>\r\n"


def mail(*attached: tuple[str, bytes], words: str = "Here it is.") -> bytes:
    """Writes a mail with these files, by name."""
    message = EmailMessage()
    message["From"], message["Subject"] = "ada@contoso.com", "The port"
    message.set_content(words)
    message.add_alternative(f"<p>{words}</p>", subtype="html")
    for name, content in attached:
        message.add_attachment(content, "application", "octet-stream", filename=name)
    return message.as_bytes()


def forwarded(inner: bytes) -> bytes:
    """Writes a mail with another in it, as mail programs forward one."""
    message = EmailMessage()
    message["From"], message["Subject"] = "ada@contoso.com", "Fw: The port"
    message.set_content("See below.")
    message.add_attachment(message_from_bytes(inner, policy=default))
    return message.as_bytes()


TYPES = "[Content_Types].xml"
OFFICE = "application/vnd.openxmlformats-officedocument."
WORD = f"{OFFICE}wordprocessingml.document.main+xml"
SHEET = f"{OFFICE}spreadsheetml.sheet.main+xml"
SLIDES = f"{OFFICE}presentationml.presentation.main+xml"
GIGABYTE = 1024**3


def types(main: str = WORD, more: str = "") -> bytes:
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/main.xml" ContentType="{main}"/>{more}</Types>'
    ).encode()


def zipped(parts: Mapping[str, bytes], method: int = ZIP_DEFLATED) -> bytes:
    content = io.BytesIO()
    with ZipFile(content, "w", method) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return content.getvalue()


def office(
    main: str = WORD, *, more: str = "", method: int = ZIP_DEFLATED, **parts: bytes
) -> bytes:
    """Return a document; a part's name has `__` for `/` and `_` for `.`."""
    named = {name.replace("__", "/").replace("_", "."): part for name, part in parts.items()}
    return zipped({TYPES: types(main, more), "main.xml": b"<main/>", **named}, method)


def workbook(rows: int = 10) -> bytes:
    """Return a list of numbers as Excel's programs write it."""
    book, content = Workbook(), io.BytesIO()
    sheet = book.active
    assert sheet is not None
    for row in range(rows):
        sheet.append([f"+3312345{row:04}", f"Desk {row}"])
    book.save(content)
    return content.getvalue()


@cache
def zeros(size: int) -> bytes:
    """Return the deflated form of so many zeros, within a moment.

    A stretch is packed once and repeated: it ends where a byte does and refers to nothing before.
    """
    stretch = min(size, 64 * 1024 * 1024)
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    packed = packer.compress(bytes(stretch)) + packer.flush(zlib.Z_FULL_FLUSH)
    whole, rest = divmod(size, stretch)
    return packed * whole + deflated(bytes(rest))


def blank(count: int, size: int) -> "list[Packed]":
    """Return so many parts of zeros."""
    one = Packed.of("0.xml", bytes(size))
    return [replace(one, name=f"{at}.xml") for at in range(count)]


def deflated(part: bytes) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    return packer.compress(part) + packer.flush()


@dataclass
class Packed:
    """A part of an archive that is put together by hand, with what it tells of itself."""

    name: str
    packed: bytes
    size: int
    crc: int = 0
    method: int = 8
    flags: int = 0
    offset: int | None = None
    """Where the directory says that it is, if it is not where it was put."""
    extra: bytes = b""

    @classmethod
    def of(cls, name: str, part: bytes) -> "Packed":
        return cls(name, deflated(part), len(part), zlib.crc32(part))

    @property
    def told(self) -> tuple[int, ...]:
        small = min(self.size, 0xFFFFFFFF)
        name = len(self.name.encode())
        return (20, self.flags, self.method, 0, 0, self.crc, len(self.packed), small, name)

    @property
    def local(self) -> bytes:
        return struct.pack("<4s5H3I2H", b"PK\3\4", *self.told, 0) + self.name.encode()

    def entry(self, offset: int) -> bytes:
        longer = struct.pack("<HHQ", 1, 8, self.size) if self.size >= 0xFFFFFFFF else b""
        extra = longer + self.extra
        rest = (len(extra), 0, 0, 0, 0, offset)
        head = struct.pack("<4sH5H3I5H2I", b"PK\1\2", 20, *self.told, *rest)
        return head + self.name.encode() + extra


def by_hand(*parts: Packed, before: bytes = b"", longer: bool = False) -> bytes:
    """Return an archive of parts; with `longer` its end is told in the longer form as well."""
    content, entries = before, []
    for part in parts:
        entries.append(part.entry(len(content) if part.offset is None else part.offset))
        content += part.local + part.packed
    return content + ending(entries, len(content), longer=longer)


def ending(entries: Sequence[bytes], offset: int, *, longer: bool = False) -> bytes:
    directory, count = b"".join(entries), len(entries)
    end = struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, count, count, len(directory), offset, 0)
    if longer:
        told = (44, 45, 45, 0, 0, count, count, len(directory), offset)
        more = struct.pack("<4sQ2H2I4Q", b"PK\6\6", *told)
        end = more + struct.pack("<4sIQI", b"PK\6\7", 0, offset + len(directory), 1) + end
    return directory + end


def honest(main: str = SHEET) -> tuple[Packed, Packed]:
    return Packed.of(TYPES, types(main)), Packed.of("main.xml", b"<main/>")


def four_gigabytes(told: int = 4 * GIGABYTE) -> bytes:
    """Return a workbook of some 4 MB with a sheet of 4 GB, which says that it has `told` bytes."""
    return by_hand(*honest(), Packed("xl/sheet1.xml", zeros(4 * GIGABYTE), told))


def overlapping(count: int = 140) -> bytes:
    """Return a workbook whose parts share their bytes, as D. Fifield's archives do.

    A part is the header of the next, quoted, and then what that one is; the last has the kernel.
    """
    data = bytes(1024 * 1024)
    packed, made = deflated(data), []
    for at in range(count):
        part = Packed(f"xl/{at}.xml", packed, len(data), zlib.crc32(data))
        made.append((part, len(part.local) + len(packed)))
        quote = struct.pack("<BHH", 0, len(part.local), len(part.local) ^ 0xFFFF)
        packed, data = quote + part.local + packed, part.local + data
    content = b"".join(part.local + part.packed for part in (*honest(), made[-1][0]))
    first, second = honest()
    offsets = [0, len(first.local + first.packed), *(len(content) - back for _, back in made)]
    parts = [first, second, *(part for part, _ in made)]
    entries = [part.entry(offset) for part, offset in zip(parts, offsets, strict=True)]
    return content + ending(entries, len(content))
