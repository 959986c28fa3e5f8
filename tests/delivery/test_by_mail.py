"""Who gets mail, who is told in the chat, and what follows from what a mail server answers."""

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from cases import deeds
from cases.model import Case, Event, Notice, Person, Posted
from cases.ports import Outcome, Sent
from cases.vocabulary import NoticeKind
from delivery.fates import ToMailbox
from delivery.postman import MAILS_AT_ONCE
from tests.delivery.desk import ADA, CASE, NOW, NUMBER, event, person
from tests.delivery.test_worker import Rig, come_true

CARD, MESSAGE, UPDATE = NoticeKind.CARD, NoticeKind.MESSAGE, NoticeKind.UPDATE
S = timedelta(seconds=1)
NOBODY = deeds.mailbox("nobody@x.com")
NED = Person(
    tenant=ADA.tenant,
    user="ned",
    channel_user="29:ned",
    service_url="https://smba/",
    conversation="a:ned",
    email="nobody@x.com",
    locale="fr-FR",
)
DAN = NED.but(user="dan", email="dan@x.com", conversation="a:dan", locale="")


@dataclass
class Mail:
    """Gives the next outcome, a success when none is left; notes what was sent where."""

    outcomes: list[Outcome] = field(default_factory=list)
    sent: list[ToMailbox] = field(default_factory=list)
    holding: asyncio.Event | None = None

    @property
    def reached(self) -> list[tuple[str, str]]:
        """Whose mailboxes it went to, each with the language to begin in."""
        return [(to.address, to.locale) for to in self.sent]

    async def send(self, notice: Notice, case: Case, event: Event, to: ToMailbox) -> Outcome:
        self.sent.append(to)
        if self.holding is not None:
            await self.holding.wait()
        return self.outcomes.pop(0) if self.outcomes else Outcome(Sent.DONE)


@pytest.fixture
async def rig() -> Rig:
    return Rig()


@pytest.fixture
def mail(rig: Rig) -> Mail:
    """A way to send mail, of which the worker knows."""
    way = Mail()
    rig.build(mail=way)
    return way


class TestSomeoneKnownByAnAddress:
    async def test_gets_mail(self, rig: Rig, mail: Mail) -> None:
        rig.outbox.queue(to=NOBODY)
        assert await rig.settles() == [("done", None)]
        assert mail.reached == [("nobody@x.com", "")]
        assert rig.counted("settled_total", how="mailed") == 1
        assert rig.counted("mails_total", outcome="done") == 1
        assert rig.wire.asked == []

    async def test_is_left_in_peace_without_a_mail_server(
        self, rig: Rig, caplog: pytest.LogCaptureFixture
    ) -> None:
        rig.outbox.queue(to=NOBODY)
        assert await rig.settles() == [("done", None)]
        assert rig.counted("settled_total", how="nobody_to_reach") == 1
        assert not caplog.records

    async def test_is_told_in_the_chat_once_there_is_one(self, rig: Rig, mail: Mail) -> None:
        rig.directory.people["ned"] = NED
        rig.outbox.queue(to=NOBODY)
        assert await rig.settles() == [("done", None)]
        assert rig.wire.asked == [("post", "a:ned")]
        assert mail.sent == []

    async def test_has_a_living_card_then(self, rig: Rig, mail: Mail) -> None:
        rig.directory.people["ned"] = NED
        rig.outbox.queue(CARD, NOBODY)
        await rig.settles()
        assert rig.outbox.standing == {
            (NUMBER, person("ned").key): Posted(conversation="a:ned", activity="m1")
        }

    async def test_is_told_once_if_told_in_their_own_name(self, rig: Rig, mail: Mail) -> None:
        rig.directory.people["ned"] = NED
        rig.outbox.known = {Notice.about(CASE, event(), person("ned"), MESSAGE).id}
        rig.outbox.queue(to=NOBODY)
        rig.outbox.queue(to=NOBODY, event_id="e2")
        assert await rig.settles(2) == [("done", None)] * 2
        assert rig.counted("settled_total", how="told_already") == 1
        assert rig.wire.asked == [("post", "a:ned")]

    async def test_gets_one_mail_if_mailed_in_their_own_name(self, rig: Rig, mail: Mail) -> None:
        rig.directory.people["ned"] = NED.but(blocked="403")
        own = rig.outbox.queue(to=person("ned"))
        rig.outbox.known = {own.notice.id}
        rig.outbox.queue(to=NOBODY)
        assert await rig.settles(2) == [("done", None)] * 2
        assert mail.reached == [("nobody@x.com", "fr-FR")]

    async def test_hears_nothing_of_what_they_did(self, rig: Rig, mail: Mail) -> None:
        rig.directory.people["ada"] = ADA.but(email="nobody@x.com")
        rig.outbox.queue(to=NOBODY)
        assert await rig.settles() == [("done", None)]
        assert (mail.sent, rig.wire.asked) == ([], [])

    async def test_gets_mail_in_their_language_while_unreachable(
        self, rig: Rig, mail: Mail
    ) -> None:
        rig.directory.people["ned"] = NED.but(blocked="uninstalled")
        rig.outbox.queue(to=NOBODY)
        await rig.settles()
        assert mail.reached == [("nobody@x.com", "fr-FR")]

    async def test_gets_mail_if_the_chat_turns_out_to_be_gone(self, rig: Rig, mail: Mail) -> None:
        rig.directory.people["ned"] = NED
        rig.wire.outcomes.append(Outcome(Sent.GONE, why="403"))
        rig.outbox.queue(to=NOBODY)
        log = await rig.settles(2)
        assert [entry[0] for entry in log] == ["retry", "done"]
        assert rig.directory.people["ned"].blocked == "403"
        assert mail.reached == [("nobody@x.com", "fr-FR")]


