"""The kinds of field: each turns what was typed into a plain value, or raises `Rejected(code)`.

A kind knows its inputs by id, no sentence and no card. `parse` returns JSON; `spell` is its
inverse, what the inputs show for a value that is already there.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from datetime import date, datetime, time, timedelta
from typing import Protocol, TypeVar, runtime_checkable
from zoneinfo import ZoneInfo

import phonenumbers
from pydantic import JsonValue

from cases.countries import Country
from cases.errors import Rejected
from cases.localtime import moment, stored, to_instant
from cases.model import Problem
from cases.schedule import require_possible, soonest
from cases.vocabulary import CaseType

Typed = Mapping[str, str]
T = TypeVar("T")


@dataclass(frozen=True)
class Asked:
    """The circumstances in which a field is asked."""

    now: datetime
    country: Country | None = None
    case_type: CaseType | None = None
    """None while it is not answered, and for a general inquiry."""
    agreed: bool = False
    """Whether whoever must agree to a date has, so that it may be sooner than usual."""
    lists: Mapping[str, "JsonValue | Problem"] = dataclass_field(default_factory=dict)
    """What the check of a number list came to, by field id: its value, or why it is not taken."""

    @property
    def land(self) -> Country:
        """The case's country, for fields that are asked once it is known."""
        if self.country is None:
            raise LookupError("the country is asked before any field that depends on it")
        return self.country


@runtime_checkable
class Kind(Protocol):
    """A kind of field."""

    def inputs(self, field_id: str, asked: Asked) -> tuple[str, ...]:
        """Return the ids of the inputs that the field has on a card."""
        ...

    def parse(self, field_id: str, typed: Typed, asked: Asked) -> JsonValue:
        """Return the value; called only if something was typed into one of the inputs."""
        ...

    def spell(self, field_id: str, value: JsonValue, asked: Asked) -> dict[str, str]:
        """Return what the inputs hold when they show the value."""
        ...


class _OneInput:
    """A kind whose only input has the field's id."""

    def inputs(self, field_id: str, asked: Asked) -> tuple[str, ...]:
        """Return the one id."""
        return (field_id,)

    def spell(self, field_id: str, value: JsonValue, asked: Asked) -> dict[str, str]:
        """Return the value as text."""
        return {field_id: str(value)}


_CONTROL = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f\u200b\u2028\u2029\u202a-\u202e\u2060-\u2069\ufeff\ud800-\udfff]"
)


def clean(text: str) -> str:
    """Return text without control and direction characters, trimmed."""
    return _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).strip()


@dataclass(frozen=True)
class Text(_OneInput):
    """Free text of at most `longest` characters."""

    longest: int
    multiline: bool = False

    def parse(self, field_id: str, typed: Typed, asked: Asked) -> str:
        """Return the text, trimmed; one line of it unless several are asked for."""
        text = clean(typed[field_id])
        if not self.multiline:
            text = " ".join(text.split())
        if len(text) > self.longest:
            raise Rejected("too_long", most=self.longest, is_now=len(text))
        return text


@dataclass(frozen=True)
class Choice(_OneInput):
    """One of the options that the circumstances leave."""

    options: Callable[[Asked], tuple[str, ...]]
    preset: str = ""
    """The option that is chosen at first."""

    def parse(self, field_id: str, typed: Typed, asked: Asked) -> str:
        """Return the option's value."""
        value = typed[field_id].strip()
        if value not in self.options(asked):
            raise Rejected("not_a_choice")
        return value


@dataclass(frozen=True)
class YesNo(_OneInput):
    """A question that is answered with `yes` or `no`; its value is a bool."""

    def parse(self, field_id: str, typed: Typed, asked: Asked) -> bool:
        """Return the answer."""
        answer = typed[field_id].strip().lower()
        if answer not in {"yes", "no", "true", "false"}:
            raise Rejected("not_a_choice")
        return answer in {"yes", "true"}

    def spell(self, field_id: str, value: JsonValue, asked: Asked) -> dict[str, str]:
        """Return `yes` or `no`."""
        return {field_id: "yes" if value else "no"}


@dataclass(frozen=True)
class Confirm(_OneInput):
    """A statement that must be ticked; a toggle sends the strings `true` and `false`."""

    def parse(self, field_id: str, typed: Typed, asked: Asked) -> bool:
        """Return True."""
        if typed[field_id].strip().lower() not in {"true", "yes", "1"}:
            raise Rejected("not_confirmed")
        return True

    def spell(self, field_id: str, value: JsonValue, asked: Asked) -> dict[str, str]:
        """Return `true` or `false`."""
        return {field_id: "true" if value else "false"}


