"""What the desk hears of how its words reached people."""

from dataclasses import replace

import pytest

from cases import deeds
from cases.model import Notice, Receipt, Recipient
from cases.ports import Found, Outcome, Sent
from cases.vocabulary import NoticeKind, Obstacle, Role, Way
from delivery.receipts import obstacle_of
from tests.delivery.desk import ADA, BY, CASE, THE_DESK, Waiting, event, person
from tests.delivery.test_by_mail import Mail
from tests.delivery.test_worker import Rig

AGENT = BY.but(user="agnes", name="Agnes", role=Role.AGENT)
SAID = event("e1").but(by=AGENT)
BLOCKED = "403 MessageWritesBlocked"


@pytest.fixture
async def rig() -> Rig:
    found = Rig()
    found.directory.people["ada"] = ADA.but(name="Ada Admin", email="ada@x.com")
    found.cases.events = [SAID]
    return found


def queue(rig: Rig, to: Recipient | None = None) -> Waiting:
    """Queue what an agent said."""
    entry = rig.outbox.queue(to=to)
    entry.notice = Notice.about(CASE, SAID, to or person(), NoticeKind.MESSAGE)
    return entry


def receipt(way: Way, obstacle: Obstacle | None = None, name: str = "Ada Admin") -> Receipt:
    return Receipt(event="e1", name=name, way=way, obstacle=obstacle)


async def test_what_came_to_the_chat_is_told(rig: Rig) -> None:
    queue(rig)
    await rig.settles()
    assert rig.outbox.receipts == [receipt(Way.CHAT)]


async def test_what_nobody_asked_about_is_not(rig: Rig) -> None:
    rig.outbox.queue()
    rig.outbox.queue(NoticeKind.UPDATE, event_id="e0")
    await rig.settles(1)
    assert rig.outbox.receipts == []


async def test_a_chat_that_is_blocked_is_told_with_the_mail_that_went_instead(rig: Rig) -> None:
    rig.build(mail=Mail())
    rig.wire.outcomes.append(Outcome(Sent.GONE, why=BLOCKED))
    queue(rig)
    await rig.settles(2)
    assert rig.outbox.receipts == [receipt(Way.MAIL, Obstacle.BLOCKED)]


async def test_nor_is_there_a_mail_server(rig: Rig) -> None:
    rig.wire.outcomes.append(Outcome(Sent.GONE, why=BLOCKED))
    queue(rig)
    await rig.settles()
    assert rig.outbox.log == [("dead", BLOCKED, "missed")]
    assert rig.outbox.receipts == [receipt(Way.NONE, Obstacle.BLOCKED)]


async def test_someone_blocked_before_is_told_of_as_well(rig: Rig) -> None:
    ada = rig.directory.people["ada"] = ADA.but(name="Ada Admin", blocked="uninstalled")
    queue(rig)
    claim = rig.outbox._claim
    rig.outbox._claim = lambda head, worker: replace(  # type: ignore[method-assign]
        claim(head, worker), found=Found(person=ada)
    )
    await rig.settles()
    assert rig.outbox.receipts == [receipt(Way.NONE, Obstacle.REMOVED)]


async def test_mail_is_the_usual_way_to_an_address(rig: Rig) -> None:
    rig.build(mail=Mail())
    queue(rig, deeds.mailbox("nobody@x.com"))
    await rig.settles()
    assert rig.outbox.receipts == [receipt(Way.MAIL, name="nobody@x.com")]


async def test_without_mail_an_address_is_not_reached(rig: Rig) -> None:
    queue(rig, deeds.mailbox("nobody@x.com"))
    await rig.settles()
    assert rig.outbox.receipts == [receipt(Way.NONE, Obstacle.UNMET, "nobody@x.com")]


async def test_a_message_that_is_refused_for_what_it_is_goes_by_mail(rig: Rig) -> None:
    rig.build(mail=Mail())
    rig.wire.outcomes.append(Outcome(Sent.WRONG, why="413 MessageSizeTooBig"))
    queue(rig)
    await rig.settles()
    assert rig.outbox.receipts == [receipt(Way.MAIL, Obstacle.REFUSED)]


@pytest.mark.parametrize(
    "why, means",
    [
        ("403 ConversationBlockedByUser", Obstacle.BLOCKED),
        ("403 BotNotInConversationRoster", Obstacle.REMOVED),
        ("404 ConversationNotFound", Obstacle.REMOVED),
        ("uninstalled", Obstacle.REMOVED),
        ("unreachable", Obstacle.UNMET),
        ("expired: 503", Obstacle.LATE),
        ("413 MessageSizeTooBig", Obstacle.REFUSED),
        ("mail_refused", Obstacle.REFUSED),
    ],
)
def test_reasons_are_told_in_few_words(why: str, means: Obstacle) -> None:
    assert obstacle_of(why) is means


class TestWhatTheDeskHears:
    def of(self, said: Receipt) -> list[NoticeKind]:
        notice = Notice.about(CASE, SAID, person(), NoticeKind.MESSAGE)
        assert {one.to for one in notice.heard(said)} == {THE_DESK}
        return [one.kind for one in notice.heard(said)]

    def test_a_delivery_only_changes_the_card(self) -> None:
        assert self.of(receipt(Way.CHAT)) == [NoticeKind.UPDATE]
        assert self.of(receipt(Way.MAIL)) == [NoticeKind.UPDATE]

    @pytest.mark.parametrize("way", [Way.MAIL, Way.NONE])
    def test_an_obstacle_is_a_message_of_its_own(self, way: Way) -> None:
        assert self.of(receipt(way, Obstacle.BLOCKED)) == [NoticeKind.RECEIPT, NoticeKind.UPDATE]

    def test_the_same_is_heard_once_and_a_change_again(self) -> None:
        notice = Notice.about(CASE, SAID, person(), NoticeKind.MESSAGE)
        missed, again, came = (
            {one.id for one in notice.heard(said)}
            for said in (
                receipt(Way.NONE, Obstacle.BLOCKED),
                receipt(Way.NONE, Obstacle.BLOCKED),
                receipt(Way.CHAT),
            )
        )
        assert missed == again
        assert not missed & came

    @pytest.mark.parametrize("role", [Role.REQUESTER, Role.COLLEAGUE])
    def test_what_customers_say_is_not_reported(self, role: Role) -> None:
        said = SAID.but(by=BY.but(role=role))
        assert not Notice.about(CASE, said, person("colin"), NoticeKind.MESSAGE).reports
