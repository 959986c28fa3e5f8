"""Number lists in the form: refused by row, put right with one press, split into lawful cases."""

from dataclasses import replace

from sandbox.world import Message
from tests.chat.intake import (
    PORT,
    US_PORT,
    WHEN,
    Path,
    finishes,
    gets_to,
    goes_on_to,
    number_of,
    opens_a_case,
)
from tests.chat.lists import american, as_csv, fetched, is_valid, numbers_of, rows_of, toll_free
from tests.chat.office import Office
from tests.chat.people import Person
from tests.chat.reading import inputs_of

PARIS = [number_of("FR", at) for at in range(3)]
USAGES = ("User", "Call queue", "User")
MIXED = [*[one for one in american(40) if is_valid(one)][:3], *toll_free(2)]


def port_of(*numbers: str, path: Path = US_PORT) -> dict[str, str]:
    """Return the details of a port of these numbers."""
    return {**path.details, "numbers": "\n".join(numbers)}


def form_of(who: Person) -> Message:
    """Return the message that asks for the details now."""
    return next(one for one in reversed(who.heard) if "numbers" in inputs_of(one.card))


async def test_wrong_rows_are_named_and_left_out_with_one_press(desk: Office, ada: Person) -> None:
    await gets_to("details", ada)
    rows = [PARIS[0], "12345", PARIS[1], "+49 30 123456", PARIS[0]]
    await ada.answers(**{**PORT.details, "numbers": "\n".join(rows)})
    ada.sees("2 rows cannot be in this case", "Row 2, “12345”", "Germany")
    ada.sees("2 numbers are right, of 5 rows", "stands in row 1")
    assert ada.held["order_name"] == "Paris office"
    await ada.clicks("Report by row (CSV)")
    report = rows_of(await fetched(desk, ada, "Report by row (CSV)"))
    assert [row[0] for row in report[1:]] == ["1", "2", "3", "4", "5"]
    typed = {**PORT.details, "numbers": "\n".join(rows)}
    await ada.clicks("Leave 2 rows out and go on", on=form_of(ada), **typed)
    assert ada.asked() == "about"
    number = await finishes(ada)
    ada.sees(PARIS[0], PARIS[1], on=(await ada.hears(number, times=1)))


async def test_a_mixed_list_becomes_two_cases_with_one_press(
    desk: Office, ada: Person, agnes: Person
) -> None:
    await desk.meets(ada, agnes)
    await gets_to("details", ada, US_PORT)
    await ada.answers(**port_of(*MIXED))
    ada.sees("must not be in one case", "3 toll numbers", "2 toll-free numbers")
    await ada.clicks("Split into 2 cases", on=form_of(ada), **port_of(*MIXED))
    assert ada.asked() == "about"
    await goes_on_to("papers", ada, US_PORT)
    await ada.drops("loa.pdf")
    await ada.answers()
    assert set(ada.problems) == {"loa_toll_free"}
    await ada.drops("loa toll-free.pdf")
    await goes_on_to("review", ada, US_PORT)
    review = ada.open_card
    ada.sees("3 toll numbers", "2 toll-free numbers", "2 cases will be opened", on=review)
    assert "Submit 2 cases" in ada.offered(review)
    await ada.clicks("send", on=review)
    ada.sees("They go on as one batch", on=review)
    await desk.delivered()
    assert len(desk.teams.threads()) == 2
    parts = [one for one in ada.heard if "Part" in str(one.card)]
    assert len(parts) == 2


async def test_the_primary_button_below_a_mixed_list_goes_on_with_all_of_it(ada: Person) -> None:
    await gets_to("details", ada, US_PORT)
    await ada.answers(**port_of(*MIXED))
    await ada.answers(form_of(ada), **port_of(*MIXED))
    assert ada.asked() == "about"
    await goes_on_to("papers", ada, US_PORT)
    await ada.drops("loa.pdf", "loa toll-free.pdf")
    await goes_on_to("review", ada, US_PORT)
    assert "Submit 2 cases" in ada.offered(ada.open_card)


async def test_a_mixed_list_that_was_put_right_is_read_anew_by_the_primary_button(
    ada: Person,
) -> None:
    await gets_to("details", ada, US_PORT)
    await ada.answers(**port_of(*MIXED))
    await ada.answers(form_of(ada), **port_of(*MIXED[:3]))
    assert ada.asked() == "about"
    await goes_on_to("review", ada, US_PORT)
    ada.sees("3 numbers:")
    assert "Submit" in ada.offered(ada.open_card)


async def test_wrong_numbers_of_a_range_are_left_out_as_numbers(ada: Person) -> None:
    await gets_to("details", ada)
    details = {**PORT.details, "numbers": f"+33 6 12 34 56 00-09\n{PARIS[0]}"}
    await ada.answers(**details)
    ada.sees("10 numbers cannot be in this case", "Row 1, “+33 6 12 34 56 00-09” (10 numbers)")
    await ada.clicks("Leave 10 numbers out and go on", on=form_of(ada), **details)
    assert ada.asked() == "about"
    await finishes(ada)


