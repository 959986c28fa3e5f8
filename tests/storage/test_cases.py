"""The contract of `CaseStore`."""

import asyncio
from datetime import timedelta

import pytest

from cases.errors import NotFound, Rejected
from cases.model import Actor, Case, Page
from cases.ports import Applied, Opening
from cases.vocabulary import Guard, Role, Status, View
from storage.keys import PARTITION_COUNT, of_tenant, partition_of, place_of
from tests.storage.conftest import Stores
from tests.storage.samples import (
    ACME,
    BOB,
    DESK,
    NOW,
    OTHER,
    TO_ANN,
    case,
    comment,
    draft,
    event,
    notice,
    resolve,
)
from tests.storage.test_turns import save_draft


async def open_case(
    stores: Stores, uid: str = "draft-1", tenant: str = ACME, **more: object
) -> Case:
    made = await stores.cases.create(Opening(case(uid, tenant, **more), event(f"open-{uid}")))
    found = await stores.cases.load(made.number)
    assert found is not None
    return found


async def numbers(
    stores: Stores, view: View, user: str | None = None, tenant: str = ACME
) -> list[str]:
    page = await stores.cases.page(tenant, user, view, size=1000)
    return [found.number for found in page.cases]


class TestCreate:
    async def test_what_is_created_is_read_back(self, stores: Stores) -> None:
        opened = case()
        made = await stores.cases.create(Opening(opened, event(), (notice(opened, event()),)))
        read = await stores.cases.read(made.number)
        assert read == (opened.but(number=made.number), (event(),))
        assert not made.again

    async def test_the_number_tells_the_partition(self, stores: Stores) -> None:
        first = await stores.cases.create(Opening(case("one"), event()))
        second = await stores.cases.create(Opening(case("two"), event()))
        partition = of_tenant(ACME).partition
        assert first.number == f"TNS-{PARTITION_COUNT + partition:06d}"
        assert second.number == f"TNS-{2 * PARTITION_COUNT + partition:06d}"
        assert partition_of(second.number) == partition

    async def test_a_second_create_answers_the_same_number(self, stores: Stores) -> None:
        first = await stores.cases.create(Opening(case(), event()))
        second = await stores.cases.create(Opening(case(title="changed"), event("other")))
        assert (second.number, second.again) == (first.number, True)
        read = await stores.cases.read(first.number)
        assert read == (case().but(number=first.number), (event(),))
        assert await numbers(stores, View.ALL) == [first.number]

    async def test_the_same_draft_id_of_two_tenants_makes_two_cases(self, stores: Stores) -> None:
        await open_case(stores)
        theirs = await open_case(stores, tenant=OTHER)
        assert theirs.tenant == OTHER
        assert await numbers(stores, View.ALL, tenant=OTHER) == [theirs.number]

    async def test_the_draft_becomes_a_tombstone(self, stores: Stores) -> None:
        assert await save_draft(stores, draft())
        made = await stores.cases.create(Opening(case(), event()))
        tombstone = await stores.turns.draft(ACME, "draft-1")
        assert tombstone is not None
        assert (tombstone.case, tombstone.user, tombstone.rev) == (made.number, "ann-id", 1)
        assert tombstone.answers == {}
        assert await stores.server.command("ZCARD", of_tenant(ACME).drafts_of("ann-id")) == 0
        ttl = await stores.server.command("TTL", of_tenant(ACME).draft("draft-1"))
        assert 89 * 86400 < ttl <= 90 * 86400

    async def test_a_late_save_does_not_bring_the_draft_back(self, stores: Stores) -> None:
        assert await save_draft(stores, draft())
        made = await stores.cases.create(Opening(case(), event()))
        assert not await save_draft(stores, draft(rev=1), activity="late")
        tombstone = await stores.turns.draft(ACME, "draft-1")
        assert tombstone is not None
        assert tombstone.case == made.number

    async def test_two_hundred_at_once_make_one_case(self, stores: Stores) -> None:
        notices = (notice(case(), event()), notice(case(), event(), TO_ANN))
        made = await asyncio.gather(
            *(stores.cases.create(Opening(case(), event(), notices)) for _ in range(200))
        )
        assert len({one.number for one in made}) == 1
        assert sum(not one.again for one in made) == 1
        assert len(await stores.outbox.claim("w", 10)) == 2

    async def test_numbers_of_a_partition_have_no_gap(self, stores: Stores) -> None:
        tenants = [f"tenant-{at}" for at in range(5)]
        made = await asyncio.gather(
            *(
                stores.cases.create(Opening(case(f"d-{at}", tenants[at % 5]), event()))
                for at in range(1000)
            )
        )
        places = [place_of(one.number) for one in made]
        by_partition: dict[int, set[int]] = {}
        for place in places:
            assert place is not None
            by_partition.setdefault(place.partition, set()).add(place.sequence)
        assert sum(map(len, by_partition.values())) == 1000
        for drawn in by_partition.values():
            assert drawn == set(range(1, len(drawn) + 1))


