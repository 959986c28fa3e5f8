"""What the rows of a number list mean: each row's number, its kind, and what stands against it.

`read` looks at one row at a time, so that a list can be cut; `settle` looks across the rows.
Problems are codes (`Flaw`); their sentences are `numbers.problem.<code>` in the strings.

Rules and their sources in domain.md: kinds and portability in sections 6, 7 and 15.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import chain
from types import MappingProxyType

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumber, PhoneNumberType

from cases.asides import label_of
from cases.cells import is_date
from cases.countries import Country, all_countries
from cases.dialling import (
    LONGEST_NUMBER,
    Core,
    Form,
    Plan,
    Reading,
    Repair,
    abroad,
    cores,
    digits_of,
    e164_of,
    flaw_of,
    is_grouped_as,
    lengths_differ,
    number_count,
    place,
    plain,
    plan_for,
    readings,
    region_of,
    spelled_out,
    unwrapped,
)
from cases.errors import Rejected
from cases.extents import MANY
from cases.findings import CAUTION, STOP, Aside, Flaw, NumberKind, Why
from cases.findings import Entry as Entry
from cases.findings import Finding as Finding
from cases.findings import Group as Group
from cases.findings import Purpose as Purpose
from cases.findings import Summary as Summary
from cases.lists import MOST, Row
from cases.ranges import LONGEST_RANGE, Spread
from cases.remarks import worded
from cases.series import opened, said_against
from cases.settling import asked_of as asked_of
from cases.settling import settle as settle
from cases.tails import tail_in
from cases.vocabulary import CaseType

_KINDS = MappingProxyType(
    {
        PhoneNumberType.FIXED_LINE: NumberKind.GEOGRAPHIC,
        PhoneNumberType.MOBILE: NumberKind.MOBILE,
        PhoneNumberType.FIXED_LINE_OR_MOBILE: NumberKind.GEOGRAPHIC_OR_MOBILE,
        PhoneNumberType.TOLL_FREE: NumberKind.TOLL_FREE,
        PhoneNumberType.PREMIUM_RATE: NumberKind.PREMIUM,
        PhoneNumberType.SHARED_COST: NumberKind.SHARED_COST,
        PhoneNumberType.VOIP: NumberKind.VOIP,
        PhoneNumberType.PERSONAL_NUMBER: NumberKind.PERSONAL,
        PhoneNumberType.PAGER: NumberKind.PAGER,
        PhoneNumberType.UAN: NumberKind.UAN,
        PhoneNumberType.VOICEMAIL: NumberKind.VOICEMAIL,
        PhoneNumberType.UNKNOWN: NumberKind.UNKNOWN,
    }
)


# Which kinds a case takes

_PORTS = frozenset({CaseType.PORT_IN, CaseType.INTER_TENANT_PORT})
_NEVER = frozenset(
    {NumberKind.PREMIUM, NumberKind.PAGER, NumberKind.VOICEMAIL, NumberKind.PERSONAL}
)
"""Nobody is called at these in a company's phone system."""
_RARELY = frozenset({NumberKind.SHARED_COST})
_UIFN = "+800"


@dataclass(frozen=True, slots=True)
class _Rules:
    """What a purpose asks of a number, looked up once for all rows."""

    plan: Plan
    plain: re.Pattern[str]
    """Texts that need no second look, as far as their signs tell."""
    has_tails: bool
    """Whether groups of digits may be part of a number or numbers of their own (`tail_in`)."""
    code: str
    """Digits that are a calling code at the beginning of a text, if they are not the number's."""
    flawed: Mapping[NumberKind, tuple[Flaw, str]]
    """Problem and severity of kinds that are not simply fine."""
    unportable: tuple[str, ...]
    """Beginnings in E.164 of numbers that no carrier gives away."""
    unportable_is: str
    """How severe that is."""


@cache
def _country(iso: str) -> Country | None:
    return all_countries().get(iso)


def _regions(purpose: Purpose) -> tuple[str, ...]:
    """Return the regions whose numbers the case takes; custom names are for US numbers only."""
    if purpose.case_type is CaseType.CUSTOM_CALLING_NAME:
        return tuple(c.iso for c in all_countries().values() if c.custom_calling_name)
    country = _country(purpose.region)
    return country.regions if country else tuple(filter(None, (purpose.region,)))


@cache
def _rules(purpose: tuple[str, CaseType | None, str]) -> _Rules:
    meant = Purpose(region=purpose[0], case_type=purpose[1], convert_to=purpose[2])
    plan = plan_for(meant.region, _regions(meant))
    return _Rules(
        plan=plan,
        plain=re.compile(_plain_writing(plan), re.ASCII),
        has_tails=lengths_differ(plan),
        code=_bare_code(plan),
        flawed=_flawed_kinds(meant),
        unportable=_unportable(meant),
        unportable_is=CAUTION if meant.case_type is None else STOP,
    )


