"""What a run of the rig is told: how much work, how many faults of each kind, and the seed."""

from dataclasses import dataclass
from pathlib import Path

PAUSE_MOST = 4.0
"""Seconds that the store or a bot is halted at most."""


@dataclass(frozen=True)
class Knobs:
    """One run; the seed decides the plan, the machine how it interleaves."""

    seed: int
    folder: Path
    cases: int = 60
    comments: int = 4
    """Comments and changes of status of a case, about."""
    kills: int = 8
    """Bots killed at any instant; as many again meet a named failpoint."""
    store_kills: int = 2
    pauses: int = 2
    """Halts of the store, and as many of a bot."""
    cuts: int = 1
    """Power cuts: the store is killed and its log cut back to what was synced."""
    links: int = 6
    """Spells of each fault of the link between bots and store."""
    wire: float = 0.05
    """Faults of the connector, as a share of the calls that it gets."""
    plant: str = ""
    """A defect to start the bots with; see `planted.py`."""
    appendfsync: str = "always"
    timed: bool = True
    """Whether slowness is a violation; the suite's short run shares its processors with others."""
    wide: bool = False
    """Whether the limits of Teams are lifted: 1,000 cases in one channel would take hours."""
    tenants: int = 5
    customers: int = 4
    """People of each tenant who open cases."""
    think: float = 0.0
    """Seconds that anybody takes at most before doing the next thing."""
    agents: int = 6
    doubles: int = 200
    """Double clicks of the targeted checks."""
    patience: float = 120.0
    """Seconds that the outbox may take to drain once the faults are over."""
    longest: float = 900.0
    """Seconds that the work may take before it counts as stuck."""
