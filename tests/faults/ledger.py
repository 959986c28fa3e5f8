"""What the bots acknowledged, written down as it happens: the rig's own idea of the truth."""

import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field


@dataclass
class Answered:
    """The answers of one draft: those acknowledged, and those of which nobody knows."""

    tenant: str
    user: str
    sure: dict[str, str] = field(default_factory=dict)
    maybe: dict[str, str] = field(default_factory=dict)
    case: str = ""


@dataclass
class Asked:
    """A case that somebody wants: its title is unlike any other's."""

    token: str
    tenant: str
    user: str
    number: str = ""
    """What the person was shown; empty while nothing was."""
    sent: bool = False
    """Whether Submit was acknowledged."""


@dataclass
class Done:
    """One comment or change of status."""

    token: str
    case: str
    verb: str
    user: str
    begun: float
    sure: bool = False
    at: float = 0.0
    refused: bool = False


@dataclass(frozen=True)
class Dropped:
    """A file that was sent to a bot, whose message was acknowledged."""

    conversation: str
    name: str
    digest: str


@dataclass
class Acknowledgement:
    """One delivery to a bot, as the sender measures it."""

    began: float
    ended: float
    status: int
    kind: str = ""


@dataclass
class Spell:
    """A time in which something was wrong."""

    what: str
    began: float
    ended: float = 0.0


@dataclass
class Ledger:
    """All of it."""

    drafts: dict[str, Answered] = field(default_factory=dict)
    cases: list[Asked] = field(default_factory=list)
    deeds: list[Done] = field(default_factory=list)
    times: list[Acknowledgement] = field(default_factory=list)
    spells: list[Spell] = field(default_factory=list)
    new_cases: dict[tuple[str, str], set[str]] = field(default_factory=lambda: defaultdict(set))
    """By tenant and user: ids of the activities that asked for a new case."""
    files: list[tuple[str, str]] = field(default_factory=list)
    dropped: list[Dropped] = field(default_factory=list)
    slow_files: int = 0
    violations: list[str] = field(default_factory=list)
    in_flight_at_kills: Counter[str] = field(default_factory=Counter)
    """Notices that were being sent when a bot died, and at how many deaths they were."""
    deliveries: int = 0
    doubled: int = 0
    renamed: int = 0
    failed: int = 0
    progress: int = 0

    def blame(self, what: str) -> None:
        """Note a violation at once."""
        if what not in self.violations:
            self.violations.append(what)

    def spell(self, what: str) -> Spell:
        """Note that something goes wrong from now on."""
        spell = Spell(what, time.monotonic())
        self.spells.append(spell)
        return spell

    def served(self) -> list[float]:
        """Return how long acknowledgements took while the store, its link and the bots were there.

        A bot that dies, or a connector that fails, is no excuse; a file that takes seconds to come
        is one.
        """
        away = [spell for spell in self.spells if spell.what != "bot"]
        return [
            one.ended - one.began
            for one in self.times
            if one.status and one.kind != "file" and not any(_meet(spell, one) for spell in away)
        ]

    def during(self, what: str) -> list[Acknowledgement]:
        """Return the acknowledgements that met one kind of fault and no other."""
        return [
            one
            for one in self.times
            if one.status and {spell.what for spell in self.spells if _meet(spell, one)} == {what}
        ]


def _meet(spell: Spell, one: Acknowledgement) -> bool:
    """Tell whether a delivery met a spell; what a killed bot held is free after 5 s."""
    after = 5.0 if spell.what == "bot" else 0.0
    return spell.began < one.ended and one.began < (spell.ended or 1e12) + after


def share(times: list[float], part: float) -> float:
    """Return the quantile of some times, in seconds; 0 for none."""
    ordered = sorted(times)
    return ordered[min(len(ordered) - 1, int(len(ordered) * part))] if ordered else 0.0
