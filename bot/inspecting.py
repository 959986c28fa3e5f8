"""What a file is by its content, and whether it holds what no paper needs; nothing is trusted.

All calls block and are meant for a thread. See docs/decisions/0016-files.md for what is refused.
"""

import re
import zlib
from codecs import getincrementaldecoder
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from pathlib import Path
from tempfile import TemporaryFile
from typing import BinaryIO, Final
from xml.parsers import expat

import filetype

from bot.archives import Allowance, Part, absurd, damaged, parts_of, unpacked
from bot.mails import parts_of_mail
from bot.scanning import TestString
from cases.catalogue import LARGEST_FILE
from cases.errors import Rejected

TEXTS: Final = {"csv": "text/csv", "txt": "text/plain", "tsv": "text/csv", "eml": "message/rfc822"}
"""Kinds that have no mark at their beginning: told by their names, and refused unless text."""
MAIL: Final = "eml"
MARKED: Final = {
    "pdf": "application/pdf",
    "png": "image/png",
    "jpg": "image/jpeg",
    "gif": "image/gif",
    "webp": "image/webp",
    "tif": "image/tiff",
    "bmp": "image/bmp",
    "heic": "image/heic",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
}
"""Kinds that are told by their content."""
SAME: Final = {"jpeg": "jpg", "tiff": "tif", "heif": "heic"}
WITH_MACROS: Final = frozenset(["docm", "dotm", "xlsm", "xltm", "xlsb", "xlam", "pptm", "ppsm"])
PROGRAM: Final = re.compile(
    r"bat|chm|cmd|cpl|dll|exe|hta|html?|iso|jar|jse?|lnk|mhtml|msi|pif|ps1|reg|scr|sh|svg|url"
    r"|vb[es]|ws[fh]"
)
"""Endings that make a system do something; `com` is left out, since companies are called so."""
HEAD: Final = 8192
CHUNK: Final = 256 * 1024
PIECE: Final = 64 * 1024
LONGEST_TYPES: Final = 1024 * 1024
"""Bytes of the part that names the kinds of all others."""
DEEPEST: Final = 2
"""How far office documents may lie in one another: a chart holds the sheet that it was made of."""
MOST_OBJECTS: Final = 64 * 1024 * 1024
"""Bytes of a PDF's packed objects that are looked at."""
MOST_STREAMS: Final = 20_000
LONGEST_MARK: Final = 64
"""Bytes that what is looked for in a PDF may have."""

_OFFICE_MAIN: Final = {
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml": "docx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml": "xlsx",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation.main+xml": "pptx",
}
_MACROS: Final = re.compile(r"macro|vbaproject|vbadata|activex", re.IGNORECASE)
_TYPES: Final = "[content_types].xml"
_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP: Final = b"PK\3\4"
_PROGRAMS: Final = (_OLE, b"MZ", b"\x7fELF")
_LOCKED: Final = "EncryptedPackage".encode("utf-16-le")
_TEXT_BYTES: Final = bytes(range(32, 256)) + b"\t\r\n\f\x1b"
_CONTROLS: Final = re.compile(r"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f]")
_MARKUP: Final = re.compile(
    r"^\s*(?:<[?!]|#!|\{\\rtf|%!)"
    r"|<(?:html|head|body|script|svg|iframe|object|embed|meta|link|style|form)\b",
    re.IGNORECASE,
)
_MAIL: Final = re.compile(
    r"^(?:from|to|subject|date|received|return-path|message-id|mime-version|delivered-to)\s?:",
    re.IGNORECASE | re.MULTILINE,
)


def _spelled(name: str) -> bytes:
    """Return the pattern of a PDF name, any letter of which may be written as a number."""
    return b"/" + b"".join(
        b"(?:%c|#%s)" % (letter, re.sub(rb"[a-f]", rb"(?i:\g<0>)", b"%02x" % letter))
        for letter in name.encode()
    )


_LAUNCH: Final = re.compile(_spelled("Launch") + rb"(?![A-Za-z0-9#])")
_STREAM: Final = re.compile(rb"(?<!end)stream\r?\n")
_OBJECTS: Final = re.compile(rb"\s*\d+\s+\d+\s")


def inspected(path: Path, name: str) -> str:
    """Return the kind of a file as an extension; raises `Rejected`.

    The content decides, and the name must not say otherwise.
    """
    said = extension_of(name)
    with path.open("rb") as file:
        head = file.read(HEAD)
        if not head:
            raise Rejected("file_empty")
        _require_no_test_string(file)
        if said in WITH_MACROS:
            raise Rejected("file_macros")
        if PROGRAM.fullmatch(said):
            raise Rejected("file_kind")
        return _agreed(_kind(file, head, said), said)


