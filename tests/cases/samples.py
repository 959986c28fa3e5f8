"""People, drafts and cases of one company, and a desk, to try rules on."""

from datetime import UTC, datetime, timedelta

from pydantic import JsonValue

from cases.catalogue import wanted_papers
from cases.countries import all_countries
from cases.kinds import Asked
from cases.model import Actor, Case, Draft, FileRef, Speaker
from cases.vocabulary import CaseType, Category, Origin, Role, Status

NOW = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
ACME = "0b9f6a70-1111-4222-8333-944444444444"
OTHER = "77777777-1111-4222-8333-900000000000"
DESK_TENANT = "d0d0d0d0-1111-4222-8333-900000000000"

ANN = Speaker(tenant=ACME, user="ann-id", name="Ann Example")
BOB = Speaker(tenant=ACME, user="bob-id", name="Bob Builder")
EVE = Speaker(tenant=OTHER, user="eve-id", name="Eve Elsewhere")
AGENT = Speaker(
    tenant=DESK_TENANT, user="gil-id", name="Gil Agent", agent=True, origin=Origin.CHANNEL
)
SPEAKERS = {Role.REQUESTER: ANN, Role.COLLEAGUE: BOB, Role.AGENT: AGENT}

ANSWERS: dict[str, JsonValue] = {
    "category": "new_request",
    "country": "FR",
    "case_type": "port_in",
    "order_name": "Lyon office",
    "when": {"at": "2026-12-01T09:00:00Z", "zone": "Europe/Paris"},
    "numbers": {"count": 1, "numbers": ["+33123456789"], "file": "ab" * 32},
    "title": "Move our numbers",
    "description": "All of the Lyon office",
    "severity": "c",
}


def asked(iso: str, now: datetime = NOW, case_type: CaseType | None = None) -> Asked:
    return Asked(now=now, country=all_countries()[iso], case_type=case_type)


def file(field: str = "documents", name: str = "paper.pdf", mark: str = "0") -> FileRef:
    sha256 = (mark * 64)[:64]
    return FileRef(sha256=sha256, name=name, size=9, media_type="application/pdf", field=field)


def papers(case_type: CaseType | None, iso: str) -> tuple[FileRef, ...]:
    wanted = wanted_papers(case_type, all_countries()[iso])
    return tuple(file(paper, f"{paper}.pdf", f"{at:x}") for at, paper in enumerate(wanted))


def draft(**members: object) -> Draft:
    """A draft of a port to France that is ready to be sent, or with these members."""
    return Draft(
        id="draft-1",
        tenant=ACME,
        user=ANN.user,
        asked="review",
        finished=("category", "country", "case_type", "details", "about", "papers"),
        answers=ANSWERS,
        files=(file("loa", "loa.pdf"),),
        created=NOW,
        updated=NOW,
    ).but(**members)


def actor(speaker: Speaker, role: Role) -> Actor:
    return Actor(user=speaker.user, name=speaker.name, role=role)


def case(status: Status = Status.SUBMITTED, **members: object) -> Case:
    closed = NOW if status in {Status.RESOLVED, Status.CANCELLED} else None
    return Case(
        uid="draft-1",
        number="TNS-000123",
        tenant=ACME,
        requester=actor(ANN, Role.REQUESTER),
        category=Category.NEW_REQUEST,
        type=CaseType.PORT_IN,
        country="FR",
        answers=ANSWERS,
        title="Move our numbers",
        description="All of the Lyon office",
        files=(file("loa", "loa.pdf"),),
        status=status,
        watchers=("ann-id", "dan-id"),
        created=NOW,
        updated=NOW,
        due=NOW + timedelta(days=3),
        closed=closed,
    ).but(**members)
