"""The seam to botbuilder: here, and only here, turns are spoken through its `TurnContext`."""

from botbuilder.core import TurnContext
from botbuilder.schema import Activity, Attachment

from cards.message import ADAPTIVE, Message
from cases.ports import Outcome, Sent
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


async def speak(context: TurnContext, turn: Turn) -> str:
    """Say all of a turn, in order, and return the id of the card that shows the open stage."""
    opened = ""
    for reply in turn.replies:
        activity_id = await _say(context, reply)
        opened = activity_id if reply.opens else opened
    return opened


async def _say(context: TurnContext, reply: Reply) -> str:
    if reply.over:
        try:
            await context.update_activity(to_activity(reply.message, reply.over))
        except NotSent as failure:
            # The message that was to be replaced is gone; what it says must still be said.
            if failure.outcome.sent is not Sent.GONE:
                raise
        else:
            return reply.over
        if not reply.opens:
            return ""
    response = await context.send_activity(to_activity(reply.message))
    return str(response.id) if response and response.id else ""
