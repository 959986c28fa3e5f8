"""The contract of `Conversations`."""

import asyncio
from datetime import timedelta

from cases.model import Conversation, Draft
from cases.ports import Arrival, Arrived, Opening
from storage.keys import of_tenant
from storage.turns import RedisTurns
from tests.storage.conftest import Stores
from tests.storage.samples import ACME, NOW, arrival, case, draft, event, person


async def save_draft(stores: Stores, value: Draft, activity: str = "a-0") -> bool:
    turn = arrival(activity)
    taken = await stores.turns.take(turn, f"lease-{activity}")
    assert taken.state is Arrived.FRESH
    return await stores.turns.put(
        turn, taken.lease, conversation=Conversation(draft=value.id), draft=value
    )


class TestTake:
    async def test_a_first_turn_finds_nothing(self, stores: Stores) -> None:
        taken = await stores.turns.take(arrival(), "l1")
        assert (taken.state, taken.lease) == (Arrived.FRESH, "l1")
        assert (taken.conversation, taken.draft, taken.person) == (Conversation(), None, None)

    async def test_a_turn_finds_what_the_last_one_put(self, stores: Stores) -> None:
        await stores.turns.take(arrival(), "l1")
        assert await stores.turns.put(
            arrival(),
            "l1",
            conversation=Conversation(draft="draft-1"),
            draft=draft(),
            person=person(),
        )
        taken = await stores.turns.take(arrival("a-2"), "l2")
        assert taken.conversation == Conversation(draft="draft-1")
        assert taken.draft == draft(rev=1)
        assert taken.person == person()

    async def test_no_draft_is_open_when_the_conversation_names_none(self, stores: Stores) -> None:
        await save_draft(stores, draft())
        await stores.turns.take(arrival("a-2"), "l2")
        await stores.turns.put(arrival("a-2"), "l2", conversation=Conversation())
        taken = await stores.turns.take(arrival("a-3"), "l3")
        assert (taken.conversation, taken.draft) == (Conversation(), None)

    async def test_a_draft_that_became_a_case_shows_its_number(self, stores: Stores) -> None:
        await save_draft(stores, draft())
        made = await stores.cases.create(Opening(case(), event()))
        taken = await stores.turns.take(arrival("a-2"), "l2")
        assert taken.draft is not None
        assert taken.draft.case == made.number

    async def test_what_was_worked_off_is_done(self, stores: Stores) -> None:
        await stores.turns.take(arrival(), "l1")
        await stores.turns.put(arrival(), "l1")
        assert (await stores.turns.take(arrival(), "l2")).state is Arrived.DONE
        elsewhere = await stores.turns.take(arrival(conversation="19:other"), "l3")
        assert elsewhere.state is Arrived.FRESH

    async def test_what_is_being_worked_on_is_busy(self, stores: Stores) -> None:
        await stores.turns.take(arrival(), "l1")
        assert (await stores.turns.take(arrival(), "l2")).state is Arrived.BUSY
        assert (await stores.turns.take(arrival("a-2"), "l3")).state is Arrived.BUSY
        assert (await stores.turns.take(arrival(), "l1")).state is Arrived.FRESH

    async def test_of_twenty_at_once_one_begins(self, stores: Stores) -> None:
        taken = await asyncio.gather(*(stores.turns.take(arrival(), f"l{at}") for at in range(20)))
        assert sorted(one.state for one in taken) == [Arrived.BUSY] * 19 + [Arrived.FRESH]

    async def test_a_lease_that_ended_is_free(self, stores: Stores) -> None:
        hasty = RedisTurns(stores.server, lease=timedelta(milliseconds=50))
        await hasty.take(arrival(), "l1")
        await asyncio.sleep(0.1)
        assert (await stores.turns.take(arrival(), "l2")).state is Arrived.FRESH

    async def test_a_released_activity_may_come_again(self, stores: Stores) -> None:
        await stores.turns.take(arrival(), "l1")
        await stores.turns.release(arrival(), "not ours")
        assert (await stores.turns.take(arrival(), "l2")).state is Arrived.BUSY
        await stores.turns.release(arrival(), "l1")
        assert (await stores.turns.take(arrival(), "l2")).state is Arrived.FRESH


