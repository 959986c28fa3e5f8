"""A connector and a store on a bad day: nothing is lost, and everybody is told in the end."""

import asyncio
import signal
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import structlog

from cases.errors import Unavailable
from cases.ports import Arrival
from dialogs.chat import Chat
from dialogs.turn import Here, Turn
from sandbox import Fault, Message
from storage.turns import RedisTurns
from tests.chat import reading
from tests.chat.intake import (
    ABOUT,
    INQUIRY,
    PORT,
    finishes,
    gets_to,
    opens_a_case,
    submits,
)
from tests.chat.office import Office, office
from tests.chat.people import Person
from tests.storage.rig import Valkey, until

NAMING_COLIN = replace(INQUIRY, about={**ABOUT, "contacts": "colin@contoso.com"})


@pytest.mark.parametrize(
    "fault",
    [
        Fault(method="POST", status=429, retry_after=1),
        Fault(method="POST", status=502, times=2),
        Fault(method="PUT", status=412),
        Fault(method="POST", drop=True),
    ],
    ids=lambda fault: f"{fault.method} {fault.name}",
)
async def test_a_reply_that_fails_is_said_all_the_same(
    desk: Office, ada: Person, fault: Fault
) -> None:
    form = await gets_to("about", ada)
    desk.teams.faults.add(fault)
    await ada.answers(form, **ABOUT)
    await ada.is_asked("papers")
    assert not ada.offered(form)
    await finishes(ada)


async def test_a_reply_that_never_gets_through_is_seen_with_the_next_word(
    desk: Office, ada: Person
) -> None:
    form = await gets_to("about", ada)
    desk.breaks(403, times=None, who="ada")
    await ada.answers(form, **ABOUT)
    assert ada.asked() == "about", "nothing could be said"
    desk.teams.faults.clear()
    await ada.says("drafts")
    await ada.clicks("resume")
    assert ada.asked() == "papers", "but all was saved"
    await finishes(ada)


@pytest.mark.parametrize("stage", ["category", "country", "case_type", "details", "about"])
async def test_a_card_that_is_gone_is_asked_anew(desk: Office, ada: Person, stage: str) -> None:
    form = await gets_to(stage, ada)
    desk.teams.faults.add(Fault(method="PUT", status=404, code="ActivityNotFound"))
    if stage in {"details", "about"}:
        await ada.answers(form, numbers="none", title="")
        assert ada.open_card.id != form.id
        assert ada.problems
    else:
        await ada.clicks("Back" if stage != "category" else "Finish later")
        if stage == "category":
            await ada.clicks("resume")
    await finishes(ada)


@pytest.mark.parametrize(
    "fault",
    [
        Fault(status=429, retry_after=1),
        Fault(status=412),
        Fault(status=502, times=2),
        Fault(drop=True),
    ],
    ids=lambda fault: fault.name,
)
async def test_a_notice_that_fails_comes_later(
    desk: Office, ada: Person, colin: Person, fault: Fault
) -> None:
    await desk.meets(ada, colin)
    chat = desk.teams.person("colin").conversation
    desk.teams.faults.add(replace(fault, conversation=chat, method="POST"))
    number = await opens_a_case(ada, NAMING_COLIN)
    await desk.delivered()
    assert len(colin.all_saying(number, "Submitted")) == 1


async def test_the_root_post_comes_later_and_its_thread_after_it(
    desk: Office, ada: Person, agnes: Person
) -> None:
    desk.teams.faults.add(
        Fault(method="POST", path="v3/conversations", status=429, retry_after=1, conversation="19:")
    )
    number = await opens_a_case(ada)
    living = await ada.hears(number, "Submitted")
    await ada.clicks("send_comment", on=living, comment_text="one more thing")
    await desk.delivered()
    (thread,) = desk.teams.threads()
    agnes.sees(number, on=thread.root)
    assert any("one more thing" in reading.words_of(one) for one in thread.replies)


