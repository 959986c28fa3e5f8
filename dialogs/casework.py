"""What is done to cases by buttons and replies, by customers in chat and agents in the channel."""

import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace

from cards import Message, Press
from cards.batch import BATCH, batch_card
from cards.calendar import MEDIA_TYPE, calendar_file, file_name
from cards.case import View, case_card, desk_card, event_card
from cards.dates import DATE_INPUTS, calendar_card, calendar_told
from cards.press import Ask
from cards.problems import told, told_of
from cards.talk import sorry
from cases.casebook import CaseBook
from cases.deeds import Deed
from cases.errors import Refusal
from cases.lists import HEADER
from cases.model import FileRef, Problem
from cases.vocabulary import Role, Verb
from dialogs.turn import Here, Link, Reply, Turn, say
from dialogs.waterfall import fingerprint

NOTE = re.compile(r"\W*note\s*[:：\-–—]\s*", re.IGNORECASE)
"""In front of an agent's reply: it stays within the desk, however the colon is spaced."""


Save = Callable[[str, str, bytes], Awaitable[FileRef]]
"""Stores a file that we made for a tenant, under a name."""


@dataclass(frozen=True)
class Casework:
    """Does deeds to cases and shows them; who may do what is the case book's to say."""

    book: CaseBook
    link: Link
    save: Save

    async def show(self, here: Here, number: str) -> Turn:
        """Show a case as it is now, below."""
        try:
            card = await self._card(Press(verb=Ask.SHOW, case=number), here)
        except Refusal as refusal:
            sentence = told_of(refusal, here.text)
            if here.said.waits:
                return Turn(notice=sentence)
            return say(sorry(sentence, here.text, ("my_cases", "help")))
        return self._below(here, card, here.text("case.shown", number=number))

    async def parts(self, here: Here) -> Turn:
        """Show all cases of a batch, below; or in its place, pressed on their card."""
        try:
            reading = await self.book.read(here.pressed.case, here.said.speaker)
        except Refusal as refusal:
            return self._noticed(here, told_of(refusal, here.text))
        card = batch_card(reading.parts or (reading.case,), here.text)
        if here.pressed.view == BATCH:
            return self._redrawn(here, card)
        return self._below(here, card, here.text("batch.shown"))

    async def calendar(self, here: Here) -> Turn:
        """Give the calendar file of the date that holds now, or that takes it out, below."""
        tenant, text = here.said.speaker.tenant, here.text
        try:
            case = (await self.book.read(here.pressed.case, here.said.speaker)).case
        except Refusal as refusal:
            return self._noticed(here, told_of(refusal, text))
        if case.dated is None:
            return self._noticed(here, text("calendar.none", number=case.number))
        content = calendar_file(case, case.dated, text)
        file = await self.save(tenant, file_name(case), content)
        url = self.link(tenant, file.but(media_type=MEDIA_TYPE))
        turn = say(calendar_card(case, url, text))
        return replace(turn, notice=calendar_told(case, text)) if here.said.waits else turn

    async def press(self, here: Here) -> Turn:
        """Do what a button of a case asks for, and answer with its card as it is then."""
        press, speaker = here.pressed, here.said.speaker
        if press.verb == Ask.PARTS:
            return await self.parts(here)
        if press.verb == Ask.CALENDAR:
            return await self.calendar(here)
        try:
            if press.verb in set(Verb) - {Verb.OPEN}:
                await self.book.act(press.case, deed_of(press, here), speaker)
            card = await self._card(press, here)
        except Refusal as refusal:
            return await self._refused(here, refusal)
        return self._redrawn(here, card)

    async def say(self, here: Here, number: str, words: str, files: Sequence[FileRef] = ()) -> Turn:
        """Take plain words as a comment; an agent's that begin with `note:` stay inside."""
        speaker = here.said.speaker
        verb, text = Verb.COMMENT, words
        if speaker.agent and (note := NOTE.match(words)):
            verb, text = Verb.NOTE, words[note.end() :].strip()
        deed = Deed(verb=verb, key=own_key(here), text=text, files=tuple(files))
        try:
            await self.book.act(number, deed, speaker)
        except Refusal as refusal:
            return say(Message(told_of(refusal, here.text)))
        return Turn() if speaker.agent else say(Message(here.text("done.comment", number=number)))

    async def _card(self, press: Press, here: Here, trouble: Problem | None = None) -> Message:
        """Return the card that a press leaves behind: the living one, or the news it was on."""
        reading = await self.book.read(press.case, here.said.speaker)
        is_agent, case = reading.role is Role.AGENT, reading.case
        unmasked = is_agent and press.verb == Ask.UNMASK
        files = case_files(case.files, case.answers) if unmasked else ()
        view = View(
            case=case,
            events=reading.events,
            role=reading.role,
            verbs=reading.verbs,
            text=here.text,
            unmasked=unmasked,
            links=self._links(case.tenant, files),
            news=press.event,
            problem=trouble,
            typed=here.said.typed if trouble else {},
            parts=reading.parts,
        )
        news = next((event for event in reading.events if event.id == press.event), None)
        if news is not None:
            done = "" if trouble else here.text(f"done.{press.verb}", number=case.number)
            return event_card(view, news, done)
        view = replace(view, news="")
        return desk_card(view) if is_agent else case_card(view)

    def _links(self, tenant: str, files: Sequence[FileRef]) -> list[tuple[str, str]]:
        return [(file.name, self.link(tenant, file)) for file in files]

    async def _refused(self, here: Here, refusal: Refusal) -> Turn:
        """Answer a refusal with the card as it is now and the reason; if it is gone, the reason."""
        press, text = here.pressed, here.text
        trouble = Problem(code=refusal.code, params=refusal.params)
        if refusal.code == "required":
            trouble = trouble.but(params={"label": text(f"say.label.{press.verb}")})
        try:
            return self._redrawn(here, await self._card(press, here, trouble))
        except Refusal:
            return self._noticed(here, told(trouble, text))

    def _below(self, here: Here, card: Message, notice: str) -> Turn:
        turn = say(card)
        if not here.said.waits:
            return turn
        return Turn(replies=turn.replies, notice=notice)

    def _redrawn(self, here: Here, card: Message) -> Turn:
        if here.said.waits:
            return Turn(answer=card)
        return Turn(replies=(Reply(card, over=here.said.card),))

    def _noticed(self, here: Here, sentence: str) -> Turn:
        if here.said.waits:
            return Turn(notice=sentence)
        return say(Message(sentence))


