"""Wrong answers: said at their field, in the reader's language, with what was typed kept."""

from dataclasses import dataclass

import pytest

from tests.chat.intake import (
    ABOUT,
    ADDRESS,
    BETWEEN_TENANTS,
    CALLING_NAME,
    INQUIRY,
    NEW_NUMBERS,
    PORT,
    TYPE_CHANGE,
    Path,
    finishes,
    gets_to,
    number_of,
)
from tests.chat.office import Office
from tests.chat.people import Person

LOCALES = ("en-US", "fr-FR")


@dataclass(frozen=True)
class Wrong:
    """Something typed that is not taken, and what is said of it."""

    path: Path
    typed: dict[str, str]
    says: dict[str, str]
    at: str = ""
    """The input with the message; the first that was typed into if empty."""
    stage: str = "details"
    kept: bool = True
    """Whether the input can show what was typed."""

    @property
    def field(self) -> str:
        return self.at or next(iter(self.typed))


def of(country: str, foreign: str) -> dict[str, str]:
    line = {
        "en": "Row 2, “{0}”: this is a number of another country ({1})",
        "fr": "Ligne 2, « {0} » : c’est un numéro d’un autre pays",
    }
    number = number_of(foreign)
    return {
        "en": line["en"].format(number, country),
        "fr": line["fr"].format(number),
    }


WRONG = {
    "calling name of 16": Wrong(
        CALLING_NAME,
        {"calling_name": "CONTOSO LIMITED."},
        {"en": "At most 15 characters, this has 16", "fr": "15 caractères au plus, il y en a 16"},
    ),
    "no calling name": Wrong(
        CALLING_NAME,
        {"calling_name": "  "},
        {"en": "please answer this", "fr": "une réponse est nécessaire"},
        kept=False,
    ),
    "past date": Wrong(
        PORT, {"when_date": "2020-02-29"}, {"en": "This moment is past", "fr": "est passé"}
    ),
    "no date": Wrong(
        PORT, {"when_date": "tomorrow"}, {"en": "This is not a date", "fr": "pas une date"}
    ),
    "no time": Wrong(
        PORT, {"when_time": "25:00"}, {"en": "This is not a time", "fr": "pas une heure"}
    ),
    "far date": Wrong(
        PORT, {"when_date": "2199-01-01"}, {"en": "within the next 730", "fr": "730 prochains"}
    ),
    "location that is none": Wrong(
        ADDRESS,
        {"location_id": "room 101"},
        {"en": "This is no identifier", "fr": "pas un identifiant"},
    ),
    "tenant that is none": Wrong(
        BETWEEN_TENANTS,
        {"source_tenant_id": "1a2b3c4d-0000"},
        {"en": "This is no identifier", "fr": "pas un identifiant"},
    ),
    "domain that is none": Wrong(
        BETWEEN_TENANTS,
        {"source_domain": "contoso"},
        {"en": "This is no domain name", "fr": "pas un nom de domaine"},
    ),
    "one tenant twice": Wrong(
        BETWEEN_TENANTS,
        {"destination_domain": "contoso.com"},
        {"en": "Source and destination are the same", "fr": "sont identiques"},
    ),
    "not confirmed": Wrong(
        TYPE_CHANGE,
        {"unassigned": "false"},
        {"en": "must be confirmed", "fr": "confirmation est nécessaire"},
    ),
    "number of another country": Wrong(
        PORT,
        {"numbers": f"{number_of('FR')}\n{number_of('DE')}"},
        of("Germany", "DE"),
    ),
    "words for a number": Wrong(
        PORT,
        {"numbers": "our main line"},
        {"en": "this is no telephone number", "fr": "ce n’est pas un numéro de téléphone"},
    ),
    "empty list": Wrong(
        PORT,
        {"numbers": ""},
        {"en": "please answer this", "fr": "une réponse est nécessaire"},
        kept=False,
    ),
    "list of commas": Wrong(
        PORT,
        {"numbers": ",;,"},
        {"en": "There is no number in the list", "fr": "aucun numéro"},
    ),
    "quantity 0": Wrong(
        NEW_NUMBERS,
        {"quantity": "0"},
        {"en": "from 1 to 100,000", "fr": "de 1 à 100 000"},
    ),
    "quantity abc": Wrong(
        NEW_NUMBERS,
        {"quantity": "abc"},
        {"en": "Enter a whole number", "fr": "Saisissez un nombre entier"},
        kept=False,
    ),
    "number type that is none": Wrong(
        NEW_NUMBERS,
        {"number_type": "mobile"},
        {"en": "choose one of the options", "fr": "choisissez"},
    ),
    "unknown country": Wrong(
        PORT,
        {"country": "XX"},
        {"en": "choose one of the options", "fr": "choisissez"},
        stage="country",
    ),
    "no country": Wrong(
        PORT,
        {"country": ""},
        {"en": "please answer this", "fr": "une réponse est nécessaire"},
        stage="country",
        kept=False,
    ),
    "wrong e-mail": Wrong(
        INQUIRY,
        {"contacts": "colin@contoso.com; colin at home"},
        {"en": "“colin” is no e-mail", "fr": "« colin » n’est pas une adresse"},
        stage="about",
    ),
    "no impact": Wrong(
        INQUIRY,
        {"severity": "a"},
        {"en": "Impact on your business: please", "fr": "Impact sur votre activité"},
        at="impact",
        stage="about",
        kept=False,
    ),
    "no title": Wrong(
        INQUIRY,
        {"title": ""},
        {"en": "Title: please answer this", "fr": "Titre : une réponse"},
        stage="about",
        kept=False,
    ),
    "title of 101": Wrong(
        INQUIRY,
        {"title": "x" * 101},
        {"en": "At most 100 characters, this has 101", "fr": "il y en a 101"},
        stage="about",
    ),
    "no description": Wrong(
        ADDRESS,
        {"description": "\n \n"},
        {"en": "Description: please answer this", "fr": "Description : une réponse"},
        stage="about",
        kept=False,
    ),
    "no paper": Wrong(
        PORT,
        {},
        {"en": "This file is still missing", "fr": "Ce fichier manque encore"},
        at="loa",
        stage="papers",
        kept=False,
    ),
}


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("what", WRONG)
async def test_a_wrong_answer_is_told_at_its_field(
    desk: Office, ada: Person, what: str, locale: str
) -> None:
    desk.teams.set_person("ada", locale=locale)
    wrong = WRONG[what]
    card = await gets_to(wrong.stage, ada, wrong.path)
    right = {"details": wrong.path.details, "about": ABOUT}.get(wrong.stage, {})
    before = len(ada.heard)

    await ada.answers(**{**right, **wrong.typed})

    assert len(ada.heard) == before, "the same card is asked again, in place"
    assert ada.open_card.id == card.id
    assert ada.open_card.versions == card.versions + 1
    assert set(ada.problems) == {wrong.field}
    assert wrong.says[locale[:2]] in ada.problems[wrong.field]
    expected = {**right, **(wrong.typed if wrong.kept else {})}
    for name in expected.keys() - ({wrong.field} if not wrong.kept else set()):
        held = str(ada.held.get(name)).removesuffix(".0")
        assert held == expected[name], f"{name} is not kept"

    if right:
        await ada.answers(**right, contacts="", impact="nobody can call")
        assert ada.asked() != wrong.stage
    await finishes(ada, wrong.path)


