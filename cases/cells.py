"""What the cells of tables look like: numbers, dates, amounts, the last digits of a number."""

import re
from datetime import date
from functools import lru_cache

from cases import headers

LEAST_DIGITS = 6
"""Digits that make a text look like a number."""

_SIX_DIGITS = re.compile(r"(?:\D*\d){6}")
_DATE = re.compile(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}(?:[ T][\d:.]+)?")
_DAY, _MONTH, _YEAR = r"(?:0?[1-9]|[12]\d|3[01])", r"(?:0?[1-9]|1[0-2])", r"(?:19|20)\d\d"
_ANY_DATE = re.compile(
    rf"(?:{_YEAR}(?P<y>[-/.]){_MONTH}(?P=y){_DAY}|{_DAY}(?P<d>[-/.]){_MONTH}(?P=d){_YEAR}"
    rf"|{_MONTH}(?P<m>[-/.]){_DAY}(?P=m){_YEAR})(?:[ T]\d\d?:\d\d.*)?"
)
_ADDRESS = re.compile(r"(?:(?!0\d)\d{1,3}\.){3}(?!0\d)\d{1,3}(?::\d+)?")
_SUM = (
    r"-?(?!0\d)(?:\d+|\d{1,3}(?:[. '\u00a0\u202f]\d{3})+(?=,)|\d{1,3}(?:[, ']\d{3})+(?=\.))"
    r"[.,](?!0+(?!\d))\d{1,2}"
)
_AMOUNT = re.compile(rf"(?:[€$£]\s?)?{_SUM}\s?(?:[€$£%]|[A-Z]{{3}}|z\u0142|kr\.?|K\u010d)?")
_COMPACT_DATE = re.compile(r"(?:19|20)\d{6}")
_MARKED = re.compile(
    r"\(?\+|\(?0\d|(?:tel|sips?):|\(\d|\d{1,5}[ .\-/\u00a0\u202f]\(?\d[\d ().\-/\u00a0\u202f]*$"
)
_PLUS = re.compile(r"\(?[+\uff0b]")
_OF_WORDS = re.compile(
    r"(?:tel|fon|fax|mob|[tfpm])?\d+(?:(?:x|ext|p|dw)\d+)?|\d+e", re.IGNORECASE | re.ASCII
)
"""Letters and digits without a blank that are no code."""
_MIXED = re.compile(r"\b(?=\w*\d)(?=\w*[A-Za-z])\w+")
_CONTINUED = re.compile(r"[-+&/]?\s?\d{1,5}(?:\s?[-\u2010-\u2015/]\s?\d{1,5})?")


def digit_count(text: str) -> int:
    """Return how many digits of any script a text has."""
    return sum(map(str.isdigit, text))


def is_amount(cell: str) -> bool:
    """Return whether a cell is a decimal, with a currency or without."""
    return _AMOUNT.fullmatch(cell.strip()) is not None


def looks_like_a_number(cell: str) -> bool:
    """Return whether a cell may be a telephone number, and is no date or amount."""
    if not _SIX_DIGITS.match(cell):
        return False
    text = cell.strip()
    letters = sum(map(str.isalpha, text))
    digits = digit_count(_without_codes(text) if letters else text)
    has_digits = digits > max(LEAST_DIGITS - 1, letters)
    return has_digits and not (_DATE.fullmatch(text) or _AMOUNT.fullmatch(text))


def _without_codes(text: str) -> str:
    """Return a text without words that have letters among their digits, as `01P123456ABC`."""
    return _MIXED.sub(lambda word: word[0] if _OF_WORDS.fullmatch(word[0]) else "", text)


def is_date(text: str) -> bool:
    """Return whether a text is a date by its writing, with a time or without."""
    return _ANY_DATE.fullmatch(text) is not None


def is_doubtful(cell: str) -> bool:
    """Return whether what looks like a number may as well be something else.

    That is a date such as `20240203`, or an address in a network.
    """
    return _ADDRESS.fullmatch(cell) is not None or _is_compact_date(cell)


def _is_compact_date(cell: str) -> bool:
    if not _COMPACT_DATE.fullmatch(cell):
        return False
    try:
        date(int(cell[:4]), int(cell[4:6]), int(cell[6:]))
    except ValueError:
        return False
    return True


def is_marked(cell: str) -> bool:
    """Return whether a cell has the signs of telephone numbers: a plus, a zero, groups."""
    return _MARKED.match(cell) is not None


def has_plus(cell: str) -> bool:
    """Return whether a cell begins as numbers in full do."""
    return _PLUS.match(cell) is not None


def goes_on(cell: str) -> bool:
    """Return whether a cell may be the last digits of a number that goes on before it."""
    return _CONTINUED.fullmatch(cell.strip()) is not None


# Usage: what the admin centre calls a number's (domain.md section 7), and its own exports

_SERVICE_WORDS = (
    *("service", "queue", "attendant", "conferenc", "bridge", "voiceapp"),
    *("attente", "standardauto"),
)
_USER_WORDS = ("user", "utilisateur", "subscriber", "abonne", "person")


def usage_of(cell: str) -> str:
    """Return `user` or `service` if the words of a cell say just one of them."""
    return _usage(cell[:100])


@lru_cache(1000)
def _usage(text: str) -> str:
    word = headers.bare(text)
    service = any(said in word for said in _SERVICE_WORDS)
    user = any(said in word for said in _USER_WORDS)
    if service == user:
        return ""
    return "service" if service else "user"
