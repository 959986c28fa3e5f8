"""Answers as people read them: a field's value in words."""

from collections.abc import Iterable, Iterator, Mapping

from pydantic import JsonValue

from cards.parts import GLIMPSE, shortened
from cases.catalogue import CASE_TYPES, COMMON_FIELDS
from cases.fields import Field
from cases.findings import Group
from cases.kinds import (
    AccountNumber,
    Choice,
    Confirm,
    Emails,
    LocalDateTime,
    NumberList,
    PhoneNumber,
    YesNo,
    listed,
)
from cases.localtime import moment
from cases.numbering import masked
from cases.vocabulary import CaseType
from strings import Text

NAMED = 3
"""How many numbers of a list are named where there is little room."""


def shown(field: Field, value: JsonValue, text: Text, *, hide: bool = False) -> str:
    """Return a value in words; `hide` masks telephone numbers."""
    match field.kind:
        case Choice():
            return text(f"field.{field.id}.option.{value}")
        case YesNo():
            return text("answer.yes" if value else "answer.no")
        case Confirm():
            return text("answer.confirmed")
        case LocalDateTime():
            at, zone = moment(value)
            return text.moment(at, str(zone))
        case NumberList():
            return numbers_shown(value, text, hide=hide)
        case PhoneNumber() | AccountNumber() if hide:
            return masked(str(value))
        case Emails():
            return ", ".join(map(str, value)) if isinstance(value, list) else ""
        case _:
            return str(value)


def numbers_shown(value: JsonValue, text: Text, *, hide: bool = False, most: int = NAMED) -> str:
    """Return how many numbers a list has, and its first ones, or the parts it is split into."""
    return _numbers_told("numbers.listed", value, text, hide=hide, most=most)


def numbers_beside(value: JsonValue, text: Text) -> str:
    """Return the same for the middle of a sentence."""
    return _numbers_told("numbers.listed_beside", value, text, hide=False, most=NAMED)


def _numbers_told(key: str, value: JsonValue, text: Text, *, hide: bool, most: int) -> str:
    groups = groups_of(value)
    if groups:
        return groups_told(groups, text)
    named, count = listed(value)
    first = ", ".join(masked(number) if hide else number for number in named[:most])
    rest = "…" if count > most else ""
    told = text.count(key, count, first=first + rest)
    as_one = isinstance(value, dict) and value.get("as_one")
    return text("list.as_one", numbers=told) if as_one else told


def groups_of(value: JsonValue) -> list[Group]:
    """Return the parts that a list is split into; none if it goes into one case."""
    named = value.get("parts") if isinstance(value, dict) and value.get("split") else None
    return [Group.model_validate(group) for group in named] if isinstance(named, list) else []


def groups_told(groups: Iterable[Group], text: Text) -> str:
    """Return the lawful parts of a list in words: how many of what."""
    return " · ".join(text.count(f"list.group.{group.key}", group.count) for group in groups)


def rows(
    fields: Iterable[Field],
    answers: Mapping[str, JsonValue],
    text: Text,
    *,
    hide: bool = False,
    most: int = GLIMPSE,
) -> Iterator[tuple[str, str]]:
    """Yield label and value of every field that was answered, `most` characters of each.

    What stands in a section of the form is one value, a line for each field.
    """
    sections: dict[str, list[str]] = {}
    for field in fields:
        if (said := _said(field, answers, text, hide=hide, most=most)) is None:
            continue
        label = text(f"field.{field.id}.label")
        if field.section:
            row = text("form.row", label=label, value=said.replace("\n", ", "))
            sections.setdefault(field.section, []).append(row)
        else:
            yield label, said
    for section, lines in sections.items():
        yield text(f"section.{section}.name"), "\n".join(lines)


def _said(
    field: Field, answers: Mapping[str, JsonValue], text: Text, *, hide: bool, most: int
) -> str | None:
    value = answers.get(field.id)
    if field.is_file or value is None:
        return None
    return shortened(shown(field, value, text, hide=hide), most)


def detail_rows(
    case_type: CaseType | None,
    answers: Mapping[str, JsonValue],
    text: Text,
    *,
    hide: bool = False,
    most: int = GLIMPSE,
) -> list[tuple[str, str]]:
    """Return label and value of what a case type asked."""
    fields = CASE_TYPES[case_type].fields if case_type else ()
    return list(rows(fields, answers, text, hide=hide, most=most))


def detail_sections(
    case_type: CaseType, answers: Mapping[str, JsonValue], text: Text, most: int
) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """Yield the sections of a type's form, their names, empty for none, and a row for each field.

    This takes more room than `detail_rows`, which has one row for a section.
    """
    fields = CASE_TYPES[case_type].fields
    for section in dict.fromkeys(field.section for field in fields):
        found = [
            (text(f"field.{field.id}.label"), said)
            for field in fields
            if field.section == section
            and (said := _said(field, answers, text, hide=False, most=most)) is not None
        ]
        if found:
            yield text(f"section.{section}.name") if section else "", found


def common_rows(
    answers: Mapping[str, JsonValue], text: Text, most: int = GLIMPSE
) -> list[tuple[str, str]]:
    """Return label and value of what every case is asked."""
    return list(rows(COMMON_FIELDS, answers, text, most=most))


def subject(case_type: CaseType | str | None, country: str, text: Text) -> str:
    """Return what a case is about in a few words: its type and country."""
    name = text(f"type.{case_type}.name") if case_type else text("category.general_inquiry.name")
    return f"{name} · {text.country(country)}" if country else name
