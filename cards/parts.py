"""The pieces that all cards are made of, and the one place where people's words become harmless."""

import re
from collections.abc import Callable, Iterable, Sequence

from microsoft_teams.cards.core import (
    Action,
    ActionSet,
    ActionStyle,
    AdaptiveCard,
    CardElement,
    Column,
    ColumnSet,
    Container,
    ExecuteAction,
    RichTextBlock,
    ShowCardAction,
    SubmitAction,
    TextBlock,
    TextColor,
    TextRun,
    TextWeight,
    ToggleVisibilityAction,
)

from cards.message import Message, with_card
from cards.press import Ask, Press
from strings import Text

_ALIVE = re.compile(r"\{\{(?=DATE|TIME)|\$\{")
_MARKDOWN = re.compile(r"([\\`*_\[\]~<>#])")
MOST_RUNS = 12
"""Lines of somebody's text that are runs of their own; the rest is the last one's."""
GLIMPSE = 600
"""Characters of an answer where all answers are shown."""
SMALLER = (200, 60, 20)
"""Characters of each text on a card that would be too big with more of them."""
SHORT = 300
"""Characters of somebody's text where only a glimpse is due."""


def harmless(text: str) -> str:
    """Return somebody's words with templates and functions of cards taken apart."""
    return _ALIVE.sub(lambda found: found[0][0] + "\u200a" + found[0][1:], text)


def escaped(text: str) -> str:
    """Return somebody's words for a place that reads markdown."""
    return _MARKDOWN.sub(r"\\\1", harmless(text))


def bare(name: str) -> str:
    """Return a name without signs that mean something, for where they cannot be escaped."""
    return _MARKDOWN.sub("", harmless(name))


def shortened(text: str, most: int = SHORT) -> str:
    """Return the beginning of a text, cut at a blank where there is one near."""
    if len(text) <= most:
        return text
    cut = text.rfind(" ", most * 3 // 4, most)
    return text[: cut if cut > 0 else most].rstrip() + "…"


def heading(text: str) -> TextBlock:
    """Return the title of a card."""
    return TextBlock(text=text, wrap=True, size="Large", weight="Bolder", style="heading")


def line(text: str, *, color: TextColor | None = None) -> TextBlock:
    """Return a sentence of ours."""
    return TextBlock(text=text, wrap=True, color=color)


def small(text: str) -> TextBlock:
    """Return a quiet line of ours."""
    return TextBlock(text=text, wrap=True, size="Small", is_subtle=True, spacing="Small")


def trouble(text: str, element_id: str | None = None) -> TextBlock:
    """Return what is wrong, told by a sign and words as well as by colour; it quotes people.

    Of several paragraphs, only the first one stands out.
    """
    head, *rest = text.split("\n\n")
    said = f"**⚠ {escaped(head)}**" if rest else f"⚠ {escaped(head)}"
    return TextBlock(
        id=element_id,
        text="\n\n".join((said, *map(escaped, rest))),
        wrap=True,
        color="Attention",
        weight=None if rest else "Bolder",
        size="Small",
        spacing="Small",
    )


def remarks(title: str, sentences: Sequence[str]) -> list[CardElement]:
    """Return sentences that somebody should know, under a title; they may quote people."""
    if not sentences:
        return []
    head = TextBlock(text=title, weight="Bolder", wrap=True)
    told = [TextBlock(text=f"• {escaped(one)}", wrap=True, spacing="Small") for one in sentences]
    return [Container(items=[head, *told], style="warning", spacing="Medium")]


def words(text: str, *, bold: bool = False) -> RichTextBlock:
    """Return what a person wrote: no markdown, mention or link of theirs comes alive."""
    first, *more = harmless(text).split("\n", MOST_RUNS)
    weight: TextWeight | None = "Bolder" if bold else None
    runs: list[CardElement] = [TextRun(text=first or " ", weight=weight)]
    runs += [TextRun(text=f"\n{part}", weight=weight) for part in more]
    return RichTextBlock(inlines=runs)


def tagged(tag: str, said: str) -> RichTextBlock:
    """Return a word of ours in green and somebody's words after it, in one line."""
    head = TextRun(text=f"{tag}  ", weight="Bolder", color="Good")
    runs: list[CardElement] = [head, TextRun(text=harmless(said).replace("\n", " "))]
    return RichTextBlock(inlines=runs)


def fact(label: str, value: str) -> ColumnSet:
    """Return a label and its value side by side, readable when narrow."""
    name = TextBlock(text=label, wrap=True, is_subtle=True)
    return ColumnSet(
        spacing="Small",
        columns=[Column(width=2, items=[name]), Column(width=3, items=[words(value)])],
    )


def facts(rows: Iterable[tuple[str, str]]) -> Container:
    """Return labels and values as a table of two columns."""
    return Container(items=[fact(label, value) for label, value in rows])


def card(text: Text, body: Sequence[CardElement], actions: Sequence[Action] = ()) -> AdaptiveCard:
    """Return a card of the version that Teams draws everywhere, in one language."""
    return AdaptiveCard(
        version="1.5", lang=text.language, body=list(body), actions=list(actions) or None
    )


def fitted(draw: Callable[[int], Message]) -> Message:
    """Return the message with as many characters of each text as a card can take."""
    drawn = draw(GLIMPSE)
    for most in SMALLER:
        if drawn.fits:
            break
        drawn = draw(most)
    return drawn


def message(
    text: Text, summary: str, body: Sequence[CardElement], actions: Sequence[Action] = ()
) -> Message:
    """Return the message that shows such a card."""
    return with_card(summary, card(text, body, actions))


def submit(title: str, press: Press, *, primary: bool = False, bare: bool = False) -> SubmitAction:
    """Return a button of a form; a bare one sends no inputs and does not insist on them."""
    return SubmitAction(
        title=title,
        style="positive" if primary else None,
        associated_inputs="none" if bare else None,
        data=press.data(),
    )


def execute(
    title: str, press: Press, *, action_id: str, primary: bool = False, danger: bool = False
) -> ExecuteAction:
    """Return a button of a case card, with a fallback for clients that know only forms."""
    style: ActionStyle | None = "positive" if primary else "destructive" if danger else None
    return ExecuteAction(
        id=action_id,
        title=title,
        verb=str(press.verb),
        data=press.data(),
        style=style,
        fallback=SubmitAction(title=title, data=press.data()),
    )


def unfold(title: str, inner: AdaptiveCard, *, action_id: str) -> ShowCardAction:
    """Return a button that opens a small form below it."""
    return ShowCardAction(id=action_id, title=title, card=inner)


def fold(
    element_id: str, title: str, items: Sequence[CardElement], *, is_open: bool = False
) -> list[CardElement]:
    """Return a button and what it shows or hides; hidden inputs are sent all the same."""
    toggle = ToggleVisibilityAction(title=title, target_elements=[element_id])
    folded = Container(
        id=element_id, items=list(items), is_visible=None if is_open else False, spacing="Small"
    )
    return [Container(items=[buttons(toggle), folded], separator=True, spacing="Medium")]


def buttons(*actions: Action) -> ActionSet:
    """Return buttons that stand within the body."""
    return ActionSet(actions=list(actions), spacing="Small")


def show_button(number: str, text: Text) -> SubmitAction:
    """Return a button that shows a case by its number."""
    title = text("button.show_case", number=number)
    return submit(title, Press(verb=Ask.SHOW, case=number), bare=True)