class TestSomeoneWhomTeamsDoesNotReach:
    @pytest.mark.parametrize("kind", [CARD, MESSAGE])
    @pytest.mark.parametrize(
        "missing", [{"blocked": "403"}, {"conversation": "", "channel_user": ""}]
    )
    async def test_gets_mail(
        self, rig: Rig, mail: Mail, kind: NoticeKind, missing: dict[str, str]
    ) -> None:
        rig.directory.people["dan"] = DAN.but(**missing)
        rig.outbox.queue(kind, person("dan"))
        assert await rig.settles() == [("done", None)]
        assert mail.reached == [("dan@x.com", "")]

    async def test_gets_no_mail_about_a_card(self, rig: Rig, mail: Mail) -> None:
        rig.outbox.standing[NUMBER, person("dan").key] = Posted(conversation="a:dan", activity="m")
        rig.directory.people["dan"] = DAN.but(blocked="403")
        rig.outbox.queue(UPDATE, person("dan"))
        assert await rig.settles() == [("miss", "unreachable")]
        assert mail.sent == []

    async def test_hears_nothing_of_what_they_did(self, rig: Rig, mail: Mail) -> None:
        rig.directory.people["ada"] = ADA.but(blocked="403", email="ada@x.com")
        rig.outbox.queue(CARD, person("ada"))
        assert await rig.settles() == [("done", None)]
        assert mail.sent == []

    async def test_is_missed_without_an_address(self, rig: Rig, mail: Mail) -> None:
        rig.directory.people["dan"] = DAN.but(blocked="403", email="")
        rig.outbox.queue(to=person("dan"))
        assert await rig.settles() == [("dead", "unreachable", "missed")]

    async def test_gets_by_mail_what_the_chat_refuses(self, rig: Rig, mail: Mail) -> None:
        rig.directory.people["dan"] = DAN
        rig.wire.outcomes.append(Outcome(Sent.WRONG, why="413"))
        rig.outbox.queue(to=person("dan"))
        assert await rig.settles() == [("done", None)]
        assert rig.counted("settled_total", how="mailed") == 1

    async def test_gets_it_by_mail_though_all_mail_connections_are_in_use(
        self, rig: Rig, mail: Mail
    ) -> None:
        mail.holding = asyncio.Event()
        for number in range(MAILS_AT_ONCE):
            rig.outbox.queue(to=deeds.mailbox(f"{number}@x.com"))
        running = asyncio.create_task(rig.worker.run())
        await come_true(lambda: len(mail.sent) == MAILS_AT_ONCE)
        rig.directory.people["dan"] = DAN
        rig.wire.outcomes.append(Outcome(Sent.WRONG, why="413"))
        rig.outbox.queue(to=person("dan"))
        await come_true(lambda: rig.wire.asked == [("post", "a:dan")])
        mail.holding.set()
        await come_true(lambda: rig.outbox.empty)
        await rig.worker.stop()
        await running
        assert len(mail.sent) == MAILS_AT_ONCE + 1
        assert all(entry[0] == "done" for entry in rig.outbox.log), rig.outbox.log

    async def test_is_told_in_the_chat_when_back_before_the_mail_server(
        self, rig: Rig, mail: Mail
    ) -> None:
        rig.directory.people["dan"] = DAN.but(blocked="403")
        mail.outcomes = [Outcome(Sent.LATER, why="mail_connection")]
        rig.outbox.queue(to=person("dan"))
        await rig.settles()
        rig.directory.people["dan"] = DAN
        rig.later(seconds=1)
        rig.build(mail=mail)
        await rig.settles(2)
        assert rig.wire.asked == [("post", "a:dan")]
        assert len(mail.sent) == 1


