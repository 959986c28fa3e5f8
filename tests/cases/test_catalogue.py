"""What the desk offers where: the facts of the availability pages, written out beside the code."""

import json
from importlib.resources import files
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from pydantic import JsonValue

from cases.catalogue import (
    CASE_TYPES,
    COMMON_FIELDS,
    PAPERS,
    belonging,
    conflicts,
    countries_for,
    detail_fields,
    types_in,
    wanted_papers,
)
from cases.countries import Country, all_countries
from cases.fields import asked_now
from cases.vocabulary import CaseType, Category
from tests.cases.samples import ANSWERS, asked


def isos(listed: str) -> frozenset[str]:
    return frozenset(listed.split())


CALLING_PLAN = isos(
    "AU AT BE CA HR CZ DK EE FI FR DE HU IE IT JP LV LT LU MX NL NZ NO PL PT PR RO SG SK SI ZA ES "
    "SE CH GB US"
)
# Service numbers only, by what is to be had: (toll, toll-free).
SERVICE_ONLY = {
    ("yes", "yes"): "AR BA BR BG CL CO CY GR HN HK IN IL MY PA PE KR TW TH PH TR",
    ("yes", "on_request"): "CN",
    ("yes", "no"): "BJ KH CR SV GE GH KW MT MA NG PK RU LK DO UA TN",
    ("on_request", "no"): "AL GT JO KZ NI",
    ("on_request", "yes"): "KE UY VN",
    ("non_geographic_on_request", "no"): "DZ BD CM UG",
    ("no", "yes"): "AG BB BY BZ BM BN DM EC GD GU ID JM MK MD MC MP PY QA KN LC SA RS BS KY AE TT "
    "TC VE",
    ("no", "no"): "BH EG",
}
NO_CREDITS = isos("BH CN IN KZ MK NI PK RU KR TW UA")
NO_DIRECTORY = frozenset({"AU", "CA", "JP", "US", "PR"})
MATCHING_ADDRESS = frozenset({"BE", "FR", "DE", "IE", "NL", "ES"})
OFFICE_ADDRESS = MATCHING_ADDRESS | {"AT", "PT"}
PORT_PAPERS = {
    **dict.fromkeys(("AT", "HR", "EE", "LV", "LT", "SI"), ("utility_bill",)),
    **dict.fromkeys(("CZ", "ZA"), ("carrier_invoice",)),
    "PT": ("tri_party_agreement",),
    "NL": ("early_termination_loa",),
    "MX": ("power_of_attorney", "signatory_id", "carrier_invoice", "transfer_letter"),
}
NEW_PAPERS = {"AT": ("utility_bill",), "PT": ("tri_party_agreement",)}
ZONES_TO_CHOOSE = frozenset({"AU", "BR", "CA", "ID", "MX", "RU", "US"})
ISLANDS = {
    "CL": "America/Santiago",
    "EC": "America/Guayaquil",
    "ES": "Europe/Madrid",
    "NZ": "Pacific/Auckland",
    "PT": "Europe/Lisbon",
}

PREFLIGHT = [
    "account_name",
    "authorized_person",
    "account_number",
    "service_address",
    "billing_number",
    "port_scope",
    "account_frozen",
    "pending_orders",
]
FIELDS = {
    CaseType.CUSTOM_CALLING_NAME: ["calling_name", "numbers"],
    CaseType.INTER_TENANT_PORT: [
        "source_domain",
        "source_tenant_id",
        "destination_domain",
        "destination_tenant_id",
        "when",
        "numbers",
    ],
    CaseType.INVENTORY_TYPE_CHANGE: ["convert_to", "when", "unassigned", "numbers"],
    CaseType.NEW_NUMBERS: [
        "number_type",
        "tried_admin_center",
        "quantity",
        "state",
        "city",
        "office_address",
        "directory_listing",
        "licences",
        "payg_licences",
    ],
    CaseType.PORT_IN: ["order_name", "when", "numbers", *PREFLIGHT],
    CaseType.ADDRESS_UPDATE: ["location_id", "numbers"],
}
OPTIONAL = {"source_tenant_id", "destination_tenant_id", "contacts", "documents"}
OPTIONAL |= {"licences", "payg_licences", *PREFLIGHT}

