"""Notices that wait in Redis: a lane per recipient, leases, dead letters.

A lane's instant in its partition's `due` set is its lease too: while a worker has the head, the
lane is due when the lease ends, and whoever comes first may have it then. What is written of
single notices goes out together with what others write at the same moment.
"""

import asyncio
import re
import secrets
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from cases.errors import Rejected
from cases.model import Notice, Person, Posted, Receipt, Recipient
from cases.ports import Backlog, Claim, DeadLetter, Found, Marked, Quota, Replayed
from cases.vocabulary import NoticeKind
from storage import scripts
from storage.batch import Batch
from storage.cases import queue_words
from storage.keys import (
    CLAIM_LEASE,
    DEAD_TTL,
    MISSED_TTL,
    PARTITIONS,
    SEND_LEASE,
    SENT_TTL,
    THREADS,
    PartitionKeys,
    Place,
    millis,
    of_tenant,
    place_of,
    seconds,
)
from storage.server import Call, Server

SWEEP_EVERY: Final = 1.0
"""Seconds after which all partitions are looked at, however much there is to do in some."""

_LETTER = re.compile(r"([0-9]{2})-([0-9a-f]{32})", re.ASCII)
_CURSOR = re.compile(r"([0-9]{1,15})\.([0-9]{2})-([0-9a-f]{32})", re.ASCII)
_REPLAYED: Final = {1: Replayed.DONE, 0: Replayed.NOT_DEAD, -1: Replayed.UNKNOWN}