async def test_who_blocked_the_bot_hears_again_after_writing(
    desk: Office, ada: Person, colin: Person, agnes: Person
) -> None:
    await desk.meets(ada, colin)
    number = await opens_a_case(ada, NAMING_COLIN)
    await desk.delivered()
    root = desk.teams.threads()[0].root
    desk.teams.block("colin")
    await agnes.clicks("Take", on=root)
    await desk.delivered()
    assert not colin.all_saying("is working on it", number + " · ")
    assert ada.all_saying("is working on it", number + " · "), "others hear"

    await colin.says("my cases")
    colin.sees(number)
    await desk.delivered()
    living = colin.all_saying("Title", number) or colin.all_saying(number, "Opened")
    assert "In progress" in reading.words_of(living[0]), "his card is as it should be again"
    await agnes.clicks("send_resolve", on=root, resolution="problem_solved")
    await desk.delivered()
    assert len(colin.all_saying("resolved the case", number + " · ")) == 1


async def test_a_slow_connector_does_not_keep_teams_waiting(desk: Office, ada: Person) -> None:
    await ada.says("hi")
    desk.teams.faults.add(Fault(method="POST", path="activities", delay=1.5, times=None))
    for words in ("help", "profile", "nobody can know what this means"):
        delivery = await desk.teams.send(desk.teams.activity("ada", text=words))
        assert delivery.status == 202, "it is saved, and still to be answered"
    assert not ada.all_saying("What I can do")
    await ada.hears("What I can do")
    await ada.hears("Did you mean")
    told = [words for one in ada.heard for words in [reading.words_of(one)]]
    order = [
        next(place for place, words in enumerate(told) if part in words)
        for part in ("What I can do", "Language", "Did you mean")
    ]
    assert order == sorted(order), "what was asked first is answered first"
    desk.teams.faults.clear()
    await finishes_after_all(ada)


@pytest.mark.parametrize("delay", [0.5, 3.0], ids=["slow", "slower than anyone waits"])
async def test_a_double_click_while_the_answer_is_on_its_way(
    desk: Office, ada: Person, delay: float
) -> None:
    form = await gets_to("about", ada)
    answer = form.card["actions"][0]["data"] | ABOUT
    before = len(ada.heard)
    desk.teams.faults.add(Fault(path="activities", delay=delay, times=None))
    for _ in range(2):
        press = desk.teams.activity("ada", value=answer, replyToId=form.id)
        assert (await desk.teams.send(press)).status == 202
    await ada.is_asked("papers")
    desk.teams.faults.clear()
    await ada.says("nobody can know what this means")
    await ada.hears("Did you mean")
    stages = [one for one in ada.heard[before:] if "Back" in ada.offered(one)]
    assert len(stages) == 1, "one card follows"
    assert not ada.offered(form), "the answered card is its summary"
    await ada.clicks("resume")
    await finishes(ada)


async def test_a_double_click_whose_card_never_came_shows_it_after_all(
    desk: Office, ada: Person
) -> None:
    form = await gets_to("about", ada)
    answer = form.card["actions"][0]["data"] | ABOUT
    desk.teams.faults.add(Fault(method="POST", path="activities", status=503, delay=0.3, times=3))
    for _ in range(2):
        press = desk.teams.activity("ada", value=answer, replyToId=form.id)
        assert (await desk.teams.send(press)).status == 202
    await ada.is_asked("papers")
    await finishes(ada)


async def test_a_card_that_nobody_waits_for_any_more_is_not_mistaken_for_the_one_before(
    desk: Office, ada: Person
) -> None:
    form = await gets_to("about", ada)
    answer = form.card["actions"][0]["data"] | ABOUT
    desk.teams.faults.add(Fault(method="POST", path="activities", delay=3.5))
    await desk.teams.send(desk.teams.activity("ada", value=answer, replyToId=form.id))
    await desk.teams.send(desk.teams.activity("ada", text="new case"))
    await ada.is_asked("category")
    ada.sees("About the case", on=form)
    await finishes(ada)


async def test_an_answer_that_never_came_leaves_the_open_card_known(
    desk: Office, ada: Person
) -> None:
    form = await gets_to("country", ada)
    desk.teams.faults.add(Fault(method="POST", path="activities", status=403))
    await ada.says("help")
    await ada.says("new case")
    assert not ada.offered(form), "it is put aside for the new one"
    await finishes(ada)


