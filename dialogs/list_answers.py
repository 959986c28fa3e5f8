"""Number lists as answers of a draft: typed, dropped or said; taken, refused, or still checked."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from hashlib import sha256

from pydantic import JsonValue

from cards import Message, Press
from cards.answers import groups_of, numbers_beside
from cards.inputs import LONGEST_LIST
from cards.lists import (
    APART,
    downloads_card,
    list_problem_card,
    mark_of,
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
from cases.ports import Lengthy
from cases.preflight import billing_number
from dialogs.intake import INTAKE, asked_of, number_field_of
from dialogs.lists import (
    LIST_NAME,
    REPORT_NAME,
    Lists,
    Reading,
    Source,
    csv_file,
    files_of,
    purpose_of,
    serves,
)
from dialogs.turn import Here, Link, LongCheck, Reply, Turn, say

LONGEST_NUMBER = 17
"""Bytes of a number in a stored list, at most: a plus, fifteen digits and the end of the line."""
TOLL_FREE = "toll_free"
"""The key of a part, and the kind of all its numbers."""
LONGEST_LINE = 200
"""Bytes of a line in a report, or nearly."""
ListOutcome = JsonValue | Problem
"""The answer that a list is, or why it is not taken."""


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
        wanted = wanted_in(here, draft)
        if wanted is None:
            return Given()
        said = typed.get(wanted.id, "").strip()
        if not _is_as_shown(here, draft, wanted, said):
            return await self._checked(here, draft, wanted, said, typed)
        refused = draft.problems.get(wanted.id)
        if draft.checking is not None:
            check = _long(here, draft, draft.checking, typed)
            return Given({wanted.id: Problem(code="list_checking")}, check)
        if refused is not None and offer_of(refused):
            return Given({wanted.id: refused})
        value = draft.answers.get(wanted.id)
        if serves(value, purpose_of(draft, typed)):
            return Given({wanted.id: value})
        stored = _stored(value)
        if stored is None and not said:
            return Given()
        return await self._checked(here, draft, wanted, stored or said, typed)

    async def offered(self, here: Here, draft: Draft, typed: Mapping[str, str]) -> Given:
        """Return what the press of a button below a refused list makes of it.

        A list that was put right in the form meanwhile, or is for something else now, is read anew.
        """
        wanted = wanted_in(here, draft)
        refused = draft.problems.get(wanted.id) if wanted else None
        if wanted is None or refused is None or not offer_of(refused):
            return await self.given(here, draft, typed)
        said = typed.get(wanted.id, "").strip()
        put_right = said and said.split() != draft.typed.get(wanted.id, "").split()
        if put_right or not serves(dict(offer_of(refused)), purpose_of(draft, typed)):
            return await self._checked(here, draft, wanted, said, typed)
        return Given({wanted.id: chosen(refused, here.pressed)})

    async def with_billing(
        self, here: Here, draft: Draft, given: Given, typed: Mapping[str, str]
    ) -> Given:
        """Return what was given with whether the billing number is in the list."""
        number = billing_number(typed, asked_of(draft, here.now))
        if not number:
            return given
        values = {
            name: await self._lists.looked_up(draft.tenant, value, number)
            for name, value in given.taken.items()
        }
        return replace(given, lists={**given.lists, **values})

    async def at_send(self, here: Here, draft: Draft) -> dict[str, ListOutcome]:
        """Return what a finished draft's list comes to now, by field; nothing if it has none.

        Somebody may have opened a case with the same numbers since. A long list is not checked
        again, unless it was checked for something else.
        """
        wanted = wanted_in(here, draft)
        if wanted is None:
            return {}
        value = draft.answers.get(wanted.id)
        stored = _stored(value)
        if stored is None:
            return {wanted.id: Problem(code="list_check_again")}
        try:
            outcome = await self._read(here, draft, stored, {})
        except Lengthy:
            fits = serves(value, purpose_of(draft, {}))
            return {wanted.id: value if fits else Problem(code="list_check_again")}
        return {wanted.id: outcome if _stands_against(value, outcome) else value}

    async def dropped(self, here: Here, draft: Draft, source: Source) -> Turn:
        """Take a list that was dropped or said; a form that is open above stays as it is."""
        try:
            outcome = await self._read(here, draft, source, {})
        except Lengthy:
            stored = await self._lists.put_by(draft.tenant, source)
            begun = Turn(draft=draft.but(updated=here.now))
            return checking(here, begun, _long(here, draft, stored, {}))
        return told(here, draft, outcome)

    def taken_apart(self, here: Here, draft: Draft) -> Turn:
        """Take what is offered of a list that stands on a card of its own."""
        wanted = wanted_in(here, draft)
        refused = draft.problems.get(wanted.id) if wanted else None
        if refused is None or not offer_of(refused):
            gone = problem_card(Problem(code="check_gone"), here.text)
            return Turn(replies=(Reply(gone, over=here.said.card),))
        return told(here, draft, chosen(refused, here.pressed), over=here.said.card)

    def downloads(self, here: Here, draft: Draft) -> Turn:
        """Answer with fresh addresses of the report on the draft's list, and of what is right."""
        wanted = wanted_in(here, draft)
        refused = draft.problems.get(wanted.id) if wanted else None
        value = draft.answers.get(wanted.id) if wanted else None
        held = value if isinstance(value, dict) else {}
        report, clean = held.get("report"), held.get("file")
        if refused is not None and refused.params.get("report"):
            report, clean = refused.params["report"], offer_of(refused).get("file")
        files = files_of(str(report or ""), str(clean or ""))
        if not files:
            return say(problem_card(Problem(code="check_gone"), here.text))
        links = [(which, self._link(draft.tenant, file)) for which, file in files]
        return say(downloads_card(links, here.text))

    async def _checked(
        self, here: Here, draft: Draft, wanted: Field, source: Source, typed: Mapping[str, str]
    ) -> Given:
        try:
            return Given({wanted.id: await self._read(here, draft, source, typed)})
        except Lengthy:
            stored = await self._lists.put_by(draft.tenant, source)
            check = _long(here, draft, stored, typed)
            return Given({wanted.id: Problem(code="list_checking")}, check)

    async def _read(
        self, here: Here, draft: Draft, source: Source, typed: Mapping[str, str]
    ) -> ListOutcome:
        """Check a list while its person waits; raises `Lengthy`."""
        purpose, language = purpose_of(draft, typed), here.text.language
        try:
            reading = await self._lists.read(
                draft.tenant, source, purpose, language, but=draft.id, at_once=True
            )
        except Rejected as refusal:
            return Problem(code=refusal.code, params=refusal.params)
        return reading.outcome