def extension_of(name: str) -> str:
    """Return the extension of a name, of several that mean one the one that we use."""
    _, dot, said = name.strip(". ").lower().rpartition(".")
    return SAME.get(said, said) if dot else ""


def known(extension: str) -> bool:
    """Tell whether files with this extension are taken."""
    return extension in MARKED or extension in TEXTS


def _agreed(found: str, said: str) -> str:
    if found != said and known(said):
        raise Rejected("file_disguised")
    return found


def _kind(file: BinaryIO, head: bytes, said: str) -> str:
    if head.startswith(_OLE):
        raise _old(file)
    if head.startswith(_ZIP):
        return _archive(file, said)
    found = _by_mark(head)
    if found == "pdf":
        _require_no_launch(file)
    if found in MARKED:
        return found
    if said in TEXTS:
        _require_text(file, said)
        if said == MAIL:
            _look_into_mail(file, Allowance(), DEEPEST)
        return said
    raise Rejected("file_disguised" if said in MARKED else "file_kind")


def _by_mark(head: bytes) -> str:
    """Return the extension that the first bytes speak for; empty if none."""
    guess = filetype.guess(head)
    found = str(guess.extension) if guess else ""
    if found == "bmp" and head[6:10] != bytes(4):
        # Two letters alone are the beginning of a list of cars as well.
        return ""
    return SAME.get(found, found)


def _pieces(file: BinaryIO, size: int = CHUNK) -> Iterator[bytes]:
    file.seek(0)
    while piece := file.read(size):
        yield piece


def _require_no_test_string(file: BinaryIO) -> None:
    test = TestString()
    for piece in _pieces(file):
        test.see(piece)


# -- text ------------------------------------------------------------------------------------


def _require_text(file: BinaryIO, said: str) -> None:
    """Refuse what is no text to its end, or is text that a browser or shell would run."""
    encoding = _encoding(file)
    if encoding:
        _require_decodes(file, encoding)
    elif any(piece.translate(None, _TEXT_BYTES) for piece in _pieces(file)):
        raise Rejected("file_disguised")
    file.seek(0)
    head = file.read(HEAD).decode(encoding or "latin-1", "ignore").lstrip("\ufeff\xef\xbb\xbf")
    if (_MAIL.search(head) is None) if said == MAIL else _MARKUP.search(head):
        raise Rejected("file_disguised")


def _encoding(file: BinaryIO) -> str:
    """Return which of the encodings with zeros in them a text has; empty for all others."""
    file.seek(0)
    head = file.read(HEAD)
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    if b"\0" not in head:
        return ""
    return "utf-16-le" if head[1::2].count(0) > head[::2].count(0) else "utf-16-be"


def _require_decodes(file: BinaryIO, encoding: str) -> None:
    decoder = getincrementaldecoder(encoding)()
    try:
        for piece in chain(_pieces(file), (b"",)):
            if _CONTROLS.search(decoder.decode(piece, not piece)):
                raise Rejected("file_disguised")
    except UnicodeDecodeError:
        raise Rejected("file_disguised") from None


# -- mail ------------------------------------------------------------------------------------


def _look_into_mail(file: BinaryIO, allowance: Allowance, depth: int) -> None:
    """Refuse a mail with programs, macros or archives attached, in forwarded mails too."""
    if not depth:
        raise absurd()
    for part in parts_of_mail(file):
        with TemporaryFile() as content:
            content.writelines(part.content)
            _require_harmless(content, extension_of(part.name), allowance, depth)


def _require_harmless(file: BinaryIO, said: str, allowance: Allowance, depth: int) -> None:
    _require_no_test_string(file)
    file.seek(0)
    head = file.read(HEAD)
    # A letter may well begin with the name of a company called MZ.
    is_program = head.startswith(_PROGRAMS) and b"\0" in head
    if said in WITH_MACROS or PROGRAM.fullmatch(said) or is_program:
        raise Rejected("file_attached")
    if head.startswith(_ZIP) and not _office_kind(file, allowance, depth):
        raise Rejected("file_attached")
    if _by_mark(head) == "pdf":
        _require_no_launch(file)
    if said == MAIL:
        _look_into_mail(file, allowance, depth - 1)


# -- PDF -------------------------------------------------------------------------------------