@dataclass(frozen=True)
class Integer(_OneInput):
    """A whole number within bounds."""

    least: int
    most: int

    def parse(self, field_id: str, typed: Typed, asked: Asked) -> int:
        """Return the number; `1 000` and `10.0`, as some clients send it, are understood."""
        text = re.sub(r"\s", "", typed[field_id])
        if not re.fullmatch(r"[+-]?\d{1,12}(\.0+)?", text):
            raise Rejected("not_a_whole_number")
        value = int(text.split(".", maxsplit=1)[0])
        if not self.least <= value <= self.most:
            raise Rejected("out_of_range", least=self.least, most=self.most)
        return value


@dataclass(frozen=True)
class Guid(_OneInput):
    """An identifier such as a tenant's or a location's."""

    def parse(self, field_id: str, typed: Typed, asked: Asked) -> str:
        """Return the identifier in lower case, without braces."""
        text = typed[field_id].strip().strip("{}").lower()
        if not re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", text):
            raise Rejected("not_a_guid")
        return text


_NOT_IN_ACCOUNTS = re.compile(r"[\s\-\u00ad\u2010-\u2015\u2212\ufe58\ufe63\uff0d]")
"""Blanks, dashes and hyphens."""


@dataclass(frozen=True)
class AccountNumber(_OneInput):
    """A number or name of an account, as carriers take it: without blanks and dashes."""

    longest: int = 40

    def parse(self, field_id: str, typed: Typed, asked: Asked) -> str:
        """Return the account without the signs that carriers do not take."""
        text = _NOT_IN_ACCOUNTS.sub("", clean(typed[field_id]))
        if not any(sign.isalnum() for sign in text):
            raise Rejected("not_an_account")
        if len(text) > self.longest:
            raise Rejected("too_long", most=self.longest, is_now=len(text))
        return text


@dataclass(frozen=True)
class PhoneNumber(_OneInput):
    """One telephone number of the case's country; its value is E.164."""

    def parse(self, field_id: str, typed: Typed, asked: Asked) -> str:
        """Return the number; national writing is the country's."""
        said = unicodedata.normalize("NFKC", clean(typed[field_id]))
        try:
            number = phonenumbers.parse(said, asked.land.iso)
        except phonenumbers.NumberParseException:
            raise Rejected("not_a_phone_number") from None
        if not phonenumbers.is_valid_number(number):
            raise Rejected("not_a_phone_number")
        region = phonenumbers.region_code_for_number(number) or ""
        if region not in asked.land.regions:
            raise Rejected("number_elsewhere", country=asked.land.iso)
        return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


@dataclass(frozen=True)
class Domain(_OneInput):
    """A domain name, such as `contoso.com`."""

    def parse(self, field_id: str, typed: Typed, asked: Asked) -> str:
        """Return the name in lower case; a scheme, an `@` in front and a path are taken off."""
        text = re.sub(r"^(https?://|@)", "", typed[field_id].strip().lower())
        text = text.split("/", maxsplit=1)[0].rstrip(".")
        if not _is_domain(text):
            raise Rejected("not_a_domain")
        return text


def _is_domain(text: str) -> bool:
    try:
        ascii_name = text.encode("idna").decode()
    except UnicodeError:
        return False
    label = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
    return len(ascii_name) <= 253 and bool(
        re.fullmatch(rf"({label}\.)+(xn--[a-z0-9-]{{2,59}}|[a-z]{{2,63}})", ascii_name)
    )


_EMAIL_NAME = re.compile(r"[^\s@<>\"(),:;\\\[\]]{1,64}")


@dataclass(frozen=True)
class Emails(_OneInput):
    """E-mail addresses, separated by commas, semicolons or blanks; its value is a list."""

    most: int = 20

    def parse(self, field_id: str, typed: Typed, asked: Asked) -> list[JsonValue]:
        """Return the addresses in lower case, each once."""
        found = [part for part in re.split(r"[\s,;]+", typed[field_id].lower()) if part]
        for address in found:
            name, at, domain = address.rpartition("@")
            if not (at and _EMAIL_NAME.fullmatch(name) and _is_domain(domain)):
                raise Rejected("not_an_email", address=address[:80])
        unique = list(dict.fromkeys(found))
        if len(unique) > self.most:
            raise Rejected("too_many", most=self.most)
        return list(unique)

    def spell(self, field_id: str, value: JsonValue, asked: Asked) -> dict[str, str]:
        """Return the addresses with semicolons between them."""
        return {field_id: "; ".join(map(str, value)) if isinstance(value, list) else ""}


