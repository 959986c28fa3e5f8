"""Number lists as answers of a draft: typed, dropped or said; taken, refused, or still checked."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from pydantic import JsonValue

from cards import Message, Press
from cards.answers import groups_of, numbers_shown
from cards.inputs import LONGEST_LIST
from cards.lists import (
    APART,
    downloads_card,
    list_problem_card,
    offer_of,
    problem_card,
    progress_message,
)
from cards.press import Ask
from cards.problems import summary_of
from cases.errors import Rejected
from cases.fields import Field
from cases.findings import Advice, Group
from cases.model import Draft, FileRef, Part, Problem
from cases.papers import for_part
from dialogs.intake import asked_of, number_field_of
from dialogs.lists import (
    LIST_NAME,
    Lists,
    Reading,
    Source,
    csv_file,
    files_of,
    is_long,
    purpose_of,
    serves,
)
from dialogs.turn import Here, Link, LongCheck, Reply, Turn, say

LONGEST_NUMBER = 17
"""Bytes of a number in a stored list, at most: a plus, fifteen digits and the end of the line."""
ListOutcome = JsonValue | Problem


@dataclass(frozen=True)
class Given:
    """What a card's answer says of the list: its outcome by field, or a check that goes on."""

    lists: Mapping[str, ListOutcome] = field(default_factory=dict)
    check: LongCheck | None = None

    @property
    def taken(self) -> dict[str, JsonValue]:
        """The lists that are right, whatever else of the answer is wrong."""
        return {
            name: outcome
            for name, outcome in self.lists.items()
            if outcome and not isinstance(outcome, Problem)
        }

    def left_of(self, typed: Mapping[str, str]) -> dict[str, str]:
        """Return what was typed without a list that no card can show; it is kept elsewhere."""
        kept = self.lists if self.check else self.taken
        gone = {
            name
            for name in kept
            if self.check or len(typed.get(name, "").encode("utf-8", "replace")) > LONGEST_LIST
        }
        return {name: said for name, said in typed.items() if name not in gone}


class ListAnswers:
    """Takes number lists as answers of a draft."""

    def __init__(self, lists: Lists, link: Link) -> None:
        """Take who checks and keeps lists, and what makes addresses of files."""
        self._lists = lists
        self._link = link

    async def given(self, here: Here, draft: Draft, typed: Mapping[str, str]) -> Given:
        """Return what a card's answer says of the draft's list."""
        wanted = _wanted(here, draft)
        if wanted is None:
            return Given()
        source: Source = typed.get(wanted.id, "").strip()
        purpose = purpose_of(draft, typed)
        if source == _shown(here, draft, wanted):
            if draft.checking is not None:
                check = LongCheck(draft.checking, purpose, _lang(here), draft.id)
                return Given({wanted.id: Problem(code="list_checking")}, check)
            value = draft.answers.get(wanted.id)
            if serves(value, purpose):
                return Given({wanted.id: value})
            source = _stored(value) or source
        if not source:
            return Given()
        if is_long(source):
            stored = await self._lists.put_by(draft.tenant, source)
            check = LongCheck(stored, purpose, _lang(here), draft.id)
            return Given({wanted.id: Problem(code="list_checking")}, check)
        return Given({wanted.id: _outcome(await self._read(here, draft, source, typed))})

    async def at_send(self, here: Here, draft: Draft) -> dict[str, ListOutcome]:
        """Return what a finished draft's list comes to now, by field; nothing if it has none.

        Somebody may have opened a case with the same numbers since. A long list is not checked
        again, unless it was checked for something else.
        """
        wanted = _wanted(here, draft)
        stored = _stored(draft.answers.get(wanted.id)) if wanted else None
        if wanted is None or stored is None:
            return {}
        value = draft.answers[wanted.id]
        if is_long(stored):
            fits = serves(value, purpose_of(draft, {}))
            return {wanted.id: value if fits else Problem(code="list_check_again")}
        reading = await self._read(here, draft, stored, {})
        outcome = _outcome(reading)
        told = isinstance(value, dict) and (value.get("split") or value.get("as_one"))
        mixed = isinstance(outcome, Problem) and outcome.code == "numbers_mixed"
        fine = not isinstance(outcome, Problem) or (told and mixed)
        return {wanted.id: value if fine else outcome}

    def offered(self, here: Here, draft: Draft) -> Given:
        """Return what the press of a button below a refused list makes of it."""
        wanted = _wanted(here, draft)
        problem = draft.problems.get(wanted.id) if wanted else None
        if wanted is None or problem is None or not offer_of(problem):
            return Given()
        offer = dict(offer_of(problem))
        match here.pressed.verb:
            case Ask.SPLIT if offer.get("parts"):
                return Given({wanted.id: {**offer, "split": True}})
            case Ask.PORT_AS_ONE if may_be_one(problem):
                offer.pop("parts")
                return Given({wanted.id: {**offer, "as_one": True}})
            case Ask.LEAVE_OUT if not offer.get("parts"):
                return Given({wanted.id: offer})
        return Given({wanted.id: problem})

    async def dropped(self, here: Here, draft: Draft, source: Source) -> Turn:
        """Take a list that was dropped or said; a form that is open above stays as it is."""
        if is_long(source):
            stored = await self._lists.put_by(draft.tenant, source)
            check = LongCheck(stored, purpose_of(draft, {}), _lang(here), draft.id)
            return checking(here, Turn(draft=draft.but(updated=here.now)), check)
        reading = await self._read(here, draft, source, {})
        return self._told(here, draft, _outcome(reading))

    def taken_apart(self, here: Here, draft: Draft) -> Turn:
        """Take what is offered of a list that stands on a card of its own."""
        given = self.offered(here, draft)
        outcome = next(iter(given.lists.values()), None)
        return self._told(here, draft, outcome, over=here.said.card)

    def downloads(self, here: Here, draft: Draft) -> Turn:
        """Answer with fresh addresses of the report on the draft's list, and of what is right."""
        wanted = _wanted(here, draft)
        problem = draft.problems.get(wanted.id) if wanted else None
        value = draft.answers.get(wanted.id) if wanted else None
        held = offer_of(problem) if problem else value if isinstance(value, dict) else {}
        report = problem.params.get("report") if problem else held.get("report")
        files = files_of(str(report or ""), str(held.get("file") or ""))
        if not files:
            return say(problem_card(Problem(code="check_gone"), here.text))
        links = [(which, self._link(draft.tenant, file)) for which, file in files]
        return say(downloads_card(links, here.text))

    def ended(
        self, here: Here, draft: Draft, check: LongCheck, reading: Reading | Problem, over: str
    ) -> Turn:
        """Take what a long check came to, unless the draft has another list by now."""
        if draft.checking is None or draft.checking.sha256 != check.source.sha256:
            return Turn()
        return self._told(here, draft.but(checking=None), _outcome(reading), over=over)

    def _told(self, here: Here, draft: Draft, outcome: ListOutcome, over: str = "") -> Turn:
        """Return the turn that saves what became of a list, and says it apart from the form."""
        wanted = _wanted(here, draft)
        if wanted is None:
            return Turn(draft=draft)
        if isinstance(outcome, dict):
            # The form above does not show it.
            outcome = {**outcome, "dropped": True}
        after = with_outcome(draft, wanted, outcome).but(updated=here.now)
        if isinstance(outcome, Problem):
            press = Press(draft=draft.id, stage="details", value=APART)
            return Turn(
                replies=(Reply(list_problem_card(outcome, press, here.text), over),), draft=after
            )
        numbers = numbers_shown(after.answers.get(wanted.id), here.text)
        note = Message(here.text("files.list_taken", numbers=numbers))
        return Turn(replies=(Reply(note, over),), draft=after)

    async def _read(
        self, here: Here, draft: Draft, source: Source, typed: Mapping[str, str]
    ) -> Reading | Problem:
        try:
            return await self._lists.read(
                draft.tenant, source, purpose_of(draft, typed), _lang(here), but=draft.id
            )
        except Rejected as refusal:
            return Problem(code=refusal.code, params=refusal.params)


