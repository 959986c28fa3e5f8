"""People at their chats: what they say, click and see, over the sandbox's wire."""

import asyncio
from collections.abc import Awaitable
from typing import Any, TypeVar

from sandbox import Sandbox
from sandbox.teams import Answer
from sandbox.world import Message, Upload
from strings import Text, text_for
from tests.chat import reading
from tests.chat.reading import Button, Json

QUIET = 0.3
"""Seconds without a call after which a bot on this machine has said what it wanted to."""
T = TypeVar("T")

PDF = b"%PDF-1.4\n1 0 obj << /Type /Catalog >> endobj\ntrailer << /Root 1 0 R >>\n%%EOF\n"


class Person:
    """Somebody in a chat with the bot; an agent's chat is the desk's channel."""

    def __init__(self, teams: Sandbox, key: str) -> None:
        self.teams = teams
        self.key = key
        self.agent = teams.person(key).role == "agent"

    # -- doing -------------------------------------------------------------------------------

    async def says(self, text: str = "", *files: Upload, **more: Any) -> Message:
        """Write a message; the bot has answered when this returns."""
        return await self._answered(self.teams.say(self.key, text, files=files, **more))

    async def drops(self, *names: str, content: bytes = PDF, text: str = "") -> Message:
        """Drop files of the same content into the chat."""
        unique = (content + f"% {name}\n".encode() if content is PDF else content for name in names)
        files = [await self.holds(name, one) for name, one in zip(names, unique, strict=True)]
        return await self.says(text, *files)

    async def holds(self, name: str, content: bytes = PDF) -> Upload:
        """Hold a file ready."""
        return await self.teams.upload(name, content)

    async def clicks(self, button: str, on: Message | None = None, **typed: Any) -> Answer:
        """Press a button, by title, verb, id or value, with what was typed into the card."""
        message = self._now(on or self.open_card)
        return await self._press(message, self._button(message, button), typed)

    async def answers(self, on: Message | None = None, /, **typed: Any) -> Answer:
        """Fill in the card and press its primary button."""
        message = self._now(on or self.open_card)
        found = [one for one in self._buttons(message) if one.action.get("style") == "positive"]
        return await self._press(message, found[0], typed)

    async def sends(self, value: Json, on: Message | None = None) -> Answer:
        """Submit what no button of ours has, as anybody can who writes requests by hand."""
        action = {"type": "Action.Submit", "data": value}
        return await self._answered(self.teams.press(self.key, (on or self.open_card).id, action))

    async def executes(self, verb: str, value: Json, on: Message | None = None) -> Answer:
        """Execute what no button of ours has."""
        action = {"type": "Action.Execute", "verb": verb, "data": value}
        return await self.teams.press(self.key, (on or self.open_card).id, action)

    async def _press(self, message: Message, button: Button, typed: Json) -> Answer:
        return await self._answered(
            self.teams.press(self.key, message.id, button.action, {**button.typed, **typed})
        )

    async def _answered(self, doing: Awaitable[T]) -> T:
        """Do something, and wait for what is said to it if the bot has only accepted it."""
        before = self.teams.unanswered
        done = await doing
        calls = -1
        while self.teams.unanswered > before:
            await asyncio.sleep(QUIET)
            if calls == len(self.teams.world.calls):
                break
            calls = len(self.teams.world.calls)
        return done

    # -- seeing ------------------------------------------------------------------------------

    @property
    def text(self) -> Text:
        """The sentences of the language that the person's Teams is set to."""
        return text_for(self.teams.person(self.key).locale)

    @property
    def heard(self) -> list[Message]:
        """Everything that the bot says in this chat, as it stands now."""
        return self.teams.messages("channel" if self.agent else self.key, sender="bot")

    @property
    def latest(self) -> Message:
        """The last thing that the bot said."""
        return self.heard[-1]

    @property
    def open_card(self) -> Message:
        """The last message that has a button."""
        return next(one for one in reversed(self.heard) if list(reading.buttons_of(one.card)))

    @property
    def card(self) -> Json:
        return self.open_card.card

    def sees(self, *words: str, on: Message | None = None) -> None:
        """Check that the last message, or this one as it is now, says all of this."""
        said = reading.words_of(self._now(on or self.latest))
        for word in words:
            assert reading.plain(word) in said, f"{word!r} is not in:\n{said}"

    def sees_no(self, *words: str, on: Message | None = None) -> None:
        """Check that the last message, or this one as it is now, says none of this."""
        said = reading.words_of(self._now(on or self.latest))
        for word in words:
            assert word not in said, f"{word!r} is in:\n{said}"

    def never_saw(self, word: str) -> None:
        """Check that no message to this person holds this, versions since replaced included."""
        chat = self.teams.person(self.key).conversation
        bodies = [call.body for call in self.teams.world.calls if call.conversation == chat]
        assert word not in str(bodies), f"{self.key} was sent {word!r}: {bodies}"

    def all_saying(self, *words: str) -> list[Message]:
        """Return the messages that say all of this."""
        return [one for one in self.heard if all(w in reading.words_of(one) for w in words)]

    async def hears(self, *words: str, times: int = 1, within: float = 15) -> Message:
        """Wait for a message that says all of this, and return the last that does."""
        try:
            await self.teams.until(lambda: len(self.all_saying(*words)) >= times, within=within)
        except TimeoutError:
            said = "\n---\n".join(map(reading.words_of, self.heard))
            raise AssertionError(f"{self.key} never heard {words}:\n{said}") from None
        return self.all_saying(*words)[-1]

    def offered(self, on: Message | None = None) -> list[str]:
        """Return the titles of the buttons."""
        message = self._now(on or self.latest)
        return [str(one.action.get("title")) for one in self._buttons(message)]

    def card_buttons(self, on: Message) -> list[Json]:
        """Return the actions of a message's buttons, as they are sent."""
        return [one.action for one in self._buttons(self._now(on))]

    def links(self, on: Message | None = None) -> dict[str, str]:
        """Return the addresses that buttons open, by title."""
        elements = reading.elements_of(self._now(on or self.latest).card)
        return {one["title"]: one["url"] for one in elements if one["type"] == "Action.OpenUrl"}

    def choices(self) -> list[str]:
        """Return the values of the buttons that answer a single choice."""
        return [
            one.data["value"]
            for one in self._buttons(self.open_card)
            if one.data.get("verb") == "answer" and "value" in one.data
        ]

    @property
    def inputs(self) -> dict[str, Json]:
        """The inputs of the open card, by id."""
        return reading.inputs_of(self.card)

    @property
    def held(self) -> Json:
        """What the inputs of the open card hold."""
        return reading.held_by(self.card)

    @property
    def problems(self) -> dict[str, str]:
        """What the open card says is wrong, by input."""
        return reading.problems_of(self.card)

    def asked(self) -> str:
        """Return which stage the open card asks."""
        return next(
            (one.data["stage"] for one in self._buttons(self.open_card) if "stage" in one.data), ""
        )

    async def is_asked(self, stage: str) -> None:
        """Wait until a stage is asked for, where that takes more than one try."""
        await self.teams.until(lambda: self._has_card() and self.asked() == stage, within=10)

    def _has_card(self) -> bool:
        return any(list(reading.buttons_of(one.card)) for one in self.heard)

    def now(self, message: Message) -> Message:
        """Return a message as it is now."""
        return self.teams.world.message(message.id)

    _now = now

    def _buttons(self, message: Message) -> list[Button]:
        return list(reading.buttons_of(message.card))

    def _button(self, message: Message, name: str) -> Button:
        found = [one for one in self._buttons(message) if name in one.names]
        assert found, (
            f"no button {name!r}, only {[b.action.get('title') for b in self._buttons(message)]}"
        )
        return found[0]