POLICY: dict[str, tuple[Outcome, dict[str, Any], tuple[Any, ...]]] = {
    "refused": (Outcome(Sent.GONE, why="mail_refused"), {}, ("dead", "mail_refused")),
    "busy": (Outcome(Sent.LATER, why="mail_451"), {}, ("retry", S, "mail_451", False)),
    "away for long": (
        Outcome(Sent.LATER, why="mail_connection"), {"tries": 200},
        ("retry", 300 * S, "mail_connection", False),
    ),
    "away for a day": (
        Outcome(Sent.LATER, why="mail_connection"), {"first": NOW - timedelta(hours=24)},
        ("dead", "expired: mail_connection"),
    ),
    "our login": (
        Outcome(Sent.UNAUTHORIZED, why="mail_535"), {}, ("retry", 61 * S, "mail_535", False),
    ),
    "lost": (Outcome(Sent.FAULT, why="mail_lost"), {}, ("retry", S, "mail_lost", True)),
    "lost three times": (
        Outcome(Sent.FAULT, why="mail_lost"), {"faults": 2, "tries": 2}, ("dead", "mail_lost"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", POLICY)
async def test_what_follows_from_an_answer(rig: Rig, mail: Mail, name: str) -> None:
    outcome, tried, settled = POLICY[name]
    mail.outcomes = [outcome]
    rig.outbox.queue(to=NOBODY, **tried)
    assert await rig.settles() == [settled]


async def test_a_person_whose_mail_is_refused_too_is_missed(rig: Rig, mail: Mail) -> None:
    rig.directory.people["dan"] = DAN.but(blocked="403")
    mail.outcomes = [Outcome(Sent.GONE, why="mail_refused")]
    rig.outbox.queue(to=person("dan"))
    assert await rig.settles() == [("dead", "mail_refused", "missed")]


async def test_a_slow_mail_server_delays_no_chat(rig: Rig, mail: Mail) -> None:
    mail.holding = asyncio.Event()
    for number in range(40):
        rig.outbox.queue(to=deeds.mailbox(f"{number}@x.com"))
    running = asyncio.create_task(rig.worker.run())
    await come_true(lambda: rig.counted("retries_total", reason="mail_busy") >= 35)
    assert len(mail.sent) == MAILS_AT_ONCE
    assert rig.worker.in_flight == MAILS_AT_ONCE
    rig.directory.people["dan"] = DAN
    rig.outbox.queue(to=person("dan"))
    await come_true(lambda: rig.wire.asked == [("post", "a:dan")])
    waits = [entry[1] for entry in rig.outbox.log if entry[0] == "retry"]
    assert len(set(waits[:35])) == 35, "they do not come back all at once"
    mail.holding.set()
    await come_true(lambda: rig.outbox.empty, lambda: rig.later(seconds=1))
    await rig.worker.stop()
    await running
    assert len(mail.sent) == 40
    assert all(waiting.tries == 0 for lane in rig.outbox.lanes.values() for waiting in lane)
