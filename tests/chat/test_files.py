"""Files in the chat: papers for the checklist, lists for the form, and what is refused."""

from dataclasses import replace

import pytest

from tests.chat.intake import (
    ABOUT,
    INQUIRY,
    NEW_NUMBERS,
    PORT,
    finishes,
    gets_to,
    goes_on_to,
    number_of,
    opens_a_case,
    submits,
)
from tests.chat.office import Office
from tests.chat.people import Person

AT = replace(
    NEW_NUMBERS,
    country="AT",
    details={**NEW_NUMBERS.details, "state": "Wien", "city": "Wien"},
    papers=("utility_bill",),
)
MX_PAPERS = ("loa", "power_of_attorney", "signatory_id", "carrier_invoice", "transfer_letter")
MX = replace(
    PORT,
    country="MX",
    details={
        **PORT.details,
        "numbers": number_of("MX"),
        "when_time": "03:00",
        "when_zone": "America/Mexico_City",
    },
    papers=MX_PAPERS,
)
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + b"\0" * 20


def placed(who: Person) -> dict[str, str]:
    """Return which paper each file of the checklist is, by the file's input."""
    return {name: str(value) for name, value in who.held.items() if name.startswith("file_")}


async def test_a_letter_of_authorization_is_ticked_off(ada: Person) -> None:
    await gets_to("papers", ada)
    ada.sees("☐ Letter of authorization (LOA) – missing", "Required papers: 0 of 1")
    assert [one["id"] for one in ada.card["body"] if "id" in one] == ["loa"]
    await ada.drops("LOA signed.pdf")
    ada.sees("“LOA signed.pdf” is in, as: Letter of authorization (LOA)", "☑", "1 of 1")
    await ada.answers()
    ada.sees("LOA signed.pdf")
    await submits(ada)


async def test_a_picture_is_a_paper_too(ada: Person) -> None:
    await gets_to("papers", ada)
    await ada.drops("photo.png", content=PNG)
    ada.sees("☑ Letter of authorization")
    await finishes(ada)


async def test_a_pasted_picture_is_taken(desk: Office, ada: Person) -> None:
    await gets_to("papers", ada)
    pasted = await desk.teams.upload("image", PNG, "image/png", pasted=True)
    await ada.says("", pasted)
    ada.sees("☑ Letter of authorization")
    await finishes(ada)


async def test_several_files_in_one_message(ada: Person) -> None:
    await gets_to("papers", ada, MX)
    await ada.drops("id card.pdf", "transfer_letter.pdf", "POA.pdf", "loa.pdf", "invoice.pdf")
    fields = ["signatory_id", "transfer_letter", "power_of_attorney", "loa", "carrier_invoice"]
    assert list(placed(ada).values()) == fields
    await ada.answers()
    assert ada.asked() == "review"
    await submits(ada)


async def test_mexico_wants_four_papers_and_the_letter(desk: Office, ada: Person) -> None:
    await gets_to("papers", ada, MX)
    assert [one["id"] for one in ada.card["body"] if "id" in one][:5] == list(MX_PAPERS)
    await ada.drops("loa.pdf", "invoice.pdf")
    await ada.answers()
    assert set(ada.problems) == {"power_of_attorney", "signatory_id", "transfer_letter"}
    await ada.drops("poa.pdf")
    await ada.drops("passport.pdf", "transfer.pdf")
    await ada.says("done")
    assert ada.asked() == "review"
    await submits(ada)
    await desk.delivered()
    desk.agnes.sees("passport.pdf", "transfer.pdf", on=desk.teams.threads()[0].root)


@pytest.mark.parametrize("locale, label", [("en-US", "Utility bill"), ("fr-FR", "Facture de serv")])
async def test_austria_wants_a_utility_bill_for_new_numbers(
    desk: Office, ada: Person, locale: str, label: str
) -> None:
    desk.teams.set_person("ada", locale=locale)
    await gets_to("papers", ada, AT)
    ada.sees(f"☐ {label}")
    await finishes(ada, AT)


async def test_new_numbers_elsewhere_want_no_papers(ada: Person) -> None:
    british = {**NEW_NUMBERS.details, "state": "England", "city": "London"}
    await gets_to("about", ada, replace(NEW_NUMBERS, country="GB", details=british))
    await ada.answers(**ABOUT)
    assert ada.asked() == "review"
    await submits(ada)


async def test_a_file_is_taken_away_and_replaced(ada: Person) -> None:
    await gets_to("papers", ada)
    await ada.drops("wrong loa.pdf")
    await ada.answers(file_0="remove")
    assert set(ada.problems) == {"loa"}
    ada.sees_no("wrong loa.pdf")
    await ada.drops("right loa.pdf")
    await ada.answers()
    ada.sees("right loa.pdf")
    ada.sees_no("wrong loa.pdf")
    await submits(ada)


async def test_a_file_is_given_another_place(ada: Person) -> None:
    await gets_to("papers", ada)
    await ada.drops("map.pdf")
    assert placed(ada) == {"file_0": "loa"}
    await ada.answers(file_0="documents")
    assert set(ada.problems) == {"loa"}
    await ada.drops("loa.pdf")
    await ada.answers()
    ada.sees("Other document", "map.pdf", "loa.pdf")
    await submits(ada)


