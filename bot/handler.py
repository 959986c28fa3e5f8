"""What comes from Teams, routed by kind: words, presses, invokes, installations, the channel."""

from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import structlog
from botbuilder.core import InvokeResponse, TurnContext
from botbuilder.core.teams import TeamsActivityHandler

from bot import invokes
from bot.adapter import inbound_of
from bot.desk import DeskChannel
from bot.fetching import Fetching
from bot.inbound import Inbound
from bot.long_checks import LongChecks
from bot.people import Introductions
from bot.receiving import upload_of
from bot.roster import Roster
from bot.turns import Outcome, Speech, Turns
from cards import Press
from cards import press as presses
from cards.problems import told_of
from cards.talk import said, welcome_card
from cases.errors import DeskError
from cases.model import Person, Problem, Speaker
from cases.vocabulary import Origin
from dialogs.chat import Chat
from dialogs.lists import Reading
from dialogs.turn import Here, LongCheck, Said, Turn, say
from strings import Text, text_for

_log = structlog.get_logger(__name__)


Later = Callable[[Coroutine[Any, Any, None]], None]
"""Has something done after the turn, without making anyone wait."""


@dataclass(frozen=True)
class Parts:
    """Those whom the handler routes to."""

    turns: Turns
    chat: Chat
    channel: DeskChannel
    roster: Roster
    introductions: Introductions
    long_checks: LongChecks
    later: Later


class DeskBot(TeamsActivityHandler):
    """Routes activities; knows Teams, and nothing of cases."""

    def __init__(self, parts: Parts) -> None:
        """Take those who know."""
        super().__init__()
        self._parts = parts
        self._fetching = Fetching(parts.chat.receive)

    async def on_turn(self, turn_context: TurnContext) -> None:
        """Learn where the desk is, then route."""
        await self._parts.roster.learn(inbound_of(turn_context))
        await super().on_turn(turn_context)

    async def on_message_activity(self, turn_context: TurnContext) -> None:
        """Take words, files and the presses of forms."""
        inbound = inbound_of(turn_context)
        try:
            told = _said(inbound, inbound.value)
        except presses.NotAPress:
            _log.info("message_value_ignored", activity=inbound.id)
            told = _said(inbound, None)
        if told.press is None and not inbound.is_personal and not inbound.mentions_bot:
            # Where the bot hears everything, what is said among agents is not said to it.
            return
        await self._run(turn_context, inbound, told)

    async def on_conversation_update_activity(self, turn_context: TurnContext) -> None:
        """Greet whoever added the bot; notice who comes to the desk's team and who leaves."""
        inbound = inbound_of(turn_context)
        if self._parts.roster.is_desk(inbound):
            self._parts.roster.forget()
        own = inbound.recipient.id if inbound.recipient else None
        if inbound.is_personal and any(one.id == own for one in inbound.members_added or ()):
            await self._run(turn_context, inbound, _said(inbound, None), _welcome)

    async def on_installation_update(self, turn_context: TurnContext) -> None:
        """Greet whoever installed the bot; remember whoever removed it."""
        inbound = inbound_of(turn_context)
        if inbound.is_personal:
            added = (inbound.action or "").startswith("add")
            await self._run(
                turn_context, inbound, _said(inbound, None), _welcome if added else _nothing
            )

    async def on_invoke_activity(self, turn_context: TurnContext) -> InvokeResponse:
        """Answer every invoke with a body that fits it."""
        inbound = inbound_of(turn_context)
        text = text_for(inbound.locale or "")
        match inbound.name:
            case "adaptiveCard/action":
                return await self._execute(turn_context, inbound, text)
            case "application/search":
                return invokes.answer(invokes.found_countries(inbound.value, text))
            case "task/fetch" | "task/submit":
                return invokes.answer(invokes.task_line(text("unclear")))
            case "composeExtension/query":
                return invokes.answer(invokes.found_cases([]))
            case _:
                return invokes.not_ours(text("done.not_ours"))

    async def _execute(self, context: TurnContext, inbound: Inbound, text: Text) -> InvokeResponse:
        try:
            told = _executed(inbound)
        except presses.NotAPress as error:
            return invokes.answer(invokes.bad_request(str(error)))
        try:
            outcome = await self._run(context, inbound, told)
        except DeskError as refusal:
            # An invoke that gets no body shows an error of Teams' own and tells nobody anything.
            return invokes.answer(invokes.line(told_of(refusal, text)))
        return invokes.answer(_invoke_body(outcome, text))

    async def _run(
        self,
        context: TurnContext,
        inbound: Inbound,
        told: Said,
        think: Callable[[Here], Awaitable[Turn]] | None = None,
    ) -> Outcome:
        parts = self._parts
        if inbound.is_personal:
            turn = partial(self._run_in_chat, context, inbound, think or parts.chat.turn)
            if told.files:
                return await self._fetching.run(context, inbound, told, turn)
            await self._fetching.settles(inbound.chat)
            return await turn(told)
        if not parts.roster.is_desk(inbound):
            return await parts.turns.run(context, inbound, told, _personal_only)
        told = told_by_agent(told, await parts.roster.is_agent(inbound))
        return await parts.turns.run(
            context, inbound, told, parts.channel.turn, locale=parts.roster.locale
        )

    async def _run_in_chat(
        self,
        context: TurnContext,
        inbound: Inbound,
        think: Callable[[Here], Awaitable[Turn]],
        told: Said,
    ) -> Outcome:
        parts = self._parts
        outcome = await parts.turns.run(context, inbound, told, think, again=parts.chat.again)
        self._meet(outcome.person)
        if outcome.turn.checks and outcome.speech:
            parts.later(self._check(context, inbound, told, outcome.turn, outcome.speech))
        return outcome

    async def _check(
        self, context: TurnContext, inbound: Inbound, told: Said, turn: Turn, speech: Speech
    ) -> None:
        """Have long checks done after their turn; what each comes to is a turn of its own."""
        progress = await speech or ("",) * len(turn.checks)
        for check, message in zip(turn.checks, progress, strict=True):
            self._check_one(context, inbound, told, check, message)

    def _check_one(
        self, context: TurnContext, inbound: Inbound, told: Said, check: LongCheck, message: str
    ) -> None:
        parts = self._parts
        key = f"{inbound.id}:checked:{check.draft or check.id}:{check.source.sha256}"
        ended = Said(speaker=told.speaker, key=key)

        async def take(reading: Reading | Problem, over: str) -> None:
            async def think(here: Here) -> Turn:
                return await parts.chat.checked(here, check, reading, over)

            again = inbound.model_copy(update={"id": ended.key})
            await parts.turns.run(context, again, ended, think, again=parts.chat.again)

        parts.later(parts.long_checks.run(context, inbound, check, message, take))

    def _meet(self, person: Person | None) -> None:
        if person is not None and not person.email and person.reachable:
            self._parts.later(self._parts.introductions.meet(person))


