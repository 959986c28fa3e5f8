"""Takes in files from chats: fetched, measured, recognised by their content, then stored."""

import unicodedata
from collections.abc import AsyncIterator
from pathlib import PurePosixPath
from typing import Final

import filetype

from cases.catalogue import LARGEST_FILE
from cases.errors import Rejected
from cases.kinds import clean
from cases.model import FileRef
from cases.numbers import decode
from cases.ports import Connector, Files, Incoming, Upload

LONGEST_NAME: Final = 120
TEXTS: Final = {"csv": "text/csv", "txt": "text/plain", "tsv": "text/csv", "eml": "message/rfc822"}
"""Kinds that have no mark at their beginning: told by their names, and refused unless text."""
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
"""Kinds that are told by their first bytes."""
SAME: Final = {"jpeg": "jpg", "tiff": "tif", "heif": "heic"}
OFFICE: Final = frozenset({"docx", "xlsx", "pptx"})
_TEXT_BYTES: Final = frozenset(range(32, 256)) | set(b"\t\r\n\f\x1b")


class ChatFiles:
    """The `Receiver` of the personal chat."""

    def __init__(self, connector: Connector, files: Files) -> None:
        """Take the wire that files are fetched on, and the store that keeps them."""
        self._connector = connector
        self._files = files

    async def take(self, tenant: str, upload: Upload) -> FileRef:
        """Fetch and store a file; raises `Rejected` with a `file_...` code."""
        incoming = await self._files.receive(self._connector.download(upload.url), LARGEST_FILE)
        try:
            extension = recognised(incoming, upload.name)
        except Rejected:
            await self._files.drop(incoming)
            raise
        await self._files.keep(tenant, incoming)
        return FileRef(
            sha256=incoming.sha256,
            name=safe_name(upload.name, extension),
            size=incoming.size,
            media_type=(TEXTS | MARKED)[extension],
        )

    async def text(self, tenant: str, file: FileRef) -> str | None:
        """Return what a file says if it is a text that may hold a list."""
        if file.media_type not in {"text/csv", "text/plain"}:
            return None
        return decode(await self._files.content(tenant, file.sha256))

    async def save(self, tenant: str, name: str, content: bytes) -> FileRef:
        """Store a file of ours."""
        incoming = await self._files.receive(_once(content), LARGEST_FILE)
        await self._files.keep(tenant, incoming)
        return FileRef(sha256=incoming.sha256, name=name, size=incoming.size, media_type="text/csv")


async def _once(content: bytes) -> AsyncIterator[bytes]:
    yield content


def recognised(incoming: Incoming, name: str) -> str:
    """Return the kind of a file as an extension; raises `Rejected`.

    The content decides, and the name must not say otherwise.
    """
    if not incoming.size:
        raise Rejected("file_empty")
    said = PurePosixPath(name.strip().lower()).suffix.removeprefix(".")
    said = SAME.get(said, said)
    found = _by_content(incoming.head, said)
    if said in MARKED and found != said:
        raise Rejected("file_disguised")
    if found in MARKED and (found == said or not _known(said)):
        if found in OFFICE and found != said:
            raise Rejected("file_kind")
        return found
    if not found and said in TEXTS and _is_text(incoming.head):
        return said
    raise Rejected("file_disguised" if said in TEXTS else "file_kind")


def _known(said: str) -> bool:
    return said in MARKED or said in TEXTS


def _by_content(head: bytes, said: str) -> str:
    """Return the extension that the first bytes speak for; empty if none."""
    guess = filetype.guess(head)
    extension = str(guess.extension) if guess else ""
    if extension == "zip" and said in OFFICE and b"[Content_Types].xml" in head:
        return said
    return SAME.get(extension, extension)


def _is_text(head: bytes) -> bool:
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return True
    return all(byte in _TEXT_BYTES for byte in head)


def safe_name(name: str, extension: str) -> str:
    """Return a file's name without path, direction marks or excess, ending as its kind does."""
    plain = clean(unicodedata.normalize("NFC", name)).replace("\n", " ")
    last = plain.replace("\\", "/").rsplit("/", maxsplit=1)[-1].strip(". ")
    stem, dot, suffix = last.rpartition(".")
    if not dot or not _known(SAME.get(suffix.lower(), suffix.lower())):
        stem, suffix = last, extension
    return f"{(stem or 'file')[: LONGEST_NAME - len(suffix) - 1]}.{suffix}"
