"""The case book over stores of a few lines: who may, what is repeated, and what is retried."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

import pytest
from pydantic import JsonValue

from cases.casebook import TRIES, TRIES_OF_COMMENTS, CaseBook
from cases.deeds import Deed
from cases.errors import Conflict, NotAllowed, NotFound, NotPossible, Rejected, Unavailable
from cases.model import (
    Case,
    Change,
    DeskPlace,
    Event,
    Notice,
    Page,
    Part,
    Person,
    Redrawn,
    Speaker,
)
from cases.papers import covered
from cases.ports import Applied, CaseStore, Created, Directory, Ledger, Opening
from cases.vocabulary import CaseType, Role, Status, Verb, View
from tests.cases.samples import ACME, AGENT, ANN, ANSWERS, BOB, EVE, NOW, draft, file, papers

NUMBER = "TNS-000064"


@dataclass
class Shelf:
    """Cases in memory; `stale` changes are refused as if someone else had been faster."""

    cases: dict[str, Case] = field(default_factory=dict)
    events: dict[str, dict[str, Event]] = field(default_factory=dict)
    notices: list[Notice] = field(default_factory=list)
    claims: dict[str, str] = field(default_factory=dict)
    redrawn: list[Redrawn] = field(default_factory=list)
    stale: int = 0
    tried: int = 0
    asked: list[tuple[str, str | None, View, str]] = field(default_factory=list)

    async def create(self, first: Opening, *others: Opening) -> Created:
        made = [
            number
            for number, known in self.cases.items()
            if first.case.uid in {known.uid, known.batch}
        ]
        again = bool(made)
        if not again:
            made = [self._make(opening) for opening in (first, *others)]
        return Created(made[0], again, tuple(made[1:]))

    def _make(self, opening: Opening) -> str:
        number = f"TNS-{64 * (len(self.cases) + 1):06d}"
        self.cases[number] = opening.case.but(number=number)
        self.events[number] = {opening.event.id: opening.event}
        self.notices += opening.notices
        self.claims[number] = opening.claim
        return number

    async def batch(self, tenant: str, batch: str) -> tuple[Case, ...]:
        return tuple(one for one in self.cases.values() if one.batch == batch)

    async def load(self, number: str) -> Case | None:
        return self.cases.get(number)

    async def read(self, number: str, events: int = 50) -> tuple[Case, tuple[Event, ...]] | None:
        found = self.cases.get(number)
        return (found, tuple(self.events[number].values())[-events:]) if found else None

    async def event(self, number: str, event_id: str) -> Event | None:
        return self.events[number].get(event_id)

    async def change(self, change: Change) -> Applied:
        self.tried += 1
        number = change.before.number
        if change.key in self.events[number]:
            return Applied.AGAIN
        if self.stale:
            self.stale -= 1
            return Applied.STALE
        self.cases[number] = change.after.but(rev=change.before.rev + 1)
        self.events[number][change.key] = change.event
        self.notices += change.notices
        self.redrawn += change.redrawn
        return Applied.DONE

    async def page(
        self, tenant: str, user: str | None, view: View, cursor: str = "", size: int = 10
    ) -> Page:
        self.asked.append((tenant, user, view, cursor))
        return Page(cases=tuple(self.cases.values())[:size])


@dataclass
class People:
    """Who is known by which address."""

    emails: dict[str, str] = field(default_factory=dict)

    async def person(self, tenant: str, user: str) -> Person | None:
        return None

    async def by_email(self, tenant: str, emails: Sequence[str]) -> dict[str, str]:
        assert tenant == ACME
        return {email: self.emails[email] for email in emails if email in self.emails}

    async def remember(self, person: Person, *news: str) -> None:
        raise NotImplementedError

    async def desk(self) -> DeskPlace | None:
        return None

    async def remember_desk(self, place: DeskPlace) -> None:
        raise NotImplementedError

    async def case_of_thread(self, conversation: str) -> str | None:
        return None


@dataclass
class Register:
    """A ledger that writes down what it is told."""

    claims: list[tuple[str, str, tuple[str, ...]]] = field(default_factory=list)
    down: bool = False

    async def claim(self, tenant: str, uid: str, numbers: Sequence[str]) -> str:
        if self.down:
            raise Unavailable("down")
        self.claims.append((tenant, uid, tuple(numbers)))
        return f"claim on {uid}"

    async def busy(self, tenant: str, numbers: Sequence[str], but: str = "") -> dict[str, str]:
        raise NotImplementedError


def now() -> datetime:
    return NOW


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


@pytest.fixture
def people() -> People:
    return People()


@pytest.fixture
def book(shelf: Shelf, people: People) -> CaseBook:
    store: CaseStore = shelf
    directory: Directory = people
    return CaseBook(store, directory, now)


@pytest.fixture
def register() -> Register:
    return Register()


@pytest.fixture
def clerk(shelf: Shelf, people: People, register: Register) -> CaseBook:
    """A case book with a ledger."""
    ledger: Ledger = register
    return CaseBook(shelf, people, now, ledger)


@pytest.fixture
async def number(book: CaseBook) -> str:
    return (await book.open(draft(), ANN)).number


def comment(key: str = "c1", text: str = "hello") -> Deed:
    return Deed(verb=Verb.COMMENT, key=key, text=text)


class TestOpening:
    async def test_a_draft_becomes_one_case_however_often_it_is_sent(
        self, book: CaseBook, shelf: Shelf
    ) -> None:
        assert await book.open(draft(), ANN) == Created(NUMBER, again=False)
        assert await book.open(draft(), ANN) == Created(NUMBER, again=True)
        assert len(shelf.cases) == 1
        assert len(shelf.notices) == 2

    async def test_contacts_who_are_known_watch(
        self, book: CaseBook, shelf: Shelf, people: People
    ) -> None:
        people.emails["bob@acme.com"] = "bob-id"
        answers = {**ANSWERS, "contacts": ["bob@acme.com", "dan@acme.com"]}
        await book.open(draft(answers=answers), ANN)
        assert shelf.cases[NUMBER].watchers == ("ann-id", "bob-id")
        assert shelf.cases[NUMBER].contacts == ("bob@acme.com", "dan@acme.com")

    @pytest.mark.parametrize("speaker", [BOB, EVE, ANN.but(tenant=EVE.tenant)])
    async def test_nobody_sends_another_ones_draft(
        self, book: CaseBook, shelf: Shelf, speaker: Speaker
    ) -> None:
        with pytest.raises(NotAllowed):
            await book.open(draft(), speaker)
        assert shelf.cases == {}

    async def test_missing_papers_are_named(self, book: CaseBook, shelf: Shelf) -> None:
        mexico = draft(answers={**ANSWERS, "country": "MX"}, files=(file("signatory_id"),))
        with pytest.raises(Rejected) as caught:
            await book.open(mexico, ANN)
        assert caught.value.code == "papers_missing"
        assert caught.value.params == {
            "papers": ["loa", "power_of_attorney", "carrier_invoice", "transfer_letter"]
        }
        assert shelf.cases == {}

    async def test_a_letter_that_was_signed_for_other_answers_is_not_sent(
        self, book: CaseBook, shelf: Shelf
    ) -> None:
        letter = covered((file("loa", "loa.pdf"),), {**ANSWERS, "account_name": "Contoso"})
        renamed = draft(answers={**ANSWERS, "account_name": "Fabrikam"}, files=letter)
        with pytest.raises(Rejected) as caught:
            await book.open(renamed, ANN)
        assert (caught.value.code, caught.value.params) == ("papers_stale", {"papers": ["loa"]})
        assert shelf.cases == {}
        assert (await book.open(draft(files=letter), ANN)).numbers

    async def test_a_split_list_does_not_make_its_letter_stale(self, book: CaseBook) -> None:
        letter = covered((file("loa", "loa.pdf"),), ANSWERS)
        parts = tuple(part.but(files=letter) for part in MIXED)
        assert len((await book.open(draft(files=letter), ANN, parts)).numbers) == 2

    async def test_an_inquiry_needs_no_paper(self, book: CaseBook) -> None:
        answers = {**ANSWERS, "category": "general_inquiry"}
        assert (await book.open(draft(answers=answers, files=()), ANN)).number

    async def test_all_papers_are_enough(self, book: CaseBook) -> None:
        complete = draft(answers={**ANSWERS, "country": "MX"}, files=papers(CaseType.PORT_IN, "MX"))
        assert (await book.open(complete, ANN)).number


TOLL, TOLL_FREE = "+33123456789", "+33800123456"
LOAS = (file("loa", mark="1"), file("loa", mark="2"))


def parts(*keys: str) -> tuple[Part, ...]:
    """Parts of a mixed list, each with a letter of authorization of its own."""
    numbers = {"toll": TOLL, "toll_free": TOLL_FREE}
    return tuple(
        Part(key=key, numbers={"count": 1, "numbers": [numbers[key]]}, files=(loa,))
        for key, loa in zip(keys, LOAS, strict=False)
    )


MIXED = parts("toll", "toll_free")


class TestOpeningABatch:
    async def test_each_part_becomes_a_case(self, book: CaseBook, shelf: Shelf) -> None:
        created = await book.open(draft(), ANN, MIXED)
        assert (created.numbers, created.again) == (("TNS-000064", "TNS-000128"), False)
        first, second = (shelf.cases[number] for number in created.numbers)
        assert (first.uid, second.uid) == ("draft-1", "draft-1.2")
        assert [one.group for one in (first, second)] == ["toll", "toll_free"]
        assert [(one.batch, one.part, one.parts) for one in (first, second)] == [
            ("draft-1", 1, 2),
            ("draft-1", 2, 2),
        ]
        assert [one.answers["numbers"] for one in (first, second)] == [p.numbers for p in MIXED]
        assert [one.files for one in (first, second)] == [(LOAS[0],), (LOAS[1],)]
        assert [e.files for e in shelf.events[second.number].values()] == [(LOAS[1],)]
        assert len(shelf.notices) == len({one.id for one in shelf.notices}) == 4

    async def test_sent_twice_it_has_the_same_numbers(self, book: CaseBook, shelf: Shelf) -> None:
        first = await book.open(draft(), ANN, MIXED)
        again = await book.open(draft(), ANN, MIXED)
        assert (again.numbers, again.again) == (first.numbers, True)
        assert len(shelf.cases) == 2

    async def test_one_part_is_a_case_as_ever(self, book: CaseBook, shelf: Shelf) -> None:
        created = await book.open(draft(), ANN, MIXED[:1])
        assert created.numbers == (NUMBER,)
        assert (shelf.cases[NUMBER].batch, shelf.cases[NUMBER].answers) == ("", ANSWERS)

    async def test_each_part_needs_its_papers(self, book: CaseBook, shelf: Shelf) -> None:
        bare = (MIXED[0], MIXED[1].but(files=()))
        with pytest.raises(Rejected) as caught:
            await book.open(draft(), ANN, bare)
        assert (caught.value.code, caught.value.params) == ("papers_missing", {"papers": ["loa"]})
        assert shelf.cases == {}
        assert (await book.open(draft(), ANN, MIXED)).numbers

    async def test_whoever_reads_a_part_sees_all(self, book: CaseBook) -> None:
        created = await book.open(draft(), ANN, MIXED)
        for speaker in (ANN, BOB, AGENT):
            reading = await book.read(created.others[0], speaker)
            assert tuple(one.number for one in reading.parts) == created.numbers
        with pytest.raises(NotFound):
            await book.read(created.number, EVE)

    async def test_a_case_of_its_own_has_no_parts(self, book: CaseBook, number: str) -> None:
        assert (await book.read(number, ANN)).parts == ()

    async def test_a_change_of_status_redraws_the_others(
        self, book: CaseBook, shelf: Shelf
    ) -> None:
        created = await book.open(draft(), ANN, MIXED)
        await book.act(created.number, Deed(verb=Verb.TAKE, key="t1"), AGENT)
        assert [one.case.number for one in shelf.redrawn] == list(created.others)

    async def test_a_comment_redraws_nobody_else(self, book: CaseBook, shelf: Shelf) -> None:
        created = await book.open(draft(), ANN, MIXED)
        await book.act(created.number, comment(), ANN)
        assert shelf.redrawn == []

    async def test_a_case_of_its_own_redraws_no_other(
        self, book: CaseBook, shelf: Shelf, number: str
    ) -> None:
        await book.act(number, Deed(verb=Verb.TAKE, key="t1"), AGENT)
        assert shelf.redrawn == []


class TestClaiming:
    async def test_numbers_are_claimed_for_their_case(
        self, clerk: CaseBook, shelf: Shelf, register: Register
    ) -> None:
        created = await clerk.open(draft(), ANN)
        assert register.claims == [(ACME, "draft-1", (TOLL,))]
        assert shelf.claims == {created.number: "claim on draft-1"}

    async def test_each_part_claims_its_own(
        self, clerk: CaseBook, shelf: Shelf, register: Register
    ) -> None:
        created = await clerk.open(draft(), ANN, MIXED)
        assert register.claims == [
            (ACME, "draft-1", (TOLL,)),
            (ACME, "draft-1.2", (TOLL_FREE,)),
        ]
        claims = [shelf.claims[number] for number in created.numbers]
        assert claims == ["claim on draft-1", "claim on draft-1.2"]

    async def test_no_case_is_made_whose_claim_failed(
        self, clerk: CaseBook, shelf: Shelf, register: Register
    ) -> None:
        register.down = True
        with pytest.raises(Unavailable):
            await clerk.open(draft(), ANN)
        assert shelf.cases == {}
        register.down = False
        assert not (await clerk.open(draft(), ANN)).again

    async def test_a_case_without_numbers_claims_nothing(
        self, clerk: CaseBook, shelf: Shelf, register: Register
    ) -> None:
        answers = {**ANSWERS, "category": "general_inquiry"}
        created = await clerk.open(draft(answers=answers, files=()), ANN)
        assert register.claims == []
        assert shelf.claims == {created.number: ""}

    async def test_a_long_list_is_read_whole(
        self, shelf: Shelf, people: People, register: Register
    ) -> None:
        async def from_file(tenant: str, value: JsonValue) -> Sequence[str]:
            assert tenant == ACME
            assert isinstance(value, dict)
            return (str(value["file"]), TOLL, TOLL_FREE)

        book = CaseBook(shelf, people, now, register, from_file)
        await book.open(draft(), ANN)
        assert register.claims == [(ACME, "draft-1", ("ab" * 32, TOLL, TOLL_FREE))]

    async def test_without_a_ledger_nothing_is_claimed(self, book: CaseBook, shelf: Shelf) -> None:
        created = await book.open(draft(), ANN)
        assert shelf.claims == {created.number: ""}


class TestActing:
    async def test_a_deed_is_saved_with_its_event_and_notices(
        self, book: CaseBook, shelf: Shelf, number: str
    ) -> None:
        before = len(shelf.notices)
        assert await book.act(number, Deed(verb=Verb.TAKE, key="t1"), AGENT)
        assert shelf.cases[number].status is Status.IN_PROGRESS
        assert shelf.cases[number].rev == 2
        assert list(shelf.events[number]) == ["draft-1:open", "t1"]
        assert len(shelf.notices) > before

    async def test_the_same_deed_is_done_once(
        self, book: CaseBook, shelf: Shelf, number: str
    ) -> None:
        assert await book.act(number, comment(), ANN)
        told = len(shelf.notices)
        assert not await book.act(number, comment(), ANN)
        assert len(shelf.notices) == told

    async def test_a_deed_that_was_done_is_not_refused_when_it_comes_late(
        self, book: CaseBook, number: str
    ) -> None:
        resolve = Deed(verb=Verb.RESOLVE, key="r1", choice="problem_solved")
        await book.act(number, resolve, ANN)
        assert not await book.act(number, resolve, ANN)
        with pytest.raises(NotPossible):
            await book.act(number, resolve.but(key="r2"), ANN)

    async def test_whoever_was_faster_is_taken_into_account(
        self, book: CaseBook, shelf: Shelf, number: str
    ) -> None:
        shelf.stale = TRIES - 1
        assert await book.act(number, Deed(verb=Verb.HOLD, key="h1"), AGENT)
        assert shelf.cases[number].status is Status.ON_HOLD
        assert shelf.tried == TRIES

    async def test_after_five_tries_the_speaker_is_told(
        self, book: CaseBook, shelf: Shelf, number: str
    ) -> None:
        shelf.stale = TRIES
        with pytest.raises(Conflict):
            await book.act(number, Deed(verb=Verb.HOLD, key="h1"), AGENT)
        assert (TRIES, shelf.tried) == (5, 5)
        assert shelf.cases[number].status is Status.SUBMITTED

    async def test_a_comment_is_not_given_up_early(
        self, book: CaseBook, shelf: Shelf, number: str
    ) -> None:
        shelf.stale = TRIES_OF_COMMENTS - 1
        assert await book.act(number, comment(), BOB)

    @pytest.mark.parametrize("verb", [Verb.TAKE, Verb.NOTE, Verb.ASK, Verb.HOLD])
    async def test_a_customer_does_not_do_the_desks_work(
        self, book: CaseBook, number: str, verb: Verb
    ) -> None:
        for speaker in (ANN, BOB):
            with pytest.raises(NotAllowed):
                await book.act(number, Deed(verb=verb, key="k", text="x"), speaker)

    async def test_a_colleague_does_not_close_the_requesters_case(
        self, book: CaseBook, number: str
    ) -> None:
        for verb, choice in ((Verb.CANCEL, "duplicate"), (Verb.RESOLVE, "problem_solved")):
            with pytest.raises(NotAllowed):
                await book.act(number, Deed(verb=verb, key="k", choice=choice), BOB)


class TestReading:
    async def test_the_desk_sees_notes_and_customers_do_not(
        self, book: CaseBook, number: str
    ) -> None:
        await book.act(number, Deed(verb=Verb.NOTE, key="n1", text="secret"), AGENT)
        seen = {who.user: await book.read(number, who) for who in (ANN, BOB, AGENT)}
        assert [e.verb for e in seen["gil-id"].events] == [Verb.OPEN, Verb.NOTE]
        for user in ("ann-id", "bob-id"):
            assert [e.verb for e in seen[user].events] == [Verb.OPEN]
        roles = {user: reading.role for user, reading in seen.items()}
        assert roles == {"ann-id": Role.REQUESTER, "bob-id": Role.COLLEAGUE, "gil-id": Role.AGENT}
        assert seen["bob-id"].verbs == (Verb.COMMENT,)

    async def test_another_companys_case_looks_as_if_there_were_none(
        self, book: CaseBook, number: str
    ) -> None:
        refusals = []
        for wanted in (number, "TNS-999999"):
            with pytest.raises(NotFound) as reading:
                await book.read(wanted, EVE)
            with pytest.raises(NotFound) as acting:
                await book.act(wanted, comment(), EVE)
            refusals += [reading.value, acting.value]
        shapes = {(type(each), each.code, tuple(each.params)) for each in refusals}
        assert len(shapes) == 1
        assert [each.params["number"] for each in refusals[::2]] == [number, "TNS-999999"]

    async def test_a_deed_of_another_company_is_not_even_known_to_have_been_done(
        self, book: CaseBook, number: str
    ) -> None:
        await book.act(number, comment("c1"), ANN)
        with pytest.raises(NotFound):
            await book.act(number, comment("c1"), EVE)

    async def test_lists_are_of_the_speaker_or_of_the_company(
        self, book: CaseBook, shelf: Shelf
    ) -> None:
        await book.mine(ANN, View.OPEN, "c")
        await book.company(ANN)
        assert shelf.asked == [
            (ACME, "ann-id", View.OPEN, "c"),
            (ACME, None, View.ALL, ""),
        ]
