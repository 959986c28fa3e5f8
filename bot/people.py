"""What is learned of people from their activities: where they are reached, and their e-mail."""

from bot.inbound import Inbound
from cases.localtime import zone
from cases.model import Person
from cases.ports import Connector, Directory


def learned(known: Person | None, inbound: Inbound) -> Person:
    """Return what is known of whoever sent an activity; the newest place to reach them wins."""
    person = known or Person(tenant=inbound.tenant, user=inbound.user)
    news = {
        "channel_user": inbound.sender.id,
        "name": inbound.sender.name or person.name,
        "locale": inbound.locale or person.locale,
        "timezone": inbound.zone if zone(inbound.zone) else person.timezone,
    }
    if inbound.is_personal:
        gone = inbound.type == "installationUpdate" and (inbound.action or "").startswith("remove")
        news |= {
            "service_url": inbound.service_url or person.service_url,
            "conversation": inbound.conversation_id,
            # Who writes, or installs the bot again, can be written to again.
            "blocked": "uninstalled" if gone else "",
        }
    return person.but(**news)


class Introductions:
    """Finds out the e-mail addresses of people, so that colleagues who are named are found."""

    def __init__(self, connector: Connector, directory: Directory) -> None:
        """Take the wire to ask on, and where people are remembered."""
        self._connector = connector
        self._directory = directory

    async def meet(self, person: Person) -> None:
        """Ask Teams for the e-mail of someone, unless it is known."""
        if person.email or not person.reachable:
            return
        member = await self._connector.member(
            person.service_url, person.conversation, person.channel_user
        )
        if member is None or not member.email:
            return
        name = person.name or member.name
        known = person.but(email=member.email.lower(), name=name)
        await self._directory.remember(known, *known.news_since(person))
