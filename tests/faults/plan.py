"""The plan of a run, drawn from its seed: who asks for what, and what becomes of it."""

import random
from dataclasses import dataclass

from sandbox.settings import Person
from tests.faults.cast import Cast, Company
from tests.faults.knobs import Knobs

AGENTS = ("take", "ask", "hold", "note", "comment", "say")
STAGES = {
    "general_inquiry": ("category", "country", "about", "review"),
    "new_request": ("category", "country", "case_type", "details", "about", "papers", "review"),
}


@dataclass(frozen=True)
class Step:
    """Something that somebody does to a case; its token stands in what they write."""

    who: Person
    verb: str
    token: str
    together: bool = False
    """Whether it is done at the same moment as the step before it."""


@dataclass(frozen=True)
class Wish:
    """A case as somebody wants it, or a draft that they leave behind."""

    token: str
    company: Company
    who: Person
    category: str
    contacts: tuple[Person, ...]
    steps: tuple[Step, ...]
    left_at: str = ""
    """The stage at which the person walks away; empty if they do not."""
    prober: Person | None = None
    """Someone of another company who tries to look in."""

    @property
    def title(self) -> str:
        return f"{self.company.marker} wants {self.token}"

    @property
    def phone_number(self) -> str:
        """One that nobody else asks for: a number is in one open case at a time."""
        return f"+331400{int(self.token.startswith('d'))}{self.token[1:]:0>4}"

    @property
    def effort(self) -> int:
        """How many acknowledgements it takes."""
        stages = STAGES[self.category]
        return (stages.index(self.left_at) if self.left_at else len(stages)) + len(self.steps) + 1


def plan_of(knobs: Knobs, cast: Cast, rng: random.Random) -> dict[Person, list[Wish]]:
    """Return what each customer will do, in order."""
    plans: dict[Person, list[Wish]] = {}
    customers = [(one, who) for one in cast.companies for who in one.customers]
    for number in range(knobs.cases):
        company, who = customers[number % len(customers)]
        plans.setdefault(who, []).append(_wish(f"w{number:04d}", company, who, knobs, cast, rng))
    # One draft each is left for ever: it must say what was last acknowledged.
    for index, (company, who) in enumerate(customers[: max(2, knobs.cases // 4)]):
        plans.setdefault(who, []).append(_left(f"d{index:04d}", company, who, rng))
    return plans


def _left(token: str, company: Company, who: Person, rng: random.Random) -> Wish:
    category = rng.choice(list(STAGES))
    return Wish(token, company, who, category, (), (), left_at=rng.choice(STAGES[category][1:]))


def _wish(
    token: str, company: Company, who: Person, knobs: Knobs, cast: Cast, rng: random.Random
) -> Wish:
    contacts = [company.colleague] if rng.random() < 0.6 else []
    contacts += [company.fragile] if rng.random() < 0.3 else []
    prober = None
    if rng.random() < 0.3:
        other = rng.choice([one for one in cast.companies if one is not company])
        prober = rng.choice(other.customers)
    return Wish(
        token=token,
        company=company,
        who=who,
        category="new_request" if rng.random() < 0.25 else "general_inquiry",
        contacts=tuple(contacts),
        steps=tuple(_steps(token, who, contacts, knobs, cast, rng)),
        prober=prober,
    )


def _steps(
    token: str,
    who: Person,
    contacts: list[Person],
    knobs: Knobs,
    cast: Cast,
    rng: random.Random,
) -> list[Step]:
    steps: list[Step] = []
    agents = list(cast.agents)
    taken: set[str] = set()
    for number in range(rng.randint(max(1, knobs.comments - 2), knobs.comments + 2)):
        name = f"{token}s{number}x"
        if rng.random() < 0.45:
            # A colleague's chat has the living card only if the colleague is named.
            named = contacts and not contacts[0].key.endswith("fragile")
            author = contacts[0] if named and rng.random() < 0.3 else who
            steps.append(Step(author, "comment", name, rng.random() < 0.3))
        else:
            verb, agent = rng.choice(AGENTS), rng.choice(agents)
            if verb == "take" and agent.key in taken:
                verb = "note"
            taken |= {agent.key} if verb == "take" else set()
            steps.append(Step(agent, verb, name, rng.random() < 0.3))
    if rng.random() < 0.6:
        steps.append(Step(rng.choice(agents), "resolve", f"{token}endx"))
    return steps
