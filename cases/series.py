"""Texts of several numbers: what stands beside them is put aside, and what they share put back.

`425-555-1200 & 1201`, `030 901820-10/11/12`, `between 0900 and 0904`, `1200-1259 (60 numbers)`.
"""

import re
from itertools import pairwise

from cases.dialling import (
    BULLET,
    LEAST_DIGITS,
    REMARK,
    Plan,
    abroad,
    digits_of,
    number_beside,
    number_count,
    readings,
)
from cases.findings import Flaw
from cases.ranges import (
    END,
    SEVERAL,
    UNCLEAR,
    Range,
    Spread,
    alone,
    block_in,
    is_aligned,
    is_block,
    is_range,
    range_in,
    said_in,
    sole,
    unclear,
    with_tail,
)
from cases.remarks import exclusion_in, is_more, thing_named
from cases.tails import tail_in

_AND_WORDS = r"and|or|et|ou|und|u\.?|oder|sowie|y|e|ed|en|of|och|eller|og|ja|tai|i|oraz|plus"
_AND = re.compile(
    rf" *& *| +(?:{_AND_WORDS}) +| *\+ +(?=\(?\d)|(?<=\d)\+(?=\d)| */ *(?=-)"
    rf"|(?<=\d) *, *(?:(?:{_AND_WORDS}) +)?(?=-?\d)",
    re.IGNORECASE,
)
_MORE = re.compile(r"\+|plus", re.IGNORECASE)
"""A number behind it may be how many more there are."""
_BETWEEN = re.compile(
    r"(?:between|zwischen|entre|tra|fra|tussen|mellan|mellem|między)\b *(.+?)"
    rf" +(?:{_AND_WORDS}) +(.+)",
    re.IGNORECASE,
)
_COUNTED = (
    r"numbers|nos\.|num[eé]ros|n[uú]meros|numeri|nummern|rufnummern|durchwahlen|nebenstellen|numer"
    r"[yóo]w?|nummers|ddis?|dids?|sdas?|tns|lines|lignes|leitungen|linee|l[ií]neas|extensions"
    r"|postes|blocks?|blok|bloc|kan[äa]le?|channels?|canaux|canali|canales|kanalen|nr|stuks?|st(?:k|ück)\.?|szt|kpl|x|more|others?|weitere|autres?|más|altri"
)
_COUNT = re.compile(
    rf"(?<!\d)(?P<count>\d{{1,6}}) *(?:[^\W\d_]+ +){{0,2}}?(?:{_COUNTED})\b *[\])]?", re.IGNORECASE
)
_COUNT_LEAD = re.compile(
    rf"(?:(?P<more>[+&]|\b(?:{_AND_WORDS}))|[\[(=:,;]| -|[^\W\d_]) *$", re.IGNORECASE
)
"""What stands before a count; other digits there make it the end of a number."""
_JOINING = " +&=([,;:-"
_NUMBER_DIGITS = range(LEAST_DIGITS, 21)
"""Digits of one number, with all its prefixes."""
_FEWEST_DIGITS = 4
"""Digits of a text that is looked at."""
_JOINED = re.compile(r"[\-/]|\.\.")
_EQUALS = re.compile(r" *(?:=|(?P<open>\()) *(?P<count>\d{1,6}) *(?(open)\))$")
_CONTINUED = re.compile(
    rf"\( *((?:&|\+|/|-|to|bis|à|(?:{_AND_WORDS})\b) *-? *\d"
    rf"(?:[\d \-/]| (?:to|bis|à|a|al|t/m|{_AND_WORDS}) )*)\)",
    re.IGNORECASE,
)
_DIALLED_ON = r" *(?:- *0 +)?\b(?:durchwahl(?:en)?|dw|klappen?|kl)\b[.:]? *-? *"
"""Words of direct dialling, which takes the place of the `-0` of a switchboard."""
_DIRECT = re.compile(rf"{_DIALLED_ON}(\d+) *([\-/]|\bbis\b) *-?(?=\d)", re.IGNORECASE)
_DIRECT_ONE = re.compile(rf"{_DIALLED_ON}(\d{{1,5}})$", re.IGNORECASE)
_DIALS_ON = ("+49", "+43")
"""Where direct dialling stands behind a number."""
_INCLUSIVE = re.compile(
    r" +\(?(?:inclusive|incl\b\.?|inkl\b\.?|inclus\w{0,4}|inbegrepen|compris)\)?$", re.IGNORECASE
)
_LABEL = re.compile(r"([^:]*[^\W\d_][^:]*): *(?=[+(\d])")
_WORDS = re.compile(r"(?:[^\W\d_]{2,}[ .\-]+)+(?=[+(\d])")
_WORDS_BEHIND = re.compile(r"((?:\d[ ().\-/]{0,3}){7,}) (?!x+\b)[^\W\d_]\D*$", re.IGNORECASE)
_TAILS = re.compile(r"-? *(\d[\d ]*)(?: *(?:-|\.{2,}| (?:to|bis|à|a|al) ) *-? *(\d[\d ]*))?")


