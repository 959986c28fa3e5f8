"""Number lists when people change their minds: what is sent was shown, and nothing is lost."""

from dataclasses import replace

from tests.chat.intake import NEW_NUMBERS, PORT, US_PORT, gets_to, goes_on_to, number_of, submits
from tests.chat.lists import american, as_csv, fetched, is_valid, numbers_of, toll_free
from tests.chat.office import Office
from tests.chat.people import Person
from tests.chat.reading import inputs_of

LONG = [one for one in american(6000) if is_valid(one)]
PARIS = [number_of("FR", at) for at in range(4)]
BETWEEN = replace(
    US_PORT,
    case_type="inter_tenant_port",
    details={
        **{name: said for name, said in US_PORT.details.items() if name != "order_name"},
        "source_domain": "contoso.com",
        "destination_domain": "fabrikam.com",
    },
    papers=(),
)
MIXED = [*LONG[:3], *toll_free(2)]


def without_list(path: object) -> dict[str, str]:
    details: dict[str, str] = path.details  # type: ignore[attr-defined]
    return {name: said for name, said in details.items() if name != "numbers"}


async def test_the_same_long_list_twice_in_one_message_is_told_twice(ada: Person) -> None:
    await ada.drops("long.csv", "copy.csv", content=as_csv(LONG))
    await ada.hears(f"{len(LONG):,} numbers are right", times=2)


async def test_a_list_that_was_typed_wins_over_one_that_is_still_checked(ada: Person) -> None:
    form = await gets_to("details", ada, BETWEEN)
    await ada.drops("long.csv", content=as_csv(LONG))
    await ada.answers(form, **BETWEEN.details)
    await goes_on_to("review", ada, BETWEEN)
    review = ada.open_card
    ada.sees("1 number:", on=review)
    await ada.hears("no longer needed", within=60)
    await ada.clicks("send", on=review)
    await ada.hears("1 number:", times=2)


async def test_of_several_lists_in_one_message_the_last_is_taken(ada: Person) -> None:
    form = await gets_to("details", ada, US_PORT)
    long = await ada.holds("long.csv", as_csv(LONG))
    short = await ada.holds("short.csv", as_csv(LONG[:2]))
    await ada.says("", long, short)
    ada.sees("The list is in: 2 numbers")
    assert ada.all_saying("“long.csv” was not looked at")
    await ada.answers(form, **without_list(US_PORT))
    assert ada.asked() == "about"


async def test_a_split_does_not_follow_to_a_case_without_a_list(desk: Office, ada: Person) -> None:
    form = await gets_to("details", ada, US_PORT)
    await ada.answers(form, **{**US_PORT.details, "numbers": "\n".join(MIXED)})
    await ada.clicks("split", on=form, **{**US_PORT.details, "numbers": "\n".join(MIXED)})
    await goes_on_to("papers", ada, US_PORT)
    await ada.drops("loa.pdf", "loa toll-free.pdf")
    await goes_on_to("review", ada, US_PORT)
    await ada.clicks("category")
    await ada.clicks("general_inquiry")
    await ada.answers(country="US")
    for _ in range(3):
        if ada.asked() != "review":
            await ada.answers()
    await submits(ada)
    await desk.delivered()
    assert len(desk.teams.threads()) == 1


async def test_what_was_put_right_in_the_form_is_not_left_out(ada: Person) -> None:
    form = await gets_to("details", ada)
    wrong = {**PORT.details, "numbers": f"{PARIS[0]}\n012\nnonsense"}
    await ada.answers(form, **wrong)
    mended = {**PORT.details, "numbers": f"{PARIS[0]}\n{PARIS[1]}\nnonsense"}
    await ada.clicks("Leave 2 rows out and go on", on=form, **mended)
    assert ada.asked() == "details"
    ada.sees("1 row cannot be in this case", on=form)
    await ada.clicks("Leave 1 row out and go on", on=form, **mended)
    assert ada.asked() == "about"
    await goes_on_to("review", ada)
    ada.sees("2 numbers:")


