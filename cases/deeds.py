"""What people do to cases, as pure functions: case and deed in, the change and its notices out."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from cases.catalogue import CANCEL_REASONS, MOST_FILES, belonging
from cases.countries import all_countries
from cases.errors import NotFound, Rejected
from cases.kinds import Asked, LocalDateTime, clean
from cases.lifecycle import first_answer_due, follow
from cases.localtime import moment
from cases.model import (
    Actor,
    Case,
    Change,
    Confirmed,
    Draft,
    Event,
    FileRef,
    Notice,
    Recipient,
    Record,
    Speaker,
)
from cases.vocabulary import (
    Audience,
    CaseType,
    Category,
    Guard,
    NoticeKind,
    Resolution,
    Role,
    Severity,
    Status,
    Verb,
)

LONGEST_COMMENT = 3000
LONGEST_REMARK = 1000
"""What is said beside a date, which is told in more words than other news."""
DESK = Recipient(audience=Audience.DESK)

NEEDS_TEXT = frozenset({Verb.COMMENT, Verb.NOTE, Verb.ASK})
"""Verbs that say nothing without words."""


class Deed(Record):
    """What someone wants to do to a case; `key` makes it the same deed when it comes twice."""

    verb: Verb
    key: str
    text: str = ""
    choice: str = ""
    """The resolution of `resolve`, the reason of `cancel`."""
    files: tuple[FileRef, ...] = ()
    date: str = ""
    time: str = ""
    """Date and time of `schedule` as they were typed, in the zone of the case (`zone_of`)."""


def role_in(case: Case, speaker: Speaker) -> Role:
    """Return who the speaker is to this case; raises `NotFound` for another tenant's."""
    if speaker.agent:
        return Role.AGENT
    if speaker.tenant != case.tenant:
        raise NotFound(case.number)
    return Role.REQUESTER if speaker.user == case.requester.user else Role.COLLEAGUE


def person(user: str) -> Recipient:
    """Return a person of the case's tenant as a recipient."""
    return Recipient(audience=Audience.PERSON, user=user)


def mailbox(address: str) -> Recipient:
    """Return someone who is known by an e-mail address only as a recipient."""
    return Recipient(audience=Audience.MAIL, address=address)


def opened_by(uid: str) -> str:
    """Return the id of the event that opens a case."""
    return f"{uid}:open"


def opening(
    draft: Draft, speaker: Speaker, contacts: Mapping[str, str], now: datetime
) -> tuple[Case, Event, tuple[Notice, ...]]:
    """Return the case that a finished draft becomes; `contacts` are users by e-mail address."""
    requester = Actor(user=speaker.user, name=speaker.name, role=Role.REQUESTER)
    case = _case_of(draft, requester, contacts, now)
    event = Event(
        id=opened_by(draft.id),
        verb=Verb.OPEN,
        at=now,
        by=requester,
        origin=speaker.origin,
        files=draft.files,
        status=Status.SUBMITTED,
    )
    strangers = map(mailbox, unknown(case.contacts, contacts))
    recipients = (DESK, *map(person, case.watchers), *strangers)
    return case, event, tuple(Notice.about(case, event, to, NoticeKind.CARD) for to in recipients)


def _case_of(draft: Draft, requester: Actor, contacts: Mapping[str, str], now: datetime) -> Case:
    answers = belonging(draft.answers)
    country = all_countries()[str(answers["country"])]
    severity = Severity(str(answers.get("severity", Severity.C)))
    emails = answers.get("contacts")
    named = tuple(map(str, emails)) if isinstance(emails, list) else ()
    kind = answers.get("case_type")
    return Case(
        uid=draft.id,
        tenant=draft.tenant,
        requester=requester,
        category=Category(str(answers["category"])),
        type=CaseType(str(kind)) if kind else None,
        country=country.iso,
        answers=answers,
        title=str(answers["title"]),
        description=str(answers["description"]),
        severity=severity,
        contacts=named,
        files=draft.files,
        watchers=watching(requester.user, named, contacts),
        created=now,
        updated=now,
        due=first_answer_due(severity, now, country.zones[0]),
    )


def watching(requester: str, emails: Iterable[str], contacts: Mapping[str, str]) -> tuple[str, ...]:
    """Return the users who hear of a case, each once, the requester first."""
    known = (contacts[email] for email in emails if email in contacts)
    return tuple(dict.fromkeys((requester, *known)))


def unknown(emails: Iterable[str], contacts: Mapping[str, str]) -> tuple[str, ...]:
    """Return the addresses that belong to nobody known, each once."""
    return tuple(dict.fromkeys(email for email in emails if email not in contacts))


