"""The catalogue: what can be asked of the desk, where, and with which fields.

A new case type is one entry here and its strings; ids are permanent. Fields and constraints come
from the desk's own page ("Contact the TNS service desk", 2023). The module checks itself when it
is imported.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType

from pydantic import JsonValue

from cases import preflight
from cases.countries import Country, all_countries
from cases.errors import Rejected
from cases.fields import Answers, Field, asked_now, problem
from cases.kinds import (
    Asked,
    Choice,
    Confirm,
    Domain,
    Emails,
    File,
    Guid,
    Integer,
    LocalDateTime,
    NumberList,
    Text,
    YesNo,
)
from cases.model import Problem
from cases.vocabulary import CaseType, Category, NumberType, Severity


@dataclass(frozen=True)
class CaseTypeEntry:
    """A case type: where it is offered, what it asks and what must hold between its answers."""

    id: CaseType
    offered: Callable[[Country], bool]
    fields: tuple[Field, ...]
    papers: Callable[[Country], tuple[str, ...]] = lambda _: ()
    """Ids of the files that the country asks for, besides the fields of the type."""
    check: Callable[[Answers], Mapping[str, Rejected]] = lambda _: {}
    """What is wrong between the answers, by input id."""


def _calling_plan(country: Country) -> bool:
    return country.calling_plan


def _has_calling_name(country: Country) -> bool:
    return country.custom_calling_name


def _has_numbers(country: Country) -> bool:
    return bool(country.number_types)


def _number_types(asked: Asked) -> tuple[str, ...]:
    return tuple(asked.land.number_types)


def _office_address(asked: Asked, _answers: Answers) -> bool:
    return asked.land.office_address


def _directory_listing(asked: Asked, _answers: Answers) -> bool:
    return asked.land.directory_listing


def _may_be_users(asked: Asked, answers: Answers) -> bool:
    """Pay-As-You-Go licences count for user numbers only."""
    kind = answers.get("number_type", NumberType.USER)
    return kind == NumberType.USER and NumberType.USER in asked.land.number_types


def _is_critical(_asked: Asked, answers: Answers) -> bool:
    return answers.get("severity") == Severity.A


def _two_tenants(answers: Answers) -> Mapping[str, Rejected]:
    """Refuse a port of numbers from a tenant to itself."""
    pairs = (
        ("source_domain", "destination_domain"),
        ("source_tenant_id", "destination_tenant_id"),
    )
    return {
        destination: Rejected("same_tenant")
        for source, destination in pairs
        if answers.get(source) and answers.get(source) == answers.get(destination)
    }


_NUMBERS = Field("numbers", NumberList())
_WHEN = Field("when", LocalDateTime())
_LICENCES = Integer(least=0, most=1_000_000)

_ENTRIES = (
    CaseTypeEntry(
        CaseType.NEW_NUMBERS,
        _has_numbers,
        (
            Field("number_type", Choice(_number_types)),
            Field("tried_admin_center", YesNo()),
            Field("quantity", Integer(least=1, most=100_000)),
            Field("state", Text(longest=100)),
            Field("city", Text(longest=100)),
            Field("office_address", Text(longest=300, multiline=True), only_if=_office_address),
            Field("directory_listing", YesNo(), only_if=_directory_listing),
            Field("licences", _LICENCES, required=False),
            Field("payg_licences", _LICENCES, required=False, only_if=_may_be_users),
        ),
        papers=lambda country: country.papers.new,
    ),
    CaseTypeEntry(
        CaseType.PORT_IN,
        _calling_plan,
        (
            Field("order_name", Text(longest=100)),
            _WHEN,
            _NUMBERS,
            *preflight.FIELDS,
            Field("loa", File()),
        ),
        papers=lambda country: country.papers.port,
        check=preflight.conflicts,
    ),
    CaseTypeEntry(
        CaseType.INTER_TENANT_PORT,
        _calling_plan,
        (
            Field("source_domain", Domain()),
            Field("source_tenant_id", Guid(), required=False),
            Field("destination_domain", Domain()),
            Field("destination_tenant_id", Guid(), required=False),
            _WHEN,
            _NUMBERS,
        ),
        check=_two_tenants,
    ),
    CaseTypeEntry(
        CaseType.INVENTORY_TYPE_CHANGE,
        _calling_plan,
        (
            Field("convert_to", Choice(lambda _: ("user", "service"))),
            _WHEN,
            Field("unassigned", Confirm()),
            _NUMBERS,
        ),
    ),
    CaseTypeEntry(
        CaseType.ADDRESS_UPDATE,
        _calling_plan,
        (Field("location_id", Guid()), _NUMBERS),
    ),
    CaseTypeEntry(
        CaseType.CUSTOM_CALLING_NAME,
        _has_calling_name,
        (Field("calling_name", Text(longest=15)), _NUMBERS),
    ),
)

CASE_TYPES: Mapping[CaseType, CaseTypeEntry] = MappingProxyType({e.id: e for e in _ENTRIES})
"""Every case type, in the order in which they are offered."""

COMMON_FIELDS: tuple[Field, ...] = (
    Field("title", Text(longest=100)),
    Field("description", Text(longest=3000, multiline=True)),
    Field("contacts", Emails(), required=False),
    Field("severity", Choice(lambda _: tuple(Severity), preset=Severity.C)),
    Field("impact", Text(longest=500, multiline=True), only_if=_is_critical),
    Field("documents", File(), required=False),
)
"""What every case is asked, whatever its type."""

PAPERS: tuple[str, ...] = tuple(
    dict.fromkeys(
        paper
        for country in all_countries().values()
        for paper in (*country.papers.new, *country.papers.port)
    )
)
"""Ids of the files that some country asks for."""

DOCUMENTS = "documents"
"""The field of any file that nothing asks for."""

MOST_FILES = 10
LARGEST_FILE = 25 * 1024 * 1024
"""Bytes of one file."""

CANCEL_REASONS = (
    "opened_by_mistake",
    "duplicate",
    "done_in_admin_center",
    "no_longer_needed",
    "wrong_country_or_type",
    "plans_changed",
    "other",
)
"""Proposed by us: the desk has not published its own."""

FIRST_ANSWER = MappingProxyType({Severity.A: timedelta(hours=1)})
"""When the first answer is due by the clock, whatever the day."""
FIRST_ANSWER_BUSINESS_DAYS = MappingProxyType({Severity.B: 1, Severity.C: 3})
"""When the first answer is due in business days of the case's country."""


