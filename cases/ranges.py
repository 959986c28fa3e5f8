"""Ranges and blocks of numbers as people write them: `+1 425 555 1200-1259`, `01 23 45 67 xx`."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate

import phonenumbers

from cases.dialling import (
    LEAST_DIGITS,
    Plan,
    Reading,
    digits_of,
    e164_of,
    is_too_long,
    parsed,
    readings,
)
from cases.findings import Flaw

LONGEST_RANGE = 10_000
"""Numbers of one range; a list of more names them in several."""


@dataclass(frozen=True, slots=True)
class Range:
    """A range in E.164, both ends in it; what is left for its reader is to look at each number."""

    first: int
    last: int

    @property
    def count(self) -> int:
        """How many numbers it has; none or fewer if it runs backwards."""
        return self.last - self.first + 1

    def numbers(self) -> Iterator[str]:
        """Yield its numbers in E.164."""
        return (f"+{number}" for number in range(self.first, self.last + 1))


@dataclass(frozen=True, slots=True)
class Spread:
    """What a text that stands for several numbers comes to."""

    ranges: tuple[Range, ...] = ()
    """What it stands for, in its order; a single number is a range of one."""
    flaw: Flaw | None = None
    """Why nobody can tell; none if the ranges are told."""
    params: tuple[tuple[str, str], ...] = ()
    """What is told of the flaw."""

    @property
    def count(self) -> int:
        """How many numbers it has, doubles counted again."""
        return sum(one.count for one in self.ranges)


UNCLEAR, SEVERAL = Spread(flaw=Flaw.RANGE_UNCLEAR), Spread(flaw=Flaw.SEVERAL)

_BLOCK = re.compile(r"(\(?\+?[\d ().\-/]*\d[ .\-]*)([xX][xX .\-]*)\)?")
SURE_SIGNS = re.compile(
    r" *(?:\.{2,}|[-=]?>|~) *-? *"
    r"| (?:(?:up )?to|thru|through|until|till?(?: og med)?|t\.?o\.?m\.?|à|au|a|al|fino a|hasta|até"
    r"|bis(?: zu(?:r|m)?| einschlie(?:ß|ss)lich| inkl\.?)?|jusqu[' \u2019\u00b4`]?(?:à|a|au)"
    r"|tot(?: en met)?|t ?/? ?m|t\.?e\.?m\.?|aż do|do) +-? *",
    re.IGNORECASE,
)
_SIGNS = (
    SURE_SIGNS,
    re.compile(r" *-+ *(?=\+)"),
    re.compile(r" +-+ +"),
    re.compile(r" *- *(?=\d+$)"),
)
"""What stands between the ends of a range, the surest first."""
_SURELY = tuple(zip(_SIGNS, (4, 1, 7), (1, 1, 7), strict=False))
"""The first of them, and from how many digits on either side they surely mean a range."""
_MOST_DIGITS = 36
"""Digits of two numbers with all their prefixes."""
_TRIED = 4
"""Of several dashes, the last ones may be that of a range."""
END = re.compile(r"\(?\+? ?\(?\d[\d ().\-/]*")
"""An end of a range."""


# Blocks


def block_in(text: str, plan: Plan) -> Range | None:
    """Return the block that a text ends in `x` for; none if it is no block."""
    match = _BLOCK.fullmatch(text)
    free = sum(sign in "xX" for sign in match[2]) if match else 0
    # With so many open places it is no list of numbers, but it is surely a block.
    if match is None or free > 8:
        return None
    first, last = (f"{match[1].rstrip()}{filler * free}" for filler in "09")
    return _between(sole(first, plan), sole(last, plan)) or _as_said(first, last, plan)


def is_block(text: str) -> bool:
    """Return whether a text surely means a block, be it one that can be read or not."""
    return bool(_BLOCK.fullmatch(text)) and len(digits_of(text)) >= 4


# Ranges


def is_range(text: str) -> bool:
    """Return whether a text surely means a range, be it one that can be read or not."""
    return any(_are_ends(sign.split(text), before, behind) for sign, before, behind in _SURELY)


def _are_ends(ends: list[str], *least: int) -> bool:
    return len(ends) == 2 and all(
        END.fullmatch(end.strip()) and len(digits_of(end)) >= digits
        for end, digits in zip(ends, least, strict=True)
    )


def range_in(text: str, plan: Plan) -> Range | None:
    """Return the range between two numbers, or a number and its last digits; none if it is none."""
    for left, right in _ends(text):
        found = _range_of(left, right, plan)
        if found:
            return found
    return None


def _ends(text: str) -> Iterator[tuple[str, str]]:
    """Yield what may be the ends of a range, likeliest first."""
    if len(digits_of(text)) > _MOST_DIGITS:
        return
    for sign in _SIGNS:
        parts = [(text[: m.start()].strip(), text[m.end() :].strip()) for m in sign.finditer(text)]
        for left, right in reversed(parts[-_TRIED:]):
            if END.fullmatch(left) and END.fullmatch(right):
                yield left, right


def _range_of(left: str, right: str, plan: Plan) -> Range | None:
    first = sole(left, plan)
    if first is None:
        return None
    tail = with_tail(first.e164, left, right, plan)
    found = (_between(first, last) for last in (sole(right, plan), tail))
    return next(filter(None, found), None)


def with_tail(e164: str, said: str, tail: str, plan: Plan) -> Reading | None:
    """Return the number that has other last digits than one that was said before.

    They take the place of whole groups of digits, or of the end of the last group: what stands
    for `-0 bis 99` behind a dash would change the number of the switchboard itself.
    """
    digits = digits_of(tail)
    if "+" in tail or len(digits) >= len(e164) - 1 - len(plan.code):
        return None
    if not (is_aligned(said, len(digits)) or len(digits) < len(_last_group(said))):
        return None
    return sole(e164[: -len(digits)] + digits, plan)


def is_aligned(text: str, digits: int) -> bool:
    """Return whether a group of digits begins so many digits before the end of a text."""
    return digits in accumulate(len(group) for group in reversed(re.findall(r"\d+", text)))


def _last_group(text: str) -> str:
    groups: list[str] = re.findall(r"\d+", text)
    return groups[-1]


def sole(text: str, plan: Plan) -> Reading | None:
    """Return the only number that a text may mean; none if there is none or another."""
    found = readings(text, plan)
    return found[0] if len(found) == 1 else None


def _between(first: Reading | None, last: Reading | None) -> Range | None:
    """Return the range, if its ends are as long as each other and of one region."""
    if first is None or last is None or first.region != last.region:
        return None
    return span(first.e164, last.e164)


def span(first: str, last: str) -> Range | None:
    """Return the range between two numbers in E.164 that are as long as each other."""
    return Range(int(first[1:]), int(last[1:])) if len(first) == len(last) else None


def uneven(first: str, last: str) -> Spread:
    """Return that a range ends in a longer number than it begins with, and two as long as it."""
    start = first.ljust(len(last), "0")
    return Spread(flaw=Flaw.RANGE_UNEVEN, params=(("first", start), ("last", last)))


def unclear(text: str, plan: Plan) -> Spread:
    """Return why a text that surely means a range or a block is none that can be read."""
    if not plan.home and not text.lstrip("( ").startswith(("+", "00")):
        return Spread(flaw=Flaw.COUNTRY_NEEDED)
    ends = (_uneven_ends(left, right, plan) for left, right in _ends(text))
    return next(filter(None, ends), UNCLEAR)


def _uneven_ends(left: str, right: str, plan: Plan) -> Spread | None:
    """Return that ends differ in length; the last one may be direct dialling behind the first."""
    first, digits = sole(left, plan), digits_of(right)
    behind = left.removesuffix(_last_group(left))
    last = sole(right, plan) or sole(f"{behind}{digits}", plan)
    if first is None or last is None or len(first.e164) >= len(last.e164):
        return None
    return uneven(first.e164, last.e164) if first.e164[:_ALIKE] == last.e164[:_ALIKE] else None


_ALIKE = 6
"""Signs in E.164 that both ends of a range have in common."""


def alone(e164: str) -> Range:
    """Return the range of one number."""
    return Range(int(e164[1:]), int(e164[1:]))


# Ranges of numbers that are none, or another country's: what is wrong is told number by number


def said_in(text: str, plan: Plan) -> Range | None:
    """Return the range that a text surely means, whether or not its ends are in use."""
    surely = is_range(text)
    for left, right in _ends(text):
        number = parsed(left, plan.parses_as)
        if number and (surely or phonenumbers.is_valid_number(number)):
            found = _as_said(left, right, plan)
            if found:
                return found
    return None


def _as_said(left: str, right: str, plan: Plan) -> Range | None:
    """Return the range between two numbers as long as numbers are."""
    first, digits = _possible(left, plan), digits_of(right)
    last = "" if len(digits) < LEAST_DIGITS else _possible(right, plan)
    if first and not last and is_aligned(left, len(digits)):
        last = f"{first[: -len(digits)]}{digits}"
    return span(first, last) if first and last else None


def _possible(text: str, plan: Plan) -> str:
    number = parsed(text, plan.parses_as)
    if number is None or is_too_long(number) or not phonenumbers.is_possible_number(number):
        return ""
    return e164_of(number)
