"""What agents see of how their words reached the people of a case."""

from collections.abc import Iterable

from microsoft_teams.cards.core import CardElement

from cards.message import Message
from cards.parts import escaped, harmless, line, message, shortened, small
from cases.model import Case, Event, Receipt
from cases.vocabulary import Way
from strings import Text

MOST_NAMES = 3
LONGEST = 60
"""Characters of a name or an address."""


def receipt_lines(event: Event, text: Text) -> Iterable[CardElement]:
    """Yield whom an event reached in Teams and by mail, and each whom it did not reach in Teams."""
    plain = [one for one in event.receipts if one.obstacle is None]
    for way in (Way.CHAT, Way.MAIL):
        names = [_name(one, text) for one in plain if one.way is way]
        if names:
            yield small(text(f"receipt.{way}", names=_some(names, text)))
    for one in event.receipts:
        if one.obstacle is not None:
            yield line(_not_in_chat(one, _name(one, text), text), color="Warning")


def receipt_message(case: Case, receipt: Receipt, text: Text) -> Message:
    """Return what the case's thread is told where somebody's chat did not take the desk's words."""
    body: list[CardElement] = [line(_not_in_chat(receipt, _name(receipt, text), text))]
    if receipt.way is Way.NONE:
        body.append(small(text("receipt.advice")))
    plain = harmless(shortened(receipt.name, LONGEST)) or text("receipt.somebody")
    return message(text, f"{case.number}: {_not_in_chat(receipt, plain, text)}", body)


def _not_in_chat(receipt: Receipt, name: str, text: Text) -> str:
    key = "receipt.mail_instead" if receipt.way is Way.MAIL else "receipt.none"
    return text(key, name=name, why=text(f"receipt.obstacle.{receipt.obstacle}"))


def _name(receipt: Receipt, text: Text) -> str:
    return escaped(shortened(receipt.name, LONGEST)) or text("receipt.somebody")


def _some(names: list[str], text: Text) -> str:
    """Return names side by side, and how many more there are."""
    more = len(names) - MOST_NAMES
    head = ", ".join(names[:MOST_NAMES])
    return f"{head} +{text.number(more)}" if more > 0 else head
