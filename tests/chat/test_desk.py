"""The desk at work: what an agent does reaches who is concerned, once, and nobody else."""

import asyncio
import re
from dataclasses import dataclass, replace

import pytest

from sandbox import Fault
from sandbox.world import Message
from tests.chat import reading
from tests.chat.intake import ABOUT, INQUIRY, PORT, number_of, opens_a_case
from tests.chat.office import Office
from tests.chat.people import PDF, Person

NAMING_COLIN = {**ABOUT, "contacts": "colin@contoso.com"}


@dataclass
class Followed:
    """A case that Ada opened and Colin is named on, and its thread in the channel."""

    desk: Office
    number: str
    root: Message

    @property
    def thread(self) -> list[Message]:
        """The replies in the case's thread."""
        return list(self.desk.teams.threads()[0].replies)

    def status_seen(self) -> dict[str, str]:
        """Return who sees which status on the living card, by its second bold line."""
        seen = {}
        for who in (self.desk.ada, self.desk.colin, self.desk.agnes):
            (card, *_) = [
                one for one in who.heard if self.number in reading.words_of(one).split("\n")[2:4]
            ]
            lines = reading.words_of(card).split("\n")
            seen[who.key] = next(
                line for line in lines if line[:1] in "●◐?⏸✓✕" and line[1:2] == " "
            )
        return seen


@pytest.fixture
async def case(desk: Office) -> Followed:
    """Opens a case in English that a French colleague follows."""
    desk.teams.set_person("colin", locale="fr-FR")
    await desk.meets(desk.ada, desk.colin)
    number = await opens_a_case(desk.ada, replace(PORT, about=NAMING_COLIN))
    await desk.delivered()
    return Followed(desk, number, desk.teams.threads()[0].root)


async def told(case: Followed, english: str, french: str, words: str = "") -> None:
    """Check that both who follow the case were told of something once, each in their language."""
    await case.desk.delivered()
    for who, sentence in ((case.desk.ada, english), (case.desk.colin, french)):
        starting = [
            one
            for one in who.all_saying(sentence, words)
            if reading.words_of(one).split("\n")[1].startswith(f"{case.number} · ")
        ]
        assert len(starting) == 1, f"{who.key}: {[reading.words_of(m) for m in who.heard]}"


async def test_a_new_case_is_one_post_and_two_living_cards(case: Followed) -> None:
    assert len(case.desk.teams.threads()) == 1
    assert not case.thread
    seen = case.status_seen()
    assert "Submitted" in seen["ada"]
    assert "Envoyé" in seen["colin"]
    assert "Submitted" in seen["agnes"]


async def test_take(case: Followed, agnes: Person) -> None:
    answer = await agnes.clicks("Take", on=case.root)
    assert answer.kind == "card"
    await told(case, "Agnes Desk is working on it", "Agnes Desk s’en occupe")
    assert "In progress" in case.status_seen()["ada"]
    assert "En cours" in case.status_seen()["colin"]
    agnes.sees("In progress", "Agnes Desk", on=case.root)


async def test_reply_by_button(case: Followed, agnes: Person) -> None:
    await agnes.clicks("send_comment", on=case.root, comment_text="The carrier has agreed.")
    await told(case, "Agnes Desk wrote", "Agnes Desk a écrit", "The carrier has agreed.")
    assert len(case.desk.teams.threads()) == 1


async def test_reply_by_mention_in_the_thread(case: Followed, agnes: Person) -> None:
    await agnes.says("The carrier\nhas agreed & all is well.", thread=case.root.id)
    await told(case, "Agnes Desk wrote", "Agnes Desk a écrit", "has agreed & all is well.")
    said = [one for one in case.thread if one.sender == "bot"]
    assert not [one for one in said if "agreed" in reading.words_of(one)], "no echo"


async def test_talk_in_the_thread_without_a_mention_stays_there(
    case: Followed, agnes: Person
) -> None:
    await agnes.says("who knows this carrier?", thread=case.root.id, mention=False)
    # A bot that may hear everything in a channel is still not spoken to.
    overheard = case.desk.teams.activity("agnes", case.root.id, type="message", text="who knows?")
    await case.desk.teams.send(overheard)
    await case.desk.delivered()
    case.desk.ada.never_saw("who knows")


