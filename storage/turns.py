"""Turns of conversations, drafts included, in Redis: one round trip to begin, one to end.

The lease only keeps two turns from talking at once; that nothing is lost rests on the drafts'
revisions, which the script checks whoever holds the lease.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from cases.model import Conversation, Draft, Person
from cases.ports import Arrival, Arrived, Taken
from storage import scripts
from storage.keys import (
    ACTIVITY_TTL,
    CONVERSATION_TTL,
    DRAFT_TTL,
    MISSED_TTL,
    TURN_LEASE,
    Place,
    TenantKeys,
    millis,
    of_tenant,
    seconds,
)
from storage.people import missed_places, news_of
from storage.server import Call, Server


class RedisTurns:
    """The `Conversations` over Redis."""

    def __init__(self, server: Server, lease: timedelta = TURN_LEASE) -> None:
        self._server = server
        self._lease = lease

    async def take(self, arrival: Arrival, lease: str) -> Taken:
        """Begin a turn, or say why it may not begin."""
        keys = of_tenant(arrival.tenant)
        places = (
            keys.activity(arrival.conversation, arrival.activity),
            keys.turn(arrival.conversation),
            keys.conversation(arrival.conversation),
            keys.drafts,
            keys.person(arrival.user),
        )
        call = Call(scripts.TAKE, places, (lease, millis(self._lease)))
        state, *found = await self._server.run(call)
        if state != b"fresh":
            return Taken(Arrived(state.decode()))
        conversation, draft_id, draft, person = found
        return Taken(
            Arrived.FRESH,
            lease,
            Conversation.model_validate_json(conversation) if conversation else Conversation(),
            _draft(keys, arrival.tenant, draft_id.decode(), draft) if draft else None,
            Person.model_validate_json(person) if person else None,
        )

    async def put(
        self,
        arrival: Arrival,
        lease: str,
        *,
        conversation: Conversation | None = None,
        draft: Draft | None = None,
        person: Person | None = None,
        news: Collection[str] = (),
    ) -> bool:
        """End a turn; False, with nothing saved, if the draft moved on or became a case.

        Also False if another turn worked off the same activity after this one's lease ended.
        """
        keys = of_tenant(arrival.tenant)
        user = draft.user if draft else arrival.user
        places = (
            keys.activity(arrival.conversation, arrival.activity),
            keys.turn(arrival.conversation),
            keys.conversation(arrival.conversation),
            keys.draft(draft.id if draft else ""),
            keys.drafts_of(user),
            keys.person(person.user if person else arrival.user),
            keys.emails,
            *missed_places(keys, person.user if person else arrival.user),
        )
        values = (
            *(lease, seconds(ACTIVITY_TTL)),
            *_conversation_values(conversation),
            *_draft_values(draft),
            *((news_of(person, news), person.user) if person else ("", "")),
            millis(MISSED_TTL),
        )
        return bool(await self._server.save(Call(scripts.PUT, places, values)))

    async def worked_off_by(self, arrival: Arrival) -> str:
        """Return the lease of the turn that worked an activity off; empty if none did."""
        activity = of_tenant(arrival.tenant).activity(arrival.conversation, arrival.activity)
        # A write, so that with replicas one of them has what is read.
        await self._server.write("EXPIRE", activity, seconds(ACTIVITY_TTL))
        lease: bytes | None = await self._server.command("GET", activity)
        return lease.decode() if lease else ""

    async def release(self, arrival: Arrival, lease: str) -> None:
        """Give the lease back without an effect."""
        turn = of_tenant(arrival.tenant).turn(arrival.conversation)
        await self._server.run(Call(scripts.RELEASE, (turn,), (lease,)))

    async def draft(self, tenant: str, draft_id: str) -> Draft | None:
        """Return a draft, or its tombstone."""
        keys = of_tenant(tenant)
        fields = await self._server.command("HMGET", keys.draft(draft_id), *_FIELDS)
        return _draft(keys, tenant, draft_id, fields)

    async def drafts(self, tenant: str, user: str) -> tuple[Draft, ...]:
        """Return a person's open drafts, last touched first."""
        keys = of_tenant(tenant)
        places = (keys.drafts_of(user), keys.drafts)
        found = await self._server.run(Call(scripts.DRAFTS, places))
        return tuple(Draft.model_validate_json(value) for value in found)

    async def discard(self, tenant: str, user: str, draft_id: str) -> None:
        """Throw a draft away; one that became a case stays what it is."""
        keys = of_tenant(tenant)
        places = (keys.draft(draft_id), keys.drafts_of(user))
        await self._server.save(Call(scripts.DISCARD, places, (draft_id,)))


_FIELDS = ("value", "rev", "case", "user", "at")


def _draft(
    keys: TenantKeys, tenant: str, draft_id: str, fields: Sequence[bytes | None]
) -> Draft | None:
    """Return the draft that a hash holds; a tombstone has no answers any more."""
    value, rev, case, user, at = fields
    if value is not None:
        return Draft.model_validate_json(value)
    if case is None or user is None or at is None:
        return None
    created = datetime.fromisoformat(at.decode())
    return Draft(
        id=draft_id,
        tenant=tenant,
        user=user.decode(),
        rev=int(rev or 0),
        created=created,
        updated=created,
        case=Place(keys.partition, int(case)).number,
    )


def _conversation_values(conversation: Conversation | None) -> tuple[str | int, ...]:
    if conversation is None:
        return "", "", 0
    return conversation.model_dump_json(), conversation.draft, seconds(CONVERSATION_TTL)


def _draft_values(draft: Draft | None) -> tuple[str | int, ...]:
    if draft is None:
        return "", 0, "", 0, 0
    value = draft.but(rev=draft.rev + 1).model_dump_json()
    touched = int(draft.updated.timestamp() * 1000)
    return draft.id, draft.rev, value, touched, seconds(DRAFT_TTL)
