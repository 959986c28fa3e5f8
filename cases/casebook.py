"""The case book: the only thing that changes a case.

Every change is load -> pure function -> save with its event and notices, in one step; when someone
else was faster, it is read and applied anew.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from cases.catalogue import belonging, wanted_papers
from cases.countries import all_countries
from cases.deeds import Deed, doing, opening, role_in
from cases.errors import Conflict, DeskError, NotAllowed, NotFound, Rejected
from cases.lifecycle import open_verbs
from cases.model import Case, Draft, Event, Page, Speaker
from cases.ports import Applied, CaseStore, Clock, Created, Directory
from cases.vocabulary import CaseType, Role, Verb, View

TRIES = 5
"""How often a change is re-read and reapplied before the speaker is told."""
TRIES_OF_COMMENTS = 50
"""Comments only wait for each other when the status moves under them; none is given up early."""


@dataclass(frozen=True)
class Reading:
    """A case as one speaker may see it."""

    case: Case
    events: tuple[Event, ...]
    role: Role
    verbs: tuple[Verb, ...]
    """What the speaker may do to it now."""


@dataclass(frozen=True)
class Done:
    """What became of a deed; `again` when it had been done before."""

    case: Case
    again: bool


class CaseBook:
    """Opens cases, changes them and shows them, for whoever may."""

    def __init__(self, store: CaseStore, directory: Directory, clock: Clock) -> None:
        """Take the store of cases, the people, and a clock."""
        self._store = store
        self._directory = directory
        self._clock = clock

    async def open(self, draft: Draft, speaker: Speaker) -> Created:
        """Make a case of a finished draft; the same draft gives the same number, always.

        Raises `Rejected("papers_missing")` when a file that must be there is not.
        """
        if (draft.tenant, draft.user) != (speaker.tenant, speaker.user):
            raise NotAllowed("not_allowed", verb=Verb.OPEN)
        _require_papers(draft)
        emails = draft.answers.get("contacts")
        named = tuple(map(str, emails)) if isinstance(emails, list) else ()
        contacts = await self._known(draft.tenant, named)
        case, event, notices = opening(draft, speaker, contacts, self._clock())
        return await self._store.create(case, event, notices)

    async def act(self, number: str, deed: Deed, speaker: Speaker) -> Done:
        """Do a deed to a case; raises `NotFound`, `NotAllowed`, `NotPossible`, `Rejected`.

        A deed that was done before is not done again, whatever the status is now.
        """
        for _ in range(_tries(deed.verb)):
            before = await self._load(number, speaker)
            contacts = await self._known(before.tenant, before.contacts)
            try:
                change = doing(before, deed, speaker, contacts, self._clock())
            except DeskError:
                if await self._store.event(number, deed.key) is None:
                    raise
                return Done(before, again=True)
            applied = await self._store.change(change)
            if applied is not Applied.STALE:
                return Done(await self._load(number, speaker), again=applied is Applied.AGAIN)
        raise Conflict

    async def read(self, number: str, speaker: Speaker) -> Reading:
        """Return a case and its timeline as the speaker may see them; raises `NotFound`."""
        found = await self._store.read(number)
        if found is None:
            raise NotFound(number)
        case, events = found
        role = role_in(case, speaker)
        seen = events if role is Role.AGENT else tuple(e for e in events if not e.internal)
        return Reading(case, seen, role, open_verbs(case, role, self._clock()))

    async def mine(self, speaker: Speaker, view: View = View.ALL, cursor: str = "") -> Page:
        """Return the cases that the speaker opened or is named on, newest first."""
        return await self._store.page(speaker.tenant, speaker.user, view, cursor)

    async def company(self, speaker: Speaker, view: View = View.ALL, cursor: str = "") -> Page:
        """Return the cases of the speaker's company, newest first."""
        return await self._store.page(speaker.tenant, None, view, cursor)

    async def _load(self, number: str, speaker: Speaker) -> Case:
        case = await self._store.load(number)
        if case is None:
            raise NotFound(number)
        role_in(case, speaker)
        return case

    async def _known(self, tenant: str, emails: tuple[str, ...]) -> Mapping[str, str]:
        return await self._directory.by_email(tenant, emails) if emails else {}


def _tries(verb: Verb) -> int:
    return TRIES_OF_COMMENTS if verb in {Verb.COMMENT, Verb.NOTE} else TRIES


def _require_papers(draft: Draft) -> None:
    kind = belonging(draft.answers).get("case_type")
    country = all_countries()[str(draft.answers["country"])]
    have = {file.field for file in draft.files}
    wanted = wanted_papers(CaseType(str(kind)) if kind else None, country)
    missing = [paper for paper in wanted if paper not in have]
    if missing:
        raise Rejected("papers_missing", papers=list(missing))
