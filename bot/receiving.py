"""Takes in files from chats: fetched, measured, looked into, scanned for viruses, then stored.

```mermaid
flowchart LR
    named[name is honest] --> fetched --> inspected[is what it says] --> scanned --> stored
    named & fetched & inspected & scanned -->|Rejected| dropped
```
"""

import asyncio
import re
import unicodedata
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

import structlog

from bot.inbound import Offered
from bot.inspecting import MARKED, PROGRAM, TEXTS, extension_of, inspected, known
from cases.catalogue import LARGEST_FILE, MOST_FILES
from cases.errors import Rejected, Unavailable
from cases.kinds import clean
from cases.lists import LONGEST, MOST, decode
from cases.model import FileRef
from cases.ports import Connector, Files, Incoming, Scanner, Upload

LONGEST_NAME: Final = 120

_MISLEADING: Final = re.compile(r"[\x00-\x1f\x7f/\\\u202a-\u202e\u2066-\u2069]")
"""What Teams never sends in a name: controls, path parts, and marks that reverse what follows."""
_RESERVED: Final = re.compile(r"(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\..*)?", re.IGNORECASE)
_UNWRITABLE: Final = re.compile(r'[<>:"|?*]')

_log = structlog.get_logger(__name__)


class ChatFiles:
    """The `Receiver` of the personal chat."""

    def __init__(self, connector: Connector, files: Files, scanner: Scanner | None = None) -> None:
        """Take the wire that files are fetched on, the store, and who looks for viruses."""
        self._connector = connector
        self._files = files
        self._scanner = scanner

    async def take(self, tenant: str, upload: Upload) -> FileRef:
        """Fetch and store a file; raises `Rejected` with a `file_...` code.

        What is refused, not scanned or not stored is forgotten: whoever sent it sends it again.
        """
        if upload.place > MOST_FILES:
            raise Rejected("too_many_files", most=MOST_FILES)
        name = upload.named or upload.name
        require_honest(name)
        try:
            return await self._taken(tenant, name, upload)
        except Unavailable as error:
            # The message may have been acknowledged long ago, and would then not come again.
            _log.warning("file_not_stored", why=error.params.get("why"))
            raise Rejected("file_not_stored") from error

    async def _taken(self, tenant: str, name: str, upload: Upload) -> FileRef:
        content = self._connector.download(upload.url, upload.service_url)
        incoming = await self._files.receive(content, LARGEST_FILE)
        try:
            extension = await asyncio.to_thread(inspected, Path(incoming.path), name)
            await self._require_clean(incoming)
            await self._files.keep(tenant, incoming)
        except BaseException:
            await self._files.drop(incoming)
            raise
        return FileRef(
            sha256=incoming.sha256,
            name=safe_name(name, extension),
            size=incoming.size,
            media_type=(TEXTS | MARKED)[extension],
        )

    async def _require_clean(self, incoming: Incoming) -> None:
        """Let nothing pass that the scanner has not called clean."""
        if self._scanner is None:
            return
        try:
            found = await self._scanner.scan(incoming.path)
        except Unavailable as error:
            _log.warning("file_not_scanned", why=error.params.get("why"))
            raise Rejected("file_not_scanned") from error
        if found:
            _log.warning("file_infected", found=found, sha256=incoming.sha256)
            raise Rejected("file_infected", found=found)

    async def text(self, tenant: str, file: FileRef) -> str | None:
        """Return what a file says if it is a text that may hold a list; `list_too_long`."""
        if file.media_type not in {"text/csv", "text/plain"}:
            return None
        if file.size > LONGEST:
            raise Rejected("list_too_long", most=MOST)
        return decode(await self._files.content(tenant, file.sha256))

    async def save(self, tenant: str, name: str, content: bytes) -> FileRef:
        """Store a file of ours."""
        incoming = await self._files.receive(_once(content), LARGEST_FILE)
        await self._files.keep(tenant, incoming)
        return FileRef(sha256=incoming.sha256, name=name, size=incoming.size, media_type="text/csv")


async def _once(content: bytes) -> AsyncIterator[bytes]:
    yield content


def upload_of(offered: Offered, place: int, service_url: str) -> Upload:
    """Return a file of a message as others take it; `service_url` is the activity's, verified."""
    return Upload(
        name=shown_name(offered.name),
        url=offered.url,
        named=offered.name,
        service_url=service_url if offered.pasted else "",
        place=place,
    )


def require_honest(name: str) -> None:
    """Refuse a name that makes a file look like another, or like one in another place.

    Such a name was not given by accident: Teams sends none of these. Raises `Rejected`.
    """
    inner, outer = extension_of(name.strip().rpartition(".")[0]), extension_of(name)
    runs = PROGRAM.fullmatch(outer) is not None or outer == "com"
    twice = PROGRAM.fullmatch(inner) is not None or (known(inner) and runs)
    if _MISLEADING.search(name) or _RESERVED.fullmatch(name.strip()) or twice:
        raise Rejected("file_name")


def shown_name(name: str) -> str:
    """Return a name for people to read: one line, without control and direction marks."""
    return _one_line(name)[:LONGEST_NAME]


def safe_name(name: str, extension: str) -> str:
    """Return a name without excess or signs that no system takes, ending as the kind does."""
    plain = _UNWRITABLE.sub("_", _one_line(name)).strip(". ")
    stem, _, suffix = plain.rpartition(".")
    if not known(extension_of(plain)):
        stem, suffix = plain, extension
    return f"{(stem.rstrip('. ') or 'file')[: LONGEST_NAME - len(suffix) - 1]}.{suffix}"


def _one_line(name: str) -> str:
    return " ".join(clean(unicodedata.normalize("NFC", name)).split())
