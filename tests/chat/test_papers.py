"""Papers and the port pre-flight in the chat: asked, replaced, gone stale, and never lost."""

from dataclasses import replace

import pytest

from tests.chat.intake import (
    ABOUT,
    NEW_NUMBERS,
    PORT,
    Path,
    finishes,
    gets_to,
    goes_on_to,
    number_of,
    opens_a_case,
    submits,
)
from tests.chat.office import Office
from tests.chat.people import PDF, Person
from tests.chat.reading import PRIMARY, buttons_of, words_of
from tests.chat.test_files import AT, MX

PREFLIGHT = {
    "account_name": "CONTOSO INTERNATIONAL HOLDING SARL",
    "authorized_person": "Ann Example",
    "account_number": "AB 12-34",
    "service_address": "1 rue de la Paix, 75002 Paris",
    "billing_number": number_of("FR"),
    "port_scope": "full",
    "account_frozen": "no",
    "pending_orders": "no",
}
ANSWERED = replace(PORT, details={**PORT.details, **PREFLIGHT})
UNITED_STATES = replace(PORT, country="US")
POLAND = Path(
    "PL",
    "new_numbers",
    {
        "number_type": "user",
        "tried_admin_center": "yes",
        "quantity": "20",
        "state": "Mazovia",
        "city": "Warsaw",
        "directory_listing": "no",
    },
)


def wanted(who: Person) -> list[str]:
    """Return the ids of the papers that the open card still waits for or has."""
    inputs = who.inputs
    return [one["id"] for one in who.card["body"] if "id" in one and one["id"] not in inputs]


# The checklist


async def test_france_asks_for_the_letter_on_the_form_for_its_numbers(ada: Person) -> None:
    await gets_to("papers", ada)
    ada.sees("On the form for geographic numbers (France)", "○ Proof of address")
    assert wanted(ada) == ["loa"]
    await finishes(ada)


async def test_toll_free_numbers_have_a_form_of_their_own(ada: Person) -> None:
    free = replace(PORT, details={**PORT.details, "numbers": "+33 800 123 456"})
    await gets_to("papers", ada, free)
    ada.sees("On the form for freephone numbers")
    await finishes(ada, free)


@pytest.mark.parametrize(
    "locale, words",
    [
        ("en-US", ("Know-your-customer form", "No paper is required")),
        ("fr-FR", ("Formulaire de connaissance du client", "Aucun document n’est exigé")),
    ],
)
async def test_what_only_helps_is_a_row_of_the_checklist_and_ticked(
    desk: Office, ada: Person, locale: str, words: tuple[str, ...]
) -> None:
    desk.teams.set_person("ada", locale=locale)
    await gets_to("papers", ada, POLAND)
    ada.sees(*words, "DUNS")
    assert wanted(ada) == []
    await ada.drops("kyc.pdf")
    assert ada.asked() == "papers"
    ada.sees(f"☑ {words[0]}")
    await ada.answers()
    await submits(ada)


@pytest.mark.parametrize("locale, word", [("en-US", "next"), ("fr-FR", "continuer")])
async def test_what_only_helps_holds_nobody_up(
    desk: Office, ada: Person, locale: str, word: str
) -> None:
    desk.teams.set_person("ada", locale=locale)
    await gets_to("papers", ada, POLAND)
    await ada.answers()
    assert ada.asked() == "review"
    await ada.clicks("papers")
    assert ada.asked() == "papers"
    await ada.says(word)
    assert ada.asked() == "review"
    ada.sees(ada.text("papers.none"))
    await submits(ada)


async def test_helpful_papers_hold_nobody_up(ada: Person) -> None:
    await opens_a_case(ada, NEW_NUMBERS)


# Several, replaced, removed


async def test_a_new_letter_takes_the_place_of_the_old_one(desk: Office, ada: Person) -> None:
    await gets_to("papers", ada)
    await ada.drops("loa.pdf")
    await ada.drops("loa signed.pdf")
    ada.sees("“loa signed.pdf” is in", "in place of “loa.pdf”")
    await ada.answers()
    ada.sees("loa signed.pdf")
    ada.sees_no(" loa.pdf")
    await submits(ada)
    await desk.delivered()
    desk.agnes.sees_no("loa.pdf\n", on=desk.teams.threads()[0].root)


