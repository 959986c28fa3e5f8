"""The papers of a case: what its country and type ask for, which files answer it, what went stale.

Which papers a country asks for stands in `countries.json`; facts come from the number management
pages of the countries. A letter of authorization is only worth what was signed: a file that
answers one remembers, as marks, the answers it was signed for, and is stale once one of them is
another ("editing fields that the letter covers invalidates it", port-transfer page, 01/2025). An
answer that was not there when the letter came joins its marks when it is given: it says what the
letter shows, and only a later change contradicts it. An answer that is taken back contradicts
nothing.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256

from pydantic import JsonValue

from cases.catalogue import DOCUMENTS, PAPERS, wanted_papers
from cases.countries import Country, all_countries
from cases.fields import Answers
from cases.kinds import listed
from cases.lists import XLSX
from cases.model import Draft, FileRef, Problem
from cases.vocabulary import CaseType, Category, NumberType

LETTER = "loa"
TOLL_FREE_LETTER = "loa_toll_free"
"""The second letter of a list that is split, where toll-free numbers have a form of their own."""
LETTERS = (LETTER, TOLL_FREE_LETTER)
KYC_FORM = "kyc_form"
"""Done once for a company, in the admin centre, before its first new numbers (August 2025)."""
ADDRESS_PROOF = "address_proof"
"""Where the address must lie in the area of the numbers' area code: BE, FR, DE, IE, NL, ES."""

ALL_PAPERS: tuple[str, ...] = tuple(
    dict.fromkeys(
        (
            *LETTERS,
            *PAPERS,
            *(paper for land in all_countries().values() for paper in land.papers.helpful),
            ADDRESS_PROOF,
            KYC_FORM,
        )
    )
)
"""Ids of all files that some case asks for by name."""

COVERED = (
    "account_name",
    "authorized_person",
    "account_number",
    "service_address",
    "billing_number",
    "port_scope",
    "numbers",
)
"""Answers that the letter of authorization is signed for."""

UNSIGNED = frozenset(
    {
        "text/csv",
        "text/plain",
        "message/rfc822",
        XLSX,
        "application/vnd.openxmlformats-officedocument.presentationml.presentation",
        "application/vnd.oasis.opendocument.spreadsheet",
        "application/vnd.oasis.opendocument.presentation",
    }
)
"""Kinds of file that carry no signature and no stamp: none is taken for a paper."""


class Letter(StrEnum):
    """The form that a letter of authorization is written on."""

    ALL_NUMBERS = "all_numbers"
    USER_AND_SERVICE = "user_and_service"
    GEOGRAPHIC = "geographic"
    TOLL_FREE = "toll_free"
    FREEPHONE = "freephone"
    PARTNER = "partner"
    """The partner's own, where one serves the country: Telstra, SoftBank."""
    EITHER = "either"
    """One of two, while it is not known what the numbers are."""


class State(StrEnum):
    """Where a paper stands."""

    MISSING = "missing"
    HERE = "here"
    STALE = "stale"
    HELPFUL = "helpful"
    """Not here, and not necessary."""


@dataclass(frozen=True)
class Paper:
    """A paper that a case asks for; without a required one it cannot be sent."""

    id: str
    required: bool = True
    letter: Letter | None = None
    """The form of a letter of authorization."""


@dataclass(frozen=True)
class Item:
    """A paper of the checklist, the files that answer it, and what changed after they came."""

    paper: Paper
    files: tuple[FileRef, ...]
    changed: tuple[str, ...]
    """Fields whose answers are not those that the letter was signed for."""

    @property
    def state(self) -> State:
        """Where the paper stands."""
        if self.files:
            return State.STALE if self.changed else State.HERE
        return State.MISSING if self.paper.required else State.HELPFUL


