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

from collections.abc import Callable
from dataclasses import dataclass

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
from cases.model import FileRef, ListCheck, Problem
from dialogs.lists import Lists, Reading, files_of, is_long
from dialogs.turn import Here, Link, LongCheck, Reply, Turn, say
from dialogs.understanding import answers_in, looks_like_numbers

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
        named = answers_in(words).get("country", "")
        region = named or _country_of_draft(here)
        if looks_like_numbers(words):
            return await self._check(here, words, named)
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
        card = check_card(REGIONS, region, here.text, Problem(code="empty_list"))
        return Turn(replies=(Reply(card, over=here.said.card),))

    async def file(self, here: Here, file: FileRef) -> Turn:
        """Check a list that was dropped."""
        return await self._check(here, file, here.conversation.list_region)

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

    async def _check(self, here: Here, source: str | FileRef, region: str) -> Turn:
        tenant = here.said.speaker.tenant
        purpose = Purpose(region=region)
        stored = await self.lists.put_by(tenant, source)
        if is_long(source):
            check = LongCheck(stored, purpose, here.text.language)
            progress = Reply(progress_message(0, 0, here.text), over=_card(here), progress=True)
            after = here.conversation.but(wants_list=False, list_region="")
            return Turn(replies=(progress,), conversation=after, check=check)
        reading: Reading | Problem
        try:
            reading = await self.lists.read(tenant, source, purpose, here.text.language)
        except Rejected as refusal:
            reading = Problem(code=refusal.code, params=refusal.params)
        return self.ended(here, stored, purpose, reading, over=_card(here))

    def ended(
        self,
        here: Here,
        source: FileRef,
        purpose: Purpose,
        reading: Reading | Problem,
        over: str = "",
    ) -> Turn:
        """Say what a check came to, and remember where its report is."""
        if isinstance(reading, Problem):
            card = check_card(REGIONS, purpose.region, here.text, reading)
            after = here.conversation.but(wants_list=True)
            return Turn(replies=(Reply(card, over=over),), conversation=after)
        done = ListCheck(
            id=self.new_id(),
            source=source,
            region=purpose.region,
            report=reading.report,
            clean=str(reading.offer.get("file", "")),
        )
        card = checked_card(reading.summary, done, REGIONS, here.text)
        checks = (*here.conversation.checks, done)[-REMEMBERED:]
        after = here.conversation.but(checks=checks, wants_list=False, list_region="")
        return Turn(replies=(Reply(card, over=over),), conversation=after)


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
