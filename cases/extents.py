"""Ranges that a table spells in several columns: a first and a last number, or how many there are.

Texts only; whether they mean numbers is for `cases/numbering.py` to say.
"""

import re

from cases.headers import is_end

MANY = "\u00d7"
"""Stands before the count of a text that is one number and means several."""
_CODE = re.compile(r"\(?\+?[\d \-]{1,8}\)?")
_LONGEST = 60
"""Characters of a range; a longer text is something else."""
_PLAIN = re.compile(r"\+?[\d ().\-/\u00a0\u202f]+")
_QUANTITY = re.compile(r"(\d{1,6})(?:[.,]0+)?(?:\s*[^\W\d_]+\.?)?")
_TAIL = re.compile(r"(.*\d)\s*[-\u2010-\u2015/]\s*(\d{1,5})")
_SWITCHBOARD = re.compile(r"\s*[-\u2010-\u2015/]\s*0?$")
_OPEN_PLACES = re.compile(r"[\d +().\-]*\d[ .\-]*([xX]{1,5})")


def quantity(cell: str) -> int | None:
    """Return how many a cell says; none if it says no such thing."""
    found = _QUANTITY.fullmatch(cell.strip())
    return int(found[1]) if found else None


def between(first: str, last: str) -> str:
    """Return the text of a range from its ends; they may be the same, and one may be missing."""
    first, last = " ".join(first.split()), " ".join(last.split())
    return f"{first} - {last}" if first and last and first != last else first or last


def direct_dials(stem: str, first: str, last: str) -> str:
    """Return the text of the numbers from one direct dial behind a stem to another.

    The `0` behind the dash of a stem is its switchboard's own direct dial.
    """
    bare = _SWITCHBOARD.sub("", " ".join(stem.split()))
    if not bare or not (first or last):
        return stem
    return between(*(f"{bare}{end.lstrip('-/ ')}" if end else "" for end in (first, last)))


def from_on(first: str, count: int) -> str:
    """Return the text of a range of so many numbers; what cannot be counted shows the count."""
    if count == 1 or says(first, count):
        return first
    last = _counted_on(first, count)
    return between(first, last) if last else several(first, count)


def several(text: str, count: int) -> str:
    """Return the text of a number that stands for so many, which a reader must not take for one.

    Nobody writes a number so, and the sign keeps the count from being read as digits of it.
    """
    return text if count == 1 or says(text, count) else f"{text} ({MANY}{count})"


def says(text: str, count: int) -> bool:
    """Return whether a text is itself a range or a block of so many numbers."""
    if len(text) > _LONGEST:
        return False
    block = _OPEN_PLACES.fullmatch(text)
    if block:
        return str(count) == "1" + "0" * len(block[1])
    first, last = (re.sub(r"\D", "", end) for end in _ends(text))
    if not last or len(first) < len(last):
        return False
    return int(last) - int(first[-len(last) :]) + 1 == count


def _ends(text: str) -> tuple[str, str]:
    """Return both ends of a range that says so; the last one may be its last digits only."""
    words = text.split()
    for at in range(1, len(words) - 1):
        if not words[at].strip("-\u2010\u2011\u2012\u2013\u2014.>\u2026") or is_end(words[at]):
            return " ".join(words[:at]), " ".join(words[at + 1 :])
    tail = _TAIL.fullmatch(text)
    return (tail[1], tail[2]) if tail else ("", "")


def with_code(code: str, number: str, *, of_country: bool) -> str:
    """Return a number behind the area or country code that stands in another column."""
    code, number = " ".join(code.split()), " ".join(number.split())
    digits = re.sub(r"\D", "", code)
    said = re.sub(r"\D", "", number).startswith(digits)
    if not digits or not _CODE.fullmatch(code) or said or number.startswith(("+", "00")):
        return number
    if of_country and not code.startswith(("+", "00")):
        code = f"+{code}"
    if code.startswith(("+", "00")) and number.startswith("0"):
        number = f"(0){number[1:]}"
    return f"{code} {number}" if number else number


def _counted_on(first: str, count: int) -> str:
    """Return the last of so many numbers, with its signs where they stand in the first."""
    digits = re.sub(r"\D", "", first)
    if count < 1 or not digits or not _PLAIN.fullmatch(first):
        return ""
    last = str(int(digits) + count - 1).zfill(len(digits))
    if len(last) > len(digits):
        return ""
    those = iter(last)
    return re.sub(r"\d", lambda _: next(those), first)