async def test_replace_is_pressed_and_the_next_file_goes_there(ada: Person) -> None:
    await gets_to("papers", ada, MX)
    await ada.drops(*(f"{paper}.pdf" for paper in MX.papers))
    await ada.clicks("signatory_id")
    ada.sees("It takes the place of what is there now: Identity document", "Waiting for the new")
    await ada.drops("scan 7.pdf")
    ada.sees("“scan 7.pdf” is in, as: Identity document", "in place of “signatory_id.pdf”")
    ada.sees_no("Waiting for the new")
    await ada.answers()
    assert ada.asked() == "review"
    await submits(ada)


async def test_a_removed_file_is_missing_again(ada: Person) -> None:
    await gets_to("papers", ada)
    await ada.drops("loa.pdf", "map.pdf")
    await ada.clicks("Remove")
    ada.sees("“loa.pdf” is taken away", "☐ Letter of authorization (LOA) – missing")
    await ada.answers()
    assert set(ada.problems) == {"loa"}
    await ada.drops("loa.pdf")
    assert not ada.problems, "what is here is not missing"
    await ada.answers()
    await submits(ada)


async def test_a_second_click_on_remove_takes_nothing_else_away(ada: Person) -> None:
    await gets_to("papers", ada)
    await ada.drops("loa.pdf", "map.pdf")
    card = ada.open_card
    button = next(b for b in buttons_of(card.card) if b.data.get("verb") == "remove")
    await ada.clicks("Remove")
    await ada.sends(button.data, on=card)
    ada.sees("map.pdf", on=card)
    await finishes(ada)


async def test_a_table_is_no_letter(ada: Person) -> None:
    await gets_to("papers", ada)
    await ada.drops("loa.csv", content=b"PhoneNumber\n+33123456789\n")
    ada.sees("as: Other document", "The numbers of the case stay as they are")
    await ada.answers(file_0="loa")
    assert set(ada.problems) == {"loa"}
    await finishes(ada)


async def test_papers_that_came_early_are_found_where_they_belong(ada: Person) -> None:
    await gets_to("country", ada)
    await ada.drops("loa.pdf")
    await goes_on_to("papers", ada, replace(PORT, papers=()))
    ada.sees("☑ Letter of authorization")
    await ada.answers()
    await submits(ada)


async def test_each_part_of_a_split_list_has_its_own_letter(desk: Office, ada: Person) -> None:
    mixed = f"{number_of('US')}\n+1 800 234 5678"
    zone = {"when_zone": "America/New_York"}
    await gets_to("details", ada, UNITED_STATES)
    await ada.answers(**{**PORT.details, **zone, "numbers": mixed})
    await ada.clicks("split")
    await goes_on_to("papers", ada)
    ada.sees("On the form for user and service numbers", "The toll-free numbers become a case")
    await ada.drops("loa.pdf", "loa toll free.pdf")
    ada.sees("as: Letter of authorization for the toll-free numbers")
    await ada.answers()
    await submits(ada)
    await desk.delivered()
    roots = [thread.root for thread in desk.teams.threads()]
    names = [{n for n in ("loa.pdf", "loa toll free.pdf") if n in words_of(r)} for r in roots]
    assert sorted(map(sorted, names)) == [["loa toll free.pdf"], ["loa.pdf"]]


# Files that no name tells of, and files that are here already


async def test_where_several_are_missing_the_others_are_offered(ada: Person) -> None:
    await gets_to("papers", ada, MX)
    await ada.drops("scan.pdf")
    ada.sees("“scan.pdf” is in, as: Letter of authorization", "If it is another paper:")
    await ada.clicks("Transfer letter")
    ada.sees("“scan.pdf” is in, as: Transfer letter", "☑ Transfer letter", "1 of 5")
    ada.sees("☐ Letter of authorization (LOA) – missing")
    await ada.drops(*(f"{paper}.pdf" for paper in MX.papers[:-1]))
    await ada.answers()
    ada.sees("scan.pdf")
    await submits(ada)