def checking(here: Here, turn: Turn, check: LongCheck) -> Turn:
    """Return the turn with its draft's list being checked from then on, and with a word of that.

    A list that is being checked already has its word, and is only begun anew if it was lost.
    """
    draft = turn.draft
    if draft is None:
        raise LookupError("a list is checked for a draft")
    if draft.checking == check.source:
        return replace(turn, checks=(check,))
    progress = Reply(progress_message(0, 0, here.text), progress=True)
    return replace(
        turn,
        replies=(*turn.replies, progress),
        draft=draft.but(checking=check.source),
        checks=(check,),
    )


def ended(
    here: Here, draft: Draft | None, check: LongCheck, reading: Reading | Problem, over: str
) -> Turn:
    """Take what a long check came to, unless its draft has gone on without it."""
    waits = draft is not None and not draft.case and draft.checking == check.source
    has_field = draft is not None and wanted_in(here, draft) is not None
    if draft is None or not (waits and has_field) or INTAKE.stage(draft).name != "details":
        gone = Reply(Message(here.text("list.not_needed")), over, needed=False)
        over_it = draft.but(checking=None) if draft is not None and waits else None
        return Turn(replies=(gone,) if over else (), draft=over_it)
    outcome = reading if isinstance(reading, Problem) else reading.outcome
    return told(here, draft, outcome, over)


def told(here: Here, draft: Draft, outcome: ListOutcome, over: str = "") -> Turn:
    """Return the turn that saves what became of a list, and says it apart from the form."""
    wanted = wanted_in(here, draft)
    if wanted is None:
        return Turn(draft=draft)
    if isinstance(outcome, dict):
        # The form above goes on showing what it shows: that is no new answer.
        outcome = {**outcome, "dropped": _print(_shown(here, draft, wanted))}
    after = with_outcome(draft, wanted, outcome).but(updated=here.now)
    if isinstance(outcome, Problem):
        press = Press(draft=draft.id, stage="details", view=APART)
        card = list_problem_card(outcome, press, here.text)
        return Turn(replies=(Reply(card, over),), draft=after)
    numbers = numbers_beside(after.answers.get(wanted.id), here.text)
    note = Message(here.text("files.list_taken", numbers=numbers))
    return Turn(replies=(Reply(note, over),), draft=after)


