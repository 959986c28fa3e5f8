"""What a written number dials: a text and a country in, its readings out; it judges nothing.

A reading is a valid number and how it was written. What people and spreadsheets do to a number is
undone here; where more than one reading is left, all are returned.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

import phonenumbers
from phonenumbers import (
    NumberParseException,
    PhoneMetadata,
    PhoneNumber,
    PhoneNumberFormat,
    PhoneNumberType,
    ValidationResult,
)
from phonenumbers.phonenumberutil import _number_type_helper

from cases.findings import Why

LONGEST_NUMBER = 250
"""Characters of one row that are looked at; no number needs as many."""
_MOST_DIGITS = 17
"""Digits behind a calling code that phonenumbers reads."""
MOST_DIGITS = 15
"""Of a number with its calling code (E.164); phonenumbers takes some that have more."""
LEAST_DIGITS = 7
"""Digits of what can be a number."""
NO_TYPE = PhoneNumberType.UNKNOWN


class Form(StrEnum):
    """How a number is written."""

    INTERNATIONAL = "international"
    """With `+` or an international prefix."""
    BARE = "bare"
    """With the calling code, and nothing to say that it is one."""
    NATIONAL = "national"
    SHORT = "short"
    """National, without the zero that it begins with when it is dialled."""


class Repair(StrEnum):
    """What was done to a text to find its number."""

    PLUS_ADDED = "plus_added"
    PLUS_DROPPED = "plus_dropped"
    ZERO_ADDED = "zero_added"
    PREFIX_REPLACED = "prefix_replaced"
    EXTENSION_DROPPED = "extension_dropped"
    COMMENT_DROPPED = "comment_dropped"
    FORMAT_DROPPED = "format_dropped"
    """Decimals or thousands that a spreadsheet wrote."""
    EXPONENT_WRITTEN_OUT = "exponent_written_out"
    LETTERS_DIALLED = "letters_dialled"
    OLD_PREFIX_DROPPED = "old_prefix_dropped"
    """What was dialled before a number until its country gave it up."""
    RANGE_OPENED = "range_opened"


# Numbering plans


@dataclass(frozen=True, slots=True)
class Plan:
    """The numbering plan that texts are read by."""

    home: str
    """ISO code of the country; empty if none is named, `001` for numbers of no country."""
    regions: tuple[str, ...]
    """Regions whose numbers are taken; empty for all."""
    code: str = ""
    """The calling code, digits only; empty without a country."""
    trunk: str = ""
    """What national numbers begin with when they are dialled, such as `0`."""
    books: tuple[tuple[str, PhoneMetadata], ...] = ()
    """What phonenumbers knows of each region; nothing without a country."""
    prefixes: re.Pattern[str] | None = None
    """What phonenumbers may take for a prefix behind the calling code; none if nothing."""

    @property
    def parses_as(self) -> str | None:
        """The region that phonenumbers reads national writing by."""
        return self.home if self.code else None


@dataclass(frozen=True, slots=True)
class Reading:
    """One valid number that a text may mean."""

    e164: str
    kind: int
    """A `PhoneNumberType`."""
    region: str
    form: Form
    repaired: Repair | None = None


@cache
def plan_for(home: str, regions: tuple[str, ...]) -> Plan:
    """Return the plan of a country whose numbers are those of `regions`."""
    code = phonenumbers.country_code_for_region(home) if home else 0
    if not code:
        return Plan(home, regions)
    trunk = phonenumbers.ndd_prefix_for_region(home, strip_non_digits=True) or ""
    found = ((region, PhoneMetadata.metadata_for_region(region, None)) for region in regions)
    books = tuple((region, metadata) for region, metadata in found if metadata)
    return Plan(home, regions, str(code), trunk, books, _prefixes(code))


def lengths_differ(plan: Plan) -> bool:
    """Return whether some numbers are a few digits longer than others; true if nobody knows."""
    known = (book.general_desc for _, book in plan.books)
    lengths = {length for one in known if one for length in one.possible_length}
    return not lengths or any(length + more in lengths for length in lengths for more in _A_FEW)


_A_FEW = range(1, 5)


def _prefixes(code: int) -> re.Pattern[str] | None:
    region = phonenumbers.region_code_for_country_code(code)
    metadata = PhoneMetadata.metadata_for_region_or_calling_code(code, region)
    known = metadata.national_prefix_for_parsing if metadata else None
    return re.compile(known) if known else None


_GAPS = str.maketrans("", "", " .-")


def spelled_out(text: str, plan: Plan) -> PhoneNumber | None:
    """Return the number of a `+`, the plan's calling code and digits; none of any other text.

    The text is ASCII: digits, with blanks, dots and hyphens between them. Where nothing in it can
    be taken for a prefix, phonenumbers' own reading comes to the same digits, and takes as long as
    all else that is asked of a number.
    """
    digits = text.translate(_GAPS)
    start = len(plan.code) + 1
    national = digits[start:]
    if not plan.code or digits[:start] != f"+{plan.code}" or not 1 < len(national) <= _MOST_DIGITS:
        return None
    if national[0] == "0" or (plan.prefixes and plan.prefixes.match(national)):
        return None
    return PhoneNumber(country_code=int(plan.code), national_number=int(national))


def place(number: PhoneNumber, plan: Plan) -> tuple[str, int]:
    """Return the region of the plan that a number is valid in, and its type there.

    The region is empty, and the type unknown, if it is valid in none. This is
    `is_valid_number_for_region` and `number_type` in one: most of the time of a long list goes
    here, and one after the other they would match its patterns three times.
    """
    if not plan.books:
        if is_too_long(number):
            return "", NO_TYPE
        region, kind = region_of(number), phonenumbers.number_type(number)
        own = kind != NO_TYPE and (not plan.regions or region in plan.regions)
        return (region, kind) if own else ("", NO_TYPE)
    national = phonenumbers.national_significant_number(number)
    if len(national) + len(plan.code) > MOST_DIGITS:
        return "", NO_TYPE
    for region, metadata in plan.books:
        if number.country_code == metadata.country_code:
            kind = _number_type_helper(national, metadata)
            if kind != NO_TYPE:
                return region, kind
    return "", NO_TYPE


def e164_of(number: PhoneNumber) -> str:
    """Return a number in E.164."""
    return _spelled(number, PhoneNumberFormat.E164)


def is_too_long(number: PhoneNumber) -> bool:
    """Return whether a number has more digits than E.164 allows."""
    return len(e164_of(number)) > MOST_DIGITS + 1


def _spelled(number: PhoneNumber, form: int) -> str:
    return phonenumbers.format_number(number, form)


def region_of(number: PhoneNumber) -> str:
    """Return the region of a number; empty for one that no region has."""
    return phonenumbers.region_code_for_number(number) or ""


def parsed(text: str, region: str | None) -> PhoneNumber | None:
    """Return what phonenumbers makes of a text; none if it is no number to it."""
    try:
        return phonenumbers.parse(text, region)
    except NumberParseException:
        return None


# What people, keyboards and spreadsheets write, in plain characters

_UNUSUAL = re.compile(r"[^ -~]")
_MARKS = "'\"`\u2018\u2019\u201c\u201d\u00b4\u00ab\u00bb"


def plain(text: str) -> str:
    """Return a text with ASCII digits, signs and blanks, without quotes and invisible signs."""
    in_ascii = _UNUSUAL.sub(lambda sign: _plain_sign(sign[0]), text)
    return " ".join(in_ascii.split()).strip(_MARKS + " ")


@cache
def _plain_sign(sign: str) -> str:
    digit = unicodedata.decimal(sign, None)
    if digit is not None:
        return str(digit)
    category = unicodedata.category(sign)
    if category in {"Zs", "Zl", "Zp", "Cc"}:
        return " "
    if category == "Pd" or sign == "\u2212":
        return "-"
    if category == "Cf":
        return ""
    if sign in "\u2192\u21d2\u2026":
        return " .. "
    # The full-width forms stand in the order of ASCII.
    return chr(ord(sign) - 0xFEE0) if "\uff01" <= sign <= "\uff5e" else sign


_FORMULA = re.compile(r"=\s*\"?([^\"]*)\"?")
_SCHEME = re.compile(r"(?:lineuri\s*[:=]?\s*[\"']?)?(?:tel|callto|sips?)\s*:\s*", re.IGNORECASE)
_HOST = re.compile(r"@[\w.\-]+$")
_CONTEXT = ";phone-context="


def unwrapped(text: str) -> str:
    """Return a plain text without a spreadsheet's or a link's wrapping (`="+33..."`, `tel:`)."""
    formula = _FORMULA.fullmatch(text)
    bare = plain(formula[1]) if formula else text
    scheme = _SCHEME.match(bare)
    if scheme and _CONTEXT not in bare:
        return _HOST.sub("", bare[scheme.end() :])
    return bare


# Where the number is in a text

_DIALLED = re.compile(r"\(?\+? ?\(?\d[\d ().\-/]*")
BULLET = re.compile(r"(?:[1-9]\d{0,5}[.)] +|[-*\u2022\u00b7\u2023\u25aa\u25cf] *)(?=[+(\d])")
_EXTENSION = re.compile(
    r"[ ,;(]*(?:;ext=|#|(?<![^\W\d_])(?:extension|extn|ext|poste|post|p|x)\.?)"
    r" *[:=]? *\d{1,7} *\)?$",
    re.IGNORECASE,
)
REMARK = re.compile(r"\([^()]*[^\W\d_][^()]*\)|\[[^\[\]]*\]")
_SPAN = re.compile(r"(?<![\w.+])(?:\+ ?)?(?:\(\d+\)|\d)(?:[ .\-/]{0,3}(?:\(\d+\)|\d)){6,}")
_VANITY = re.compile(r"\+?[\d ().\-]*\b8\d\d[ ).\-]+[A-Z](?:[ \-]?[A-Z\d]){6,8}")
_DECIMALS = re.compile(r"(\+?\d{6,})[.,]0+")
_THOUSANDS = re.compile(r"\d{1,3}(?:,\d{3}){2,}")

Core = tuple[str, Repair | None]
"""Where the number may be, and what was put aside for it."""


def cores(text: str) -> Iterator[Core]:
    """Yield what may be the number in a plain text, likeliest first."""
    bullet = BULLET.match(text)
    if bullet:
        yield from cores(text[bullet.end() :])
    decimals = _DECIMALS.fullmatch(text)
    if decimals:
        yield decimals[1], Repair.FORMAT_DROPPED
    elif _THOUSANDS.fullmatch(text):
        yield text.replace(",", ""), Repair.FORMAT_DROPPED
    elif _DIALLED.fullmatch(text) or _CONTEXT in text:
        yield text, None
    elif _VANITY.fullmatch(text):
        yield phonenumbers.convert_alpha_characters_in_number(text), Repair.LETTERS_DIALLED
    else:
        yield from _inner_cores(text)


def _inner_cores(text: str) -> Iterator[Core]:
    extension = _EXTENSION.search(text)
    before = text[: extension.start()].strip() if extension else ""
    number = _LABEL.sub("", before)
    if _DIALLED.fullmatch(number):
        yield number, Repair.EXTENSION_DROPPED
        return
    only = number_beside(text)
    if only and not only[1]:
        yield only[0], Repair.COMMENT_DROPPED


_LABEL = re.compile(r"^[^\d+(#]*[^\W\d_][^\d+(#]*[: ] *(?=[+(\d])")
_DIGIT_GROUPS = re.compile(r"\d+(?:[ .\-/]\d+)*")


def number_beside(text: str) -> tuple[str, str] | None:
    """Return the only number that stands beside words in a text, and the digits that these have.

    There is none where several pieces are as long as a number, or where a letter touches it.
    """
    without = " ".join(REMARK.sub(" ", text).split())
    spans = list(_SPAN.finditer(without))
    if len(spans) != 1 or not _stands_apart(without, spans[0]):
        return None
    start, end = spans[0].span()
    beside = ", ".join((without[:start], without[end:], *REMARK.findall(text)))
    return spans[0][0], ", ".join(_DIGIT_GROUPS.findall(beside)[:_SHOWN])


_SHOWN = 3
"""Groups of digits that are told of."""


def _stands_apart(text: str, span: re.Match[str]) -> bool:
    """Return whether no letter touches a number: an `O` may be meant as a zero."""
    before, after = text[: span.start()].rpartition(" ")[2], text[span.end() :].partition(" ")[0]
    return not any(sign.isalnum() for sign in before + after)


def number_count(text: str) -> int:
    """Return how many pieces of a plain text are as long as a number."""
    return sum(1 for _ in _SPAN.finditer(text))


# What its digits mean

_PREFIXES = ("00", "011", "0011", "010", "810")
"""What is dialled before a calling code somewhere; a list may have been written there."""
_ANYWHERE = ("00", "011")
"""Those that are understood where no country is named."""
_FULL_LENGTH = 9
"""Digits behind such a prefix that are surely a number with its calling code."""
_VAGUE = frozenset({Form.BARE, Form.SHORT})
_Try = tuple[PhoneNumber | None, Form, Repair | None]


def readings(core: str, plan: Plan, put_aside: Repair | None = None) -> list[Reading]:
    """Return every number of the plan that a text of digits may mean; empty if it means none.

    Where words stand beside it (`put_aside`), a number must begin as numbers do: `12 030 123456`
    may be a room and a number.
    """
    found = _valid(_as_written(core, plan), plan, put_aside)
    found = found or _valid(_amended(core, plan), plan, put_aside)
    strict = put_aside is Repair.COMMENT_DROPPED
    return [reading for reading in found if not (strict and reading.form in _VAGUE)]


def _valid(tries: Iterator[_Try], plan: Plan, put_aside: Repair | None) -> list[Reading]:
    """Return a reading for each number among the tries, the first of those that are alike."""
    found: dict[str, Reading] = {}
    for number, form, repaired in tries:
        region, kind = place(number, plan) if number else ("", NO_TYPE)
        if number and region:
            reading = Reading(e164_of(number), kind, region, form, put_aside or repaired)
            found.setdefault(reading.e164, reading)
    return list(found.values())


def _as_written(core: str, plan: Plan) -> Iterator[_Try]:
    """Yield the number as the country writes it, and as one with its calling code."""
    if "+" in core:
        yield parsed(core, None), Form.INTERNATIONAL, None
        return
    digits = digits_of(core)
    if plan.code:
        number = parsed(core, plan.home)
        yield number, *_national_form(number, digits, plan)
    if plan.home and digits.startswith(plan.code) and digits[:1] != "0":
        yield parsed(f"+{digits}", None), Form.BARE, Repair.PLUS_ADDED


def _national_form(
    number: PhoneNumber | None, digits: str, plan: Plan
) -> tuple[Form, Repair | None]:
    if number is None or plan.trunk == plan.code:
        return Form.NATIONAL, None
    national = phonenumbers.national_significant_number(number)
    if digits in {plan.code + national, plan.code + plan.trunk + national}:
        # Also `44 (0)20 7946 0960`.
        return Form.BARE, Repair.PLUS_ADDED
    if digits.startswith("00"):
        return Form.INTERNATIONAL, None
    if digits[:1] != "0" and _spelled(number, PhoneNumberFormat.NATIONAL).startswith(("0", "(0")):
        return Form.SHORT, Repair.ZERO_ADDED
    return Form.NATIONAL, None


def _amended(core: str, plan: Plan) -> Iterator[_Try]:
    """Yield the number with a sign more or less, for a text that means nothing as it stands."""
    digits = digits_of(core)
    without = _without_old_prefix(("+" if "+" in core else "") + digits, plan)
    if without:
        yield parsed(without, None), Form.NATIONAL, Repair.OLD_PREFIX_DROPPED
    if "+" in core:
        # A calling code never begins with a zero; other digits may be one with some missing.
        if digits[:1] == "0" and plan.code:
            yield parsed(digits, plan.home), Form.NATIONAL, Repair.PLUS_DROPPED
        return
    for rest in _behind_prefixes(digits, plan):
        repaired = Repair.PREFIX_REPLACED if plan.code else None
        yield parsed(f"+{rest}", None), Form.INTERNATIONAL, repaired
    if plan.code and digits[:1] != "0" and not _may_lack_its_end(digits, plan):
        yield parsed(f"0{digits}", plan.home), Form.SHORT, Repair.ZERO_ADDED


_OLD_PREFIXES = (
    # Mexico, until 2019: trunk and mobile calls, and mobiles from abroad.
    ("52", re.compile(r"(?:(?:\+|00)?52(?:0?1|04[45])|01|04[45])(\d{10})")),
    # Poland, until 2005.
    ("48", re.compile(r"(?:(?:\+|00)?48)?0(\d{9})")),
)


def _without_old_prefix(dialled: str, plan: Plan) -> str:
    """Return a number without a prefix that its country gave up; empty if it has none."""
    for code, prefix in _OLD_PREFIXES:
        found = prefix.fullmatch(dialled)
        if found and (plan.code == code or (not plan.code and dialled.startswith(f"+{code}"))):
            return f"+{code}{found[1]}"
    return ""


def _may_lack_its_end(digits: str, plan: Plan) -> bool:
    """Return whether a digit behind would make a number of it as well as a zero in front."""
    longer = (parsed(f"{digits}{last}", plan.home) for last in range(10))
    return any(number is not None and place(number, plan)[0] for number in longer)


def _behind_prefixes(digits: str, plan: Plan) -> list[str]:
    if plan.code:
        return _behind(_PREFIXES, digits)
    return [rest for rest in _behind(_ANYWHERE, digits) if len(rest) >= _FULL_LENGTH]


def _behind(prefixes: Iterable[str], digits: str) -> list[str]:
    return [digits[len(prefix) :] for prefix in prefixes if digits.startswith(prefix)]


def is_grouped_as(core: str, reading: Reading) -> bool:
    """Return whether the blanks of a text stand where its reading's country puts them."""
    number = parsed(reading.e164, None)
    if number is None or not _SEPARATOR.search(core):
        return False
    forms = (PhoneNumberFormat.NATIONAL, PhoneNumberFormat.INTERNATIONAL)
    shapes = (_spelled(number, form).removeprefix("+") for form in forms)
    return _SEPARATOR.sub(" ", core) in {_SEPARATOR.sub(" ", shape) for shape in shapes}


