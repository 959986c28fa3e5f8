"""How much Teams takes: what a message counts against, and what was sent without asking.

The limits are kept in the store, for all processes together, when a notice is marked as being
sent. What is called without asking is noted here and told to the store with the next notice into
the same conversation or tenant. Answers within a turn do neither: a person sets their pace and
waits for them, and news that had to stand back behind them would come late for nothing.
"""

from collections import deque
from collections.abc import Callable
from typing import Final

from cases.ports import Limit, Quota

CONVERSATION: Final = (Limit(7, 1.1), Limit(8, 2.1), Limit(60, 30.1), Limit(1800, 3600.1))
"""Of one bot in one conversation, with a margin: what was sent in time may arrive later."""
TENANT: Final = (Limit(50, 1.03),)
"""Of one app in one tenant."""
RECENT: Final = 30.0
"""Seconds after which an answer that nobody told the store of is forgotten."""
MOST_TOLD: Final = 50
FORGET_ABOVE: Final = 10_000


class Limits:
    """The quotas of conversations and tenants, each with the answers it does not know of yet."""

    def __init__(
        self,
        now: Callable[[], float],
        *,
        conversation: tuple[Limit, ...] = CONVERSATION,
        tenant: tuple[Limit, ...] = TENANT,
    ) -> None:
        self._now = now
        self._conversation = conversation
        self._tenant = tenant
        self._untold: dict[tuple[str, str], deque[float]] = {}

    def count(self, tenant: str, conversation: str) -> None:
        """Note a request that was made without asking, such as the answer of a turn."""
        self._note(tenant, _channel(conversation))
        self._note(tenant, "")

    def quotas(self, tenant: str, conversation: str) -> tuple[Quota, Quota]:
        """Return what a message counts against, and hand over what was noted of it."""
        name = _channel(conversation)
        return (
            Quota(tenant, name, self._conversation, self._told(tenant, name)),
            Quota(tenant, "", self._tenant, self._told(tenant, "")),
        )

    def _note(self, tenant: str, name: str) -> None:
        if len(self._untold) > FORGET_ABOVE:
            since = self._now() - RECENT
            self._untold = {key: at for key, at in self._untold.items() if at[-1] > since}
        self._untold.setdefault((tenant, name), deque(maxlen=MOST_TOLD)).append(self._now())

    def _told(self, tenant: str, name: str) -> tuple[float, ...]:
        now = self._now()
        stamps = self._untold.pop((tenant, name), ())
        return tuple(now - at for at in stamps if now - at < RECENT)


def _channel(conversation: str) -> str:
    """Return what a conversation's limits are kept by: threads share those of their channel."""
    return conversation.partition(";")[0]
