"""The checklist of papers: what is asked for, what each must show, what came and what is stale."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from microsoft_teams.cards.core import (
    Action,
    CardElement,
    ChoiceSetInput,
    Container,
    ContainerStyle,
    TextBlock,
)
from microsoft_teams.cards.core import (
    Choice as ChoiceElement,
)

from cards.intake import LONGEST_FILE_NAME, Sheet, form
from cards.message import Message
from cards.parts import (
    buttons,
    fitted,
    fold,
    harmless,
    line,
    shortened,
    small,
    submit,
    trouble,
    words,
)
from cards.press import Ask
from cards.problems import told
from cases.countries import all_countries
from cases.model import FileRef, Problem
from cases.papers import TOLL_FREE_LETTER, Item, Paper, State, checklist_of, others, places
from strings import Text

FILE_INPUT = "file_"
"""In front of the number of a received file: the input that says which paper it is."""
REMOVE = "remove"
LONGEST_NOTE = 3000
"""Characters of what is said of the files that were just dropped."""
SORTING = "sorting"
"""The part of the card where files are given other places."""

_LOOK: dict[State, ContainerStyle] = {State.STALE: "warning"}


def file_mark(index: int, file: FileRef) -> str:
    """Return what a button names a received file by: its place and its content."""
    return f"{index}:{file.sha256[:12]}"


def papers_card(sheet: Sheet) -> Message:
    """Return the checklist: what is wanted and what it must show, what came, and what else helps.

    Each paper that the case waits for is an element with the paper's id.
    """
    return fitted(lambda most: _papers_card(_with_short_names(sheet, most)))


def _with_short_names(sheet: Sheet, most: int) -> Sheet:
    longest = min(LONGEST_FILE_NAME, most)
    files = (file.but(name=shortened(file.name, longest)) for file in sheet.draft.files)
    note = shortened(sheet.note, LONGEST_NOTE * longest // LONGEST_FILE_NAME)
    return replace(sheet, draft=sheet.draft.but(files=tuple(files)), note=note)


def _papers_card(sheet: Sheet) -> Message:
    text, files, items = sheet.text, sheet.draft.files, checklist_of(sheet.draft)
    body: list[CardElement] = [line(text("papers.how"))]
    body += [_item(item, sheet) for item in items if item.paper.required]
    helpful = [_item(item, sheet, named=False) for item in items if not item.paper.required]
    if helpful:
        body.append(_group(text("papers.optional"), helpful))
    rest = others(files, items)
    if rest:
        label = text("field.documents.label")
        body.append(_group(label, [part for file in rest for part in _file(file, sheet)]))
    if files:
        body += _sorting(sheet, items)
    return form(sheet, body)


def _group(title: str, items: Iterable[CardElement]) -> Container:
    head = TextBlock(text=title, weight="Bolder", wrap=True)
    return Container(items=[head, *items], separator=True, spacing="Medium")


def _item(item: Item, sheet: Sheet, *, named: bool = True) -> Container:
    """Return one paper: whether it is here, what it must show, its files and what is wrong."""
    text, paper = sheet.text, item.paper.id
    label = text(f"field.{paper}.label")
    title = text(f"papers.{item.state}", label=label)
    parts: list[CardElement] = [
        TextBlock(text=title, wrap=True, weight="Bolder"),
        small(shows(item.paper, sheet)),
    ]
    for file in item.files:
        parts += _file(file, sheet, item)
    problem = sheet.problems.get(paper) or _staleness(item)
    if problem:
        parts.append(trouble(told(problem, text, label), f"problem_{paper}"))
    if item.state is State.STALE:
        vouch = submit(text("button.vouch"), sheet.press(Ask.VOUCH, value=paper))
        parts.append(buttons(vouch))
    if sheet.draft.awaited == paper:
        parts.append(small(text("papers.awaited")))
    style = _LOOK.get(item.state, "emphasis")
    return Container(id=paper if named else None, items=parts, style=style, spacing="Small")


def _staleness(item: Item) -> Problem | None:
    if item.state is not State.STALE:
        return None
    return Problem(code="paper_stale", params={"fields": [*item.changed]})


def shows(paper: Paper, sheet: Sheet) -> str:
    """Return what a paper must show, in one line; of a letter, on which form it is written."""
    text, iso = sheet.text, str(sheet.draft.answers.get("country", ""))
    if paper.id == TOLL_FREE_LETTER:
        return text("papers.second_letter")
    if paper.letter is None:
        return text(f"field.{paper.id}.shows")
    partner = all_countries()[iso].partner
    return text(f"letter.{paper.letter}", country=text.country(iso), partner=partner)


def _file(file: FileRef, sheet: Sheet, item: Item | None = None) -> list[CardElement]:
    """Return a file's name with what can be done about it."""
    text = sheet.text
    mark = file_mark(sheet.draft.files.index(file), file)
    actions: list[Action] = []
    if item is not None and file is item.files[0]:
        actions.append(
            submit(text("button.replace"), sheet.press(Ask.REPLACE, value=item.paper.id))
        )
    actions.append(submit(text("button.remove"), sheet.press(Ask.REMOVE, value=mark)))
    return [words(file.name), buttons(*actions)]


def _sorting(sheet: Sheet, items: Sequence[Item]) -> list[CardElement]:
    """Return what gives files other places, folded away: most need none."""
    text = sheet.text
    questions = [_which(at, file, items, text) for at, file in enumerate(sheet.draft.files)]
    return fold(SORTING, text("button.sort"), questions)


def _which(index: int, file: FileRef, items: Sequence[Item], text: Text) -> ChoiceSetInput:
    possible = places(items, file)
    options = [(place, text(f"field.{place}.label")) for place in possible]
    options.append((REMOVE, text("papers.remove")))
    return ChoiceSetInput(
        id=f"{FILE_INPUT}{index}",
        label=text("papers.which", name=harmless(file.name)),
        style="compact",
        value=file.field if file.field in possible else possible[-1],
        choices=[ChoiceElement(title=title, value=value) for value, title in options],
    )
