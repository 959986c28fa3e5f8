"""Cards as their readers see them: words, buttons, inputs and what is wrong with these."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.world import Message

Json = dict[str, Any]

PRIMARY = "positive"
SAID = ("text", "label", "title")
UNSAID = {"choices", "data", "fallback"}


@dataclass(frozen=True)
class Button:
    """A button, and what the inputs that go with it hold."""

    action: Json
    typed: Json

    @property
    def data(self) -> Json:
        return dict(self.action.get("data") or {})

    @property
    def names(self) -> set[str]:
        """Everything that a test may call it by."""
        spelled = (self.action.get("title"), self.action.get("id"), self.action.get("verb"))
        sent = (self.data.get(name) for name in ("value", "verb", "command"))
        return {str(name) for name in (*spelled, *sent)}


def words_of(message: Message) -> str:
    """Return everything that can be read in a message, a line each."""
    return plain("\n".join((message.text, *(x for card in message.cards for x in _lines(card)))))


def plain(text: str) -> str:
    """Return text with blanks of all kinds as blanks: French has several, dates have others."""
    return text.replace("\u202f", " ").replace("\xa0", " ")


def _lines(node: Any) -> Iterator[str]:
    if isinstance(node, list):
        for item in node:
            yield from _lines(item)
    elif isinstance(node, dict) and node.get("type") == "RichTextBlock":
        yield "".join(str(run["text"]) for run in node["inlines"])
    elif isinstance(node, dict):
        yield from (node[name] for name in SAID if isinstance(node.get(name), str))
        for name in (name for name in node if name not in UNSAID):
            yield from _lines(node[name])


def elements_of(node: Any) -> Iterator[Json]:
    """Yield every element and action of a card, fallbacks left out."""
    if isinstance(node, list):
        for item in node:
            yield from elements_of(item)
    elif isinstance(node, dict):
        if "type" in node:
            yield node
        for name, member in node.items():
            if name not in {"data", "fallback"}:
                yield from elements_of(member)


def inputs_of(card: Json) -> dict[str, Json]:
    """Return the inputs of a card itself, by id."""
    found = elements_of(card.get("body", []))
    return {one["id"]: one for one in found if str(one["type"]).startswith("Input.")}


def held_by(card: Json) -> Json:
    """Return what the inputs of a card hold."""
    return {name: one["value"] for name, one in inputs_of(card).items() if "value" in one}


def problems_of(card: Json) -> dict[str, str]:
    """Return what a card says is wrong, by input."""
    return {
        one["id"].removeprefix("problem_"): plain(one["text"])
        for one in elements_of(card)
        if str(one.get("id", "")).startswith("problem_")
    }


def buttons_of(card: Json, above: Mapping[str, Any] | None = None) -> Iterator[Button]:
    """Yield the buttons of a card, those of the small forms that unfold in it last."""
    typed = {**(above or {}), **held_by(card)}
    for one in elements_of([card.get("body", []), _flat(card.get("actions", []))]):
        if one["type"] in {"Action.Submit", "Action.Execute", "Action.OpenUrl"}:
            yield Button(one, {} if one.get("associatedInputs") == "none" else typed)
    for action in card.get("actions", []):
        if action["type"] == "Action.ShowCard":
            yield from buttons_of(action["card"], typed)


def mention_of(account: Json) -> Json:
    """Return the entity that makes an activity mention someone."""
    return {"type": "mention", "text": f"<at>{account['name']}</at>", "mentioned": account}


def _flat(actions: list[Json]) -> list[Json]:
    return [action for action in actions if action["type"] != "Action.ShowCard"]
