"""The parts of an e-mail, read line by line and decoded piece by piece; nothing is held as a whole.

A part begins behind a line of two hyphens and a boundary that a header named (RFC 2046, 5.1.1). All
calls block and are meant for a thread; every one may raise `Rejected`.
"""

import binascii
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from email.message import Message
from email.parser import BytesHeaderParser
from typing import BinaryIO, Final

from cases.errors import Rejected

MOST_PARTS: Final = 1_000
LONGEST_HEADERS: Final = 256 * 1024
"""Bytes of the headers of one part."""
LONGEST_LINE: Final = 64 * 1024
"""Bytes that are read of a line at once; longer ones come in pieces."""

_NO_BASE64: Final = re.compile(rb"[^A-Za-z0-9+/]+")


@dataclass(frozen=True)
class Attached:
    """A part of a mail: its words, or a file."""

    name: str
    """As the sender calls the file; empty if it is none."""
    content: Iterator[bytes]
    """The decoded pieces, to be read before the next part is asked for."""


def parts_of_mail(file: BinaryIO) -> Iterator[Attached]:
    """Yield the parts that hold something, those of forwarded mails too."""
    file.seek(0)
    boundaries: set[bytes] = set()
    for _ in range(MOST_PARTS):
        headers = _headers(file)
        boundary = headers.get_boundary()
        if boundary:
            boundaries.add(b"--" + boundary.encode("ascii", "surrogateescape"))
        encoding = str(headers.get("Content-Transfer-Encoding", "")).strip().lower()
        if headers.get_content_type() == "message/rfc822" and encoding != "base64":
            continue
        lines = _lines(file, boundaries)
        if headers.get_content_maintype() != "multipart":
            yield Attached(headers.get_filename("") or "", _decoded(lines, encoding))
        for _rest in lines:
            """Go on behind what nobody read."""
        if not _is_followed(file, boundaries):
            return
    raise Rejected("file_absurd")


def _headers(file: BinaryIO) -> Message:
    """Read up to the blank line."""
    found = bytearray()
    while (line := file.readline(LONGEST_LINE)).strip(b"\r\n"):
        found += line
        if len(found) > LONGEST_HEADERS:
            raise Rejected("file_absurd")
    return BytesHeaderParser().parsebytes(bytes(found))


def _lines(file: BinaryIO, boundaries: set[bytes]) -> Iterator[bytes]:
    """Yield the lines of a part; the boundary behind it is left to be read."""
    if not boundaries:
        yield from iter(lambda: file.read(LONGEST_LINE), b"")
    begins = True
    while line := file.readline(LONGEST_LINE):
        if begins and line.startswith(b"--") and _is_boundary(line, boundaries):
            file.seek(-len(line), 1)
            return
        begins = line.endswith(b"\n")
        yield line


def _is_followed(file: BinaryIO, boundaries: set[bytes]) -> bool:
    """Read past boundaries, and what stands behind the last of a part's; return if a part comes."""
    while line := file.readline(LONGEST_LINE):
        if line.rstrip() in boundaries:
            return True
    return False


def _is_boundary(line: bytes, boundaries: set[bytes]) -> bool:
    """Return whether a line is a boundary, or the last of its kind."""
    text = line.rstrip()
    return text in boundaries or text.removesuffix(b"--") in boundaries


def _decoded(lines: Iterable[bytes], encoding: str) -> Iterator[bytes]:
    """Yield what the lines mean; what is no base64 is passed over, as mail programs do."""
    if encoding == "base64":
        return _of_base64(lines)
    if encoding == "quoted-printable":
        return (binascii.a2b_qp(line) for line in lines)
    return iter(lines)


def _of_base64(lines: Iterable[bytes]) -> Iterator[bytes]:
    left = b""
    for line in lines:
        left += _NO_BASE64.sub(b"", line)
        whole = len(left) // 4 * 4
        yield binascii.a2b_base64(left[:whole])
        left = left[whole:]
    if len(left) > 1:
        yield binascii.a2b_base64(left + b"=" * (-len(left) % 4))
