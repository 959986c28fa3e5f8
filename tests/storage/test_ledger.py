"""The contract of `Ledger`: what is in an open case, and in whose."""

import asyncio

import pytest

from cases.model import Case
from cases.ports import Opening
from cases.vocabulary import Guard, Status
from storage.keys import BLOCK, of_tenant
from storage.ledger import AT_ONCE, MOST_CLAIMS
from tests.storage.conftest import Stores
from tests.storage.samples import ACME, OTHER, case, comment, event, resolve

LYON = "+33478000001"
PARIS = "+33140000001"


def block(first: int, count: int) -> list[str]:
    return [f"+{first + at}" for at in range(count)]


async def open_with(
    stores: Stores, uid: str, *numbers: str, tenant: str = ACME, **more: object
) -> Case:
    """Open a case that has these numbers."""
    claim = await stores.ledger.claim(tenant, uid, numbers)
    opened = Opening(case(uid, tenant, **more), event(f"{uid}:open"), claim=claim)
    made = await stores.cases.create(opened)
    found = await stores.cases.load(made.number)
    assert found is not None
    return found


async def test_what_is_in_an_open_case_is_found_with_its_number(stores: Stores) -> None:
    opened = await open_with(stores, "d-1", LYON)
    assert await stores.ledger.busy(ACME, [PARIS, LYON]) == {LYON: opened.number}


async def test_nothing_is_in_a_case_before_there_is_one(stores: Stores) -> None:
    await stores.ledger.claim(ACME, "d-1", [LYON])
    assert await stores.ledger.busy(ACME, [LYON]) == {}
    assert await stores.ledger.busy(ACME, []) == {}


async def test_a_claim_that_came_to_nothing_stays_nothing(stores: Stores) -> None:
    await stores.ledger.claim(ACME, "d-1", [LYON, PARIS])
    # The bot died here, or the store was away; the list was mended, and the draft sent anew.
    opened = await open_with(stores, "d-1", PARIS)
    assert await stores.ledger.busy(ACME, [LYON, PARIS]) == {PARIS: opened.number}


async def test_the_same_claim_may_be_made_twice(stores: Stores) -> None:
    first = await stores.ledger.claim(ACME, "d-1", [LYON])
    assert await stores.ledger.claim(ACME, "d-1", [LYON]) == first
    opened = await open_with(stores, "d-1", LYON)
    assert await stores.ledger.claim(ACME, "d-1", [LYON]) == first
    assert await stores.ledger.busy(ACME, [LYON]) == {LYON: opened.number}
    assert await _held(stores, LYON) == first.encode()


async def test_closing_frees_and_reopening_takes_back(stores: Stores) -> None:
    opened = await open_with(stores, "d-1", LYON)
    await stores.cases.change(resolve(opened))
    assert await stores.ledger.busy(ACME, [LYON]) == {}
    closed = await stores.cases.load(opened.number)
    assert closed is not None
    back = comment(closed, "b", guard=Guard.REVISION, status=Status.IN_PROGRESS, closed=None)
    await stores.cases.change(back)
    assert await stores.ledger.busy(ACME, [LYON]) == {LYON: opened.number}


@pytest.mark.parametrize("status", [s for s in Status if s is not Status.SUBMITTED])
async def test_only_open_cases_count(stores: Stores, status: Status) -> None:
    opened = await open_with(stores, "d-1", LYON, status=status)
    busy = {LYON: opened.number} if opened.is_open else {}
    assert await stores.ledger.busy(ACME, [LYON]) == busy


async def test_of_several_cases_the_newest_open_one_is_told(stores: Stores) -> None:
    cases = [await open_with(stores, f"d-{at}", LYON) for at in range(MOST_CLAIMS)]
    for opened in reversed(cases):
        assert await stores.ledger.busy(ACME, [LYON]) == {LYON: opened.number}
        await stores.cases.change(resolve(opened))
    assert await stores.ledger.busy(ACME, [LYON]) == {}


async def test_one_case_more_than_is_kept_drops_the_oldest(stores: Stores) -> None:
    cases = [await open_with(stores, f"d-{at}", LYON) for at in range(MOST_CLAIMS + 1)]
    for opened in cases[1:]:
        await stores.cases.change(resolve(opened))
    assert await stores.ledger.busy(ACME, [LYON]) == {}