COUNTRIES = all_countries()
everywhere = pytest.mark.parametrize("country", COUNTRIES.values(), ids=COUNTRIES.keys())


def offers() -> dict[str, tuple[str, str]]:
    listed = {iso: offer for offer, line in SERVICE_ONLY.items() for iso in isos(line)}
    everything = dict.fromkeys(CALLING_PLAN, ("yes", "yes"))
    return {**listed, **everything, "LT": ("yes", "no"), "LV": ("yes", "on_request")}


def test_there_are_114_countries_of_which_35_have_calling_plans() -> None:
    assert len(CALLING_PLAN) == 35
    assert len(COUNTRIES) == 114
    assert {iso for iso, country in COUNTRIES.items() if country.calling_plan} == CALLING_PLAN
    assert offers().keys() == COUNTRIES.keys()


@everywhere
def test_a_country_has_what_its_page_says(country: Country) -> None:
    iso = country.iso
    has_plan = iso in CALLING_PLAN
    assert (country.toll, country.toll_free) == offers()[iso]
    assert country.communications_credits == (iso not in NO_CREDITS)
    assert country.directory_listing == (has_plan and iso not in NO_DIRECTORY)
    assert country.office_address == (iso in OFFICE_ADDRESS)
    assert country.address_must_match_area_code == (iso in MATCHING_ADDRESS)
    assert country.custom_calling_name == country.mobile_port == (iso in {"US", "PR"})
    assert country.partner == {"AU": "Telstra", "JP": "SoftBank"}.get(iso, "")
    assert country.block_size == (10 if iso == "PL" else 1)
    assert bool(country.loa) == has_plan
    assert country.regions == (("US", "PR") if iso in {"US", "PR"} else (iso,))


@everywhere
def test_number_types_are_offered_as_the_country_has_them(country: Country) -> None:
    toll, toll_free = offers()[country.iso]
    expected = ["user"] * (country.iso in CALLING_PLAN)
    expected += ["service_toll"] * (toll != "no")
    expected += ["service_toll_free"] * (toll_free != "no")
    assert list(country.number_types) == expected


@everywhere
def test_case_types_are_offered_where_the_design_says(country: Country) -> None:
    expected = {CaseType.NEW_NUMBERS} if offers()[country.iso] != ("no", "no") else set()
    if country.iso in CALLING_PLAN:
        expected |= set(CaseType) - {CaseType.CUSTOM_CALLING_NAME}
    if country.iso in {"US", "PR"}:
        expected |= {CaseType.CUSTOM_CALLING_NAME}
    assert set(types_in(country)) == expected
    assert len(types_in(country)) == len(expected)


@everywhere
@pytest.mark.parametrize("case_type", CaseType)
def test_fields_and_their_order(country: Country, case_type: CaseType) -> None:
    if case_type not in types_in(country):
        return
    left_out = set()
    if country.iso not in OFFICE_ADDRESS:
        left_out.add("office_address")
    if country.iso not in CALLING_PLAN - NO_DIRECTORY:
        left_out.add("directory_listing")
    if not country.calling_plan:
        left_out.add("payg_licences")
    expected = [name for name in FIELDS[case_type] if name not in left_out]
    assert [f.id for f in detail_fields(case_type, asked(country.iso), {})] == expected


@everywhere
def test_papers_are_asked_as_the_country_page_says(country: Country) -> None:
    iso = country.iso
    assert wanted_papers(None, country) == ()
    assert wanted_papers(CaseType.NEW_NUMBERS, country) == NEW_PAPERS.get(iso, ())
    assert wanted_papers(CaseType.PORT_IN, country) == ("loa", *PORT_PAPERS.get(iso, ()))
    others = set(CaseType) - {CaseType.NEW_NUMBERS, CaseType.PORT_IN}
    assert {wanted_papers(kind, country) for kind in others} == {()}