async def test_wrong_rows_are_left_out_and_the_rest_split_with_one_press(ada: Person) -> None:
    await gets_to("details", ada, US_PORT)
    await ada.answers(**port_of(*MIXED, "nonsense"))
    ada.sees("1 row cannot be in this case", "must not be in one case")
    assert [one for one in ada.offered() if "split into 2 cases" in one]
    await ada.clicks("split", on=form_of(ada), **port_of(*MIXED, "nonsense"))
    assert ada.asked() == "about"


async def test_user_and_service_numbers_of_one_block_may_be_ported_as_one(
    desk: Office, ada: Person, agnes: Person
) -> None:
    await desk.meets(ada, agnes)
    await gets_to("details", ada, US_PORT)
    rows = [f"{number};{usage}" for number, usage in zip(MIXED[:3], USAGES, strict=True)]
    await ada.drops("block.csv", content="\n".join(("PhoneNumber;Usage", *rows)).encode())
    ada.sees("2 user numbers", "1 service number", "port the block as one")
    await ada.clicks("Port as one, convert later")
    details = {name: said for name, said in US_PORT.details.items() if name != "numbers"}
    await ada.answers(form_of(ada), **details)
    await finishes(ada, US_PORT)
    await agnes.hears("ported as one")


async def test_a_dropped_list_with_wrong_rows_leaves_the_form_as_it_is(
    desk: Office, ada: Person
) -> None:
    await gets_to("details", ada)
    form = ada.open_card
    await ada.drops("ours.csv", content=as_csv([*PARIS, "nonsense"]))
    ada.sees("1 row cannot be in this case", "nonsense")
    await ada.clicks("Leave 1 row out and go on")
    ada.sees("3 numbers")
    details = {name: said for name, said in PORT.details.items() if name != "numbers"}
    await ada.answers(form, **details)
    assert ada.asked() == "about"
    await finishes(ada)


async def test_a_number_in_an_open_case_is_shown_with_that_case(ada: Person) -> None:
    first = await opens_a_case(ada, PORT)
    await gets_to("details", ada)
    await ada.answers(**PORT.details)
    ada.sees(f"already in the open case {first}")
    await ada.clicks(f"Show {first}")
    ada.sees(first, "Paris office")
    await ada.clicks("cancel", on=ada.latest, cancel_reason="duplicate")
    await ada.says("drafts")
    await ada.clicks("resume")
    await ada.answers(**PORT.details)
    assert ada.asked() == "about"
    await finishes(ada)


async def test_somebody_else_sent_the_same_numbers_meanwhile(
    desk: Office, ada: Person, colin: Person
) -> None:
    await gets_to("review", ada, PORT)
    review = ada.open_card
    first = await opens_a_case(colin, PORT)
    await ada.clicks("send", on=review)
    ada.sees(first)
    assert ada.asked() == "details"
    await ada.answers(**{**PORT.details, "numbers": PARIS[1]})
    await finishes(ada)


async def test_another_company_knows_nothing_of_it(ada: Person, eve: Person) -> None:
    await opens_a_case(ada, PORT)
    await opens_a_case(eve, PORT)


async def test_a_list_that_is_still_checked_holds_the_form_up_and_loses_nothing(
    desk: Office, ada: Person
) -> None:
    numbers = [one for one in american(6000) if is_valid(one)]
    await gets_to("details", ada, US_PORT)
    form = ada.open_card
    await ada.drops("long.csv", content=as_csv(numbers))
    details = {name: said for name, said in US_PORT.details.items() if name != "numbers"}
    await ada.answers(form, **details)
    ada.sees("still being checked", on=form)
    assert ada.held["order_name"] == "Paris office"
    await ada.hears("The list is in", f"{len(numbers):,} numbers", within=60)
    await ada.answers(form, **details)
    assert ada.asked() == "about"
    number = await finishes(ada, US_PORT)
    assert number


async def test_a_list_does_not_follow_to_another_country_unchecked(ada: Person) -> None:
    await gets_to("review", ada, PORT)
    await ada.clicks("country")
    await ada.answers(country="DE")
    await ada.clicks("port_in")
    await ada.answers()
    ada.sees("1 row cannot be in this case", "France")
    german = replace(PORT, country="DE", details={**PORT.details, "numbers": number_of("DE")})
    await ada.answers(**german.details)
    await finishes(ada, german)


async def test_a_type_of_case_that_cannot_have_a_number_says_so(ada: Person) -> None:
    path = replace(
        PORT,
        country="GB",
        case_type="inventory_type_change",
        details={"convert_to": "user", **WHEN, "unassigned": "true", "numbers": ""},
        papers=(),
    )
    await gets_to("details", ada, path)
    await ada.answers(**{**path.details, "numbers": "0800 123 4567"})
    ada.sees("toll-free")
    await ada.answers(
        form_of(ada), **{**path.details, "convert_to": "service", "numbers": "0800 123 4567"}
    )
    assert ada.asked() == "about"
    await finishes(ada, path)


async def test_the_desk_gets_the_clean_list(desk: Office, ada: Person, agnes: Person) -> None:
    await desk.meets(ada, agnes)
    await opens_a_case(ada, PORT)
    root = await agnes.hears("Paris office")
    await agnes.clicks("unmask", on=root)
    assert numbers_of(await fetched(desk, agnes, "PhoneNumber.csv", on=root)) == [number_of("FR")]