def with_outcome(draft: Draft, wanted: Field, outcome: ListOutcome) -> Draft:
    """Return the draft with its list taken, or with what is wrong with it; no check goes on."""
    typed = {name: said for name, said in draft.typed.items() if name != wanted.id}
    problems = {name: why for name, why in draft.problems.items() if name != wanted.id}
    if isinstance(outcome, Problem):
        problems = {**problems, wanted.id: outcome}
        return draft.but(typed=typed, problems=problems, checking=None)
    answers = {**draft.answers, wanted.id: outcome}
    return draft.but(typed=typed, problems=problems, answers=answers, checking=None)


def chosen(refused: Problem, press: Press) -> ListOutcome:
    """Return what a button makes of a refused list; what it cannot, leaves it refused.

    A button of another list, which was refused before this one, makes nothing of it.
    """
    offer = dict(offer_of(refused))
    if press.value and press.value != mark_of(refused):
        return refused
    match press.verb:
        case Ask.SPLIT if offer.get("parts"):
            return {**offer, "split": True}
        case Ask.PORT_AS_ONE if may_be_one(refused):
            offer.pop("parts")
            return {**offer, "as_one": True}
        case Ask.LEAVE_OUT if not offer.get("parts"):
            return offer
    return refused


def may_be_one(refused: Problem) -> bool:
    """Return whether a mixed list may go into one case after all: one block, all of it right."""
    summary = summary_of(refused)
    return summary is not None and not summary.stops and Advice.PORT_AS_ONE in summary.advice


def parts_of(here: Here, draft: Draft) -> tuple[Part, ...]:
    """Return the lawful cases that a draft becomes; none if its list is not to be split."""
    wanted = wanted_in(here, draft)
    groups = groups_of(draft.answers.get(wanted.id)) if wanted else ()
    return tuple(_part(draft, group) for group in groups)


def wanted_in(here: Here, draft: Draft) -> Field | None:
    """Return the field that takes a list, if the draft's type has one."""
    return number_field_of(draft, asked_of(draft, here.now))


def _part(draft: Draft, group: Group) -> Part:
    numbers: list[JsonValue] = [*group.head]
    value: dict[str, JsonValue] = {
        "count": group.count,
        "numbers": numbers,
        "file": group.file,
    }
    if group.key == TOLL_FREE:
        value["kinds"] = {TOLL_FREE: group.count}
    return Part(key=group.key, numbers=value, files=for_part(draft.files, group.key))


def _stands_against(value: JsonValue, outcome: ListOutcome) -> bool:
    """Return whether a list that was taken is not to be sent: a mix may have been settled."""
    if not isinstance(outcome, Problem):
        return False
    settled = isinstance(value, dict) and (value.get("split") or value.get("as_one"))
    return not (settled and outcome.code == "numbers_mixed")


def _long(here: Here, draft: Draft, source: FileRef, typed: Mapping[str, str]) -> LongCheck:
    return LongCheck(source, purpose_of(draft, typed), here.text.language, draft.id)


def _shown(here: Here, draft: Draft, wanted: Field) -> str:
    """Return what the list's input shows of the answer that is held; nothing of a long list."""
    value = draft.answers.get(wanted.id)
    return wanted.kind.spell(wanted.id, value, asked_of(draft, here.now))[wanted.id]


def _is_as_shown(here: Here, draft: Draft, wanted: Field, said: str) -> bool:
    """Return whether the input holds what it held when it was shown, and so says nothing new."""
    value = draft.answers.get(wanted.id)
    dropped = value.get("dropped") if isinstance(value, dict) else None
    return said.split() == _shown(here, draft, wanted).split() or _print(said) == dropped


def _print(said: str) -> str:
    return sha256(" ".join(said.split()).encode("utf-8", "replace")).hexdigest()[:16]


def _stored(value: JsonValue) -> FileRef | None:
    """Return the list that a value names as a stored file, as large as it may be.

    Who uses a number stands in the report only; the clean list has one column.
    """
    if not isinstance(value, dict) or "file" not in value:
        return None
    size = int(str(value.get("count", 0)))
    if value.get("used") and value.get("report"):
        return csv_file(str(value["report"]), REPORT_NAME, size * LONGEST_LINE)
    size *= LONGEST_NUMBER
    return csv_file(str(value["file"]), LIST_NAME, size)
