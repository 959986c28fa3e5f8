"""The checklist of papers: what is asked for, what each must show, what came and what is stale."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from microsoft_teams.cards.core import (
    Action,
    CardElement,
    ChoiceSetInput,
    Column,
    ColumnSet,
    Container,
    RichTextBlock,
    TextBlock,
    TextRun,
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
)
from cards.press import Ask
from cards.problems import told
from cases.countries import all_countries
from cases.model import FileRef, Problem
from cases.papers import (
    TOLL_FREE_LETTER,
    Item,
    Paper,
    State,
    checklist_of,
    counted,
    open_places,
    others,
    places,
    spot,
)
from strings import Text

FILE_INPUT = "file_"
"""In front of the number of a received file: the input that says which paper it is."""
REMOVE = "remove"
LONGEST_NOTE = 2400
"""Characters of what is said of the files that were just dropped."""
MOST_OFFERS = 5
"""Papers that one file is offered to be."""
SORTING = "sorting"
"""The part of the card where files are given other places."""


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
    stale = [item.paper.id for item in items if item.state is State.STALE]
    urgent = next(iter(stale), "")
    body: list[CardElement] = [*_progress(items, text), line(text("papers.how"))]
    body += [_item(item, sheet, items, urgent) for item in items if item.paper.required]
    helpful = [_item(item, sheet, items, urgent) for item in items if not item.paper.required]
    if helpful:
        body.append(_group(text("papers.optional"), helpful))
    rest = others(files, items)
    if rest:
        label = text("field.documents.label")
        body.append(
            _group(label, [part for f in rest for part in (_name(f), *_offers(f, sheet, items))])
        )
    if files:
        body += _sorting(sheet, items)
    # Going on is no way out of an outdated letter: Replace stands out instead.
    return form(sheet, body, primary=not urgent)


def _progress(items: Sequence[Item], text: Text) -> list[CardElement]:
    """Return how many of the required papers are here, or that none is required."""
    here, required = counted(items)
    if required:
        said = text("papers.counter", here=text.number(here), required=text.number(required))
        return [TextBlock(text=said, wrap=True, weight="Bolder")]
    return [line(text("papers.none_required"))] if items else []


def _group(title: str, items: Iterable[CardElement]) -> Container:
    head = TextBlock(text=title, weight="Bolder", wrap=True)
    return Container(items=[head, *items], separator=True, spacing="Medium")


def _item(item: Item, sheet: Sheet, items: Sequence[Item], urgent: str) -> Container:
    """Return one paper: where it stands, its files, and what can be done about them."""
    text, paper = sheet.text, item.paper.id
    title = line(text(f"papers.{item.state}", label=text(f"field.{paper}.label")))
    is_stale, told_of = item.state is State.STALE, _told_of(item, sheet, items)
    press = sheet.press(Ask.REPLACE, value=paper)
    replace_it = submit(text("button.replace"), press, primary=paper == urgent)
    body: list[CardElement] = [title, *told_of]
    if is_stale:
        vouch = submit(text("button.vouch"), sheet.press(Ask.VOUCH, value=paper))
        body = [_bold(title), *told_of, buttons(replace_it, vouch)]
    elif item.files:
        body = [_beside(body, replace_it)]
    return Container(
        id=paper if item.paper.required else None,
        items=[*body, *(part for file in item.files for part in _offers(file, sheet, items))],
        style="warning" if is_stale else None,
        separator=True,
    )


def _told_of(item: Item, sheet: Sheet, items: Sequence[Item]) -> list[CardElement]:
    """Return what is wrong with a paper, what it must show while it is not here, and its files."""
    parts: list[CardElement] = [*_trouble(item, sheet)]
    if not item.files:
        parts.append(small(shows(item.paper, sheet)))
    parts += [*_same_elsewhere(item, items, sheet.text), *map(_name, item.files)]
    if sheet.draft.awaited == item.paper.id:
        parts.append(small(sheet.text("papers.awaited")))
    return parts


def _bold(title: TextBlock) -> TextBlock:
    return title.model_copy(update={"weight": "Bolder"})


def _beside(items: Sequence[CardElement], action: Action) -> ColumnSet:
    """Return elements with a button beside them."""
    return ColumnSet(
        columns=[
            Column(width="stretch", items=list(items), vertical_content_alignment="Center"),
            Column(width="auto", items=[buttons(action)], vertical_content_alignment="Center"),
        ]
    )


def _trouble(item: Item, sheet: Sheet) -> Iterator[TextBlock]:
    paper = item.paper.id
    problem = sheet.problems.get(paper) or _staleness(item)
    if problem:
        said = told(problem, sheet.text, sheet.text(f"field.{paper}.label"))
        yield trouble(said, f"problem_{paper}")


def _same_elsewhere(item: Item, items: Sequence[Item], text: Text) -> Iterator[TextBlock]:
    """Yield which other papers the same content serves for: mostly a slip."""
    mine = {file.sha256 for file in item.files}
    for other in items:
        if other is not item and any(file.sha256 in mine for file in other.files):
            yield small(text("papers.same_as", label=text(f"field.{other.paper.id}.label")))


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


def _name(file: FileRef) -> RichTextBlock:
    run: list[CardElement] = [TextRun(text=harmless(file.name), size="Small", is_subtle=True)]
    return RichTextBlock(inlines=run, spacing="None")


def _offers(file: FileRef, sheet: Sheet, items: Sequence[Item]) -> list[CardElement]:
    """Return which other papers a file may be, where its place was guessed."""
    text, verb = sheet.text, sheet.draft.unsure.get(spot(file), "")
    offered = open_places(items, file) if verb else ()
    if not offered:
        return []
    mark = file_mark(sheet.draft.files.index(file), file)
    offers = [
        submit(text(f"field.{paper}.label"), sheet.press(Ask(verb), value=f"{mark}:{paper}"))
        for paper in offered[:MOST_OFFERS]
    ]
    return [small(text(f"papers.offer.{verb}")), buttons(*offers)]


def _sorting(sheet: Sheet, items: Sequence[Item]) -> list[CardElement]:
    """Return what gives files other places, folded away: most need none."""
    text = sheet.text
    questions = [
        part
        for at, file in enumerate(sheet.draft.files)
        for part in (_which(at, file, items, text), buttons(_remove(at, file, sheet)))
    ]
    # Several guesses at once are best looked at all together.
    is_open = list(sheet.draft.unsure.values()).count(Ask.PLACE) > 1
    return fold(SORTING, text("button.sort"), questions, is_open=is_open)


def _remove(index: int, file: FileRef, sheet: Sheet) -> Action:
    press = sheet.press(Ask.REMOVE, value=file_mark(index, file))
    return submit(sheet.text("button.remove"), press)


def _which(index: int, file: FileRef, items: Sequence[Item], text: Text) -> ChoiceSetInput:
    possible = places(items, file)
    options = [(place, text(f"field.{place}.label")) for place in possible]
    return ChoiceSetInput(
        id=f"{FILE_INPUT}{index}",
        label=text("papers.which", name=harmless(file.name)),
        style="compact",
        value=file.field if file.field in possible else possible[-1],
        choices=[ChoiceElement(title=title, value=value) for value, title in options],
    )