def own_key(here: Here) -> str:
    """Return what makes a deed the same when it comes twice: ids are unique in one chat only."""
    return f"{here.said.speaker.user}:{here.said.key}"


def deed_of(press: Press, here: Here) -> Deed:
    """Return the deed that a press means; pressed twice on one card it is the same deed."""
    typed = here.said.typed
    text = typed.get(f"{press.verb}_text", typed.get("text", ""))
    choice = typed.get("resolution" if press.verb == Verb.RESOLVE else "cancel_reason", "")
    parts = (press.case, press.verb, str(press.rev), here.said.speaker.user, choice)
    date, time = (
        typed.get(name, "") if press.verb == Verb.SCHEDULE else "" for name in DATE_INPUTS
    )
    told = {"text": text, "date": date, "time": time} if date or time else {"text": text}
    key = f"press:{fingerprint(parts, told) if press.rev else own_key(here)}"
    return Deed(verb=Verb(press.verb), key=key, text=text, choice=choice, date=date, time=time)


def case_files(files: Sequence[FileRef], answers: object) -> list[FileRef]:
    """Return a case's files, its number list among them."""
    listed = answers.get("numbers") if isinstance(answers, dict) else None
    if not isinstance(listed, dict) or "file" not in listed:
        return list(files)
    csv = FileRef(sha256=str(listed["file"]), name=f"{HEADER}.csv", size=0, media_type="text/csv")
    return [csv, *files]