def doing(
    case: Case, deed: Deed, speaker: Speaker, contacts: Mapping[str, str], now: datetime
) -> Change:
    """Return what a deed does to a case; raises a `DeskError` if it may not be done."""
    role = role_in(case, speaker)
    status = follow(case, deed.verb, role, now)
    text = _said(deed)
    actor = Actor(user=speaker.user, name=speaker.name, role=role)
    confirmed = _confirmed(case, deed, now) if deed.verb is Verb.SCHEDULE else None
    event = Event(
        id=deed.key,
        verb=deed.verb,
        at=now,
        by=actor,
        origin=speaker.origin,
        text=text,
        files=deed.files,
        status=status,
        before=case.status,
        confirmed=confirmed,
        replaces=_replaced(case, confirmed),
    )
    after = _after(case, deed, event, contacts)
    return Change(
        before=case,
        after=after,
        event=event,
        notices=tuple(_notices(after, event, contacts)),
        key=deed.key,
        guard=Guard.STATUS if deed.verb in {Verb.COMMENT, Verb.NOTE} else Guard.REVISION,
    )


def _said(deed: Deed) -> str:
    text = clean(deed.text)
    if deed.verb in NEEDS_TEXT and not text and not deed.files:
        raise Rejected("required", input_id="text")
    most = longest(deed.verb)
    if len(text) > most:
        raise Rejected("too_long", input_id="text", most=most, is_now=len(text))
    return text


def longest(verb: Verb) -> int:
    """Return how many characters may be said with a verb."""
    return LONGEST_REMARK if verb is Verb.SCHEDULE else LONGEST_COMMENT


def _after(case: Case, deed: Deed, event: Event, contacts: Mapping[str, str]) -> Case:
    changes: dict[str, object] = {"status": event.status, "updated": event.at}
    watchers = (*case.watchers, *watching(case.requester.user, case.contacts, contacts))
    if event.by.role is Role.COLLEAGUE:
        # Whoever joins in wants to hear the answer.
        watchers = (*watchers, event.by.user)
    if set(watchers) - set(case.watchers):
        changes["watchers"] = tuple(dict.fromkeys(watchers))
    if deed.files:
        changes["files"] = with_files(case.files, deed.files)
    return case.but(**changes, **_of_verb(deed, event))


def _of_verb(deed: Deed, event: Event) -> dict[str, object]:
    """Return the members that only this verb changes."""
    match deed.verb:
        case Verb.TAKE:
            return {"assignee": event.by}
        case Verb.SCHEDULE:
            return {"confirmed": event.confirmed}
        case Verb.RESOLVE:
            return {"resolution": _resolution(deed), "closed": event.at}
        case Verb.CANCEL:
            return {"cancel_reason": _reason(deed), "closed": event.at}
        case Verb.REOPEN:
            return {"resolution": None, "closed": None}
        case _:
            return {}


def zone_of(case: Case) -> str:
    """Return the zone in which the case's date is read: its own, else the country's."""
    country = all_countries()[case.country]
    when = case.answers.get("when")
    own = str(when.get("zone")) if isinstance(when, dict) else ""
    return own if own in country.zones else country.default_zone or country.zones[0]


def _confirmed(case: Case, deed: Deed, now: datetime) -> Confirmed:
    """Return the date that is confirmed; what can never be carried out then is refused.

    Sooner than usual it may be: the carrier has agreed.
    """
    zone = zone_of(case)
    country = all_countries()[case.country]
    asked = Asked(now=now, country=country, case_type=case.type, agreed=True)
    typed = {"schedule_date": deed.date, "schedule_time": deed.time, "schedule_zone": zone}
    at, _ = moment(LocalDateTime().parse("schedule", typed, asked))
    before = case.confirmed
    return Confirmed(at=at, zone=zone, said=now, sequence=before.sequence + 1 if before else 0)


def _replaced(case: Case, confirmed: Confirmed | None) -> Confirmed | None:
    """Return the date that another one moves; the same moment, said again, moves nothing."""
    before = case.confirmed
    return before if before and confirmed and before.at != confirmed.at else None


def _resolution(deed: Deed) -> Resolution:
    if deed.choice not in set(Resolution):
        raise Rejected("not_a_choice", input_id="resolution")
    return Resolution(deed.choice)


def _reason(deed: Deed) -> str:
    if deed.choice not in CANCEL_REASONS:
        raise Rejected("required", input_id="cancel_reason")
    return deed.choice


def with_files(files: tuple[FileRef, ...], more: tuple[FileRef, ...]) -> tuple[FileRef, ...]:
    """Return files and more files, the same content for the same field once."""
    both = {(file.field, file.sha256): file for file in (*files, *more)}
    if len(both) > MOST_FILES:
        raise Rejected("too_many_files", most=MOST_FILES)
    return tuple(both.values())


def _notices(case: Case, event: Event, contacts: Mapping[str, str]) -> Iterable[Notice]:
    """Yield who hears of an event: whoever caused it gets no message, but a card as it is now.

    A mailbox has no card that could be redrawn.
    """
    if event.by.role is not Role.AGENT:
        yield Notice.about(case, event, DESK, NoticeKind.MESSAGE)
    yield Notice.about(case, event, DESK, NoticeKind.UPDATE)
    if event.internal:
        return
    for user in case.watchers:
        if user != event.by.user:
            yield Notice.about(case, event, person(user), NoticeKind.MESSAGE)
        yield Notice.about(case, event, person(user), NoticeKind.UPDATE)
    for address in unknown(case.contacts, contacts):
        yield Notice.about(case, event, mailbox(address), NoticeKind.MESSAGE)
