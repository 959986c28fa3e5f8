"""What plain words mean: commands, and answers that are named in passing, in every language.

The words stand in the strings (`command.help.words`, `type.port_in.words`), several with bars
between them; a language needs no code.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cache
from typing import Final

from cases.countries import REGIONS, all_countries
from cases.papers import ALL_PAPERS
from cases.vocabulary import CaseType, Category
from strings import LANGUAGES, text_for
from strings.text import folded, in_every_language

COMMANDS = (
    "new_case",
    "my_cases",
    "company_cases",
    "case",
    "drafts",
    "check_numbers",
    "profile",
    "help",
    "hi",
    "back",
    "cancel",
)
"""What is understood at any time."""

WITH_MORE = frozenset({"new_case", "case", "check_numbers"})
"""Commands that may be followed by more words."""

OFFERED = ("new_case", "my_cases", "help")
"""What is offered when nothing is likelier."""

SHORT: Final = 3
"""Words that ask for a case if its number is among them; more say something of it."""
_CASE_NUMBER = re.compile(r"\btns[-\s]?0*(\d{1,15})\b", re.IGNORECASE)
_BARE_NUMBER = re.compile(r"^#?0*(\d{1,15})$")
LEAST_DIGITS = 4
"""Digits of what may be a number where numbers were asked for, such as 1-800-FLOWERS."""
_NUMBER_LIKE = re.compile(r"\d(?:[\d\s().\-\u00a0\u202f/]*\d){5,}")


@dataclass(frozen=True)
class Command:
    """A command that was recognised, and what came after it."""

    name: str
    rest: str = ""


def command_in(said: str) -> Command | None:
    """Return the command that these words are, if they are one."""
    number = case_number_in(said)
    if number and len(said.split()) <= SHORT:
        return Command("case", number)
    words = _bare(said)
    for phrase, name in _phrases():
        if words == phrase:
            return Command(name)
        if name in WITH_MORE and words.startswith(f"{phrase} "):
            if name == "check_numbers":
                return Command(name, _behind(phrase, said))
            return _with_more(name, words.removeprefix(phrase).strip(), words)
    return None


def _behind(phrase: str, said: str) -> str:
    """Return what was said behind a phrase, exactly as it was written: it may be a list."""
    words = r"\s+".join(r"\S+" for _ in phrase.split())
    return re.sub(rf"^\s*{words}", "", said, count=1)


def _with_more(name: str, rest: str, words: str) -> Command | None:
    if name != "case":
        return Command(name, words)
    number = case_number_in(rest) or case_number(rest)
    return Command(name, number) if number else None


def case_number_in(said: str) -> str:
    """Return the first case number in these words, as it is spelled; empty if there is none."""
    found = _CASE_NUMBER.search(said)
    return f"TNS-{int(found[1]):06d}" if found else ""


def case_number(said: str) -> str:
    """Return what is meant by a number alone, as a case number; empty if it is none."""
    found = _BARE_NUMBER.match(said.strip())
    return f"TNS-{int(found[1]):06d}" if found else case_number_in(said)


def likely(said: str) -> tuple[str, ...]:
    """Return the commands that these words are likeliest to mean, three at most."""
    words = _bare(said)
    scores: dict[str, float] = {}
    for phrase, name in _phrases():
        score = SequenceMatcher(None, words[:60], phrase).ratio()
        scores[name] = max(scores.get(name, 0.0), score)
    close = sorted((n for n in scores if scores[n] >= 0.6), key=lambda n: -scores[n])
    named = ("new_case",) if answers_in(said) else ()
    return tuple(dict.fromkeys((*named, *close, *OFFERED)))[:3]


def says(key: str, said: str) -> bool:
    """Return whether these words are among those of a key, in any language."""
    return _bare(said) in _words(key)


def looks_like_numbers(said: str) -> bool:
    """Return whether these words are, or hold, telephone numbers."""
    return bool(_NUMBER_LIKE.search(unicodedata.normalize("NFKC", said)))


def may_be_numbers(said: str) -> bool:
    """Return whether these words may be meant as numbers where some were asked for."""
    return sum(map(str.isdigit, said)) >= LEAST_DIGITS


def region_in(said: str) -> str:
    """Return which country or territory of the whole world is named; empty if none.

    An ISO code counts if it stands alone, or behind one word such as `in`.
    """
    words = _bare(said)
    code = words.rpartition(" ")[2].upper() if words.count(" ") < 2 else ""
    return _named(_countries(REGIONS), f" {words} ") or (code if code in REGIONS else "")


def answers_in(said: str) -> dict[str, str]:
    """Return the answers that are named in these words: category, country, case type."""
    words = f" {_bare(said)} "
    found: dict[str, str] = {}
    country = _named(_countries(tuple(all_countries())), words) or _iso_in(said)
    case_type = _named(_types(), words)
    category = _named(_categories(), words)
    if case_type:
        found |= {"category": Category.NEW_REQUEST, "case_type": case_type}
    elif category:
        found["category"] = category
    if country:
        found["country"] = country
    return found


def paper_in(name: str, papers: Iterable[str]) -> str:
    """Return which of these papers a file's name tells of, by most of it; empty if none."""
    # `loa2.pdf` is told by its letters.
    words = f" {_bare(re.sub(r'[_.0-9-]+', ' ', name))} "
    told = {
        paper: max((len(w) for w in _words(f"paper.{paper}") if f" {w} " in words), default=0)
        for paper in papers
        if paper in ALL_PAPERS
    }
    return max((paper for paper in told if told[paper]), key=lambda p: told[p], default="")


def _named(names: tuple[tuple[str, str], ...], words: str) -> str:
    return next((meant for name, meant in names if f" {name} " in words), "")


def _iso_in(said: str) -> str:
    token = said.strip()
    return token.upper() if len(token) == 2 and token.upper() in all_countries() else ""


def _bare(said: str) -> str:
    return " ".join(re.sub(r"[^\w\s'+#=-]", " ", folded(said)).split())


@cache
def _words(key: str) -> frozenset[str]:
    strings = in_every_language(f"{key}.words").values()
    return frozenset(_bare(word) for said in strings for word in said.split("|"))


@cache
def _phrases() -> tuple[tuple[str, str], ...]:
    """Return every phrase and its command, the longest first."""
    found = [(word, name) for name in COMMANDS for word in _words(f"command.{name}")]
    return tuple(sorted(found, key=lambda pair: -len(pair[0])))


def _longest_first(names: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(names, key=lambda pair: -len(pair[0])))


@cache
def _countries(isos: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    texts = [text_for(language) for language in LANGUAGES]
    # `Myanmar (Birmanie)` has two names.
    names = [
        (_bare(name), iso)
        for text in texts
        for iso in isos
        for name in re.split(r"[()]", text.country(iso))
        if _bare(name)
    ]
    aliases = (word.split("=") for word in _words("country"))
    return _longest_first([*names, *((name, iso.upper()) for name, iso in aliases)])


@cache
def _types() -> tuple[tuple[str, str], ...]:
    return _longest_first((word, kind) for kind in CaseType for word in _words(f"type.{kind}"))


@cache
def _categories() -> tuple[tuple[str, str], ...]:
    return _longest_first((word, kind) for kind in Category for word in _words(f"category.{kind}"))
