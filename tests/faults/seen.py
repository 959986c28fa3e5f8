"""What people see, conversation by conversation, and every body that left the bots."""

import asyncio
import json
import time
from collections import defaultdict, deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from sandbox.activities import actions
from sandbox.world import Call

Json = dict[str, Any]
MARK = ";messageid="


@dataclass
class Seen:
    """A message as it stands now; `order` is when it first came."""

    id: str
    conversation: str
    order: int
    card: Json
    text: str
    versions: int = 1
    presses: list[Json] = field(init=False)
    """The data of the card's buttons."""

    def __post_init__(self) -> None:
        self.shows(self.card, self.text)

    def shows(self, card: Json, text: str) -> None:
        """Put something else in its place."""
        self.card, self.text = card, text
        # Read once: people look at all their messages again and again.
        self.presses = _presses_of(card)


@dataclass(frozen=True)
class Showing:
    """One time that something was put before somebody's eyes."""

    order: int
    conversation: str
    kind: str
    """`root`, `card`, `news`, or `other` for what a turn answers."""
    case: str
    event: str
    """The id of the event that a button of the news names, if one does."""
    words: str
    uncertain: bool
    """Whether the bot was told that it failed, or nothing at all."""
    at: float
    fault: str


@dataclass(frozen=True)
class Leak:
    conversation: str
    marker: str


@dataclass
class Chat:
    """One conversation, as its people see it."""

    messages: dict[str, Seen] = field(default_factory=dict)
    forms: dict[str, Json] = field(default_factory=dict)
    """The data of the button that sends the form, by the message that shows one."""
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    _about: dict[str, dict[str, Seen]] = field(default_factory=lambda: defaultdict(dict))

    def takes_in(self, message: Seen) -> None:
        """Note what a message shows now: people look for forms and cards again and again."""
        self.messages[message.id] = message
        self.forms.pop(message.id, None)
        for press in reversed(message.presses):
            if press.get("case"):
                self._about[press["case"]][message.id] = message
            if press.get("stage") and press.get("verb") in ("answer", "send"):
                self.forms[message.id] = press

    def living_card(self, case: str) -> Seen | None:
        """Return the card of a case that people can act on."""
        for message in self._about.get(case, {}).values():
            presses = [one for one in message.presses if one.get("case") == case]
            if presses and not any(one.get("event") or one["verb"] == "show" for one in presses):
                return message
        return None

    def stir(self) -> None:
        self.changed.set()
        self.changed = asyncio.Event()