def said_against(text: str) -> Spread | None:
    """Return what the words of a text say against its number; none if nothing."""
    if len(digits_of(text)) < LEAST_DIGITS:
        return None
    left_out = exclusion_in(text)
    if left_out:
        return Spread(flaw=Flaw.EXCEPTION, params=(("said", left_out),))
    if is_more(text):
        return SEVERAL if number_count(text) == 1 else None
    label = thing_named(text)
    return Spread(flaw=Flaw.LABELLED, params=(("label", label),)) if label else None


def opened(text: str, plan: Plan) -> Spread | None:
    """Return what a text of several numbers comes to; none if it is one number, or none at all.

    It also has a flaw if words beside the only number have digits that may be further numbers.
    """
    if len(digits_of(text)) < _FEWEST_DIGITS:
        return None
    return _told(text, plan) or _beside(text, plan)


def _beside(text: str, plan: Plan) -> Spread | None:
    bullet = BULLET.match(text)
    only = number_beside(text[bullet.end() :] if bullet else text)
    if only is None or not only[1]:
        return None
    if not (readings(only[0], plan) or abroad(only[0], plan)):
        return None
    return Spread(flaw=Flaw.DIGITS_BESIDE, params=(("said", only[1]),))


def _dialled_on(text: str, plan: Plan) -> Spread | None:
    """Return the number of a text that ends in direct dialling, such as `Durchwahl 41`."""
    number = sole(_bare(_DIRECT_ONE.sub(r"-\1", text)), plan)
    is_open = number is not None and number.e164.startswith(_DIALS_ON)
    return Spread((alone(number.e164),)) if number and is_open else None


def _told(text: str, plan: Plan) -> Spread | None:
    counted = _COUNT.search(text)
    lead = _COUNT_LEAD.search(text[: counted.start()]) if counted else None
    if counted and (lead or not counted.start()):
        before = text[: lead.start() + 1] if lead else ""
        rest = f"{before.rstrip(_JOINING)} {text[counted.end() :]}"
        return _agreed(_found(_bare(rest), plan), counted, rest, more=bool(lead and lead["more"]))
    if counted and sole(text[: counted.start()], plan):
        return SEVERAL
    if _DIRECT_ONE.search(text):
        return _dialled_on(text, plan)
    equals = _EQUALS.search(text)
    found = _found(_bare(text[: equals.start()]), plan) if equals else None
    if equals and found:
        return _agreed(found, equals, text)
    return _found(_bare(text), plan)


def _agreed(
    found: Spread | None, counted: re.Match[str], text: str, *, more: bool = False
) -> Spread | None:
    """Return what a text comes to, if that is as many numbers as it says itself."""
    count = int(counted["count"])
    if found is None:
        return SEVERAL if count > 1 and number_count(text) else None
    if more:
        return SEVERAL
    return UNCLEAR if found.ranges and 0 < found.count != count else found


def _bare(text: str) -> str:
    """Return a text without labels and remarks; a number in brackets may go on what is before."""
    bullet = BULLET.match(text)
    bare = _CONTINUED.sub(r" \1", text[bullet.end() :] if bullet else text)
    bare = _INCLUSIVE.sub("", bare)
    bare = REMARK.sub(lambda said: said[0] if digits_of(said[0]) else " ", bare)
    bare = _DIRECT.sub(r"-\1 \2 ", " ".join(bare.split()))
    between = _BETWEEN.search(bare)
    if between:
        return f"{between[1]} to {between[2]}"
    label = _LABEL.match(bare)
    if label and not digits_of(label[1]):
        bare = bare[label.end() :]
    words = _WORDS.match(bare)
    return _WORDS_BEHIND.sub(r"\1", bare[words.end() :] if words else bare).strip(" ,;:")


