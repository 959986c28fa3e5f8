"""What the outbox worker counts."""

from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

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
        self.settled = Counter(
            "desk_delivery_settled",
            "Notices that left the outbox: shown, nothing to show, mailed or dead",
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
        self.in_flight = Gauge(
            "desk_delivery_in_flight", "Notices being delivered now", registry=registry
        )
        self.seconds = Histogram(
            "desk_delivery_seconds",
            "From the instant that a notice was first due until it was shown",
            buckets=_SECONDS,
            registry=registry,
        )