class TestRead:
    @pytest.mark.parametrize(
        "number",
        [
            *("", "TNS-", "TNS-000000", "TNS-000001", "TNS-64", "tns-000064", "TNS-0000064"),
            *(
                "TNS-000064\n",
                "TNS-٠٠٠٠٦٤",
                "TNS-9999999999999999999",
                "TNS-000064:x",
                "TNS-00*064",
            ),
            "TNS-000999",
        ],
    )
    async def test_there_is_no_case_by_a_wrong_number(self, one: Stores, number: str) -> None:
        await open_case(one)
        assert await one.cases.load(number) is None
        assert await one.cases.read(number) is None
        assert await one.cases.event(number, "open-draft-1") is None
        assert await one.outbox.shown(number, TO_ANN) is None

    async def test_the_latest_events_come_oldest_first(self, stores: Stores) -> None:
        opened = await open_case(stores)
        for at in range(40):
            await stores.cases.change(comment(opened, f"c-{at}"))
        read = await stores.cases.read(opened.number, events=3)
        assert read is not None
        assert [one.id for one in read[1]] == ["c-37", "c-38", "c-39"]

    async def test_any_event_is_found_by_its_id(self, stores: Stores) -> None:
        opened = await open_case(stores)
        for at in range(40):
            await stores.cases.change(comment(opened, f"c-{at}"))
        for name in ("open-draft-1", "c-0", "c-7", "c-23", "c-24", "c-39"):
            found = await stores.cases.event(opened.number, name)
            assert found is not None
            assert found.id == name
        assert await stores.cases.event(opened.number, "c-") is None


