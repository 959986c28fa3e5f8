"""The last groups of a text of digits: part of one number, or numbers of their own.

Where numbers differ in length, what stands behind a dash or a slash may be direct dialling, the
end of a range, or the next number: `030 12 34 56-78`, `030 901820 10-19`, `030 901820-10/11/12`.
A text is only taken for what it alone can mean; one that nothing tells apart is refused.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import phonenumbers

from cases.dialling import Plan, digits_of, parsed, readings
from cases.ranges import (
    SEVERAL,
    SURE_SIGNS,
    UNCLEAR,
    Spread,
    alone,
    range_in,
    sole,
    span,
    unclear,
    uneven,
    with_tail,
)

_LONGEST_TEXT = 80
"""Characters of a text that is looked at; some numbers have no more."""
_LEAST_BASE = 6
"""National digits before the last groups; with fewer, they are needed for a number."""
_LONGEST_TAIL = 4
"""Digits of a group that may be direct dialling."""
_LONG_GROUP = 3
"""Digits from which it is no chance that two groups follow each other."""
_GROUP = re.compile(r"(\D*)(\d+)")
_DASH, _SLASH = re.compile(r" *-+ *"), re.compile(r" *-? */ *-? *")


@dataclass(frozen=True, slots=True)
class _Tail:
    """The last groups of digits, which a dash or slashes part, and what stands before them."""

    base: str
    """All before them, with the sign in front of them."""
    before: tuple[str, str]
    """The last group of the base, behind the sign in front of it."""
    sign: str
    """In front of them."""
    groups: tuple[str, ...]
    part: str
    """Between them: the last if there are several."""

    @property
    def is_grouped(self) -> bool:
        """Whether the first of them is written as one of the groups that a base has.

        So `30-12` is no range in `030 12 34 30-12`, but a number and its direct dialling.
        """
        sign, digits = self.before
        small = 2 <= len(digits) <= _LONGEST_TAIL and len(self.groups[0]) > 1
        return small and (not self.sign.strip(" .)") or _shape(self.sign) == _shape(sign))

    @property
    def is_set_off(self) -> bool:
        """Whether a dash or a slash stands before them, as before direct dialling."""
        return "-" in self.sign or "/" in self.sign

    @property
    def is_behind_all(self) -> bool:
        """Whether they stand behind a base that is set off or so long that it needs no more."""
        return self.is_set_off or len(self.before[1]) > _LONGEST_TAIL

    @property
    def follow(self) -> bool:
        """Whether each is the next number after the one before."""
        return all(int(other) - int(one) == 1 for one, other in pairwise(self.groups))

    @property
    def rises(self) -> bool:
        """Whether the first is less than the last."""
        return int(self.groups[0]) < int(self.groups[-1])

    @property
    def is_round(self) -> bool:
        """Whether they are as the ends of a range mostly are, such as 10-19."""
        tens = self.groups[0][-1] in "01" and self.groups[-1][-1] in "09"
        return self.rises and (tens or self.follow)

    @property
    def is_short(self) -> bool:
        """Whether they differ in the last digit only, such as 66-68."""
        return self.rises and self.groups[0][:-1] == self.groups[-1][:-1]

    @property
    def is_uniform(self) -> bool:
        """Whether dashes part groups of one length, as in `030-12-34-56-78`."""
        signs = {_shape(sign) for sign in (self.before[0], self.sign, self.part)}
        return len(signs) == 1 and len(self.before[1]) == len(self.groups[0])


def _shape(sign: str) -> tuple[str, bool]:
    return sign.strip(" ()"), sign.endswith(" ")


def tail_in(core: str, plan: Plan) -> Spread | None:
    """Return what the last groups of a text of digits make of it; none if it is one number.

    A text that may be one number or several, and nothing tells, is unclear.
    """
    if len(core) > _LONGEST_TEXT:
        return None
    if ".." in core:
        return _dotted(core, plan)
    return SEVERAL if _is_glued(core, plan) else _by_tail(core, plan)


def _by_tail(core: str, plan: Plan) -> Spread | None:
    tail = _tail(core)
    if tail is None:
        return _shortened(core, plan)
    if len(digits_of(tail.base)) < _LEAST_BASE:
        return _telling(core, tail, plan)
    alike = len({len(group) for group in tail.groups}) == 1
    ends = [sole(f"{tail.base}{group}", plan) for group in tail.groups]
    found = [end.e164 for end in ends if end]
    if len(found) < len(ends) or _base_digits(found[0], tail) < _LEAST_BASE:
        return _telling(core, tail, plan)
    if tail_in(f"{tail.base}{tail.groups[0]}", plan):
        return SEVERAL if "/" in tail.part else UNCLEAR
    whole = bool(readings(core, plan))
    if "/" in tail.part:
        return _beside(tail, found, whole=whole)
    return _from_to(tail, found, alike=alike) if whole else None


def _is_glued(core: str, plan: Plan) -> bool:
    """Return whether groups of digits stand beside a number that needs none of them.

    `0221 99888 10023` may be a number and a customer's, `4711 0221 99888` as well, and in brackets
    may be how many numbers there are.
    """
    if _BRACKETED.search(core):
        return True
    if _SET_APART.search(core):
        return False
    places = [sign.end() for sign in _BLANK.finditer(core)]
    return any(_parts_at(core, place, plan) for place in places)


def _parts_at(core: str, place: int, plan: Plan) -> bool:
    """Return whether a number of its own stands on one side of a blank, and the rest beside it."""
    left, right = core[:place].rstrip(), core[place:]
    if len(digits_of(left)) >= _FULL and _LONG_REST.fullmatch(right):
        return sole(left, plan) is not None
    in_front = plan.trunk == "0" and right[0] == "0" and _IN_FRONT.fullmatch(left)
    return bool(in_front) and len(digits_of(right)) >= _FULL and sole(right, plan) is not None


_FULL = 9
"""Digits with which a number is as long as most, be it with its trunk prefix."""
_BLANK = re.compile(r" +(?=\d)")
_SET_APART = re.compile(r" [\-/]|[\-/] |\.\.")
"""Signs of ranges and of several numbers."""
_LONG_REST = re.compile(r"\d{5,}")
_IN_FRONT = re.compile(r"[1-9]\d{1,7}")
_BRACKETED = re.compile(r"(?:\d[ .\-/]{0,3}){6,}\((?:\d+\)$|\d+ *[\-/] *\d+\) *\d)")
"""Digits in brackets behind a number, or a range in brackets in the middle of one."""


def _dotted(core: str, plan: Plan) -> Spread | None:
    """Return the range of a text with dots in a row; dots with no number before are dirt."""
    found = range_in(core, plan)
    if found:
        return Spread((found,))
    left = SURE_SIGNS.split(core)[0]
    return unclear(core, plan) if sole(left, plan) else None


def _tail(core: str) -> _Tail | None:
    pieces: list[tuple[str, str]] = _GROUP.findall(core)
    count = _tail_groups(pieces)
    if not count or len(pieces) <= count:
        return None
    groups = tuple(digits for _, digits in pieces[-count:])
    base = "".join(f"{sign}{digits}" for sign, digits in pieces[:-count])
    sign = pieces[-count][0]
    return _Tail(f"{base}{sign}", pieces[-count - 1], sign, groups, pieces[-1][0])


def _tail_groups(pieces: Sequence[tuple[str, str]]) -> int:
    """Return how many groups at the end a dash or slashes part; 0 if nothing does."""
    if len(pieces) < 3 or max(len(digits) for _, digits in pieces[-2:]) > _LONGEST_TAIL:
        return 0
    sign, last = pieces[-1]
    if _DASH.fullmatch(sign):
        return 2
    count = 1
    while count < len(pieces) and _SLASH.fullmatch(pieces[-count][0]):
        if len(pieces[-count - 1][1]) != len(last):
            break
        count += 1
    return count if count > 1 else 0


def _base_digits(e164: str, tail: _Tail) -> int:
    number = parsed(e164, None)
    national = phonenumbers.national_significant_number(number) if number else ""
    return len(national) - len(tail.groups[0])


def _shortened(core: str, plan: Plan) -> Spread | None:
    """Return that there are several numbers if the digits behind a slash are those of the next."""
    left, _, right = core.rpartition("/")
    if not left or len(digits_of(right)) > _LONGEST_TAIL or not digits_of(right):
        return None
    first = sole(left, plan)
    other = with_tail(first.e164, left, right, plan) if first else None
    if first is None or other is None or not readings(core, plan):
        return None
    return SEVERAL if int(other.e164) - int(first.e164) == 1 else None


def _telling(core: str, tail: _Tail, plan: Plan) -> Spread | None:
    """Return that long groups are unclear, though each is needed, if no chance makes them so."""
    first, last = tail.groups[0], tail.groups[-1]
    if not len(first) == len(last) >= _LONG_GROUP:
        return None
    if not (tail.follow or (first[-2:], last[-2:]) == ("00", "99")):
        return None
    if not (sole(f"{tail.base}{first}", plan) and readings(core, plan)):
        return None
    return SEVERAL if "/" in tail.part else UNCLEAR


def _from_to(tail: _Tail, ends: Sequence[str], *, alike: bool) -> Spread | None:
    """Return what a dash makes of two groups that may also end one number."""
    if not alike:
        return _with_uneven(ends) if _is_start(tail) else None
    if tail.is_grouped:
        in_doubt = (tail.is_round or tail.is_short) and not tail.is_uniform
        return UNCLEAR if in_doubt else None
    if not tail.rises and not tail.is_set_off:
        return None
    if _shape(tail.sign) == _shape(tail.part) or not tail.is_behind_all:
        return UNCLEAR
    found = span(ends[0], ends[1])
    return Spread((found,)) if found else UNCLEAR


def _with_uneven(ends: Sequence[str]) -> Spread:
    first, last = ends[0], ends[-1]
    return uneven(first, last) if len(first) < len(last) else UNCLEAR


def _is_start(tail: _Tail) -> bool:
    """Return whether the first of two groups may be where a range begins, as in `-0 - 99`."""
    if tail.is_grouped:
        return False
    is_digit = len(tail.groups[0]) == 1
    return tail.is_set_off or (is_digit and (tail.is_behind_all or tail.is_round))


def _beside(tail: _Tail, numbers: Sequence[str], *, whole: bool) -> Spread | None:
    """Return what slashes make of groups that are as long as each other."""
    if whole and tail.is_grouped and "/" in tail.sign:
        return SEVERAL if tail.is_round else None
    if len(tail.groups) == 2 and not tail.follow:
        if tail.is_round:
            return UNCLEAR
        if whole and tail.is_grouped:
            return SEVERAL if tail.rises and "/" not in tail.base else None
    return Spread(tuple(alone(number) for number in numbers))
