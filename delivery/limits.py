"""How much Teams takes: what a message counts against.

The limits are kept in the store, for all processes together, when a notice is marked as being
sent. Answers within a turn do not ask and do not count: a person sets their pace and waits for
them, and news that had to stand back behind them would come late for nothing.
"""

from dataclasses import dataclass
from typing import Final

from cases.ports import Limit, Quota

CONVERSATION: Final = (Limit(7, 1.1), Limit(8, 2.1), Limit(60, 30.1), Limit(1800, 3600.1))
"""Of one bot in one conversation, with a margin: what was sent in time may arrive later."""
TENANT: Final = (Limit(50, 1.03),)
"""Of one app in one tenant."""


@dataclass(frozen=True)
class Limits:
    """The quotas of conversations and tenants."""

    conversation: tuple[Limit, ...] = CONVERSATION
    tenant: tuple[Limit, ...] = TENANT

    def quotas(self, tenant: str, conversation: str) -> tuple[Quota, Quota]:
        """Return what a message counts against; threads share the limits of their channel."""
        channel = conversation.partition(";")[0]
        return Quota(tenant, channel, self.conversation), Quota(tenant, "", self.tenant)