_SEPARATOR = re.compile(r"[ .\-/]+")


def digits_of(text: str) -> str:
    """Return the digits of a plain text."""
    return re.sub(r"\D", "", text)


# Why a text is none of the country's numbers

_SURELY_WITH_CODE = 10
"""Digits without a plus that are likelier another country's number than a wrong one of this."""


def abroad(core: str, plan: Plan) -> PhoneNumber | None:
    """Return the number of another country that a text is, if it surely is one."""
    digits = digits_of(core)
    tries = [core] if "+" in core else [f"+{rest}" for rest in _behind(_ANYWHERE, digits)]
    if not tries and len(digits) >= _SURELY_WITH_CODE and _misfits(core, plan):
        tries = [f"+{digits}"]
    for text in tries:
        number = parsed(text, None)
        if number and not is_too_long(number) and phonenumbers.is_valid_number(number):
            return number
    return None


def _misfits(core: str, plan: Plan) -> bool:
    """Return whether no national number has as many digits."""
    number = parsed(core, plan.home) if plan.code else None
    return number is not None and not phonenumbers.is_possible_number(number)


def flaw_of(core: str, plan: Plan) -> Why | None:
    """Return what keeps a text from being a number, if that is known."""
    number = parsed(core, plan.parses_as)
    rest = digits_of(core).removeprefix(plan.trunk)
    if (
        number is not None
        and plan.trunk
        and e164_of(number)[1:] == f"{plan.code}{plan.trunk}{rest}"
    ):
        # A number that is too short keeps its trunk prefix, which makes it look long enough.
        number = parsed(f"+{plan.code}{rest}", None)
    if number is not None and is_too_long(number):
        return Why.TOO_LONG
    if number is not None:
        return _WHY.get(phonenumbers.is_possible_number_with_reason(number))
    if len(digits_of(core)) < LEAST_DIGITS:
        return Why.TOO_SHORT
    return Why.CALLING_CODE if "+" in core else Why.TOO_LONG


_WHY = {
    ValidationResult.TOO_SHORT: Why.TOO_SHORT,
    ValidationResult.IS_POSSIBLE_LOCAL_ONLY: Why.TOO_SHORT,
    ValidationResult.TOO_LONG: Why.TOO_LONG,
    ValidationResult.INVALID_COUNTRY_CODE: Why.CALLING_CODE,
}
