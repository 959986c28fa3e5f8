"""The contract of `Outbox`."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from cases.errors import Rejected
from cases.model import Case, Posted, Receipt, Recipient
from cases.ports import Backlog, Claim, DeadLetter, Found, Marked, Opening, Replayed
from cases.vocabulary import NoticeKind, Obstacle, Role, Verb, Way
from delivery import worker
from storage import keys
from storage.keys import of_tenant
from storage.outbox import SWEEP_EVERY, RedisOutbox
from tests.storage.conftest import Stores
from tests.storage.samples import (
    ACME,
    ANN,
    DESK,
    OTHER,
    POSTED,
    TO_ANN,
    TO_BOB,
    arrival,
    case,
    comment,
    event,
    names,
    notice,
    person,
)

SHORT = timedelta(milliseconds=80)


async def open_case(
    stores: Stores, uid: str = "draft-1", to: tuple[Recipient, ...] = (DESK,), tenant: str = ACME
) -> Case:
    opened, first = case(uid, tenant), event(f"open-{uid}")
    made = await stores.cases.create(
        Opening(opened, first, [notice(opened, first, one) for one in to])
    )
    return opened.but(number=made.number)


async def say(stores: Stores, about: Case, name: str, *to: Recipient) -> None:
    await stores.cases.change(comment(about, name, to=to))


def elsewhere(stores: Stores, lease: timedelta = timedelta(seconds=30)) -> RedisOutbox:
    """An outbox of another process, which no one rings."""
    return RedisOutbox(stores.server, lease=lease)


async def only(outbox: RedisOutbox, worker: str = "w") -> Claim:
    claims = await outbox.claim(worker, 10)
    assert len(claims) == 1
    return claims[0]


class TestClaim:
    async def test_a_notice_is_claimed_whole(self, stores: Stores) -> None:
        before = datetime.now(UTC)
        opened = await open_case(stores)
        claim = await only(stores.outbox)
        assert claim.notice == notice(opened, event("open-draft-1"))
        assert claim.notice.case == opened.number
        assert (claim.tenant, claim.attempts, claim.in_doubt) == (ACME, 0, False)
        assert abs(claim.first_due - before) < timedelta(seconds=5)

    async def test_nobody_else_gets_it_meanwhile(self, stores: Stores) -> None:
        await open_case(stores)
        await only(stores.outbox)
        assert await stores.outbox.claim("w", 10) == ()
        assert await elsewhere(stores).claim("v", 10) == ()

    async def test_another_process_finds_it_by_itself(self, stores: Stores) -> None:
        await open_case(stores)
        assert names(await elsewhere(stores).claim("v", 10)) == ["open-draft-1"]

    async def test_two_workers_never_share_a_notice(self, stores: Stores) -> None:
        for at in range(40):
            await open_case(stores, f"d-{at}", tenant=f"tenant-{at % 7}")
        workers = [elsewhere(stores) for _ in range(4)]
        found = await asyncio.gather(*(each.claim(f"w{at}", 40) for at, each in enumerate(workers)))
        got = [name for claims in found for name in names(claims)]
        assert len(got) == len(set(got))
        while more := await workers[0].claim("w0", 40):
            got += names(more)
        assert sorted(got) == sorted(f"open-d-{at}" for at in range(40))

    async def test_never_more_than_asked_for_and_none_forgotten(self, stores: Stores) -> None:
        for at in range(30):
            await open_case(stores, f"d-{at}", tenant=f"tenant-{at}")
        got: list[str] = []
        for _ in range(60):
            claims = await stores.outbox.claim("w", 7)
            assert len(claims) <= 7
            got += names(claims)
            if not claims:
                break
        assert sorted(got) == sorted(f"open-d-{at}" for at in range(30))

    async def test_the_desk_has_a_lane_for_each_case_and_a_person_one(self, stores: Stores) -> None:
        one = await open_case(stores, "one", to=(DESK, TO_ANN))
        two = await open_case(stores, "two", to=(DESK, TO_ANN))
        claims = await stores.outbox.claim("w", 10)
        assert sorted((claim.notice.case, claim.notice.to.key) for claim in claims) == sorted(
            [(one.number, "desk"), (two.number, "desk"), (one.number, "person:ann-id")]
        )

    async def test_the_same_user_id_of_two_tenants_is_two_lanes(self, stores: Stores) -> None:
        await open_case(stores, to=(TO_ANN,))
        await open_case(stores, to=(TO_ANN,), tenant=OTHER)
        assert {claim.tenant for claim in await stores.outbox.claim("w", 9)} == {ACME, OTHER}


class TestOrder:
    async def test_a_lane_goes_one_by_one_with_two_workers(self, stores: Stores) -> None:
        opened = await open_case(stores)
        for at in range(20):
            await say(stores, opened, f"c-{at}", DESK)
        shown: list[str] = []
        flying = 0

        async def work(outbox: RedisOutbox, worker: str) -> None:
            nonlocal flying
            while len(shown) < 21:
                for claim in await outbox.claim(worker, 5):
                    flying += 1
                    assert flying == 1
                    assert await outbox.sending(claim) is Marked.SENDING
                    await asyncio.sleep(0.001)
                    shown.append(claim.notice.event)
                    flying -= 1
                    await outbox.done(claim)

        await asyncio.wait_for(
            asyncio.gather(work(elsewhere(stores), "v"), work(elsewhere(stores), "w")), 20
        )
        assert shown == ["open-draft-1", *(f"c-{at}" for at in range(20))]

    async def test_what_waits_for_a_retry_is_not_overtaken(self, stores: Stores) -> None:
        opened = await open_case(stores)
        await stores.outbox.retry(await only(stores.outbox), timedelta(minutes=5), "429")
        await say(stores, opened, "c-1", DESK)
        assert await stores.outbox.claim("w", 10) == ()
        wait = await stores.outbox.next_due()
        assert wait is not None
        assert timedelta(minutes=4) < wait <= timedelta(minutes=5)

    async def test_other_lanes_do_not_wait_for_a_slow_one(self, stores: Stores) -> None:
        opened = await open_case(stores, to=(TO_ANN, TO_BOB))
        slow, fast = sorted(
            await stores.outbox.claim("w", 10), key=lambda claim: claim.notice.to.user
        )
        await stores.outbox.done(fast)
        await say(stores, opened, "c-1", TO_ANN, TO_BOB)
        claim = await only(stores.outbox)
        assert claim.notice.to == TO_BOB
        assert slow.notice.to == TO_ANN


class TestLease:
    async def test_a_dead_worker_holds_a_lane_up_no_longer_than_its_lease(
        self, stores: Stores
    ) -> None:
        await open_case(stores)
        await only(elsewhere(stores, SHORT), "dies")
        assert await stores.outbox.claim("w", 10) == ()
        await asyncio.sleep(0.1)
        claim = await only(stores.outbox)
        assert (claim.attempts, claim.in_doubt) == (0, False)

    async def test_what_was_being_sent_is_in_doubt(self, stores: Stores) -> None:
        await open_case(stores)
        dying = elsewhere(stores, SHORT)
        assert await dying.sending(await only(dying)) is Marked.SENDING
        await asyncio.sleep(0.1)
        claim = await only(stores.outbox)
        assert (claim.attempts, claim.in_doubt) == (1, True)

    async def test_a_lost_lease_does_nothing_any_more(self, stores: Stores) -> None:
        await open_case(stores)
        slow = elsewhere(stores, SHORT)
        lost = await only(slow)
        await asyncio.sleep(0.1)
        ours = await only(stores.outbox)
        assert await slow.renew((lost,)) == (lost,)
        assert await slow.sending(lost) is Marked.LOST
        assert not await slow.done(lost, POSTED)
        assert not await slow.retry(lost, timedelta(0), "late")
        assert not await slow.dead(lost, "late")
        assert await stores.outbox.shown(lost.notice.case, DESK) is None
        assert await stores.outbox.dead_letters() == ()
        assert await stores.outbox.claim("w", 10) == ()
        assert await stores.outbox.sending(ours) is Marked.SENDING

    async def test_sending_starts_the_lease_anew_and_counts_once(self, stores: Stores) -> None:
        await open_case(stores)
        slow = elsewhere(stores, timedelta(milliseconds=300))
        claim = await only(slow)
        for _ in range(2):
            await asyncio.sleep(0.2)
            assert await slow.sending(claim) is Marked.SENDING
        assert await stores.outbox.claim("w", 10) == ()
        await slow.retry(claim, timedelta(0), "503", in_doubt=True)
        assert (await only(stores.outbox)).attempts == 1


class TestDone:
    async def test_the_card_is_found_where_it_was_posted(self, stores: Stores) -> None:
        opened = await open_case(stores)
        claim = await only(stores.outbox)
        await stores.outbox.done(claim, POSTED)
        assert await stores.outbox.shown(opened.number, DESK) == POSTED
        assert await stores.outbox.shown(opened.number, TO_ANN) is None

    async def test_a_message_is_no_card(self, stores: Stores) -> None:
        opened = await open_case(stores, to=())
        await say(stores, opened, "c-1", DESK)
        await stores.outbox.done(await only(stores.outbox), POSTED)
        assert await stores.outbox.shown(opened.number, DESK) is None

    async def test_done_again_takes_nothing_else_off(self, stores: Stores) -> None:
        opened = await open_case(stores)
        await say(stores, opened, "c-1", DESK)
        claim = await only(stores.outbox)
        await stores.outbox.done(claim)
        await stores.outbox.done(claim, Posted(conversation="x", activity="y"))
        assert names(await stores.outbox.claim("w", 10)) == ["c-1"]
        assert await stores.outbox.shown(opened.number, DESK) is None

    async def test_what_was_sent_is_not_queued_again(self, stores: Stores) -> None:
        opened = await open_case(stores)
        claim = await only(stores.outbox)
        await stores.outbox.done(claim)
        twin = comment(opened, "c-1").but(notices=(claim.notice,))
        await stores.cases.change(twin)
        assert await stores.outbox.claim("w", 10) == ()
        key = of_tenant(ACME).notice(claim.notice.id)
        ttl = await stores.server.command("TTL", key)
        assert 29 * 86400 < ttl <= 30 * 86400

    async def test_nothing_is_left_when_all_is_done(self, stores: Stores) -> None:
        await open_case(stores)
        await stores.outbox.done(await only(stores.outbox))
        assert await stores.outbox.next_due() is None
        assert not [key for key in stores.all_keys() if ":lane:" in key or key.endswith(":due")]


class TestRetry:
    async def test_it_comes_back_after_the_pause(self, stores: Stores) -> None:
        await open_case(stores)
        claim = await only(stores.outbox)
        await stores.outbox.sending(claim)
        await stores.outbox.retry(claim, SHORT, "429")
        assert await stores.outbox.claim("w", 10) == ()
        await asyncio.sleep(0.1)
        again = await only(stores.outbox)
        assert (again.attempts, again.in_doubt) == (1, False)
        assert again.first_due == claim.first_due

    async def test_a_doubt_stays_whatever_comes_later(self, stores: Stores) -> None:
        await open_case(stores)
        for doubt in (True, False):
            claim = await only(stores.outbox)
            await stores.outbox.sending(claim)
            await stores.outbox.retry(claim, timedelta(0), "why", in_doubt=doubt)
        again = await only(stores.outbox)
        assert (again.attempts, again.in_doubt) == (2, True)


class TestDead:
    async def test_a_dead_letter_lets_its_lane_go_on(self, stores: Stores) -> None:
        opened = await open_case(stores)
        await say(stores, opened, "c-1", DESK)
        claim = await only(stores.outbox)
        await stores.outbox.sending(claim)
        await stores.outbox.dead(claim, "gone")
        assert names(await stores.outbox.claim("w", 10)) == ["c-1"]
        (letter,) = await stores.outbox.dead_letters()
        assert (letter.notice, letter.tenant, letter.why) == (claim.notice, ACME, "gone")
        assert letter.attempts == 1
        assert datetime.now(UTC) - letter.at < timedelta(seconds=5)

    async def test_it_can_be_sent_after_all(self, stores: Stores) -> None:
        await open_case(stores)
        claim = await only(stores.outbox)
        await stores.outbox.dead(claim, "gone")
        (letter,) = await stores.outbox.dead_letters()
        assert await stores.outbox.replay(letter.id) is Replayed.DONE
        assert await stores.outbox.replay(letter.id) is Replayed.NOT_DEAD
        assert await stores.outbox.dead_letters() == ()
        again = await only(stores.outbox)
        assert (again.notice, again.attempts) == (claim.notice, 0)
        ttl = await stores.server.command("TTL", of_tenant(ACME).notice(claim.notice.id))
        assert ttl == -1
        await stores.outbox.done(again, POSTED)
        assert await stores.outbox.shown(claim.notice.case, DESK) == POSTED

    async def test_there_is_no_letter_by_a_wrong_id(self, one: Stores) -> None:
        for wrong in ("", "x", "64-abc", "-1-abc", "07-abc", "99999999999"):
            assert await one.outbox.replay(wrong) is Replayed.UNKNOWN


class TestWait:
    async def test_it_ends_when_this_process_queues_something(self, one: Stores) -> None:
        assert await one.outbox.claim("w", 10) == ()
        waiting = asyncio.create_task(one.outbox.wait(timedelta(seconds=5)))
        await asyncio.sleep(0.05)
        assert not waiting.done()
        await open_case(one)
        await asyncio.wait_for(waiting, 4)
        assert len(await one.outbox.claim("w", 10)) == 1

    async def test_it_ends_when_a_lane_is_due(self, one: Stores) -> None:
        await open_case(one)
        await one.outbox.retry(await only(one.outbox), timedelta(milliseconds=150), "429")
        assert await one.outbox.claim("w", 10) == ()
        started = asyncio.get_running_loop().time()
        await one.outbox.wait(timedelta(seconds=5))
        assert 0.1 < asyncio.get_running_loop().time() - started < 4
        await asyncio.sleep(0.01)
        assert len(await one.outbox.claim("w", 10)) == 1

    async def test_it_ends_by_itself(self, one: Stores) -> None:
        await one.outbox.claim("w", 10)
        await asyncio.wait_for(one.outbox.wait(timedelta(milliseconds=30)), 20)

    async def test_a_look_at_nothing_is_one_command(self, one: Stores) -> None:
        await one.outbox.claim("w", 10)
        with one.nodes[0].client() as client:
            before = client.info("commandstats")["cmdstat_evalsha"]["calls"]
            assert await one.outbox.claim("w", 10) == ()
            assert client.info("commandstats")["cmdstat_evalsha"]["calls"] - before == 1


async def test_a_claim_of_an_unknown_notice_is_harmless(stores: Stores) -> None:
    await open_case(stores)
    claim = await only(stores.outbox)
    unknown = replace(claim, notice=claim.notice.but(id="nothing"))
    assert await stores.outbox.sending(unknown) is Marked.LOST
    await stores.outbox.done(unknown, POSTED)
    assert await stores.outbox.next_due() is not None


class TestTakeover:
    async def test_a_lease_that_is_renewed_lasts(self, stores: Stores) -> None:
        await open_case(stores, "one")
        await open_case(stores, "two", tenant=OTHER)
        slow = elsewhere(stores, timedelta(milliseconds=300))
        claims = await slow.claim("w", 10)
        for claim in claims:
            await slow.sending(claim)
        for _ in range(4):
            await asyncio.sleep(0.15)
            assert await slow.renew(claims) == ()
            assert await stores.outbox.claim("v", 10) == ()
        assert all([await slow.done(claim) for claim in claims])

    async def test_a_halted_worker_is_replaced_and_finds_out(self, stores: Stores) -> None:
        await open_case(stores)
        halted = elsewhere(stores, timedelta(milliseconds=200))
        lost = await only(halted)
        assert await halted.sending(lost) is Marked.SENDING
        await asyncio.sleep(0.25)
        ours = await only(stores.outbox, "v")
        assert (ours.attempts, ours.unknown, ours.in_doubt) == (1, 1, True)
        assert await halted.renew((lost,)) == (lost,)
        assert await halted.sending(lost) is Marked.LOST
        assert not await halted.done(lost)
        assert await stores.outbox.done(ours)

    async def test_the_leases_are_short_enough(self) -> None:
        claim, send = keys.CLAIM_LEASE.total_seconds(), keys.SEND_LEASE.total_seconds()
        assert claim < 5, "what an answer costs that was lost"
        assert send + SWEEP_EVERY + worker.IDLE.total_seconds() < 10
        assert send > 3 * worker.BEAT

    async def test_what_is_counted_is_kept_with_the_notice(self, stores: Stores) -> None:
        await open_case(stores)
        for _ in range(2):
            claim = await only(elsewhere(stores))
            await stores.outbox.sending(claim)
            await stores.outbox.retry(claim, timedelta(0), "500", in_doubt=True, fault=True)
        claim = await only(stores.outbox)
        await stores.outbox.sending(claim)
        await stores.outbox.retry(claim, timedelta(0), "429")
        claim = await only(stores.outbox)
        assert (claim.attempts, claim.unknown, claim.faults) == (3, 2, 2)


class TestFound:
    async def test_a_claim_brings_the_person_along(self, stores: Stores) -> None:
        await stores.people.remember(person())
        await open_case(stores, to=(DESK, TO_ANN, TO_BOB))
        claims = {claim.notice.to.key: claim.found for claim in await stores.outbox.claim("w", 9)}
        assert claims == {
            "desk": Found(),
            "person:ann-id": Found(person=person()),
            "person:bob-id": Found(),
        }

    async def test_and_where_the_card_stands(self, stores: Stores) -> None:
        opened = await open_case(stores, to=(DESK, TO_ANN))
        for claim in await stores.outbox.claim("w", 9):
            await stores.outbox.done(claim, POSTED.but(activity=claim.notice.to.key))
        await say(stores, opened, "c-1", DESK, TO_ANN)
        for claim in await stores.outbox.claim("w", 9):
            assert claim.found is not None
            assert claim.found.shown == POSTED.but(activity=claim.notice.to.key)


class TestMissed:
    @pytest.fixture
    async def missed(self, stores: Stores) -> Stores:
        """Two dead letters to Ann, of which the second is another's fault."""
        opened = await open_case(stores, to=(TO_ANN,))
        await say(stores, opened, "c-1", TO_ANN)
        await stores.outbox.dead(await only(stores.outbox), "403", missed=True)
        await stores.outbox.dead(await only(stores.outbox), "413")
        return stores

    async def test_who_is_met_again_hears_of_it(self, missed: Stores) -> None:
        back = person(service_url="https://smba/", conversation="a:ann")
        await missed.people.remember(back.but(blocked="403"))
        assert await missed.outbox.claim("w", 9) == ()
        for _ in range(2):
            await missed.people.remember(back)
            assert await missed.outbox.next_due() == timedelta(0)
        claim = await only(missed.outbox)
        assert (claim.notice.event, claim.attempts) == ("open-draft-1", 0)
        assert [letter.why for letter in await missed.outbox.dead_letters()] == ["413"]

    async def test_who_writes_hears_of_it(self, missed: Stores) -> None:
        back = person(service_url="https://smba/", conversation="a:ann")
        await missed.turns.take(arrival(), "l1")
        assert await missed.turns.put(arrival(), "l1", person=back)
        assert (await only(missed.outbox)).notice.event == "open-draft-1"

    async def test_what_waits_for_mail_is_tried_in_their_chat_at_once(self, stores: Stores) -> None:
        await open_case(stores, to=(TO_ANN,))
        claim = await only(stores.outbox)
        await stores.outbox.retry(claim, timedelta(minutes=5), "mail_421")
        await stores.people.remember(person(blocked="403"))
        assert await elsewhere(stores).claim("v", 9) == ()
        back = person(service_url="https://smba/", conversation="a:ann")
        await stores.people.remember(back)
        assert len(await elsewhere(stores).claim("v", 9)) == 1
        # Whoever has it now is left alone.
        await stores.people.remember(back)
        assert await elsewhere(stores).claim("w", 9) == ()

    async def test_a_card_that_was_not_redrawn_is_no_dead_letter(self, stores: Stores) -> None:
        await open_case(stores, to=(TO_ANN,))
        assert await stores.outbox.miss(await only(stores.outbox), "unreachable")
        assert await stores.outbox.dead_letters() == ()
        assert (await stores.outbox.backlog()).dead == 0
        await stores.people.remember(person(service_url="https://smba/", conversation="a:ann"))
        assert (await only(stores.outbox)).notice.event == "open-draft-1"

    async def test_nobody_hears_of_what_was_replayed_already(self, missed: Stores) -> None:
        first = (await missed.outbox.dead_letters())[-1]
        assert await missed.outbox.replay(first.id) is Replayed.DONE
        await missed.outbox.done(await only(missed.outbox))
        await missed.people.remember(person(service_url="https://smba/", conversation="a:ann"))
        assert await missed.outbox.claim("w", 9) == ()

    async def test_it_is_kept_for_a_day(self, missed: Stores) -> None:
        (key,) = (key for key in missed.all_keys() if ":missed:" in key)
        ttl = await missed.server.command("TTL", key)
        assert 86000 < ttl <= 86400