@pytest.mark.parametrize(
    "way",
    ["button", "note:", "Note: ", "note\u00a0: ", "NOTE : ", "<b>note:</b> ", "note：", "note - "],
)
async def test_notes_never_leave_the_desk(case: Followed, agnes: Person, way: str) -> None:
    if way == "button":
        await agnes.clicks("send_note", on=case.root, note_text="difficult customer")
    else:
        await agnes.says(f"{way}difficult customer", thread=case.root.id)
    await agnes.clicks("Take", on=case.root)
    await case.desk.delivered()
    agnes.sees("Agnes Desk noted", "difficult customer", on=case.root)
    for who in (case.desk.ada, case.desk.colin):
        await who.says(f"case {case.number}")
        who.never_saw("difficult customer")
    await case.desk.ada.says("my cases")
    case.desk.ada.never_saw("difficult customer")


async def test_ask_and_the_answer_turns_the_case_back(
    case: Followed, agnes: Person, ada: Person
) -> None:
    await agnes.clicks("send_ask", on=case.root, ask_text="Which account is it?")
    await told(case, "Agnes Desk needs details", "demande des précisions", "Which account is it?")
    assert "Waiting for details" in case.status_seen()["ada"]
    assert "your answer is needed" in case.status_seen()["ada"]

    question = ada.all_saying("Agnes Desk needs details", "Which account is it?")[-1]
    answer = await ada.clicks("send_comment", on=question, comment_text="Account 4711")
    assert answer.kind == "card"
    ada.sees("Which account is it?", f"Added to {case.number}.", on=question)

    await case.desk.delivered()
    assert "In progress" in case.status_seen()["ada"]
    assert "In progress" in case.status_seen()["agnes"]
    (landed,) = [one for one in case.thread if "Account 4711" in reading.words_of(one)]
    agnes.sees("Ada Admin", on=landed)
    heard = case.desk.colin.all_saying("Ada Admin a écrit", "Account 4711", case.number + " · ")
    assert len(heard) == 1


async def test_hold(case: Followed, agnes: Person) -> None:
    await agnes.clicks("send_hold", on=case.root, hold_text="The carrier takes a week.")
    await told(case, "put the case on hold", "a suspendu le cas", "The carrier takes a week.")
    assert "waiting for the carrier" in case.status_seen()["ada"]


@pytest.mark.parametrize(
    "resolution, english, french",
    [
        ("problem_solved", "Problem solved", "Problème résolu"),
        ("information_provided", "Information provided", "Information fournie"),
    ],
)
async def test_resolve_and_reopen(
    case: Followed, agnes: Person, ada: Person, resolution: str, english: str, french: str
) -> None:
    await agnes.clicks("send_resolve", on=case.root, resolution=resolution, resolve_text="Done.")
    await told(case, "resolved the case", "a résolu le cas", "Done.")
    assert english in case.status_seen()["ada"]
    assert french in case.status_seen()["colin"]

    living = next(one for one in ada.heard if "Reopen" in ada.offered(one))
    await ada.clicks("Reopen", on=living)
    await case.desk.delivered()
    assert "In progress" in case.status_seen()["agnes"]
    assert not ada.all_saying("Ada Admin reopened", case.number + " · "), "she knows already"
    assert len(case.desk.colin.all_saying("Ada Admin a rouvert", case.number + " · ")) == 1
    assert [one for one in case.thread if "Ada Admin reopened" in reading.words_of(one)]


async def test_thanks_do_not_reopen(case: Followed, agnes: Person, ada: Person) -> None:
    await agnes.clicks("send_resolve", on=case.root, resolution="problem_solved")
    await case.desk.delivered()
    news = ada.all_saying("Agnes Desk resolved the case", case.number + " · ")[-1]
    await ada.clicks("send_comment", on=news, comment_text="Thank you!")
    await case.desk.delivered()
    assert "Resolved" in case.status_seen()["agnes"]
    assert [one for one in case.thread if "Thank you!" in reading.words_of(one)]


