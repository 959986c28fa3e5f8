"""The card of a batch: the cases that one number list became, and how far they are as a whole."""

from collections.abc import Sequence

from microsoft_teams.cards.core import CardElement, Column, ColumnSet, Container, ExecuteAction

from cards.answers import subject
from cards.case import closed_of, holds, show_button, sign_of, status_words
from cards.message import Message
from cards.parts import buttons, execute, heading, line, message, shortened, small, words
from cards.press import Ask, Press
from cases.batches import rolled_up
from cases.model import Case
from strings import Text

BATCH = "batch"
"""The `view` of the button that draws this card anew, in its place."""


def batch_card(parts: Sequence[Case], text: Text) -> Message:
    """Return all parts of a batch in their order, each with its status and a button."""
    first, whole = parts[0], rolled_up(parts)
    title = text.count("batch.title", whole.parts)
    said = [text(f"status.{whole.status}"), closed_of(whole, text)]
    if whole.ball:
        said.insert(1, text(f"ball.{whole.ball}"))
    body: list[CardElement] = [
        small(subject(first.type, first.country, text)),
        heading(title),
        words(shortened(first.title, 80), bold=True),
        line(f"{sign_of(whole.status)} {' · '.join(said)}"),
        *(_part(part, text) for part in parts),
        buttons(_again(first, text)),
    ]
    return message(text, title, body)


def _again(case: Case, text: Text) -> ExecuteAction:
    press = Press(verb=Ask.PARTS, case=case.number, view=BATCH)
    return execute(text("button.refresh"), press, action_id="refresh")


def _part(part: Case, text: Text) -> Container:
    about: list[CardElement] = [
        words(f"{part.number} · {holds(part, text)}", bold=True),
        small(f"{sign_of(part.status)} {status_words(part, text)}"),
    ]
    shown = Column(
        width="auto",
        items=[buttons(show_button(part, text))],
        vertical_content_alignment="Center",
    )
    columns = [Column(width="stretch", items=about), shown]
    return Container(items=[ColumnSet(columns=columns)], separator=True)
