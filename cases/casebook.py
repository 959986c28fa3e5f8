"""The case book: the only thing that changes a case.

Every change is load -> pure function -> save with its event and notices, in one step; when someone
else was faster, it is read and applied anew.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pydantic import JsonValue

from cases.batches import as_part, drafts_of, redrawn
from cases.deeds import Deed, doing, opening, role_in
from cases.errors import Conflict, DeskError, NotAllowed, NotFound, Rejected
from cases.kinds import listed
from cases.lifecycle import open_verbs
from cases.model import Case, Change, Draft, Event, Page, Part, Speaker
from cases.papers import checklist_of
from cases.papers import problems as paper_problems
from cases.ports import (
    Applied,
    CaseStore,
    Clock,
    Created,
    Directory,
    Ledger,
    NumbersOf,
    Opening,
)
from cases.vocabulary import Role, Verb, View

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
    parts: tuple[Case, ...] = ()
    """All cases of its batch, itself among them; none if it is no part of one."""


async def named_numbers(_tenant: str, value: JsonValue) -> Sequence[str]:
    """Return the numbers that the value of a list names itself."""
    return listed(value)[0]


class CaseBook:
    """Opens cases, changes them and shows them, for whoever may."""

    def __init__(
        self,
        store: CaseStore,
        directory: Directory,
        clock: Clock,
        ledger: Ledger | None = None,
        numbers_of: NumbersOf = named_numbers,
    ) -> None:
        """Take the store of cases, the people, a clock, and the ledger of numbers if there is one.

        `numbers_of` reads a number list whose value names only its first ones.
        """
        self._store = store
        self._directory = directory
        self._clock = clock
        self._ledger = ledger
        self._numbers_of = numbers_of

    async def open(self, draft: Draft, speaker: Speaker, parts: Sequence[Part] = ()) -> Created:
        """Make a case of a finished draft; the same draft gives the same number, always.

        Of two parts or more each becomes a case of one batch, in one step. Raises
        `Rejected("papers_missing")` when a file that must be there is not, and
        `Rejected("papers_stale")` when a letter was signed for other answers.
        """
        if (draft.tenant, draft.user) != (speaker.tenant, speaker.user):
            raise NotAllowed("not_allowed", verb=Verb.OPEN)
        drafts = drafts_of(draft, parts)
        for each in drafts:
            _require_papers(each)
        _require_fresh_letters(draft)
        emails = draft.answers.get("contacts")
        named = tuple(map(str, emails)) if isinstance(emails, list) else ()
        contacts = await self._known(draft.tenant, named)
        now, openings = self._clock(), []
        for at, each in enumerate(drafts, start=1):
            case, event, notices = opening(each, speaker, contacts, now)
            claim = await self._claim(case)
            openings.append(Opening(as_part(case, draft.id, at, parts), event, notices, claim))
        return await self._store.create(*openings)

    async def sent(self, draft: Draft) -> tuple[str, ...]:
        """Return the numbers of the cases that a draft became: one, or those of its batch."""
        parts = await self._store.batch(draft.tenant, draft.id)
        return tuple(part.number for part in parts) or (draft.case,)

    async def act(self, number: str, deed: Deed, speaker: Speaker) -> bool:
        """Do a deed to a case; raises `NotFound`, `NotAllowed`, `NotPossible`, `Rejected`.

        One that was done before is not done again, whatever the status is now. Returns whether it
        was done now.
        """
        for _ in range(_tries(deed.verb)):
            before = await self._load(number, speaker)
            contacts = await self._known(before.tenant, before.contacts)
            try:
                change = doing(before, deed, speaker, contacts, self._clock())
            except DeskError:
                if await self._store.event(number, deed.key) is None:
                    raise
                return False
            applied = await self._store.change(await self._with_batch(change))
            if applied is not Applied.STALE:
                return applied is not Applied.AGAIN
        raise Conflict

    async def read(self, number: str, speaker: Speaker) -> Reading:
        """Return a case and its timeline as the speaker may see them; raises `NotFound`."""
        found = await self._store.read(number)
        if found is None:
            raise NotFound(number)
        case, events = found
        role = role_in(case, speaker)
        seen = events if role is Role.AGENT else tuple(e for e in events if not e.internal)
        parts = await self._store.batch(case.tenant, case.batch) if case.batch else ()
        return Reading(case, seen, role, open_verbs(case, role, self._clock()), parts)

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

    async def _with_batch(self, change: Change) -> Change:
        """Return the change with what redraws the other parts, if they show what it changes."""
        case = change.before
        if not (case.batch and change.event.moved):
            return change
        parts = await self._store.batch(case.tenant, case.batch)
        return change.but(redrawn=redrawn(change, parts))

    async def _claim(self, case: Case) -> str:
        """Write down whose the numbers are before the case is there: never one without it."""
        value = case.answers.get("numbers")
        if self._ledger is None or not value:
            return ""
        numbers = await self._numbers_of(case.tenant, value)
        return await self._ledger.claim(case.tenant, case.uid, numbers) if numbers else ""

    async def _known(self, tenant: str, emails: tuple[str, ...]) -> Mapping[str, str]:
        return await self._directory.by_email(tenant, emails) if emails else {}


def _tries(verb: Verb) -> int:
    return TRIES_OF_COMMENTS if verb in {Verb.COMMENT, Verb.NOTE} else TRIES


def _require_papers(draft: Draft) -> None:
    """Refuse a case without a paper that it needs."""
    missing = _wrong(draft, "paper_missing")
    if missing:
        raise Rejected("papers_missing", papers=[*missing])


def _require_fresh_letters(draft: Draft) -> None:
    """Refuse a letter of authorization for other answers; the parts of a list share its answers."""
    stale = _wrong(draft, "paper_stale")
    if stale:
        raise Rejected("papers_stale", papers=[*stale])


def _wrong(draft: Draft, because: str) -> list[str]:
    found = paper_problems(checklist_of(draft)).items()
    return [paper for paper, problem in found if problem.code == because]