async def test_the_customer_cancels(case: Followed, ada: Person) -> None:
    living = next(one for one in ada.heard if "Cancel this case" in ada.offered(one))
    await ada.clicks("send_cancel", on=living, cancel_reason="duplicate")
    await case.desk.delivered()
    assert "Cancelled" in case.status_seen()["agnes"]
    assert "Annulé" in case.status_seen()["colin"]
    ada.sees("Duplicate of another case", on=living)
    assert not ada.offered(living)


async def test_a_cancel_without_a_reason_says_so(case: Followed, ada: Person) -> None:
    living = next(one for one in ada.heard if "Cancel this case" in ada.offered(one))
    answer = await ada.clicks("send_cancel", on=living)
    assert "⚠" in str(answer.value)
    await ada.clicks("send_cancel", on=living, cancel_reason="duplicate")
    ada.sees("Cancelled", on=living)


async def test_words_are_needed_where_words_are_the_point(case: Followed, agnes: Person) -> None:
    for verb in ("comment", "ask", "note"):
        answer = await agnes.clicks(f"send_{verb}", on=case.root, **{f"{verb}_text": "  "})
        assert "⚠" in str(answer.value), verb
    await agnes.clicks("send_comment", on=case.root, comment_text="here they are")
    await told(case, "Agnes Desk wrote", "Agnes Desk a écrit", "here they are")


async def test_a_comment_with_a_file_lands_in_the_thread(
    case: Followed, ada: Person, agnes: Person
) -> None:
    await ada.drops("invoice.pdf", text=f"{case.number} here is the invoice")
    ada.sees(f"Added to {case.number}")
    await case.desk.delivered()
    (landed,) = [one for one in case.thread if "invoice.pdf" in reading.words_of(one)]
    agnes.sees("here is the invoice", on=landed)
    agnes.sees("invoice.pdf", on=case.root)


async def test_a_comment_stands_without_the_file_that_came_with_it(
    case: Followed, ada: Person
) -> None:
    said = f"{case.number} the carrier called, please hold"
    await ada.drops("tool.exe", content=b"MZ", text=said)
    await ada.hears(f"Added to {case.number}")
    ada.sees("“tool.exe” was not taken")
    await ada.drops("tool.exe", content=b"MZ", text=f"case {case.number}")
    ada.sees("“tool.exe” was not taken")
    await case.desk.delivered()
    assert len(ada.all_saying(f"Added to {case.number}")) == 1
    (landed,) = [one for one in case.thread if case.number in str(one.text) + str(one.card)]
    assert "the carrier called" in reading.words_of(landed)


async def test_a_comment_mentions_the_assignee_only(case: Followed, ada: Person) -> None:
    await case.desk.agnes.clicks("Take", on=case.root)
    await case.desk.delivered()
    living = next(one for one in ada.heard if "Comment" in str(one.card.get("actions")))
    await ada.clicks("send_comment", on=living, comment_text="any news?")
    await case.desk.delivered()
    (landed,) = [one for one in case.thread if "any news?" in reading.words_of(one)]
    assert "<at>Agnes Desk</at>" in str(landed.attachments) + landed.text


async def test_the_same_press_twice_is_one_event(case: Followed, agnes: Person) -> None:
    reply = {"comment_text": "only once"}
    await asyncio.gather(*(agnes.clicks("send_comment", on=case.root, **reply) for _ in range(3)))
    await told(case, "Agnes Desk wrote", "Agnes Desk a écrit", "only once")


async def test_a_repeated_reply_in_the_thread_is_one_event(case: Followed, agnes: Person) -> None:
    await agnes.says("only once", thread=case.root.id)
    await case.desk.teams.resend()
    await told(case, "Agnes Desk wrote", "Agnes Desk a écrit", "only once")


async def test_two_agents_may_take_turns(case: Followed, agnes: Person) -> None:
    take = next(a for a in case.root.card["actions"] if a["id"] == "take")
    for _ in range(2):
        await case.desk.teams.press("agnes", case.root.id, take)
    await told(case, "Agnes Desk is working on it", "Agnes Desk s’en occupe")