def asked_for(case_type: CaseType | None, country: Country, answers: Answers) -> tuple[Paper, ...]:
    """Return the papers that such a case asks for: the required first, then the helpful ones."""
    letters = _letters(country, answers)
    required = tuple(
        letters[0] if paper == LETTER else Paper(paper)
        for paper in wanted_papers(case_type, country)
    )
    if case_type is CaseType.PORT_IN:
        placed = _kinds(answers) != {Letter.TOLL_FREE}
        return (*required, *letters[1:], *_helpful(country, kyc=False, placed=placed))
    if case_type is CaseType.NEW_NUMBERS:
        placed = answers.get("number_type") != NumberType.SERVICE_TOLL_FREE
        return (*required, *_helpful(country, kyc=country.kyc_form, placed=placed))
    return required


def _helpful(country: Country, *, kyc: bool, placed: bool) -> Iterable[Paper]:
    """Yield what helps though nobody insists; toll-free numbers are `placed` in no area."""
    yield from (Paper(paper, required=False) for paper in country.papers.helpful)
    if country.address_must_match_area_code and placed:
        yield Paper(ADDRESS_PROOF, required=False)
    if kyc:
        yield Paper(KYC_FORM, required=False)


def _letters(country: Country, answers: Answers) -> tuple[Paper, ...]:
    """Return the letter on the form for the numbers; two for a list of both kinds."""
    if country.partner:
        return (Paper(LETTER, letter=Letter.PARTNER),)
    ordinary, *special = map(Letter, country.loa or (Letter.ALL_NUMBERS,))
    kinds = _kinds(answers)
    if not special:
        return (Paper(LETTER, letter=ordinary),)
    if not kinds:
        return (Paper(LETTER, letter=Letter.EITHER),)
    if kinds == {Letter.TOLL_FREE}:
        return (Paper(LETTER, letter=special[0]),)
    first = Paper(LETTER, letter=ordinary)
    if Letter.TOLL_FREE not in kinds:
        return (first,)
    return (first, Paper(TOLL_FREE_LETTER, required=_is_split(answers), letter=special[0]))


def _is_split(answers: Answers) -> bool:
    """Return whether the toll-free numbers become a case of their own, with a letter of its own."""
    value = answers.get("numbers")
    return isinstance(value, dict) and bool(value.get("split"))


def _kinds(answers: Answers) -> frozenset[str]:
    """Return the kinds of number in the list; none while they are not known."""
    value = answers.get("numbers")
    kinds = value.get("kinds") if isinstance(value, dict) else None
    if not isinstance(kinds, dict):
        return frozenset()
    return frozenset(kind for kind, count in kinds.items() if count)


def checklist(
    case_type: CaseType | None, country: Country, answers: Answers, files: Sequence[FileRef]
) -> tuple[Item, ...]:
    """Return every paper that such a case asks for, and where it stands."""
    items = []
    for paper in asked_for(case_type, country, answers):
        mine = tuple(file for file in files if file.field == paper.id)
        items.append(Item(paper, mine, _changed(mine, answers) if paper.letter else ()))
    return tuple(items)


def checklist_of(draft: Draft) -> tuple[Item, ...]:
    """Return the checklist of a draft; empty until country and case type are answered."""
    answers = draft.answers
    country = all_countries().get(str(answers.get("country", "")))
    kind = answers.get("case_type")
    if country is None or not kind or answers.get("category") != Category.NEW_REQUEST:
        return ()
    return checklist(CaseType(str(kind)), country, answers, draft.files)


def problems(items: Iterable[Item]) -> dict[str, Problem]:
    """Return why such a case cannot be sent, by paper; nothing if it can."""
    found: dict[str, Problem] = {}
    for item in items:
        if item.state is State.MISSING:
            found[item.paper.id] = Problem(code="paper_missing")
        elif item.state is State.STALE:
            changed: list[JsonValue] = [*item.changed]
            found[item.paper.id] = Problem(code="paper_stale", params={"fields": changed})
    return found