class TestChange:
    async def test_a_change_is_read_back(self, stores: Stores) -> None:
        opened = await open_case(stores)
        agent = Actor(user="gil", name="Gil", role=Role.AGENT)
        change = resolve(opened, assignee=agent, answers={"when": "2026-12-01"})
        assert await stores.cases.change(change) is Applied.DONE
        assert await stores.cases.load(opened.number) == change.after.but(rev=2)

    async def test_a_member_may_go_back_to_none(self, stores: Stores) -> None:
        opened = await open_case(stores)
        await stores.cases.change(resolve(opened))
        closed = await stores.cases.load(opened.number)
        assert closed is not None
        assert closed.closed == NOW
        await stores.cases.change(
            comment(closed, "back", guard=Guard.REVISION, status=Status.IN_PROGRESS, closed=None)
        )
        again = await stores.cases.load(opened.number)
        assert again is not None
        assert (again.closed, again.status, again.rev) == (None, Status.IN_PROGRESS, 3)

    async def test_the_same_deed_twice_is_done_once(self, stores: Stores) -> None:
        opened = await open_case(stores)
        change = comment(opened, "c", to=(DESK,))
        assert await stores.cases.change(change) is Applied.DONE
        assert await stores.cases.change(change) is Applied.AGAIN
        read = await stores.cases.read(opened.number)
        assert read is not None
        assert (read[0].rev, len(read[1])) == (2, 2)
        assert len(await stores.outbox.claim("w", 10)) == 1

    async def test_a_stale_revision_changes_nothing(self, stores: Stores) -> None:
        opened = await open_case(stores)
        await stores.cases.change(comment(opened, "c"))
        late = resolve(opened)
        assert await stores.cases.change(late) is Applied.STALE
        read = await stores.cases.read(opened.number)
        assert read is not None
        assert (read[0].status, read[0].rev, len(read[1])) == (Status.SUBMITTED, 2, 2)
        fresh = resolve(read[0])
        assert await stores.cases.change(fresh) is Applied.DONE

    async def test_a_stale_status_changes_nothing(self, stores: Stores) -> None:
        opened = await open_case(stores)
        await stores.cases.change(resolve(opened))
        assert await stores.cases.change(comment(opened, "c")) is Applied.STALE
        assert await stores.cases.event(opened.number, "c") is None

    async def test_a_case_that_is_not_there_cannot_change(self, stores: Stores) -> None:
        for number in ("TNS-099999", "nonsense"):
            with pytest.raises(NotFound):
                await stores.cases.change(comment(case(number=number), "c"))

    async def test_fifty_comments_at_once_all_stand(self, stores: Stores) -> None:
        opened = await open_case(stores)
        applied = await asyncio.gather(
            *(stores.cases.change(comment(opened, f"c-{at}")) for at in range(50))
        )
        assert applied == [Applied.DONE] * 50
        read = await stores.cases.read(opened.number, events=100)
        assert read is not None
        assert read[0].rev == 51
        assert {one.id for one in read[1]} == {"open-draft-1", *(f"c-{at}" for at in range(50))}

    async def test_of_fifty_guarded_changes_one_wins(self, stores: Stores) -> None:
        opened = await open_case(stores)
        applied = await asyncio.gather(
            *(
                stores.cases.change(
                    comment(opened, f"c-{at}", guard=Guard.REVISION, title=f"t-{at}")
                )
                for at in range(50)
            )
        )
        assert sorted(applied) == sorted([Applied.DONE] + [Applied.STALE] * 49)
        read = await stores.cases.read(opened.number)
        assert read is not None
        winner = applied.index(Applied.DONE)
        assert (read[0].rev, read[0].title) == (2, f"t-{winner}")
        assert [one.id for one in read[1]] == ["open-draft-1", f"c-{winner}"]

    async def test_losers_that_read_again_all_get_in(self, stores: Stores) -> None:
        opened = await open_case(stores)

        async def persist(at: int) -> None:
            for _ in range(60):
                current = await stores.cases.load(opened.number)
                assert current is not None
                answers = {**current.answers, f"k-{at}": at}
                change = comment(current, f"c-{at}", guard=Guard.REVISION, answers=answers)
                if await stores.cases.change(change) is Applied.DONE:
                    return
            raise AssertionError("never got in")

        await asyncio.gather(*(persist(at) for at in range(20)))
        current = await stores.cases.load(opened.number)
        assert current is not None
        assert current.rev == 21
        assert {f"k-{at}" for at in range(20)} <= set(current.answers)

    async def test_changes_of_different_members_keep_each_other(self, stores: Stores) -> None:
        opened = await open_case(stores)
        await stores.cases.change(comment(opened, "a", contacts=("x@acme.example",)))
        await stores.cases.change(comment(opened, "b", title="New title"))
        current = await stores.cases.load(opened.number)
        assert current is not None
        assert (current.contacts, current.title) == (("x@acme.example",), "New title")