async def test_a_colleague_answers_and_everyone_else_hears(
    case: Followed, colin: Person, ada: Person
) -> None:
    await colin.says("mes cas")
    colin.sees(case.number)
    await colin.says(case.number)
    await colin.clicks("send_comment", comment_text="Je suis d’accord")
    await case.desk.delivered()
    assert len(ada.all_saying("Colin Colleague wrote", "d’accord", case.number + " · ")) == 1
    assert not colin.all_saying("a écrit", case.number + " · "), "he knows what he wrote"
    assert [one for one in case.thread if "d’accord" in reading.words_of(one)]


async def test_company_cases_are_for_the_company(
    case: Followed, colin: Person, eve: Person
) -> None:
    await opens_a_case(case.desk.ada, INQUIRY)
    await colin.says("cas de l'entreprise")
    assert len(colin.offered()) == 2
    await colin.says("mes cas")
    assert len(colin.offered()) == 1

    for words in ("company cases", "my cases", f"case {case.number}", case.number):
        await eve.says(words)
        eve.sees_no("Paris office", ABOUT["title"])
    eve.sees(f"There is no case {case.number}, or it is not one of yours")
    await eve.drops("scan.pdf", text=f"{case.number} for me")
    eve.sees("There is no case")
    await case.desk.agnes.clicks("Take", on=case.root)
    await case.desk.delivered()
    eve.never_saw(ABOUT["title"])
    assert not [one for one in case.thread if "for me" in reading.words_of(one)]


async def test_a_stranger_in_the_channel_is_refused(case: Followed, agnes: Person) -> None:
    teams = case.desk.teams
    stranger = {"id": "29:guest", "name": "Gus Guest", "aadObjectId": "0" * 8 + "-guest"}
    for change in (
        {"text": "<at>Number Desk</at> hello", "type": "message"},
        {
            "type": "invoke",
            "name": "adaptiveCard/action",
            "replyToId": case.root.id,
            "value": {
                "action": {
                    "type": "Action.Execute",
                    "verb": "take",
                    "data": {"verb": "take", "case": case.number},
                }
            },
        },
    ):
        activity = teams.activity("agnes", case.root.id, **{**change, "from": stranger})
        activity["entities"].append(reading.mention_of(activity["recipient"]))
        delivery = await teams.send(activity)
        assert delivery.ok
        if change["type"] == "invoke":
            assert "Only members of the desk's team" in str(delivery.body)
    assert [one for one in case.thread if "Only members" in reading.words_of(one)]
    await case.desk.delivered()
    agnes.sees("Submitted", on=case.root)


@pytest.mark.parametrize("times", [1, 3], ids=["for a moment", "for a while"])
async def test_an_agent_is_no_stranger_while_the_roster_cannot_be_read(
    case: Followed, agnes: Person, times: int
) -> None:
    desk, words = case.desk, "The port is under way."
    desk.teams.faults.add(Fault(path="pagedmembers", status=503, times=times))
    await agnes.says(words, thread=case.root.id, mention=True)
    # After a while it was answered with 503, and Teams sent it again.
    await desk.ada.hears("Agnes Desk wrote", words)
    await told(case, "Agnes Desk wrote", "Agnes Desk a écrit", words)
    assert not agnes.all_saying("Only members")


async def test_a_reply_in_an_unknown_thread_is_told_so(desk: Office, agnes: Person) -> None:
    talk = await agnes.says("lunch?", mention=False)
    await agnes.says("the port is done", thread=talk.id)
    agnes.sees("I cannot tell which case this thread is about")


async def test_an_agent_asks_what_can_be_done_or_for_a_case(case: Followed, agnes: Person) -> None:
    await agnes.says("help")
    agnes.sees("Working on cases here")
    await agnes.says(f"what about {case.number}?")
    agnes.sees(case.number, ABOUT["title"])