async def test_a_case_is_no_double_of_itself(stores: Stores) -> None:
    older = await open_with(stores, "d-1", LYON)
    newer = await open_with(stores, "d-2", LYON)
    assert await stores.ledger.busy(ACME, [LYON], but="d-2") == {LYON: older.number}
    assert await stores.ledger.busy(ACME, [LYON], but="d-1") == {LYON: newer.number}
    assert await stores.ledger.busy(ACME, [LYON], but="d") == {LYON: newer.number}


async def test_a_batch_is_no_double_of_itself(stores: Stores) -> None:
    first = await stores.ledger.claim(ACME, "d", [LYON])
    second = await stores.ledger.claim(ACME, "d.2", [PARIS])
    made = await stores.cases.create(
        Opening(case("d", batch="d", parts=2), event("d:open"), claim=first),
        Opening(case("d.2", batch="d", part=2, parts=2), event("d.2:open"), claim=second),
    )
    numbers = [LYON, PARIS]
    assert await stores.ledger.busy(ACME, numbers) == dict(zip(numbers, made.numbers, strict=True))
    assert await stores.ledger.busy(ACME, numbers, but="d") == {}
    assert await stores.ledger.busy(ACME, numbers, but="d.2") == {LYON: made.number}


async def test_no_tenant_sees_another(stores: Stores) -> None:
    # Of one partition, so that only the keys keep them apart.
    partition = of_tenant(ACME).partition
    neighbour = next(
        name for at in range(9999) if of_tenant(name := f"t-{at}").partition == partition
    )
    for tenant in (neighbour, OTHER):
        await open_with(stores, "d-1", LYON, tenant=tenant)
    assert await stores.ledger.busy(ACME, [LYON]) == {}
    ours = await open_with(stores, "d-1", LYON)
    assert await stores.ledger.busy(ACME, [LYON]) == {LYON: ours.number}


async def test_every_number_of_a_long_list_is_found(stores: Stores) -> None:
    blocks = block(14_255_550_000, 3_000)
    # Numbers far apart, of every length there is.
    apart = [f"+{10**digits + 7 * at}" for digits in range(6, 15) for at in range(300)]
    opened = await open_with(stores, "d-1", *blocks, *apart)
    wanted = [*apart, *block(14_255_549_000, 5_000), *apart]
    found = await stores.ledger.busy(ACME, wanted)
    assert found == dict.fromkeys({*blocks, *apart}, opened.number)


async def test_cases_side_by_side_keep_their_own(stores: Stores) -> None:
    lists = [block(14_255_550_000 + 400 * at, 400) for at in range(8)]
    cases = await asyncio.gather(
        *(open_with(stores, f"d-{at}", *each) for at, each in enumerate(lists))
    )
    everything = [number for each in lists for number in each]
    expected = {n: one.number for one, each in zip(cases, lists, strict=True) for n in each}
    assert await stores.ledger.busy(ACME, everything) == expected


async def test_what_is_no_number_is_left_out(stores: Stores) -> None:
    junk = ["", "+", "tel", "0478000001", "+0478000001", "+33 4", "+3347800000112345", "+٣٣٤٧٨"]
    opened = await open_with(stores, "d-1", *junk, LYON)
    assert await stores.ledger.busy(ACME, [*junk, LYON]) == {LYON: opened.number}


async def test_a_case_from_before_the_ledger_has_no_number_in_it(stores: Stores) -> None:
    await stores.cases.create(Opening(case("old"), event("old:open")))
    assert await stores.ledger.busy(ACME, [LYON]) == {}


async def test_no_command_holds_the_server_for_a_whole_list(one: Stores) -> None:
    numbers = block(14_255_550_000, 10 * AT_ONCE)
    before = _commands(one)
    await one.ledger.claim(ACME, "d-1", numbers)
    await one.ledger.busy(ACME, numbers)
    assert _commands(one) - before == 20


async def test_a_number_takes_few_bytes(one: Stores) -> None:
    numbers = block(14_255_550_000, 20_000)
    before = _memory(one)
    await open_with(one, "d-1", *numbers)
    assert (_memory(one) - before) / len(numbers) < 40


def _commands(stores: Stores) -> int:
    with stores.nodes[0].client() as client:
        return int(client.info("commandstats")["cmdstat_evalsha"]["calls"])


def _memory(stores: Stores) -> int:
    """The bytes of all keys."""
    with stores.nodes[0].client() as client:
        return sum(client.memory_usage(key, samples=0) or 0 for key in client.scan_iter())


async def _held(stores: Stores, number: str) -> bytes:
    place = int(number[1:])
    found = await stores.server.command(
        "HGET", of_tenant(ACME).holders(place // BLOCK), str(place % BLOCK)
    )
    assert isinstance(found, bytes)
    return found
