"""What the outbox worker counts."""

from math import nan
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from cases.ports import Backlog

_SECONDS: Final = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800, 7200, 86400)


class DeliveryMetrics:
    """Counters of deliveries, in the registry that the app serves."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.answers = Counter(
            "desk_delivery_answers",
            "Calls of the connector by what became of them",
            ["outcome"],
            registry=registry,
        )
        self.mails = Counter(
            "desk_delivery_mails",
            "Mails by what became of them",
            ["outcome"],
            registry=registry,
        )
        self.settled = Counter(
            "desk_delivery_settled",
            "Notices that left the outbox: shown, mailed, dead, nothing to show, told already "
            "in another way, or nobody to reach",
            ["how"],
            registry=registry,
        )
        self.retries = Counter(
            "desk_delivery_retries",
            "Notices put back, by reason",
            ["reason"],
            registry=registry,
        )
        self.dead = Counter(
            "desk_delivery_dead",
            "Notices on the list of dead letters, by reason",
            ["reason"],
            registry=registry,
        )
        self.store_errors = Counter(
            "desk_delivery_store_errors",
            "Times that the store did not answer the worker",
            registry=registry,
        )
        self.waiting = Gauge(
            "desk_outbox_waiting", "Notices in the outbox, of all processes", registry=registry
        )
        self.overdue = Gauge(
            "desk_outbox_overdue_seconds",
            "For how long the oldest notice has been due and nobody took it",
            registry=registry,
        )
        self.dead_letters = Gauge(
            "desk_outbox_dead_letters", "Notices that were given up and kept", registry=registry
        )
        self.in_flight = Gauge(
            "desk_delivery_in_flight", "Notices being delivered now", registry=registry
        )
        self.seconds = Histogram(
            "desk_delivery_seconds",
            "From the instant that a notice was first due until it was shown",
            buckets=_SECONDS,
            registry=registry,
        )

    def look_at(self, backlog: Backlog | None) -> None:
        """Set what was just read of the outbox; none where it could not be read."""
        self.waiting.set(backlog.waiting if backlog else nan)
        self.overdue.set(backlog.overdue.total_seconds() if backlog else nan)
        self.dead_letters.set(backlog.dead if backlog else nan)
