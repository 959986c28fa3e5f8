"""Values that no card of ours sends: taken for what they are, and never more."""

from typing import Any

import pytest

from cases.vocabulary import Verb
from tests.chat.intake import INQUIRY, PORT, finishes, gets_to, opens_a_case
from tests.chat.office import Office
from tests.chat.people import Person

JUNK: dict[str, Any] = {
    "a list": [1, 2, 3],
    "words": "country=FR",
    "a number": 42,
    "nothing": {},
    "nested": {"stage": "country", "country": {"iso": ["FR"]}},
    "wrong types": {"verb": ["send"], "draft": 7, "rev": "many"},
    "unknown verb": {"verb": "promote"},
    "empty verb": {"verb": ""},
    "the verb of opening": {"verb": "open"},
    "a case without a number": {"verb": "take", "case": ""},
    "a case that cannot be": {"verb": "take", "case": "TNS-../../etc"},
    "a very long case": {"verb": "take", "case": "TNS-" + "9" * 400},
    "an unknown draft": {"verb": "send", "draft": "f" * 32},
    "a draft with odd signs": {"verb": "resume", "draft": "\x00\n}{*:\U0001f600"},
    "an unknown stage": {"verb": "answer", "stage": "admin"},
    "an unknown stage to change": {"verb": "change", "value": "admin"},
    "an unknown command": {"verb": "command", "command": "shutdown"},
    "a bad cursor": {"verb": "command", "command": "my_cases", "cursor": "../../1"},
    "a negative revision": {"verb": "back", "rev": -1},
    "a huge revision": {"verb": "answer", "rev": 10**30},
    "a field of its own": {"verb": "answer", "field": "status", "value": "resolved"},
    "half a character": {"verb": "answer", "country": "\ud800"},
    "half a draft": {"verb": "resume", "draft": "\ud800"},
    "half a case": {"verb": "show", "case": "TNS-\ud800"},
}


@pytest.mark.parametrize("what", JUNK)
async def test_junk_gets_an_answer_and_does_no_harm(desk: Office, ada: Person, what: str) -> None:
    form = await gets_to("country", ada)
    calls = len(desk.teams.world.calls)

    pressed = desk.teams.activity("ada", value=JUNK[what], text=None, replyToId=form.id)
    delivery = await desk.teams.send(pressed)

    assert delivery.ok or (delivery.status == 400 and "half" in what), delivery
    if delivery.ok:
        assert len(desk.teams.world.calls) > calls, "something is said"
    ada.never_saw("wrong on our side")
    await ada.says("drafts")
    await ada.clicks("resume")
    await finishes(ada)
    await desk.delivered()
    assert len(desk.teams.threads()) == 1


async def test_junk_executed_is_answered_with_a_line(desk: Office, ada: Person) -> None:
    await opens_a_case(ada)
    await desk.delivered()
    for what, data in JUNK.items():
        activity = desk.teams.activity(
            "ada",
            type="invoke",
            name="adaptiveCard/action",
            value={"action": {"type": "Action.Execute", "verb": "take", "data": data}},
            replyToId=ada.open_card.id,
        )
        delivery = await desk.teams.send(activity)
        if "half" in what:
            assert delivery.status in {200, 400}, what
            continue
        assert delivery.status == 200, what
        assert delivery.body["type"], what
        assert "wrong on our side" not in str(delivery.body), what


@pytest.mark.parametrize(
    "action", [None, {}, {"verb": 3}, {"data": {}}, "take", [], {"verb": None, "data": None}]
)
async def test_a_malformed_action_is_refused_with_a_body(
    desk: Office, ada: Person, action: object
) -> None:
    number = await opens_a_case(ada)
    activity = desk.teams.activity(
        "ada", type="invoke", name="adaptiveCard/action", value={"action": action}
    )
    delivery = await desk.teams.send(activity)
    assert delivery.status == 200
    assert delivery.body["statusCode"] == 400
    assert delivery.body["type"] == "application/vnd.microsoft.error"
    await ada.says(f"case {number}")
    ada.sees("Submitted")