@dataclass(frozen=True)
class LocalDateTime:
    """A date and time of the case's country; its value holds the instant and the IANA zone.

    `{"at": "2026-12-01T09:00:00Z", "zone": "Europe/Paris"}`
    """

    furthest: timedelta = timedelta(days=730)

    def inputs(self, field_id: str, asked: Asked) -> tuple[str, ...]:
        """Return the inputs for date and time, and for the zone where there are several."""
        names = (f"{field_id}_date", f"{field_id}_time", f"{field_id}_zone")
        return names if len(asked.land.zones) > 1 else names[:2]

    def parse(self, field_id: str, typed: Typed, asked: Asked) -> dict[str, JsonValue]:
        """Return instant and zone; the moment must lie ahead and be possible for the case type."""
        day = self._part(f"{field_id}_date", typed, date.fromisoformat, "not_a_date")
        clock = self._part(f"{field_id}_time", typed, time.fromisoformat, "not_a_time")
        zone = self._zone(f"{field_id}_zone", typed, asked)
        at = self._instant(field_id, day, clock.replace(tzinfo=None), zone)
        if at <= asked.now:
            raise Rejected("past", input_id=f"{field_id}_date")
        if at > asked.now + self.furthest:
            raise Rejected("too_far", input_id=f"{field_id}_date", days=self.furthest.days)
        earliest = self._earliest(asked, zone)
        require_possible(asked.case_type, asked.land, at, zone, earliest, field_id)
        return stored(at, zone)

    def spell(self, field_id: str, value: JsonValue, asked: Asked) -> dict[str, str]:
        """Return the local date and time in the value's zone."""
        at, zone = moment(value)
        local = at.astimezone(zone)
        spelled = {
            f"{field_id}_date": local.date().isoformat(),
            f"{field_id}_time": local.strftime("%H:%M"),
            f"{field_id}_zone": str(zone),
        }
        return {name: spelled[name] for name in self.inputs(field_id, asked)}

    @staticmethod
    def _earliest(asked: Asked, zone: str) -> date:
        """Return the first day that is told to whoever asked for one that cannot be."""
        if asked.case_type is None or asked.agreed:
            return asked.now.astimezone(ZoneInfo(zone)).date() + timedelta(days=1)
        return soonest(asked.case_type, asked.land, asked.now, zone)

    @staticmethod
    def _instant(field_id: str, day: date, clock: time, zone: str) -> datetime:
        try:
            return to_instant(day, clock, zone)
        except Rejected as gap:
            raise Rejected(gap.code, input_id=f"{field_id}_time", **gap.params) from None
        except OverflowError:
            # The ends of the calendar have no instant in every zone.
            raise Rejected("not_a_date", input_id=f"{field_id}_date") from None

    @staticmethod
    def _part(input_id: str, typed: Typed, read: Callable[[str], T], code: str) -> T:
        text = typed.get(input_id, "").strip()
        if not text:
            raise Rejected("required", input_id=input_id)
        try:
            return read(text)
        except ValueError:
            raise Rejected(code, input_id=input_id) from None

    @staticmethod
    def _zone(input_id: str, typed: Typed, asked: Asked) -> str:
        zone = typed.get(input_id, "").strip() or asked.land.default_zone
        if not zone:
            raise Rejected("required", input_id=input_id)
        if zone not in asked.land.zones:
            raise Rejected("not_a_choice", input_id=input_id)
        return zone


SHOWN = 100
"""How many numbers of a list its value names; the file has all of them."""


@dataclass(frozen=True)
class NumberList(_OneInput):
    """A list of telephone numbers of the case's country.

    Its value is `{"count": 2, "numbers": ["+33...", ...], "file": "<sha256>"}`: the first numbers,
    and the stored file that has all of them. Besides: `kinds`, how many there are of each;
    `report`, the stored report by row; `for`, what it was checked for; `parts`, the lawful parts
    of a mixed list, with `split` once they are to be cases of their own, or `as_one` where they
    stay together. A list that no input of the form shows has `"dropped": true`.
    """

    def parse(self, field_id: str, typed: Typed, asked: Asked) -> JsonValue:
        """Raise `LookupError`: a list is checked before its form is read, see `Asked.lists`."""
        raise LookupError(f"the list {field_id} was not checked")

    def spell(self, field_id: str, value: JsonValue, asked: Asked) -> dict[str, str]:
        """Return the numbers, one a line; nothing for a list that no input holds.

        That is one that is too long for a card, or came as a file while the card was open.
        """
        shown, count = listed(value)
        dropped = isinstance(value, dict) and value.get("dropped")
        return {field_id: "\n".join(shown) if len(shown) == count and not dropped else ""}


def listed(value: JsonValue) -> tuple[list[str], int]:
    """Return the numbers that a list's value names, and how many the list has."""
    named = value.get("numbers") if isinstance(value, dict) else None
    if not isinstance(value, dict) or not isinstance(named, list):
        return [], 0
    return [str(number) for number in named], int(str(value.get("count", len(named))))


@dataclass(frozen=True)
class File:
    """A file that comes through the chat; it has no input, and a place in the checklist."""

    def inputs(self, field_id: str, asked: Asked) -> tuple[str, ...]:
        """Return no ids: nothing is typed."""
        return ()

    def parse(self, field_id: str, typed: Typed, asked: Asked) -> JsonValue:
        """Return nothing: files are taken in as they arrive."""
        return None

    def spell(self, field_id: str, value: JsonValue, asked: Asked) -> dict[str, str]:
        """Return nothing: there is no input."""
        return {}
