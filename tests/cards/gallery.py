"""Every card that the product draws, made of ordinary, of very long and of hostile words."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from pydantic import JsonValue

from cards.batch import batch_card
from cards.case import View, case_card, desk_card, desk_message, event_card, list_card
from cards.dates import calendar_card
from cards.intake import closed_card, summary_card
from cards.lists import APART, check_card, checked_card, list_problem_card
from cards.message import Message
from cards.press import Ask, Press
from cards.talk import (
    aside_card,
    desk_help,
    drafts_card,
    help_card,
    profile_card,
    resume_card,
    said,
    sent_card,
    sorry,
    unclear_card,
    welcome_card,
)
from cases.catalogue import CANCEL_REASONS, COMMON_FIELDS, detail_fields, types_in, wanted_papers
from cases.countries import Country, all_countries
from cases.deeds import longest
from cases.fields import Field
from cases.findings import Purpose, Summary
from cases.kinds import SHOWN, Confirm, NumberList, Text, YesNo
from cases.lifecycle import open_verbs
from cases.lists import rows
from cases.model import Actor, Case, Confirmed, Draft, Event, FileRef, ListCheck, Problem
from cases.numbering import read, settle
from cases.papers import COVERED, spot
from cases.vocabulary import (
    CaseType,
    Category,
    Origin,
    Resolution,
    Role,
    Severity,
    Status,
    Verb,
)
from cases.vocabulary import (
    View as Listed,
)
from dialogs.intake import INTAKE, asked_of, detail_fields_of
from dialogs.talking import HELPED
from dialogs.understanding import COMMANDS
from strings import Text as Words
from tests.cases.samples import ACME, AGENT, ANN, BOB, NOW, actor

ISOS = ("FR", "US", "MX", "AT", "BR", "PT", "NL", "BH")
"""Countries that differ in papers, zones, addresses, calling names and numbers to be had."""


EARLY = ("category", "country")
"""Stages that are the same for each case type."""


@dataclass(frozen=True)
class Style:
    """How people write: `wide` fills a text of so many characters."""

    name: str
    unit: str

    def wide(self, most: int) -> str:
        return (self.unit * (most // len(self.unit) + 1))[:most]


ATTACK = (
    "**bold** _it_ `code` [click](https://evil.example) <at>Ann</at> ${title} "
    "{{DATE(2026-12-01T09:00:00Z,SHORT)}} {{TIME(2026-12-01T09:00:00Z)}} # head ~~no~~\n- item\n"
)
PLAIN = Style("plain", "Lyon office, second floor. ")
WIDE = Style("wide", "\U0001f9d1")
LINES = Style("lines", "a\n")
HOSTILE = Style("hostile", ATTACK)
STYLES = (PLAIN, WIDE, LINES, HOSTILE)

Exhibit = tuple[str, Message]
DATE = Confirmed(at=NOW + timedelta(days=20), zone="America/Mexico_City", said=NOW, sequence=1)


def file(field: str, style: Style, at: int) -> FileRef:
    name = f"{at} {style.wide(110)}.pdf".replace("\n", " ")
    return FileRef(
        sha256=f"{at:x}" * 64, name=name, size=9, media_type="application/pdf", field=field
    )


def typed_into(country: Country, case_type: CaseType | None, style: Style) -> dict[str, JsonValue]:
    """Answers of every field of a case, as long as they may be."""
    asked = asked_of(bare_draft(country, case_type), NOW)
    fields = [*COMMON_FIELDS, *(detail_fields(case_type, asked, {}) if case_type else ())]
    answers: dict[str, JsonValue] = {
        "when": {"at": "2027-06-01T09:00:00Z", "zone": country.zones[0]},
        "number_type": "service_toll",
        "convert_to": "service",
        "quantity": 100_000,
        "severity": "a",
        "contacts": [f"{'n' * 60}{at}@{'d' * 40}.example" for at in range(18)],
        "source_domain": f"{'s' * 60}.example",
        "destination_domain": f"{'d' * 60}.example",
        "source_tenant_id": ACME,
        "destination_tenant_id": ACME.replace("0", "1"),
        "location_id": ACME,
    }
    for field in fields:
        if isinstance(field.kind, Text):
            words = style.wide(field.kind.longest)
            answers[field.id] = words if field.kind.multiline else " ".join(words.split())
        elif isinstance(field.kind, YesNo | Confirm):
            answers[field.id] = True
        elif isinstance(field.kind, NumberList):
            numbers: list[JsonValue] = [f"+3312345{at:04}" for at in range(SHOWN)]
            answers[field.id] = {"count": 5000, "numbers": numbers, "file": "f" * 64}
    wanted = {field.id for field in fields if not field.is_file}
    return {name: value for name, value in answers.items() if name in wanted}


def bare_draft(country: Country, case_type: CaseType | None) -> Draft:
    category = Category.NEW_REQUEST if case_type else Category.GENERAL_INQUIRY
    answers: dict[str, JsonValue] = {"category": str(category), "country": country.iso}
    if case_type:
        answers["case_type"] = str(case_type)
    return Draft(
        id="5f1c1a5e-0000-4000-8000-1a2b3c4d5e6f",
        tenant=ACME,
        user=ANN.user,
        answers=answers,
        created=NOW,
        updated=NOW,
        rev=7,
    )


def kinds_of(country: Country, style: Style) -> Iterator[CaseType | None]:
    yield from types_in(country) if style is PLAIN else types_in(country)[:2]
    yield None


def full_draft(country: Country, case_type: CaseType | None, style: Style) -> Draft:
    """A draft with every answer given and ten files dropped."""
    bare = bare_draft(country, case_type)
    wanted = wanted_papers(case_type, country)
    fields = (*wanted, *["documents"] * (10 - len(wanted)))
    return bare.but(
        answers={**bare.answers, **typed_into(country, case_type, style)},
        files=tuple(file(field, style, at) for at, field in enumerate(fields)),
    )


def intake_cards(text: Words, style: Style, isos: Sequence[str] = ISOS) -> Iterator[Exhibit]:
    """Each stage of the intake: empty, filled in, refused, and finished."""
    fresh = bare_draft(all_countries()["FR"], None).but(answers={})
    yield "category, first of all", INTAKE.card(INTAKE.ask(fresh), asked_of(fresh, NOW), text)
    for iso in isos:
        country = all_countries()[iso]
        for case_type in kinds_of(country, style):
            empty = bare_draft(country, case_type)
            full = full_draft(country, case_type, style)
            names = [stage.name for stage in INTAKE.applying(full)]
            full = full.but(finished=tuple(names[:-1]))
            for name in names:
                if name in EARLY and case_type:
                    continue
                of = f"{name} of {case_type or 'inquiry'} in {iso}"
                for drawn, draft in (("empty", empty), ("full", full)):
                    if drawn == "empty" and name == "review":
                        continue
                    yield f"{of}, {drawn}", stage_card(draft, name, text, style.wide(100))
                yield f"{of}, refused", refused_card(empty, name, text, style)
                if name != "review":
                    yield f"{of}, summary", summary_card(name, full, text)


def papers_cards(text: Words, style: Style) -> Iterator[Exhibit]:
    """The checklist where a letter is stale or waited for, and where there are two."""
    full = full_draft(all_countries()["MX"], CaseType.PORT_IN, style)
    stale = full.but(files=tuple(f.but(covers=dict.fromkeys(COVERED, "x")) for f in full.files))
    yield "papers, stale", stage_card(stale, "papers", text, style.wide(1000))
    yield "papers, waited for", stage_card(full.but(awaited="signatory_id"), "papers", text)
    guessed = full.but(files=full.files[5:])
    unsure = {spot(file): "place" for file in guessed.files[:1]}
    yield "papers, offered", stage_card(guessed.but(unsure=unsure), "papers", text)
    american = full_draft(all_countries()["US"], CaseType.PORT_IN, style)
    mixed: JsonValue = {"count": 2, "numbers": [], "kinds": {"toll_free": 1, "geographic": 1}}
    two = american.but(answers={**american.answers, "numbers": mixed})
    yield "papers, two letters", stage_card(two, "papers", text)
    waits = full.but(asked="papers", files=())
    yield "drafts that wait for papers", drafts_card([waits] * 10, "Europe/Paris", text)
    yield "aside, waits for papers", aside_card(waits, text)


BUSY = {"+14255550103": "TNS-000123", "+14255550104": "TNS-000124", "+14255550105": "TNS-000125"}
BLOCK = ("PhoneNumber;Usage", "+14255550100;user", "+14255550101;service")
LISTS: dict[str, tuple[str, ...]] = {
    "mixed": ("425-555-0100", "800-555-0100"),
    "one block": BLOCK,
    "wrong rows": ("425-555-0100", "hello", "hello", "+33123456789", "425-555-0100"),
    "wrong rows, mixed": ("425-555-0100", "800-555-0100", "+800 1234 5678", "425-555-0103"),
    "a range, refused": ("+1 425 555 0100-0105", "hello"),
    "nothing right": ("hello",),
    "nothing wrong": ("425-555-0100", "425-555-0101"),
}


def list_cards(text: Words, style: Style) -> Iterator[Exhibit]:
    """What is said of number lists: on a card of its own, in the form, and for no case."""
    empty = bare_draft(all_countries()["US"], CaseType.PORT_IN)
    for name, written in LISTS.items():
        listed = "\n".join((*written, *(style.wide(at + 30) for at in range(3) if "wrong" in name)))
        refused = refusal_of(listed)
        press = Press(draft=empty.id, stage="details", view=APART)
        yield f"list, {name}", list_problem_card(refused, press, text)
        form = empty.but(typed={"numbers": listed}, problems={"numbers": refused})
        yield f"list in the form, {name}", stage_card(form, "details", text)
        summary = summary_for(listed, None)
        check = ListCheck(id="c", source=file("", PLAIN, 1), region="US")
        yield f"list for no case, {name}", checked_card(summary, check, ISOS, text)
    yield "a list is asked for", check_card(ISOS, "US", text, refusal_of("hello"))
    parts: list[JsonValue] = [{"key": key, "count": 2, "head": []} for key in ("toll", "toll_free")]
    split: JsonValue = {"count": 4, "numbers": [], "split": True, "parts": parts}
    full = full_draft(all_countries()["US"], CaseType.PORT_IN, style)
    review = full.but(answers={**full.answers, "numbers": split})
    yield "review of a list that is split", stage_card(review, "review", text)


def summary_for(listed: str, case_type: CaseType | None) -> Summary:
    purpose = Purpose(region="US", case_type=case_type)
    return settle(read(rows(listed), purpose), purpose, BUSY).summary


def refusal_of(listed: str) -> Problem:
    """A list that a port does not take as it is."""
    summary = summary_for(listed, CaseType.PORT_IN)
    offer: JsonValue = {
        "parts": [g.model_dump(mode="json") for g in summary.groups],
        "count": summary.numbers,
    }
    return Problem(
        code="numbers" if summary.stops else "numbers_mixed",
        params={
            "summary": summary.model_dump(mode="json"),
            "offer": offer if summary.numbers else {},
            "report": "a" * 64,
        },
    )


def stage_card(draft: Draft, name: str, text: Words, note: str = "") -> Message:
    return INTAKE.card(draft.but(asked=name), asked_of(draft, NOW), text, note)


def refused_card(draft: Draft, name: str, text: Words, style: Style) -> Message:
    """A stage whose every input was filled with nonsense, and refused."""
    # A list is checked before its form is read.
    asked = replace(asked_of(draft, NOW), lists={"numbers": Problem(code="empty_list")})
    inputs = [
        input_id
        for field in (*COMMON_FIELDS, *(_details(draft)))
        for input_id in field.kind.inputs(field.id, asked)
    ]
    bounds = {f.id: f.kind.longest for f in COMMON_FIELDS if isinstance(f.kind, Text)}
    typed = {input_id: style.wide(bounds.get(input_id, 200)) for input_id in inputs}
    typed |= {"severity": "a", "contacts": style.wide(400), "numbers": style.wide(500)}
    typed |= {"when_zone": "", "when_date": "", "when_time": "", "country": style.wide(50)}
    answered = INTAKE.answer(draft.but(asked=name, files=()), typed, asked)
    return stage_card(answered, name, text)


def _details(draft: Draft) -> Sequence[Field]:
    return detail_fields_of(draft, asked_of(draft, NOW))


def full_case(style: Style, status: Status, country: str = "MX", **members: object) -> Case:
    land = all_countries()[country]
    draft = full_draft(land, CaseType.PORT_IN if land.calling_plan else CaseType.NEW_NUMBERS, style)
    answers = draft.answers
    closed = status in {Status.RESOLVED, Status.CANCELLED}
    return Case(
        uid=draft.id,
        number="TNS-123456789012",
        tenant=ACME,
        requester=Actor(user=ANN.user, name=name_of(style), role=Role.REQUESTER),
        category=Category.NEW_REQUEST,
        type=CaseType(str(answers["case_type"])),
        country=country,
        answers=answers,
        title=str(answers["title"]),
        description=str(answers["description"]),
        severity=Severity.A,
        files=draft.files,
        status=status,
        resolution=Resolution.PROBLEM_SOLVED if status is Status.RESOLVED else None,
        cancel_reason=CANCEL_REASONS[0] if status is Status.CANCELLED else "",
        assignee=Actor(user=AGENT.user, name=name_of(style), role=Role.AGENT),
        watchers=(ANN.user, BOB.user),
        created=NOW,
        updated=NOW,
        due=NOW,
        closed=NOW if closed else None,
        confirmed=DATE,
    ).but(**members)


def name_of(style: Style) -> str:
    return " ".join(style.wide(120).split())


def happening(verb: Verb, style: Style, case: Case) -> Event:
    return Event(
        id=f"e-{verb}",
        verb=verb,
        at=NOW,
        by=actor(BOB, Role.COLLEAGUE).but(name=name_of(style)),
        origin=Origin.CHAT,
        text=style.wide(longest(verb)),
        files=case.files,
        status=case.status,
        before=Status.SUBMITTED,
        confirmed=DATE if verb is Verb.SCHEDULE else None,
    )


def moving(style: Style, case: Case) -> Event:
    """A date that replaces an earlier one."""
    earlier = DATE.but(at=DATE.at - timedelta(days=1), sequence=0)
    return happening(Verb.SCHEDULE, style, case).but(replaces=earlier)


def case_cards(text: Words, style: Style) -> Iterator[Exhibit]:
    """The living cards for each status and role, and the news of each verb."""
    wordiest = (Status.WAITING_FOR_DETAILS, Status.RESOLVED, Status.CANCELLED)
    for status in Status if style is PLAIN else wordiest:
        for country in ("MX", "BR"):
            case = full_case(style, status, country)
            events = [happening(verb, style, case) for verb in Verb]
            for role in Role:
                view = View(case, events, role, open_verbs(case, role, NOW), text)
                refusal = Problem(
                    code="not_possible", params={"verb": "take", "status": str(status)}
                )
                of = f"{status} in {country} for {role}"
                if role is not Role.AGENT:
                    yield f"case {of}", case_card(view)
                    yield f"case {of}, refused", case_card(replace(view, problem=refusal))
                    continue
                yield f"desk {of}", desk_card(view)
                yield f"desk {of}, refused", desk_card(replace(view, problem=refusal))
                links = [(f.name, f"https://desk.example/files/{'k' * 350}") for f in case.files]
                shown = replace(view, unmasked=True, links=[*links, ("n.csv", links[0][1])])
                yield f"desk {of}, unmasked", desk_card(shown)
        case = full_case(style, status)
        url = f"https://desk.example/files/{'k' * 350}"
        yield f"calendar of {status}", calendar_card(case, url, text)
        moved = moving(style, case)
        yield f"thread of a move in {status}", desk_message(case, moved, text)
        for role in Role:
            view = View(case, [moved], role, open_verbs(case, role, NOW), text)
            draw = desk_card if role is Role.AGENT else case_card
            yield f"case with a move in {status} for {role}", draw(view)
            told = replace(view, events=(), news=moved.id)
            yield f"news of a move in {status} to {role}", event_card(told, moved, "x")
        for verb in Verb:
            event = happening(verb, style, case)
            for role in Role:
                view = View(case, (), role, open_verbs(case, role, NOW), text, news=event.id)
                yield f"news of {verb} in {status} to {role}", event_card(view, event)
                done = replace(view, problem=Problem(code="required", params={"label": "x"}))
                yield f"news of {verb} in {status} to {role}, done", event_card(done, event, "x")
            yield f"thread of {verb} in {status}", desk_message(case, event, text)


def batch_cards(text: Words, style: Style) -> Iterator[Exhibit]:
    """A batch of as many parts as there may be, and the living cards of one of them."""
    groups = ("toll", "toll_free", "mobile", "user", "service", "toll")
    parts = [
        full_case(
            style,
            status,
            uid=f"d.{at}",
            number=f"TNS-12345678901{at}",
            batch="d",
            part=at,
            parts=len(groups),
            group=group,
        )
        for at, (status, group) in enumerate(zip(Status, groups, strict=True), start=1)
    ]
    yield "batch", batch_card(parts, text)
    yield "batch, all closed", batch_card(parts[-2:], text)
    for case in (parts[0], parts[-1]):
        for role in Role:
            draw = desk_card if role is Role.AGENT else case_card
            events = [happening(verb, style, case) for verb in Verb]
            view = View(case, events, role, open_verbs(case, role, NOW), text, parts=parts)
            yield f"part {case.part} for {role}", draw(view)
    yield "list of parts", list_card(text("command.my_cases.name"), parts, text, "all", None)


def talk_cards(text: Words, style: Style) -> Iterator[Exhibit]:
    """All else: lists, drafts, help, welcome, profile, refusals."""
    cases = [
        full_case(style, status, number=f"TNS-{at:06}")
        for at, status in enumerate((*Status, *list(Status)[:4]))
    ]
    more = Press(verb=Ask.COMMAND, command="my_cases", view="all", cursor="c" * 60)
    for view in Listed:
        yield f"no {view} cases", list_card(text("command.my_cases.name"), (), text, view, None)
    yield "ten cases", list_card(text("command.my_cases.name"), cases, text, "all", more)
    full = full_draft(all_countries()["MX"], CaseType.PORT_IN, style)
    stages: tuple[dict[str, JsonValue], ...] = (
        {},
        {"category": "new_request"},
        {"category": "new_request", "country": "FR"},
    )
    drafts = [full.but(id=f"d{at}", answers=each) for at, each in enumerate(stages)]
    drafts += [full.but(id=f"d{at}") for at in range(3, 10)]
    yield "drafts", drafts_card(drafts, "Europe/Paris", text)
    yield "no drafts", drafts_card((), "UTC", text)
    for draft in drafts[:4]:
        yield f"aside {draft.id}", aside_card(draft, text)
        yield f"resume {draft.id}", resume_card(draft, text)
    yield "welcome", welcome_card(name_of(style), text)
    yield "welcome of a stranger", welcome_card("", text)
    yield "help", help_card(HELPED, text)
    yield "help for the desk", desk_help(text)
    yield "unclear", unclear_card(COMMANDS[:3], text, style.wide(100))
    yield "profile", profile_card("", text)
    yield "profile, chosen", profile_card("fr", text)
    yield "sorry", sorry(style.wide(300), text, ("my_cases", "help"))
    yield "sent", sent_card(("TNS-000123",), text, again=False)
    yield "sent before", sent_card(("TNS-000123",), text, again=True)
    yield "sent as a batch", sent_card(("TNS-000123", "TNS-000187"), text, again=False)
    yield "moved", closed_card("form.moved", text)
    yield "plain", said("nothing_open", text)


def gallery(text: Words, style: Style) -> Iterator[Exhibit]:
    yield from intake_cards(text, style)
    yield from papers_cards(text, style)
    yield from case_cards(text, style)
    yield from batch_cards(text, style)
    yield from list_cards(text, style)
    yield from talk_cards(text, style)
