"""The cards of the intake: one per stage, its summary once it is finished, and the checklist."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from microsoft_teams.cards.core import (
    Action,
    CardElement,
    ChoiceSetInput,
    Column,
    ColumnSet,
    Container,
    TextBlock,
)
from microsoft_teams.cards.core import (
    Choice as ChoiceElement,
)

from cards.answers import (
    common_rows,
    detail_rows,
    detail_sections,
    groups_of,
    numbers_shown,
    subject,
)
from cards.inputs import Slot, elements
from cards.lists import has_way_out, list_details
from cards.message import Message
from cards.parts import (
    GLIMPSE,
    buttons,
    facts,
    fitted,
    fold,
    heading,
    line,
    message,
    remarks,
    shortened,
    small,
    submit,
    tagged,
    trouble,
    words,
)
from cards.press import Ask, Press
from cards.problems import cautioned, told
from cases.catalogue import DOCUMENTS, belonging
from cases.fields import Field
from cases.kinds import Asked, NumberList
from cases.model import Caution, Draft, FileRef, Problem
from cases.papers import checklist_of
from cases.preflight import unanswered
from cases.vocabulary import CaseType, Category
from strings import Text

LONGEST_FILE_NAME = 60
"""Characters of a file's name on a card."""


@dataclass(frozen=True)
class Sheet:
    """What a stage's card shows: the draft, where the stage stands, and what is typed into it."""

    draft: Draft
    stage: str
    step: int
    steps: int
    typed: Mapping[str, str]
    problems: Mapping[str, Problem]
    text: Text
    note: str = ""
    """A sentence above the questions, such as what was just received."""

    @property
    def title(self) -> str:
        """The stage's title."""
        return self.text(f"stage.{self.stage}.title")

    def press(self, verb: Ask, **more: str) -> Press:
        """Return a button of this very card."""
        return Press(verb=verb, draft=self.draft.id, stage=self.stage, rev=self.draft.rev, **more)


def _head(sheet: Sheet) -> Iterable[CardElement]:
    text, answers = sheet.text, sheet.draft.answers
    # How many steps there are is known only once it is known what is asked for.
    known = "case_type" in answers or answers.get("category") == Category.GENERAL_INQUIRY
    key = "form.step" if known else "form.first_steps"
    where = text(key, step=sheet.step, steps=sheet.steps)
    if answers.get("category"):
        kind = answers.get("case_type")
        about = (
            subject(str(kind), "", text) if kind else text(f"category.{answers['category']}.name")
        )
        country = answers.get("country")
        where = " · ".join((where, about, *((text.country(str(country)),) if country else ())))
    yield small(where)
    yield heading(sheet.title)
    if sheet.note:
        yield words(sheet.note)
    unplaced = [sheet.problems[key] for key in sheet.problems if key.startswith("stage")]
    yield from (trouble(told(problem, text)) for problem in unplaced)


def _foot(sheet: Sheet, *primary: Action) -> list[Action]:
    text = sheet.text
    back = submit(text("button.back"), sheet.press(Ask.BACK), bare=True)
    aside = submit(text("button.put_aside"), sheet.press(Ask.PUT_ASIDE), bare=True)
    return [*primary, *((back,) if sheet.step > 1 else ()), aside]


def form(sheet: Sheet, body: Sequence[CardElement], *, primary: bool = True) -> Message:
    """Return a question with Continue, Back and Finish later below it.

    Continue is not `primary` where another button in the body is.
    """
    go_on = submit(sheet.text("button.continue"), sheet.press(Ask.ANSWER), primary=primary)
    return message(sheet.text, sheet.title, [*_head(sheet), *body], _foot(sheet, go_on))


def options_card(sheet: Sheet, field: str, options: Sequence[str], words_of: str) -> Message:
    """Return a question with a button per option; `words_of` is where the words are found."""
    text = sheet.text
    chosen = sheet.draft.answers.get(field)
    likeliest = chosen if chosen in options else options[0]
    body: list[CardElement] = [*_head(sheet)]
    if field in sheet.problems:
        body.append(trouble(told(sheet.problems[field], text)))
    for option in options:
        press = sheet.press(Ask.ANSWER, field=field, value=option)
        name = text(f"{words_of}.{option}.name")
        button = submit(name, press, primary=option == likeliest, bare=True)
        body.append(
            Container(
                items=[buttons(button), small(text(f"{words_of}.{option}.about"))],
                spacing="Medium",
            )
        )
    return message(text, sheet.title, body, _foot(sheet))