async def test_a_dropped_list_wins_over_what_the_open_form_showed(ada: Person) -> None:
    await gets_to("review", ada)
    await ada.clicks("details")
    form = ada.open_card
    assert ada.held["numbers"] == PORT.details["numbers"]
    await ada.drops("three.csv", content=as_csv(PARIS[:3]))
    await ada.answers(form)
    await goes_on_to("review", ada)
    ada.sees("3 numbers:")


async def test_a_refused_list_is_not_thrown_away_by_continue(ada: Person) -> None:
    form = await gets_to("details", ada)
    await ada.drops("ours.csv", content=as_csv([*PARIS[:2], "nonsense"]))
    refused = ada.latest
    await ada.answers(form, **without_list(PORT))
    assert ada.asked() == "details"
    ada.sees("1 row cannot be in this case", on=form)
    await ada.clicks("Leave 1 row out and go on", on=refused)
    ada.sees("The list is in: 2 numbers", on=refused)
    await ada.answers(form, **without_list(PORT))
    assert ada.asked() == "about"


async def test_a_button_of_one_list_does_not_take_another(ada: Person) -> None:
    await gets_to("details", ada)
    await ada.drops("first.csv", content=as_csv([PARIS[0], "nonsense"]))
    first = ada.latest
    await ada.drops("second.csv", content=as_csv([*PARIS[1:3], "more nonsense"]))
    await ada.clicks("Leave 1 row out and go on", on=first)
    ada.sees("more nonsense", on=first)
    assert not ada.all_saying("The list is in")


async def test_a_second_click_on_submit_names_every_case_of_the_batch(ada: Person) -> None:
    form = await gets_to("details", ada, US_PORT)
    await ada.answers(form, **{**US_PORT.details, "numbers": "\n".join(MIXED)})
    await ada.clicks("split", on=form, **{**US_PORT.details, "numbers": "\n".join(MIXED)})
    await goes_on_to("papers", ada, US_PORT)
    await ada.drops("loa.pdf", "loa toll-free.pdf")
    await goes_on_to("review", ada, US_PORT)
    review = ada.open_card
    send = next(one for one in review.card["actions"] if one["data"]["verb"] == "send")
    await ada.sends(send["data"], on=review)
    await ada.sends(send["data"], on=review)
    assert len([one for one in ada.offered(review) if one.startswith("Show TNS-")]) == 2


async def test_each_part_of_a_split_list_has_its_own_numbers(
    desk: Office, ada: Person, agnes: Person
) -> None:
    await desk.meets(ada, agnes)
    form = await gets_to("details", ada, US_PORT)
    await ada.answers(form, **{**US_PORT.details, "numbers": "\n".join(MIXED)})
    await ada.clicks("split", on=form, **{**US_PORT.details, "numbers": "\n".join(MIXED)})
    await goes_on_to("papers", ada, US_PORT)
    await ada.drops("loa.pdf", "loa toll-free.pdf")
    await goes_on_to("review", ada, US_PORT)
    await ada.clicks("send", on=ada.open_card)
    await desk.delivered()
    found = []
    for thread in desk.teams.threads():
        await agnes.clicks("unmask", on=thread.root)
        clean = await fetched(desk, agnes, "PhoneNumber.csv", on=thread.root)
        found.append(numbers_of(clean))
    assert sorted(found) == sorted([MIXED[:3], MIXED[3:]])


async def test_a_paper_is_taken_though_a_list_was_asked_for(ada: Person) -> None:
    await gets_to("papers", ada)
    await ada.says("check numbers")
    await ada.drops("loa.pdf")
    ada.sees("“loa.pdf” is in")
    await goes_on_to("review", ada)
    await submits(ada)


async def test_several_lists_for_no_case_are_each_reported(desk: Office, ada: Person) -> None:
    one = await ada.holds("one.csv", as_csv(PARIS[:1]))
    two = await ada.holds("two.csv", as_csv(PARIS[:2]))
    huge = await ada.holds("huge.csv", as_csv(["+33123456789"] * 450_000))
    await ada.says("", one, two, huge)
    for rows, numbers in (("1 row", PARIS[:1]), ("2 rows", PARIS[:2])):
        card = ada.all_saying(f"of {rows}")[0]
        await ada.clicks("Report and clean list", on=card)
        assert numbers_of(await fetched(desk, ada, "Clean list (CSV)")) == numbers
    assert ada.all_saying("200,000")


