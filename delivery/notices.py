"""Turns a notice into the words of its place: the only room of delivery that draws cards."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from cards.case import View, case_card, desk_card, desk_message, event_card
from cards.message import Message
from cards.receipts import receipt_message
from cases.deeds import DESK
from cases.lifecycle import open_verbs
from cases.model import Case, Event
from cases.ports import CaseStore, Claim, Clock
from cases.vocabulary import NoticeKind, Role
from delivery.fates import Place, ToDesk
from delivery.postman import Drawing
from strings import Text, text_for

SAME_NEWS: Final = timedelta(seconds=1)
MOST_NEWS: Final = 64


class CardDrawer:
    """Draws what a notice says, as the case is now, in the language of whoever reads it."""

    def __init__(self, cases: CaseStore, clock: Clock) -> None:
        """Take the cases, for their timelines, and a clock."""
        self._cases = cases
        self._clock = clock
        self._drawn: dict[tuple[object, ...], tuple[datetime, Drawing]] = {}

    async def draw(self, claim: Claim, case: Case, event: Event, to: Place) -> Drawing | None:
        """Return the message for this place; none if there is nothing to say."""
        text = _text(to)
        if claim.notice.receipt is not None:
            return Drawing(receipt_message(case, claim.notice.receipt, text).activity())
        if claim.notice.kind is NoticeKind.MESSAGE:
            return self._same_news(claim, case, event, text)
        found = await self._cases.read(case.number)
        if found is None:
            return None
        case, events = found
        parts = await self._cases.batch(case.tenant, case.batch) if case.batch else ()
        view = replace(self._view(claim, case, events, text), parts=parts)
        card = desk_card(view) if isinstance(to, ToDesk) else case_card(view)
        return Drawing(card.activity())

    def _same_news(self, claim: Claim, case: Case, event: Event, text: Text) -> Drawing:
        """Draw news once for all who hear of it at the same moment, in the same words."""
        asked = self._clock()
        desk = claim.notice.to == DESK
        key = (case.number, case.rev, event.id, desk, _role(claim, case), text)
        drawn = self._drawn.get(key)
        if drawn is None or abs(asked - drawn[0]) > SAME_NEWS:
            if len(self._drawn) >= MOST_NEWS:
                self._drawn.clear()
            drawn = asked, Drawing(self._news(claim, case, event, text).activity())
            self._drawn[key] = drawn
        return drawn[1]

    def _news(self, claim: Claim, case: Case, event: Event, text: Text) -> Message:
        if claim.notice.to == DESK:
            return desk_message(case, event, text)
        return event_card(self._view(claim, case, (), text, news=event.id), event)

    def _view(
        self, claim: Claim, case: Case, events: tuple[Event, ...], text: Text, news: str = ""
    ) -> View:
        role = _role(claim, case)
        return View(
            case=case,
            events=[e for e in events if role is Role.AGENT or not e.internal],
            role=role,
            verbs=open_verbs(case, role, self._clock()),
            text=text,
            news=news,
        )


def _role(claim: Claim, case: Case) -> Role:
    if claim.notice.to == DESK:
        return Role.AGENT
    is_requester = claim.notice.to.user == case.requester.user
    return Role.REQUESTER if is_requester else Role.COLLEAGUE


def _text(to: Place) -> Text:
    """Return the words of a place; a channel is read by people in many zones."""
    if isinstance(to, ToDesk):
        return text_for(to.desk.locale)
    return text_for(to.person.language, zone=to.person.timezone)