async def test_what_is_asked_while_a_card_is_on_its_way_closes_that_card(
    desk: Office, ada: Person
) -> None:
    await ada.says("hi")
    desk.teams.faults.add(Fault(method="POST", path="activities", delay=1.0))
    for words in ("new case", "new case port in France"):
        assert (await desk.teams.send(desk.teams.activity("ada", text=words))).ok
    await ada.is_asked("details")
    first, second = ada.heard[-2:]
    assert not ada.offered(first)
    assert ada.offered(second)
    await finishes(ada)


async def test_who_executes_is_answered_before_all_is_said(desk: Office, ada: Person) -> None:
    number = await opens_a_case(ada)
    living = await ada.hears(number, "Submitted")
    await desk.delivered()
    desk.teams.faults.add(Fault(method="POST", path="activities", delay=1.5))
    answer = await ada.executes("show", {"case": number}, on=living)
    assert answer.status == 200
    await ada.hears(number, "Opened")


async def test_what_is_answered_at_once_is_acknowledged_after_that(
    desk: Office, ada: Person
) -> None:
    await ada.says("hi")
    delivery = await desk.teams.send(desk.teams.activity("ada", text="help"))
    assert delivery.status in {200, 202}
    assert delivery.status == 202 or ada.all_saying("What I can do")


async def finishes_after_all(who: Person) -> None:
    await gets_to("review", who, INQUIRY)
    await finishes(who, INQUIRY)


@pytest.fixture
def own_store(tmp_path: Path) -> Iterator[Valkey]:
    store = Valkey(tmp_path / "own")
    try:
        yield store.start()
    finally:
        store.kill()


@pytest.fixture
async def frail(own_store: Valkey, tmp_path: Path) -> AsyncIterator[Office]:
    """Opens a desk whose store may be stopped."""
    async with office(own_store, tmp_path / "data") as opened:
        yield opened


@contextmanager
def stopped(store: Valkey) -> Iterator[None]:
    store.tell(signal.SIGSTOP)
    try:
        yield
    finally:
        store.tell(signal.SIGCONT)


@pytest.mark.slow
async def test_a_store_that_does_not_answer(frail: Office) -> None:
    ada, teams = frail.ada, frail.teams
    number = await opens_a_case(ada, INQUIRY)
    living = await ada.hears(number, "Submitted")
    form = await gets_to("details", ada)
    take = {"type": "Action.Execute", "verb": "comment", "data": {"verb": "comment"}}
    answer = form.card["actions"][0]["data"] | PORT.details

    with stopped(frail.valkey):
        async with asyncio.timeout(20):
            message, pressed, executed, ready = await asyncio.gather(
                teams.send(teams.activity("ada", text="help")),
                teams.send(teams.activity("colin", value=answer, replyToId=form.id)),
                teams.press("ada", living.id, take | {"data": {"case": number}}),
                readiness(frail),
            )
        assert message.status == 503
        assert pressed.status == 503
        assert executed.kind == "message"
        # A busy machine may not even know by then that it could not.
        told = ("could not be saved just now", "please press again")
        assert any(sentence in executed.value for sentence in told)
        assert ready == 503

    await ada.answers(form, **PORT.details)
    assert ada.asked() == "about"
    await finishes(ada)
    assert await readiness(frail) == 200


def full(store: Valkey) -> None:
    with store.client() as client:
        client.config_set("maxmemory", 1)


def demoted(store: Valkey) -> None:
    with store.client() as client:
        client.replicaof("127.0.0.1", "1")


def without_disk(store: Valkey) -> None:
    """Let its snapshots fail, whereupon it takes no more writes."""
    (store.folder / "dump.rdb" / "in the way").mkdir(parents=True)
    with store.client() as client:
        client.config_set("save", "3600 1")
        client.bgsave()
        until(lambda: client.info("persistence")["rdb_last_bgsave_status"] == "err")


def mended(store: Valkey) -> None:
    with store.client() as client:
        client.config_set("maxmemory", 0)
        client.replicaof("NO", "ONE")
        client.config_set("save", "")


