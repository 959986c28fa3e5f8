"""Checks number lists of any size: short ones in a thread, all others in worker processes.

The event loop only passes blobs on. Rows are found in one worker, read by all of them in chunks,
their numbers looked up in open cases meanwhile, and the whole is written up in one worker.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

from cases.errors import Rejected, Unavailable
from cases.lists import LONGEST, MOST, TEXTS, XLSX
from cases.model import FileRef
from cases.numbering import Purpose, Summary
from cases.ports import Checked, Files, Lengthy
from checking.crew import Crew, Lost
from checking.stages import FEW, SHEET, STAGES, TEXT, Many

SHORT: Final = 20_000
"""Characters, or bytes, of a text that no process is worth."""
AT_ONCE: Final = 2
"""Checks that share the workers; the next one waits."""
PATIENCE: Final = 60.0
"""Seconds that a check may take."""
ASKED_AT_ONCE: Final = 1_000
"""Numbers that are looked up in one question."""
KINDS: Final[Mapping[str, bytes]] = {**dict.fromkeys(TEXTS, TEXT), XLSX: SHEET}
"""What a stored list may be, by its media type."""

Busy = Callable[[str, Sequence[str], str], Awaitable[Mapping[str, str]]]
"""Returns the case of each number of a tenant that is in an open one; see `Ledger.busy`."""
Progress = Callable[[int, int], None]
Work = Callable[..., Awaitable[list[bytes]]]
"""Has a stage done, by its name and blobs."""


def _unheard(_done: int, _total: int) -> None:
    """Take no notice of progress."""


@dataclass
class _Check:
    """A check under way: for whom, what for, and what is known by now."""

    tenant: str
    purpose: bytes
    language: str
    but: str
    progress: Progress = _unheard
    done: int = 0
    busy: dict[str, str] = field(default_factory=dict)
    entries: dict[int, bytes] = field(default_factory=dict)
    """What was found in each chunk."""

    def note(self, at: int, rows: int, entries: bytes, total: int) -> None:
        """Take down what was found in a chunk, and tell how far it is."""
        self.entries[at] = entries
        self.done += rows
        self.progress(self.done, total)


class Checking:
    """The `Checks` of one process of the desk."""

    def __init__(
        self, files: Files, busy: Busy, *, crew: Crew | None = None, patience: float = PATIENCE
    ) -> None:
        """Take where stored lists are, and who knows the numbers of open cases."""
        self._files = files
        self._busy = busy
        self._crew = crew or Crew()
        self._patience = patience
        self._places = asyncio.Semaphore(AT_ONCE)

    async def check(
        self,
        tenant: str,
        source: str | FileRef,
        purpose: Purpose,
        language: str,
        progress: Progress | None = None,
        but: str = "",
        *,
        at_once: bool = False,
    ) -> Checked:
        """Return what there is to say of a list; `list_too_long` and `file_kind` are refused."""
        kind, size = _measures(source)
        if size > LONGEST:
            raise Rejected("list_too_long", most=MOST)
        check = _Check(tenant, purpose.model_dump_json().encode(), language, but)
        if kind == TEXT and size <= SHORT:
            # Short lists that name long ranges are as much work as any.
            with suppress(Many):
                return await self._checked(source, kind, check, _in_thread)
        check = _Check(tenant, check.purpose, language, but, progress or _unheard)
        if at_once:
            raise Lengthy
        async with self._places:
            return await self._patiently(source, kind, check)

    async def close(self) -> None:
        """End the workers; a check that is under way is told that it cannot be done now."""
        await self._crew.close()

    async def _patiently(self, source: str | FileRef, kind: bytes, check: _Check) -> Checked:
        try:
            async with asyncio.timeout(self._patience):
                return await self._checked(source, kind, check, self._crew.work)
        except TimeoutError:
            raise Unavailable("check_slow") from None
        except Lost:
            raise Unavailable("check_workers") from None

    async def _checked(
        self, source: str | FileRef, kind: bytes, check: _Check, work: Work
    ) -> Checked:
        content = await self._content(check.tenant, source)
        count, *chunks = await _found(kind, content, work)
        await self._read(check, chunks, int(count), work)
        summary, report, clean, *parts = await work(
            "write_up",
            check.purpose,
            check.language.encode(),
            json.dumps(check.busy).encode(),
            *(check.entries[at] for at in range(len(chunks))),
        )
        return Checked(Summary.model_validate_json(summary), report, clean, tuple(parts))

    async def _content(self, tenant: str, source: str | FileRef) -> bytes:
        if isinstance(source, str):
            return source.encode("utf-8", "replace")
        return await self._files.content(tenant, source.sha256)

    async def _read(self, check: _Check, chunks: list[bytes], total: int, work: Work) -> None:
        """Have all chunks read, as many at once as there are workers."""
        waiting = enumerate(chunks)
        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(self._crew.size):
                    group.create_task(self._read_some(check, waiting, total, work))
        except BaseExceptionGroup as several:
            # One reason why it cannot be done is enough.
            raise several.exceptions[0] from None

    async def _read_some(
        self, check: _Check, waiting: Iterator[tuple[int, bytes]], total: int, work: Work
    ) -> None:
        for at, chunk in waiting:
            rows, entries, numbers = await work("read_rows", check.purpose, chunk)
            await self._ask(check, numbers.decode().split())
            check.note(at, int(rows), entries, total)

    async def _ask(self, check: _Check, numbers: list[str]) -> None:
        """Look numbers up in open cases."""
        for start in range(0, len(numbers), ASKED_AT_ONCE):
            asked = numbers[start : start + ASKED_AT_ONCE]
            check.busy.update(await self._busy(check.tenant, asked, check.but))
            # A store that answers at once must not keep the loop from its other turns.
            await asyncio.sleep(0)


def _measures(source: str | FileRef) -> tuple[bytes, int]:
    """Return what a source is and how long; raises `Rejected` for a file that holds no list."""
    if isinstance(source, str):
        return TEXT, len(source)
    if source.media_type not in KINDS:
        raise Rejected("file_kind")
    return KINDS[source.media_type], source.size


async def _found(kind: bytes, content: bytes, work: Work) -> list[bytes]:
    """Return the count of rows and their chunks."""
    try:
        return await work("find_rows", kind, content)
    except Lost:
        if kind != SHEET:
            raise
        # Whatever the workbook does to its readers, it will do again.
        raise Rejected("file_absurd") from None


async def _in_thread(stage: str, *blobs: bytes) -> list[bytes]:
    return await asyncio.to_thread((STAGES | FEW)[stage], blobs)
