"""What is known of people and of the desk's channel, in Redis."""

from collections.abc import Collection, Sequence

from cases.model import DeskPlace, Person
from storage import scripts
from storage.keys import (
    DESK_PLACE,
    MISSED_TTL,
    THREADS,
    TenantKeys,
    millis,
    of_tenant,
)
from storage.server import Call, Server


class RedisPeople:
    """The `Directory` over Redis."""

    def __init__(self, server: Server) -> None:
        self._server = server

    async def person(self, tenant: str, user: str) -> Person | None:
        """Return what is known of someone."""
        found = await self._server.command("HGET", of_tenant(tenant).person(user), "value")
        return Person.model_validate_json(found) if found else None

    async def by_email(self, tenant: str, emails: Sequence[str]) -> dict[str, str]:
        """Return the users of a tenant by e-mail address (lower case), as far as known."""
        wanted = list(dict.fromkeys(email.lower() for email in emails if email))
        if not wanted:
            return {}
        found = await self._server.command("HMGET", of_tenant(tenant).emails, *wanted)
        pairs = zip(wanted, found, strict=True)
        return {email: user.decode() for email, user in pairs if user is not None}

    async def remember(self, person: Person, *news: str) -> None:
        """Save these fields of a person (all if none are named), the address to find them among."""
        keys = of_tenant(person.tenant)
        places = (
            *(keys.person(person.user), keys.emails),
            *missed_places(keys, person.user),
        )
        values = (
            *(person.user, news_of(person, news)),
            millis(MISSED_TTL),
        )
        await self._server.save(Call(scripts.PERSON, places, values))

    async def desk(self) -> DeskPlace | None:
        """Return where the desk's channel was last seen."""
        found = await self._server.command("GET", DESK_PLACE)
        return DeskPlace.model_validate_json(found) if found else None

    async def remember_desk(self, place: DeskPlace) -> None:
        """Save where the desk's channel is."""
        await self._server.write("SET", DESK_PLACE, place.model_dump_json())

    async def case_of_thread(self, conversation: str) -> str | None:
        """Return the number of the case whose thread this is."""
        found = await self._server.command("HGET", THREADS, conversation)
        return found.decode() if found else None


def missed_places(keys: TenantKeys, user: str) -> tuple[str, ...]:
    """Return what a script needs to send someone what they missed."""
    lane = keys.lane_of_person(user)
    return keys.missed(lane), keys.due, keys.lanes, keys.notices, keys.dead


def news_of(person: Person, fields: Collection[str]) -> str:
    """Return these fields of a person, or all, as JSON: what it is stored as, or merged into."""
    return person.model_dump_json(include={"tenant", "user", *fields} if fields else None)
