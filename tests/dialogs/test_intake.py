"""The intake as a waterfall: from the first word to a draft that can be sent."""

from dataclasses import replace
from datetime import timedelta

import pytest

from cases.catalogue import types_in
from cases.countries import all_countries
from cases.model import Draft, Problem
from cases.papers import asked_for
from dialogs.intake import (
    INTAKE,
    asked_of,
    number_field_of,
    rechecked,
    started,
)
from dialogs.understanding import answers_in
from strings import text_for
from tests.cases.samples import ANSWERS, NOW, draft, file

PORT = {"category": "new_request", "country": "FR", "case_type": "port_in"}
DETAILS = {
    "order_name": "Lyon office",
    "when_date": "2026-12-01",
    "when_time": "10:00",
    "numbers": "01 23 45 67 89",
}
ABOUT = {"title": "Move our numbers", "description": "All of the Lyon office", "severity": "c"}
ALL_STAGES = ("category", "country", "case_type", "details", "about", "papers", "review")


def fresh(**members: object) -> Draft:
    return draft(asked="", finished=(), answers={}, files=()).but(**members)


LISTS = {"numbers": ANSWERS["numbers"]}


def answer(a_draft: Draft, typed: dict[str, str]) -> Draft:
    """Answer the stage that is asked; a number list is right."""
    return INTAKE.answer(a_draft, typed, replace(asked_of(a_draft, NOW), lists=LISTS))


def port() -> Draft:
    """A draft of a port to France at its papers."""
    return answer(answer(started(fresh(), PORT, NOW), DETAILS), ABOUT)


class TestStarting:
    def test_the_stages_are_those_of_the_design(self) -> None:
        assert tuple(stage.name for stage in INTAKE.stages) == ALL_STAGES

    @pytest.mark.parametrize(
        "words, asked, finished",
        [
            ("", "category", ()),
            ("new case", "category", ()),
            ("new case in france", "category", ("country",)),
            ("new case port in france", "details", ("category", "country", "case_type")),
            ("nouveau cas portage en france", "details", ("category", "country", "case_type")),
            ("new case port in", "country", ("category",)),
            ("new case question about germany", "about", ("category", "country")),
        ],
    )
    def test_answers_that_came_along_are_taken(
        self, words: str, asked: str, finished: tuple[str, ...]
    ) -> None:
        begun = started(fresh(), answers_in(words), NOW)
        assert begun.asked == asked
        assert set(begun.finished) == set(finished) or finished == ("country",)

    def test_a_type_that_the_country_lacks_is_asked_for(self) -> None:
        begun = started(fresh(), {**PORT, "country": "BR"}, NOW)
        assert begun.asked == "case_type"
        assert begun.answers == {"category": "new_request", "country": "BR"}
        assert begun.problems == {}

    def test_a_country_without_an_offer_is_asked_for(self) -> None:
        assert started(fresh(), {**PORT, "country": "EG"}, NOW).asked == "country"
        inquiry = {"category": "general_inquiry", "country": "EG"}
        assert started(fresh(), inquiry, NOW).asked == "about"

    def test_nonsense_is_no_answer(self) -> None:
        assert started(fresh(), {"category": "x", "country": "XX"}, NOW).answers == {}


