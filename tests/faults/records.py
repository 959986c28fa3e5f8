"""The store as it is, read by raw commands and a reading of our own of how keys are spelled."""

import asyncio
import json
import re
import time
from collections import defaultdict
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

import redis

from tests.faults.cast import partition_of
from tests.faults.processes import Store

Json = dict[str, Any]
_KEY = re.compile(r"nd1:\{(?P<tag>[a-z0-9]+)\}:(?P<kind>[a-z-]+)(?::(?P<rest>.*))?")
PATIENCE = 30.0


def digest_of(tenant: str) -> str:
    return sha256(tenant.encode()).hexdigest()[:16]


@dataclass
class CaseRecord:
    """A case with its timeline, as two keys hold it."""

    partition: int
    sequence: int
    opened: Json
    fields: dict[str, Any]
    events: list[Json]

    @property
    def number(self) -> str:
        return f"TNS-{self.sequence * 64 + self.partition:06d}"

    @property
    def batch(self) -> str:
        return str(self.fields.get("batch", ""))

    @property
    def watchers(self) -> list[str]:
        return list(self.fields["watchers"])


@dataclass
class Records:
    """Everything in the store."""

    cases: dict[str, CaseRecord] = field(default_factory=dict)
    sequences: dict[int, int] = field(default_factory=dict)
    eventless: list[str] = field(default_factory=list)
    caseless: list[str] = field(default_factory=list)
    lists: dict[tuple[int, str, str, str], set[int]] = field(default_factory=dict)
    """By partition, view, tenant's digest and user: sequence numbers."""
    batches: dict[tuple[int, str, str], set[int]] = field(default_factory=dict)
    """By partition, tenant's digest and id: sequence numbers of the parts."""
    drafts: dict[tuple[int, str, str], Json] = field(default_factory=dict)
    """By partition, tenant's digest and id: the hash."""
    drafts_of: dict[tuple[int, str, str], set[str]] = field(default_factory=dict)
    notices: dict[int, dict[str, Json]] = field(default_factory=lambda: defaultdict(dict))
    lanes: dict[tuple[int, str], list[str]] = field(default_factory=dict)
    due: dict[int, dict[str, float]] = field(default_factory=dict)
    receipts: dict[int, dict[str, Json]] = field(default_factory=lambda: defaultdict(dict))
    """By partition and notice: how what the desk said arrived."""
    values: dict[str, str] = field(default_factory=dict)
    """All that is stored, by key, for what must not be in it."""
    odd: list[str] = field(default_factory=list)


def read_all(client: Any) -> Records:
    """Read the whole store."""
    found = Records()
    for raw in client.scan_iter(count=1000):
        key = raw.decode()
        named = _KEY.fullmatch(key)
        if named is None or not re.fullmatch(r"p\d\d|sys|desk", named["tag"]):
            found.odd.append(key)
        elif named["tag"].startswith("p"):
            _read(client, found, key, int(named["tag"][1:]), named["kind"], named["rest"] or "")
    _pair_up(found)
    return found


def _read(client: Any, found: Records, key: str, partition: int, kind: str, rest: str) -> None:
    value = _value(client, key)
    found.values[key] = json.dumps(value, ensure_ascii=False, default=list)
    digest, _, name = rest.partition(":")
    if kind == "seq":
        found.sequences[partition] = int(value)
    elif kind == "case":
        found.cases[f"{partition}:{rest}"] = _case(partition, int(rest), value)
    elif kind == "draft":
        found.drafts[partition, digest, name] = value
    elif kind == "drafts":
        found.drafts_of[partition, digest, name] = set(value)
    elif kind == "batch":
        found.batches[partition, digest, name] = {int(one) for one in value}
    elif kind.startswith("list-"):
        found.lists[partition, kind[5:], digest, name] = {int(one) for one in value}
    else:
        _read_outbox(found, partition, kind, rest, value)


def _read_outbox(found: Records, partition: int, kind: str, rest: str, value: Any) -> None:
    if kind == "notice":
        found.notices[partition][rest] = value
    elif kind == "lane":
        found.lanes[partition, rest] = value
    elif kind == "due":
        found.due[partition] = value
    elif kind == "receipts":
        found.receipts[partition] |= {name: json.loads(raw) for name, raw in value.items()}