@pytest.mark.parametrize("breaks", [full, demoted, without_disk])
async def test_a_store_that_takes_no_writes(
    frail: Office, breaks: Callable[[Valkey], None]
) -> None:
    ada = frail.ada
    number = await opens_a_case(ada, INQUIRY)
    living = await ada.hears(number, "Submitted")
    form = await gets_to("details", ada)
    breaks(frail.valkey)
    await says_no(frail, living, form)
    mended(frail.valkey)
    await goes_on(frail, living, form)


async def test_a_store_that_is_loading(frail: Office) -> None:
    ada = frail.ada
    number = await opens_a_case(ada, INQUIRY)
    living = await ada.hears(number, "Submitted")
    form = await gets_to("details", ada)
    await frail.delivered()
    await asyncio.to_thread(frail.valkey.load_slowly)
    until(lambda: is_loading(frail.valkey))
    await says_no(frail, living, form)
    assert is_loading(frail.valkey), "it was asked while it loaded"
    await frail.teams.until(lambda: not is_loading(frail.valkey), within=15)
    await goes_on(frail, living, form)


def is_loading(store: Valkey) -> bool:
    with store.client() as client:
        return bool(client.info("persistence")["loading"])


async def says_no(desk: Office, living: Message, form: Message) -> None:
    """Check that nobody is told that anything was done."""
    teams, number = desk.teams, living.summary.partition(":")[0]
    answer = form.card["actions"][0]["data"] | PORT.details
    comment = {"verb": "comment", "data": {"verb": "comment", "case": number}}
    async with asyncio.timeout(20):
        message, pressed, executed = await asyncio.gather(
            teams.send(teams.activity("colin", text="help")),
            teams.send(teams.activity("ada", value=answer, replyToId=form.id)),
            teams.press("ada", living.id, {"type": "Action.Execute", **comment}),
        )
    assert (message.status, pressed.status) == (503, 503)
    assert executed.kind == "message"
    assert "could not be saved just now" in executed.value


async def goes_on(desk: Office, living: Message, form: Message) -> None:
    """Check that all works again at once, and that nothing of before is lost or done."""
    async with asyncio.timeout(20):
        await desk.ada.answers(form, **PORT.details)
    assert desk.ada.asked() == "about"
    await finishes(desk.ada)
    await desk.ada.clicks("send_comment", on=living, comment_text="still there?")
    await desk.delivered()
    root = next(one.root for one in desk.teams.threads() if one.root.summary == living.summary)
    desk.agnes.sees("still there?", on=root)


async def readiness(desk: Office) -> int:
    async with desk.web.get(f"{desk.base_url}/readyz") as answer:
        return answer.status


async def test_a_word_that_came_while_the_store_slept_is_heard_once(frail: Office) -> None:
    ada = frail.ada
    await ada.says("hi")
    with stopped(frail.valkey):
        saying = asyncio.create_task(ada.says("new case"))
        await asyncio.sleep(1)
    await saying
    assert len(ada.all_saying("What can the desk do for you?")) == 1
    await finishes(ada)


async def test_an_old_card_that_cannot_be_replaced_does_not_hold_up_the_next(
    desk: Office, ada: Person
) -> None:
    form = await gets_to("country", ada)
    desk.teams.faults.add(Fault(method="PUT", status=500, times=None))
    await ada.answers(form, country="FR")
    await ada.is_asked("case_type")
    desk.teams.faults.clear()
    await finishes(ada)


SHOWN_AND_DENIED = [
    Fault(method="POST", status=503, deliver=True),
    Fault(method="POST", drop=True, deliver=True),
]


@pytest.mark.parametrize("fault", SHOWN_AND_DENIED, ids=lambda fault: fault.name)
async def test_a_case_comes_to_the_channel_once_though_teams_denies_it(
    desk: Office, ada: Person, agnes: Person, fault: Fault
) -> None:
    await desk.meets(ada)
    await gets_to("review", ada)
    # Whichever comes first, the card in the chat or the post in the channel.
    desk.teams.faults.add(replace(fault, times=2))
    number = await submits(ada)
    await desk.delivered()
    (thread,) = desk.teams.threads()
    await agnes.says("Here we are.", thread=thread.root.id)
    await desk.delivered()
    assert ada.all_saying("Here we are.", number)
    agnes.sees("Agnes Desk wrote", "✓ Delivered to Ada Admin", on=thread.root)