async def test_numbers_are_masked_until_someone_asks(case: Followed, agnes: Person) -> None:
    number = number_of("FR")
    channel = case.desk.teams.settings.desk_channel_id
    bodies = [call.body for call in case.desk.teams.world.calls if channel in call.path]
    assert number not in str(bodies)
    agnes.sees(f"{number[:3]}…{number[-3:]}", on=case.root)

    await agnes.clicks("Show numbers and files", on=case.root)

    agnes.sees(number, "These links work for ten minutes", on=case.root)
    links = links_on(agnes.now(case.root))
    assert set(links) == {"PhoneNumber.csv", "loa.pdf"}
    web = case.desk.web
    async with web.get(links["loa.pdf"]) as answer:
        assert answer.status == 200
        assert await answer.read() == PDF + b"% loa.pdf\n"
        assert answer.headers["Content-Disposition"].startswith("attachment")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
    async with web.get(links["PhoneNumber.csv"]) as answer:
        assert (await answer.text()).split() == ["PhoneNumber", number]


def links_on(message: Message) -> dict[str, str]:
    return {
        one["title"]: one["url"]
        for one in reading.elements_of(message.card)
        if one["type"] == "Action.OpenUrl"
    }


async def test_a_forged_link_opens_nothing(case: Followed, agnes: Person) -> None:
    await agnes.clicks("Show numbers and files", on=case.root)
    link = links_on(agnes.now(case.root))["loa.pdf"]
    base, _, token = link.rpartition("/")
    body, _, signature = token.rpartition(".")
    forged = [
        f"{body}.{'0' * 64}",
        f"{body[:-2]}AA.{signature}",
        f"{body}.",
        f".{signature}",
        "x",
        f"{body}.\u00e9",
        re.sub("^.", "!", token),
    ]
    for one in forged:
        async with case.desk.web.get(f"{base}/{one}") as answer:
            assert answer.status == 404, one


async def test_masks_return_with_the_next_event(case: Followed, agnes: Person) -> None:
    await agnes.clicks("Show numbers and files", on=case.root)
    await agnes.clicks("Take", on=case.root)
    await case.desk.delivered()
    agnes.sees_no(number_of("FR"), on=case.root)
    assert "Show numbers and files" in agnes.offered(case.root)


async def test_an_agent_is_a_customer_in_the_personal_chat(desk: Office) -> None:
    number = await opens_a_case(desk.ada)
    chat = desk.teams.person("agnes").conversation
    await desk.teams.say("agnes", f"case {number}", conversation=chat)
    said = desk.teams.messages(chat, sender="bot")[-1]
    assert "There is no case" in reading.words_of(said)


async def test_the_card_says_whom_a_reply_reached(case: Followed, agnes: Person) -> None:
    await agnes.says("The carrier has agreed.", thread=case.root.id)
    await case.desk.delivered()
    agnes.sees("Agnes Desk wrote", "✓ Delivered to Ada Admin, Colin", on=case.root)
    assert not [one for one in case.thread if one.sender == "bot"]
    await agnes.clicks("Take", on=case.root)
    agnes.sees("✓ Delivered to", on=case.root)
    case.desk.ada.never_saw("Delivered")
    case.desk.colin.never_saw("Remis")


async def test_the_thread_says_whom_a_reply_did_not_reach(case: Followed, agnes: Person) -> None:
    case.desk.teams.block("ada")
    await agnes.says("The carrier has agreed.", thread=case.root.id)
    await case.desk.delivered()
    (told,) = [one for one in case.thread if one.sender == "bot"]
    agnes.sees(
        "⚠ Not delivered to Ada Admin: the bot is blocked",
        "They see it when they open the case.",
        on=told,
    )
    agnes.sees("✓ Delivered to Colin", "⚠ Not delivered to Ada Admin", on=case.root)

    case.desk.teams.block("ada", False)
    await case.desk.ada.says("hello")
    await case.desk.delivered()
    heard = case.desk.ada.all_saying("The carrier has agreed.", "Agnes Desk wrote")
    assert sorted(one.summary for one in heard) == [
        f"{case.number}: Agnes Desk wrote",
        f"{case.number}: Submitted",
    ], "the news, once, and the living card"
    agnes.sees("✓ Delivered to Ada Admin, Colin", on=case.root)
    agnes.sees_no("⚠ Not delivered", on=case.root)


async def test_a_note_has_no_receipt(case: Followed, agnes: Person) -> None:
    await agnes.says("note: difficult", thread=case.root.id)
    await case.desk.delivered()
    agnes.sees_no("Delivered", on=case.root)
