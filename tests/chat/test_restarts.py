"""A bot that dies and comes back: what was finished is there, and nothing is done twice."""

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.chat import reading
from tests.chat.intake import PORT, US_PORT, finishes, gets_to, goes_on_to, number_in
from tests.chat.lists import american, as_csv, is_valid
from tests.chat.process import Outside, outside, ready
from tests.chat.slow_host import offers, slow_host

pytestmark = pytest.mark.slow


@pytest.fixture
async def teams_and_bot(tmp_path: Path) -> AsyncIterator[Outside]:
    """Opens a Teams with a bot that runs as a process of its own."""
    async with outside(tmp_path / "bot") as both:
        await both.bot.start()
        yield both


async def test_a_killed_bot_goes_on_where_it_was(teams_and_bot: Outside) -> None:
    bot, ada = teams_and_bot.bot, teams_and_bot.ada
    form = await gets_to("about", ada)
    await bot.kill()
    lost = await ada.says("help")
    assert lost.delivery == "failed"

    began = time.monotonic()
    await bot.start()
    assert time.monotonic() - began < 30
    assert await ready(bot)

    await ada.answers(form, **PORT.about)
    assert ada.asked() == "papers"
    await goes_on_to("review", ada)
    await bot.kill()
    await bot.start()
    ada.sees("Paris office", "loa.pdf")
    await ada.clicks("details")
    assert ada.held["order_name"] == "Paris office"
    await ada.answers()
    review = ada.open_card
    await ada.clicks("send", on=review)
    number = number_in(ada, review)

    ended = await bot.interrupt()
    assert ended.code == 0, ended.err
    assert "Traceback" not in ended.err
    await bot.start()
    await ada.says(f"case {number}")
    ada.sees(number, "Paris office")
    await teams_and_bot.teams.until(teams_and_bot.teams.threads, within=15)
    assert len(teams_and_bot.teams.threads()) == 1


@pytest.mark.parametrize("after", [0.0, 0.004, 0.02])
async def test_a_bot_killed_at_submit_makes_one_case(teams_and_bot: Outside, after: float) -> None:
    bot, ada, teams = teams_and_bot.bot, teams_and_bot.ada, teams_and_bot.teams
    review = await gets_to("review", ada)
    send = next(one for one in review.card["actions"] if one["data"]["verb"] == "send")
    pressing = asyncio.create_task(ada.sends(send["data"], on=review))
    await asyncio.sleep(after)
    await bot.kill()
    await pressing
    await bot.start()

    for _ in range(2):
        answer = await ada.sends(send["data"], on=review)
        assert answer.status in {200, 202}
    await teams.until(lambda: "TNS-" in reading.words_of(ada.now(review)), within=15)
    number = number_in(ada, review)

    await ada.hears(number, "Submitted", within=40)
    await teams.until(teams.threads, within=15)
    await ada.says("my cases")
    assert ada.offered() == ["Open"]
    ada.sees(number)
    assert len(teams.threads()) == 1


async def test_a_draft_outlives_its_bot(teams_and_bot: Outside) -> None:
    bot, ada = teams_and_bot.bot, teams_and_bot.ada
    await gets_to("papers", ada)
    await ada.says("cancel")
    await bot.kill()
    await bot.start()
    await ada.says("drafts")
    await ada.clicks("resume")
    assert ada.asked() == "papers"
    await finishes(ada)


async def test_what_was_saved_and_not_said_is_shown_when_it_comes_again(
    teams_and_bot: Outside,
) -> None:
    bot, ada, teams = teams_and_bot.bot, teams_and_bot.ada, teams_and_bot.teams
    form = await gets_to("country", ada)
    await bot.kill()
    bot.settings["FAILPOINTS"] = "after_script:put=kill@1"
    await bot.start()
    await ada.answers(form, country="FR")
    assert ada.asked() == "country", "the bot died before it could say anything"

    del bot.settings["FAILPOINTS"]
    await bot.kill()
    await bot.start()
    await teams.resend()
    assert ada.asked() == "case_type"
    await finishes(ada)


async def test_a_list_whose_check_died_with_the_bot_is_checked_anew(
    teams_and_bot: Outside,
) -> None:
    bot, ada = teams_and_bot.bot, teams_and_bot.ada
    numbers = [one for one in american(20_000) if is_valid(one)]
    form = await gets_to("details", ada, US_PORT)
    await ada.drops("long.csv", content=as_csv(numbers))
    ada.sees("being checked")
    await bot.kill()
    await bot.start()
    details = {name: said for name, said in US_PORT.details.items() if name != "numbers"}
    await ada.answers(form, **details)
    ada.sees("still being checked", on=form)
    await ada.hears("The list is in", f"{len(numbers):,} numbers", within=60)
    await ada.answers(form, **details)
    assert ada.asked() == "about"
    await finishes(ada, US_PORT)


@pytest.mark.parametrize("told_to_stop", [False, True], ids=["killed", "stopped"])
async def test_an_acknowledged_file_outlives_the_bot_that_fetched_it(
    teams_and_bot: Outside, told_to_stop: bool
) -> None:
    bot, ada, teams = teams_and_bot.bot, teams_and_bot.ada, teams_and_bot.teams
    async with slow_host() as host:
        await bot.kill()
        bot.settings["FILE_HOSTS"] += f",{host.address}"
        await bot.start()
        await gets_to("papers", ada)
        assert (await offers(teams, host.url("loa.pdf"))).status == 202
        if told_to_stop:
            assert (await bot.interrupt()).code == 0
        await bot.kill()
        host.gives.set()
        await bot.start()
        await ada.hears("“loa.pdf” is in", within=30)
    await finishes(ada)
