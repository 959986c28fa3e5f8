"""What plain words mean, in every language, whatever they look like."""

import pytest

from cases.countries import all_countries
from cases.vocabulary import CaseType
from dialogs.understanding import (
    COMMANDS,
    Command,
    answers_in,
    case_number,
    case_number_in,
    command_in,
    likely,
    looks_like_numbers,
    paper_in,
    says,
)
from strings import LANGUAGES, text_for
from strings.text import in_every_language

SAID = {
    "new_case": "new case|nouveau cas|Nouveau Cas|NEW CASE|  new   case!|créer un cas|creer un cas",
    "my_cases": "my cases|mes cas|My cases.|Mes cas !",
    "company_cases": "company cases|cas de l'entreprise|cas de l’entreprise|CAS DE L’ENTREPRISE",
    "drafts": "drafts|brouillons|Brouillon|mes brouillons",
    "profile": "profile|profil|langue",
    "help": "help|aide|Aide !|?|à l’aide|a l'aide",
    "hi": "hi|Hello!|bonjour|Bonjour.|salut",
    "back": "back|retour|précédent|precedent|PRÉCÉDENT",
    "cancel": "cancel|annuler|stop|plus tard",
}
WORDS = [(name, words) for name, line in SAID.items() for words in line.split("|")]


@pytest.mark.parametrize("name, words", WORDS)
def test_commands_are_understood_in_every_language(name: str, words: str) -> None:
    assert command_in(words) == Command(name)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_word_of_a_command_is_that_command(name: str) -> None:
    for said in in_every_language(f"command.{name}.words").values():
        for word in said.split("|"):
            assert command_in(word) == Command(name)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", [name for name in COMMANDS if name != "hi"])
def test_what_help_says_can_be_said(name: str, language: str) -> None:
    found = command_in(text_for(language)(f"command.{name}.say"))
    assert found is not None
    assert found.name == name


@pytest.mark.parametrize(
    "words, number",
    [
        ("case TNS-000123", "TNS-000123"),
        ("cas TNS-000123", "TNS-000123"),
        ("CASE tns 123", "TNS-000123"),
        ("case 123", "TNS-000123"),
        ("case #123", "TNS-000123"),
        ("TNS-000123", "TNS-000123"),
        ("tns-123?", "TNS-000123"),
        ("show TNS-000123 please", "TNS-000123"),
        ("ticket 000123", "TNS-000123"),
        ("case TNS-1234567890", "TNS-1234567890"),
    ],
)
def test_a_case_is_called_by_its_number(words: str, number: str) -> None:
    assert command_in(words) == Command("case", number)


@pytest.mark.parametrize(
    "words",
    [
        "case closed",
        "It is about TNS-000123 and what you said yesterday",
        "back to work",
        "please help me with my numbers in Lyon",
        "hello there, we would like to move",
        "+33 1 23 45 67 89",
        "retournez",
    ],
)
def test_other_words_are_no_command(words: str) -> None:
    assert command_in(words) is None


def test_a_new_case_takes_the_words_after_it() -> None:
    assert command_in("New case: port in France") == Command("new_case", "new case port in france")
    assert command_in("nouveau cas portage") == Command("new_case", "nouveau cas portage")


@pytest.mark.parametrize(
    "words, number",
    [
        ("123", "TNS-000123"),
        (" #0123 ", "TNS-000123"),
        ("TNS-000123", "TNS-000123"),
        ("twelve", ""),
        ("1" * 16, ""),
    ],
)
def test_a_number_alone_may_be_a_cases(words: str, number: str) -> None:
    assert case_number(words) == number


def test_a_number_is_found_among_words() -> None:
    assert case_number_in("see tns-7 and TNS-8") == "TNS-000007"
    assert case_number_in("tnsx-7, 12345") == ""