class TestBacklog:
    async def test_it_counts_what_is_there(self, stores: Stores) -> None:
        assert await stores.outbox.backlog() == Backlog(0, timedelta(0), 0)
        opened = await open_case(stores, to=(DESK, TO_ANN))
        await open_case(stores, tenant=OTHER)
        await say(stores, opened, "c-1", DESK)
        await asyncio.sleep(0.1)
        found = await stores.outbox.backlog()
        assert (found.waiting, found.dead) == (4, 0)
        assert timedelta(milliseconds=90) < found.overdue < timedelta(seconds=5)
        claims = await stores.outbox.claim("w", 10)
        await stores.outbox.retry(claims[0], timedelta(hours=1), "429")
        await stores.outbox.dead(claims[1], "413")
        found = await stores.outbox.backlog()
        assert found.dead == 1
        assert found.waiting == 3

    async def test_what_waits_on_purpose_is_not_late(self, stores: Stores) -> None:
        await open_case(stores)
        await stores.outbox.retry(await only(stores.outbox), timedelta(hours=1), "429")
        await asyncio.sleep(0.05)
        assert (await stores.outbox.backlog()).overdue == timedelta(0)

    async def test_letters_come_page_by_page(self, stores: Stores) -> None:
        for at in range(25):
            await open_case(stores, f"d-{at}", tenant=f"tenant-{at % 9}")
        claims = [claim for _ in range(9) for claim in await stores.outbox.claim("w", 30)]
        await asyncio.gather(*(stores.outbox.dead(claim, "413") for claim in claims))
        everything = await stores.outbox.dead_letters()
        seen: list[DeadLetter] = []
        while page := await stores.outbox.dead_letters(4, seen[-1].cursor if seen else ""):
            seen += page
        assert len(everything) == 25
        assert seen == list(everything)
        with pytest.raises(Rejected):
            await stores.outbox.dead_letters(4, "nonsense")