async def test_short_text_with_long_ranges_is_checked_like_any_long_list(ada: Person) -> None:
    form = await gets_to("details", ada, US_PORT)
    ranges = "\n".join(f"+1 {area} 555 xxxx" for area in ("425", "206", "212"))
    await ada.answers(form, **{**US_PORT.details, "numbers": ranges})
    await ada.hears("The list is in", "30,000 numbers", within=60)
    await ada.answers(form, **without_list(US_PORT))
    assert ada.asked() == "about"


async def test_a_type_without_a_list_ends_its_check(ada: Person) -> None:
    await gets_to("details", ada, US_PORT)
    await ada.drops("long.csv", content=as_csv(LONG))
    progress = ada.latest
    await ada.clicks("back")
    await ada.clicks("new_numbers")
    await ada.teams.until(lambda: "no longer needed" in str(ada.now(progress).text), within=60)
    assert "numbers" not in inputs_of(ada.card)
    assert NEW_NUMBERS.case_type


async def test_who_uses_a_number_is_not_forgotten_when_the_type_changes(ada: Person) -> None:
    await gets_to("details", ada, US_PORT)
    rows = [f"{number};{use}" for number, use in zip(LONG[:2], ("User", "Call queue"), strict=True)]
    await ada.drops("used.csv", content="\n".join(("PhoneNumber;Usage", *rows)).encode())
    await ada.clicks("split")
    await ada.answers(**without_list(US_PORT))
    await ada.says("back")
    await ada.says("back")
    await ada.clicks("inter_tenant_port")
    await ada.answers(**without_list(BETWEEN))
    ada.sees("must not be in one case")


async def test_advice_that_stops_nobody_is_told_on_the_review(ada: Person) -> None:
    await gets_to("review", ada, US_PORT)
    ada.sees("the wizard of the Teams admin center")


async def test_a_block_that_is_not_whole_is_told_on_the_review(ada: Person) -> None:
    polish = replace(PORT, country="PL", details={**PORT.details, "numbers": number_of("PL")})
    await gets_to("review", ada, polish)
    ada.sees("blocks of ten")


async def test_a_list_comes_with_the_command_as_it_was_written(desk: Office, ada: Person) -> None:
    await ada.says("check numbers france\n01 42 68 53 00\n01 42 68 53 01\nabc")
    ada.sees("2 numbers are right, of 3 rows", "“abc”")
    await ada.says("Check numbers: +14255550123, hello; +442079460000")
    ada.sees("2 numbers are right, of 3 rows", "hello")
    await ada.says("vérifier des numéros France 0142685300, 0142685301")
    ada.sees("2 numbers are right, of 2 rows")
    await ada.says("check numbers +1 425 555 0123")
    ada.sees_no("repaired")


async def test_a_list_dropped_with_the_command_is_checked_whatever_is_open(ada: Person) -> None:
    await gets_to("papers", ada)
    held = await ada.holds("ours.csv", as_csv(PARIS[:2]))
    await ada.says("check numbers in France", held)
    ada.sees("2 numbers are right, of 2 rows")


async def test_the_button_is_enough_where_a_client_sends_nothing_else(ada: Person) -> None:
    form = await gets_to("details", ada)
    await ada.answers(form, **{**PORT.details, "numbers": f"{PARIS[0]}\nnonsense"})
    leave = next(b for b in ada.card_buttons(form) if b["data"]["verb"] == "leave_out")
    await ada.sends(leave["data"], on=form)
    assert ada.asked() == "about"


async def test_the_billing_number_is_looked_for_in_the_whole_list(ada: Person) -> None:
    *listed, missing = LONG
    form = await gets_to("details", ada, US_PORT)
    await ada.drops("long.csv", content=as_csv(listed))
    await ada.hears("The list is in", within=60)
    full = {**without_list(US_PORT), "port_scope": "full"}
    await ada.answers(form, **full, billing_number=missing)
    assert set(ada.problems) == {"billing_number"}
    await ada.answers(**full, billing_number=listed[-1])
    assert ada.asked() == "about"