@pytest.mark.parametrize(
    "words, found",
    [
        ("port in france", ("port_in", "FR")),
        ("portage en France", ("port_in", "FR")),
        ("New numbers in the United Kingdom", ("new_numbers", "GB")),
        ("nouveaux numéros au royaume-uni", ("new_numbers", "GB")),
        ("nouveaux numeros au Royaume-Uni", ("new_numbers", "GB")),
        ("inter-tenant port, Etats-Unis", ("inter_tenant_port", "US")),
        ("numbers in the UK", ("", "GB")),
        ("allemagne", ("", "DE")),
        ("ALLEMAGNE", ("", "DE")),
        ("Égypte", ("", "EG")),
        ("egypte", ("", "EG")),
        ("us", ("", "US")),
        ("fr", ("", "FR")),
        ("calling name", ("custom_calling_name", "")),
        ("mise à jour d’adresse en Belgique", ("address_update", "BE")),
        ("nothing of this", ("", "")),
    ],
)
def test_answers_named_in_passing_are_heard(words: str, found: tuple[str, str]) -> None:
    answers = answers_in(words)
    assert (answers.get("case_type", ""), answers.get("country", "")) == found
    assert (answers.get("category") == "new_request") == bool(found[0])


@pytest.mark.parametrize("language", ["en-US", "en-GB", "fr-FR", "fr-CA"])
@pytest.mark.parametrize("iso", all_countries())
def test_every_country_is_known_by_its_name(iso: str, language: str) -> None:
    name = text_for(language).country(iso)
    for said in (name, name.upper(), name.replace("’", "'")):
        assert answers_in(said).get("country") == iso


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("case_type", CaseType)
def test_every_case_type_is_known_by_its_name(case_type: CaseType, language: str) -> None:
    name = text_for(language)(f"type.{case_type}.name")
    assert answers_in(name).get("case_type") == case_type


@pytest.mark.parametrize("language", LANGUAGES)
def test_categories_are_known_by_their_names(language: str) -> None:
    for category in ("new_request", "general_inquiry"):
        name = text_for(language)(f"category.{category}.name")
        assert answers_in(name).get("category") == category


@pytest.mark.parametrize(
    "words, first",
    [
        ("nw case", "new_case"),
        ("nouvau cas", "new_case"),
        ("my caes", "my_cases"),
        ("mes brouilons", "drafts"),
        ("profle", "profile"),
        ("I want to port numbers to France", "new_case"),
        ("je voudrais un portage", "new_case"),
    ],
)
def test_typos_offer_the_likeliest(words: str, first: str) -> None:
    assert command_in(words) is None
    assert likely(words)[0] == first


@pytest.mark.parametrize("words", ["", "qwertz", "😀", "x" * 30_000, "\x00", "***"])
def test_nobody_is_stuck(words: str) -> None:
    offered = likely(words)
    assert len(offered) == len(set(offered)) == 3
    assert set(offered) <= set(COMMANDS)


@pytest.mark.parametrize(
    "words, does",
    [
        ("+33 1 23 45 67 89", True),
        ("01.23.45.67.89", True),
        ("01\u202f23\u202f45\u202f67\u202f89", True),
        ("these: 0123456789; 0123456780", True),
        ("25", False),
        ("call me", False),
    ],
)
def test_numbers_are_told_from_words(words: str, does: bool) -> None:
    assert looks_like_numbers(words) is does


def test_some_words_belong_to_a_question() -> None:
    assert says("review.send", "Submit!")
    assert says("review.send", "envoyer")
    assert not says("review.send", "no")
    assert says("papers.done", "continuer")


@pytest.mark.parametrize(
    "name, paper",
    [
        ("LOA.pdf", "loa"),
        ("Signed-LOA_v2.PDF", "loa"),
        ("utility bill 2026.pdf", "utility_bill"),
        ("balloa.pdf", ""),
        ("scan.pdf", ""),
        ("", ""),
    ],
)
def test_a_file_name_tells_its_paper(name: str, paper: str) -> None:
    assert paper_in(name, ("loa", "utility_bill")) == paper