def country_card(sheet: Sheet, isos: Iterable[str]) -> Message:
    """Return the question for the country, by name in the alphabet of the language."""
    text = sheet.text
    choices = [ChoiceElement(title=name, value=iso) for name, iso in text.countries(isos)]
    label = text("field.country.label")
    question = ChoiceSetInput(
        id="country",
        label=label,
        placeholder=text("field.country.hint"),
        style="filtered",
        choices=choices,
        value=sheet.typed.get("country") or None,
        is_required=True,
        error_message=text("error.not_a_choice", label=label),
    )
    body: list[CardElement] = [small(text("field.country.note")), question]
    if "country" in sheet.problems:
        body.append(trouble(told(sheet.problems["country"], text), "problem_country"))
    return form(sheet, body)


def form_card(sheet: Sheet, fields: Iterable[Field], asked: Asked) -> Message:
    """Return the questions of a stage as a form; those of a section are folded away below."""
    slots = [
        Slot(field, asked, sheet.typed, sheet.problems, sheet.text, _held(sheet, field))
        for field in fields
    ]
    body = [part for slot in slots if not slot.field.section for part in _drawn(slot, sheet)]
    for section in dict.fromkeys(slot.field.section for slot in slots):
        body += _folded(section, [s for s in slots if s.field.section == section], sheet)
    return form(sheet, body, primary=not any(map(_has_way_out, slots)))


def _has_way_out(slot: Slot) -> bool:
    problem = slot.problems.get(slot.id)
    return isinstance(slot.field.kind, NumberList) and problem is not None and has_way_out(problem)


def _drawn(slot: Slot, sheet: Sheet) -> Iterable[CardElement]:
    problem = sheet.problems.get(slot.id)
    if problem is None or not isinstance(slot.field.kind, NumberList):
        return elements(slot)
    listed, reason, *notes = elements(slot)
    # What can be done about it stands where the reason stands.
    details = list_details(problem, sheet.press(Ask.LEAVE_OUT), sheet.text)
    return (listed, reason, *details, *notes)


def _folded(section: str, slots: Sequence[Slot], sheet: Sheet) -> list[CardElement]:
    """Return a section of a form, open once something in it is answered, wrong or asked for."""
    if not section:
        return []
    text = sheet.text
    touched = any(slot.value or slot.id in sheet.problems for slot in slots)
    inner = [element for slot in slots for element in elements(slot)]
    about = small(text(f"section.{section}.about"))
    # Whoever comes back from the review was told there what is not answered.
    is_open = touched or "about" in sheet.draft.finished
    title = text(f"section.{section}.title")
    return fold(f"section_{section}", title, [about, *inner], is_open=is_open)


def _held(sheet: Sheet, field: Field) -> str:
    """Return what is said of a number list that is too long to be shown in its input."""
    value = sheet.draft.answers.get(field.id)
    if not isinstance(field.kind, NumberList) or not value or sheet.typed.get(field.id):
        return ""
    return sheet.text("numbers.held", numbers=numbers_shown(value, sheet.text))


def review_card(sheet: Sheet, stages: Sequence[str], cautions: Sequence[Caution] = ()) -> Message:
    """Return everything that was answered, with a button per stage to change it, and Submit.

    `cautions` is what has to be told of it before it is sent.
    """
    return fitted(lambda most: _review_card(sheet, stages, cautions, most))


def _review_card(
    sheet: Sheet, stages: Sequence[str], cautions: Sequence[Caution], most: int
) -> Message:
    text = sheet.text
    parts = len(groups_of(belonging(sheet.draft.answers).get("numbers")))
    body: list[CardElement] = [*_head(sheet), line(text("review.how"))]
    body += [line(text.count("review.parts", parts))] if parts else []
    body += remarks(text("review.cautions"), [cautioned(one, text) for one in cautions])
    body += [_section(sheet, stage, most) for stage in stages]
    body += _may_help(sheet) if "papers" not in stages else []
    title = text.count("button.submit_parts", parts) if parts else text("button.submit")
    send = submit(title, sheet.press(Ask.SEND), primary=True)
    return message(text, sheet.title, body, _foot(sheet, send))


def _may_help(sheet: Sheet) -> list[CardElement]:
    """Return what may be dropped though nothing waits for it, where there is no checklist."""
    helpful = (item.paper.id for item in checklist_of(sheet.draft))
    labels = [sheet.text(f"field.{paper}.label") for paper in helpful]
    return [small(sheet.text("papers.may_help", papers=", ".join(labels)))] if labels else []