async def test_a_list_dropped_during_the_details_leaves_the_form_alone(
    desk: Office, ada: Person
) -> None:
    form = await gets_to("details", ada)
    rows = "\n".join(["Name;PhoneNumber", *(f"Desk {n};{number_of('FR', n)}" for n in range(150))])
    await ada.drops("numbers.csv", content=rows.encode("utf-8-sig"))

    ada.sees("The list is in: 150 numbers")
    assert ada.now(form).versions == form.versions, "what is typed in the form is not lost"

    await ada.answers(form, **{**PORT.details, "numbers": ""})
    assert ada.asked() == "about"
    await finishes(ada)
    await desk.delivered()
    desk.agnes.sees("150 numbers", on=desk.teams.threads()[0].root)


async def test_a_dropped_list_is_named_when_the_form_is_opened_again(ada: Person) -> None:
    form = await gets_to("details", ada)
    await ada.drops("numbers.csv", content=f"{number_of('FR')}\n{number_of('FR', 1)}\n".encode())
    await ada.answers(form, **{**PORT.details, "numbers": ""})
    await ada.clicks("Back")
    assert "2 numbers" in ada.inputs["numbers"]["placeholder"]
    await ada.answers()
    assert ada.asked() == "about"
    await finishes(ada)


async def test_a_typed_list_that_is_emptied_is_asked_for(ada: Person) -> None:
    await gets_to("about", ada)
    await ada.clicks("Back")
    assert ada.held["numbers"] == number_of("FR")
    await ada.answers(numbers="")
    assert set(ada.problems) == {"numbers"}
    await finishes(ada)


async def test_a_list_with_a_wrong_number_is_not_taken_as_it_is(ada: Person) -> None:
    form = await gets_to("details", ada)
    await ada.drops("numbers.csv", content=f"{number_of('FR')}\n{number_of('DE')}\n".encode())
    ada.sees("1 row cannot be in this case", "Row 2", "Germany")
    await ada.answers(form, **PORT.details)
    await finishes(ada)


async def test_a_list_pasted_into_the_chat(desk: Office, ada: Person) -> None:
    form = await gets_to("details", ada)
    await ada.says(f"{number_of('FR')}\n{number_of('FR', 1)}")
    ada.sees("The list is in: 2 numbers")
    await ada.answers(form, **{**PORT.details, "numbers": ""})
    await finishes(ada)
    await desk.delivered()
    desk.agnes.sees("2 numbers", on=desk.teams.threads()[0].root)


async def test_a_typed_list_replaces_the_dropped_one(desk: Office, ada: Person) -> None:
    form = await gets_to("details", ada)
    await ada.drops("numbers.csv", content=f"{number_of('FR')}\n{number_of('FR', 1)}\n".encode())
    await ada.answers(form, **PORT.details)
    await finishes(ada)
    await desk.delivered()
    desk.agnes.sees("1 number:", on=desk.teams.threads()[0].root)


async def test_papers_may_come_early(ada: Person) -> None:
    await gets_to("country", ada)
    await ada.drops("loa.pdf")
    ada.sees("“loa.pdf” is in")
    await goes_on_to("papers", ada)
    ada.sees("loa.pdf")
    await ada.answers(file_0="loa")
    assert ada.asked() == "review"
    await submits(ada)


async def test_a_file_dropped_at_the_review_opens_the_checklist(ada: Person) -> None:
    await gets_to("review", ada, INQUIRY)
    await ada.drops("map.pdf")
    assert ada.asked() == "papers"
    ada.sees("map.pdf")
    await ada.answers()
    assert ada.asked() == "review"
    await submits(ada)


async def test_ten_files_are_enough(ada: Person) -> None:
    await gets_to("papers", ada)
    await ada.drops("loa.pdf", *(f"{n}.pdf" for n in range(9)))
    await ada.drops("eleventh.pdf")
    ada.sees("“eleventh.pdf” was not taken", "at most 10 files")
    await finishes(ada, replace(PORT, papers=()))


async def test_a_file_out_of_nowhere_is_told_where_it_may_go(ada: Person) -> None:
    await ada.drops("loa.pdf")
    ada.sees("I take files while you fill in a case")
    await opens_a_case(ada, INQUIRY)


async def test_a_file_from_elsewhere_is_not_fetched(desk: Office, ada: Person) -> None:
    await gets_to("papers", ada)
    for url in ("http://169.254.169.254/latest", "https://evil.example/loa.pdf", "file:///etc"):
        attachment = {
            "contentType": "application/vnd.microsoft.teams.file.download.info",
            "contentUrl": url,
            "name": "loa.pdf",
            "content": {"downloadUrl": url, "uniqueId": "1", "fileType": "pdf"},
        }
        await desk.teams.send(desk.teams.activity("ada", text="", attachments=[attachment]))
        ada.sees("does not come from a place I may fetch from")
    await finishes(ada)


async def test_names_of_files_are_made_harmless(ada: Person) -> None:
    await gets_to("papers", ada)
    await ada.drops("../../etc/\u202eloa.pdf")
    ada.sees("loa.pdf")
    ada.sees_no("../", "\u202e")
    await finishes(ada)
