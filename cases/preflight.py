"""The port pre-flight: what the current carrier has on record, and why it would refuse a port.

Nothing of it must be answered. What is answered is checked against the rest, since what does not
match the carrier's record exactly is what gets ports refused (port order overview; rejection
reasons of the troubleshooting page, 08/2025). Names are cut by the form that the carrier gets: 25
characters of the organisation's, 15 of the signatory's; the order is processed all the same.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime

from pydantic import JsonValue

from cases.countries import Country
from cases.errors import Rejected
from cases.fields import Answers, Field
from cases.kinds import AccountNumber, Asked, Choice, PhoneNumber, Text, Typed, YesNo, listed
from cases.model import Caution
from cases.vocabulary import CaseType

SECTION = "carrier"
SCOPES = ("full", "partial")
PIN_ASKED = frozenset({"mobile", "geographic_or_mobile"})
"""Kinds of number whose carrier may ask for a PIN, where mobile numbers can be ported."""

_BILLING = Field("billing_number", PhoneNumber(), required=False, section=SECTION)

FIELDS: tuple[Field, ...] = (
    Field("account_name", Text(longest=100), required=False, section=SECTION, cut=25),
    Field("authorized_person", Text(longest=100), required=False, section=SECTION, cut=15),
    Field("account_number", AccountNumber(), required=False, section=SECTION),
    # One line: the form keeps a single box for several lines, the number list.
    Field("service_address", Text(longest=200), required=False, section=SECTION),
    _BILLING,
    Field("port_scope", Choice(lambda _: SCOPES), required=False, section=SECTION),
    Field("account_frozen", YesNo(), required=False, section=SECTION),
    Field("pending_orders", YesNo(), required=False, section=SECTION),
)
"""The questions, in the order in which the carrier's form has them."""


def unanswered(answers: Answers) -> tuple[str, ...]:
    """Return the fields that were left empty."""
    return tuple(field.id for field in FIELDS if answers.get(field.id) is None)


def billing_number(typed: Typed, asked: Asked) -> str:
    """Return the billing number that was typed; empty if there is none that is one."""
    try:
        return str(_BILLING.read(typed, asked) or "")
    except Rejected:
        return ""


def holds(value: JsonValue, number: str) -> bool | None:
    """Return whether a number is in a list; none if only the list's file can tell.

    Whoever has read the whole list says so in the value: `"looked_up": {"+33...": true}`.
    """
    named, count = listed(value)
    if number in named:
        return True
    if len(named) == count:
        return False
    known = value.get("looked_up") if isinstance(value, dict) else None
    found = known.get(number) if isinstance(known, dict) else None
    return found if isinstance(found, bool) else None


def conflicts(answers: Answers) -> Mapping[str, Rejected]:
    """Refuse a full port without the billing number; an account with one number has that one."""
    billing, value = answers.get("billing_number"), answers.get("numbers")
    if answers.get("port_scope") != "full" or not billing or not value:
        return {}
    if holds(value, str(billing)) is not False:
        return {}
    return {"billing_number": Rejected("billing_number_not_listed", number=str(billing))}


def cautions(
    case_type: CaseType, answers: Answers, country: Country, _now: datetime
) -> tuple[Caution, ...]:
    """Return what is to be told of a port before the carrier tells it."""
    if case_type is not CaseType.PORT_IN:
        return ()
    return (*_cuts(answers), *_billing(answers), *_account(answers), *_pin(answers, country))


def _cuts(answers: Answers) -> Iterator[Caution]:
    for field in FIELDS:
        said = str(answers.get(field.id) or "")
        if field.cut and len(said) > field.cut:
            params: dict[str, JsonValue] = {"most": field.cut, "seen": said[: field.cut].rstrip()}
            yield Caution(code=f"{field.id}_cut", params=params)


def _billing(answers: Answers) -> Iterator[Caution]:
    """Yield what follows from the billing number and the scope (port-transfer page, 2024-25)."""
    billing, scope = str(answers.get("billing_number") or ""), answers.get("port_scope")
    if not billing:
        return
    found = holds(answers.get("numbers"), billing)
    if scope == "partial" and found:
        yield Caution(code="billing_number_leaves")
    if scope is None and found is False:
        yield Caution(code="port_is_partial")


def _account(answers: Answers) -> Iterator[Caution]:
    if answers.get("account_frozen"):
        yield Caution(code="account_frozen")
    if answers.get("pending_orders"):
        yield Caution(code="pending_orders")


def _pin(answers: Answers, country: Country) -> Iterator[Caution]:
    """Yield the reminder of the PIN, which is a secret and nothing that a chat is for."""
    value = answers.get("numbers")
    kinds = value.get("kinds") if isinstance(value, dict) else None
    is_asked = not isinstance(kinds, dict) or bool(PIN_ASKED & kinds.keys())
    if country.mobile_port and is_asked:
        yield Caution(code="mobile_pin")