def _section(sheet: Sheet, stage: str, most: int) -> Container:
    """Return what a stage was answered with: a single choice in one line, a form as a table."""
    text, rows = sheet.text, answered(stage, sheet.draft, sheet.text, most)
    title = TextBlock(text=text(f"stage.{stage}.name"), weight="Bolder", wrap=True)
    is_choice = stage in {"category", "country", "case_type"} or _is_bare(sheet, stage)
    items: list[CardElement] = [title, *(words(value) for _, value in rows if is_choice)]
    change = submit(text("button.change"), sheet.press(Ask.CHANGE, value=stage), bare=True)
    head = ColumnSet(
        columns=[
            Column(width="stretch", items=items, vertical_content_alignment="Center"),
            Column(width="auto", items=[buttons(change)], vertical_content_alignment="Center"),
        ]
    )
    body: list[CardElement] = [head]
    if not is_choice:
        body += [*_tables(sheet, stage, most), *_unanswered(sheet, stage)]
    return Container(items=body, separator=True, spacing="Medium")


def _is_bare(sheet: Sheet, stage: str) -> bool:
    """Return whether the papers were left out, where none is required."""
    return stage == "papers" and not sheet.draft.files


def _tables(sheet: Sheet, stage: str, most: int) -> Iterable[CardElement]:
    """Yield the answers of a stage as tables, one for each section of its form."""
    text, answers = sheet.text, sheet.draft.answers
    if stage != "details":
        yield facts(answered(stage, sheet.draft, text, most))
        return
    for name, rows in detail_sections(CaseType(str(answers["case_type"])), answers, text, most):
        if name:
            yield TextBlock(text=name, wrap=True, spacing="Medium")
        yield facts(rows)
        if not name:
            yield from _list_report(sheet)


def _list_report(sheet: Sheet) -> list[CardElement]:
    """Return the button that fetches the report on the number list."""
    value = belonging(sheet.draft.answers).get("numbers")
    if not isinstance(value, dict) or not value.get("report"):
        return []
    fetch = submit(sheet.text("button.downloads"), sheet.press(Ask.DOWNLOAD), bare=True)
    return [buttons(fetch)]


def _unanswered(sheet: Sheet, stage: str) -> list[CardElement]:
    """Return which questions a port was not asked to answer and carriers refuse it for."""
    answers, text = sheet.draft.answers, sheet.text
    left = unanswered(answers) if answers.get("case_type") == CaseType.PORT_IN else ()
    if stage != "details" or not left:
        return []
    fields = " · ".join(text(f"field.{field}.label") for field in left)
    answer = submit(text("button.answer_now"), sheet.press(Ask.CHANGE, value=stage), bare=True)
    told_of = text.count("review.unanswered", len(left), fields=fields)
    return [small(told_of), buttons(answer)]


def answered(stage: str, draft: Draft, text: Text, most: int = GLIMPSE) -> list[tuple[str, str]]:
    """Return label and value of what a stage was answered with."""
    answers = draft.answers
    match stage:
        case "category":
            return [(text("field.category.label"), text(f"category.{answers['category']}.name"))]
        case "country":
            return [(text("field.country.label"), text.country(str(answers["country"])))]
        case "case_type":
            return [(text("field.case_type.label"), text(f"type.{answers['case_type']}.name"))]
        case "details":
            return detail_rows(CaseType(str(answers["case_type"])), answers, text, most=most)
        case "about":
            return common_rows(answers, text, most)
        case _ if not draft.files:
            return [(text("stage.papers.name"), text("papers.none"))]
        case _:
            return file_rows(draft.files, text)


def file_rows(files: Iterable[FileRef], text: Text) -> list[tuple[str, str]]:
    """Return what each file is and its name."""
    return [
        (text(f"field.{file.field or DOCUMENTS}.label"), shortened(file.name, LONGEST_FILE_NAME))
        for file in files
    ]


def summary_card(stage: str, draft: Draft, text: Text, cautions: Sequence[Caution] = ()) -> Message:
    """Return what a finished stage's card turns into: nothing in it can be pressed."""
    values = (value.replace("\n", " · ") for _, value in answered(stage, draft, text))
    said = " · ".join(value for value in values if value)
    title = text("form.finished", title=text(f"stage.{stage}.name"))
    told = remarks(text("review.cautions"), [cautioned(one, text) for one in cautions])
    return message(text, title, [tagged(title, shortened(said, 220)), *told])


def closed_card(key: str, text: Text, **params: str) -> Message:
    """Return what a card turns into that has nothing more to ask: one line."""
    said = text(key, **params)
    return message(text, said, [line(said)])