def test_every_paper_is_known() -> None:
    expected = {
        paper for papers in (*PORT_PAPERS.values(), *NEW_PAPERS.values()) for paper in papers
    }
    assert set(PAPERS) == expected


@everywhere
def test_zones_are_real_and_the_default_holds_where_others_are_islands(country: Country) -> None:
    assert all(ZoneInfo(zone) for zone in country.zones)
    assert len(set(country.zones)) == len(country.zones)
    many = country.iso in ZONES_TO_CHOOSE | ISLANDS.keys()
    assert (len(country.zones) > 1) == many
    expected = "" if country.iso in ZONES_TO_CHOOSE else ISLANDS.get(country.iso, country.zones[0])
    assert country.default_zone == expected


def test_only_what_the_documentation_calls_optional_is_optional() -> None:
    every = [*COMMON_FIELDS, *(field for entry in CASE_TYPES.values() for field in entry.fields)]
    assert {field.id for field in every if not field.required} == OPTIONAL


def test_common_fields_in_their_order_and_impact_for_severity_a_only() -> None:
    common = ["title", "description", "contacts", "severity", "documents"]
    assert [
        field.id for field in asked_now(COMMON_FIELDS, asked("FR"), {"severity": "b"})
    ] == common
    critical = asked_now(COMMON_FIELDS, asked("FR"), {"severity": "a"})
    assert [field.id for field in critical] == [*common[:4], "impact", "documents"]


def test_a_request_needs_a_country_with_an_offer_an_inquiry_does_not() -> None:
    inquiry = {country.iso for country in countries_for(Category.GENERAL_INQUIRY)}
    request = {country.iso for country in countries_for(Category.NEW_REQUEST)}
    assert inquiry == COUNTRIES.keys()
    assert inquiry - request == {"BH", "EG"}


def test_the_data_file_says_nothing_that_is_not_read() -> None:
    entries: list[dict[str, Any]] = json.loads(
        files("cases.data").joinpath("countries.json").read_text("utf-8")
    )
    assert {name for entry in entries for name in entry} <= set(Country.model_fields)


@pytest.mark.parametrize(
    "answers, wrong",
    [
        ({"source_domain": "a.com", "destination_domain": "b.com"}, set()),
        ({"source_domain": "a.com", "destination_domain": "a.com"}, {"destination_domain"}),
        ({"source_tenant_id": "x", "destination_tenant_id": "x"}, {"destination_tenant_id"}),
        ({"source_tenant_id": None, "destination_tenant_id": None}, set()),
    ],
)
def test_a_port_goes_from_one_tenant_to_another(
    answers: dict[str, str | None], wrong: set[str]
) -> None:
    found = conflicts(CaseType.INTER_TENANT_PORT, answers)
    assert found.keys() == wrong
    assert {problem.code for problem in found.values()} <= {"same_tenant"}


def test_a_case_takes_no_answer_of_another_type() -> None:
    others = {"convert_to": "user", "impact": "none", "city": "Lyon", "contacts": None}
    assert belonging({**ANSWERS, **others}) == ANSWERS
    inquiry = belonging({**ANSWERS, "category": "general_inquiry"})
    assert inquiry.keys() == {"category", "country", "title", "description", "severity"}


def test_a_critical_case_keeps_its_impact() -> None:
    assert belonging({**ANSWERS, "severity": "a", "impact": "all"})["impact"] == "all"


def test_answers_that_the_country_does_not_ask_for_are_left_out() -> None:
    answers: dict[str, JsonValue] = {
        "category": "new_request",
        "case_type": "new_numbers",
        "office_address": "1 rue de la Paix",
        "directory_listing": True,
    }
    assert belonging({**answers, "country": "FR"}).keys() == {*answers, "country"}
    assert belonging({**answers, "country": "US"}).keys() == {"category", "case_type", "country"}
