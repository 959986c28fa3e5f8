"""`check numbers`: lists checked for no case."""

import io
import shutil
from pathlib import Path

import openpyxl
import pytest

from tests.chat.intake import PORT, finishes, gets_to, number_of, opens_a_case
from tests.chat.lists import american, as_csv, fetched, is_valid, numbers_of, rows_of
from tests.chat.office import Office
from tests.chat.people import Person

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def workbook(*rows: object) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append([row])
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


async def test_a_pasted_list_gets_its_report_and_its_clean_list(desk: Office, ada: Person) -> None:
    await ada.says("check numbers")
    ada.sees("Check numbers")
    await ada.answers(numbers="01 23 45 67 89\n+33 1 23 45 67 90\nnonsense", country="FR")
    ada.sees("2 numbers are right, of 3 rows", "nonsense", "geographic: 2")
    await ada.clicks("Report and clean list")
    report = rows_of(await fetched(desk, ada, "Report by row (CSV)"))
    assert [row[2].lstrip("'") for row in report[1:]] == ["+33123456789", "+33123456790", ""]
    clean = await fetched(desk, ada, "Clean list (CSV)")
    assert numbers_of(clean) == ["+33123456789", "+33123456790"]


async def test_a_list_that_comes_with_the_command_is_checked_at_once(ada: Person) -> None:
    await ada.says("check numbers +33 1 23 45 67 89, +49 30 123456")
    ada.sees("2 numbers are right, of 2 rows")


async def test_national_writing_needs_its_country_and_the_list_is_not_asked_again(
    ada: Person,
) -> None:
    await ada.says("check numbers")
    await ada.says("01 23 45 67 89")
    ada.sees("the country is missing")
    await ada.clicks("Check again", country="FR")
    ada.sees("1 number is right, of 1 row")


async def test_a_dropped_list_is_checked_though_nothing_was_asked(ada: Person) -> None:
    await ada.drops("ours.csv", content=as_csv(["+33123456789", "+33123456789"]))
    ada.sees("1 number is right, of 2 rows", "the same number stands in row")


async def test_a_workbook_is_read(desk: Office, ada: Person) -> None:
    content = workbook("Telephone", 33123456789, "+33 1 23 45 67 90", 1.4255e10)
    await ada.drops("ours.xlsx", content=content)
    await ada.hears("1 number is right, of 3 rows", "the country is missing")
    await ada.clicks("Check again", country="FR")
    await ada.hears("2 numbers are right, of 3 rows", "United States")


async def test_a_list_that_is_no_longer_kept_is_asked_for_again(
    desk: Office, ada: Person, tmp_path: Path
) -> None:
    await ada.drops("ours.csv", content=as_csv(["01 23 45 67 89"]))
    ada.sees("the country is missing")
    shutil.rmtree(tmp_path / "data" / "files")
    answer = await ada.clicks("Check again", country="FR")
    assert answer.status == 200
    ada.sees("no longer kept")
    await ada.drops("ours.csv", content=as_csv(["+33123456789"]))
    ada.sees("1 number is right, of 1 row")


async def test_a_french_admin_reads_french(desk: Office, colin: Person) -> None:
    desk.teams.set_person("colin", locale="fr-FR")
    await colin.says("vérifier des numéros")
    await colin.answers(numbers="01 23 45 67 89; 112", country="FR")
    colin.sees("1 numéro correct, sur 2 lignes")
    await colin.clicks("Rapport et liste nettoyée")
    report = rows_of(await fetched(desk, colin, "Rapport par ligne (CSV)"))
    assert report[1][2] == "'+33123456789"


async def test_an_open_form_goes_on_as_it_was(ada: Person) -> None:
    await gets_to("details", ada, PORT)
    await ada.says("check numbers")
    await ada.says(number_of("DE"))
    ada.sees("1 number is right, of 1 row")
    await ada.says("drafts")
    await ada.clicks("resume")
    await finishes(ada, PORT)


async def test_nothing_to_check_is_told(ada: Person) -> None:
    await ada.says("check numbers")
    await ada.answers(numbers="  ")
    ada.sees("⚠")
    await ada.answers(numbers="hello there")
    ada.sees("⚠", "hello there")
    await ada.says("check numbers")
    await ada.answers(numbers=number_of("DE"))
    ada.sees("1 number is right, of 1 row")