def _plain_writing(plan: Plan) -> str:
    """Return the pattern of texts that need no second look.

    A national number must begin so that neither a calling code without its plus nor a lost zero
    can be meant, and must not end as a decimal does. Carriers' files have the calling code without
    a plus, so that is looked at here as well.
    """
    if not plan.code:
        national = r"(?!)"
    elif plan.trunk == plan.code:
        national = r"\d"
    elif plan.trunk == "0":
        national = r"0(?!0)"
    else:
        national = rf"(?!00|{plan.code})\d"
    with_code = rf"{_bare_code(plan) or '(?!)'}\d"
    start = rf"(?:\+\d|{national}|\({national}\d{{0,4}}\)|{with_code})"
    return rf"{_NO_DATE}{start}(?:[ .\-]?\d){{5,}}(?<!\.0)(?<!\.00)"


_NO_DATE = r"(?!\d{1,4}([.-])\d\d?\1\d{1,4}$)"
"""What looks like a date, and needs a second look for that."""


def _bare_code(plan: Plan) -> str:
    """Return the calling code, unless national numbers are dialled with the same digits."""
    return "" if plan.code == plan.trunk else plan.code


def _flawed_kinds(purpose: Purpose) -> Mapping[NumberKind, tuple[Flaw, str]]:
    """Return what stands against kinds of number in such a case.

    Mobile numbers are ported in the US and Puerto Rico only (section 6); toll-free numbers never
    become user numbers (section 7) and have no user's emergency address (section 12).
    """
    if purpose.case_type is None:
        return MappingProxyType({})
    country = _country(purpose.region)
    stops, cautions = set(_NEVER), set(_RARELY)
    if not (country and country.mobile_port):
        (stops if purpose.case_type in _PORTS else cautions).add(NumberKind.MOBILE)
    if purpose.case_type is CaseType.INVENTORY_TYPE_CHANGE and purpose.convert_to == "user":
        stops.add(NumberKind.TOLL_FREE)
    if purpose.case_type is CaseType.ADDRESS_UPDATE:
        cautions.add(NumberKind.TOLL_FREE)
    told = dict.fromkeys(cautions, (Flaw.UNUSUAL_KIND, CAUTION))
    return MappingProxyType(told | dict.fromkeys(stops, (Flaw.WRONG_KIND, STOP)))


def _unportable(purpose: Purpose) -> tuple[str, ...]:
    if purpose.case_type is not None and purpose.case_type not in _PORTS:
        return ()
    country = _country(purpose.region)
    # Without a country, numbers of all of them are read.
    told_of = (country,) if purpose.region else all_countries().values()
    return (_UIFN, *(number for one in told_of if one for number in _not_portable(one)))


def _not_portable(country: Country) -> Iterator[str]:
    code = phonenumbers.country_code_for_region(country.iso)
    return (f"+{code}{prefix.lstrip('0')}" for prefix in country.not_portable)


# One row at a time


def read(rows: Iterable[Row], purpose: Purpose, most: int = MOST) -> list[Entry]:
    """Return what each row means, in their order.

    Raises `Rejected("list_too_long")` for rows and ranges of more than so many numbers, before it
    looks into a range.
    """
    rules = _rules((purpose.region, purpose.case_type, purpose.convert_to))
    found: list[Iterable[Entry]] = []
    count = 0
    for row in rows:
        entry = _at_once(row, rules) if row.aside is None else _told_beside(row, row.aside)
        entries = [entry] if entry is not None else _closely(row, rules)
        count += len(entries)
        if count > most:
            raise Rejected("list_too_long", most=most)
        found.append(entries)
    return [entry for entries in found for entry in entries]


def _at_once(row: Row, rules: _Rules) -> Entry | None:
    """Return the entry of a row that is plainly a number; none for any other.

    Most rows are, so phonenumbers is asked no question twice here.
    """
    text = row.text
    if rules.plain.fullmatch(text) is None:
        return None
    if rules.has_tails and "-" in text[-5:] and tail_in(text, rules.plan):
        return None
    try:
        number = spelled_out(text, rules.plan) or phonenumbers.parse(text, rules.plan.parses_as)
    except NumberParseException:
        return None
    region, kind_of = place(number, rules.plan)
    if not region:
        foreign = text[0] == "+" and abroad(text, rules.plan)
        return _foreign(_unread(row), foreign, rules) if foreign else None
    return _at_home(row, number, region, _KINDS[kind_of], rules)


