"""What is said of number lists: rows and numbers by their names, each thing once, the way out."""

from typing import Any

import pytest

from cards.lists import checked_card
from cards.message import Message
from cards.press import Ask
from cards.problems import cautioned, finding_line, led_by, told
from cases.countries import all_countries
from cases.findings import Finding
from cases.model import Caution, ListCheck, Problem
from cases.vocabulary import CaseType
from strings import text_for
from tests.cards.gallery import PLAIN, bare_draft, file, refusal_of, stage_card, summary_for
from tests.chat.reading import buttons_of, elements_of, plain

EN, FR = text_for("en"), text_for("fr")
ALIKE = {"line": 2, "number": "", "code": "duplicate", "severity": "caution"}


def finding(**members: Any) -> Finding:
    return Finding.model_validate({**ALIKE, "text": "425", "params": {"of_line": 1}, **members})


def primary(message: Message) -> list[str]:
    found = [one.action for one in buttons_of(message.card or {})]
    return [action["data"]["verb"] for action in found if action.get("style") == "positive"]


def titles(message: Message) -> list[str]:
    return [str(one.action["title"]) for one in buttons_of(message.card or {})]


def texts(message: Message) -> list[str]:
    return [one["text"] for one in elements_of(message.card) if one["type"] == "TextBlock"]


def form_with(listed: str) -> Message:
    empty = bare_draft(all_countries()["US"], CaseType.PORT_IN)
    problem = {"numbers": refusal_of(listed)}
    return stage_card(empty.but(typed={"numbers": listed}, problems=problem), "details", EN)


def card_of(listed: str) -> Message:
    check = ListCheck(id="c", source=file("", PLAIN, 1), region="US")
    return checked_card(summary_for(listed, None), check, ("US",), EN)


@pytest.mark.parametrize(
    "members, english, french",
    [
        ({}, "Row 2, “425”: the same", "Ligne 2, « 425 » : le même"),
        ({"count": 8}, "Row 2, “425” (8 numbers): the", "Ligne 2, « 425 » (8 numéros) : le"),
        (
            {"rows": 7999, "count": 7999, "last": 8000, "text": ""},
            "Rows 2 to 8,000: the same number",
            "Lignes 2 à 8 000 : le même",
        ),
        ({"rows": 2, "count": 2}, "Row 2 and 1 more row, “425”:", "Ligne 2 et 1 autre ligne,"),
        ({"rows": 3, "count": 3}, "Row 2 and 2 more rows,", "Ligne 2 et 2 autres lignes,"),
    ],
)
def test_where_something_stands_is_said_once(
    members: dict[str, Any], english: str, french: str
) -> None:
    assert plain(finding_line(finding(**members), EN)).startswith(english)
    assert plain(finding_line(finding(**members), FR)).startswith(french)


@pytest.mark.parametrize("code", ["list_blocks", "list_unusual"])
def test_cautions_count_in_the_plural_only_what_is_more_than_one(code: str) -> None:
    one, two = (cautioned(Caution(code=code, params={"count": n}), EN) for n in (1, 2))
    assert " is of a " in one
    assert " are of " in two


def test_refused_rows_are_rows_and_numbers_of_a_range_are_numbers() -> None:
    rows, numbers = refusal_of("425-555-0100\nhello\nthere"), refusal_of("+1 425 555 0100-0105")
    assert told(rows, EN).startswith("2 rows cannot be in this case.")
    assert told(numbers, EN).startswith("3 numbers cannot be in this case.")
    assert "Leave 2 rows out and go on" in titles(form_with("425-555-0100\nhello\nthere"))
    assert "Leave 3 numbers out and go on" in titles(form_with("+1 425 555 0100-0105"))


def test_a_list_that_an_older_version_refused_is_told_in_rows() -> None:
    problem = refusal_of("hello\nthere")
    summary = problem.params["summary"]
    assert isinstance(summary, dict)
    kept = {name: said for name, said in summary.items() if name not in {"refused_rows", "told"}}
    older = Problem(code="numbers", params={**problem.params, "summary": kept})
    assert told(older, EN).startswith("2 rows cannot be in this case.")


def test_numbers_of_ranges_are_not_so_many_of_the_rows() -> None:
    assert "2 numbers are right, of 3 rows." in texts(card_of("425-555-0100\nx\n425-555-0101"))
    assert "6 numbers are right; the list has 2 rows." in texts(
        card_of("+1 425 555 0110-0115\nhello")
    )


# The way out


def test_the_way_out_of_a_mixed_list_is_the_primary_button() -> None:
    assert primary(form_with("425-555-0100\n800-555-0100")) == [Ask.SPLIT]


def test_what_leaves_something_out_is_never_the_primary_button_of_a_form() -> None:
    assert primary(form_with("425-555-0100\nhello")) == [Ask.ANSWER]
    assert primary(form_with("425-555-0100\n800-555-0100\nhello")) == [Ask.ANSWER]


def test_a_block_of_both_usages_goes_as_one_before_it_is_split() -> None:
    block = form_with("PhoneNumber;Usage\n+14255550100;user\n+14255550101;service")
    assert primary(block) == [Ask.PORT_AS_ONE]


def test_the_way_out_stands_where_the_reason_stands() -> None:
    form = form_with("425-555-0100\n800-555-0100")
    told_of = [one.get("text") or one.get("title") or "" for one in elements_of(form.card)]
    reason = next(at for at, said in enumerate(told_of) if "must not be in one case" in said)
    way = told_of.index("Split into 2 cases")
    between = [said for said in told_of[reason + 1 : way] if said]
    assert between == ["2 numbers are right, of 2 rows.", "1 toll number · 1 toll-free number"]


# Checked for no case


def test_only_the_headline_of_what_is_not_taken_stands_out() -> None:
    card = card_of("425-555-0100\nhello\n+33123456789")
    loud = [one for one in elements_of(card.card) if one.get("color") == "Attention"]
    assert [one["text"] for one in loud] == ["⚠ 2 rows were not taken"]
    assert any(said.startswith("Row 2, “hello”") for said in texts(card))


def test_open_cases_can_be_opened_from_the_report() -> None:
    card = card_of("425-555-0103\n425-555-0104\n425-555-0105\n425-555-0106")
    assert [title for title in titles(card) if title.startswith("Show")] == [
        *("Show TNS-000123", "Show TNS-000124", "Show TNS-000125"),
    ]
    assert "3 numbers are in open cases already, so they are not in the clean list." in texts(card)


def test_what_cannot_be_ported_is_counted() -> None:
    said = texts(card_of("425-555-0100\n+800 1234 5678"))
    assert "2 numbers are right, of 2 rows." in said
    assert "1 number cannot be ported: leave it out of a port." in said


def test_what_is_not_told_is_in_the_report() -> None:
    said = texts(card_of("\n".join("abcdefg")))
    assert "The report has 2 more remarks." in said


# Labels


def test_a_label_that_asks_is_quoted_before_a_colon() -> None:
    assert led_by("Title", EN) == "Title"
    assert led_by("Is it frozen?", EN) == "“Is it frozen?”"
    problem = Problem(code="not_a_choice", params={})
    assert told(problem, EN, "Is it frozen?") == "“Is it frozen?”: choose one of the options."