def _require_no_launch(file: BinaryIO) -> None:
    """Refuse a PDF that starts programs, as far as that shows without a reader of PDF."""
    _require_none(_LAUNCH, _pieces(file))
    left = MOST_OBJECTS
    for start in list(islice(_streams(file), MOST_STREAMS)):
        left -= _require_none(_LAUNCH, _objects(file, start))
        if left <= 0:
            return


def _require_none(pattern: re.Pattern[bytes], pieces: Iterable[bytes]) -> int:
    """Refuse a PDF in which this is found, also where a piece ends; returns how much was seen."""
    end, size = b"", 0
    for piece in pieces:
        seen = end + piece
        if pattern.search(seen):
            raise Rejected("file_launch")
        end, size = seen[-LONGEST_MARK:], size + len(piece)
    return size


def _streams(file: BinaryIO) -> Iterator[int]:
    """Yield where the streams of a PDF begin."""
    end, at = b"", 0
    for piece in _pieces(file):
        seen = end + piece
        yield from (at - len(end) + found.end() for found in _STREAM.finditer(seen))
        # Short of a whole mark, so that none is found twice.
        end, at = seen[-(len("stream\r\n") - 1) :], at + len(piece)


def _objects(file: BinaryIO, start: int) -> Iterator[bytes]:
    """Yield what is in a stream if that is packed objects; they begin with pairs of numbers."""
    file.seek(start)
    inflate, at = zlib.decompressobj(), 0
    while not inflate.eof:
        packed = inflate.unconsumed_tail or file.read(PIECE)
        try:
            piece = inflate.decompress(packed, PIECE)
        except zlib.error:
            return
        if not packed or (not at and not _OBJECTS.match(piece)):
            return
        yield piece
        at += len(piece)


# -- office documents ------------------------------------------------------------------------


def _old(file: BinaryIO) -> Rejected:
    """Return the refusal of a compound file: of old Office and Outlook, or locked by a password."""
    overlap = b""
    for piece in _pieces(file):
        if _LOCKED in overlap + piece:
            return Rejected("file_locked")
        overlap = piece[-len(_LOCKED) :]
    return Rejected("file_old_office")


def _archive(file: BinaryIO, said: str) -> str:
    """Return which office document an archive is; all others are refused."""
    kind = _office_kind(file, Allowance(), DEEPEST)
    if not kind:
        raise Rejected("file_disguised" if known(said) else "file_kind")
    return kind


def _office_kind(file: BinaryIO, allowance: Allowance, depth: int) -> str:
    """Return the kind of an office document, every part of it looked into; empty if it is none."""
    parts = parts_of(file, allowance)
    types = next((part for part in parts if part.name.casefold() == _TYPES), None)
    if types is None:
        return ""
    told = _types(file, types)
    if any(_MACROS.search(one) for one in (*told, *(part.name for part in parts))):
        raise Rejected("file_macros")
    for part in parts:
        _look_into(file, part, allowance, depth)
    kinds = {_OFFICE_MAIN[one] for one in told & _OFFICE_MAIN.keys()}
    return kinds.pop() if len(kinds) == 1 else ""


def _types(file: BinaryIO, part: Part) -> set[str]:
    """Return everything that the list of the parts' kinds says, escapes in it resolved."""
    if part.size > LONGEST_TYPES:
        raise absurd()
    told: set[str] = set()

    def began(_element: str, attributes: dict[str, str]) -> None:
        told.update(attributes.values())

    def refused(*_declared: object) -> None:
        raise damaged()

    parser = expat.ParserCreate()
    parser.StartElementHandler = began
    parser.StartDoctypeDeclHandler = refused
    try:
        parser.Parse(b"".join(unpacked(file, part)), True)
    except expat.ExpatError:
        raise damaged() from None
    return told


def _look_into(file: BinaryIO, part: Part, allowance: Allowance, depth: int) -> None:
    """Unpack a part to its end, and refuse programs, old objects and macros wherever they lie."""
    test, head = TestString(), b""
    for piece in unpacked(file, part):
        test.see(piece)
        head = head if len(head) >= len(_OLE) else head + piece[: len(_OLE)]
    if head.startswith(_PROGRAMS):
        raise Rejected("file_macros")
    if head.startswith(_ZIP):
        _look_into_nested(file, part, allowance, depth - 1)


def _look_into_nested(file: BinaryIO, part: Part, allowance: Allowance, depth: int) -> None:
    """Refuse an archive in an archive unless it is an office document, as behind a chart."""
    if not depth or part.size > LARGEST_FILE:
        raise absurd()
    with TemporaryFile() as nested:
        for piece in unpacked(file, part):
            nested.write(piece)
        if not _office_kind(nested, allowance, depth):
            raise Rejected("file_macros")
