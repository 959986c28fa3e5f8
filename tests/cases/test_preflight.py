"""The port pre-flight: cuts, the billing number, and what a carrier would refuse a port for."""

from collections.abc import Mapping

import pytest
from pydantic import JsonValue

from cases.catalogue import conflicts
from cases.cautions import cautions
from cases.countries import all_countries
from cases.errors import Rejected
from cases.kinds import AccountNumber, PhoneNumber
from cases.preflight import FIELDS, holds, unanswered
from cases.vocabulary import CaseType
from tests.cases.samples import ANSWERS, NOW, asked

BILLING = "+33123456789"
OTHER = "+33123456780"
TOPIC = {f"{field.id}_cut" for field in FIELDS} | {
    "billing_number_leaves",
    "port_is_partial",
    "account_frozen",
    "pending_orders",
    "mobile_pin",
}


def told(
    answers: Mapping[str, JsonValue] | None = None,
    iso: str = "FR",
    case_type: CaseType = CaseType.PORT_IN,
) -> set[str]:
    """Return the codes of this topic's cautions."""
    found = cautions(case_type, {**ANSWERS, **(answers or {})}, all_countries()[iso], NOW)
    return {caution.code for caution in found} & TOPIC


def refused(**answers: JsonValue) -> dict[str, str]:
    found = conflicts(CaseType.PORT_IN, {**ANSWERS, **answers})
    return {name: problem.code for name, problem in found.items()}


def long(**members: JsonValue) -> JsonValue:
    return {"count": 5000, "numbers": [OTHER], "file": "a" * 64, **members}


def test_nothing_of_it_must_be_answered() -> None:
    assert not any(field.required for field in FIELDS)
    assert told() == set()
    assert refused() == {}
    assert unanswered(ANSWERS) == tuple(field.id for field in FIELDS)
    assert "account_frozen" not in unanswered({**ANSWERS, "account_frozen": False})


@pytest.mark.parametrize(
    "field, fits, seen",
    [
        ("account_name", "CONTOSO INTERNATIONAL HOL", "CONTOSO INTERNATIONAL HOL"),
        ("authorized_person", "Maria Magdalena", "Maria Magdalena"),
    ],
)
def test_a_longer_name_is_taken_and_its_cut_is_told(field: str, fits: str, seen: str) -> None:
    assert told({field: fits}) == set()
    answers: dict[str, JsonValue] = {**ANSWERS, field: fits + "DING GROUP"}
    (cut,) = cautions(CaseType.PORT_IN, answers, all_countries()["FR"], NOW)
    assert (cut.code, cut.params) == (f"{field}_cut", {"most": len(fits), "seen": seen})


@pytest.mark.parametrize(
    "typed, value",
    [
        ("0 12-34\u201356", "0123456"),
        (" AB\u00a012\u202f34 ", "AB1234"),
        ("acc\u2011n\u2212o 7", "accno7"),
        ("F/2026.1", "F/2026.1"),
    ],
)
def test_an_account_number_is_cleaned(typed: str, value: str) -> None:
    assert AccountNumber().parse("a", {"a": typed}, asked("FR")) == value
    assert AccountNumber().parse("a", {"a": value}, asked("FR")) == value


@pytest.mark.parametrize("typed, code", [("- –", "not_an_account"), ("1" * 41, "too_long")])
def test_what_is_no_account_is_refused(typed: str, code: str) -> None:
    with pytest.raises(Rejected) as caught:
        AccountNumber().parse("a", {"a": typed}, asked("FR"))
    assert caught.value.code == code


@pytest.mark.parametrize(
    "iso, typed, value",
    [
        ("FR", "01 23 45 67 89", BILLING),
        ("FR", "+33 1 23 45 67 89", BILLING),
        ("FR", "\uff10\uff11\u00a023\u202f45 67 89", BILLING),
        ("US", "(425) 555-0123", "+14255550123"),
        ("US", "787 234 5678", "+17872345678"),
    ],
)
def test_a_billing_number_is_one_of_the_country(iso: str, typed: str, value: str) -> None:
    assert PhoneNumber().parse("n", {"n": typed}, asked(iso)) == value


@pytest.mark.parametrize(
    "typed, code",
    [
        ("our main line", "not_a_phone_number"),
        ("12", "not_a_phone_number"),
        ("+4930123456", "number_elsewhere"),
        ("+800 1234 5678", "number_elsewhere"),
    ],
)
def test_no_other_number_is(typed: str, code: str) -> None:
    with pytest.raises(Rejected) as caught:
        PhoneNumber().parse("n", {"n": typed}, asked("FR"))
    assert caught.value.code == code


@pytest.mark.parametrize(
    "value, found",
    [
        ({"count": 1, "numbers": [BILLING]}, True),
        ({"count": 1, "numbers": [OTHER]}, False),
        (long(), None),
        (long(looked_up={BILLING: True}), True),
        (long(looked_up={BILLING: False}), False),
        (long(looked_up={OTHER: True}), None),
        (None, False),
    ],
)
def test_whether_a_number_is_listed_is_known_or_not(value: JsonValue, found: bool | None) -> None:
    assert holds(value, BILLING) is found


def test_a_full_port_has_the_billing_number() -> None:
    assert refused(port_scope="full", billing_number=BILLING) == {}
    assert refused(port_scope="full", billing_number=OTHER) == {
        "billing_number": "billing_number_not_listed"
    }
    assert refused(port_scope="full") == {}
    listed = long(looked_up={BILLING: False})
    assert set(refused(port_scope="full", billing_number=BILLING, numbers=listed)) == {
        "billing_number"
    }


def test_a_partial_port_may_leave_it_out_or_take_it_along_which_is_told() -> None:
    for number, codes in ((OTHER, set()), (BILLING, {"billing_number_leaves"})):
        assert refused(port_scope="partial", billing_number=number) == {}
        assert told({"port_scope": "partial", "billing_number": number}) == codes


def test_without_the_billing_number_it_is_partial_whatever_was_said() -> None:
    assert told({"billing_number": OTHER}) == {"port_is_partial"}
    assert told({"billing_number": BILLING}) == set()


@pytest.mark.parametrize("field", ["account_frozen", "pending_orders"])
def test_what_gets_ports_refused_is_told(field: str) -> None:
    assert told({field: True}) == {field}
    assert told({field: False}) == set()


def test_the_pin_of_mobile_numbers_is_spoken_of_where_they_can_be_ported() -> None:
    mobile: JsonValue = {"count": 1, "numbers": ["+1"], "kinds": {"geographic_or_mobile": 1}}
    toll_free: JsonValue = {"count": 1, "numbers": ["+1"], "kinds": {"toll_free": 1}}
    assert told({}, "US") == told({"numbers": mobile}, "PR") == {"mobile_pin"}
    assert told({"numbers": toll_free}, "US") == told({"numbers": mobile}) == set()


def test_other_cases_hear_nothing_of_it() -> None:
    assert told({"account_frozen": True}, "US", CaseType.INTER_TENANT_PORT) == set()


def test_nothing_secret_is_asked_for() -> None:
    assert not {field.id for field in FIELDS} & {"pin", "port_pin", "password"}
