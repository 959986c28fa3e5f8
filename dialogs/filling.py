"""Filling in a draft: answers, Back, Change, files, putting aside, and sending it as a case."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import replace

from pydantic import JsonValue

from cards import Message
from cards.answers import numbers_shown
from cards.intake import closed_card, summary_card
from cards.press import Ask
from cards.problems import told_of
from cards.talk import aside_card, drafts_card, said, sent_card
from cases.casebook import CaseBook
from cases.deeds import with_files
from cases.errors import Rejected
from cases.kinds import SHOWN, listed
from cases.model import Conversation, Draft
from cases.numbers import to_csv
from cases.ports import Conversations, Receiver, Upload
from dialogs.intake import (
    INTAKE,
    asked_of,
    number_field_of,
    placed,
    rechecked,
    sorted_files,
    started,
    with_number_list,
)
from dialogs.migrations import current
from dialogs.turn import Here, Reply, Turn, left_as, say
from dialogs.understanding import answers_in, looks_like_numbers, says
from dialogs.waterfall import Heard, consumed, fingerprint

MOST_DRAFTS = 10
"""Open drafts of one person."""
QUICK = 20_000
"""Characters of a number list that are checked at once; a longer one goes to a thread."""

NewId = Callable[[], str]


class Filling:
    """Walks one person through the intake."""

    def __init__(
        self, book: CaseBook, drafts: Conversations, receiver: Receiver, new_id: NewId
    ) -> None:
        """Take the case book, the drafts, what takes files in, and a source of ids."""
        self._book = book
        self._drafts = drafts
        self._receiver = receiver
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
            return self._was_sent(here, draft.case)
        match here.pressed.verb:
            case Ask.RESUME:
                return self._ask(here, draft)
            case Ask.DISCARD:
                return await self._discard(here, draft)
        if self._is_stale(here, draft):
            return self._as_it_is(here, draft)
        return await self._pressed(here, draft)

    async def _pressed(self, here: Here, draft: Draft) -> Turn:
        match here.pressed.verb:
            case Ask.BACK:
                return self._moved(here, INTAKE.back(draft))
            case Ask.CHANGE:
                return self._moved(here, INTAKE.ask(draft, here.pressed.value))
            case Ask.PUT_ASIDE:
                return self.put_aside(here)
            case Ask.ANSWER if INTAKE.stage(draft) is not INTAKE.stages[-1]:
                return await self._answer(here, draft)
            case Ask.SEND:
                return await self._send(here, draft)
            case Ask.ANSWER if here.pressed.stage:
                # The last stage, named, has nothing to answer but yes.
                return await self._send(here, draft)
            case _:
                return self._anew(here, draft)

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
            return await self._list_said(here, draft)
        heard = stage.hear(draft, words, asked)
        if heard is None:
            return None
        if heard.complete:
            return await self._take(here, draft, heard.typed)
        return self._filled_in(here, draft, heard)

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
        return Turn(replies=(*over, aside), conversation=Conversation())

    def show(self, here: Here, draft: Draft, note: str = "") -> Turn:
        """Show the card of the stage that is asked, as it is now."""
        return self._ask(here, draft, note)

    async def files(self, here: Here, draft: Draft) -> Turn:
        """Take files that were dropped into the chat: a number list, or papers.

        A form that is open above stays as it is: what is typed into it is not lost.
        """
        notes: list[str] = []
        for upload in here.said.files:
            try:
                draft, note = await self._file(here, draft, upload)
            except Rejected as refusal:
                reason = told_of(refusal, here.text)
                note = here.text("files.refused", name=upload.name, reason=reason)
            notes.append(note)
        if INTAKE.stage(draft).name == "review" and draft.files:
            draft = INTAKE.ask(draft, "papers")
        note = "\n\n".join(notes)
        if INTAKE.stage(draft).name == "papers":
            return self._anew(here, draft, note)
        return Turn(replies=(Reply(Message(note)),), draft=draft.but(updated=here.now))

    async def _file(self, here: Here, draft: Draft, upload: Upload) -> tuple[Draft, str]:
        file = await self._receiver.take(draft.tenant, upload)
        asked = asked_of(draft, here.now)
        wants_list = INTAKE.stage(draft).name == "details" and number_field_of(draft, asked)
        content = await self._receiver.text(draft.tenant, file) if wants_list else None
        if content is not None:
            return await self._with_list(here, draft, content)
        file = placed(draft, file)
        label = here.text(f"field.{file.field}.label")
        taken = draft.but(files=with_files(draft.files, (file,)))
        return taken, here.text("files.taken", name=file.name, label=label)

    async def _list_said(self, here: Here, draft: Draft) -> Turn:
        try:
            draft, note = await self._with_list(here, draft, here.said.text)
        except Rejected as refusal:
            return say(Message(told_of(refusal, here.text)))
        return Turn(replies=(Reply(Message(note)),), draft=draft.but(updated=here.now))

    async def _with_list(self, here: Here, draft: Draft, content: str) -> tuple[Draft, str]:
        """Return the draft with a number list taken, checked where it holds nobody up."""
        if len(content) <= QUICK:
            taken = with_number_list(draft, content, here.now)
        else:
            taken = await asyncio.to_thread(with_number_list, draft, content, here.now)
        taken = await self._put_lists_away(taken)
        field = number_field_of(taken, asked_of(taken, here.now))
        numbers = numbers_shown(taken.answers[field.id], here.text) if field else ""
        return taken, here.text("files.list_taken", numbers=numbers)

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
            draft = draft.but(files=sorted_files(draft, typed))
        asked = asked_of(draft, here.now)
        if sum(map(len, typed.values())) > QUICK:
            after = await asyncio.to_thread(INTAKE.answer, draft, typed, asked)
        else:
            after = INTAKE.answer(draft, typed, asked)
        after = await self._put_lists_away(after)
        if after.problems:
            return self._anew(here, after)
        return self._moved(here, after, finished=stage.name)

    async def _put_lists_away(self, draft: Draft) -> Draft:
        """Return the draft with its number list stored as a file, and only its head named."""
        field = number_field_of(draft, asked_of(draft, draft.updated))
        value = draft.answers.get(field.id) if field else None
        if field is None or not isinstance(value, dict) or "file" in value:
            return draft
        numbers, count = listed(value)
        name = f"{field.id}.csv"
        file = await self._receiver.save(draft.tenant, name, to_csv(numbers))
        head: list[JsonValue] = [*numbers[:SHOWN]]
        kept = {**value, "count": count, "numbers": head, "file": file.sha256}
        return draft.but(answers={**draft.answers, field.id: kept})

    def _filled_in(self, here: Here, draft: Draft, heard: Heard) -> Turn:
        """Fill the open card in with plain words, to be looked at and sent on."""
        problems = {name: why for name, why in draft.problems.items() if name not in heard.typed}
        filled = draft.but(typed={**draft.typed, **heard.typed}, problems=problems)
        return self._anew(here, filled, here.text("form.filled_in"))

    async def _send(self, here: Here, draft: Draft) -> Turn:
        """Make a case of the draft; whatever no longer holds is asked again first."""
        checked = rechecked(draft, here.now)
        if checked.problems or not INTAKE.complete(checked):
            return self._moved(here, checked)
        created = await self._book.open(draft, here.said.speaker)
        return self._was_sent(here, created.number, again=created.again)

    def _was_sent(self, here: Here, number: str, *, again: bool = True) -> Turn:
        """Say which number the case has, in place of the card that was pressed."""
        reply = Reply(sent_card(number, here.text, again=again), over=here.card)
        done = here.draft is None or here.draft.case or not again
        return Turn(replies=(reply,), conversation=Conversation() if done else None)

    async def _discard(self, here: Here, draft: Draft) -> Turn:
        await self._drafts.discard(draft.tenant, draft.user, draft.id)
        gone = Reply(closed_card("drafts.discarded", here.text), over=here.said.card)
        is_open = here.draft is not None and here.draft.id == draft.id
        return Turn(replies=(gone,), conversation=Conversation() if is_open else None)

    def _ask(self, here: Here, draft: Draft, note: str = "") -> Turn:
        """Save the draft as the one that is filled in here, and show its open stage below."""
        card = INTAKE.card(draft, asked_of(draft, here.now), here.text, note)
        conversation = Conversation(draft=draft.id)
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
        left = (
            summary_card(finished, draft, here.text)
            if finished
            else closed_card("form.moved", here.text)
        )
        return replace(turn, replies=(left_as(left, here.card), *turn.replies))


def _mark(here: Here) -> str:
    press = here.pressed
    return fingerprint((press.verb, press.stage, str(press.rev)), here.said.typed)