async def test_several_scans_at_once_are_looked_at_together(ada: Person) -> None:
    await gets_to("papers", ada, MX)
    await ada.drops("1.pdf", "2.pdf", "3.pdf", "4.pdf", "5.pdf")
    ada.sees("5 of 5")
    assert "sorting" not in hidden(ada)
    await ada.answers(file_0="transfer_letter", file_4="loa")
    assert ada.asked() == "review"
    await submits(ada)


async def test_the_same_content_is_not_counted_twice(ada: Person) -> None:
    await gets_to("papers", ada, MX)
    await ada.drops("LOA signed.pdf", content=PDF + b"% one\n")
    await ada.drops("otherName.pdf", content=PDF + b"% one\n")
    ada.sees("“otherName.pdf” is the same file as “LOA signed.pdf”", "It is not counted twice")
    ada.sees("☐ Power of attorney – missing", "1 of 5")
    await finishes(ada, replace(MX, papers=MX.papers[1:]))


async def test_one_scan_of_two_papers_serves_for_both(ada: Person) -> None:
    await gets_to("papers", ada, MX)
    await ada.drops("LOA signed.pdf", content=PDF + b"% one\n")
    await ada.drops("otherName.pdf", content=PDF + b"% one\n")
    await ada.clicks("Power of attorney")
    ada.sees("☑ Power of attorney", "☑ Letter of authorization", "2 of 5")
    ada.sees("The same file as: Letter of authorization")
    await finishes(ada, replace(MX, papers=MX.papers[2:]))


async def test_a_paper_named_as_another_is_told_to_be_the_same_file(ada: Person) -> None:
    await gets_to("papers", ada, MX)
    await ada.drops("loa.pdf", "power of attorney.pdf", content=PDF + b"% one\n")
    ada.sees("It is the same file as “loa.pdf”", "The same file as: Power of attorney")
    await finishes(ada, replace(MX, papers=MX.papers[1:]))


# The draft waits


async def test_a_draft_that_waits_only_for_papers_says_so(ada: Person) -> None:
    await gets_to("papers", ada, MX)
    await ada.drops("loa.pdf", "poa.pdf", "passport.pdf", "invoice.pdf")
    await ada.clicks("Finish later")
    ada.sees("is put aside", "Waits only for: Transfer letter.")
    await ada.says("drafts")
    ada.sees("Waits only for: Transfer letter.")
    await ada.clicks("resume")
    ada.sees("☐ Transfer letter – missing", "☑ Power of attorney")
    await ada.says("help")
    ada.sees("You are in the middle of", "Waits only for: Transfer letter.")
    await ada.drops("transfer.pdf")
    await ada.answers()
    await submits(ada)


async def test_a_draft_that_waits_for_more_does_not_speak_of_papers(ada: Person) -> None:
    form = await gets_to("about", ada)
    await ada.says("drafts")
    ada.sees_no("Waits only for")
    await ada.answers(form, **ABOUT)
    assert ada.asked() == "papers"
    await finishes(ada)


# The pre-flight


async def test_it_is_folded_away_until_something_in_it_is_answered(ada: Person) -> None:
    await gets_to("details", ada)
    assert hidden(ada) == ["section_carrier"]
    await ada.answers(**{**PORT.details, "billing_number": "our main line"})
    assert set(ada.problems) == {"billing_number"}
    assert hidden(ada) == []
    await ada.answers(billing_number="")
    assert ada.asked() == "about"
    await finishes(ada)


async def test_what_was_not_answered_is_told_with_a_button_to_answer_it(ada: Person) -> None:
    await gets_to("review", ada)
    ada.sees("Ports are most often refused over these", "Billing number (BTN)")
    await ada.clicks("Answer now")
    assert ada.asked() == "details"
    assert hidden(ada) == []
    await ada.answers(**PREFLIGHT)
    assert ada.asked() == "review", "the letter came before these answers, and shows them"
    ada.sees_no("Ports are most often refused over these")
    await submits(ada)


