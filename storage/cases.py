"""Cases in Redis: numbers, records, timelines, lists, and the notices that come with a change.

A case is a hash: `opened` has the members as they were at first, and each member that changed
since has a field of its own, so that two changes that touch different members lose nothing.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final

from pydantic_core import to_json

from cases.batches import MOST_PARTS
from cases.errors import NotFound, Rejected
from cases.model import Case, Change, Event, Notice, Page, Receipt, Recipient
from cases.ports import Applied, Created, Opening
from cases.vocabulary import Audience, Guard, View
from storage import scripts
from storage.keys import (
    DEED_TTL,
    PARTITIONS,
    TOMBSTONE_TTL,
    Place,
    TenantKeys,
    of_tenant,
    place_of,
    seconds,
)
from storage.server import Call, Server

_APART: Final = frozenset({"number", "rev", "status", "watchers"})
"""Members that are no part of `opened`: the place tells the number, scripts read the rest."""
_FIXED: Final = frozenset({"uid", "number", "tenant", "rev"})
"""Members that no change may touch, or that the store counts itself."""

Ring = Callable[[int], None]
"""Told of a partition in which notices may have been queued."""


class RedisCases:
    """The `CaseStore` over Redis."""

    def __init__(self, server: Server, ring: Ring) -> None:
        self._server = server
        self._ring = ring

    async def create(self, first: Opening, *others: Opening) -> Created:
        """Make the draft's case, or the parts of its batch, or return what it became before."""
        keys = of_tenant(first.case.tenant)
        again, made = await self._server.save(_creation(keys, (first, *others)))
        self._ring(keys.partition)
        number, *rest = (Place(keys.partition, int(sequence)).number for sequence in made)
        return Created(number, bool(again), tuple(rest))

    async def load(self, number: str) -> Case | None:
        """Return the case with this number."""
        found = await self.read(number, events=0)
        return found[0] if found else None

    async def read(self, number: str, events: int = 50) -> tuple[Case, tuple[Event, ...]] | None:
        """Return the case and its latest events, oldest first."""
        place = place_of(number)
        if place is None:
            return None
        keys = PARTITIONS[place.partition]
        at = place.sequence
        places = (keys.case(at), keys.timeline(at), keys.receipts(at))
        fields, found, receipts = await self._server.run(Call(scripts.READ, places, (events,)))
        if not fields:
            return None
        return _case(place, fields), tuple(_received(map(_event, found), receipts))

    async def event(self, number: str, event_id: str) -> Event | None:
        """Return one event of a case."""
        place = place_of(number)
        if place is None:
            return None
        timeline = PARTITIONS[place.partition].timeline(place.sequence)
        found = await self._server.run(Call(scripts.EVENT, (timeline,), (event_id,)))
        return _event(found) if found else None

    async def change(self, change: Change) -> Applied:
        """Apply a change if its guard holds; raises `NotFound` for a case that is not there."""
        place = place_of(change.before.number)
        if place is None:
            raise NotFound(change.before.number)
        result = (await self._server.save(_alteration(place, change))).decode()
        if result == "missing":
            raise NotFound(change.before.number)
        self._ring(place.partition)
        return Applied(result)

    async def page(
        self, tenant: str, user: str | None, view: View, cursor: str = "", size: int = 10
    ) -> Page:
        """Return a page; raises `Rejected("bad_cursor")` for a cursor that is none of ours."""
        if cursor and not (cursor.isascii() and cursor.isdigit()):
            raise Rejected("bad_cursor")
        keys = of_tenant(tenant)
        places = (keys.listing(view) + (user or ""), keys.cases)
        highest = f"({cursor}" if cursor else "+inf"
        found, more = await self._server.run(Call(scripts.PAGE, places, (highest, size)))
        cases = tuple(
            _case(Place(keys.partition, int(sequence)), fields)
            for sequence, fields in found
            if fields
        )
        return Page(cases=cases, cursor=found[-1][0].decode() if more else "")

    async def batch(self, tenant: str, batch: str) -> tuple[Case, ...]:
        """Return the parts of a batch in their order."""
        keys = of_tenant(tenant)
        places = (keys.batch(batch), keys.cases)
        found, _ = await self._server.run(Call(scripts.PAGE, places, ("+inf", MOST_PARTS)))
        return tuple(
            _case(Place(keys.partition, int(sequence)), fields)
            for sequence, fields in reversed(found)
        )


def lane_of(tenant: str, uid: str, to: Recipient) -> str:
    """Return the lane of a recipient: one for each person, and in the channel one for each case."""
    owner = uid if to.audience is Audience.DESK else to.name
    return f"{of_tenant(tenant).digest}:{to.audience}:{owner}"