class RedisOutbox:
    """The `Outbox` over Redis, and its `DeadLetters`.

    `ring` tells it of partitions in which this process has queued something; these are looked at
    first. What other processes queue is found by a sweep, one round trip over all partitions.
    """

    def __init__(self, server: Server, lease: timedelta = SEND_LEASE) -> None:
        self._server = server
        self._together = Batch(server)
        self._lease = millis(lease)
        self._claim_lease = millis(min(lease, CLAIM_LEASE))
        self._rung: dict[int, None] = {}
        self._woken = asyncio.Event()
        self._swept = 0.0
        self._next: float | None = None
        """When, by the loop's clock, something is due as far as this process knows."""

    def ring(self, partition: int) -> None:
        """Have a partition looked at by the next claim, and end a `wait`."""
        self._rung[partition] = None
        self._woken.set()

    async def wait(self, most: timedelta) -> None:
        """Return when a claim is worth a try, or after `most`.

        That is at once if this process queued something, else when the next lane that the last
        look saw is due. What other processes queue later is only found by claiming now and then.
        """
        loop = asyncio.get_running_loop()
        pause = most.total_seconds()
        if self._next is not None:
            pause = min(pause, max(0.0, self._next - loop.time()))
        try:
            async with asyncio.timeout(pause):
                await self._woken.wait()
        except TimeoutError:
            self._next = None

    async def claim(self, worker: str, most: int) -> tuple[Claim, ...]:
        """Lease the heads of lanes that are due, those queued by this process first."""
        rung = list(self._rung)
        self._rung.clear()
        self._woken.clear()
        try:
            claims = await self._claim_in(rung, worker, most)
            if len(claims) < most and not (claims and self._swept_lately()):
                due = await self._sweep()
                claims += await self._claim_in(due, worker, most - len(claims))
        except BaseException:
            # What was rung must not be forgotten because the store was away for a moment.
            for partition in rung:
                self.ring(partition)
            raise
        return tuple(claims)

    async def next_due(self) -> timedelta | None:
        """Return how long until a lane is due; none when nothing waits."""
        waits = [wait for wait in await self._waits() if wait >= 0]
        return timedelta(milliseconds=min(waits)) if waits else None

    async def renew(self, claims: Sequence[Claim]) -> tuple[Claim, ...]:
        """Count leases anew, a script for each partition, in one round trip; return the lost."""
        held: defaultdict[int, list[Claim]] = defaultdict(list)
        for claim in claims:
            held[of_tenant(claim.tenant).partition].append(claim)
        calls = [_renewal(PARTITIONS[at], ours, self._lease) for at, ours in held.items()]
        found = await self._server.run_all(calls) if calls else []
        pairs = zip(held.values(), found, strict=True)
        return tuple(ours[place - 1] for ours, lost in pairs for place in lost)

    async def sending(self, claim: Claim, quotas: Sequence[Quota] = ()) -> Marked:
        """Mark the notice as being sent if the quotas have room, and count the lease from now.

        On a cluster it takes another call where the conversation belongs to another tenant.
        """
        keys = of_tenant(claim.tenant)
        apart = [each for each in quotas if of_tenant(each.tenant).partition != keys.partition]
        if apart and not self._server.one_slot:
            wait = await self._ask(claim, quotas)
            if wait:
                return await self._postpone(claim, wait)
            quotas = ()
        places = (keys.due, keys.notice(claim.notice.id), *_streams(quotas))
        values: tuple[str | int, ...] = (
            *(claim.token, claim.lane, self._lease),
            *_limits(quotas),
        )
        return self._marked(await self._together.run(Call(scripts.SENDING, places, values)))

    async def _ask(self, claim: Claim, quotas: Sequence[Quota]) -> int:
        call = Call(scripts.ASK, _streams(quotas), (int(claim.queued), *_limits(quotas)))
        return int(await self._together.run(call))

    async def _postpone(self, claim: Claim, wait: int) -> Marked:
        keys = of_tenant(claim.tenant)
        places = (keys.due, keys.notice(claim.notice.id))
        call = Call(scripts.POSTPONE, places, (claim.token, claim.lane, wait))
        return self._marked(wait if await self._together.run(call) > 0 else -1)

    def _marked(self, wait: int) -> Marked:
        if wait > 0:
            self._expect(wait)
        return Marked.WAITING if wait > 0 else Marked.SENDING if wait == 0 else Marked.LOST

    async def done(
        self, claim: Claim, posted: Posted | None = None, receipt: Receipt | None = None
    ) -> bool:
        """Take the notice off its lane; a `CARD` leaves behind where it was posted."""
        keys = of_tenant(claim.tenant)
        place = place_of(claim.notice.case)
        keep = posted if place and claim.notice.kind is NoticeKind.CARD else None
        places = (
            *(keys.due, keys.lane(claim.lane), keys.notice(claim.notice.id)),
            keys.shown(place.sequence if place else 0),
        )
        values = (
            *(claim.token, claim.lane, claim.notice.id, seconds(SENT_TTL)),
            *(claim.notice.to.key, keep.model_dump_json() if keep else ""),
        )
        return await self._settled(claim, scripts.DONE, places, values, receipt)

    async def _settled(
        self,
        claim: Claim,
        script: scripts.Script,
        places: tuple[str, ...],
        values: tuple[str | int, ...],
        receipt: Receipt | None,
    ) -> bool:
        """Take a notice off its lane and look at what waits behind it, or was queued for it."""
        if receipt is not None:
            more_places, more_values = _reported(claim, receipt)
            places, values = places + more_places, values + more_values
        more = await self._together.run(Call(script, places, values))
        if more > 0 or (receipt and more == 0):
            self.ring(of_tenant(claim.tenant).partition)
        return bool(more >= 0)

    async def retry(
        self,
        claim: Claim,
        after: timedelta,
        why: str,
        *,
        in_doubt: bool = False,
        fault: bool = False,
    ) -> bool:
        """Leave the notice at the head of its lane until `after` has passed."""
        keys = of_tenant(claim.tenant)
        places = (keys.due, keys.notice(claim.notice.id))
        values = (claim.token, claim.lane, millis(after), why, int(in_doubt), int(fault))
        if await self._together.run(Call(scripts.RETRY, places, values)) < 0:
            return False
        self._expect(millis(after))
        return True

    async def dead(
        self, claim: Claim, why: str, *, missed: bool = False, receipt: Receipt | None = None
    ) -> bool:
        """Put the notice on the list of dead letters and let its lane go on."""
        return await self._buried(claim, why, missed=missed, listed=True, receipt=receipt)

    async def miss(self, claim: Claim, why: str) -> bool:
        """Put the notice by until its recipient can be reached again, and let its lane go on."""
        return await self._buried(claim, why, missed=True, listed=False)

    async def _buried(
        self,
        claim: Claim,
        why: str,
        *,
        missed: bool,
        listed: bool,
        receipt: Receipt | None = None,
    ) -> bool:
        keys = of_tenant(claim.tenant)
        places = (
            *(keys.due, keys.lane(claim.lane), keys.notice(claim.notice.id)),
            *(keys.dead, keys.missed(claim.lane)),
        )
        values = (
            *(claim.token, claim.lane, claim.notice.id, seconds(DEAD_TTL), why),
            seconds(MISSED_TTL) if missed else 0,
            int(listed),
        )
        return await self._settled(claim, scripts.BURY, places, values, receipt)

    async def backlog(self) -> Backlog:
        """Return what is in the outbox, in one round trip."""
        calls = [Call(scripts.BACKLOG, (one.due, one.lanes, one.dead)) for one in PARTITIONS]
        found = await self._server.run_all(calls)
        late = max(late for _, late, _ in found)
        return Backlog(
            waiting=sum(waiting for waiting, _, _ in found),
            overdue=timedelta(milliseconds=max(0, late)),
            dead=sum(dead for _, _, dead in found),
        )

    async def shown(self, number: str, to: Recipient) -> Posted | None:
        """Return where the living card of a case stands for a recipient."""
        place = place_of(number)
        if place is None:
            return None
        key = PARTITIONS[place.partition].shown(place.sequence)
        found = await self._server.command("HGET", key, to.key)
        return Posted.model_validate_json(found) if found else None

    async def queued(self, tenant: str, notice_id: str) -> bool:
        """Tell whether a notice was queued in the last weeks, whatever became of it since."""
        key = of_tenant(tenant).notice(notice_id)
        return bool(await self._server.command("EXISTS", key))

    async def remember_thread(self, conversation: str, number: str) -> None:
        """Save which case a thread of the desk's channel belongs to."""
        await self._server.write("HSET", THREADS, conversation, number)

    async def dead_letters(self, most: int = 100, cursor: str = "") -> tuple[DeadLetter, ...]:
        """Return the notices that were given up, newest first, behind `cursor`."""
        calls = [_dead_call(keys, most, cursor) for keys in PARTITIONS]
        found = await self._server.run_all(calls)
        pairs = zip(PARTITIONS, found, strict=True)
        letters = [_letter(keys, fields) for keys, each in pairs for fields in each]
        letters.sort(key=lambda letter: (letter.at, letter.id), reverse=True)
        return tuple(letters[:most])

    async def replay(self, letter_id: str) -> Replayed:
        """Put a dead letter at the end of its lane."""
        match = _LETTER.fullmatch(letter_id)
        if match is None or int(match[1]) >= len(PARTITIONS):
            return Replayed.UNKNOWN
        keys = PARTITIONS[int(match[1])]
        places = (keys.due, keys.lanes, keys.notices, keys.dead)
        replayed = _REPLAYED[await self._server.save(Call(scripts.REPLAY, places, (match[2],)))]
        if replayed is Replayed.DONE:
            self.ring(keys.partition)
        return replayed

    def _swept_lately(self) -> bool:
        return asyncio.get_running_loop().time() - self._swept < SWEEP_EVERY

    async def _sweep(self) -> list[int]:
        """Look at all partitions; return those with something due."""
        waits = await self._waits()
        self._swept = asyncio.get_running_loop().time()
        self._next = None
        later = [wait for wait in waits if wait > 0]
        if later:
            self._expect(min(later))
        return [partition for partition, wait in enumerate(waits) if wait == 0]

    async def _waits(self) -> list[int]:
        due = [keys.due for keys in PARTITIONS]
        if self._server.one_slot:
            return list(await self._server.run(Call(scripts.DUE, due)))
        found = await self._server.run_all([Call(scripts.DUE, (key,)) for key in due])
        return [waits[0] for waits in found]

    def _expect(self, wait: int) -> None:
        at = asyncio.get_running_loop().time() + wait / 1000
        self._next = at if self._next is None else min(self._next, at)

    async def _claim_in(self, partitions: Sequence[int], worker: str, most: int) -> list[Claim]:
        """Claim in these partitions, each its share; those left over are rung again."""
        asked = partitions[: max(0, most)]
        for partition in partitions[len(asked) :]:
            self.ring(partition)
        if not asked:
            return []
        share = max(1, most // len(asked))
        token = f"{worker}:{secrets.token_hex(8)}"
        lease = self._claim_lease
        calls = [_claim_call(PARTITIONS[each], token, share, lease) for each in asked]
        if len(calls) == 1:
            found = [await self._server.run(calls[0])]
        else:
            found = await self._server.run_all(calls)
        for partition, (heads, wait) in zip(asked, found, strict=True):
            if len(heads) == share:
                self.ring(partition)
            if wait > 0:
                self._expect(wait)
        return list(_claims(asked, (heads for heads, _ in found), token))


def _reported(claim: Claim, receipt: Receipt) -> tuple[tuple[str, ...], tuple[str | int, ...]]:
    """Return what `report` needs to keep a receipt and have the desk hear of it."""
    keys, notice = of_tenant(claim.tenant), claim.notice
    place = place_of(notice.case)
    sequence = place.sequence if place else 0
    heard = notice.heard(receipt)
    return (keys.receipts(sequence), keys.lanes, keys.notices), (
        *(notice.id, receipt.model_dump_json(exclude_defaults=True), seconds(SENT_TTL)),
        *(claim.tenant, sequence),
        *queue_words(claim.tenant, notice.reports, str(sequence), heard),
    )


def _claim_call(keys: PartitionKeys, token: str, most: int, lease: int) -> Call:
    places = (keys.due, keys.lanes, keys.notices, keys.people, keys.standing)
    return Call(scripts.CLAIM, places, (token, most, lease))


def _claims(partitions: Iterable[int], found: Iterable[Any], token: str) -> Iterable[Claim]:
    for partition, heads in zip(partitions, found, strict=True):
        for fields, person, shown, moot in heads:
            value, case, tenant, lane, due, tries, doubt, unknown, faults, queued = fields
            yield Claim(
                tenant=tenant.decode(),
                lane=lane.decode(),
                token=token,
                notice=_notice(partition, value, case),
                attempts=int(tries),
                in_doubt=doubt is not None,
                first_due=_instant(due),
                unknown=int(unknown or 0),
                faults=int(faults or 0),
                queued=queued is not None,
                moot=bool(moot),
                found=Found(
                    Person.model_validate_json(person) if person else None,
                    Posted.model_validate_json(shown) if shown else None,
                ),
            )


def _renewal(keys: PartitionKeys, claims: Iterable[Claim], lease: int) -> Call:
    values = [part for one in claims for part in (one.notice.id, one.lane, one.token)]
    return Call(scripts.RENEW, (keys.due, keys.notices), (lease, *values))


def _streams(quotas: Iterable[Quota]) -> list[str]:
    keys = [(of_tenant(each.tenant), each.conversation) for each in quotas]
    return [key for of, name in keys for key in (of.spent(name), of.booked(name))]


def _limits(quotas: Iterable[Quota]) -> list[int]:
    values: list[int] = []
    for quota in quotas:
        values.append(len(quota.limits))
        for limit in quota.limits:
            values += (limit.most, round(limit.per * 1000))
    return values


def _dead_call(keys: PartitionKeys, most: int, cursor: str) -> Call:
    """Read a partition's letters behind a cursor, in the order of instant, partition and id."""
    if not cursor:
        return Call(scripts.DEAD, (keys.dead, keys.notices), (most, "+inf", ""))
    match = _CURSOR.fullmatch(cursor)
    if match is None:
        raise Rejected("bad_cursor")
    at, partition, notice_id = match[1], int(match[2]), match[3]
    below = notice_id if keys.partition == partition else "~" if keys.partition < partition else ""
    return Call(scripts.DEAD, (keys.dead, keys.notices), (most, at, below))


def _letter(keys: PartitionKeys, fields: Sequence[bytes]) -> DeadLetter:
    value, case, tenant, tries, why, at = fields
    notice = _notice(keys.partition, value, case)
    return DeadLetter(
        id=f"{keys.partition:02d}-{notice.id}",
        tenant=tenant.decode(),
        notice=notice,
        attempts=int(tries),
        why=why.decode(),
        at=_instant(at),
    )


def _notice(partition: int, value: bytes, case: bytes) -> Notice:
    return Notice.model_validate_json(value).but(case=Place(partition, int(case)).number)


def _instant(ms: bytes) -> datetime:
    return datetime.fromtimestamp(int(ms) / 1000, UTC)