class TestPage:
    async def test_a_walk_sees_every_case_once_newest_first(self, stores: Stores) -> None:
        made = [(await open_case(stores, f"d-{at}")).number for at in range(25)]
        seen: list[str] = []
        cursor, sizes = "", []
        for _ in range(4):
            page: Page = await stores.cases.page(ACME, None, View.OPEN, cursor, size=10)
            sizes.append(len(page.cases))
            seen += [found.number for found in page.cases]
            cursor = page.cursor
            if not cursor:
                break
        assert seen == made[::-1]
        assert sizes == [10, 10, 5]

    async def test_the_last_page_has_no_cursor_even_when_full(self, stores: Stores) -> None:
        for at in range(10):
            await open_case(stores, f"d-{at}")
        page = await stores.cases.page(ACME, None, View.ALL, size=10)
        assert (len(page.cases), page.cursor) == (10, "")

    async def test_what_comes_in_during_a_walk_moves_nothing(self, stores: Stores) -> None:
        made = [(await open_case(stores, f"d-{at}")).number for at in range(4)]
        first = await stores.cases.page(ACME, None, View.ALL, size=2)
        await open_case(stores, "later")
        second = await stores.cases.page(ACME, None, View.ALL, first.cursor, size=2)
        assert [found.number for found in second.cases] == made[1::-1]

    async def test_a_closed_case_moves_to_the_other_list(self, stores: Stores) -> None:
        stays = await open_case(stores, "stays")
        goes = await open_case(stores, "goes")
        await stores.cases.change(resolve(goes))
        for user in (None, "ann-id"):
            assert await numbers(stores, View.OPEN, user) == [stays.number]
            assert await numbers(stores, View.CLOSED, user) == [goes.number]
            assert await numbers(stores, View.ALL, user) == [goes.number, stays.number]

    async def test_watchers_find_the_case_and_lose_it(self, stores: Stores) -> None:
        opened = await open_case(stores)
        assert await numbers(stores, View.OPEN, BOB.user) == []
        await stores.cases.change(comment(opened, "in", watchers=("ann-id", BOB.user)))
        assert await numbers(stores, View.OPEN, BOB.user) == [opened.number]
        joined = await stores.cases.load(opened.number)
        assert joined is not None
        await stores.cases.change(comment(joined, "out", watchers=("ann-id",)))
        for view in View:
            assert await numbers(stores, view, BOB.user) == []
        assert await numbers(stores, View.ALL, "ann-id") == [opened.number]

    async def test_closing_finds_watchers_that_it_did_not_read(self, stores: Stores) -> None:
        opened = await open_case(stores)
        await stores.cases.change(comment(opened, "in", watchers=("ann-id", BOB.user)))
        unaware = resolve(opened).but(guard=Guard.STATUS)
        assert await stores.cases.change(unaware) is Applied.DONE
        assert await numbers(stores, View.OPEN, BOB.user) == []
        assert await numbers(stores, View.CLOSED, BOB.user) == [opened.number]

    async def test_a_requester_who_stops_watching_still_finds_the_case(
        self, stores: Stores
    ) -> None:
        opened = await open_case(stores)
        await stores.cases.change(comment(opened, "out", watchers=()))
        await stores.cases.change(resolve(await _reread(stores, opened)))
        assert await numbers(stores, View.CLOSED, "ann-id") == [opened.number]

    async def test_no_tenant_sees_another(self, stores: Stores) -> None:
        # Of one partition, so that only the keys keep them apart.
        partition = of_tenant(ACME).partition
        neighbour = next(
            name for at in range(9999) if of_tenant(name := f"t-{at}").partition == partition
        )
        ours = await open_case(stores)
        theirs = await open_case(stores, "theirs", neighbour)
        assert await numbers(stores, View.ALL) == [ours.number]
        assert await numbers(stores, View.ALL, "ann-id", neighbour) == [theirs.number]

    @pytest.mark.parametrize("cursor", ["x", "-1", "1 2", "(5", "٣", "+inf"])
    async def test_a_cursor_of_someone_else_is_refused(self, one: Stores, cursor: str) -> None:
        with pytest.raises(Rejected):
            await one.cases.page(ACME, None, View.ALL, cursor)

    async def test_a_page_is_one_command(self, one: Stores) -> None:
        for at in range(12):
            await open_case(one, f"d-{at}")
        await one.cases.page(ACME, None, View.ALL)
        before = _commands(one)
        await one.cases.page(ACME, None, View.ALL)
        assert _commands(one) - before == 1


async def _reread(stores: Stores, old: Case) -> Case:
    found = await stores.cases.load(old.number)
    assert found is not None
    return found


def _commands(stores: Stores) -> int:
    """How many scripts were called by clients so far."""
    with stores.nodes[0].client() as client:
        stats = client.info("commandstats")
    return int(stats["cmdstat_evalsha"]["calls"])


async def test_what_a_case_keeps_of_instants(stores: Stores) -> None:
    opened = await open_case(stores, due=NOW + timedelta(microseconds=1))
    assert opened.due - NOW == timedelta(microseconds=1)
    assert opened.due.utcoffset() == timedelta(0)
