"""Everything that can be said besides the intake: help, lists, drafts, profile."""

from cards import Press
from cards.case import list_card
from cards.press import Ask
from cards.talk import (
    drafts_card,
    help_card,
    profile_card,
    resume_card,
    said,
    unclear_card,
    welcome_card,
)
from cases.casebook import CaseBook
from cases.ports import Conversations
from cases.vocabulary import View
from dialogs.turn import Here, Reply, Turn, say
from dialogs.understanding import COMMANDS, answers_in, likely
from strings import LANGUAGES, text_for

HELPED = tuple(command for command in COMMANDS if command != "hi")


class Talking:
    """Answers what is no part of the intake, and never loses the draft over it."""

    def __init__(self, book: CaseBook, drafts: Conversations) -> None:
        """Take the case book and the drafts."""
        self._book = book
        self._drafts = drafts

    async def greet(self, here: Here) -> Turn:
        """Answer a greeting."""
        turn = self._reminded(here, say(welcome_card(here.said.speaker.name, here.text)))
        return Turn(replies=turn.replies, person=here.person.but(welcomed=True))

    async def help(self, here: Here) -> Turn:
        """Say what can be said."""
        return self._reminded(here, say(help_card(HELPED, here.text)))

    def unclear(self, here: Here) -> Turn:
        """Offer the likeliest meanings of what was said; answers named in it are not lost."""
        words = here.said.text
        given = words[:200] if answers_in(words) else ""
        return self._reminded(here, say(unclear_card(likely(words), here.text, given)))

    async def my_cases(self, here: Here) -> Turn:
        """Show the cases that the person opened or is named on."""
        return await self._list(here, "my_cases")

    async def company_cases(self, here: Here) -> Turn:
        """Show the cases of the person's company."""
        return await self._list(here, "company_cases")

    async def drafts(self, here: Here) -> Turn:
        """Show the person's unfinished cases."""
        speaker = here.said.speaker
        found = await self._drafts.drafts(speaker.tenant, speaker.user)
        return say(drafts_card(found, here.person.timezone or "UTC", here.text))

    async def profile(self, here: Here) -> Turn:
        """Ask for the language, or take the answer; from then on it holds."""
        chosen = here.said.typed.get("language", "")
        if chosen not in {"auto", *LANGUAGES}:
            return self._reminded(here, say(profile_card(here.person.chosen_locale, here.text)))
        locale = "" if chosen == "auto" else chosen
        text = text_for(locale, here.person.locale)
        done = Reply(said("profile.saved", text), over=here.said.card)
        return Turn(replies=(done,), person=here.person.but(chosen_locale=locale))

    async def _list(self, here: Here, command: str) -> Turn:
        press = here.said.press or Press()
        view = View(press.view) if press.view in set(View) else View.ALL
        ask = self._book.mine if command == "my_cases" else self._book.company
        page = await ask(here.said.speaker, view, press.cursor)
        more = Press(verb=Ask.COMMAND, command=command, view=view, cursor=page.cursor)
        card = list_card(
            here.text(f"command.{command}.name"),
            page.cases,
            here.text,
            view,
            more if page.cursor else None,
        )
        if here.said.waits:
            return Turn(answer=card)
        return self._reminded(here, say(card))

    def _reminded(self, here: Here, turn: Turn) -> Turn:
        """Remind the person of the case that is being filled in."""
        draft = here.unfinished
        return turn.and_say(resume_card(draft, here.text)) if draft else turn