def _creation(keys: TenantKeys, openings: Sequence[Opening]) -> Call:
    """Return the call that makes the cases of one draft: they differ in what is asked for only."""
    case = openings[0].case
    views = (View.ALL, View.OPEN if case.is_open else View.CLOSED)
    people = ("", *dict.fromkeys((case.requester.user, *case.watchers)))
    lists = [keys.listing(view) + user for view in views for user in people]
    return Call(
        scripts.CREATE,
        (
            *(keys.sequence, keys.cases, keys.events, keys.draft(case.uid)),
            *(keys.drafts_of(case.requester.user), keys.due, keys.lanes, keys.notices),
            *(keys.batch(case.uid), keys.claims),
            *lists,
        ),
        (
            *(case.uid, case.requester.user, case.created.isoformat(), seconds(TOMBSTONE_TTL)),
            *(to_json(case.status), to_json(case.watchers), case.tenant, len(openings)),
            *(part for opening in openings for part in _opened(opening)),
        ),
    )


def _opened(opening: Opening) -> Iterator[str | int]:
    yield opening.case.model_dump_json(exclude=set(_APART))
    yield _item(opening.event)
    yield opening.claim
    yield len(opening.notices)
    yield from _queued(opening.case, opening.notices)


def _alteration(place: Place, change: Change) -> Call:
    before, after = change.before, change.after
    keys = of_tenant(before.tenant)
    guard = "status" if change.guard is Guard.STATUS else "rev"
    members = _members(before, after)
    return Call(
        scripts.CHANGE,
        (
            *(keys.case(place.sequence), keys.timeline(place.sequence)),
            *(keys.deed(place.sequence, change.key), keys.due, keys.lanes, keys.notices),
            *(keys.listing(View.ALL), keys.listing(_side(before)), keys.listing(_side(after))),
        ),
        (
            *(guard, to_json(getattr(before, guard)), place.sequence, _item(change.event)),
            *(before.tenant, seconds(DEED_TTL), before.requester.user),
            *(len(members), *members),
            *_queued(before, change.notices),
            *(part for other in change.redrawn for part in _queued(other.case, other.notices)),
        ),
    )


def _side(case: Case) -> View:
    return View.OPEN if case.is_open else View.CLOSED


def _members(before: Case, after: Case) -> list[str | bytes]:
    """Return names and values of the members that differ, in turn."""
    changed = {
        name
        for name in Case.model_fields
        if name not in _FIXED and getattr(before, name) != getattr(after, name)
    }
    values = after.model_dump(mode="json", include=changed)
    return [part for name, value in values.items() for part in (name, to_json(value))]


def _queued(case: Case, notices: Iterable[Notice]) -> list[str]:
    """Return the words of notices; the number of a new case is not known yet."""
    place = place_of(case.number)
    about = str(place.sequence) if place else ""
    return queue_words(case.tenant, case.uid, about, notices)


def queue_words(tenant: str, uid: str, about: str, notices: Iterable[Notice]) -> list[str]:
    """Return notices as scripts queue them; `about` is a case's sequence, the `uid` its own."""
    return [
        part
        for notice in notices
        for part in (
            notice.id,
            lane_of(tenant, uid, notice.to),
            about,
            notice.model_dump_json(exclude={"case"}, exclude_defaults=True),
        )
    ]


def _item(event: Event) -> str:
    return f"{event.id}\n{event.model_dump_json(exclude={'receipts'})}"


def _event(item: bytes) -> Event:
    return Event.model_validate_json(item.partition(b"\n")[2])


def _received(events: Iterable[Event], found: Iterable[bytes]) -> Iterator[Event]:
    """Yield the events, each with how it arrived; a person before a mailbox, each by name."""
    by_event: defaultdict[str, list[Receipt]] = defaultdict(list)
    for one in map(Receipt.model_validate_json, found):
        by_event[one.event].append(one)
    for event in events:
        receipts = sorted(by_event.get(event.id, ()), key=lambda one: (one.way, one.name))
        yield event.but(receipts=tuple(receipts)) if receipts else event


def _case(place: Place, fields: Sequence[bytes]) -> Case:
    """Put a case together: members that changed stand behind `opened`, and the last one counts."""
    values = dict(zip(fields[::2], fields[1::2], strict=True))
    opened = values.pop(b"opened")
    values[b"number"] = to_json(place.number)
    later = b",".join(b'"%s":%s' % member for member in values.items())
    return Case.model_validate_json(b"%s,%s}" % (opened[:-1], later))
