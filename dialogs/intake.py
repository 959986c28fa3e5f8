"""The intake: category, country, case type, details, about, papers, review.

```mermaid
flowchart LR
    category --> country --> case_type --> details --> about --> papers --> review
    category -- general inquiry --> country
    country -- general inquiry --> about
    about -- no paper asked for --> review
    review -- Change --> category & country & case_type & details & about & papers
```
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from pydantic import JsonValue

from cards import Message
from cards.intake import (
    Sheet,
    country_card,
    form_card,
    options_card,
    review_card,
)
from cards.papers import papers_card
from cases import fields as forms
from cases import papers
from cases.catalogue import (
    COMMON_FIELDS,
    belonging,
    conflicts,
    countries_for,
    detail_fields,
    types_in,
)
from cases.cautions import cautions
from cases.countries import Country, all_countries
from cases.fields import Field, Reading
from cases.kinds import Asked, NumberList, Typed
from cases.model import Caution, Draft, Problem
from cases.vocabulary import CaseType, Category
from dialogs.understanding import answers_in
from dialogs.waterfall import Heard, Stage, Waterfall

NO_INPUTS: dict[str, str] = {}


def country_of(draft: Draft) -> Country | None:
    """Return the case's country, once it is answered."""
    return all_countries().get(str(draft.answers.get("country", "")))


def type_of(draft: Draft) -> CaseType | None:
    """Return the case type; none for a general inquiry and while it is not answered."""
    is_request = draft.answers.get("category") == Category.NEW_REQUEST
    kind = draft.answers.get("case_type")
    return CaseType(str(kind)) if is_request and kind else None


def asked_of(draft: Draft, now: datetime) -> Asked:
    """Return the circumstances in which the draft's fields are asked."""
    return Asked(now=now, country=country_of(draft), case_type=type_of(draft))


def cautions_of(draft: Draft, now: datetime) -> tuple[Caution, ...]:
    """Return what has to be told of the draft's answers before it is sent."""
    kind, country = type_of(draft), country_of(draft)
    if kind is None or country is None:
        return ()
    return cautions(kind, belonging(draft.answers), country, now)


def detail_fields_of(draft: Draft, asked: Asked) -> tuple[Field, ...]:
    """Return the fields that the draft's type asks for in its country."""
    kind = type_of(draft)
    return detail_fields(kind, asked, draft.answers) if kind and asked.country else ()


def number_field_of(draft: Draft, asked: Asked) -> Field | None:
    """Return the field that takes a number list, if the draft's type has one."""
    found = (f for f in detail_fields_of(draft, asked) if isinstance(f.kind, NumberList))
    return next(found, None)


def _always(_draft: Draft) -> bool:
    return True


def _is_request(draft: Draft) -> bool:
    return draft.answers.get("category") == Category.NEW_REQUEST


def _no_inputs(_draft: Draft, _asked: Asked) -> dict[str, str]:
    return NO_INPUTS


def _one_of(field: str, options: Callable[[Draft], Sequence[str]]) -> Callable[..., Reading]:
    """Return how a stage reads a single choice."""

    def read(draft: Draft, typed: Typed, _asked: Asked) -> Reading:
        value = typed.get(field, "").strip()
        if value in options(draft):
            return Reading({field: value}, {})
        code = "not_a_choice" if value else "required"
        return Reading({}, {field: Problem(code=code)})

    return read


def _heard_as(field: str) -> Callable[[Draft, str, Asked], Heard | None]:
    """Return how plain words answer a single choice: by what they name."""

    def hear(_draft: Draft, said: str, _asked: Asked) -> Heard | None:
        found = answers_in(said).get(field)
        return Heard({field: found}) if found else None

    return hear


def _nothing_heard(_draft: Draft, _said: str, _asked: Asked) -> Heard | None:
    return None


def _categories(_draft: Draft) -> Sequence[str]:
    return tuple(Category)


def _countries(draft: Draft) -> Sequence[str]:
    category = Category(str(draft.answers.get("category", Category.NEW_REQUEST)))
    return tuple(country.iso for country in countries_for(category))


def _types(draft: Draft) -> Sequence[str]:
    country = country_of(draft)
    return types_in(country) if country else ()


def _category_card(sheet: Sheet, _asked: Asked) -> Message:
    return options_card(sheet, "category", _categories(sheet.draft), "category")


def _country_card(sheet: Sheet, _asked: Asked) -> Message:
    return country_card(sheet, _countries(sheet.draft))


def _country_spelled(draft: Draft, _asked: Asked) -> dict[str, str]:
    return {"country": str(draft.answers.get("country", ""))}


def _type_card(sheet: Sheet, _asked: Asked) -> Message:
    return options_card(sheet, "case_type", _types(sheet.draft), "type")


def _spelled(fields: Sequence[Field], draft: Draft, asked: Asked) -> dict[str, str]:
    known = (field for field in fields if draft.answers.get(field.id) is not None)
    return {
        name: value
        for field in known
        for name, value in field.kind.spell(field.id, draft.answers[field.id], asked).items()
    }