def countries_for(category: Category) -> tuple[Country, ...]:
    """Return the countries in which a case of this category can be opened."""
    countries = all_countries().values()
    if category is Category.GENERAL_INQUIRY:
        return tuple(countries)
    return tuple(country for country in countries if types_in(country))


def types_in(country: Country) -> tuple[CaseType, ...]:
    """Return the case types that the country has."""
    return tuple(entry.id for entry in _ENTRIES if entry.offered(country))


def wanted_papers(case_type: CaseType | None, country: Country) -> tuple[str, ...]:
    """Return the ids of the files without which such a case cannot be sent."""
    if case_type is None:
        return ()
    entry = CASE_TYPES[case_type]
    own = tuple(field.id for field in entry.fields if field.is_file and field.required)
    return tuple(dict.fromkeys((*own, *entry.papers(country))))


def detail_fields(case_type: CaseType, asked: Asked, answers: Answers) -> tuple[Field, ...]:
    """Return the fields of a type that are answered on a card in the case's country."""
    fields = asked_now(CASE_TYPES[case_type].fields, asked, answers)
    return tuple(field for field in fields if not field.is_file)


def conflicts(case_type: CaseType, answers: Answers) -> dict[str, Problem]:
    """Return what is wrong between the answers of a type, by input id."""
    found = CASE_TYPES[case_type].check(answers)
    return {input_id: problem(refusal) for input_id, refusal in found.items()}


def belonging(answers: Answers) -> dict[str, JsonValue]:
    """Return the answers that a case is made of; what was asked for another type is left out."""
    kept = {"category", "country", *(field.id for field in COMMON_FIELDS)}
    if answers.get("category") == Category.NEW_REQUEST:
        entry = CASE_TYPES[CaseType(str(answers["case_type"]))]
        land = all_countries()[str(answers["country"])]
        asked = Asked(now=datetime.min, country=land, case_type=entry.id)
        kept |= {"case_type", *(field.id for field in asked_now(entry.fields, asked, answers))}
    if answers.get("severity") != Severity.A:
        kept -= {"impact"}
    return {name: value for name, value in answers.items() if name in kept and value is not None}


def _check_catalogue() -> None:
    """Refuse to start with a catalogue that contradicts itself."""
    if set(CASE_TYPES) != set(CaseType):
        raise ValueError("every case type needs exactly one entry")
    common = {field.id for field in COMMON_FIELDS}
    for entry in _ENTRIES:
        ids = [field.id for field in entry.fields]
        if len(set(ids)) != len(ids) or common & set(ids):
            raise ValueError(f"{entry.id}: a field id stands twice")
        if not any(entry.offered(country) for country in all_countries().values()):
            raise ValueError(f"{entry.id}: no country has it")


_check_catalogue()
