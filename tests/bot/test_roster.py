"""The desk's place is known from the start where it was known before."""

from datetime import UTC, datetime
from typing import cast

from bot.inbound import Account, Conversation, Inbound
from bot.roster import Desk, Roster
from cases.model import DeskPlace
from cases.ports import Connector, Directory

PLACE = DeskPlace(service_url="https://smba/", tenant="d", team="t", channel="c", locale="fr-FR")


async def test_nobody_waits_to_learn_a_place_that_is_known() -> None:
    # Without a directory to ask: whoever asked one would come to wait for it.
    nobody = cast(Directory, None)
    roster = Roster(Desk("d", "t", "c"), cast(Connector, None), nobody, now, PLACE)
    assert roster.locale == "fr-FR"
    await roster.learn(
        Inbound(
            type="message",
            serviceUrl="https://elsewhere/",
            sender=Account(id="29:ada"),
            conversation=Conversation(id="a:1", tenantId="contoso"),
        )
    )
    assert roster.locale == "fr-FR"


def now() -> datetime:
    return datetime(2026, 1, 1, tzinfo=UTC)
