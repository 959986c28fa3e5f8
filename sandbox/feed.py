"""The stream of what happened, for pages that watch; a page that was away resumes at its cursor."""

import asyncio
import secrets
from collections import deque
from collections.abc import AsyncIterator
from typing import Any

KEPT = 2000


class Feed:
    """Numbers events, keeps the last ones and wakes whoever waits for more."""

    def __init__(self) -> None:
        # A cursor of an earlier process must not be taken for one of ours.
        self._epoch = secrets.token_hex(4)
        self._next = 1
        self._kept: deque[tuple[int, dict[str, Any]]] = deque(maxlen=KEPT)
        self._wake = asyncio.Event()
        self._closed = False

    @property
    def cursor(self) -> str:
        """The cursor behind the newest event."""
        return f"{self._epoch}-{self._next - 1}"

    def publish(self, kind: str, **values: Any) -> None:
        """Tells every watcher that something happened."""
        self._kept.append((self._next, {"type": kind, **values}))
        self._next += 1
        self._ring()

    def close(self) -> None:
        """Ends all streams."""
        self._closed = True
        self._ring()

    async def follow(self, cursor: str, pause: float) -> AsyncIterator[tuple[str, dict[str, Any]]]:
        """Yields (cursor, event); `reset` when the cursor is too old, `idle` after a pause."""
        seen = self._position(cursor)
        if seen is None:
            seen = self._next - 1
            yield self.cursor, {"type": "reset"}
        while not self._closed:
            wake = self._wake
            for number, event in [item for item in self._kept if item[0] > seen]:
                seen = number
                yield f"{self._epoch}-{number}", event
            if wake is self._wake and not await _rung(wake, pause):
                yield f"{self._epoch}-{seen}", {"type": "idle"}

    def _ring(self) -> None:
        self._wake.set()
        self._wake = asyncio.Event()

    def _position(self, cursor: str) -> int | None:
        epoch, _, number = cursor.partition("-")
        if epoch != self._epoch or not number.isdecimal():
            return None
        position = int(number)
        oldest = self._kept[0][0] if self._kept else self._next
        return position if oldest - 1 <= position < self._next else None


async def _rung(wake: asyncio.Event, pause: float) -> bool:
    try:
        await asyncio.wait_for(wake.wait(), pause)
    except TimeoutError:
        return False
    return True