def _found(bare: str, plan: Plan) -> Spread | None:
    if END.fullmatch(bare):
        tail = tail_in(bare, plan) if _JOINED.search(bare) else None
        if tail or not _JOINED.search(bare) or readings(bare, plan):
            return tail
    found = block_in(bare, plan) or range_in(bare, plan)
    if found:
        return Spread((found,))
    series = _series(bare, plan)
    if series:
        return series
    said = said_in(bare, plan)
    if said:
        return Spread((said,))
    return unclear(bare, plan) if is_range(bare) or is_block(bare) else None


# Numbers that share their beginning


def _series(text: str, plan: Plan) -> Spread | None:
    """Return the numbers that words or signs join, each of them told; none if nothing joins any."""
    signs = [match[0] for match in _AND.finditer(text)]
    items = [item.strip() for item in _AND.split(text)]
    if len(items) < 2:
        return _slashed(text, plan)
    is_first = END.fullmatch(items[0]) or is_range(items[0])
    if not (is_first and len(digits_of(items[0])) >= LEAST_DIGITS):
        return None
    if not all(map(_goes_on, items[1:])):
        return None
    return _joined(items, signs, plan) or SEVERAL


def _goes_on(item: str) -> bool:
    """Return whether digits stand behind `and`; those of `2nd floor` are a word's."""
    return re.match(r"[+(\-]*\d+(?![^\W_])", item) is not None


def _slashed(text: str, plan: Plan) -> Spread | None:
    """Return the numbers of `2345 6789/90/1`, whose first is one of its own."""
    if "/" not in text or not END.fullmatch(text):
        return None
    before = ((at, text[:at]) for at, sign in enumerate(text) if sign == "/")
    long_enough = ((at, one) for at, one in before if len(digits_of(one)) in _NUMBER_DIGITS)
    first = next((at for at, one in long_enough if sole(one, plan)), None)
    if first is None:
        return None
    items = [text[:first].strip(), *(item.strip() for item in text[first + 1 :].split("/"))]
    return _joined(items, ["/"] * (len(items) - 1), plan) or SEVERAL


def _joined(items: list[str], signs: list[str], plan: Plan) -> Spread | None:
    """Return the numbers of all items; none if one of them is not clear."""
    ranges = list(_own(items[0], plan))
    for (said, item), sign in zip(pairwise(items), signs, strict=True):
        if not ranges:
            return None
        more = _own(item, plan) if len(digits_of(item)) >= LEAST_DIGITS else ()
        is_doubtful = "," in sign and not is_aligned(said, len(digits_of(item)))
        if not more and not is_doubtful and not _MORE.search(sign):
            more = _sharing(ranges[-1], said, item, plan)
        if not more:
            return None
        ranges.extend(more)
    return Spread(tuple(ranges))


def _own(item: str, plan: Plan) -> tuple[Range, ...]:
    """Return the numbers of a text that needs no other; none if it does, or is not clear."""
    if not END.fullmatch(item) and not is_range(item):
        return ()
    tail = tail_in(item, plan) if END.fullmatch(item) else None
    if tail:
        return tail.ranges
    number = sole(item, plan) if END.fullmatch(item) else None
    if number:
        return (alone(number.e164),)
    found = range_in(item, plan)
    return (found,) if found and found.count > 0 else ()


def _sharing(before: Range, said: str, item: str, plan: Plan) -> tuple[Range, ...]:
    """Return the numbers whose last digits an item is, behind the beginning of those before."""
    tails = _TAILS.fullmatch(item)
    if tails is None:
        return ()
    ends = [_tailed(before, said, tail, plan) for tail in tails.groups() if tail]
    if not all(ends) or (len(ends) > 1 and ends[0] >= ends[-1]):
        return ()
    return (Range(ends[0], ends[-1]),)


def _tailed(before: Range, said: str, tail: str, plan: Plan) -> int:
    """Return the number that ends in a tail; 0 if it may also mean another.

    A tail as long as the groups that it stands for is one; a shorter one could be the direct
    dialling of the number before.
    """
    last, digits = f"+{before.last}", digits_of(tail)
    number = with_tail(last, said, digits, plan)
    if number is None:
        return 0
    certain = is_aligned(said, len(digits)) or (
        not readings(f"{last}{digits}", plan)
        and (len(digits) > 1 or int(number.e164) - before.last == 1)
    )
    return int(number.e164) if certain else 0