class TestWalking:
    def test_a_port_to_france_from_start_to_review(self) -> None:
        at_papers = port()
        assert at_papers.asked == "papers"
        missing = answer(at_papers, {})
        assert {name: p.code for name, p in missing.problems.items()} == {"loa": "paper_missing"}
        done = answer(at_papers.but(files=(file("loa"),)), {})
        assert done.asked == "review"
        assert INTAKE.complete(done)
        assert done.answers["when"] == {"at": "2026-12-01T09:00:00Z", "zone": "Europe/Paris"}

    def test_an_inquiry_skips_type_details_and_papers(self) -> None:
        inquiry = started(fresh(), {"category": "general_inquiry", "country": "JP"}, NOW)
        assert answer(inquiry, ABOUT).asked == "review"

    @pytest.mark.parametrize("iso", [land.iso for land in all_countries().values()])
    def test_every_type_asks_for_its_papers_or_none(self, iso: str) -> None:
        country = all_countries()[iso]
        for case_type in types_in(country):
            given = {"category": "new_request", "country": iso, "case_type": str(case_type)}
            begun = started(fresh(), given, NOW)
            names = [stage.name for stage in INTAKE.applying(begun)]
            assert begun.asked == "details"
            wanted = asked_for(case_type, country, {})
            asks = any(paper.required or paper.id == "kyc_form" for paper in wanted)
            assert ("papers" in names) == asks

    def test_a_new_country_asks_the_type_and_the_details_again(self) -> None:
        done = answer(port().but(files=(file("loa"),)), {})
        moved = answer(INTAKE.ask(done, "country"), {"country": "DE"})
        assert moved.asked == "case_type"
        assert moved.finished == ("category", "about", "country")
        again = answer(moved, {"case_type": "port_in"})
        assert again.asked == "details"
        spelled = INTAKE.stage(again).spell(again, asked_of(again, NOW))
        assert spelled["order_name"] == "Lyon office"

    def test_the_same_country_again_asks_nothing(self) -> None:
        done = answer(port().but(files=(file("loa"),)), {})
        assert answer(INTAKE.ask(done, "country"), {"country": "FR"}).asked == "review"

    def test_from_request_to_inquiry_nothing_is_left_to_ask_but_the_country(self) -> None:
        done = answer(port().but(files=(file("loa"),)), {})
        inquiry = answer(INTAKE.ask(done, "category"), {"category": "general_inquiry"})
        assert inquiry.asked == "country"
        assert answer(inquiry, {"country": "FR"}).asked in {"papers", "review"}

    def test_severity_a_asks_for_the_impact(self) -> None:
        about = answer(answer(started(fresh(), PORT, NOW), DETAILS), {**ABOUT, "severity": "a"})
        assert (about.asked, set(about.problems)) == ("about", {"impact"})
        card = INTAKE.card(about, asked_of(about, NOW), text_for("en")).card
        assert '"id": "impact"' in str(card).replace("'", '"')

    def test_a_move_from_a_tenant_to_itself_is_refused(self) -> None:
        given = {**PORT, "case_type": "inter_tenant_port"}
        typed = {**DETAILS, "source_domain": "a.com", "destination_domain": "A.com"}
        refused = answer(started(fresh(), given, NOW), typed)
        assert refused.problems["destination_domain"].code == "same_tenant"

    def test_what_is_said_goes_into_the_description_once(self) -> None:
        about = answer(started(fresh(), PORT, NOW), DETAILS)
        asked = asked_of(about, NOW)
        heard = INTAKE.stage(about).hear(about, "We move.", asked)
        assert heard is not None
        assert (heard.typed, heard.complete) == ({"description": "We move."}, False)
        typed = about.but(typed={"description": "We move."})
        assert INTAKE.stage(typed).hear(typed, "And more.", asked) is None


class TestRechecking:
    def test_a_draft_that_holds_is_complete(self) -> None:
        assert INTAKE.complete(rechecked(draft(), NOW, LISTS))
        assert rechecked(draft(), NOW, LISTS).asked == "review"

    def test_a_date_that_became_past_is_asked_again_with_all_else_kept(self) -> None:
        late = rechecked(draft(), NOW + timedelta(days=11), LISTS)
        assert late.asked == "details"
        assert {name: p.code for name, p in late.problems.items()} == {"when_date": "past"}
        assert late.typed["order_name"] == "Lyon office"
        assert late.typed["when_date"] == "2026-12-01"
        assert late.answers == ANSWERS

    def test_a_paper_that_was_taken_away_is_asked_for(self) -> None:
        bare = rechecked(draft(files=()), NOW, LISTS)
        assert (bare.asked, set(bare.problems)) == ("papers", {"loa"})

    def test_an_answer_that_a_new_field_needs_is_asked_for(self) -> None:
        answers = {name: value for name, value in ANSWERS.items() if name != "order_name"}
        assert set(rechecked(draft(answers=answers), NOW, LISTS).problems) == {"order_name"}

    def test_a_list_that_no_longer_holds_is_asked_for(self) -> None:
        busy = rechecked(draft(), NOW, {"numbers": Problem(code="list_check_again")})
        assert (busy.asked, set(busy.problems)) == ("details", {"numbers"})


class TestLists:
    def test_only_a_type_with_a_list_takes_one(self) -> None:
        new = started(fresh(), {**PORT, "case_type": "new_numbers"}, NOW)
        assert number_field_of(new, asked_of(new, NOW)) is None
        begun = started(fresh(), PORT, NOW)
        assert getattr(number_field_of(begun, asked_of(begun, NOW)), "id", "") == "numbers"

    def test_no_paper_is_wanted_before_the_type_is_known(self) -> None:
        for known in ({}, {"category": "new_request", "country": "MX"}):
            stages = [stage.name for stage in INTAKE.applying(fresh(answers=known))]
            assert "papers" not in stages