def waits_for(draft: Draft) -> tuple[str, ...]:
    """Return the papers that a draft waits for and for nothing else; none if it waits for more."""
    return tuple(problems(checklist_of(draft))) if draft.asked == "papers" else ()


def is_asked(items: Iterable[Item]) -> bool:
    """Return whether the checklist is a question of its own; what only may help is told of."""
    return any(item.paper.required or item.paper.id == KYC_FORM for item in items)


def counted(items: Iterable[Item]) -> tuple[int, int]:
    """Return how many of the required papers are here and hold, and how many are required."""
    required = [item for item in items if item.paper.required]
    return sum(item.state is State.HERE for item in required), len(required)


def may_be_paper(file: FileRef) -> bool:
    """Return whether a file can be a signed or stamped paper: no table, plain text or mail is."""
    return file.media_type not in UNSIGNED


def mark(value: JsonValue) -> str:
    """Return what tells an answer from another; a number list is the same in any order."""
    if isinstance(value, dict) and "numbers" in value:
        named, count = listed(value)
        value = [*sorted(named)] if len(named) == count else str(value.get("file", count))
    return sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:12]


def _marks(answers: Answers) -> dict[str, str]:
    given = ((field, answers.get(field)) for field in COVERED)
    return {field: mark(value) for field, value in given if value is not None}


def covered(files: Sequence[FileRef], answers: Answers) -> tuple[FileRef, ...]:
    """Return the files, each letter with marks of the answers that it had none of."""
    marks = _marks(answers)
    return tuple(
        file.but(covers={**marks, **file.covers}) if file.field in LETTERS else file
        for file in files
    )


def renewed(files: Sequence[FileRef], paper: str, answers: Answers) -> tuple[FileRef, ...]:
    """Return the files, those of this letter as signed for the answers that are there now."""
    marks = _marks(answers)
    return tuple(
        file.but(covers=marks) if file.field == paper and paper in LETTERS else file
        for file in files
    )


def _changed(files: Iterable[FileRef], answers: Answers) -> tuple[str, ...]:
    marks = _marks(answers)
    return tuple(
        field
        for field in COVERED
        if field in marks
        and any(file.covers.get(field, marks[field]) != marks[field] for file in files)
    )


def for_part(files: Iterable[FileRef], key: str) -> tuple[FileRef, ...]:
    """Return the files of one part of a split list, by the key of its group.

    The toll-free part has its own letter, if one was given, and no other part has that.
    """
    mine = tuple(files)
    has_own = any(file.field == TOLL_FREE_LETTER for file in mine)
    if key != "toll_free" or not has_own:
        return tuple(file for file in mine if file.field != TOLL_FREE_LETTER)
    return tuple(
        file.but(field=LETTER) if file.field == TOLL_FREE_LETTER else file
        for file in mine
        if file.field != LETTER
    )


def open_places(items: Iterable[Item], file: FileRef) -> tuple[str, ...]:
    """Return the papers that a file may be and that want one: the missing, then the outdated."""
    possible = places(items := tuple(items), file)
    found = [item.paper.id for item in items if item.state is State.MISSING]
    found += [item.paper.id for item in items if item.state is State.STALE]
    return tuple(paper for paper in found if paper in possible and paper != file.field)


def spot(file: FileRef) -> str:
    """Return what tells a file of a draft from others: its place and its content."""
    return f"{file.field}:{file.sha256[:12]}"


def others(files: Iterable[FileRef], items: Iterable[Item]) -> tuple[FileRef, ...]:
    """Return the files that no paper of the checklist is answered by."""
    asked = {item.paper.id for item in items}
    return tuple(file for file in files if file.field not in asked)


def places(items: Iterable[Item], file: FileRef) -> tuple[str, ...]:
    """Return the fields that a file may answer."""
    papers = (item.paper.id for item in items) if may_be_paper(file) else ()
    return (*papers, DOCUMENTS)
