"""The papers of a case: which are asked for where, on which form, and what makes a letter stale."""

from collections.abc import Mapping

import pytest
from pydantic import JsonValue

from cases.catalogue import types_in, wanted_papers
from cases.countries import Country, all_countries
from cases.model import FileRef
from cases.papers import (
    ALL_PAPERS,
    COVERED,
    LETTER,
    TOLL_FREE_LETTER,
    Item,
    Letter,
    State,
    asked_for,
    checklist,
    checklist_of,
    counted,
    covered,
    for_part,
    mark,
    may_be_paper,
    open_places,
    others,
    places,
    problems,
    renewed,
    spot,
    waits_for,
)
from cases.vocabulary import CaseType
from tests.cases.samples import ANSWERS, draft, file, papers

LANDS = all_countries()
everywhere = pytest.mark.parametrize("country", LANDS.values(), ids=LANDS.keys())
TWO_FORMS = {
    "US": ("user_and_service", "toll_free"),
    "PR": ("user_and_service", "toll_free"),
    "CA": ("user_and_service", "toll_free"),
    "DE": ("geographic", "toll_free"),
    "FR": ("geographic", "freephone"),
}
NO_TOLL_FREE_FORM = {"NZ": "user_and_service", "SG": "user_and_service"}
PARTNERS = frozenset({"AU", "JP"})
KNOW_THE_CUSTOMER = (
    *("CZ", "FI", "HR", "HU", "LU", "LV", "NO"),
    *("NZ", "PL", "RO", "SG", "SK", "ZA"),
)


def of_kinds(*kinds: str) -> dict[str, JsonValue]:
    return {"numbers": {"count": 1, "numbers": ["+1"], "kinds": dict.fromkeys(kinds, 1)}}


def letters(iso: str, answers: Mapping[str, JsonValue]) -> list[str]:
    asked = asked_for(CaseType.PORT_IN, LANDS[iso], answers)
    return [str(paper.letter) for paper in asked if paper.letter]


def helpful(case_type: CaseType, iso: str) -> list[str]:
    asked = asked_for(case_type, LANDS[iso], {})
    return [paper.id for paper in asked if not paper.required]


@everywhere
def test_what_is_required_is_what_the_catalogue_wants_and_comes_first(country: Country) -> None:
    for case_type in types_in(country):
        asked = asked_for(case_type, country, {})
        required = [paper.id for paper in asked if paper.required]
        assert required == list(wanted_papers(case_type, country))
        assert [paper.required for paper in asked] == sorted(
            (paper.required for paper in asked), reverse=True
        )
        assert {paper.id for paper in asked} <= set(ALL_PAPERS)


@everywhere
def test_the_letter_is_on_the_form_that_the_numbers_need(country: Country) -> None:
    iso = country.iso
    if not country.calling_plan:
        return
    if iso in PARTNERS:
        assert letters(iso, of_kinds("geographic")) == ["partner"]
    elif iso in TWO_FORMS:
        ordinary, special = TWO_FORMS[iso]
        assert letters(iso, {}) == ["either"]
        assert letters(iso, of_kinds("geographic", "mobile")) == [ordinary]
        assert letters(iso, of_kinds("toll_free")) == [special]
        assert letters(iso, of_kinds("toll_free", "geographic")) == [ordinary, special]
    else:
        only = NO_TOLL_FREE_FORM.get(iso, "all_numbers")
        assert letters(iso, {}) == letters(iso, of_kinds("toll_free")) == [only]


def test_a_kind_that_no_number_is_of_does_not_count() -> None:
    value: dict[str, JsonValue] = {
        "numbers": {"count": 1, "numbers": [], "kinds": {"toll_free": 0, "geographic": 1}}
    }
    assert letters("US", value) == ["user_and_service"]


def test_the_second_letter_helps_and_holds_nobody_up() -> None:
    asked = asked_for(CaseType.PORT_IN, LANDS["US"], of_kinds("toll_free", "geographic"))
    assert [(paper.id, paper.required) for paper in asked] == [
        (LETTER, True),
        (TOLL_FREE_LETTER, False),
    ]


@pytest.mark.parametrize("iso", ["BE", "FR", "DE", "IE", "NL", "ES"])
@pytest.mark.parametrize("case_type", [CaseType.PORT_IN, CaseType.NEW_NUMBERS])
def test_an_address_in_the_area_may_be_proven(iso: str, case_type: CaseType) -> None:
    assert "address_proof" in helpful(case_type, iso)


def test_toll_free_numbers_lie_in_no_area() -> None:
    def asked(case_type: CaseType, answers: dict[str, JsonValue]) -> set[str]:
        return {paper.id for paper in asked_for(case_type, LANDS["FR"], answers)}

    assert "address_proof" not in asked(CaseType.PORT_IN, of_kinds("toll_free"))
    assert "address_proof" in asked(CaseType.PORT_IN, of_kinds("toll_free", "geographic"))
    kind: dict[str, JsonValue] = {"number_type": "service_toll_free"}
    assert "address_proof" not in asked(CaseType.NEW_NUMBERS, kind)