@pytest.mark.parametrize("fault", SHOWN_AND_DENIED, ids=lambda fault: fault.name)
async def test_a_comment_comes_to_its_thread_once_though_teams_denies_it(
    desk: Office, ada: Person, fault: Fault
) -> None:
    await desk.meets(ada)
    number = await opens_a_case(ada)
    await desk.delivered()
    (thread,) = desk.teams.threads()
    desk.teams.faults.add(replace(fault, conversation=thread.root.id))
    await ada.says(f"case {number}")
    await ada.clicks("send_comment", on=ada.latest, comment_text="Any news of the carrier?")
    await desk.delivered()
    (thread,) = desk.teams.threads()
    assert [one.sender for one in thread.replies] == ["bot"]


async def test_without_the_grant_to_read_the_channel_it_comes_at_least_once(
    desk: Office, ada: Person
) -> None:
    await desk.meets(ada)
    number = await opens_a_case(ada)
    await desk.delivered()
    (thread,) = desk.teams.threads()
    desk.teams.faults.add(Fault(method="GET", path="graph/", status=403, times=None))
    desk.teams.faults.add(replace(SHOWN_AND_DENIED[0], conversation=thread.root.id))
    await ada.says(f"case {number}")
    await ada.clicks("send_comment", on=ada.latest, comment_text="Any news of the carrier?")
    await desk.delivered()
    (thread,) = desk.teams.threads()
    assert [one.sender for one in thread.replies] == ["bot", "bot"]


async def test_a_fault_of_ours_is_told(desk: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    ada = desk.ada
    await ada.says("help")

    async def broken(_self: Chat, _here: Here) -> Turn:
        raise ZeroDivisionError

    with monkeypatch.context() as patched:
        patched.setattr(Chat, "turn", broken)
        with structlog.testing.capture_logs() as logs:
            await ada.says("profile")
        await ada.hears("Something went wrong", logs[0]["reference"])
    await ada.says("profile")
    ada.sees("Your profile")


@contextmanager
def losing_answers(patched: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Has the store save a turn and its answer be lost, once; yields the activities."""
    put, lost = RedisTurns.put, list[str]()

    async def losing(self: RedisTurns, arrival: Arrival, lease: str, **values: Any) -> bool:
        saved = await put(self, arrival, lease, **values)
        if not lost:
            lost.append(arrival.activity)
            raise Unavailable("timeout")
        return saved

    with patched.context() as once:
        once.setattr(RedisTurns, "put", losing)
        yield lost


async def test_what_was_saved_without_an_answer_is_said_all_the_same(
    desk: Office, ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    await gets_to("papers", ada)
    with losing_answers(monkeypatch) as lost:
        await ada.drops("loa.pdf")
    assert lost
    await ada.hears("“loa.pdf” is in")
    assert len(ada.all_saying("“loa.pdf” is in")) == 1
    await desk.teams.resend()
    assert len(ada.all_saying("“loa.pdf” is in")) == 1
    number = await opens_a_case(ada, INQUIRY)
    with losing_answers(monkeypatch) as lost:
        await ada.drops("loa.pdf", text=f"{number} here it is, at last")
    assert lost
    await ada.hears(f"Added to {number}")
    assert len(ada.all_saying(f"Added to {number}")) == 1


async def test_what_is_no_news_any_more_is_not_said(
    desk: Office, ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    form = await gets_to("about", ada)
    answer = form.card["actions"][0]["data"] | ABOUT
    first, second = (desk.teams.activity("ada", value=answer, replyToId=form.id) for _ in range(2))
    with losing_answers(monkeypatch) as lost:
        assert (await desk.teams.send(first)).status == 503
    assert lost
    assert (await desk.teams.send(second)).ok
    await ada.is_asked("papers")
    await ada.drops("loa.pdf")
    heard = len(ada.heard)
    assert (await desk.teams.send(first)).ok
    assert len(ada.heard) == heard
    await finishes(ada)
