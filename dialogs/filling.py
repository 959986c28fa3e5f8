"""Filling in a draft: answers, Back, Change, files, putting aside, and sending it as a case."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from cards import Message
from cards.intake import closed_card, summary_card
from cards.lists import APART
from cards.press import Ask
from cards.problems import refused_line
from cards.talk import aside_card, drafts_card, said, sent_card
from cases.casebook import CaseBook
from cases.errors import Rejected
from cases.lists import LIST_FILES
from cases.model import Conversation, Draft, FileRef, Problem
from cases.ports import Conversations, Receiver
from dialogs.intake import (
    INTAKE,
    asked_of,
    cautions_of,
    number_field_of,
    rechecked,
    started,
)
from dialogs.list_answers import ListAnswers, checking, ended, parts_of
from dialogs.lists import Reading
from dialogs.migrations import current
from dialogs.papers import ABOUT_PAPERS, filed, pressed, settled, sorted_by
from dialogs.turn import Here, LongCheck, Reply, Turn, left_as, say
from dialogs.understanding import answers_in, looks_like_numbers, says
from dialogs.waterfall import Heard, Stage, consumed, fingerprint

MOST_DRAFTS = 10
"""Open drafts of one person."""
ABOUT_LISTS = frozenset({Ask.LEAVE_OUT, Ask.SPLIT, Ask.PORT_AS_ONE})
"""Buttons below a number list that is not taken as it is."""

NewId = Callable[[], str]


class Filling:
    """Walks one person through the intake."""

    def __init__(
        self,
        book: CaseBook,
        drafts: Conversations,
        receiver: Receiver,
        lists: ListAnswers,
        new_id: NewId,
    ) -> None:
        """Take the case book, the drafts, what takes files and lists in, and a source of ids."""
        self._book = book
        self._drafts = drafts
        self._receiver = receiver
        self._lists = lists
        self._new_id = new_id

    async def start(self, here: Here, words: str = "") -> Turn:
        """Begin a new case, with the answers that came along; other drafts stay as they are."""
        speaker = here.said.speaker
        others = await self._drafts.drafts(speaker.tenant, speaker.user)
        if len(others) >= MOST_DRAFTS:
            list_of = drafts_card(others, here.person.timezone or "UTC", here.text)
            return say(said("drafts.too_many", here.text, most=MOST_DRAFTS), list_of)
        draft = Draft(
            id=self._new_id(),
            tenant=speaker.tenant,
            user=speaker.user,
            created=here.now,
            updated=here.now,
        )
        draft = started(draft, answers_in(words), here.now)
        note = here.text("drafts.kept") if here.draft and not here.draft.case else ""
        turn = self._ask(here, draft, note)
        if not here.draft or not here.open_card:
            return turn
        left = closed_card("drafts.moved_aside", here.text)
        return replace(turn, replies=(left_as(left, here.open_card), *turn.replies))

    async def press(self, here: Here) -> Turn:
        """Do what a button of the intake asks for; a stale one is answered with what is now."""
        draft = await self._meant(here)
        if draft is None:
            gone = closed_card("drafts.gone", here.text)
            return Turn(replies=(Reply(gone, over=here.said.card),))
        if draft.case:
            return self._was_sent(here, *await self._book.sent(draft))
        match here.pressed.verb:
            case Ask.RESUME:
                return self._ask(here, draft)
            case Ask.DISCARD:
                return await self._discard(here, draft)
            case Ask.DOWNLOAD:
                return self._lists.downloads(here, draft)
        if self._is_stale(here, draft):
            return self._as_it_is(here, draft)
        return await self._pressed(here, draft)

    async def _pressed(self, here: Here, draft: Draft) -> Turn:
        if here.pressed.verb in ABOUT_PAPERS:
            return self._paper_pressed(here, draft)
        if here.pressed.verb in ABOUT_LISTS and here.pressed.view == APART:
            return self._lists.taken_apart(here, draft)
        if here.pressed.verb in {*ABOUT_LISTS, Ask.ANSWER, Ask.SEND}:
            return await self._answered(here, draft)
        match here.pressed.verb:
            case Ask.BACK:
                return self._moved(here, INTAKE.back(draft))
            case Ask.CHANGE:
                return self._moved(here, INTAKE.ask(draft, here.pressed.value))
            case Ask.PUT_ASIDE:
                return self.put_aside(here)
            case _:
                return self._anew(here, draft)

    async def _answered(self, here: Here, draft: Draft) -> Turn:
        """Take an answer; the last stage, named or sent, has nothing to answer but yes."""
        is_last = INTAKE.stage(draft) is INTAKE.stages[-1]
        if here.pressed.verb == Ask.SEND or (is_last and here.pressed.stage):
            return await self._send(here, draft)
        if is_last:
            return self._anew(here, draft)
        return await self._answer(here, draft)

    def _paper_pressed(self, here: Here, draft: Draft) -> Turn:
        """Do what a button of the checklist asks for; anywhere else it does nothing."""
        if INTAKE.stage(draft).name != "papers":
            return self._anew(here, draft)
        known = consumed(draft, _mark(here))
        return self._anew(here, *pressed(known, here.pressed, here.said.typed, here.text))

    async def hear(self, here: Here, draft: Draft) -> Turn | None:
        """Take plain words as an answer to what is asked; none if they are none."""
        stage = INTAKE.stage(draft)
        words = here.said.text
        if stage.name == "review" and says("review.send", words):
            return await self._send(here, draft)
        if stage.name == "papers" and says("papers.done", words):
            return await self._take(here, draft, {})
        asked = asked_of(draft, here.now)
        if stage.name == "details" and looks_like_numbers(words) and number_field_of(draft, asked):
            return await self._lists.dropped(here, draft, words)
        heard = stage.hear(draft, words, asked)
        if heard is None:
            return None
        if heard.complete:
            return await self._take(here, draft, heard.typed)
        return self._filled_in(here, draft, heard)

    async def checked(
        self, here: Here, check: LongCheck, reading: Reading | Problem, over: str
    ) -> Turn:
        """Take what the long check of a draft's list came to."""
        draft = here.draft
        if draft is None or draft.id != check.draft:
            found = await self._drafts.draft(here.said.speaker.tenant, check.draft)
            draft = current(found) if found else None
        return ended(here, draft, check, reading, over)

    def back(self, here: Here, draft: Draft) -> Turn:
        """Go one stage back."""
        return self._moved(here, INTAKE.back(draft))

    def put_aside(self, here: Here) -> Turn:
        """Leave the draft for later; it is kept, and nothing asks for it any more."""
        if here.draft is None:
            return say()
        closed = closed_card("drafts.moved_aside", here.text)
        aside = Reply(aside_card(here.draft, here.text))
        over = (left_as(closed, here.card),) if here.card else ()
        return Turn(replies=(*over, aside), conversation=_without_draft(here))

    def show(self, here: Here, draft: Draft, note: str = "") -> Turn:
        """Show the card of the stage that is asked, as it is now."""
        return self._ask(here, draft, note)

    async def files(
        self, here: Here, draft: Draft, files: Sequence[FileRef], notes: Sequence[str] = ()
    ) -> Turn:
        """Take files that were dropped into the chat: a number list, or papers.

        `notes` is what is said of files that were refused. A form that is open above stays as it
        is: what is typed into it is not lost. One list fits into a form: of several, the last.
        """
        lists = [file for file in files if self._is_list(here, draft, file)]
        said, earlier, draft = list(notes), draft.files, draft.but(unsure={})
        said += [here.text("files.one_list", name=file.name) for file in lists[:-1]]
        for file in files:
            if file in lists:
                continue
            try:
                draft, note = filed(draft, file, earlier, here.text)
            except Rejected as refusal:
                note = refused_line(file.name, refusal, here.text)
            said.append(note)
        if not lists:
            return self._files_told(here, draft, "\n\n".join(said))
        turn = await self._lists.dropped(here, draft, lists[-1])
        line = (Reply(Message("\n\n".join(said))),) if said else ()
        return replace(turn, replies=(*line, *turn.replies))

    def _files_told(self, here: Here, draft: Draft, note: str) -> Turn:
        if INTAKE.stage(draft).name == "review" and draft.files:
            draft = INTAKE.ask(draft, "papers")
        if INTAKE.stage(draft).name == "papers":
            return self._anew(here, draft, note)
        return Turn(replies=(Reply(Message(note)),), draft=draft.but(updated=here.now))

    def _is_list(self, here: Here, draft: Draft, file: FileRef) -> bool:
        """Return whether a file that was dropped now is the number list that is asked for."""
        at_details = INTAKE.stage(draft).name == "details"
        wanted = number_field_of(draft, asked_of(draft, here.now))
        return at_details and wanted is not None and file.media_type in LIST_FILES

    async def _meant(self, here: Here) -> Draft | None:
        """Return the draft that a press is about: the one it names, else the open one."""
        press = here.pressed
        if not press.draft or (here.draft and here.draft.id == press.draft):
            return here.draft
        found = await self._drafts.draft(here.said.speaker.tenant, press.draft)
        if found is None or found.user != here.said.speaker.user:
            return None
        return current(found)

    def _is_stale(self, here: Here, draft: Draft) -> bool:
        press = here.pressed
        elsewhere = bool(press.stage) and press.stage != INTAKE.stage(draft).name
        another = here.draft is None or here.draft.id != draft.id
        return elsewhere or another or (press.rev > 0 and _mark(here) in draft.consumed)

    def _as_it_is(self, here: Here, draft: Draft) -> Turn:
        """Answer a stale press: its card becomes its summary, the open stage is shown again.

        A second click on a button whose answer was taken needs no second card.
        """
        stage = here.pressed.stage
        if stage not in INTAKE.finished(draft):
            return self._ask(here, draft)
        over: tuple[Reply, ...] = ()
        if here.said.card and not here.closed:
            summary = summary_card(stage, draft, here.text)
            over = (left_as(summary, here.said.card),)
        if here.open_card and here.open_card != here.said.card:
            return Turn(replies=over)
        turn = self._ask(here, draft)
        return replace(turn, replies=(*over, *turn.replies))

    async def _answer(self, here: Here, draft: Draft) -> Turn:
        return await self._take(here, consumed(draft, _mark(here)), here.said.typed)

    async def _take(self, here: Here, draft: Draft, typed: Mapping[str, str]) -> Turn:
        """Take an answer: one stage further, or the same card with what is wrong."""
        stage = INTAKE.stage(draft)
        if stage.name == "papers":
            draft = sorted_by(draft, typed)
        if stage.name != "details":
            return self._taken(here, INTAKE.answer(draft, typed, asked_of(draft, here.now)), stage)
        is_choice = bool(here.said.press) and here.pressed.verb in ABOUT_LISTS
        if is_choice:
            # What the button did not send along is as the card was drawn.
            typed = {**draft.typed, **typed}
        read = self._lists.offered if is_choice else self._lists.given
        given = await read(here, draft, typed)
        given = await self._lists.with_billing(here, draft, given, typed)
        draft = draft.but(answers={**draft.answers, **given.taken})
        if given.check is None:
            # Whatever was being checked, this answer is newer.
            draft = draft.but(checking=None)
        asked = replace(asked_of(draft, here.now), lists=given.lists)
        turn = self._taken(here, INTAKE.answer(draft, given.left_of(typed), asked), stage)
        return checking(here, turn, given.check) if given.check else turn

    def _taken(self, here: Here, after: Draft, stage: Stage) -> Turn:
        after = settled(after, stage.name)
        if after.problems:
            return self._anew(here, after)
        return self._moved(here, after, finished=stage.name)

    def _filled_in(self, here: Here, draft: Draft, heard: Heard) -> Turn:
        """Fill the open card in with plain words, to be looked at and sent on."""
        problems = {name: why for name, why in draft.problems.items() if name not in heard.typed}
        filled = draft.but(typed={**draft.typed, **heard.typed}, problems=problems)
        return self._anew(here, filled, here.text("form.filled_in"))

    async def _send(self, here: Here, draft: Draft) -> Turn:
        """Make a case of the draft; whatever no longer holds is asked again first."""
        checked = rechecked(draft, here.now, await self._lists.at_send(here, draft))
        if checked.problems or not INTAKE.complete(checked):
            return self._moved(here, checked)
        created = await self._book.open(draft, here.said.speaker, parts_of(here, draft))
        return self._was_sent(here, *created.numbers, again=created.again)

    def _was_sent(self, here: Here, *numbers: str, again: bool = True) -> Turn:
        """Say which number each case has, in place of the card that was pressed."""
        reply = Reply(sent_card(numbers, here.text, again=again), over=here.card)
        done = here.draft is None or here.draft.case or not again
        return Turn(
            replies=(reply,), conversation=here.conversation.but(draft="") if done else None
        )

    async def _discard(self, here: Here, draft: Draft) -> Turn:
        await self._drafts.discard(draft.tenant, draft.user, draft.id)
        gone = Reply(closed_card("drafts.discarded", here.text), over=here.said.card)
        is_open = here.draft is not None and here.draft.id == draft.id
        return Turn(
            replies=(gone,), conversation=here.conversation.but(draft="") if is_open else None
        )

    def _ask(self, here: Here, draft: Draft, note: str = "") -> Turn:
        """Save the draft as the one that is filled in here, and show its open stage below."""
        card = INTAKE.card(draft, asked_of(draft, here.now), here.text, note)
        conversation = here.conversation.but(draft=draft.id, wants_list=False)
        return Turn(
            replies=(Reply(card, opens=True),),
            draft=draft.but(updated=here.now),
            conversation=conversation if conversation != here.conversation else None,
        )

    def _anew(self, here: Here, draft: Draft, note: str = "") -> Turn:
        """Show the open stage as it is now: in place of the pressed card, else below."""
        turn = self._ask(here, draft, note)
        if here.said.card:
            return replace(turn, replies=(replace(turn.replies[0], over=here.said.card),))
        if not here.open_card:
            return turn
        moved = left_as(closed_card("form.moved", here.text), here.open_card)
        return replace(turn, replies=(moved, *turn.replies))

    def _moved(self, here: Here, draft: Draft, finished: str = "") -> Turn:
        """Show another stage below; the card that was answered becomes its summary."""
        turn = self._ask(here, draft)
        if not here.card:
            return turn
        told = cautions_of(draft, here.now) if finished == "details" else ()
        left = (
            summary_card(finished, draft, here.text, told)
            if finished
            else closed_card("form.moved", here.text)
        )
        return replace(turn, replies=(left_as(left, here.card), *turn.replies))


def _without_draft(here: Here) -> Conversation:
    return here.conversation.but(draft="")


def _mark(here: Here) -> str:
    press = here.pressed
    return fingerprint((press.verb, press.stage, str(press.rev)), here.said.typed)