def told_by_agent(told: Said, agent: bool) -> Said:
    """Return what was said with the speaker's standing at the desk, as the roster has it."""
    speaker = told.speaker.but(agent=agent, origin=Origin.CHANNEL)
    return replace(told, speaker=speaker)


def _said(inbound: Inbound, value: object) -> Said:
    press: Press | None = None
    typed: dict[str, str] = {}
    if value is not None:
        press, typed = presses.read(value)
    return Said(
        speaker=Speaker(tenant=inbound.tenant, user=inbound.user, name=inbound.sender.name or ""),
        key=inbound.id,
        text=inbound.said,
        press=press,
        typed=typed,
        files=tuple(
            upload_of(file, place, inbound.service_url or "")
            for place, file in enumerate(inbound.files, start=1)
        ),
        card=(inbound.reply_to_id or "") if press else "",
        thread=inbound.conversation_id if inbound.is_channel and inbound.thread_message else "",
    )


def _executed(inbound: Inbound) -> Said:
    """Return the press of an `Action.Execute`; raises `NotAPress`."""
    value = inbound.value if isinstance(inbound.value, dict) else {}
    action = value.get("action")
    if not isinstance(action, dict) or not isinstance(action.get("verb"), str):
        raise presses.NotAPress("the invoke has no action with a verb")
    press, typed = presses.read(action.get("data") or {}, action["verb"])
    told = _said(inbound, None)
    return replace(told, press=press, typed=typed, card=inbound.reply_to_id or "", waits=True)


def _invoke_body(outcome: Outcome, text: Text) -> invokes.Json:
    if outcome.turn.answer is not None and outcome.turn.answer.card is not None:
        return invokes.card(outcome.turn.answer)
    return invokes.line(outcome.turn.notice or text("done.again"))


async def _welcome(here: Here) -> Turn:
    """Greet a person the first time, and only then."""
    if here.person.welcomed:
        return Turn()
    card = welcome_card(here.said.speaker.name, here.text)
    return Turn(replies=say(card).replies, person=here.person.but(welcomed=True))


async def _nothing(_here: Here) -> Turn:
    return Turn()


async def _personal_only(here: Here) -> Turn:
    if here.said.press is not None:
        return Turn(notice=here.text("desk.only"))
    return say(said("chat.personal_only", here.text))
