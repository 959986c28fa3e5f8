"""The desk's channel: replies in a case's thread, and the buttons of its living card."""

from cards.press import Ask
from cards.talk import desk_help, said
from cases.ports import Directory
from dialogs.casework import Casework
from dialogs.turn import Here, Turn, say
from dialogs.understanding import case_number_in, command_in


class DeskChannel:
    """Agents at work; everyone else is told that this is not their place."""

    def __init__(self, casework: Casework, directory: Directory) -> None:
        """Take what does the work, and what knows the threads."""
        self._casework = casework
        self._directory = directory

    async def turn(self, here: Here) -> Turn:
        """Return what comes of a press or of words in the desk's team."""
        told = here.said
        if not told.speaker.agent:
            return self._answer(here, "desk.only")
        if told.press is not None:
            return await self._press(here)
        number = await self._directory.case_of_thread(told.thread) if told.thread else None
        if number is None:
            return await self._outside(here)
        if not told.text:
            return say(desk_help(here.text))
        return await self._casework.say(here, number, told.text)

    async def _press(self, here: Here) -> Turn:
        if here.pressed.verb == Ask.SHOW:
            return await self._casework.show(here, here.pressed.case)
        return await self._casework.press(here)

    async def _outside(self, here: Here) -> Turn:
        """Answer words outside a case's thread: a case by its number, else what can be done."""
        number = case_number_in(here.said.text)
        if number:
            return await self._casework.show(here, number)
        command = command_in(here.said.text)
        if command is None and here.said.text and here.said.thread:
            return say(said("desk.unknown_thread", here.text))
        return say(desk_help(here.text))

    def _answer(self, here: Here, key: str) -> Turn:
        sentence = here.text(key)
        return Turn(notice=sentence) if here.said.waits else say(said(key, here.text))