def checking(here: Here, turn: Turn, check: LongCheck) -> Turn:
    """Return the turn with its draft's list being checked from then on, and with a word of that."""
    if turn.draft is None:
        raise LookupError("a list is checked for a draft")
    progress = Reply(progress_message(0, 0, here.text), progress=True)
    return replace(
        turn,
        replies=(*turn.replies, progress),
        draft=turn.draft.but(checking=check.source),
        check=check,
    )


def with_outcome(draft: Draft, wanted: Field, outcome: ListOutcome) -> Draft:
    """Return the draft with its list taken, or with what is wrong with it."""
    typed = {name: said for name, said in draft.typed.items() if name != wanted.id}
    problems = {name: why for name, why in draft.problems.items() if name != wanted.id}
    if isinstance(outcome, Problem):
        return draft.but(typed=typed, problems={**problems, wanted.id: outcome})
    answers = {**draft.answers, wanted.id: outcome} if outcome else draft.answers
    return draft.but(typed=typed, problems=problems, answers=answers)


def may_be_one(problem: Problem) -> bool:
    """Return whether a mixed list may go into one case after all: one block, all of it right."""
    summary = summary_of(problem)
    return summary is not None and not summary.stops and Advice.PORT_AS_ONE in summary.advice


def parts_of(draft: Draft) -> tuple[Part, ...]:
    """Return the lawful cases that a draft becomes; none if its list is not to be split."""
    groups = groups_of(draft.answers.get("numbers"))
    return tuple(_part(draft, group) for group in groups)


def _part(draft: Draft, group: Group) -> Part:
    numbers: list[JsonValue] = [*group.head]
    value: JsonValue = {"count": group.count, "numbers": numbers, "file": group.file}
    return Part(key=group.key, numbers=value, files=for_part(draft.files, group.key))


def _wanted(here: Here, draft: Draft) -> Field | None:
    return number_field_of(draft, asked_of(draft, here.now))


def _shown(here: Here, draft: Draft, wanted: Field) -> str:
    """Return what the list's input shows of the answer that is held; nothing of a long list."""
    value = draft.answers.get(wanted.id)
    return wanted.kind.spell(wanted.id, value, asked_of(draft, here.now))[wanted.id]


def _stored(value: JsonValue) -> FileRef | None:
    """Return the list that a value names as a stored file, as large as it may be."""
    if not isinstance(value, dict) or "file" not in value:
        return None
    size = int(str(value.get("count", 0))) * LONGEST_NUMBER
    return csv_file(str(value["file"]), LIST_NAME, size)


def _outcome(reading: Reading | Problem) -> ListOutcome:
    return reading if isinstance(reading, Problem) else reading.outcome


def _lang(here: Here) -> str:
    return here.text.language
