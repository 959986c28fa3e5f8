"""How many numbers the licences allow, blocks, and the door that follows from them."""

import pytest
from pydantic import JsonValue

from cases.cautions import cautions
from cases.countries import all_countries
from cases.model import Caution
from cases.quota import in_blocks, service_quota, user_quota
from cases.vocabulary import CaseType
from tests.cases.samples import NOW

COUNTRIES = all_countries()
# The table of the page, as it is printed.
TABLE = """
    1-25:5 26-49:10 50-99:20 100-149:30 150-199:40 200-499:65 500-749:90 750-999:110 1000-1249:125
    1250-1499:135 1500-1999:160 2000-2999:210 3000-6999:420 7000-9999:500 10000-14999:600
    15000-19999:700 20000-49999:1000
"""


@pytest.mark.parametrize(
    "licences, payg, quota",
    [(30, 20, 63), (30, 0, 43), (0, 20, 20), (0, 0, 0), (1, 0, 11), (25, 0, 37), (100, 5, 125)],
)
def test_user_numbers_by_licences(licences: int, payg: int, quota: int) -> None:
    assert user_quota(licences, payg) == quota


@pytest.mark.parametrize("row", TABLE.split())
def test_service_numbers_by_licences(row: str) -> None:
    span, quota = row.split(":")
    first, last = map(int, span.split("-"))
    assert service_quota(first) == service_quota(last) == int(quota)
    assert service_quota(first - 1) < int(quota) < service_quota(last + 1)


def test_the_ends_of_the_table() -> None:
    assert service_quota(0) == 0
    assert service_quota(50_000) == service_quota(1_000_000) == 1500


@pytest.mark.parametrize("asked, whole", [(1, 10), (10, 10), (11, 20), (25, 30), (30, 30)])
def test_poland_has_tens(asked: int, whole: int) -> None:
    assert in_blocks(asked, COUNTRIES["PL"]) == whole
    assert in_blocks(asked, COUNTRIES["FR"]) == asked


def found(iso: str, **answers: JsonValue) -> dict[str, Caution]:
    given: dict[str, JsonValue] = {"number_type": "user", "tried_admin_center": False, **answers}
    told = cautions(CaseType.NEW_NUMBERS, given, COUNTRIES[iso], NOW)
    return {caution.code: caution for caution in told if caution.code != "lead_new"}


def test_without_licences_nothing_is_worked_out() -> None:
    assert found("FR", quantity=1000) == {}
    assert found("FR", quantity=1000, number_type="service_toll", payg_licences=5) == {}


@pytest.mark.parametrize(
    "iso, answers, code",
    [
        ("FR", {"quantity": 64, "licences": 30, "payg_licences": 20}, "quota_exceeded"),
        ("FR", {"quantity": 63, "licences": 30, "payg_licences": 20}, "quota_in_admin_center"),
        (
            "FR",
            {"quantity": 63, "licences": 30, "payg_licences": 20, "tried_admin_center": True},
            "quota_kept",
        ),
        # Belgium, Germany and Ireland have no new numbers in the admin centre.
        ("BE", {"quantity": 63, "licences": 30, "payg_licences": 20}, "quota_kept"),
        ("FR", {"quantity": 5, "payg_licences": 5}, "quota_in_admin_center"),
        ("FR", {"quantity": 1, "licences": 0}, "quota_exceeded"),
        ("FR", {"quantity": 5, "licences": 25, "number_type": "service_toll"},
         "quota_in_admin_center"),
        ("FR", {"quantity": 6, "licences": 25, "number_type": "service_toll_free"},
         "quota_exceeded"),
        # What was told of Pay-As-You-Go does not count for service numbers.
        ("FR", {"quantity": 6, "licences": 25, "payg_licences": 9, "number_type": "service_toll"},
         "quota_exceeded"),
    ],
)  # fmt: skip
def test_the_door_that_follows(iso: str, answers: dict[str, JsonValue], code: str) -> None:
    assert set(found(iso, **answers)) == {code}


def test_the_sentence_gets_the_figures() -> None:
    caution = found("FR", quantity=100, licences=30, payg_licences=20)["quota_exceeded"]
    assert caution.params == {"quota": 63, "quantity": 100, "number_type": "user"}


def test_blocks_are_rounded_up_for_the_quota_too() -> None:
    told = found("PL", quantity=41, licences=30)
    assert told["blocks"].params == {"country": "PL", "block": 10, "quantity": 41, "becomes": 50}
    assert told["quota_exceeded"].params["quantity"] == 50
    assert set(found("PL", quantity=40, licences=30)) == {"quota_in_admin_center"}


@pytest.mark.parametrize(
    "case_type, iso, answers, partner",
    [
        (CaseType.NEW_NUMBERS, "AU", {"number_type": "user"}, "Telstra"),
        (CaseType.NEW_NUMBERS, "JP", {"number_type": "user"}, "SoftBank"),
        (CaseType.NEW_NUMBERS, "JP", {"number_type": "service_toll"}, None),
        (CaseType.PORT_IN, "AU", {}, "Telstra"),
        (CaseType.ADDRESS_UPDATE, "JP", {}, "SoftBank"),
        (CaseType.INVENTORY_TYPE_CHANGE, "AU", {}, None),
        (CaseType.PORT_IN, "FR", {}, None),
    ],
)
def test_a_partner_does_the_user_numbers_of_its_country(
    case_type: CaseType, iso: str, answers: dict[str, JsonValue], partner: str | None
) -> None:
    told = {c.code: c.params for c in cautions(case_type, answers, COUNTRIES[iso], NOW)}
    expected = {"partner": partner, "country": iso} if partner else None
    assert told.get("partner") == expected
