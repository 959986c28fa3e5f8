"""The contract of `Directory`."""

from cases.model import Conversation, DeskPlace, Person
from tests.storage.conftest import Stores
from tests.storage.samples import ACME, OTHER, arrival, person


class TestPeople:
    async def test_someone_is_remembered(self, stores: Stores) -> None:
        assert await stores.people.person(ACME, "ann-id") is None
        await stores.people.remember(person())
        assert await stores.people.person(ACME, "ann-id") == person()
        assert await stores.people.person(OTHER, "ann-id") is None

    async def test_an_address_finds_its_user_in_any_case(self, stores: Stores) -> None:
        await stores.people.remember(person())
        found = await stores.people.by_email(ACME, ["ANN@acme.EXAMPLE", "who@acme.example", ""])
        assert found == {"ann@acme.example": "ann-id"}
        assert await stores.people.by_email(OTHER, ["ann@acme.example"]) == {}
        assert await stores.people.by_email(ACME, []) == {}

    async def test_a_new_address_replaces_the_old(self, stores: Stores) -> None:
        await stores.people.remember(person())
        await stores.people.remember(person(email="ann.b@acme.example"))
        found = await stores.people.by_email(ACME, ["ann@acme.example", "ann.b@acme.example"])
        assert found == {"ann.b@acme.example": "ann-id"}

    async def test_a_turn_keeps_the_addresses_right_too(self, stores: Stores) -> None:
        await stores.people.remember(person())
        await stores.turns.take(arrival(), "l1")
        await stores.turns.put(
            arrival(), "l1", conversation=Conversation(), person=person(email="new@acme.example")
        )
        found = await stores.people.by_email(ACME, ["ann@acme.example", "new@acme.example"])
        assert found == {"new@acme.example": "ann-id"}

    async def test_what_others_learned_meanwhile_stays(self, stores: Stores) -> None:
        ann = person(email="")
        await stores.people.remember(ann)
        await stores.people.remember(ann.but(email="ann@acme.example"), "email")
        await stores.people.remember(ann.but(blocked="403", name="old"), "blocked")
        await stores.turns.take(arrival(), "l1")
        chosen = ann.but(chosen_locale="fr", name="Änn / \u2019")
        await stores.turns.put(arrival(), "l1", person=chosen, news=chosen.news_since(ann))
        known = await stores.people.person(ACME, "ann-id")
        assert known == chosen.but(email="ann@acme.example", blocked="403")
        assert await stores.people.by_email(ACME, ["ann@acme.example"])

    async def test_news_of_nobody_known_is_all_there_is(self, stores: Stores) -> None:
        await stores.people.remember(person(), "email")
        assert await stores.people.person(ACME, "ann-id") == Person(
            tenant=ACME, user="ann-id", email=person().email
        )

    async def test_an_address_may_be_lost(self, stores: Stores) -> None:
        await stores.people.remember(person())
        await stores.people.remember(person(email=""))
        assert await stores.people.by_email(ACME, ["ann@acme.example"]) == {}

    async def test_an_address_that_was_taken_over_stays(self, stores: Stores) -> None:
        await stores.people.remember(person())
        await stores.people.remember(person(user="bob-id"))
        await stores.people.remember(person(email="other@acme.example"))
        found = await stores.people.by_email(ACME, ["ann@acme.example"])
        assert found == {"ann@acme.example": "bob-id"}


class TestDesk:
    async def test_the_place_is_remembered(self, stores: Stores) -> None:
        assert await stores.people.desk() is None
        place = DeskPlace(service_url="https://s", tenant=OTHER, team="t", channel="c")
        await stores.people.remember_desk(place)
        assert await stores.people.desk() == place

    async def test_a_thread_knows_its_case(self, stores: Stores) -> None:
        assert await stores.people.case_of_thread("19:x;messageid=1") is None
        await stores.outbox.remember_thread("19:x;messageid=1", "TNS-000064")
        assert await stores.people.case_of_thread("19:x;messageid=1") == "TNS-000064"

    async def test_an_address_is_not_taken_back_by_other_news(self, stores: Stores) -> None:
        ann, heir = person(), person(user="heir-id")
        await stores.people.remember(ann)
        await stores.people.remember(heir)
        await stores.people.remember(ann.but(blocked="403"), "blocked")
        found = await stores.people.by_email(ACME, ["ann@acme.example"])
        assert found == {"ann@acme.example": "heir-id"}

    async def test_a_first_meeting_takes_nothing_from_another(self, stores: Stores) -> None:
        await stores.turns.take(arrival(), "l1")
        met = person(conversation="a:1", service_url="https://smba/", welcomed=True)
        await stores.people.remember(met, *met.news_since(None))
        overheard = person(email="", name="Ann E.")
        await stores.turns.put(arrival(), "l1", person=overheard, news=overheard.news_since(None))
        assert await stores.people.person(ACME, "ann-id") == met.but(name="Ann E.")
