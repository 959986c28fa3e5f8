"""A French port-in in a browser, from "bonjour" to the desk's answer, with a crash in between."""

import os
import signal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.browser.conftest import Desk

if TYPE_CHECKING:
    from playwright.async_api import FilePayload, Locator, Page

SHOTS = Path(os.environ.get("SCREENSHOTS", "build/screenshots"))
LETTER: "FilePayload" = {
    "name": "lettre.pdf",
    "mimeType": "application/pdf",
    "buffer": b"%PDF-1.7 signed" * 9,
}


@pytest.fixture
def expect() -> Any:
    return pytest.importorskip("playwright.async_api", reason="no playwright installed").expect


class Screen:
    """The page as the three people use it."""

    def __init__(self, page: "Page", expect: Any) -> None:
        self._page = page
        self._expect = expect
        self._taken = 0

    def column(self, person: str) -> "Locator":
        return self._page.get_by_test_id(f"column-{person}")

    def card(self, person: str, text: str) -> "Locator":
        return self.column(person).get_by_test_id("card").filter(has_text=text).last

    async def says(self, person: str, text: str) -> None:
        box = self.column(person).get_by_test_id("composer-text")
        await box.fill(text)
        await box.press("Enter")

    async def sees(self, person: str, *texts: str) -> None:
        for text in texts:
            found = self.column(person).get_by_text(text).last
            await self._expect(found).to_be_visible(timeout=15_000)

    async def clicks(self, card: "Locator", name: str) -> None:
        await card.get_by_role("button", name=name, exact=True).last.click()

    async def drops(self, person: str, file: "FilePayload") -> None:
        await self.column(person).get_by_test_id("composer-files").set_input_files([file])
        await self.column(person).get_by_test_id("send").click()

    async def shot(self, name: str) -> None:
        self._taken += 1
        await self._page.screenshot(path=SHOTS / f"{self._taken:02}-{name}.png")


async def test_french_port_in(page: "Page", desk: Desk, expect: Any) -> None:
    screen = Screen(page, expect)
    await screen.column("ada").get_by_test_id("language-fr").click()
    await screen.says("ada", "bonjour")
    await screen.sees("ada", "Bonjour Ada Admin")
    await _asks_for_a_port(screen)
    await _is_corrected(screen)

    # The bot dies while the form is open, and nothing that was finished is typed again.
    await desk.end(signal.SIGKILL)
    await desk.start()
    await _tells_about_it(screen)
    await screen.drops("ada", LETTER)
    await screen.sees("ada", "« lettre.pdf » est ajouté")
    await screen.clicks(screen.card("ada", "lettre.pdf"), "Continuer")
    await screen.sees("ada", "Bureau de Paris", "2 numéros")
    await screen.shot("review")
    await screen.clicks(screen.card("ada", "Tout est-il exact"), "Envoyer")
    await screen.sees("ada", "Votre cas porte le numéro TNS-")
    await screen.sees("colin", "Porter les numéros de Paris")
    await _desk_answers(screen)
    await _at_phone_width(screen, page)


async def _asks_for_a_port(screen: Screen) -> None:
    await screen.says("ada", "nouveau cas")
    await screen.clicks(screen.card("ada", "Que peut faire"), "Nouvelle demande")
    await screen.sees("ada", "Dans quel pays")
    await screen.says("ada", "France")
    await screen.clicks(screen.card("ada", "De quoi avez-vous besoin"), "Portage entrant")
    await screen.sees("ada", "Les détails")


async def _is_corrected(screen: Screen) -> None:
    form = screen.card("ada", "Les détails")
    await form.get_by_label("Nom de votre ordre de portage").fill("Bureau de Paris")
    await form.locator("input[type=date]").fill("2020-12-10")
    await form.locator("input[type=time]").fill("10:00")
    await form.locator("textarea").fill("01 23 45 67 89\n+4930123456")
    await screen.clicks(form, "Continuer")
    await screen.sees("ada", "Ce moment est passé", "est un numéro d’un autre pays (Allemagne)")
    await screen.shot("wrong-answer")
    form = screen.card("ada", "Les détails")
    assert await form.get_by_label("Nom de votre ordre").input_value() == "Bureau de Paris"
    await form.locator("input[type=date]").fill("2027-12-10")
    await form.locator("textarea").fill("01 23 45 67 89\n+33 1 23 45 67 90")
    await screen.clicks(form, "Continuer")
    await screen.sees("ada", "Expliquez-nous")


async def _tells_about_it(screen: Screen) -> None:
    form = screen.card("ada", "Expliquez-nous")
    await form.get_by_label("Titre").fill("Porter les numéros de Paris")
    await form.get_by_label("Description").fill("Nous passons d’un opérateur à Teams.")
    await form.get_by_label("Qui d’autre prévenir").fill("colin@contoso.com")
    await screen.clicks(form, "Continuer")
    await screen.sees("ada", "Lettre d’autorisation (LOA) – à fournir")


async def _desk_answers(screen: Screen) -> None:
    await screen.clicks(screen.card("agnes", "Porter les numéros"), "Take")
    await screen.sees("ada", "Agnes Desk s’en occupe", "En cours")
    thread = screen.column("agnes").get_by_test_id("thread").last
    reply = thread.get_by_test_id("composer-text")
    await reply.fill("Bonjour, nous contactons votre opérateur.")
    await reply.press("Enter")
    await screen.sees("ada", "Bonjour, nous contactons votre opérateur.")
    await screen.sees("colin", "Agnes Desk wrote")
    await screen.shot("desk-answers")


async def _at_phone_width(screen: Screen, page: "Page") -> None:
    await page.set_viewport_size({"width": 390, "height": 844})
    await screen.shot("phone")
    wide = await page.evaluate("document.documentElement.scrollWidth")
    assert wide <= 390, "the page scrolls sideways on a phone"