def _value(client: Any, key: str) -> Any:
    kind = client.type(key)
    if kind == b"string":
        return (client.get(key) or b"").decode()
    if kind == b"hash":
        return {k.decode(): v.decode() for k, v in client.hgetall(key).items()}
    if kind == b"list":
        return [item.decode() for item in client.lrange(key, 0, -1)]
    pairs = client.zrange(key, 0, -1, withscores=True)
    return {member.decode(): score for member, score in pairs}


def _case(partition: int, sequence: int, value: dict[str, str]) -> CaseRecord:
    opened = json.loads(value.get("opened", "{}"))
    changed = {name: json.loads(raw) for name, raw in value.items() if name != "opened"}
    return CaseRecord(partition, sequence, opened, {**opened, **changed}, [])


def _pair_up(found: Records) -> None:
    """Put the timelines to their cases."""
    for key in [key for key in found.values if ":events:" in key]:
        named = _KEY.fullmatch(key)
        if named is None:
            continue
        place = f"{int(named['tag'][1:])}:{named['rest']}"
        if place not in found.cases:
            found.caseless.append(key)
            continue
        for item in json.loads(found.values[key]):
            found.cases[place].events.append(json.loads(item.partition("\n")[2]))
    found.eventless = [record.number for record in found.cases.values() if not record.events]
    found.cases = {record.number: record for record in found.cases.values()}


class Witness:
    """Reads single records right after they were acknowledged, past the link and its faults."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._client = store.client()

    async def ask(self, *words: str) -> Any:
        """Return the answer to a raw command, as soon as there is a store."""
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                return await asyncio.to_thread(self._client.execute_command, *words)
            except redis.RedisError:
                if time.monotonic() > deadline:
                    raise
                await asyncio.sleep(0.1)

    async def draft(self, tenant: str, draft: str) -> Json:
        key = f"nd1:{{p{partition_of(tenant):02d}}}:draft:{digest_of(tenant)}:{draft}"
        return await self._hash(key)

    async def open_draft(self, tenant: str, conversation: str) -> str:
        key = f"nd1:{{p{partition_of(tenant):02d}}}:conv:{digest_of(tenant)}:{conversation}"
        return str((await self._hash(key)).get("draft", ""))

    async def events(self, number: str) -> list[Json]:
        sequence, partition = divmod(int(number.removeprefix("TNS-")), 64)
        key = f"nd1:{{p{partition:02d}}}:events:{sequence}"
        found = await self.ask("LRANGE", key, "0", "-1")
        return [json.loads(item.decode().partition("\n")[2]) for item in found]

    async def emails(self, tenant: str) -> int:
        key = f"nd1:{{p{partition_of(tenant):02d}}}:emails:{digest_of(tenant)}"
        return int(await self.ask("HLEN", key))

    async def in_flight(self) -> set[str]:
        """Return the notices that are marked as being sent, as soon as there is a store."""
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                return await asyncio.to_thread(self._in_flight)
            except redis.RedisError:
                if time.monotonic() > deadline:
                    raise
                await asyncio.sleep(0.1)

    async def waiting(self) -> int:
        """Return how many lanes, and messages, are still under way; -1 without a store."""
        try:
            return await asyncio.to_thread(self._waiting)
        except redis.RedisError:
            return -1

    async def _hash(self, key: str) -> Json:
        found = await self.ask("HGETALL", key)
        pairs = (
            found.items() if isinstance(found, dict) else zip(found[::2], found[1::2], strict=True)
        )
        return {name.decode(): value.decode() for name, value in pairs}

    def _waiting(self) -> int:
        with self._client.pipeline(transaction=False) as pipe:
            for partition in range(64):
                pipe.zcard(f"nd1:{{p{partition:02d}}}:due")
            pipe.zcard("nd1:{pending}:leases")
            return int(sum(pipe.execute()))

    def _in_flight(self) -> set[str]:
        found: set[str] = set()
        for partition in range(64):
            head = f"nd1:{{p{partition:02d}}}"
            for lane in self._client.zrange(f"{head}:due", 0, -1):
                first = self._client.lindex(f"{head}:lane:{lane.decode()}", 0)
                if first is not None:
                    name = first.decode()
                    if self._client.hget(f"{head}:notice:{name}", "state") == b"sending":
                        found.add(name)
        return found