async def test_answers_are_cleaned_and_the_cut_is_shown_everywhere(
    desk: Office, ada: Person
) -> None:
    await gets_to("details", ada, ANSWERED)
    await ada.answers(**{**ANSWERED.details, "order_name": ""})
    ada.sees("The carrier sees: CONTOSO INTERNATIONAL HOL (only the first 25 characters)")
    await ada.answers(**ANSWERED.details)
    await goes_on_to("review", ada, ANSWERED)
    ada.sees("Account number\nAB1234", "As your current carrier has it")
    ada.sees("has room for 25 characters", "the carrier sees: CONTOSO INTERNATIONAL HOL.")
    await submits(ada)
    await desk.delivered()
    root = desk.teams.threads()[0].root
    desk.agnes.sees("the carrier sees: CONTOSO INTERNATIONAL HOL.", on=root)
    desk.agnes.sees_no("AB1234", number_of("FR"), on=root)


async def test_a_full_port_without_its_billing_number_is_refused(ada: Person) -> None:
    await gets_to("details", ada)
    wrong = {**PORT.details, "port_scope": "full", "billing_number": number_of("FR", 1)}
    await ada.answers(**wrong)
    assert "In a full port the billing number moves too" in ada.problems["billing_number"]
    await ada.answers(**{**wrong, "port_scope": "partial"})
    assert ada.asked() == "about"
    await finishes(ada)


@pytest.mark.parametrize("locale, words", [("en-US", "one to three weeks"), ("fr-FR", "gelé")])
async def test_a_frozen_account_is_warned_of(
    desk: Office, ada: Person, locale: str, words: str
) -> None:
    desk.teams.set_person("ada", locale=locale)
    frozen = replace(PORT, details={**PORT.details, "account_frozen": "yes"})
    await gets_to("review", ada, frozen)
    ada.sees(words)
    await submits(ada)


# Letters that were signed for other answers


async def changes_the_name(who: Person) -> None:
    """Change what the letter covers, with everything else answered."""
    await gets_to("review", who, ANSWERED)
    await who.clicks("details")
    await who.answers(account_name="Fabrikam")
    assert who.asked() == "papers"


async def test_a_letter_goes_stale_and_a_new_one_is_asked_for(ada: Person) -> None:
    await changes_the_name(ada)
    ada.sees("⚠ Letter of authorization (LOA) – out of date", "Name of the account holder")
    await ada.clicks("Continue")
    assert ada.asked() == "papers", "going on is no answer to that"
    await ada.drops("loa new.pdf")
    ada.sees("☑ Letter of authorization (LOA)")
    await ada.answers()
    await submits(ada)


@pytest.mark.parametrize("name", ["scan_0007.pdf", "scan0001.pdf", "loa2.pdf"])
async def test_a_file_that_no_name_tells_of_goes_to_the_one_outdated_letter(
    ada: Person, name: str
) -> None:
    await changes_the_name(ada)
    await ada.drops(name)
    ada.sees(f"“{name}” is in, as: Letter of authorization (LOA), in place of “loa.pdf”", "1 of 1")
    await ada.answers()
    assert ada.asked() == "review"
    await submits(ada)


async def test_the_reason_comes_first_and_going_on_does_not_stand_out(ada: Person) -> None:
    await changes_the_name(ada)
    (letter,) = [one for one in ada.card["body"] if one.get("id") == "loa"]
    first, second, *_ = letter["items"]
    assert ("out of date" in first["text"], second["id"]) == (True, "problem_loa")
    assert primary(ada) == ["Replace"]
    await ada.clicks("Replace")
    ada.sees("Waiting for the new file")
    await ada.drops("loa new.pdf")
    assert primary(ada) == ["Continue"]
    await ada.answers()
    await submits(ada)


