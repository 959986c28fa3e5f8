"""What the bot says at once: a card with a summary, or plain words."""

import json
from dataclasses import dataclass
from typing import Any

from microsoft_teams.cards.core import AdaptiveCard

ADAPTIVE = "application/vnd.microsoft.card.adaptive"
Json = dict[str, Any]
LARGEST = 20_000
"""Bytes of a card; Teams refuses larger messages, with something to spare for the rest of them."""


@dataclass(frozen=True)
class Message:
    """One message: a card (its text for notifications is `summary`), or plain text alone.

    A card travels without text: Teams splits the two and loses the id.
    """

    summary: str
    card: Json | None = None

    @property
    def fits(self) -> bool:
        """Whether the card is small enough to be sent."""
        return len(json.dumps(self.card, ensure_ascii=False).encode()) < LARGEST

    def activity(self) -> Json:
        """Return the message as a Bot Framework activity."""
        if self.card is None:
            return {"type": "message", "text": self.summary, "textFormat": "plain"}
        attachment = {"contentType": ADAPTIVE, "content": self.card}
        return {"type": "message", "summary": self.summary, "attachments": [attachment]}


def marked(activity: Json, mark: str) -> Json:
    """Return an activity whose card can be found again: its first element has the mark for an id.

    What is given stays as it is; words without a card are returned unmarked.
    """
    attachments = activity.get("attachments") or []
    body = attachments[0]["content"].get("body") if attachments else None
    if not body:
        return activity
    card = {**attachments[0]["content"], "body": [{**body[0], "id": mark}, *body[1:]]}
    return {**activity, "attachments": [{**attachments[0], "content": card}, *attachments[1:]]}


def with_card(summary: str, card: AdaptiveCard) -> Message:
    """Return the message that shows a card."""
    return Message(summary, card.model_dump(by_alias=True, exclude_none=True))
