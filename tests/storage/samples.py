"""Cases, drafts and people of two companies, to save and read back."""

from datetime import UTC, datetime, timedelta

from cases.model import (
    Actor,
    Case,
    Change,
    Draft,
    Event,
    FileRef,
    Notice,
    Person,
    Posted,
    Problem,
    Recipient,
)
from cases.ports import Arrival, Claim
from cases.vocabulary import (
    Audience,
    CaseType,
    Category,
    Guard,
    NoticeKind,
    Origin,
    Role,
    Status,
    Verb,
)

NOW = datetime(2026, 11, 21, 9, 30, 15, 123456, tzinfo=UTC)
ACME = "0b9f6a70-1111-4222-8333-944444444444"
OTHER = "77777777-1111-4222-8333-900000000000"
ANN = Actor(user="ann-id", name="Ann Example", role=Role.REQUESTER)
BOB = Actor(user="bob-id", name="Bob Builder", role=Role.COLLEAGUE)
DESK = Recipient(audience=Audience.DESK)
TO_ANN = Recipient(audience=Audience.PERSON, user="ann-id")
TO_BOB = Recipient(audience=Audience.PERSON, user="bob-id")
POSTED = Posted(conversation="19:desk@thread.tacv2;messageid=1", activity="1")


def case(uid: str = "draft-1", tenant: str = ACME, **members: object) -> Case:
    return Case(
        uid=uid,
        tenant=tenant,
        requester=ANN,
        category=Category.NEW_REQUEST,
        type=CaseType.PORT_IN,
        country="FR",
        answers={"numbers": ["+33123456789"], "order_name": "Bouygues", "when": None},
        title="Move 40 numbers",
        description="Forty numbers of the Lyon office, été compris “quoted” \\ and\nlines",
        files=(FileRef(sha256="ab" * 32, name="loa.pdf", size=9, media_type="application/pdf"),),
        watchers=("ann-id",),
        created=NOW,
        updated=NOW,
        due=NOW + timedelta(hours=8),
    ).but(**members)


def event(
    name: str = "e-open", verb: Verb = Verb.OPEN, status: Status = Status.SUBMITTED, text: str = ""
) -> Event:
    return Event(id=name, verb=verb, at=NOW, by=ANN, origin=Origin.CHAT, text=text, status=status)


def notice(
    about: Case, of: Event, to: Recipient = DESK, kind: NoticeKind = NoticeKind.CARD
) -> Notice:
    return Notice.about(about, of, to, kind)


def comment(
    before: Case,
    name: str,
    *,
    guard: Guard = Guard.STATUS,
    to: tuple[Recipient, ...] = (),
    **members: object,
) -> Change:
    said = event(name, Verb.COMMENT, before.status, text=f"text of {name}")
    return Change(
        before=before,
        after=before.but(updated=NOW + timedelta(minutes=1), **members),
        event=said,
        notices=tuple(notice(before, said, one, NoticeKind.MESSAGE) for one in to),
        key=f"key-{name}",
        guard=guard,
    )


def resolve(before: Case, name: str = "e-resolve", **members: object) -> Change:
    after = before.but(status=Status.RESOLVED, closed=NOW, updated=NOW, **members)
    return Change(
        before=before,
        after=after,
        event=event(name, Verb.RESOLVE, Status.RESOLVED),
        key=f"key-{name}",
        guard=Guard.REVISION,
    )


def draft(name: str = "draft-1", **members: object) -> Draft:
    return Draft(
        id=name,
        tenant=ACME,
        user="ann-id",
        asked="details",
        finished=("category", "country"),
        answers={"country": "FR", "numbers": ["+33123456789"]},
        typed={"city": "Lyon"},
        problems={"city": Problem(code="too_long", params={"most": 40})},
        created=NOW,
        updated=NOW,
    ).but(**members)


def arrival(activity: str = "a-1", conversation: str = "19:chat", user: str = "ann-id") -> Arrival:
    return Arrival(tenant=ACME, conversation=conversation, activity=activity, user=user)


def person(**members: object) -> Person:
    return Person(
        tenant=ACME, user="ann-id", name="Ann Example", email="Ann@Acme.example", locale="fr-FR"
    ).but(**members)


def names(claims: tuple[Claim, ...]) -> list[str]:
    """The events that claimed notices tell of."""
    return [claim.notice.event for claim in claims]
