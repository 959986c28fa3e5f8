"""What the bot says at once: a card with a summary, or plain words."""

from dataclasses import dataclass
from typing import Any

from microsoft_teams.cards.core import AdaptiveCard

ADAPTIVE = "application/vnd.microsoft.card.adaptive"
Json = dict[str, Any]


@dataclass(frozen=True)
class Message:
    """One message: a card (its text for notifications is `summary`), or plain text alone.

    A card travels without text: Teams splits the two and loses the id.
    """

    summary: str
    card: Json | None = None

    def activity(self) -> Json:
        """Return the message as a Bot Framework activity."""
        if self.card is None:
            return {"type": "message", "text": self.summary, "textFormat": "plain"}
        attachment = {"contentType": ADAPTIVE, "content": self.card}
        return {"type": "message", "summary": self.summary, "attachments": [attachment]}


def with_card(summary: str, card: AdaptiveCard) -> Message:
    """Return the message that shows a card."""
    return Message(summary, card.model_dump(by_alias=True, exclude_none=True))