def _at_home(
    row: Row, number: PhoneNumber, region: str, kind: NumberKind, rules: _Rules
) -> Entry | None:
    """Return the entry of a number of the country; none if its text may mean another."""
    text, e164 = row.text, e164_of(number)
    form, repaired = Form.INTERNATIONAL if text[0] == "+" else Form.NATIONAL, ""
    if len(e164) > _LONG and " " in text:
        return None
    if rules.code and text.startswith(rules.code):
        if digits_of(text) != e164[1:]:
            return None
        form, repaired = Form.BARE, Repair.PLUS_ADDED
    entry = Entry(
        row.line,
        text,
        row.usage,
        e164,
        kind,
        region,
        repaired=repaired,
        form=form,
        sheet=row.sheet,
    )
    if kind in rules.flawed or e164.startswith(rules.unportable):
        return _judged(entry, rules)
    return entry


_LONG = 14
"""Signs in E.164 that hardly a number has more of; one that does may be a number and a second."""


def _told_beside(row: Row, aside: Aside) -> Entry:
    """Return the entry of what is told beside the numbers of a table."""
    entry = _unread(row)
    entry.more = not aside.is_row
    return entry.told(aside.flaw, CAUTION, **aside.params)


def _unread(row: Row) -> Entry:
    return Entry(row.line, row.text, row.usage, sheet=row.sheet)


def _judged(entry: Entry, rules: _Rules) -> Entry:
    """Return the entry with what its kind or its beginning has against it."""
    if entry.number.startswith(rules.unportable):
        why = str(Why.UIFN) if entry.number.startswith(_UIFN) else ""
        return entry.told(Flaw.NOT_PORTABLE, rules.unportable_is, why=why)
    if entry.kind in rules.flawed:
        flaw, severity = rules.flawed[entry.kind]
        return entry.told(flaw, severity, kind=entry.kind.value)
    return entry


def _closely(row: Row, rules: _Rules) -> "list[Entry] | _Members":
    """Return the entries of a row that needs a closer look."""
    entry = _unread(row)
    if len(row.text) > LONGEST_NUMBER:
        return [entry.told(Flaw.NOT_A_NUMBER)]
    text = unwrapped(plain(row.text))
    exponent = _EXPONENT.fullmatch(text)
    if exponent:
        return [_written_out(entry, exponent, rules)]
    return _not_searched(entry, text) or _searched(entry, text, rules)


def _not_searched(entry: Entry, text: str) -> list[Entry]:
    """Return the entry of a text that says itself that it is no telephone number, or not which."""
    counted = _COUNTED.search(text)
    if counted:
        return [entry.told(Flaw.COUNTED, count=int(counted[1]))]
    if is_date(text):
        return [entry.told(Flaw.DATE)]
    label = label_of(text)
    return [entry.told(Flaw.LABELLED, label=label)] if label else []


_COUNTED = re.compile(rf"\({MANY}(\d+)\)$")


def _searched(entry: Entry, text: str, rules: _Rules) -> "list[Entry] | _Members":
    """Return the entries of a plain text: one number before a range, a range before a remark."""
    text = worded(text)
    found = list(cores(text))
    return (
        _opened(entry, said_against(text), rules)
        or _at_first_sight(entry, found, rules, remarks=False)
        or _opened(entry, opened(text, rules.plan), rules)
        or _at_first_sight(entry, found, rules, remarks=True)
        or [_refused(entry, text, found[-1][0] if found else "", rules)]
    )


def _at_first_sight(
    entry: Entry, found: Sequence[Core], rules: _Rules, *, remarks: bool
) -> "list[Entry] | _Members":
    """Return the entries of the first text that means a number; none if none of them does."""
    for core, put_aside in found:
        if (put_aside is Repair.COMMENT_DROPPED) is remarks:
            several = _opened(entry, tail_in(core, rules.plan), rules)
            may_be = [] if several else readings(core, rules.plan, put_aside)
            if several or may_be:
                return several or [_taken(entry, may_be, core, rules)]
    return []


def _taken(entry: Entry, found: Sequence[Reading], core: str, rules: _Rules) -> Entry:
    """Return the entry with its number, or with both that it may be."""
    either = [_judged(_meant(entry, reading), rules) for reading in found]
    cut_short = len(found) == 1 and found[0].form is Form.SHORT and _has_code(core, rules.plan)
    if len(found) == 1 and not cut_short:
        return either[0]
    as_grouped = [one for one, how in zip(either, found, strict=True) if is_grouped_as(core, how)]
    if len(as_grouped) == 1:
        return as_grouped[0]
    if cut_short:
        # A zero may be missing in front, or the plus and digits at the end.
        either.append(entry.told(Flaw.NOT_VALID, why=str(Why.TOO_SHORT)))
    national, international = (one.number or f"+{digits_of(core)}" for one in either)
    flawed = entry.told(Flaw.AMBIGUOUS, national=national, international=international)
    return replace(flawed, either=tuple(either))


