"""The seam to botbuilder: here, and only here, turns are spoken through its `TurnContext`."""

from dataclasses import dataclass, replace

from botbuilder.core import TurnContext
from botbuilder.schema import Activity, Attachment

from cards.message import ADAPTIVE, Message
from cases.ports import Outcome
from dialogs.turn import Reply, Turn


class NotSent(Exception):
    """A reply does not stand, as far as is known; what it says is saved all the same."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(outcome.why or outcome.sent)
        self.outcome = outcome


def to_activity(message: Message, activity_id: str = "") -> Activity:
    """Return a message as the SDK's type; a card travels without text."""
    if message.card is None:
        return Activity(type="message", id=activity_id, text=message.summary, text_format="plain")
    attachment = Attachment(content_type=ADAPTIVE, content=message.card)
    return Activity(
        type="message", id=activity_id, summary=message.summary, attachments=[attachment]
    )


@dataclass(frozen=True)
class Spoken:
    """Where a turn's replies stand: the card of the open stage, and the messages that are over."""

    opened: str = ""
    closed: tuple[str, ...] = ()
    progress: tuple[str, ...] = ()
    """The messages that tell how far long checks are, in their order."""


async def speak(context: TurnContext, turn: Turn) -> Spoken:
    """Say all of a turn, in order; raises `NotSent` for what must be said and cannot."""
    spoken = Spoken()
    for reply in turn.replies:
        activity_id = await _say(context, reply)
        if reply.opens:
            spoken = replace(spoken, opened=activity_id)
        elif reply.progress:
            spoken = replace(spoken, progress=(*spoken.progress, activity_id))
        elif activity_id and activity_id == reply.over:
            spoken = replace(spoken, closed=(*spoken.closed, activity_id))
    return spoken


async def _say(context: TurnContext, reply: Reply) -> str:
    if reply.over:
        try:
            await context.update_activity(to_activity(reply.message, reply.over))
        except NotSent:
            # An old card that stays as it was does no harm: a press on it is answered as stale.
            if not reply.needed:
                return ""
        else:
            return reply.over
    response = await context.send_activity(to_activity(reply.message))
    return str(response.id) if response and response.id else ""