@pytest.mark.parametrize(
    "locale, words",
    [
        ("en-US", "signed for other answers: “How much of the account moves?”. Replace"),
        ("fr-FR", "d’autres réponses : « Quelle partie du compte est transférée ? ». Remplacez"),
    ],
)
async def test_a_question_in_the_reason_is_quoted(
    desk: Office, ada: Person, locale: str, words: str
) -> None:
    desk.teams.set_person("ada", locale=locale)
    await gets_to("review", ada, ANSWERED)
    await ada.clicks("details")
    await ada.answers(port_scope="partial")
    ada.sees(words)
    await ada.drops("loa 2.pdf")
    await ada.answers()
    await submits(ada)


async def test_a_letter_that_shows_the_new_values_is_vouched_for(ada: Person) -> None:
    await changes_the_name(ada)
    await ada.clicks("It shows the new values")
    ada.sees("☑ Letter of authorization (LOA)")
    await ada.answers()
    await submits(ada)


async def test_changing_it_back_makes_the_letter_right_again(ada: Person) -> None:
    await changes_the_name(ada)
    await ada.clicks("Back")
    await ada.clicks("Back")
    await ada.answers(account_name=PREFLIGHT["account_name"])
    await goes_on_to("review", ada, replace(ANSWERED, papers=()))
    await submits(ada)


async def test_a_stale_letter_cannot_be_sent_by_hand(desk: Office, ada: Person) -> None:
    await changes_the_name(ada)
    await ada.sends({"verb": "send", "stage": "review"})
    await ada.sends({"verb": "send"})
    await ada.sends({"verb": "submit"})
    assert ada.asked() == "papers"
    await desk.delivered()
    assert not desk.teams.threads()
    await ada.drops("loa 2.pdf")
    await ada.answers()
    await submits(ada)


async def test_what_the_letter_does_not_cover_may_change(ada: Person) -> None:
    await gets_to("review", ada, ANSWERED)
    await ada.clicks("details")
    await ada.answers(order_name="Lyon", account_frozen="yes")
    assert ada.asked() == "review"
    await submits(ada)


async def test_other_numbers_make_the_letter_stale(ada: Person) -> None:
    await gets_to("review", ada)
    await ada.clicks("details")
    await ada.answers(numbers=f"{number_of('FR')}\n{number_of('FR', 1)}")
    assert ada.asked() == "papers"
    ada.sees("out of date", "Telephone numbers")
    await ada.drops("loa.pdf")
    await finishes(ada, replace(PORT, papers=("loa new",)))


@pytest.mark.parametrize("name", ["loa.pdf", "scan.pdf"])
async def test_the_same_letter_again_is_taken_at_its_senders_word(ada: Person, name: str) -> None:
    await gets_to("papers", ada, ANSWERED)
    await ada.drops("loa.pdf", content=PDF + b"%")
    await goes_on_to("review", ada, replace(ANSWERED, papers=()))
    await ada.clicks("details")
    await ada.answers(account_name="Fabrikam")
    await ada.clicks("Replace")
    await ada.drops(name, content=PDF + b"%")
    ada.sees("the same file as before", "replace it if it does not", "1 of 1")
    ada.sees_no("out of date", "Waiting for the new file")
    await ada.answers()
    assert ada.asked() == "review"
    await submits(ada)


async def test_a_utility_bill_does_not_go_stale(ada: Person) -> None:
    await gets_to("review", ada, AT)
    await ada.clicks("details")
    await ada.answers(city="Graz")
    assert ada.asked() == "review"
    await submits(ada)


def hidden(who: Person) -> list[str]:
    """Return the ids of what the open card folds away."""
    return [
        item["id"]
        for one in who.card["body"]
        for item in one.get("items", [])
        if item.get("isVisible") is False
    ]


def primary(who: Person) -> list[str]:
    """Return the titles of the buttons of the open card that stand out."""
    buttons = buttons_of(who.card)
    return [str(b.action["title"]) for b in buttons if b.action.get("style") == PRIMARY]
