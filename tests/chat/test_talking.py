"""What can be said besides the intake: welcome, words, languages, lists and invokes."""

import pytest

from tests.chat.intake import INQUIRY, PORT, finishes, gets_to, opens_a_case
from tests.chat.office import Office
from tests.chat.people import Person
from tests.chat.reading import mention_of

# What is understood at any time, in both languages, and what the answer says.
WORDS = {
    "en-US": {
        "new case": "What can the desk do for you?",
        "my cases": "There are no cases yet",
        "company cases": "There are no cases yet",
        "drafts": "You have no drafts",
        "profile": "Your profile",
        "help": "What I can do",
        "hi": "I am Number Desk",
        "back": "You are not filling in a case",
        "cancel": "You are not filling in a case",
        "case TNS-000123": "There is no case TNS-000123",
    },
    "fr-FR": {
        "nouveau cas": "Que peut faire le service pour vous ?",
        "mes cas": "Mes cas",
        "cas de l'entreprise": "Cas de l’entreprise",
        "brouillons": "Vous n’avez aucun brouillon",
        "profil": "Votre profil",
        "aide": "Ce que je sais faire",
        "bonjour": "Je suis Number Desk",
        "retour": "Vous n’êtes pas en train",
        "annuler": "Vous n’êtes pas en train",
        "cas TNS-000123": "Le cas TNS-000123 n’existe pas",
    },
}


@pytest.mark.parametrize(
    "locale, word", [(locale, word) for locale, words in WORDS.items() for word in words]
)
async def test_words_understood_at_any_time(
    desk: Office, ada: Person, locale: str, word: str
) -> None:
    desk.teams.set_person("ada", locale=locale)
    for spelled in (word, word.upper(), f" {word} "):
        await ada.says(spelled)
        ada.sees(WORDS[locale][word])


@pytest.mark.parametrize("locale, other", [("en-US", "fr-FR"), ("fr-FR", "en-US")])
async def test_words_of_the_other_language_are_understood(
    desk: Office, ada: Person, locale: str, other: str
) -> None:
    desk.teams.set_person("ada", locale=locale)
    for word in ("nouveau cas", "new case"):
        await ada.says(word)
        ada.sees(ada.text("stage.category.title"))


async def test_each_person_is_welcomed_once(desk: Office, ada: Person) -> None:
    for _ in range(2):
        await desk.teams.install("ada")
    assert len(ada.all_saying("I am Number Desk")) == 1
    ada.sees("Hello Ada Admin")
    assert ada.offered() == ["New case", "My cases", "Help"]
    await desk.teams.uninstall("ada")
    await desk.teams.install("ada")
    assert len(ada.all_saying("I am Number Desk")) == 1


async def test_the_sandbox_introduces_everyone(desk: Office) -> None:
    assert await desk.teams.introduce()
    assert await desk.teams.introduce()
    for who in (desk.ada, desk.colin):
        assert len(who.all_saying("I am Number Desk")) == 1
    assert not desk.teams.messages("channel")


@pytest.mark.parametrize(
    "words, first",
    [("helpp", "Help"), ("my casses", "My cases"), ("nwe cse", "New case")],
)
async def test_unknown_words_offer_the_likeliest(ada: Person, words: str, first: str) -> None:
    await ada.says(words)
    ada.sees("I did not understand that")
    assert ada.offered()[0] == first
    assert len(ada.offered()) == 3


async def test_answers_named_in_unknown_words_are_not_lost(ada: Person) -> None:
    await ada.says("hello we would like to port our numbers in france thanks")
    ada.sees("I did not understand that")
    await ada.clicks("New case")
    assert ada.asked() == "details"
    ada.sees("Port in", "France")
    await finishes(ada)


async def test_nonsense_in_the_middle_of_a_form_does_not_stick(ada: Person) -> None:
    await gets_to("country", ada)
    await ada.says("asdf qwer")
    assert ada.all_saying("I did not understand that")
    ada.sees("You are in the middle of")
    await ada.clicks("Continue")
    await finishes(ada)


async def test_words_fill_the_description_in(ada: Person) -> None:
    await gets_to("about", ada, INQUIRY)
    await ada.says("Our numbers ring twice.\nSince Monday.")
    ada.sees("I put your words into the card")
    assert ada.held["description"] == "Our numbers ring twice.\nSince Monday."
    await ada.answers(title="Ringing twice")
    assert ada.asked() == "review"
    ada.sees("Our numbers ring twice.")


async def test_the_profile_switches_the_language(desk: Office, ada: Person) -> None:
    await ada.says("profile")
    await ada.answers(language="fr")
    ada.sees("Je vous écrirai en français")
    await ada.says("help")
    ada.sees("Ce que je sais faire")
    number = await opens_a_case(ada, PORT)
    await desk.delivered()
    ada.sees("Envoyé", on=ada.all_saying(number)[-1])
    desk.agnes.sees("Submitted", on=desk.teams.threads()[0].root)

    await ada.says("profil")
    await ada.answers(language="auto")
    ada.sees("I will write to you in English")


