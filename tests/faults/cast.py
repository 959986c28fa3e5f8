"""The people of a run: companies with a marker each, their customers, and the desk's agents."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from uuid import UUID

from sandbox.settings import DESK_TENANT, Person
from tests.faults.knobs import Knobs

PARTITIONS = 64


def partition_of(tenant: str) -> int:
    """Return the partition of a tenant, by the rule that the design states."""
    return int(sha256(tenant.encode()).hexdigest(), 16) % PARTITIONS


@dataclass(frozen=True)
class Company:
    """A tenant; its marker stands in everything that its people write."""

    tenant: str
    marker: str
    customers: tuple[Person, ...]
    colleague: Person
    fragile: Person
    """A colleague whose chat refuses for good now and then."""

    @property
    def people(self) -> tuple[Person, ...]:
        return (*self.customers, self.colleague, self.fragile)


@dataclass(frozen=True)
class Cast:
    companies: tuple[Company, ...]
    agents: tuple[Person, ...]

    @property
    def people(self) -> tuple[Person, ...]:
        return (*(one for company in self.companies for one in company.people), *self.agents)

    def company_of(self, tenant: str) -> Company:
        return next(company for company in self.companies if company.tenant == tenant)


def cast_of(knobs: Knobs, rng: random.Random) -> Cast:
    """Return the people of a run; the first two companies share a partition."""
    tenants = list(_tenants(knobs.tenants, rng))
    companies = tuple(_company(index, tenant, knobs, rng) for index, tenant in enumerate(tenants))
    agents = tuple(
        _person(f"agent{index}", f"Agent {index}", DESK_TENANT, "numberdesk.example", "agent", rng)
        for index in range(knobs.agents)
    )
    return Cast(companies, agents)


def _tenants(count: int, rng: random.Random) -> Iterator[str]:
    first = _guid(rng)
    yield first
    twin = _guid(rng)
    while partition_of(twin) != partition_of(first):
        twin = _guid(rng)
    yield twin
    for _ in range(count - 2):
        yield _guid(rng)


def _company(index: int, tenant: str, knobs: Knobs, rng: random.Random) -> Company:
    marker = f"Xq{index}{rng.randrange(16**6):06x}z"
    domain = f"{marker.lower()}.example"

    def named(key: str) -> Person:
        return _person(f"c{index}{key}", f"{marker} {key}", tenant, domain, "admin", rng)

    customers = tuple(named(f"customer{number}") for number in range(knobs.customers))
    return Company(tenant, marker, customers, named("colleague"), named("fragile"))


def _person(key: str, name: str, tenant: str, domain: str, role: str, rng: random.Random) -> Person:
    return Person(
        key=key,
        name=name,
        aad=_guid(rng),
        user_id=f"29:{rng.randrange(16**24):024x}",
        email=f"{key}@{domain}",
        tenant=tenant,
        locale="en-US",
        timezone="Europe/Paris",
        conversation=f"a:{rng.randrange(16**30):030x}",
        role="agent" if role == "agent" else "admin",
    )


def _guid(rng: random.Random) -> str:
    return str(UUID(int=rng.getrandbits(128), version=4))
