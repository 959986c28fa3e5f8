"""How much Teams takes, kept ahead of time: sliding windows over what this process sent."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

MARGIN: Final = 0.02
"""Seconds added to every window: two messages may arrive closer together than they were sent."""
FORGET_ABOVE: Final = 10_000
SWEEP_EVERY: Final = 60.0
BOOKING: Final = 10.0
"""Seconds that a booked slot waits for its lane to come back."""


@dataclass(frozen=True)
class Limit:
    """At most `most` requests in any `per` seconds."""

    most: int
    per: float


CONVERSATION: Final = (Limit(7, 1), Limit(8, 2), Limit(60, 30), Limit(1800, 3600))
TENANT: Final = (Limit(50, 1),)

_Booked: TypeAlias = dict[tuple[str, str], float]
"""When a lane, known by tenant and name, may send."""


class Windows:
    """Several limits on one stream of requests, whose instants never go back."""

    def __init__(self, limits: Sequence[Limit], margin: float = MARGIN) -> None:
        self._limits = tuple(Limit(limit.most, limit.per + margin) for limit in limits)
        self._longest = max(limit.per for limit in self._limits)
        self._kept = max(limit.most for limit in limits)
        self._stamps: list[float] = []

    def free_at(self, now: float) -> float:
        """Return when the next request may go, `now` at the earliest."""
        stamps, free = self._stamps, now
        for limit in self._limits:
            if len(stamps) >= limit.most:
                free = max(free, stamps[-limit.most] + limit.per)
        return free

    def take(self, at: float) -> None:
        """Count a request at an instant."""
        self._stamps.append(max(at, self._stamps[-1]) if self._stamps else at)
        if len(self._stamps) > 2 * self._kept:
            del self._stamps[: -self._kept]

    def idle(self, now: float) -> bool:
        """Tell whether nothing counts any more."""
        return not self._stamps or self._stamps[-1] + self._longest <= now


class Limits:
    """The limits of each conversation and each tenant; a lane that must wait books its slot.

    Without booking, all lanes of a busy tenant would come back at the same moment and all but a
    few would be sent away again.
    """

    def __init__(
        self,
        now: Callable[[], float],
        *,
        conversation: Sequence[Limit] = CONVERSATION,
        tenant: Sequence[Limit] = TENANT,
        margin: float = MARGIN,
    ) -> None:
        self._now = now
        self._conversation_limits = conversation
        self._tenant_limits = tenant
        self._margin = margin
        self._conversations: dict[str, Windows] = {}
        self._tenants: dict[str, Windows] = {}
        self._in_conversation: _Booked = {}
        self._in_tenant: _Booked = {}
        self._swept = now()

    def ask(self, tenant: str, conversation: str, lane: str) -> float:
        """Count a request and return 0, or return the seconds after which to ask again."""
        now = self._now()
        self._sweep(now)
        key = (tenant, lane)
        for windows, booked in (
            (self._windows(conversation), self._in_conversation),
            (self._tenant(tenant), self._in_tenant),
        ):
            slot = _slot(windows, booked, key, now)
            if slot > now:
                return slot - now
        del self._in_conversation[key], self._in_tenant[key]
        return 0.0

    def count(self, tenant: str, conversation: str) -> None:
        """Count a request that was made without asking, such as the answer of a turn."""
        now = self._now()
        self._windows(conversation).take(now)
        self._tenant(tenant).take(now)

    def _windows(self, conversation: str) -> Windows:
        # Threads of a channel share the channel's limits.
        key = conversation.partition(";")[0]
        windows = self._conversations.get(key)
        if windows is None:
            windows = Windows(self._conversation_limits, self._margin)
            self._conversations[key] = windows
        return windows

    def _tenant(self, tenant: str) -> Windows:
        windows = self._tenants.get(tenant)
        if windows is None:
            windows = self._tenants[tenant] = Windows(self._tenant_limits, self._margin)
        return windows

    def _sweep(self, now: float) -> None:
        if len(self._conversations) <= FORGET_ABOVE or now - self._swept < SWEEP_EVERY:
            return
        self._swept = now
        self._conversations = _active(self._conversations, now)
        self._tenants = _active(self._tenants, now)
        self._in_conversation = _unexpired(self._in_conversation, now)
        self._in_tenant = _unexpired(self._in_tenant, now)


def _active(windows: dict[str, Windows], now: float) -> dict[str, Windows]:
    return {key: one for key, one in windows.items() if not one.idle(now)}


def _unexpired(booked: _Booked, now: float) -> _Booked:
    return {key: at for key, at in booked.items() if at + BOOKING >= now}


def _slot(windows: Windows, booked: _Booked, key: tuple[str, str], now: float) -> float:
    """Return the slot that a lane holds, taking the next one if it has none."""
    slot = booked.get(key)
    if slot is None or slot + BOOKING < now:
        slot = booked[key] = windows.free_at(now)
        windows.take(slot)
    return slot