def test_these_countries_have_a_form_to_know_the_customer() -> None:
    """Country table of the number management pages, column KYC."""
    asking = {iso for iso in LANDS if "kyc_form" in helpful(CaseType.NEW_NUMBERS, iso)}
    assert sorted(asking) == [*KNOW_THE_CUSTOMER]


@everywhere
def test_the_customer_is_known_once_and_before_new_numbers_only(country: Country) -> None:
    new = asked_for(CaseType.NEW_NUMBERS, country, {})
    assert ("kyc_form" in {paper.id for paper in new}) == country.kyc_form
    assert "kyc_form" not in {p.id for p in asked_for(CaseType.PORT_IN, country, {})}


def test_italy_has_a_form_for_the_directory() -> None:
    assert helpful(CaseType.PORT_IN, "IT") == ["directory_services_form"]
    assert helpful(CaseType.NEW_NUMBERS, "IT") == ["directory_services_form"]
    assert helpful(CaseType.PORT_IN, "GB") == []


def test_other_types_and_inquiries_ask_for_nothing() -> None:
    assert asked_for(CaseType.ADDRESS_UPDATE, LANDS["IT"], {}) == ()
    assert asked_for(None, LANDS["IT"], {}) == ()


# The checklist


def listed(*files: FileRef, iso: str = "FR", **answers: JsonValue) -> dict[str, Item]:
    given = {**ANSWERS, "country": iso, **answers}
    items = checklist(CaseType.PORT_IN, LANDS[iso], given, files)
    return {item.paper.id: item for item in items}


def test_a_paper_is_missing_or_here() -> None:
    assert listed()["loa"].state is State.MISSING
    assert listed(file("loa"))["loa"].state is State.HERE
    assert listed()["address_proof"].state is State.HELPFUL
    assert listed(file("address_proof"))["address_proof"].state is State.HERE


def test_what_is_missing_cannot_be_sent_what_helps_can_be_left_out() -> None:
    assert {name: p.code for name, p in problems(listed().values()).items()} == {
        "loa": "paper_missing"
    }
    assert problems(listed(file("loa")).values()) == {}


def test_all_companions_are_wanted_in_mexico() -> None:
    missing = problems(listed(file("loa"), iso="MX").values())
    assert set(missing) == {
        "power_of_attorney",
        "signatory_id",
        "carrier_invoice",
        "transfer_letter",
    }
    every = papers(CaseType.PORT_IN, "MX")
    assert problems(listed(*every, iso="MX").values()) == {}


def test_what_answers_nothing_is_another_document() -> None:
    items = tuple(listed(file("loa")).values())
    stray = (file("loa"), file(), file("utility_bill", mark="2"))
    assert [f.field for f in others(stray, items)] == ["documents", "utility_bill"]
    assert places(items, file()) == ("loa", "address_proof", "documents")
    table = file().but(media_type="text/csv")
    assert (may_be_paper(table), places(items, table)) == (False, ("documents",))


def test_what_is_missing_wants_a_file_before_what_is_outdated() -> None:
    outdated = signed(account_name="Contoso")
    items = tuple(listed(outdated, iso="NL", account_name="Fabrikam").values())
    assert open_places(items, file()) == ("early_termination_loa", "loa")
    assert open_places(items, file("early_termination_loa")) == ("loa",)
    assert open_places(items, file().but(media_type="text/csv")) == ()
    assert open_places(tuple(listed(file("loa")).values()), file()) == ()


def test_only_the_required_that_hold_are_counted() -> None:
    assert counted(listed(iso="MX").values()) == (0, 5)
    assert counted(listed(file("loa"), file("address_proof")).values()) == (1, 1)
    outdated = signed(account_name="Contoso")
    assert counted(listed(outdated, account_name="Fabrikam").values()) == (0, 1)


def test_a_file_is_known_by_its_place_and_content() -> None:
    spots = {spot(file("loa")), spot(file("loa", mark="1")), spot(file())}
    assert len(spots) == 3
    assert spot(file("loa", "a.pdf")) == spot(file("loa", "b.pdf"))


def test_a_draft_without_country_or_type_has_no_checklist() -> None:
    assert checklist_of(draft(answers={})) == ()
    assert checklist_of(draft(answers={"category": "new_request", "country": "FR"})) == ()
    assert checklist_of(draft(answers={**ANSWERS, "category": "general_inquiry"})) == ()


def test_a_draft_waits_for_papers_only_while_they_are_asked() -> None:
    assert waits_for(draft(asked="papers", files=())) == ("loa",)
    assert waits_for(draft(asked="papers")) == ()
    assert waits_for(draft(asked="details", files=())) == ()


# Letters that were signed for other answers


