"""Notices that wait in Redis: a lane per recipient, leases, dead letters.

A lane's instant in its partition's `due` set is its lease too: while a worker has the head, the
lane is due when the lease ends, and whoever comes first may have it then.
"""

import asyncio
import secrets
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from cases.model import Notice, Posted, Recipient
from cases.ports import Claim, DeadLetter
from cases.vocabulary import NoticeKind
from storage import scripts
from storage.keys import (
    DEAD_TTL,
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


class RedisOutbox:
    """The `Outbox` over Redis, and its `DeadLetters`.

    `ring` tells it of partitions in which this process has queued something; these are looked at
    first. What other processes queue is found by a sweep, one round trip over all partitions.
    """

    def __init__(self, server: Server, lease: timedelta = SEND_LEASE) -> None:
        self._server = server
        self._lease = millis(lease)
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

    async def sending(self, claim: Claim) -> bool:
        """Mark the notice as being sent, with a lease from now; False if it is not ours."""
        keys = of_tenant(claim.tenant)
        places = (keys.due, keys.notice(claim.notice.id))
        values = (claim.token, claim.lane, self._lease)
        return bool(await self._server.save(Call(scripts.SENDING, places, values)))

    async def done(self, claim: Claim, posted: Posted | None = None) -> None:
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
        if await self._server.save(Call(scripts.DONE, places, values)):
            self.ring(keys.partition)

    async def retry(
        self, claim: Claim, after: timedelta, why: str, *, in_doubt: bool = False
    ) -> None:
        """Leave the notice at the head of its lane until `after` has passed."""
        keys = of_tenant(claim.tenant)
        places = (keys.due, keys.notice(claim.notice.id))
        values = (claim.token, claim.lane, millis(after), why, int(in_doubt))
        if await self._server.save(Call(scripts.RETRY, places, values)):
            self._expect(millis(after))

    async def dead(self, claim: Claim, why: str) -> None:
        """Put the notice on the list of dead letters and let its lane go on."""
        keys = of_tenant(claim.tenant)
        places = (
            *(keys.due, keys.lane(claim.lane), keys.notice(claim.notice.id)),
            keys.dead,
        )
        values = (claim.token, claim.lane, claim.notice.id, seconds(DEAD_TTL), why)
        if await self._server.save(Call(scripts.BURY, places, values)):
            self.ring(keys.partition)

    async def shown(self, number: str, to: Recipient) -> Posted | None:
        """Return where the living card of a case stands for a recipient."""
        place = place_of(number)
        if place is None:
            return None
        key = PARTITIONS[place.partition].shown(place.sequence)
        found = await self._server.command("HGET", key, to.key)
        return Posted.model_validate_json(found) if found else None

    async def remember_thread(self, conversation: str, number: str) -> None:
        """Save which case a thread of the desk's channel belongs to."""
        await self._server.write("HSET", THREADS, conversation, number)

    async def dead_letters(self, most: int = 100) -> tuple[DeadLetter, ...]:
        """Return the notices that were given up, newest first."""
        calls = [Call(scripts.DEAD, (keys.dead, keys.notices), (most,)) for keys in PARTITIONS]
        found = await self._server.run_all(calls)
        pairs = zip(PARTITIONS, found, strict=True)
        letters = [_letter(keys, fields) for keys, each in pairs for fields in each]
        return tuple(sorted(letters, key=lambda letter: letter.at, reverse=True)[:most])

    async def replay(self, letter_id: str) -> bool:
        """Put a dead letter at the end of its lane; False if there is none with this id."""
        index, _, notice_id = letter_id.partition("-")
        if not (index.isascii() and index.isdigit() and int(index) < len(PARTITIONS)):
            return False
        keys = PARTITIONS[int(index)]
        places = (keys.due, keys.lanes, keys.notice(notice_id), keys.dead)
        replayed = await self._server.save(Call(scripts.REPLAY, places, (notice_id,)))
        if replayed:
            self.ring(keys.partition)
        return bool(replayed)

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
        calls = [_claim_call(PARTITIONS[each], token, share, self._lease) for each in asked]
        if len(calls) == 1:
            found = [await self._server.run(calls[0])]
        else:
            found = await self._server.run_all(calls)
        for partition, heads in zip(asked, found, strict=True):
            if len(heads) == share:
                self.ring(partition)
        return list(_claims(asked, found, token))


def _claim_call(keys: PartitionKeys, token: str, most: int, lease: int) -> Call:
    return Call(scripts.CLAIM, (keys.due, keys.lanes, keys.notices), (token, most, lease))


def _claims(partitions: Iterable[int], found: Iterable[Any], token: str) -> Iterable[Claim]:
    for partition, heads in zip(partitions, found, strict=True):
        for value, case, tenant, lane, due, tries, doubt in heads:
            yield Claim(
                tenant=tenant.decode(),
                lane=lane.decode(),
                token=token,
                notice=_notice(partition, value, case),
                attempts=int(tries),
                in_doubt=doubt is not None,
                first_due=_instant(due),
            )


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
