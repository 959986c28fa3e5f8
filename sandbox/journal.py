"""An append-only file of JSON lines: one line per fact, read back at the next start."""

import json
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, Any

Entry = dict[str, Any]


class Journal:
    """Keeps entries in a file, or nowhere when it has no path."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._file: IO[bytes] | None = None

    def read(self) -> Iterator[Entry]:
        """Yields what was written, up to the first line that was torn by a crash."""
        if self._path is None or not self._path.exists():
            return
        with self._path.open("rb") as lines:
            for line in lines:
                entry = _entry(line)
                if entry is None:
                    return
                yield entry

    def start(self, entries: Iterable[Entry]) -> None:
        """Replaces the file by the given entries in one step and opens it for more."""
        if self._path is None:
            return
        self.close()
        self._path.parent.mkdir(parents=True, exist_ok=True)
        fresh = self._path.with_suffix(".new")
        with fresh.open("wb") as file:
            file.writelines(_line(entry) for entry in entries)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self._path)
        self._file = self._path.open("ab", buffering=0)

    def write(self, entry: Entry) -> None:
        """Appends one entry; it has left the process when this returns."""
        if self._file is not None:
            self._file.write(_line(entry))

    def close(self) -> None:
        """Closes the file; closing twice is harmless."""
        if self._file is not None:
            self._file.close()
            self._file = None


def _line(entry: Entry) -> bytes:
    return json.dumps(entry, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def _entry(line: bytes) -> Entry | None:
    try:
        value = json.loads(line)
    except ValueError:
        return None
    return value if isinstance(value, dict) and line.endswith(b"\n") else None