class Eyes(deque[Call]):
    """Stands where the sandbox keeps its calls, and reads each as it comes."""

    def __init__(self, channel: str, foreign: Mapping[str, tuple[str, ...]]) -> None:
        """Take the desk's channel, and by conversation the markers that must not show there."""
        super().__init__(maxlen=1)
        self.channel = channel
        self._foreign = foreign
        self.chats: dict[str, Chat] = defaultdict(Chat)
        self.showings: list[Showing] = []
        self.living: dict[tuple[str, str], Json] = {}
        """The newest living card by conversation and message."""
        self._roots: dict[str, list[Seen]] = defaultdict(list)
        self.case_of_root: dict[str, str] = {}
        self.leaks: list[Leak] = []
        self.refusals: dict[str, int] = defaultdict(int)
        """Plain words of the bot in a thread, said or tried to be said."""
        self.refused_for_good: set[str] = set()
        self.uncertain = 0
        self.calls = 0
        self._order = 0

    def append(self, call: Call) -> None:
        self.calls += 1
        body = call.body if isinstance(call.body, dict) else {}
        carried = call.status in range(200, 300) or call.fault.endswith("delivered")
        conversation, activity = self._place(call, body)
        self._look_for_leaks(conversation, json.dumps(body, ensure_ascii=False))
        if call.fault.startswith(("403", "404")):
            self.refused_for_good.add(conversation)
        if MARK in conversation and activity.get("text"):
            self.refusals[conversation] += 1
        if call.method not in ("POST", "PUT") or not activity or not carried:
            return
        self.uncertain += call.status not in range(200, 300)
        self._show(call, conversation, activity)

    def _place(self, call: Call, body: Json) -> tuple[str, Json]:
        if call.conversation:
            return call.conversation, body
        activity = body.get("activity")
        return f"{self.channel}{MARK}{call.activity}", activity if isinstance(
            activity, dict
        ) else {}

    def _look_for_leaks(self, conversation: str, words: str) -> None:
        for marker in self._foreign.get(conversation, ()):
            if marker in words:
                self.leaks.append(Leak(conversation, marker))

    def answered(self, conversation: str, body: Any) -> None:
        """Read the answer to an invoke: it is seen as well."""
        self._look_for_leaks(conversation, json.dumps(body, ensure_ascii=False))

    def _show(self, call: Call, conversation: str, activity: Json) -> None:
        self._order += 1
        card = _card_of(activity)
        chat = self.chats[conversation.partition(MARK)[0] if call.method == "PUT" else conversation]
        if call.method == "PUT":
            chat = self._chat_with(conversation, call.activity)
        known = chat.messages.get(call.activity)
        if known is None:
            known = Seen(call.activity, conversation, self._order, card, "")
        known.shows(card, str(activity.get("text") or ""))
        known.versions += call.method == "PUT"
        chat.takes_in(known)
        kind = _kind(call, card)
        if kind in ("root", "card"):
            self.living[conversation, call.activity] = card
        if call.method == "POST":
            self._note(call, conversation, kind, card)
            if kind == "root":
                self._roots[self.showings[-1].case].append(known)
                self.case_of_root[known.id] = self.showings[-1].case
        chat.stir()

    def _chat_with(self, conversation: str, message: str) -> Chat:
        """Return the chat that holds a message; a thread's root may be named by the channel."""
        thread = f"{self.channel}{MARK}{message}"
        for name in (conversation, thread):
            if name in self.chats and message in self.chats[name].messages:
                return self.chats[name]
        return self.chats[conversation]

    def _note(self, call: Call, conversation: str, kind: str, card: Json) -> None:
        presses = _presses_of(card)
        self.showings.append(
            Showing(
                order=self._order,
                conversation=conversation,
                kind=kind,
                case=next((str(one["case"]) for one in presses if one.get("case")), ""),
                event=next((str(one["event"]) for one in presses if one.get("event")), ""),
                words=" ".join(words_in(card)),
                uncertain=call.status not in range(200, 300),
                at=time.monotonic(),
                fault=call.fault,
            )
        )

    def roots_of(self, case: str) -> list[Seen]:
        """Return the roots of a case's threads, the oldest first; there should be one."""
        return list(self._roots[case])


def _presses_of(card: Json) -> list[Json]:
    return [dict(one.get("data") or {}) for one in actions(card)]


def _card_of(activity: Json) -> Json:
    for item in activity.get("attachments") or ():
        if isinstance(item, dict) and isinstance(item.get("content"), dict):
            return dict(item["content"])
    return {}


def _kind(call: Call, card: Json) -> str:
    if not call.conversation and call.method == "POST":
        return "root"
    if MARK in call.conversation:
        return ("card" if call.method == "PUT" else "news") if card else "other"
    found = [one for one in actions(card) if one.get("type") == "Action.Execute"]
    data = [one.get("data") or {} for one in found]
    if not any(one.get("case") for one in data):
        return "other"
    return "news" if any(one.get("verb") == "show" for one in data) else "card"


def words_in(node: Any) -> Iterator[str]:
    """Yield everything that a card says."""
    if isinstance(node, list):
        for item in node:
            yield from words_in(item)
    elif isinstance(node, dict):
        for name, member in node.items():
            if name in ("text", "title") and isinstance(member, str):
                yield member
            elif name not in ("data", "fallback"):
                yield from words_in(member)


def held_by(node: Any) -> Iterator[tuple[str, str]]:
    """Yield the inputs of a card, each with the value that it holds."""
    if isinstance(node, list):
        for item in node:
            yield from held_by(item)
    elif isinstance(node, dict):
        if str(node.get("type", "")).startswith("Input.") and "value" in node:
            yield str(node["id"]), str(node["value"])
        for name, member in node.items():
            if name not in ("data", "fallback"):
                yield from held_by(member)
