"""Our adapter on botbuilder's seams: turns come in parsed and checked, replies go out by one wire.

The stock adapter builds an HTTP client per turn and blocks on it; see
`docs/decisions/0003-own-adapter.md`.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final

from botbuilder.core import BotAdapter, InvokeResponse, TurnContext
from botbuilder.schema import Activity, ConversationReference, ResourceResponse

from bot.inbound import Inbound, to_botbuilder
from cases.ports import Connector, Outcome, Sent
from dialogs.seam import NotSent

INBOUND: Final = "number_desk.inbound"
"""Where a turn keeps the activity as we parsed it."""
HEADWAY: Final = "number_desk.headway"
"""Where a turn keeps the `Headway` that its host watches."""
TRIES: Final = 3
WORTH_ANOTHER: Final = frozenset({Sent.LATER, Sent.UNKNOWN, Sent.FAULT, Sent.UNAUTHORIZED})
"""A refused token is replaced by a new one before the next try."""
LONGEST_PAUSE: Final = 5.0
"""Seconds to wait before a reply is sent again; somebody is watching."""

Logic = Callable[[TurnContext], Awaitable[None]]


@dataclass
class Headway:
    """How far a turn is, for whoever has to answer for its activity."""

    fetching: bool = False
    """Whether it is fetching files, which may take long; what comes of them is said."""
    kept: bool = False
    """Whether its activity comes again from us alone."""
    speech: "asyncio.Task[Any] | None" = None
    """What is said in it; begun once it is saved."""

    @property
    def speaking(self) -> bool:
        """Whether it is saved and over, but for what is still being said."""
        return self.speech is not None and not self.speech.done()


class DeskAdapter(BotAdapter):
    """Runs turns and sends their replies through the connector."""

    def __init__(self, connector: Connector) -> None:
        """Take the wire to Teams."""
        super().__init__()
        self._connector = connector

    async def run(self, inbound: Inbound, logic: Logic, headway: Headway) -> InvokeResponse | None:
        """Run one turn, noting how far it is; returns the answer to an invoke, if it was one."""
        context = TurnContext(self, to_botbuilder(inbound))
        context.turn_state[INBOUND] = inbound
        context.turn_state[HEADWAY] = headway
        await self.run_pipeline(context, logic)
        answer = context.turn_state.get(self._INVOKE_RESPONSE_KEY)
        return answer.value if isinstance(answer, Activity) else None

    async def send_activities(
        self, context: TurnContext, activities: list[Activity]
    ) -> list[ResourceResponse]:
        """Send messages in order; raises `NotSent` for one that does not stand."""
        return [await self._send(context, activity) for activity in activities]

    async def _send(self, context: TurnContext, activity: Activity) -> ResourceResponse:
        if activity.type == "invokeResponse":
            context.turn_state[self._INVOKE_RESPONSE_KEY] = activity
            return ResourceResponse(id="")
        inbound = inbound_of(context)
        outcome = await _insistently(
            lambda: self._connector.post(
                inbound.service_url or "", inbound.conversation_id, to_json(activity)
            )
        )
        return ResourceResponse(id=outcome.activity)

    async def update_activity(self, context: TurnContext, activity: Activity) -> ResourceResponse:
        """Replace a message; raises `NotSent`."""
        inbound = inbound_of(context)
        outcome = await _insistently(
            lambda: self._connector.put(
                inbound.service_url or "", inbound.conversation_id, activity.id, to_json(activity)
            )
        )
        return ResourceResponse(id=outcome.activity or activity.id)

    async def delete_activity(self, context: TurnContext, reference: ConversationReference) -> None:
        """Delete a message; raises `NotSent`."""
        inbound = inbound_of(context)
        await _insistently(
            lambda: self._connector.delete(
                inbound.service_url or "", inbound.conversation_id, reference.activity_id
            )
        )


def inbound_of(context: TurnContext) -> Inbound:
    """Return the activity of a turn as we parsed it."""
    inbound = context.turn_state[INBOUND]
    if not isinstance(inbound, Inbound):
        raise TypeError("the turn was not begun by our adapter")
    return inbound


def headway_of(context: TurnContext) -> Headway:
    """Return what the host of a turn watches."""
    headway = context.turn_state[HEADWAY]
    if not isinstance(headway, Headway):
        raise TypeError("the turn was not begun by our adapter")
    return headway


def to_json(activity: Activity) -> dict[str, Any]:
    """Return a message as JSON, by hand: the members that we use, and no others."""
    members: dict[str, Any] = {
        "type": activity.type,
        "text": activity.text,
        "textFormat": activity.text_format,
        "summary": activity.summary,
        "attachments": [
            {"contentType": one.content_type, "content": one.content}
            for one in activity.attachments or ()
        ],
    }
    return {name: member for name, member in members.items() if member}


async def _insistently(call: Callable[[], Awaitable[Outcome]]) -> Outcome:
    """Make a call of which a person waits to see the effect, a few times if need be.

    A reply that may have been shown is sent again: a card shown twice can be recognised as stale,
    one that is not shown leaves somebody stuck.
    """
    outcome = await call()
    for attempt in range(1, TRIES):
        if outcome.sent not in WORTH_ANOTHER:
            break
        # Nobody looks here whether it stands after all.
        asked = outcome.retry_after if outcome.sent is not Sent.UNKNOWN else None
        wanted = asked.total_seconds() if asked else 0.5 * attempt
        await asyncio.sleep(min(wanted, LONGEST_PAUSE))
        outcome = await call()
    if not outcome.ok:
        raise NotSent(outcome)
    return outcome
