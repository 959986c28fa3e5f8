"""A list that became several cases: each lives by itself, and every card shows the whole."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import uuid4

import pytest

from cases.casebook import CaseBook
from cases.model import Draft, FileRef, Part, Speaker
from sandbox.world import Message
from storage.address import connect
from storage.cases import RedisCases
from storage.ledger import RedisLedger
from storage.outbox import RedisOutbox
from storage.people import RedisPeople
from tests.chat import reading
from tests.chat.intake import number_of
from tests.chat.office import Office
from tests.chat.people import Person

TOLL = [number_of("FR", last=at) for at in range(3)]
TOLL_FREE = ["+33800123456"]
LOA = FileRef(sha256="ab" * 32, name="loa.pdf", size=9, media_type="application/pdf", field="loa")


def now() -> datetime:
    return datetime.now(UTC)


def part(key: str, numbers: list[str]) -> Part:
    return Part(key=key, numbers={"count": len(numbers), "numbers": [*numbers]}, files=(LOA,))


@dataclass
class Batch:
    """Two cases of one list that Ada sent."""

    desk: Office
    first: str
    second: str
    ledger: RedisLedger

    def card(self, who: Person, number: str) -> Message:
        """Return the living card of a part, as it is now."""
        (found, *_) = [one for one in who.heard if number in reading.words_of(one).split("\n")[2:4]]
        return who.now(found)

    def root(self, number: str) -> Message:
        """Return the first post of a part's thread."""
        (found,) = [
            thread.root
            for thread in self.desk.teams.threads()
            if number in reading.words_of(thread.root).split("\n")[2:4]
        ]
        return found


@pytest.fixture
async def batch(desk: Office) -> AsyncIterator[Batch]:
    await desk.meets(desk.ada, desk.agnes)
    ada = desk.teams.person("ada")
    server = await connect(desk.valkey.url)
    ledger, outbox = RedisLedger(server), RedisOutbox(server)
    book = CaseBook(RedisCases(server, outbox.ring), RedisPeople(server), now, ledger)
    draft = Draft(
        id=uuid4().hex,
        tenant=ada.tenant,
        user=ada.aad,
        answers={
            "category": "new_request",
            "country": "FR",
            "case_type": "port_in",
            "order_name": "Lyon",
            "when": {"at": "2027-06-01T09:00:00Z", "zone": "Europe/Paris"},
            "title": "Move our numbers",
            "description": "All of them, please",
        },
        created=now(),
        updated=now(),
    )
    speaker = Speaker(tenant=ada.tenant, user=ada.aad, name=ada.name)
    parts = (part("toll", TOLL), part("toll_free", TOLL_FREE))
    created = await book.open(draft, speaker, parts)
    await desk.delivered()
    first, second = created.numbers
    yield Batch(desk, first, second, ledger)
    await server.close()


async def test_each_part_has_its_card_and_its_thread(batch: Batch, ada: Person) -> None:
    assert len(batch.desk.teams.threads()) == 2
    ada.sees(
        "Part 1 of 2 · 3 toll numbers · 0 of 2 closed",
        batch.second,
        on=batch.card(ada, batch.first),
    )
    ada.sees("Part 2 of 2", f"{batch.first} · 3 toll numbers", on=batch.card(ada, batch.second))


async def test_what_happens_to_one_is_seen_on_the_other(
    batch: Batch, ada: Person, agnes: Person
) -> None:
    other = batch.root(batch.second)
    ada.sees("● Submitted", on=batch.card(ada, batch.second))
    await agnes.clicks("Take", on=batch.root(batch.first))
    await batch.desk.delivered()
    ada.sees(f"{batch.first} · 3 toll numbers · ◐ In progress", on=batch.card(ada, batch.second))
    agnes.sees(f"{batch.first} · 3 toll numbers · ◐ In progress", on=agnes.now(other))
    await agnes.clicks("send_resolve", on=batch.root(batch.first), resolution="problem_solved")
    await batch.desk.delivered()
    ada.sees("1 of 2 closed", "✓ Resolved", on=batch.card(ada, batch.second))
    agnes.sees("1 of 2 closed", on=agnes.now(other))


async def test_the_other_part_is_redrawn_without_a_message(
    batch: Batch, ada: Person, agnes: Person
) -> None:
    before = len(ada.heard)
    await agnes.clicks("Take", on=batch.root(batch.first))
    await batch.desk.delivered()
    assert len(ada.heard) == before + 1, "one message, about the part that was taken"


async def test_all_parts_are_shown_and_lead_to_each(batch: Batch, ada: Person) -> None:
    await ada.clicks("parts", on=batch.card(ada, batch.second))
    shown = await ada.hears("2 cases for one list", "0 of 2 closed")
    ada.sees("3 toll numbers", "1 toll-free number", on=shown)
    await ada.clicks(f"show_{batch.first}", on=shown)
    await ada.hears(batch.first, "Part 1 of 2", times=2)


async def test_the_card_of_all_parts_is_brought_up_to_date_in_its_place(
    batch: Batch, ada: Person, agnes: Person
) -> None:
    await ada.clicks("parts", on=batch.card(ada, batch.second))
    shown = await ada.hears("2 cases for one list", "0 of 2 closed")
    root = batch.root(batch.first)
    await agnes.clicks("send_resolve", on=root, resolution="problem_solved")
    await batch.desk.delivered()
    before = len(ada.heard)
    await ada.clicks("Refresh", on=shown)
    ada.sees("1 of 2 closed", on=ada.now(shown))
    assert len(ada.heard) == before


async def test_the_desk_sees_all_parts_as_well(batch: Batch, agnes: Person) -> None:
    root = batch.root(batch.first)
    await agnes.clicks("parts", on=root)
    await agnes.hears("2 cases for one list", batch.second)
    agnes.sees("Part 1 of 2", on=agnes.now(root))


async def test_the_list_of_cases_marks_parts(batch: Batch, ada: Person) -> None:
    await ada.says("my cases")
    ada.sees("Part 1 of 2", "Part 2 of 2", batch.first, batch.second)


async def test_nobody_of_another_company_sees_the_parts(
    batch: Batch, ada: Person, eve: Person
) -> None:
    await batch.desk.meets(eve)
    (button,) = [
        one for one in reading.buttons_of(batch.card(ada, batch.first).card) if "parts" in one.names
    ]
    await eve.says("hi")
    await eve.executes("parts", button.data)
    await eve.sends(button.data)
    await eve.hears("no case", batch.first)
    eve.never_saw(batch.second)


async def test_numbers_are_free_again_once_their_part_is_closed(
    batch: Batch, agnes: Person
) -> None:
    tenant = batch.desk.teams.person("ada").tenant
    busy = await batch.ledger.busy(tenant, [*TOLL, *TOLL_FREE])
    assert busy == {**dict.fromkeys(TOLL, batch.first), TOLL_FREE[0]: batch.second}
    await agnes.clicks("send_resolve", on=batch.root(batch.first), resolution="problem_solved")
    assert await batch.ledger.busy(tenant, [*TOLL, *TOLL_FREE]) == {TOLL_FREE[0]: batch.second}
