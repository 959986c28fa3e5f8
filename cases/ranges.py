"""Ranges and blocks of numbers as people write them: `+1 425 555 1200-1259`, `01 23 45 67 xx`."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from cases.dialling import Plan, Reading, digits_of, readings

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


_BLOCK = re.compile(r"(\(?\+?[\d ().\-/]*\d[ .\-]*)([xX][xX .\-]*)\)?")
_LEAD = re.compile(r"(?:from|range|block|de|du|von|plage|bloc)\b[ :]*(?=[+(\d])", re.IGNORECASE)
_SURE_SIGNS = re.compile(
    r" *(?:\.{2,}|[-=]?>|~) *| (?:to|thru|through|until|à|au|a|bis|jusqu[' ]?(?:à|au)) ",
    re.IGNORECASE,
)
_SIGNS = (
    _SURE_SIGNS,
    re.compile(r" *-+ *(?=\+)"),
    re.compile(r" +-+ +"),
    re.compile(r" *[-/] *(?=\d+$)"),
)
"""What stands between the ends of a range, the surest first."""
_SURELY = tuple(zip(_SIGNS, (1, 1, 7), strict=False))
"""The first of them, and from how many digits on both sides they surely mean a range."""
_MOST_DIGITS = 36
"""Digits of two numbers with all their prefixes."""
_TRIED = 4
"""Of several dashes, the last ones may be that of a range."""
_END = re.compile(r"\(?\+? ?\(?\d[\d ().\-/]*")


def block_in(text: str, plan: Plan) -> Range | None:
    """Return the block that a text ends in `x` for; none if it is no block."""
    match = _BLOCK.fullmatch(text)
    free = sum(sign in "xX" for sign in match[2]) if match else 0
    # With so many open places it is no list of numbers, but it is surely a block.
    if match is None or free > 8:
        return None
    ends = (_sole(f"{match[1].rstrip()}{filler * free}", plan) for filler in "09")
    first, last = ends
    return _between(first, last) if first and last else None


def is_range(text: str) -> bool:
    """Return whether a text surely means a range, be it one that can be read or not."""
    bare = _LEAD.sub("", text)
    return any(_is_split(sign.split(bare), least) for sign, least in _SURELY)


def _is_split(ends: list[str], least: int) -> bool:
    return len(ends) == 2 and all(
        _END.fullmatch(end.strip()) and len(digits_of(end)) >= least for end in ends
    )


def is_block(text: str) -> bool:
    """Return whether a text surely means a block, be it one that can be read or not."""
    return bool(_BLOCK.fullmatch(text)) and len(digits_of(text)) >= 4


def range_in(text: str, plan: Plan) -> Range | None:
    """Return the range between two numbers, or a number and its last digits; none if it is none."""
    bare = _LEAD.sub("", text)
    if len(digits_of(bare)) > _MOST_DIGITS:
        return None
    for sign in _SIGNS:
        parts = [(bare[: m.start()].strip(), bare[m.end() :].strip()) for m in sign.finditer(bare)]
        for left, right in reversed(parts[-_TRIED:]):
            found = _range_of(left, right, plan)
            if found:
                return found
    return None


def _range_of(left: str, right: str, plan: Plan) -> Range | None:
    if not (_END.fullmatch(left) and _END.fullmatch(right)):
        return None
    first = _sole(left, plan)
    if first is None:
        return None
    lasts = (_sole(right, plan), _with_tail(first, right, plan))
    found = (_between(first, last) for last in lasts if last)
    return next(filter(None, found), None)


def _with_tail(first: Reading, tail: str, plan: Plan) -> Reading | None:
    """Return the number that has other last digits than the first of its range."""
    digits = digits_of(tail)
    if "+" in tail or len(digits) >= len(first.e164) - 1 - len(plan.code):
        return None
    return _sole(first.e164[: -len(digits)] + digits, plan)


def _sole(text: str, plan: Plan) -> Reading | None:
    found = readings(text, plan)
    return found[0] if len(found) == 1 else None


def _between(first: Reading, last: Reading) -> Range | None:
    """Return the range, if its ends are as long as each other and of one region."""
    one, other = first.e164, last.e164
    if len(one) != len(other) or first.region != last.region:
        return None
    return Range(int(one[1:]), int(other[1:]))
