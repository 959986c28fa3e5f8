"""The page in a browser: a form is filled in, refused, sent, replaced; a thread is answered."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from aiohttp import web

from sandbox import Sandbox
from sandbox.page import LIBRARIES
from tests.sandbox.bot import FakeBot, Json, card

if TYPE_CHECKING:
    from playwright.async_api import Page

BROWSER = shutil.which("chromium") or shutil.which("google-chrome")
FORM = card(
    {"type": "Action.Submit", "title": "Continue", "style": "positive", "data": {"stage": "x"}},
    body=[
        {"type": "TextBlock", "text": "**Details** <img src=x onerror=alert(1)>", "wrap": True},
        {
            "type": "Input.Text",
            "id": "order",
            "label": "Order",
            "isRequired": True,
            "errorMessage": "Give the order a name.",
        },
        {
            "type": "Input.ChoiceSet",
            "id": "country",
            "label": "Country",
            "style": "filtered",
            "choices": [{"title": "France", "value": "FR"}, {"title": "Finland", "value": "FI"}],
        },
    ],
)
DONE = card(body=[{"type": "TextBlock", "text": "Thank you."}])
CASE = card(
    {"type": "Action.Execute", "title": "Take", "verb": "take", "data": {"case": "TNS-000123"}},
    body=[{"type": "TextBlock", "text": "TNS-000123"}],
)
ADAPTIVE = "application/vnd.microsoft.card.adaptive"

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(BROWSER is None, reason="no chromium on this machine"),
    pytest.mark.skipif(
        not all(map(Path.is_file, LIBRARIES.values())), reason="run `make run` once"
    ),
]


@pytest.fixture
async def page(bot: FakeBot) -> AsyncIterator["Page"]:
    """Opens the sandbox in a browser and fails on what the browser complains about."""
    playwright = pytest.importorskip("playwright.async_api", reason="no playwright installed")
    complaints: list[str] = []
    async with playwright.async_playwright() as player:
        browser = await player.chromium.launch(executable_path=BROWSER, args=["--no-sandbox"])
        opened = await browser.new_page(viewport={"width": 1500, "height": 950})
        opened.set_default_timeout(5000)
        opened.on("pageerror", lambda error: complaints.append(str(error)))
        opened.on("console", lambda line: complaints.extend([line.text] * (line.type == "error")))
        await opened.goto(bot.service_url)
        await opened.wait_for_selector("body[data-ready]")
        yield opened
        await browser.close()
    assert not complaints


async def test_a_form_from_end_to_end(sandbox: Sandbox, bot: FakeBot, page: "Page") -> None:
    async def turn(bot: FakeBot, activity: Json) -> None:
        if "value" in activity:
            path = f"v3/conversations/{activity['conversation']['id']}/activities/"
            await bot.call("PUT", path + activity["replyToId"], {"attachments": [DONE]})
        elif activity["type"] == "message":
            await bot.post(activity["conversation"]["id"], attachments=[FORM])

    bot.turn = turn
    ada = page.get_by_test_id("column-ada")
    await ada.get_by_test_id("composer-text").fill("new case")
    await ada.get_by_test_id("composer-text").press("Enter")
    form = ada.get_by_test_id("card")
    assert await form.locator("strong").inner_text() == "Details"
    assert await form.locator("img").count() == 0
    await form.get_by_role("button", name="Continue").click()
    await form.get_by_text("Give the order a name.").wait_for()
    assert len(bot.of("message")) == 1

    await form.get_by_label("Order").fill("Paris")
    await form.get_by_role("combobox").fill("fr")
    await form.get_by_role("option", name="France").click()
    await form.get_by_role("button", name="Continue").click()
    await ada.get_by_text("Thank you.").wait_for()
    assert bot.heard[-1]["value"] == {"stage": "x", "order": "Paris", "country": "FR"}
    assert await ada.get_by_test_id("edited").count() == 1


async def test_what_is_typed_in_other_cards_stays(
    sandbox: Sandbox, bot: FakeBot, page: "Page"
) -> None:
    conversation = sandbox.person("ada").conversation
    _, first = await bot.post(conversation, attachments=[FORM])
    await bot.post(conversation, attachments=[FORM])
    cards = page.get_by_test_id("column-ada").get_by_test_id("card")
    await cards.nth(1).get_by_label("Order").fill("half typ")
    path = f"v3/conversations/{conversation}/activities/{first['id']}"
    await bot.call("PUT", path, {"attachments": [DONE]})
    await cards.nth(0).get_by_text("Thank you.").wait_for()
    await page.get_by_test_id("column-ada").get_by_test_id("language-fr").click()
    await page.get_by_test_id("theme").click()
    await page.get_by_placeholder("Écrire un message").wait_for()
    assert await cards.nth(1).get_by_label("Order").input_value() == "half typ"
    assert sandbox.person("ada").locale == "fr-FR"


async def test_a_typeahead_in_a_card_within_a_card(
    sandbox: Sandbox, bot: FakeBot, page: "Page"
) -> None:
    country: Json = {
        "type": "Input.ChoiceSet",
        "id": "country",
        "label": "Country",
        "choices": [],
        "choices.data": {"type": "Data.Query", "dataset": "countries"},
    }
    send = {"type": "Action.Submit", "title": "Choose"}
    inner = {"type": "AdaptiveCard", "body": [country], "actions": [send]}
    more = {"type": "Action.ShowCard", "title": "Country", "card": inner}
    await bot.post(sandbox.person("ada").conversation, attachments=[card(more)])
    drawn = page.get_by_test_id("card")
    await drawn.get_by_role("button", name="Country").click()
    found = {"results": [{"title": "Lithuania", "value": "LT"}]}
    kind = "application/vnd.microsoft.search.searchResponse"
    bot.answers.append(web.json_response({"statusCode": 200, "type": kind, "value": found}))
    await drawn.get_by_role("combobox").fill("lith")
    await drawn.get_by_role("option", name="Lithuania").click()
    await drawn.get_by_role("button", name="Choose").click()
    await sandbox.until(lambda: bot.of("message"))
    assert bot.of("invoke")[0]["value"]["queryText"] == "lith"
    assert bot.of("message")[0]["value"] == {"country": "LT"}


async def test_a_thread_and_its_buttons(sandbox: Sandbox, bot: FakeBot, page: "Page") -> None:
    await bot.post(sandbox.settings.desk_channel_id, attachments=[CASE])
    thread = page.get_by_test_id("thread")
    await thread.get_by_test_id("composer-text").fill("on it")
    await thread.get_by_test_id("composer-text").press("Enter")
    await thread.get_by_test_id("replies").get_by_text("on it").wait_for()
    await sandbox.until(lambda: bot.of("message"))
    assert bot.of("message")[0]["conversation"]["id"].endswith(sandbox.threads()[0].id)
    value = {"statusCode": 200, "type": ADAPTIVE, "value": DONE["content"]}
    bot.answers.append(web.json_response(value))
    await thread.get_by_role("button", name="Take").click()
    await thread.get_by_text("Thank you.").wait_for()
    assert bot.of("invoke")[0]["value"]["action"]["data"] == {"case": "TNS-000123"}


async def test_files_faults_and_failures(sandbox: Sandbox, bot: FakeBot, page: "Page") -> None:
    ada = page.get_by_test_id("column-ada")
    file = {"name": "numbers.csv", "mimeType": "text/csv", "buffer": b"1;2"}
    await ada.get_by_test_id("composer-files").set_input_files(file)  # type: ignore[arg-type]
    await ada.get_by_text("3 byte").wait_for()
    bot.answers += [web.Response(status=500), web.Response(status=500)]
    await ada.get_by_test_id("send").click()
    await ada.get_by_test_id("not-delivered").wait_for()
    assert bot.heard[0]["attachments"][1]["name"] == "numbers.csv"
    await page.get_by_test_id("open-faults").click()
    await page.get_by_test_id("fault-kind").select_option(label="503 Unavailable")
    await page.get_by_test_id("fault-add").click()
    await sandbox.until(lambda: list(sandbox.faults))
    assert (await bot.post(sandbox.person("ada").conversation, text="hi"))[0] == 503
    await page.get_by_text("No faults").wait_for()


async def test_a_phone_shows_one_column(sandbox: Sandbox, bot: FakeBot, page: "Page") -> None:
    await page.set_viewport_size({"width": 390, "height": 844})
    await bot.post(sandbox.person("colin").conversation, text="news")
    await page.locator("[data-testid=tab-colin] .dot").wait_for()
    assert not await page.get_by_test_id("column-colin").is_visible()
    await page.get_by_test_id("tab-colin").click()
    await page.get_by_text("news").wait_for()
    assert await page.locator("[data-testid=tab-colin] .dot").count() == 0
    assert await page.evaluate("document.documentElement.scrollWidth") == 390