def _has_code(core: str, plan: Plan) -> bool:
    return digits_of(core).startswith(plan.code)


def _meant(entry: Entry, reading: Reading) -> Entry:
    return replace(
        entry,
        number=reading.e164,
        kind=_KINDS[reading.kind],
        region=reading.region,
        form=reading.form,
        repaired=reading.repaired or "",
    )


_EXPONENT = re.compile(r"\+?(\d)[.,]?(\d*)[eE]\+?(\d{1,2})")


def _written_out(entry: Entry, exponent: re.Match[str], rules: _Rules) -> Entry:
    """Return the entry of `1.4255551234E+10`; digits that Excel dropped do not come back."""
    digits = exponent[1] + exponent[2]
    if len(digits) != int(exponent[3]) + 1:
        return entry.told(Flaw.EXCEL_ROUNDED)
    found = readings(digits, rules.plan, Repair.EXPONENT_WRITTEN_OUT)
    return _taken(entry, found, digits, rules) if found else _refused(entry, digits, digits, rules)


# Ranges


def _opened(entry: Entry, found: Spread | None, rules: _Rules) -> "list[Entry] | _Members":
    """Return an entry for each number of a text, or one with what is wrong; none if it is one."""
    if found is None:
        return []
    if found.flaw:
        return [entry.told(found.flaw, **dict(found.params))]
    if min(one.count for one in found.ranges) < 1:
        return [entry.told(Flaw.RANGE_BACKWARDS)]
    if found.count > LONGEST_RANGE:
        return [entry.told(Flaw.RANGE_TOO_LONG, count=found.count, most=LONGEST_RANGE)]
    return _Members(entry, found, rules)


@dataclass(frozen=True, slots=True)
class _Members:
    """The entries of a range, which is counted before anybody looks at its numbers."""

    entry: Entry
    spread: Spread
    rules: _Rules

    def __len__(self) -> int:
        return self.spread.count

    def __iter__(self) -> Iterator[Entry]:
        """Return an entry for each number, or the only one if a number is not valid."""
        members: list[Entry] = []
        for e164 in chain.from_iterable(one.numbers() for one in self.spread.ranges):
            number = phonenumbers.parse(e164)
            region, kind = place(number, self.rules.plan)
            if not region:
                return iter([self._without(number)])
            member = Reading(e164, kind, region, Form.INTERNATIONAL, Repair.RANGE_OPENED)
            meant = replace(_meant(self.entry, member), more=bool(members))
            members.append(_judged(meant, self.rules))
        return iter(members)

    def _without(self, number: PhoneNumber) -> Entry:
        """Return the entry of a range with a number that is none, or another country's."""
        if phonenumbers.is_valid_number(number):
            return _foreign(self.entry, number, self.rules)
        return self.entry.told(Flaw.RANGE_INVALID, number=e164_of(number))


# Rows that are none of the country's numbers


def _refused(entry: Entry, text: str, core: str, rules: _Rules) -> Entry:
    """Return the entry with the likeliest reason why it is not taken."""
    if not core:
        several = number_count(text) > 1
        return entry.told(Flaw.SEVERAL if several else Flaw.NOT_A_NUMBER)
    foreign = abroad(core, rules.plan)
    if foreign is not None:
        return _foreign(entry, foreign, rules)
    if len(digits_of(core)) < 4:
        return entry.told(Flaw.NOT_A_NUMBER)
    if not rules.plan.home and "+" not in core and not core.startswith("00"):
        return entry.told(Flaw.COUNTRY_NEEDED)
    return entry.told(Flaw.NOT_VALID, why=str(flaw_of(core, rules.plan) or ""))


def _foreign(entry: Entry, number: PhoneNumber, rules: _Rules) -> Entry:
    """Return the entry of another country's number; one of no country may still be told of."""
    kind = _KINDS[phonenumbers.number_type(number)]
    known = replace(entry, number=e164_of(number), kind=kind, region=region_of(number))
    if _UIFN in rules.unportable and known.number.startswith(_UIFN):
        return _judged(known, rules)
    return known.told(Flaw.OTHER_COUNTRY, region=known.region)


def masked(number: str) -> str:
    """Return a number with its middle hidden, such as `+49…123`."""
    shown = 3 if len(number) > 8 else 0
    return f"{number[:3]}…{number[len(number) - shown :]}" if shown else "…"