def signed(**answers: JsonValue) -> FileRef:
    return covered((file("loa"),), {**ANSWERS, **answers})[0]


VALUES: dict[str, tuple[JsonValue, JsonValue]] = {
    "account_name": ("Contoso", "Fabrikam"),
    "authorized_person": ("Ann Example", "Bob Builder"),
    "account_number": ("A1", "A2"),
    "service_address": ("1 rue de la Paix", "2 rue de la Paix"),
    "billing_number": ("+33123456789", "+33123456780"),
    "port_scope": ("full", "partial"),
    "numbers": (
        {"count": 1, "numbers": ["+33123456789"], "file": "a" * 64},
        {"count": 2, "numbers": ["+33123456789", "+33123456780"], "file": "b" * 64},
    ),
}


@pytest.mark.parametrize("field", COVERED)
def test_each_answer_that_the_letter_covers_makes_it_stale(field: str) -> None:
    before, after = VALUES[field]
    (letter,) = covered((file("loa"),), {**ANSWERS, field: before})

    def item(value: JsonValue) -> Item:
        answers = {**ANSWERS, field: value}
        return checklist(CaseType.PORT_IN, LANDS["FR"], answers, (letter,))[0]

    assert item(before).state is State.HERE
    assert (item(after).state, item(after).changed) == (State.STALE, (field,))
    assert problems([item(after)])["loa"].params == {"fields": [field]}


def test_answers_that_the_letter_does_not_cover_leave_it_alone() -> None:
    letter = signed()
    assert listed(letter, order_name="Other", account_frozen=True)["loa"].state is State.HERE


def test_an_answer_that_comes_later_joins_the_letter_and_holds_from_then_on() -> None:
    letter = signed()
    assert listed(letter, account_name="Contoso")["loa"].state is State.HERE
    (joined,) = covered((letter,), {**ANSWERS, "account_name": "Contoso"})
    assert listed(joined, account_name="Fabrikam")["loa"].changed == ("account_name",)


def test_an_answer_that_is_taken_back_contradicts_nothing_and_is_not_forgotten() -> None:
    letter = signed(account_name="Contoso")
    assert listed(letter)["loa"].state is State.HERE
    (again,) = covered((letter,), {**ANSWERS, "account_name": "Fabrikam"})
    assert listed(again, account_name="Fabrikam")["loa"].state is State.STALE


def test_changing_back_makes_it_right_again() -> None:
    letter = signed(account_name="Contoso")
    assert listed(letter, account_name="Fabrikam")["loa"].state is State.STALE
    assert listed(letter, account_name="Contoso")["loa"].state is State.HERE


def test_renewing_takes_the_answers_of_now() -> None:
    letter, other = signed(account_name="Contoso"), file("signatory_id")
    now = {**ANSWERS, "account_name": "Fabrikam"}
    renewed_letter, same = renewed((letter, other), "loa", now)
    assert listed(renewed_letter, account_name="Fabrikam")["loa"].state is State.HERE
    assert same == other


def test_a_list_in_another_order_is_the_same_list() -> None:
    one: JsonValue = {"count": 2, "numbers": ["+331", "+332"], "file": "a"}
    two: JsonValue = {"count": 2, "numbers": ["+332", "+331"], "kinds": {"geographic": 2}}
    three: JsonValue = {"count": 2, "numbers": ["+332", "+333"], "file": "a"}
    assert mark(one) == mark(two) != mark(three)


def test_a_long_list_is_known_by_its_file() -> None:
    head: list[JsonValue] = ["+331"]
    long: JsonValue = {"count": 5000, "numbers": head, "file": "a"}
    other: JsonValue = {"count": 5000, "numbers": head, "file": "b"}
    assert mark(long) != mark(other)
    assert mark(long) == mark({"count": 5000, "numbers": head, "file": "a", "report": "x"})


def test_only_letters_cover_anything() -> None:
    files = covered((file("signatory_id"), file("documents"), file(TOLL_FREE_LETTER)), ANSWERS)
    assert [bool(f.covers) for f in files] == [False, False, True]


# The parts of a split list


def test_the_toll_free_part_has_its_own_letter() -> None:
    files = (file("loa"), file(TOLL_FREE_LETTER, mark="1"), file(mark="2"))
    toll = for_part(files, "toll")
    assert [(f.field, f.sha256[0]) for f in toll] == [("loa", "0"), ("documents", "2")]
    free = for_part(files, "toll_free")
    assert [(f.field, f.sha256[0]) for f in free] == [("loa", "1"), ("documents", "2")]


def test_without_a_second_letter_all_parts_have_the_first() -> None:
    files = (file("loa"), file(mark="2"))
    assert for_part(files, "toll_free") == for_part(files, "toll") == files


def test_every_form_is_somewhere_in_the_data() -> None:
    named = {form for land in LANDS.values() for form in land.loa}
    assert named == set(Letter) - {Letter.PARTNER, Letter.EITHER}