def _details_spelled(draft: Draft, asked: Asked) -> dict[str, str]:
    return _spelled(detail_fields_of(draft, asked), draft, asked)


def _details_card(sheet: Sheet, asked: Asked) -> Message:
    return form_card(sheet, detail_fields_of(sheet.draft, asked), asked)


def _details_read(draft: Draft, typed: Typed, asked: Asked) -> Reading:
    fields = detail_fields_of(draft, asked)
    reading = forms.read(fields, typed, asked, draft.answers)
    kind = type_of(draft)
    between = conflicts(kind, reading.values) if kind else {}
    return Reading(reading.values, {**between, **reading.problems})


def _about_fields(draft: Draft, asked: Asked, typed: Mapping[str, JsonValue]) -> Sequence[Field]:
    known = {**draft.answers, **{name: value for name, value in typed.items() if value}}
    return [f for f in forms.asked_now(COMMON_FIELDS, asked, known) if not f.is_file]


def _about_card(sheet: Sheet, asked: Asked) -> Message:
    return form_card(sheet, _about_fields(sheet.draft, asked, dict(sheet.typed)), asked)


def _about_spelled(draft: Draft, asked: Asked) -> dict[str, str]:
    return _spelled([f for f in COMMON_FIELDS if not f.is_file], draft, asked)


def _about_read(draft: Draft, typed: Typed, asked: Asked) -> Reading:
    return forms.read(COMMON_FIELDS, typed, asked, {})


def _about_heard(draft: Draft, said: str, _asked: Asked) -> Heard | None:
    described = draft.typed.get("description") or draft.answers.get("description")
    return None if described else Heard({"description": said}, complete=False)


def _wants_papers(draft: Draft) -> bool:
    return bool(draft.files) or papers.is_asked(papers.checklist_of(draft))


def _papers_card(sheet: Sheet, _asked: Asked) -> Message:
    return papers_card(sheet)


def _papers_read(draft: Draft, _typed: Typed, _asked: Asked) -> Reading:
    return Reading({}, papers.problems(papers.checklist_of(draft)))


def _papers_hold(draft: Draft) -> bool:
    return not papers.problems(papers.checklist_of(draft))


def _review_card(sheet: Sheet, asked: Asked) -> Message:
    return review_card(sheet, INTAKE.finished(sheet.draft), cautions_of(sheet.draft, asked.now))


def _review_read(_draft: Draft, _typed: Typed, _asked: Asked) -> Reading:
    return Reading({}, {})


INTAKE = Waterfall(
    (
        Stage(
            name="category",
            applies=_always,
            card=_category_card,
            read=_one_of("category", _categories),
            spell=_no_inputs,
            hear=_heard_as("category"),
        ),
        Stage(
            name="country",
            applies=_always,
            card=_country_card,
            read=_one_of("country", _countries),
            spell=_country_spelled,
            hear=_heard_as("country"),
            depends=("category",),
        ),
        Stage(
            name="case_type",
            applies=_is_request,
            card=_type_card,
            read=_one_of("case_type", _types),
            spell=_no_inputs,
            hear=_heard_as("case_type"),
            depends=("category", "country"),
        ),
        Stage(
            name="details",
            applies=_is_request,
            card=_details_card,
            read=_details_read,
            spell=_details_spelled,
            hear=_nothing_heard,
            depends=("country", "case_type"),
        ),
        Stage(
            name="about",
            applies=_always,
            card=_about_card,
            read=_about_read,
            spell=_about_spelled,
            hear=_about_heard,
        ),
        Stage(
            name="papers",
            applies=_wants_papers,
            card=_papers_card,
            read=_papers_read,
            spell=_no_inputs,
            hear=_nothing_heard,
            depends=("country", "case_type"),
            holds=_papers_hold,
        ),
        Stage(
            name="review",
            applies=_always,
            card=_review_card,
            read=_review_read,
            spell=_no_inputs,
            hear=_nothing_heard,
        ),
    )
)
"""The stages, in the order in which they are asked."""


def started(draft: Draft, given: Mapping[str, str], now: datetime) -> Draft:
    """Return a new draft with the answers that came along taken, and the next stage opened."""
    for stage in INTAKE.stages:
        if stage.name in given and stage.applies(draft):
            typed = {stage.name: given[stage.name]}
            after = INTAKE.answer(INTAKE.ask(draft, stage.name), typed, asked_of(draft, now))
            draft = draft if after.problems else after
    return INTAKE.ask(draft)


def rechecked(draft: Draft, now: datetime, lists: Mapping[str, JsonValue | Problem]) -> Draft:
    """Return the draft, or the draft with a stage reopened whose answers no longer hold.

    A date that lay ahead when it was answered may be past when the case is sent. `lists` is what
    the check of its number list comes to now.
    """
    asked = replace(asked_of(draft, now), lists=lists)
    for stage in INTAKE.applying(draft):
        if stage.name not in {"details", "about", "papers"}:
            continue
        typed = stage.spell(draft, asked)
        problems = stage.read(draft, typed, asked).problems
        if problems:
            return INTAKE.ask(draft, stage.name).but(typed=typed, problems=problems)
    return INTAKE.ask(draft)