async def test_a_long_list_tells_how_far_it_is_in_one_message(desk: Office, ada: Person) -> None:
    numbers = [one for one in american(4000) if is_valid(one)]
    before = len(ada.heard)
    await ada.drops("long.csv", content=as_csv(numbers))
    await ada.hears(f"{len(numbers):,} numbers are right, of {len(numbers):,} rows", within=60)
    assert len(ada.heard) == before + 1
    await ada.clicks("Report and clean list")
    assert numbers_of(await fetched(desk, ada, "Clean list (CSV)")) == numbers


async def test_a_number_of_an_open_case_is_shown_with_it_and_kept_out(
    desk: Office, ada: Person
) -> None:
    first = await opens_a_case(ada, PORT)
    await ada.says(f"check numbers {number_of('FR')}, {number_of('FR', 1)}")
    ada.sees("1 number is right, of 2 rows", "1 number is in an open case already", first)
    report = ada.latest
    await ada.clicks("Report and clean list", on=report)
    clean = await fetched(desk, ada, "Clean list (CSV)")
    assert numbers_of(clean) == [number_of("FR", 1)]
    await ada.clicks(f"Show {first}", on=report)
    ada.sees(first, "Paris office")


async def test_what_cannot_be_ported_is_told_before_anybody_asks_a_carrier(ada: Person) -> None:
    await ada.says("check numbers GB\n020 7946 0900\n0845 464 0000\n+800 1234 5678")
    ada.sees("3 numbers are right, of 3 rows", "2 numbers cannot be ported")


async def test_a_list_over_the_cap_is_refused_at_once(ada: Person) -> None:
    await ada.drops("huge.csv", content=as_csv(["+33123456789"] * 450_000))
    ada.sees("200,000")
    await ada.drops("small.csv", content=as_csv(["+33123456789"]))
    ada.sees("1 number is right, of 1 row")


@pytest.mark.parametrize("command", ["check numbers in France", "check numbers france"])
async def test_a_country_that_is_named_is_chosen(ada: Person, command: str) -> None:
    await ada.says(command)
    assert ada.held["country"] == "FR"


@pytest.mark.parametrize(
    "said, numbers",
    [
        ("check numbers martinique 0596 30 12 34", "1 number is right"),
        ("check numbers MM\n01 234 567", "1 number is right"),
        ("check numbers in gb: 020 7946 0958", "1 number is right"),
        ("vérifier des numéros Birmanie\n01 234 567", "1 number is right"),
    ],
)
async def test_any_country_of_the_world_can_be_named(ada: Person, said: str, numbers: str) -> None:
    await ada.says(said)
    ada.sees(numbers)


async def test_two_letters_in_passing_name_no_country(desk: Office, ada: Person) -> None:
    held = await ada.holds("ours.csv", as_csv(["01 23 45 67 89"]))
    await ada.says("so here it is", held)
    ada.sees("the country is missing")


@pytest.mark.parametrize(
    "said",
    ["０１－２３４５－６７８９", "1-800-FLOWERS", "0142 68"],
    ids=["wide", "letters", "short"],
)
async def test_whatever_may_be_a_number_is_checked_where_one_was_asked_for(
    ada: Person, said: str
) -> None:
    await ada.says("check numbers")
    await ada.says(said)
    ada.sees("of 1 row")


async def test_cancel_is_about_what_was_asked_last(ada: Person) -> None:
    form = await gets_to("details", ada)
    await ada.says("check numbers")
    await ada.says("cancel")
    ada.sees("no list will be checked")
    await ada.answers(form, **PORT.details)
    await finishes(ada, PORT)


async def test_what_is_no_list_is_told_where_one_was_asked_for(ada: Person) -> None:
    await ada.says("check numbers")
    await ada.drops("loa.pdf")
    ada.sees("“loa.pdf”", "CSV, text and Excel")
    await ada.drops("ours.csv", content=as_csv(["+33123456789"]))
    ada.sees("1 number is right, of 1 row")
