"""The personal chat: what was said, dropped or pressed is routed to whoever knows the answer."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace

from cards import Message
from cards.press import Ask
from cards.problems import refused_line, told, told_of
from cards.talk import sorry
from cases.errors import NotFound, Rejected
from cases.lists import LIST_FILES
from cases.model import FileRef, Problem
from cases.ports import Receiver
from cases.vocabulary import Verb
from dialogs.casework import Casework
from dialogs.checking import CheckNumbers
from dialogs.filling import Filling
from dialogs.lists import Reading
from dialogs.talking import Talking
from dialogs.turn import Here, LongCheck, Received, Said, Turn, say
from dialogs.understanding import SHORT, Command, case_number_in, command_in, may_be_numbers

OF_CASES = frozenset({*Verb, Ask.SHOW, Ask.PARTS, Ask.REFRESH, Ask.UNMASK})
"""Buttons that are about a case; all others belong to the intake."""


class Chat:
    """One person's chat with the bot."""

    def __init__(
        self,
        filling: Filling,
        talking: Talking,
        casework: Casework,
        checking: CheckNumbers,
        receiver: Receiver,
    ) -> None:
        """Take those who know the answers."""
        self._filling = filling
        self._checking = checking
        self._talking = talking
        self._casework = casework
        self._receiver = receiver
        self._answers: Mapping[str, Callable[[Here], Awaitable[Turn]]] = {
            "my_cases": talking.my_cases,
            "case": talking.my_cases,
            "company_cases": talking.company_cases,
            "drafts": talking.drafts,
            "profile": talking.profile,
            "help": talking.help,
            "hi": talking.greet,
        }

    async def turn(self, here: Here) -> Turn:
        """Return what comes of what a person did; a refusal is said, and nothing is lost by it."""
        try:
            if here.said.press is not None:
                return await self._press(here)
            if here.said.files:
                return await self._files(here)
            return await self._words(here)
        except Rejected as refusal:
            return say(sorry(told_of(refusal, here.text), here.text, ("help",)))
        except NotFound:
            # A list that is no longer kept; whoever has it gives it again.
            gone = told(Problem(code="check_gone"), here.text)
            return say(sorry(gone, here.text, ("help",)))

    async def again(self, here: Here) -> Turn:
        """Return what is said to something that was worked off before: what may not be on screen.

        A bot that was killed between saving and speaking left nobody a card to press.
        """
        draft = here.unfinished
        return self._filling.show(here, draft) if draft and not here.open_card else Turn()

    async def checked(
        self, here: Here, check: LongCheck, reading: Reading | Problem, over: str
    ) -> Turn:
        """Return what comes of a long check that has ended; its progress was told in `over`."""
        if check.draft:
            return await self._filling.checked(here, check, reading, over)
        return self._checking.ended(here, check, reading, over)

    async def _press(self, here: Here) -> Turn:
        press = here.pressed
        if press.verb == Ask.COMMAND:
            return await self._command(here, Command(press.command, press.value))
        if press.verb == Ask.CHECK:
            return await self._checking.press(here)
        if press.verb == Ask.DOWNLOAD and not press.draft:
            return self._checking.download(here)
        if press.case and press.verb == Ask.SHOW:
            return await self._casework.show(here, press.case)
        if press.case or press.verb in OF_CASES:
            return await self._casework.press(here)
        return await self._filling.press(here)

    async def _files(self, here: Here) -> Turn:
        files, refused = here.said.received.files, _refusals(here)
        number = case_number_in(here.said.text)
        if number:
            # What was written stands without the file, too.
            told = bool(files) or len(here.said.text.split()) > SHORT
            turn = await self._casework.say(here, number, here.said.text, files) if told else say()
            return turn.and_say(*map(Message, refused))
        command = command_in(here.said.text)
        asked = command is not None and command.name == "check_numbers"
        checks = asked or here.conversation.wants_list or not here.unfinished
        lists = [file for file in files if checks and file.media_type in LIST_FILES]
        others = [file for file in files if file not in lists]
        turn = await self._checking.files(here, lists) if lists else Turn()
        if here.unfinished and (others or not lists):
            filled = await self._filling.files(here, here.unfinished, others, refused)
            return replace(
                filled,
                replies=(*turn.replies, *filled.replies),
                conversation=turn.conversation,
                checks=turn.checks + filled.checks,
            )
        if others and (asked or here.conversation.wants_list):
            kinds = Rejected("list_file_kind")
            refused += [refused_line(file.name, kinds, here.text) for file in others]
        elif others:
            offers = ("new_case", "my_cases", "drafts")
            turn = turn.and_say(sorry(here.text("files.nowhere"), here.text, offers))
        return turn.and_say(*map(Message, refused))

    async def receive(self, said: Said) -> Said:
        """Fetch the files of a message before its turn: a slow host then holds up no other turn."""
        kept: list[FileRef] = []
        refused: list[tuple[str, Rejected]] = []
        for upload in said.files:
            try:
                kept.append(await self._receiver.take(said.speaker.tenant, upload))
            except Rejected as refusal:
                refused.append((upload.name, refusal))
        return replace(said, received=Received(tuple(kept), tuple(refused)))

    async def _words(self, here: Here) -> Turn:
        command = command_in(here.said.text)
        if command is not None:
            return await self._command(here, command)
        if here.conversation.wants_list and may_be_numbers(here.said.text):
            return await self._checking.heard(here)
        if here.unfinished:
            return await self._filling.hear(here, here.unfinished) or self._talking.unclear(here)
        return self._talking.unclear(here)

    async def _command(self, here: Here, command: Command) -> Turn:
        turn = await self._commanded(here, command)
        if not here.conversation.wants_list or command.name == "check_numbers":
            return turn
        # Whoever turns to something else gives no list any more.
        after = turn.conversation or here.conversation
        return replace(turn, conversation=after.but(wants_list=False, list_region=""))

    async def _commanded(self, here: Here, command: Command) -> Turn:
        if command.name in {"back", "cancel"}:
            return self._about_open_case(here, command.name)
        if command.name == "new_case":
            return await self._filling.start(here, command.rest)
        if command.name == "check_numbers":
            return await self._checking.start(here, command.rest)
        if command.name == "case" and command.rest:
            return await self._casework.show(here, command.rest)
        answer = self._answers.get(command.name, self._talking.help)
        return await answer(here)

    def _about_open_case(self, here: Here, command: str) -> Turn:
        draft = here.unfinished
        if here.conversation.wants_list and command == "cancel":
            # It is the latest that was asked for; the draft is as it was.
            return say(Message(here.text("list.not_asked")))
        if draft is None:
            return say(sorry(here.text("nothing_open"), here.text, ("new_case", "my_cases")))
        return (
            self._filling.back(here, draft) if command == "back" else self._filling.put_aside(here)
        )


def _refusals(here: Here) -> list[str]:
    """Return what is said of the files that were not taken in."""
    return [refused_line(name, why, here.text) for name, why in here.said.received.refused]
