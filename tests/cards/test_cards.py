"""Rules that every card of the product keeps, in every language, whatever people write."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from cards.message import Message
from cases.countries import all_countries
from cases.vocabulary import CaseType
from strings import LANGUAGES, text_for
from tests.cards.gallery import (
    ATTACK,
    HOSTILE,
    PLAIN,
    STYLES,
    Style,
    full_draft,
    gallery,
    stage_card,
)
from tests.cases.samples import AGENT

Json = dict[str, Any]
SCHEMA = json.loads(Path(__file__).with_name("adaptive-card-1.5.json").read_text("utf-8"))
VALIDATOR = Draft202012Validator(SCHEMA)
WORDS = {"text", "title", "label", "placeholder", "errorMessage", "value", "id", "name"}
LARGEST = 20_000
MOST_ACTIONS = 6
ROOMS = [(language, style) for language in LANGUAGES for style in STYLES]
every_room = pytest.mark.parametrize(
    "language, style", ROOMS, ids=[f"{language}-{style.name}" for language, style in ROOMS]
)
# What cards are made of does not depend on how long or how wide the words are.
every_language = pytest.mark.parametrize(
    "language, style", [(language, PLAIN) for language in LANGUAGES], ids=LANGUAGES
)


@cache
def exhibits(language: str, style: Style) -> tuple[tuple[str, Message], ...]:
    return tuple(gallery(text_for(language), style))


def cards(language: str, style: Style) -> Iterator[tuple[str, Json]]:
    for name, message in exhibits(language, style):
        if message.card is not None:
            yield name, message.card


def nodes(value: object) -> list[Json]:
    """Every object of a card, the card itself first; what buttons send is no part of it."""
    found: list[Json] = []
    gather(value, found)
    return found


def gather(value: object, found: list[Json]) -> None:
    if isinstance(value, dict):
        found.append(value)
        for name, member in value.items():
            if isinstance(member, dict | list) and name not in {"data", "choices", "msteams"}:
                gather(member, found)
    elif isinstance(value, list):
        for member in value:
            gather(member, found)


def of_type(card: Json, kind: str) -> list[Json]:
    return [node for node in nodes(card) if str(node.get("type", "")).startswith(kind)]


def own_level(card: Json) -> Iterator[Json]:
    """The objects of a card without those of the cards that unfold from it."""

    def walk(value: object) -> Iterator[Json]:
        if isinstance(value, dict):
            yield value
            for name, member in value.items():
                if name not in {"card", "data", "choices"}:
                    yield from walk(member)
        elif isinstance(value, list):
            for member in value:
                yield from walk(member)

    return walk(card)


def found(language: str, style: Style, fault: Any) -> dict[str, object]:
    faults = {name: fault(card) for name, card in cards(language, style)}
    return {name: fault for name, fault in faults.items() if fault}


def invalid(card: Json) -> list[str]:
    return list(_invalid(json.dumps(shape(card))))


@cache
def _invalid(card: str) -> tuple[str, ...]:
    return tuple(
        f"{e.json_path}: {e.message[:200]}" for e in VALIDATOR.iter_errors(json.loads(card))
    )


def shape(value: object, name: str = "") -> object:
    """A card without its words and without what is built alike, to be checked but once."""
    if isinstance(value, dict):
        return {
            key: shape(member, key)
            for key, member in value.items()
            if key != "data" or not isinstance(member, dict)
        }
    if isinstance(value, list):
        # Choices are drawn by one line each: the first few tell how.
        shapes = [shape(member) for member in (value[:3] if name == "choices" else value)]
        return list({json.dumps(each): each for each in shapes}.values())
    return "x" if name in WORDS and isinstance(value, str) and value else value


def size(card: Json) -> int:
    return len(json.dumps(card, ensure_ascii=False).encode())


@every_language
def test_is_valid_against_the_schema(language: str, style: Style) -> None:
    assert found(language, style, invalid) == {}


@every_room
def test_fits_into_a_message(language: str, style: Style) -> None:
    assert found(language, style, lambda card: size(card) >= LARGEST and size(card)) == {}


@every_language
def test_says_its_version_and_language(language: str, style: Style) -> None:
    def fault(card: Json) -> list[object]:
        inner = [node for node in nodes(card) if node.get("type") == "AdaptiveCard"]
        said = {(node.get("version"), node.get("lang")) for node in inner}
        return list(said - {("1.5", language)})

    assert found(language, style, fault) == {}


@every_language
def test_inputs_have_labels_and_messages(language: str, style: Style) -> None:
    def fault(card: Json) -> list[str]:
        return [
            node["id"]
            for node in of_type(card, "Input.")
            if not node.get("label") or (node.get("isRequired") and not node.get("errorMessage"))
        ]

    assert found(language, style, fault) == {}


@every_language
def test_an_optional_number_has_no_limits_that_an_empty_one_is_held_against(
    language: str, style: Style
) -> None:
    def fault(card: Json) -> list[object]:
        numbers = [one for one in of_type(card, "Input.Number") if not one.get("isRequired")]
        return [one["id"] for one in numbers if "min" in one or "max" in one]

    assert found(language, style, fault) == {}


@every_language
def test_texts_wrap(language: str, style: Style) -> None:
    def fault(card: Json) -> list[str]:
        return [node["text"] for node in of_type(card, "TextBlock") if node.get("wrap") is not True]

    assert found(language, style, fault) == {}


@every_language
def test_actions_are_few_and_one_at_most_is_primary(language: str, style: Style) -> None:
    def fault(card: Json) -> list[str]:
        faults = []
        for each in [node for node in nodes(card) if node.get("type") == "AdaptiveCard"]:
            level = list(own_level(each))
            lists = [node["actions"] for node in level if "actions" in node]
            if any(len(actions) > MOST_ACTIONS for actions in lists):
                faults.append("too many actions")
            primary = [a for actions in lists for a in actions if a.get("style") == "positive"]
            if len(primary) > 1:
                faults.append(f"{len(primary)} primary actions")
        return faults

    assert found(language, style, fault) == {}


@every_language
def test_forms_have_exactly_one_primary_action(language: str, style: Style) -> None:
    def fault(card: Json) -> bool:
        level = list(own_level(card))
        asks = any(str(node.get("type", "")).startswith("Input.") for node in level)
        return asks and sum(node.get("style") == "positive" for node in level) != 1

    assert found(language, style, fault) == {}


@every_language
def test_ids_are_unique(language: str, style: Style) -> None:
    def fault(card: Json) -> list[str]:
        ids = Counter(node["id"] for node in nodes(card) if "id" in node)
        return [name for name, times in ids.items() if times > 1]

    assert found(language, style, fault) == {}


@every_language
def test_a_button_works_in_clients_that_know_only_forms(language: str, style: Style) -> None:
    def fault(card: Json) -> list[str]:
        return [
            node["title"]
            for node in of_type(card, "Action.Execute")
            if node.get("fallback", {}).get("type") != "Action.Submit"
            or node["fallback"]["data"] != node["data"]
            or node["data"]["verb"] != node["verb"]
        ]

    assert found(language, style, fault) == {}


@every_language
def test_a_message_says_in_words_what_its_card_is(language: str, style: Style) -> None:
    assert {name for name, message in exhibits(language, style) if not message.summary} == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_colour_never_stands_alone(language: str) -> None:
    def fault(card: Json) -> list[str]:
        coloured = [
            n for n in of_type(card, "TextBlock") if n.get("color") not in {None, "Default"}
        ]
        return [node["text"] for node in coloured if re.match(r"\w", node["text"])]

    assert found(language, PLAIN, fault) == {}


# What people write stays words.

TEMPLATE = re.compile(r"\$\{|\{\{(DATE|TIME)")
MARKDOWN = re.compile(r"(?<!\\)(\*\*bold|_it_|`code|\[click|<at>|~~no)")


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_template_of_anybody_comes_alive(language: str) -> None:
    def fault(card: Json) -> list[str]:
        # What stands in an input is shown as it is, and must come back as it was typed.
        return [
            f"{name}: {text[:60]}"
            for node in nodes(card)
            for name, text in node.items()
            if isinstance(text, str) and name not in {"value", "url"} and TEMPLATE.search(text)
        ]

    assert found(language, HOSTILE, fault) == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_markdown_of_anybody_comes_alive(language: str) -> None:
    def fault(card: Json) -> list[str]:
        called = [entity["text"] for entity in card.get("msteams", {}).get("entities", [])]
        texts = [node["text"] for node in of_type(card, "TextBlock")]
        return [text[:80] for text in texts if MARKDOWN.search(text) and text not in called]

    assert found(language, HOSTILE, fault) == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_only_the_assignee_is_mentioned_and_nobody_by_what_people_write(language: str) -> None:
    def fault(card: Json) -> list[str]:
        entities = card.get("msteams", {}).get("entities", [])
        named = {entity["text"] for entity in entities}
        others = [
            text
            for node in nodes(card)
            for name, text in node.items()
            if name == "text" and node.get("type") == "TextBlock"
            if "<at>" in text.replace("\\<", "") and text not in named
        ]
        strangers = [e["text"] for e in entities if e["mentioned"]["id"] != AGENT.user]
        return [*others, *strangers, *(["several"] if len(entities) > 1 else [])]

    assert found(language, HOSTILE, fault) == {}


def test_what_people_write_is_shown_in_full() -> None:
    shown = {
        run["text"].strip()
        for _, card in cards("en", HOSTILE)
        for run in of_type(card, "TextRun")
        if "click" in run["text"]
    }
    assert any(
        "**bold** _it_ `code` [click](https://evil.example) <at>Ann</at>" in s for s in shown
    )


def test_inputs_give_back_what_was_typed() -> None:
    values = {
        node.get("value") for _, card in cards("en", HOSTILE) for node in of_type(card, "Inp")
    }
    assert any(str(value).startswith(ATTACK) for value in values)


# The checks themselves, on planted faults.


def sample() -> Json:
    draft = full_draft(all_countries()["US"], CaseType.PORT_IN, PLAIN)
    card = stage_card(draft, "details", text_for("en")).card
    assert card is not None
    return json.loads(json.dumps(card))  # type: ignore[no-any-return]


def planted(change: Json, kind: str) -> list[str]:
    card = sample()
    of_type(card, kind)[0].update(change)
    return invalid(card)


def test_the_sample_is_valid() -> None:
    assert invalid(sample()) == []


@pytest.mark.parametrize(
    "kind, change",
    [
        ("TextBlock", {"colour": "Good"}),
        ("TextBlock", {"wrap": "true"}),
        ("TextBlock", {"color": "Purple"}),
        ("TextBlock", {"targetWidth": "Narrow"}),
        ("AdaptiveCard", {"version": "1.6"}),
        ("AdaptiveCard", {"metadata": {"webUrl": "https://x.example"}}),
        ("Input.ChoiceSet", {"choices.data": {"type": "Data.Query", "dataset": "x"}}),
        ("Input.Text", {"labelPosition": "inline"}),
        ("Input.Text", {"label": 5}),
        ("Action.Submit", {"conditionallyEnabled": True}),
        ("Action.Submit", {"style": "primary"}),
    ],
)
def test_the_schema_notices_what_1_5_does_not_know(kind: str, change: Json) -> None:
    assert len(planted(change, kind)) > 0


@pytest.mark.parametrize(
    "element",
    [
        {"type": "Table", "rows": []},
        {"type": "Carousel", "pages": []},
        {"type": "Badge", "text": "new"},
        {"type": "Icon", "name": "Star"},
        {"text": "no type"},
        {"type": "TextBlock"},
    ],
)
def test_the_schema_notices_elements_that_we_do_not_use(element: Json) -> None:
    card = sample()
    card["body"].append(element)
    assert len(invalid(card)) > 0
    card["body"].pop()
    card["body"].append({"type": "Container", "items": [element]})
    assert len(invalid(card)) > 0


def test_the_rules_notice_templates_and_markdown() -> None:
    assert TEMPLATE.search("{{DATE(x)}}")
    assert TEMPLATE.search("${x}")
    assert MARKDOWN.search("see [click](x)")
    assert not MARKDOWN.search(r"see \[click\](x)")