class TestPut:
    async def test_it_gives_the_lease_back(self, stores: Stores) -> None:
        await stores.turns.take(arrival(), "l1")
        await stores.turns.put(arrival(), "l1")
        assert (await stores.turns.take(arrival("a-2"), "l2")).state is Arrived.FRESH

    async def test_it_leaves_the_lease_of_another_turn(self, stores: Stores) -> None:
        hasty = RedisTurns(stores.server, lease=timedelta(milliseconds=50))
        await hasty.take(arrival(), "l1")
        await asyncio.sleep(0.1)
        await stores.turns.take(arrival("a-2"), "l2")
        await hasty.put(arrival(), "l1")
        assert (await stores.turns.take(arrival("a-3"), "l3")).state is Arrived.BUSY

    async def test_a_stale_draft_saves_nothing_at_all(self, stores: Stores) -> None:
        await save_draft(stores, draft())
        await save_draft(stores, draft(rev=1, asked="about"), "a-1")
        await stores.turns.take(arrival("late"), "l9")
        saved = await stores.turns.put(
            arrival("late"),
            "l9",
            conversation=Conversation(draft="other"),
            draft=draft(rev=1, asked="papers"),
            person=person(),
        )
        assert not saved
        assert await stores.turns.draft(ACME, "draft-1") == draft(rev=2, asked="about")
        assert await stores.people.person(ACME, "ann-id") is None
        await stores.turns.release(arrival("late"), "l9")
        taken = await stores.turns.take(arrival("late"), "l10")
        assert taken.state is Arrived.FRESH
        assert taken.conversation == Conversation(draft="draft-1")

    async def test_a_draft_that_is_gone_does_not_come_back(self, stores: Stores) -> None:
        await save_draft(stores, draft())
        await stores.turns.discard(ACME, "ann-id", "draft-1")
        assert not await save_draft(stores, draft(rev=1), "a-1")
        assert await stores.turns.drafts(ACME, "ann-id") == ()

    async def test_the_same_put_again_is_fine(self, stores: Stores) -> None:
        await stores.turns.take(arrival(), "l1")
        for _ in range(2):
            assert await stores.turns.put(arrival(), "l1", draft=draft())
        assert await stores.turns.draft(ACME, "draft-1") == draft(rev=1)

    async def test_a_second_turn_of_the_same_activity_saves_nothing(self, stores: Stores) -> None:
        hasty = RedisTurns(stores.server, lease=timedelta(milliseconds=50))
        await hasty.take(arrival(), "l1")
        await asyncio.sleep(0.1)
        await stores.turns.take(arrival(), "l2")
        assert await stores.turns.put(arrival(), "l2", draft=draft())
        assert not await hasty.put(arrival(), "l1", draft=draft("draft-2"))
        assert await stores.turns.draft(ACME, "draft-2") is None

    async def test_of_twenty_saves_of_one_draft_one_wins(self, stores: Stores) -> None:
        def turn(at: int) -> Arrival:
            return arrival(f"a-{at}", f"19:chat-{at}")

        await asyncio.gather(*(stores.turns.take(turn(at), f"l{at}") for at in range(20)))
        saved = await asyncio.gather(
            *(
                stores.turns.put(turn(at), f"l{at}", draft=draft(asked=f"stage-{at}"))
                for at in range(20)
            )
        )
        assert saved.count(True) == 1
        assert await stores.turns.draft(ACME, "draft-1") == draft(
            rev=1, asked=f"stage-{saved.index(True)}"
        )

    async def test_drafts_and_marks_live_as_long_as_they_should(self, stores: Stores) -> None:
        await save_draft(stores, draft())
        keys = of_tenant(ACME)
        wanted = {
            keys.draft("draft-1"): 90,
            keys.drafts_of("ann-id"): 90,
            keys.conversation("19:chat"): 90,
            keys.activity("19:chat", "a-0"): 1,
        }
        for key, days in wanted.items():
            assert await stores.server.command("TTL", key) in range(
                days * 86400 - 60, days * 86400 + 1
            )


class TestDrafts:
    async def test_they_come_last_touched_first(self, stores: Stores) -> None:
        for at, name in enumerate(("old", "new", "mid")):
            minutes = {"old": 0, "mid": 1, "new": 2}[name]
            touched = NOW + timedelta(minutes=minutes)
            await save_draft(stores, draft(name, updated=touched), f"a-{at}")
        found = await stores.turns.drafts(ACME, "ann-id")
        assert [one.id for one in found] == ["new", "mid", "old"]
        assert await stores.turns.drafts(ACME, "bob-id") == ()

    async def test_an_expired_one_is_forgotten(self, stores: Stores) -> None:
        await save_draft(stores, draft())
        await save_draft(stores, draft("draft-2"), "a-1")
        await stores.server.command("DEL", of_tenant(ACME).draft("draft-1"))
        assert [one.id for one in await stores.turns.drafts(ACME, "ann-id")] == ["draft-2"]
        assert await stores.server.command("ZCARD", of_tenant(ACME).drafts_of("ann-id")) == 1

    async def test_a_discarded_one_is_gone(self, stores: Stores) -> None:
        await save_draft(stores, draft())
        await stores.turns.discard(ACME, "ann-id", "draft-1")
        assert await stores.turns.draft(ACME, "draft-1") is None
        assert await stores.turns.drafts(ACME, "ann-id") == ()
        assert (await stores.turns.take(arrival("a-2"), "l2")).draft is None

    async def test_what_became_a_case_cannot_be_discarded(self, stores: Stores) -> None:
        await save_draft(stores, draft())
        made = await stores.cases.create(Opening(case(), event()))
        await stores.turns.discard(ACME, "ann-id", "draft-1")
        found = await stores.turns.draft(ACME, "draft-1")
        assert found is not None
        assert found.case == made.number

    async def test_another_tenant_has_no_such_draft(self, stores: Stores) -> None:
        await save_draft(stores, draft())
        assert await stores.turns.draft("someone-else", "draft-1") is None
