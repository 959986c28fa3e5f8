"""`check numbers`: a list checked for no case, from what is pasted or dropped to the report.

```mermaid
stateDiagram-v2
    [*] --> asked: check numbers
    asked --> checked: a list, pasted or dropped, and its country if it is written nationally
    [*] --> checked: check numbers +33 1 ..., a list dropped when nothing is asked
    checked --> checked: another country (the same list again), another list
    checked --> [*]: any other command
```
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from cards.lists import (
    check_card,
    checked_card,
    downloads_card,
    problem_card,
    progress_message,
)
from cases.countries import REGIONS, all_countries
from cases.errors import Rejected
from cases.findings import Purpose
from cases.model import Conversation, FileRef, ListCheck, Problem
from cases.ports import Lengthy
from dialogs.lists import Lists, Reading, Source, files_of
from dialogs.turn import Here, Link, LongCheck, Reply, Turn, say
from dialogs.understanding import command_in, may_be_numbers, region_in

_FIRST_NUMBER = re.compile(r"[+(=\"']*\d")
REMEMBERED = 5
"""Checks of a conversation whose reports can still be fetched."""


@dataclass(frozen=True)
class CheckNumbers:
    """Checks number lists for whoever asks."""

    lists: Lists
    link: Link
    new_id: Callable[[], str]

    async def start(self, here: Here, words: str = "") -> Turn:
        """Ask for a list, or check the one that came along."""
        named, listed = _parted(words)
        if may_be_numbers(listed):
            return await self._check(here, listed, named)
        region = named or _country_of_draft(here)
        card = check_card(REGIONS, region, here.text)
        after = here.conversation.but(wants_list=True, list_region=named)
        return Turn(replies=(Reply(card),), conversation=after)

    async def press(self, here: Here) -> Turn:
        """Check what the card holds, or its list again with another country."""
        typed = here.said.typed
        region = typed.get("country", "").strip()
        region = region if region in REGIONS else ""
        content = typed.get("numbers", "")
        if content.strip():
            return await self._check(here, content, region)
        known = _known(here)
        if known is not None:
            return await self._check(here, known.source, region)
        code = "check_gone" if here.pressed.value else "empty_list"
        card = check_card(REGIONS, region, here.text, Problem(code=code))
        return Turn(replies=(Reply(card, over=here.said.card),))

    async def files(self, here: Here, files: Sequence[FileRef]) -> Turn:
        """Check lists that were dropped, each by itself; words beside them may name a country."""
        command = command_in(here.said.text)
        about = command.rest if command else here.said.text
        region = region_in(about) or here.conversation.list_region
        turn = Turn()
        for file in files:
            checked = await self._check(here, file, region)
            if checked.conversation is not None:
                here = replace(here, conversation=checked.conversation)
            turn = replace(
                checked,
                replies=(*turn.replies, *checked.replies),
                checks=turn.checks + checked.checks,
            )
        return turn

    async def heard(self, here: Here) -> Turn:
        """Check a list that was said."""
        return await self._check(here, here.said.text, here.conversation.list_region)

    def download(self, here: Here) -> Turn:
        """Answer with fresh addresses of a check's report and clean list."""
        known = _known(here)
        if known is None or not known.report:
            return say(problem_card(Problem(code="check_gone"), here.text))
        files = files_of(known.report, known.clean)
        tenant = here.said.speaker.tenant
        links = [(which, self.link(tenant, file)) for which, file in files]
        return say(downloads_card(links, here.text))

    async def _check(self, here: Here, source: Source, region: str) -> Turn:
        tenant, purpose = here.said.speaker.tenant, Purpose(region=region)
        try:
            stored = await self.lists.put_by(tenant, source)
        except Rejected as refusal:
            return self._refused(here, purpose, _problem(refusal), _card(here))
        try:
            reading = await self.lists.read(
                tenant, source, purpose, here.text.language, at_once=True
            )
        except Lengthy:
            return self._begun(here, stored, purpose)
        except Rejected as refusal:
            return self._refused(here, purpose, _problem(refusal), _card(here))
        return self._told(here, self.new_id(), stored, purpose, reading, _card(here))

    def _begun(self, here: Here, source: FileRef, purpose: Purpose) -> Turn:
        """Say that a list is being checked; it is remembered, should this process die over it."""
        waiting = ListCheck(id=self.new_id(), source=source, region=purpose.region)
        check = LongCheck(source, purpose, here.text.language, id=waiting.id)
        message = progress_message(0, 0, here.text, waiting.id)
        progress = Reply(message, over=_card(here), progress=True)
        return Turn(replies=(progress,), conversation=_with(here, waiting), checks=(check,))

    def ended(self, here: Here, check: LongCheck, reading: Reading | Problem, over: str) -> Turn:
        """Say what a long check came to."""
        if isinstance(reading, Problem):
            return self._refused(here, check.purpose, reading, over)
        return self._told(here, check.id, check.source, check.purpose, reading, over)

    def _refused(self, here: Here, purpose: Purpose, problem: Problem, over: str) -> Turn:
        card = check_card(REGIONS, purpose.region, here.text, problem)
        # Whoever fills in a case was not asked for a list that is for none.
        wants = here.said.press is not None or not here.unfinished
        after = here.conversation.but(wants_list=wants)
        return Turn(replies=(Reply(card, over=over),), conversation=after)

    def _told(
        self,
        here: Here,
        check_id: str,
        source: FileRef,
        purpose: Purpose,
        reading: Reading,
        over: str,
    ) -> Turn:
        """Say what a check came to, and remember where its report is."""
        done = ListCheck(
            id=check_id,
            source=source,
            region=purpose.region,
            report=reading.report,
            clean=str(reading.offer.get("file", "")),
        )
        card = checked_card(reading.summary, done, REGIONS, here.text)
        return Turn(replies=(Reply(card, over=over),), conversation=_with(here, done))


def _with(here: Here, check: ListCheck) -> Conversation:
    """Return the conversation with a check remembered, in place of what was known of it."""
    others = tuple(known for known in here.conversation.checks if known.id != check.id)
    checks = (*others, check)[-REMEMBERED:]
    return here.conversation.but(checks=checks, wants_list=False, list_region="")


def _problem(refusal: Rejected) -> Problem:
    return Problem(code=refusal.code, params=refusal.params)


def _parted(words: str) -> tuple[str, str]:
    """Return the country and the list of what follows the command.

    Words before the first number of the command's own line say which country; all lines below it
    are the list, whatever they hold.
    """
    first, end, below = words.partition("\n")
    begins = _FIRST_NUMBER.search(first)
    about, listed = (first[: begins.start()], first[begins.start() :]) if begins else (first, "")
    return region_in(about), (listed + end + below).strip()


def _known(here: Here) -> ListCheck | None:
    """Return the check that a button is about."""
    checks = here.conversation.checks
    return next((check for check in checks if check.id == here.pressed.value), None)


def _country_of_draft(here: Here) -> str:
    draft = here.unfinished
    country = str(draft.answers.get("country", "")) if draft else ""
    return country if country in all_countries() else ""


def _card(here: Here) -> str:
    return here.said.card if here.said.press else ""