class TestMoot:
    """A card need not be redrawn where it is redrawn again right after."""

    async def lane(self, stores: Stores, *kinds: NoticeKind) -> list[bool]:
        """Queue notices of two events for Ann, one kind each; returns which of them are moot."""
        opened = await open_case(stores, to=())
        for at, kind in enumerate(kinds):
            change = comment(opened, f"e-{at}")
            told = notice(opened, change.event, TO_ANN, kind)
            await stores.cases.change(change.but(notices=(told,)))
        moot = []
        while claims := await stores.outbox.claim("w", 10):
            moot.append(claims[0].moot)
            await stores.outbox.done(claims[0])
        return moot

    async def test_all_but_the_last_redrawing_is(self, stores: Stores) -> None:
        update = NoticeKind.UPDATE
        assert await self.lane(stores, update, update, update) == [True, True, False]

    async def test_what_is_told_never_is(self, stores: Stores) -> None:
        kinds = (NoticeKind.MESSAGE, NoticeKind.UPDATE, NoticeKind.MESSAGE, NoticeKind.UPDATE)
        assert await self.lane(stores, *kinds) == [False, True, False, False]

    async def test_nor_is_a_redrawing_with_news_behind_it(self, stores: Stores) -> None:
        assert await self.lane(stores, NoticeKind.UPDATE, NoticeKind.MESSAGE) == [False, False]

    async def test_another_case_is_redrawn_for_itself(self, stores: Stores) -> None:
        for uid in ("draft-1", "draft-2"):
            opened = await open_case(stores, uid, to=())
            change = comment(opened, f"e-{uid}")
            told = notice(opened, change.event, TO_ANN, NoticeKind.UPDATE)
            await stores.cases.change(change.but(notices=(told,)))
        first = await only(stores.outbox)
        assert not first.moot