async def test_an_unknown_language_is_answered_in_english(desk: Office, ada: Person) -> None:
    desk.teams.set_person("ada", locale="xx-YY")
    await ada.says("help")
    ada.sees("What I can do")


async def test_a_group_chat_is_refused_kindly(desk: Office, ada: Person) -> None:
    activity = desk.teams.activity("ada", text="new case")
    activity["conversation"] |= {"conversationType": "groupChat", "isGroup": True}
    await desk.teams.send(activity)
    assert not ada.heard
    activity["id"] = "another"
    activity["entities"].append(mention_of(activity["recipient"]))
    await desk.teams.send(activity)
    ada.sees("Let us talk in our personal chat")
    await ada.says("drafts")
    ada.sees("You have no drafts")


async def test_countries_are_found_while_typing(desk: Office, ada: Person) -> None:
    card = await gets_to("country", ada)
    answer = await desk.teams.search("ada", card.id, "countries", "fr")
    assert answer.kind == "search"
    assert answer.value["results"][0] == {"value": "FR", "title": "France"}
    desk.teams.set_person("ada", locale="fr-FR")
    answer = await desk.teams.search("ada", card.id, "countries", "allem")
    assert answer.value["results"] == [{"value": "DE", "title": "Allemagne"}]
    answer = await desk.teams.search("ada", card.id, "countries", "zzz")
    assert answer.value["results"] == []


@pytest.mark.parametrize(
    "name, value, status",
    [
        ("application/search", None, 200),
        ("application/search", {"queryText": ["x"]}, 200),
        ("task/fetch", {"data": {}}, 200),
        ("task/submit", {"data": {}}, 200),
        ("composeExtension/query", {}, 200),
        ("signin/verifyState", {}, 501),
        ("adaptiveCard/nothing", {}, 501),
        (None, {}, 501),
    ],
)
async def test_every_invoke_is_answered(
    desk: Office, ada: Person, name: str | None, value: object, status: int
) -> None:
    await ada.says("hi")
    activity = desk.teams.activity("ada", type="invoke", name=name, value=value)
    delivery = await desk.teams.send(activity)
    assert delivery.status == status
    assert status == 501 or delivery.body


async def test_a_long_list_has_more(desk: Office, ada: Person) -> None:
    numbers = [await opens_a_case(ada) for _ in range(11)]
    await ada.says("my cases")
    shown = ada.latest
    assert ada.offered(shown).count("Open") == 10
    ada.sees(numbers[-1], on=shown)
    await ada.clicks("Show more", on=shown)
    ada.sees(numbers[0], on=shown)


async def test_a_case_is_opened_from_the_list(ada: Person) -> None:
    number = await opens_a_case(ada)
    await ada.says("my cases")
    answer = await ada.clicks("Open")
    assert answer.kind == "message"
    assert answer.value == f"{number} is shown below."
    ada.sees(number, "Submitted")


@pytest.mark.parametrize("words", ["{n}", "case {n}", "CASE {n}", "case {bare}", "#{bare}"])
async def test_a_case_is_opened_by_its_number(ada: Person, words: str) -> None:
    number = await opens_a_case(ada)
    await ada.says(words.format(n=number, bare=int(number[4:])))
    if words.startswith("#"):
        ada.sees_no("Submitted")
        return
    ada.sees(number, "Submitted")


async def test_edits_and_likes_do_no_harm(desk: Office, ada: Person) -> None:
    said = await ada.says("new case")
    before = len(ada.heard)
    await desk.teams.edit("ada", said.id, "help")
    await desk.teams.react("ada", ada.latest.id)
    assert len(ada.heard) == before
    await finishes(ada)


async def test_health_is_told(desk: Office) -> None:
    for path, word in (("healthz", "ok"), ("readyz", "ready")):
        async with desk.web.get(f"{desk.base_url}/{path}") as answer:
            assert answer.status == 200
            assert (await answer.json())["status"] == word
    async with desk.web.get(f"{desk.base_url}/metrics") as answer:
        assert answer.status == 200


async def test_a_time_zone_that_is_none_is_not_believed(desk: Office, ada: Person) -> None:
    await gets_to("country", ada)
    for name in ("Mars/Phobos", "../etc/passwd", "Europe/Paris"):
        activity = desk.teams.activity("ada", text="drafts", localTimezone=name, id=f"zone {name}")
        assert (await desk.teams.send(activity)).ok
        ada.sees("Your drafts", "Last changed")
    ada.sees("(Paris)")
