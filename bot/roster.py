"""Who the agents are: the members of the desk's team, speaking in the desk's team."""

import asyncio
from dataclasses import dataclass
from datetime import timedelta

from bot.inbound import Inbound
from cases.errors import Unavailable
from cases.model import DeskPlace
from cases.ports import Clock, Connector, Directory

FRESH = timedelta(minutes=5)
"""How long a roster is believed."""
TRIES = 3
PAUSE = 0.3
"""Seconds before the second try, and half of what comes before the third."""


@dataclass(frozen=True)
class Desk:
    """The ids of the desk's tenant, team and channel."""

    tenant: str
    team: str
    channel: str

    def has(self, inbound: Inbound) -> bool:
        """Return whether an activity comes from the desk's team."""
        in_tenant = inbound.tenant.lower() == self.tenant.lower()
        return in_tenant and (inbound.team == self.team or inbound.thread_root == self.channel)


class Roster:
    """Knows the desk's place and its members."""

    def __init__(
        self,
        desk: Desk | None,
        connector: Connector,
        directory: Directory,
        clock: Clock,
        place: DeskPlace | None = None,
    ) -> None:
        """Take the desk's ids (none: there is no desk), the wire, the directory and a clock.

        And where the desk is reached, if that is known: nobody then has to wait to learn it.
        """
        self.desk = desk
        self._connector = connector
        self._directory = directory
        self._clock = clock
        self._members: frozenset[str] = frozenset()
        self._read_at = None if desk is None else clock() - 2 * FRESH
        self._reading: asyncio.Task[None] | None = None
        self._place = place

    def is_desk(self, inbound: Inbound) -> bool:
        """Return whether an activity comes from the desk's team."""
        return self.desk is not None and self.desk.has(inbound)

    async def is_agent(self, inbound: Inbound) -> bool:
        """Return whether whoever sent an activity is on the roster and in the desk's team.

        Raises `Unavailable` if that cannot be found out: an agent is not to be taken for a guest.
        """
        if self.desk is None or not self.desk.has(inbound):
            return False
        if self._read_at is None or self._clock() - self._read_at > FRESH:
            if self._reading is None or self._reading.done():
                reading = self._read(inbound.service_url or "", self.desk.team)
                self._reading = asyncio.create_task(reading)
            await asyncio.shield(self._reading)
        return inbound.user in self._members

    def forget(self) -> None:
        """Read the roster anew the next time: someone came or left."""
        self._read_at = None

    async def _read(self, service_url: str, team: str) -> None:
        """Read the roster; raises `Unavailable`."""
        for attempt in range(TRIES):
            await asyncio.sleep(PAUSE * attempt)
            members = await self._connector.roster(service_url, team)
            if members is not None:
                self._members = frozenset(member.user for member in members)
                self._read_at = self._clock()
                return
        raise Unavailable("roster")

    async def learn(self, inbound: Inbound) -> None:
        """Learn from an activity where the desk's channel is reached.

        Until something was heard from the desk itself, the service that brings the customers'
        messages is the best guess there is.
        """
        if self.desk is None or not inbound.service_url:
            return
        known = self._place or await self._directory.desk()
        if known is not None and not self.desk.has(inbound):
            self._place = known
            return
        place = DeskPlace(
            service_url=inbound.service_url,
            tenant=self.desk.tenant,
            team=self.desk.team,
            channel=self.desk.channel,
            locale=(inbound.locale or "") if self.desk.has(inbound) else "",
        )
        if place != known:
            await self._directory.remember_desk(place)
        self._place = place

    @property
    def locale(self) -> str:
        """The language of the desk's channel, as far as it is known."""
        return self._place.locale if self._place else ""
