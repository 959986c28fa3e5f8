"""The contract of `CaseStore` for drafts that become several cases: all of them, or none."""

import asyncio
from collections import Counter

import pytest

from cases.batches import redrawn
from cases.model import Case
from cases.ports import Created, Opening
from cases.vocabulary import NoticeKind, Status, View
from storage.address import connect
from storage.cases import RedisCases
from storage.keys import of_tenant
from tests.storage.conftest import Stores
from tests.storage.rig import Valkey
from tests.storage.samples import (
    ACME,
    BOB,
    DESK,
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

GROUPS = ("toll", "toll_free", "mobile")


def parts(uid: str = "draft-1", tenant: str = ACME) -> list[Opening]:
    """The three cases of one draft, each with its notices."""
    openings = []
    for at, group in enumerate(GROUPS, start=1):
        own = uid if at == 1 else f"{uid}.{at}"
        opened = case(own, tenant, batch=uid, part=at, parts=len(GROUPS), group=group)
        first = event(f"{own}:open")
        told = [notice(opened, first), notice(opened, first, TO_ANN)]
        openings.append(Opening(opened, first, told))
    return openings


async def open_batch(stores: Stores, uid: str = "draft-1") -> tuple[Case, ...]:
    await stores.cases.create(*parts(uid))
    return await stores.cases.batch(ACME, uid)


async def test_each_part_is_a_case_of_its_own(stores: Stores) -> None:
    openings = parts()
    made = await stores.cases.create(*openings)
    assert len(set(made.numbers)) == 3
    for number, opening in zip(made.numbers, openings, strict=True):
        read = await stores.cases.read(number)
        assert read == (opening.case.but(number=number), (opening.event,))
    page = await stores.cases.page(ACME, "ann-id", View.OPEN)
    assert [one.number for one in page.cases] == [*reversed(made.numbers)]


async def test_the_batch_is_read_in_the_order_of_its_parts(stores: Stores) -> None:
    made = await stores.cases.create(*parts())
    found = await stores.cases.batch(ACME, "draft-1")
    assert tuple(one.number for one in found) == made.numbers
    assert [one.group for one in found] == list(GROUPS)


async def test_nobody_else_has_the_batch(stores: Stores) -> None:
    await open_batch(stores)
    await stores.cases.create(Opening(case("alone"), event("alone:open")))
    assert await stores.cases.batch(OTHER, "draft-1") == ()
    assert await stores.cases.batch(ACME, "alone") == ()
    assert await stores.cases.batch(ACME, "nothing") == ()


async def test_sent_twice_it_is_the_same_batch(stores: Stores) -> None:
    first = await stores.cases.create(*parts())
    second = await stores.cases.create(*parts())
    assert second == Created(first.number, True, first.others)
    assert (await stores.cases.page(ACME, None, View.ALL)).cases[0].number == first.numbers[-1]


async def test_sent_again_as_one_case_it_stays_the_batch(stores: Stores) -> None:
    first = await stores.cases.create(*parts())
    second = await stores.cases.create(Opening(case(), event()))
    assert (second.numbers, second.again) == (first.numbers, True)


async def test_sent_again_as_a_batch_it_stays_the_one_case(stores: Stores) -> None:
    first = await stores.cases.create(Opening(case(), event()))
    second = await stores.cases.create(*parts())
    assert (second.numbers, second.again) == (first.numbers, True)
    assert await stores.cases.batch(ACME, "draft-1") == ()


async def test_many_at_once_make_one_batch(stores: Stores) -> None:
    made = await asyncio.gather(*(stores.cases.create(*parts()) for _ in range(50)))
    assert len({one.numbers for one in made}) == 1
    assert sum(not one.again for one in made) == 1
    assert len((await stores.cases.page(ACME, None, View.ALL)).cases) == 3
    assert len(await stores.outbox.claim("w", 20)) == 4, "three threads and one chat"


async def test_only_the_draft_leaves_a_tombstone(stores: Stores) -> None:
    assert await save_draft(stores, draft())
    made = await stores.cases.create(*parts())
    tombstone = await stores.turns.draft(ACME, "draft-1")
    assert tombstone is not None
    assert (tombstone.case, tombstone.rev) == (made.number, 1)
    assert await stores.turns.drafts(ACME, "ann-id") == ()
    assert [key for key in stores.all_keys() if ":draft:" in key] == [
        of_tenant(ACME).draft("draft-1")
    ]


async def test_a_bot_that_dies_before_it_hears_finds_the_same_batch(
    one: Stores, alone: Valkey
) -> None:
    def dies(name: str) -> None:
        if name == "after_script:create":
            raise ConnectionAbortedError

    dying = await connect(alone.url, dies)
    with pytest.raises(Exception, match="unavailable"):
        await RedisCases(dying, one.outbox.ring).create(*parts())
    await dying.close()
    again = await one.cases.create(*parts())
    assert again.again
    assert again.numbers == tuple(part.number for part in await one.cases.batch(ACME, "draft-1"))


async def test_each_part_has_its_own_notices(stores: Stores) -> None:
    made = await stores.cases.create(*parts())
    heads = await stores.outbox.claim("w", 20)
    threads = {head.notice.case for head in heads if head.notice.to == DESK}
    assert threads == set(made.numbers)
    chat: list[str] = []
    while mine := [head for head in heads if head.notice.to == TO_ANN]:
        chat.append(mine[0].notice.case)
        await stores.outbox.done(mine[0])
        heads = await stores.outbox.claim("w", 20)
    assert chat == list(made.numbers), "in the order of the parts"


async def test_a_change_redraws_the_others_in_the_same_step(stores: Stores) -> None:
    changed, *others = await open_batch(stores)
    await _work_off(stores)
    change = resolve(changed)
    change = change.but(redrawn=redrawn(change, (changed, *others)))
    await stores.cases.change(change)
    told = await _work_off(stores)
    assert told == Counter(
        (NoticeKind.UPDATE, to.key, part.number) for part in others for to in (DESK, TO_ANN)
    )
    await stores.cases.change(change)
    assert not await _work_off(stores), "the same deed redraws nothing again"


async def test_whoever_watches_one_part_only_hears_of_that_one(stores: Stores) -> None:
    first, second, third = await open_batch(stores)
    await stores.cases.change(comment(second, "in", watchers=("ann-id", BOB.user)))
    await _work_off(stores)
    joined = await stores.cases.load(second.number)
    assert joined is not None
    change = resolve(first)
    await stores.cases.change(change.but(redrawn=redrawn(change, (first, joined, third))))
    told = await _work_off(stores)
    assert [number for _, to, number in told if to == "person:bob-id"] == [second.number]


async def test_what_redraws_is_known_by_an_event_of_its_own_case(stores: Stores) -> None:
    changed, other, _ = await open_batch(stores)
    await _work_off(stores)
    change = resolve(changed)
    await stores.cases.change(change.but(redrawn=redrawn(change, (other,))))
    for claim in await stores.outbox.claim("w", 20):
        assert await stores.cases.event(claim.notice.case, claim.notice.event)


async def test_a_batch_that_moved_is_read_as_it_is(stores: Stores) -> None:
    first, *_ = await open_batch(stores)
    await stores.cases.change(resolve(first))
    statuses = [one.status for one in await stores.cases.batch(ACME, "draft-1")]
    assert statuses == [Status.RESOLVED, Status.SUBMITTED, Status.SUBMITTED]


async def _work_off(stores: Stores) -> Counter[tuple[NoticeKind, str, str]]:
    """Take everything out of the outbox; return kind, recipient and case of each notice."""
    told: Counter[tuple[NoticeKind, str, str]] = Counter()
    while claims := await stores.outbox.claim("w", 20):
        for claim in claims:
            told[claim.notice.kind, claim.notice.to.key, claim.notice.case] += 1
            await stores.outbox.done(claim)
    return told