async def test_values_written_by_hand_work_without_draft_and_revision(ada: Person) -> None:
    await ada.says("new case")
    await ada.sends({"stage": "category", "category": "new_request"})
    await ada.sends({"stage": "country", "country": "FR"})
    await ada.sends({"stage": "case_type", "case_type": "port_in"})
    await ada.sends({"stage": "details", **PORT.details})
    await ada.sends({"stage": "about", **PORT.about, "severity": "c"})
    await ada.drops("loa.pdf")
    await ada.sends({"stage": "papers"})
    review = ada.open_card
    await ada.sends({"verb": "submit"})
    ada.sees("Your case is TNS-", on=review)


async def test_values_written_by_hand_need_no_stage(ada: Person) -> None:
    await ada.says("new case")
    await ada.sends({"category": "general_inquiry"})
    await ada.sends({"country": "JP"})
    # What is chosen at first need not be sent along.
    await ada.sends({**INQUIRY.about})
    review = ada.open_card
    await ada.sends({"verb": "send"})
    ada.sees("Your case is TNS-", on=review)


@pytest.mark.parametrize("by", ["submit", "execute"])
async def test_another_tenants_case_does_not_exist(
    desk: Office, ada: Person, eve: Person, by: str
) -> None:
    number = await opens_a_case(ada)
    await eve.says("hello")
    hello = eve.open_card
    for verb in (*Verb, "show"):
        value = {
            "verb": verb,
            "case": number,
            "view": "card",
            f"{verb}_text": "let me in",
            "resolution": "problem_solved",
            "cancel_reason": "duplicate",
            "role": "agent",
            "tenant": desk.teams.person("ada").tenant,
        }
        if by == "submit":
            await eve.sends(value, on=hello)
            eve.sees(f"There is no case {number}, or it is not one of yours")
        else:
            answer = await eve.executes(verb, value, on=hello)
            assert answer.kind == "message", verb
            assert answer.value == f"There is no case {number}, or it is not one of yours."
    await desk.delivered()
    eve.never_saw("Numbers for the office")
    await ada.says(f"case {number}")
    ada.sees("Submitted")
    ada.sees_no("let me in")


async def test_another_persons_draft_does_not_exist(ada: Person, colin: Person) -> None:
    form = await gets_to("about", ada)
    draft = form.card["actions"][0]["data"]["draft"]
    await colin.says("hello")
    hello = colin.open_card
    for verb in ("answer", "resume", "send", "discard", "back"):
        await colin.sends({"verb": verb, "draft": draft, "title": "mine"}, on=hello)
        colin.sees("This draft is no longer there", on=hello)
    colin.never_saw("Paris office")
    await finishes(ada)


async def test_another_tenants_draft_does_not_exist(ada: Person, eve: Person) -> None:
    form = await gets_to("review", ada)
    draft = form.card["actions"][0]["data"]["draft"]
    await eve.says("hello")
    hello = eve.open_card
    await eve.sends({"verb": "send", "draft": draft}, on=hello)
    eve.sees("This draft is no longer there", on=hello)
    await finishes(ada)


async def test_a_customer_is_no_agent_by_saying_so(desk: Office, ada: Person) -> None:
    number = await opens_a_case(ada)
    await desk.delivered()
    for verb in ("take", "note", "ask", "hold", "unmask"):
        answer = await ada.executes(verb, {"verb": verb, "case": number, f"{verb}_text": "me"})
        assert answer.kind == "card"
        assert "Agent" not in str(answer.value)
    await ada.says(f"case {number}")
    ada.sees("Submitted")


async def test_a_colleague_cannot_do_what_is_the_requesters(ada: Person, colin: Person) -> None:
    number = await opens_a_case(ada)
    await colin.says("hello")
    for verb, choice in (("resolve", "resolution"), ("cancel", "cancel_reason")):
        value = {"verb": verb, "case": number, choice: "duplicate", "resolution": "problem_solved"}
        answer = await colin.executes(verb, value)
        assert "You may not do this" in str(answer.value)
    await ada.says(f"case {number}")
    ada.sees("Submitted")


async def test_a_tenant_that_contradicts_itself_is_not_let_in(desk: Office, ada: Person) -> None:
    number = await opens_a_case(ada)
    forged = desk.teams.activity("eve", text=f"case {number}")
    forged["channelData"] = {"tenant": {"id": desk.teams.person("ada").tenant}}
    await desk.teams.send(forged)
    desk.eve.never_saw("Numbers for the office")
