"""The catalogues: whole, used, alike in every language, and well set."""

import re
import string
from collections.abc import Iterator
from importlib.resources import files

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

from strings import LANGUAGES, text_for
from strings.text import in_every_language, keys
from tests.strings.usage import (
    FROM_IDS,
    OPTIONAL_FROM_IDS,
    calls,
    constant,
    needed,
    patterns,
    refusals,
    usable,
)

every_language = pytest.mark.parametrize("language", LANGUAGES)
NARROW, BROAD = "\u202f", "\u00a0"


def catalogue(language: str) -> Catalog:
    with files("strings").joinpath(f"{language}.po").open("rb") as source:
        return read_po(source, locale=language)


def sentences(language: str) -> Iterator[tuple[str, str]]:
    """Every string with its key, each plural form by itself."""
    for message in catalogue(language):
        if message.id:
            forms = message.string if isinstance(message.string, tuple) else (message.string,)
            for form in forms:
                yield key_of(message.id), str(form)


def key_of(message_id: object) -> str:
    return str(message_id[0] if isinstance(message_id, list | tuple) else message_id)


def placeholders(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name is not None}


def by_key(language: str) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for key, sentence in sentences(language):
        found.setdefault(key, set()).update(placeholders(sentence))
    return found


def test_english_and_french_are_there_english_first() -> None:
    assert LANGUAGES[0] == "en"
    assert {"en", "fr"} <= set(LANGUAGES)


@every_language
def test_every_key_in_use_has_a_string(language: str) -> None:
    assert sorted(needed() - keys(language)) == []


@every_language
def test_every_string_is_in_use(language: str) -> None:
    assert sorted(keys(language) - usable()) == []


def test_every_shape_of_key_says_from_which_ids_it_is_made() -> None:
    assert sorted(patterns() - FROM_IDS.keys() - OPTIONAL_FROM_IDS.keys()) == []
    assert sorted((FROM_IDS.keys() | OPTIONAL_FROM_IDS.keys()) - patterns()) == []


def test_languages_have_the_same_keys_and_placeholders() -> None:
    first = by_key(LANGUAGES[0])
    for language in LANGUAGES[1:]:
        other = by_key(language)
        assert other.keys() == first.keys()
        assert {key: other[key] for key in first if other[key] != first[key]} == {}


@every_language
def test_strings_are_filled_in_sorted_and_say_something(language: str) -> None:
    messages = [message for message in catalogue(language) if message.id]
    ids = [key_of(message.id) for message in messages]
    assert ids == sorted(ids)
    assert [key for key, sentence in sentences(language) if not sentence.strip()] == []
    assert [key_of(message.id) for message in messages if message.fuzzy] == []


@every_language
def test_every_plural_form_is_there(language: str) -> None:
    found = catalogue(language)
    plural = [message for message in found if isinstance(message.id, list | tuple)]
    assert {"numbers.listed", "list.more"} <= {key_of(m.id) for m in plural}
    forms = [m.string if isinstance(m.string, tuple) else (m.string,) for m in plural]
    assert {len(each) for each in forms} == {found.num_plurals}


@pytest.mark.parametrize(
    "language, counted",
    [
        ("en", {0: "0 numbers: x", 1: "1 number: x", 2: "2 numbers: x", 1000: "1,000 numbers: x"}),
        (
            "fr",
            {
                0: f"0 numéro{BROAD}: x",
                1: f"1 numéro{BROAD}: x",
                2: f"2 numéros{BROAD}: x",
                1000: f"1{NARROW}000 numéros{BROAD}: x",
            },
        ),
    ],
)
def test_plurals_follow_the_language(language: str, counted: dict[int, str]) -> None:
    text = text_for(language)
    assert {n: text.count("numbers.listed", n, first="x") for n in counted} == counted


def test_sentences_ask_for_nothing_that_their_refusal_does_not_give() -> None:
    asked = {key: names for key, names in by_key("en").items() if key.startswith("error.")}
    lacking = {
        refusal.code: asked[f"error.{refusal.code}"] - refusal.params
        for refusal in refusals()
        if refusal.code not in {"numbers", "numbers_mixed"}
    }
    assert {code: names for code, names in lacking.items() if names} == {}


def test_sentences_ask_for_nothing_that_their_caller_does_not_give() -> None:
    asked = by_key("en")
    lacking = []
    for name, call in calls():
        key = constant(call.args[0]) if call.args else None
        if name in {"text", "said", "closed_card", "maybe"} and key in asked:
            given = {keyword.arg for keyword in call.keywords}
            if None not in given and asked[key] - given:
                lacking.append((key, asked[key] - given))
    assert lacking == []


def test_words_to_be_understood_are_not_ambiguous() -> None:
    for family in ("command", "type", "category"):
        meant: dict[str, set[str]] = {}
        for key in keys("en"):
            if key.startswith(f"{family}.") and key.endswith(".words"):
                for said in in_every_language(key).values():
                    for word in said.split("|"):
                        meant.setdefault(word, set()).add(key)
        assert {word: names for word, names in meant.items() if len(names) > 1} == {}


# French typography

# What is typed by people, or stands for itself, is not set.
AS_TYPED = re.compile(r"«\u00a0note:\u00a0»|« note: »|\S+@\S+; \S+@\S+|https?://\S+")


def badly_set(sentence: str) -> list[str]:
    """What stands before `: ; ? ! »` and after `«` without a blank that does not break."""
    said = AS_TYPED.sub("", sentence)
    before = re.findall(r"(?<![\u00a0\u202f?!])[:;?!»]", said)
    after = re.findall(r"«(?![\u00a0\u202f])", said)
    return [*before, *after, *re.findall(r"['\"]", said)]


def test_french_is_set_as_french_is() -> None:
    faults = {
        key: badly_set(sentence) for key, sentence in sentences("fr") if not key.endswith(".words")
    }
    assert {key: found for key, found in faults.items() if found} == {}


@pytest.mark.parametrize("sentence", ["Quoi ?", "Quoi?", "Oui: non", "« mot »", "l'ami", "«mot»"])
def test_notices_bad_setting(sentence: str) -> None:
    assert len(badly_set(sentence)) > 0


def test_english_quotes_are_curly() -> None:
    assert [key for key, sentence in sentences("en") if '"' in sentence] == []