class TestReceipts:
    """How what the desk said arrived."""

    async def said(self, stores: Stores, *to: Recipient) -> tuple[Case, list[Claim]]:
        """Have an agent say something, and claim it for each who hears of it."""
        opened = await open_case(stores, to=())
        spoken = event("e-said", Verb.COMMENT, text="All is well.").but(
            by=ANN.but(user="agent", role=Role.AGENT)
        )
        notices = tuple(notice(opened, spoken, one, NoticeKind.MESSAGE) for one in to)
        await stores.cases.change(comment(opened, "e-said").but(event=spoken, notices=notices))
        return opened, list(await stores.outbox.claim("w", 10))

    async def waiting(self, stores: Stores) -> list[NoticeKind]:
        """Work off what the desk hears; returns what it was."""
        kinds = []
        while claims := await stores.outbox.claim("w", 10):
            for claim in claims:
                kinds.append(claim.notice.kind)
                assert await stores.outbox.done(claim)
        return kinds

    async def test_it_is_kept_with_its_event_and_the_card_is_redrawn(self, stores: Stores) -> None:
        opened, (claim,) = await self.said(stores, TO_ANN)
        receipt = Receipt(event="e-said", name="Ann", way=Way.CHAT)
        assert await stores.outbox.done(claim, None, receipt)
        found = await stores.cases.read(opened.number)
        assert found is not None
        assert [one.receipts for one in found[1]] == [(), (receipt,)]
        assert await self.waiting(stores) == [NoticeKind.UPDATE]

    async def test_an_obstacle_is_told_before_the_card_is_redrawn(self, stores: Stores) -> None:
        opened, (claim,) = await self.said(stores, TO_ANN)
        receipt = Receipt(event="e-said", way=Way.NONE, obstacle=Obstacle.BLOCKED)
        assert await stores.outbox.dead(claim, "403", missed=True, receipt=receipt)
        heard = await only(stores.outbox)
        assert heard.notice.receipt == receipt
        assert heard.notice.case == opened.number
        assert await stores.outbox.done(heard)
        assert await self.waiting(stores) == [NoticeKind.UPDATE]

    async def test_one_redrawn_card_shows_what_came_while_it_waited(self, stores: Stores) -> None:
        opened, claims = await self.said(stores, TO_ANN, TO_BOB)
        for claim in claims:
            receipt = Receipt(event="e-said", name=claim.notice.to.user, way=Way.CHAT)
            assert await stores.outbox.done(claim, None, receipt)
        first = await only(stores.outbox)
        assert first.moot
        assert await stores.outbox.done(first)
        second = await only(stores.outbox)
        assert not second.moot
        found = await stores.cases.read(opened.number)
        assert found is not None
        assert {one.name for one in found[1][-1].receipts} == {"ann-id", "bob-id"}

    async def test_a_card_that_is_being_redrawn_is_redrawn_again(self, stores: Stores) -> None:
        _, (first, second) = await self.said(stores, TO_ANN, TO_BOB)
        receipt = Receipt(event="e-said", way=Way.CHAT)
        assert await stores.outbox.done(first, None, receipt)
        drawn = await only(stores.outbox)
        assert await stores.outbox.done(second, None, receipt)
        assert await stores.outbox.done(drawn)
        assert await self.waiting(stores) == [NoticeKind.UPDATE]

    async def test_whoever_lost_the_lease_reports_nothing(self, stores: Stores) -> None:
        opened, (claim,) = await self.said(stores, TO_ANN)
        receipt = Receipt(event="e-said", way=Way.CHAT)
        assert not await stores.outbox.done(replace(claim, token="w:other"), None, receipt)
        found = await stores.cases.read(opened.number)
        assert found is not None
        assert found[1][-1].receipts == ()

    async def test_another_way_replaces_the_first(self, stores: Stores) -> None:
        opened, (claim,) = await self.said(stores, TO_ANN)
        missed = Receipt(event="e-said", way=Way.NONE, obstacle=Obstacle.BLOCKED)
        assert await stores.outbox.dead(claim, "403", missed=True, receipt=missed)
        await self.waiting(stores)
        (letter,) = await stores.outbox.dead_letters()
        assert await stores.outbox.replay(letter.id) is Replayed.DONE
        came = Receipt(event="e-said", way=Way.CHAT)
        assert await stores.outbox.done(await only(stores.outbox), None, came)
        found = await stores.cases.read(opened.number)
        assert found is not None
        assert found[1][-1].receipts == (came,)
        assert await self.waiting(stores) == [NoticeKind.UPDATE]