async def test_several_wrong_answers_are_told_at_once(ada: Person) -> None:
    await gets_to("details", ada)
    await ada.answers(**{**PORT.details, "when_date": "2020-01-01", "numbers": "none yet"})
    assert set(ada.problems) == {"when_date", "numbers"}
    assert ada.held["order_name"] == "Paris office"
    await finishes(ada)


async def test_impact_is_asked_of_critical_cases_only(ada: Person) -> None:
    await gets_to("about", ada, INQUIRY)
    assert "impact" not in ada.inputs
    await ada.answers(**ABOUT, severity="a")
    assert "impact" in ada.inputs
    await ada.answers(**ABOUT, severity="a", impact="nobody can call the hospital")
    await finishes(ada, INQUIRY)


async def test_a_problem_is_gone_once_it_is_mended(ada: Person) -> None:
    await gets_to("details", ada, CALLING_NAME)
    await ada.answers(**{**CALLING_NAME.details, "calling_name": "A NAME THAT IS TOO LONG"})
    await ada.answers(**{**CALLING_NAME.details, "numbers": "12"})
    assert set(ada.problems) == {"numbers"}
    await finishes(ada, CALLING_NAME)


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize(
    "name, content, says",
    [
        ("scan.pdf", b"", {"en": "The file is empty", "fr": "Le fichier est vide"}),
        ("loa.pdf", b"MZ\x90\x00" + b"\0" * 60, {"en": "not what its name says", "fr": "contenu"}),
        ("loa.exe", b"MZ\x90\x00" + b"\0" * 60, {"en": "not accepted", "fr": "acceptés"}),
        ("numbers.csv", b"PK\x03\x04" + b"\0" * 60, {"en": "is damaged", "fr": "endommagé"}),
        (
            "loa.pdf",
            b"%PDF-1.7\n" + b"0" * (30 * 1024 * 1024),
            {"en": "at most 25 MB", "fr": "25 Mo"},
        ),
    ],
    ids=["empty", "disguised", "kind", "zip as csv", "30 MB"],
)
async def test_a_file_that_is_not_taken(
    desk: Office, ada: Person, name: str, content: bytes, says: dict[str, str], locale: str
) -> None:
    desk.teams.set_person("ada", locale=locale)
    await gets_to("papers", ada)
    await ada.drops(name, content=content)
    ada.sees(name, says[locale[:2]])
    assert ada.asked() == "papers"
    await finishes(ada)


async def test_a_wrong_list_is_told_line_by_line(ada: Person) -> None:
    await gets_to("details", ada)
    rows = [number_of("FR"), "call me", number_of("DE"), number_of("GB"), "0", "1"]
    await ada.answers(**{**PORT.details, "numbers": "\n".join(rows)})
    told = ada.problems["numbers"]
    assert "5 rows cannot be in this case" in told
    assert "Row 2, “call me”: this is no telephone number" in told
    assert all(f"Row {line}" in told for line in (3, 4, 5, 6))
    await finishes(ada)


async def test_text_is_shown_as_it_was_written(desk: Office, ada: Person) -> None:
    rough = "*bold* [bank](https://evil.example) <at>Agnes</at> {{DATE(2020-01-01T00:00:00Z)}}"
    path = Path("JP", about={"title": rough[:90], "description": rough})
    await gets_to("review", ada, path)
    number = await finishes(ada, path)
    await desk.delivered()
    (thread,) = desk.teams.threads()
    desk.agnes.sees(number, "*bold* [bank](https://evil.example)", on=thread.root)
    blocks = str([c for c in thread.root.card["body"] if c["type"] == "TextBlock"])
    assert "evil" not in blocks
