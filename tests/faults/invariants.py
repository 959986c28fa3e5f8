"""What must hold once all is quiet: the store and people's eyes against what was acknowledged.

Nothing here is the bot's: keys are read raw, rules are stated anew from the design.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from itertools import pairwise
from pathlib import Path

from sandbox.activities import actions
from tests.faults.cast import Cast, partition_of
from tests.faults.ledger import Answered, Done, Ledger
from tests.faults.players import is_event_of, missing_in
from tests.faults.records import CaseRecord, Json, Records, digest_of
from tests.faults.seen import MARK, Eyes, Showing

CLOSED = frozenset({"resolved", "cancelled"})


@dataclass(frozen=True)
class Ends:
    """All that is there when a run is over."""

    cast: Cast
    ledger: Ledger
    records: Records
    eyes: Eyes
    files: Path


@dataclass
class Counts:
    """What the report says in numbers."""

    cases: int = 0
    events: int = 0
    notices: int = 0
    shown_twice: int = 0
    dead: int = 0


def violations_of(ends: Ends, counts: Counts) -> list[str]:
    """Return every promise that was broken, a line each."""
    return [
        *ends.ledger.violations,
        *_cases(ends),
        *broken_batches(ends.records),
        *_indexes(ends),
        *_timelines(ends),
        *_deeds(ends),
        *_drafts(ends),
        *_outbox(ends, counts),
        *_shown(ends, counts),
        *_foreign(ends),
        *_files(ends),
        *_dropped(ends),
    ]


# -- cases -----------------------------------------------------------------------------------


def _cases(ends: Ends) -> Iterator[str]:
    records = ends.records
    yield from (f"odd key {key}" for key in records.odd)
    yield from (f"{number} has no events" for number in records.eventless)
    yield from (f"{key} has no case" for key in records.caseless)
    for partition in {*records.sequences, *(one.partition for one in records.cases.values())}:
        there = sorted(r.sequence for r in records.cases.values() if r.partition == partition)
        drawn = records.sequences.get(partition, 0)
        if there != list(range(1, drawn + 1)):
            lacking = sorted(set(range(1, drawn + 1)) - set(there))
            yield f"partition {partition}: numbers 1 to {drawn} drawn, lacking {lacking}"
    titled = Counter(
        str(one.fields.get("title", "")).rpartition(" ")[2]
        for one in records.cases.values()
        if one.fields.get("part", 1) == 1
    )
    for asked in ends.ledger.cases:
        if asked.sent and titled[asked.token] != 1:
            yield f"{asked.token} was sent once and is there {titled[asked.token]} times"
        if asked.number and asked.number not in records.cases:
            yield f"{asked.number} ({asked.token}) was shown and is not there"
        elif asked.number and not str(records.cases[asked.number].fields.get("title", "")).endswith(
            asked.token
        ):
            yield f"{asked.number} was shown to {asked.token} and is somebody else's"
    strangers = set(titled) - {asked.token for asked in ends.ledger.cases}
    yield from (f"nobody asked for the case {token!r}" for token in strangers)


def broken_batches(records: Records) -> Iterator[str]:
    """Check that of each batch all parts are there, each once, and in its index."""
    parts: dict[tuple[int, str, str], list[CaseRecord]] = {}
    for record in records.cases.values():
        if record.batch:
            key = (record.partition, digest_of(record.fields["tenant"]), record.batch)
            parts.setdefault(key, []).append(record)
    for key in {*parts, *records.batches}:
        found = sorted(parts.get(key, []), key=lambda one: one.sequence)
        numbered = [(one.fields["part"], one.fields["parts"]) for one in found]
        if numbered != [(at, len(found)) for at in range(1, len(found) + 1)]:
            yield f"batch {key[2]} is not whole: {numbered}"
        listed = records.batches.get(key, set())
        if listed != {one.sequence for one in found}:
            yield f"batch {key[2]}: its index holds {sorted(listed)}"


def _indexes(ends: Ends) -> Iterator[str]:
    lists = ends.records.lists
    wanted: dict[tuple[int, str, str, str], set[int]] = {}
    for record in ends.records.cases.values():
        if "tenant" not in record.fields or "watchers" not in record.fields:
            yield f"{record.number} is half made: {sorted(record.fields)}"
            continue
        digest = digest_of(record.fields["tenant"])
        side = "closed" if record.fields["status"] in CLOSED else "open"
        for user in {"", record.fields["requester"]["user"], *record.watchers}:
            for view in ("all", side):
                key = (record.partition, view, digest, user)
                wanted.setdefault(key, set()).add(record.sequence)
    for key in {*wanted, *lists}:
        have, want = lists.get(key, set()), wanted.get(key, set())
        if have != want:
            yield f"list {key}: lacks {sorted(want - have)}, has too many {sorted(have - want)}"


def _timelines(ends: Ends) -> Iterator[str]:
    for record in ends.records.cases.values():
        if record.events and "tenant" in record.fields:
            yield from (f"{record.number}: {what}" for what in _timeline(record))


def _timeline(record: CaseRecord) -> Iterator[str]:
    events, fields = record.events, record.fields
    if len({event["id"] for event in events}) < len(events):
        yield "an event stands twice"
    if events[0]["verb"] != "open":
        yield f"begins with {events[0]['verb']}"
    if int(fields["rev"]) != len(events):
        yield f"revision {fields['rev']}, {len(events)} events"
    for before, after in pairwise(events):
        if after["before"] != before["status"]:
            yield f"{after['id']} follows {before['status']}, says {after['before']}"
    if events[-1]["status"] != fields["status"]:
        yield f"is {fields['status']}, its timeline says otherwise"
    if partition_of(fields["tenant"]) != record.partition:
        yield "is kept in another's partition"


# -- what was done ---------------------------------------------------------------------------


def _deeds(ends: Ends) -> Iterator[str]:
    by_case: dict[str, list[Done]] = {}
    for done in ends.ledger.deeds:
        by_case.setdefault(done.case, []).append(done)
    known: dict[str, set[str]] = {}
    for number, deeds in by_case.items():
        record = ends.records.cases.get(number)
        if record is None:
            continue
        yield from _deeds_of(record, deeds)
        known[number] = {done.token for done in deeds}
    for number, record in ends.records.cases.items():
        said = {event["text"] for event in record.events if event["text"]}
        yield from (f"{number}: nobody said {text!r}" for text in said - known.get(number, set()))


def _deeds_of(record: CaseRecord, deeds: list[Done]) -> Iterator[str]:
    places: dict[str, int] = {}
    for done in deeds:
        found = [at for at, event in enumerate(record.events) if is_event_of(event, done)]
        if len(found) > 1 or (done.sure and not found):
            what = "acknowledged" if done.sure else "not acknowledged"
            yield f"{record.number}: {done.verb} {done.token}, {what}, stands {len(found)} times"
        if done.refused and found:
            yield f"{record.number}: {done.verb} {done.token} was refused and stands"
        if found:
            places[done.token] = found[0]
    sure = [done for done in deeds if done.sure and done.token in places]
    for first in sure:
        for second in sure:
            if first.at < second.begun and places[first.token] > places[second.token]:
                yield f"{record.number}: {second.token} stands before {first.token}, done earlier"


def _drafts(ends: Ends) -> Iterator[str]:
    records = ends.records
    owners: Counter[tuple[str, str]] = Counter()
    for (partition, digest, name), stored in records.drafts.items():
        owner = stored.get("user") or json.loads(stored.get("value", "{}")).get("user", "")
        owners[digest, owner] += 1
        listed = name in records.drafts_of.get((partition, digest, owner), set())
        if listed == ("case" in stored):
            yield f"draft {name} is {'' if listed else 'not '}listed and {sorted(stored)}"
        answered = ends.ledger.drafts.get(name)
        if answered is not None:
            yield from _answers(name, stored, answered)
    held = {name for _, _, name in records.drafts}
    yield from (
        f"draft {name} was acknowledged and is gone"
        for name, answered in ends.ledger.drafts.items()
        if answered.sure and name not in held
    )
    for (tenant, user), asked in ends.ledger.new_cases.items():
        if owners[digest_of(tenant), user] > len(asked):
            there = owners[digest_of(tenant), user]
            yield f"{user} asked {len(asked)} times for a new case and has {there} drafts"


def _answers(name: str, stored: Json, answered: Answered) -> Iterator[str]:
    lacking = missing_in(stored, answered.sure)
    if lacking:
        yield f"draft {name} lacks {lacking}, which were acknowledged"
    if answered.case and "case" not in stored:
        yield f"draft {name} became {answered.case} and does not say so"


# -- what was told ---------------------------------------------------------------------------


@dataclass(frozen=True)
class Due:
    """A notice that must exist: what the design says an event brings about."""

    id: str
    record: CaseRecord
    event: Json
    recipient: str
    kind: str


def _due(record: CaseRecord) -> Iterator[Due]:
    fields = record.fields
    watchers = list(json.loads(json.dumps(record.opened.get("watchers", fields["watchers"]))))
    for event in record.events:
        if event["verb"] == "open":
            kinds = [("desk", "card"), *((f"person:{user}", "card") for user in watchers)]
        else:
            kinds = list(_news_of(event, fields["watchers"]))
        for recipient, kind in kinds:
            yield Due(_notice(record, event, recipient, kind), record, event, recipient, kind)


def _other_parts(records: Records, record: CaseRecord) -> list[CaseRecord]:
    if not record.batch:
        return []
    whole = (record.partition, record.batch)
    found = (one for one in records.cases.values() if (one.partition, one.batch) == whole)
    return [one for one in found if one is not record]


def _due_beside(record: CaseRecord, others: Iterable[CaseRecord]) -> Iterator[Due]:
    """Yield what redraws a part's cards when the status of another part of its batch changes."""
    for other in others:
        for event in other.events[1:]:
            if event["before"] == event["status"]:
                continue
            cause = {**event, "id": f"{other.fields['uid']}:{event['id']}"}
            for recipient in ("desk", *(f"person:{user}" for user in record.watchers)):
                yield Due(
                    _notice(record, cause, recipient, "update"), record, event, recipient, "update"
                )


def _notice(record: CaseRecord, event: Json, recipient: str, kind: str) -> str:
    """Return the id of a notice, by the rule that makes it impossible to queue one twice."""
    parts = (record.fields["tenant"], record.fields["uid"], event["id"], recipient, kind)
    return sha256("\x1f".join(parts).encode()).hexdigest()[:32]


def _news_of(event: Json, watchers: list[str]) -> Iterator[tuple[str, str]]:
    by_desk = event["by"]["role"] == "agent"
    if not by_desk:
        yield "desk", "message"
    yield "desk", "update"
    if event["verb"] == "note":
        return
    for user in watchers:
        if by_desk or user != event["by"]["user"]:
            yield f"person:{user}", "message"
        yield f"person:{user}", "update"


def _lanes(records: Records) -> Iterator[str]:
    for (partition, lane), waiting in records.lanes.items():
        yield f"lane {lane} of partition {partition} still holds {len(waiting)}"
    for partition, lanes in records.due.items():
        yield from (f"{lane} of partition {partition} is due for ever" for lane in lanes)


def _outbox(ends: Ends, counts: Counts) -> Iterator[str]:
    records = ends.records
    yield from _lanes(records)
    wanted: dict[int, set[str]] = {}
    heard: dict[int, set[str]] = {}
    for record in records.cases.values():
        if "tenant" not in record.fields or not record.events:
            continue
        for due in (*_due(record), *_due_beside(record, _other_parts(records, record))):
            counts.notices += 1
            wanted.setdefault(record.partition, set()).add(due.id)
            yield from _settled(ends, due, counts)
            if _is_reported(due):
                heard.setdefault(record.partition, set()).update(_heard(due))
                yield from _reported(ends, due)
    for partition, found in records.notices.items():
        told = heard.get(partition, set())
        late = (found[name].get("state") for name in told & set(found))
        yield from (f"a receipt for the desk is {state}" for state in late if state != "sent")
        extra = set(found) - wanted.get(partition, set()) - told
        yield from (f"notice {name} tells of nothing" for name in extra)


def _settled(ends: Ends, due: Due, counts: Counts) -> Iterator[str]:
    stored = ends.records.notices[due.record.partition].get(due.id)
    what = f"{due.record.number}: {due.kind} of {due.event['verb']} to {due.recipient}"
    if stored is None:
        yield f"{what} was never queued"
    elif stored.get("state") == "dead":
        counts.dead += 1
        if not _may_die(ends, due):
            yield f"{what} died of {stored.get('why')}"
    elif stored.get("state") != "sent":
        yield f"{what} is {stored.get('state')}"


def _is_reported(due: Due) -> bool:
    """Tell whether the desk hears how a notice arrived: what agents say to people."""
    by_desk = due.event["by"]["role"] == "agent"
    return by_desk and due.kind == "message" and due.recipient != "desk"


def _heard(due: Due) -> Iterator[str]:
    """Yield the ids of whatever the desk may hear of it, by their rule."""
    for way in ("chat", "mail", "none"):
        for kind in ("update", "receipt"):
            yield sha256("\x1f".join((due.id, way, kind)).encode()).hexdigest()[:32]


def _reported(ends: Ends, due: Due) -> Iterator[str]:
    """Check that it is told how a notice arrived, and that it is told truly."""
    stored = ends.records.notices[due.record.partition].get(due.id, {})
    receipt = ends.records.receipts[due.record.partition].get(due.id)
    what = f"{due.record.number}: {due.event['verb']} to {due.recipient}"
    if receipt is None:
        yield f"{what} has no receipt"
    elif (receipt["way"] == "chat") != (stored.get("state") == "sent"):
        yield f"{what} is {stored.get('state')} and its receipt says {receipt['way']}"


def _may_die(ends: Ends, due: Due) -> bool:
    conversation = _conversation(ends, due.record, due.recipient)
    return conversation in ends.eyes.refused_for_good


def _conversation(ends: Ends, record: CaseRecord, recipient: str) -> str:
    user = recipient.removeprefix("person:")
    company = ends.cast.company_of(record.fields["tenant"])
    return next((one.conversation for one in company.people if one.aad == user), "")


@dataclass(frozen=True)
class _Seen:
    """What people saw, by place (the desk is one) and case."""

    showings: dict[tuple[str, str], list[Showing]]
    revisions: dict[tuple[str, str], int]

    @classmethod
    def by_place_and_case(cls, ends: Ends) -> "_Seen":
        showings: dict[tuple[str, str], list[Showing]] = {}
        for showing in ends.eyes.showings:
            if showing.kind != "other":
                key = (_place_of(ends, showing), _case_of(ends, showing))
                showings.setdefault(key, []).append(showing)
        return cls(showings, _revisions(ends))


def _shown(ends: Ends, counts: Counts) -> Iterator[str]:
    """Check that each notice was shown, in order, and count what was shown twice."""
    seen = _Seen.by_place_and_case(ends)
    for record in ends.records.cases.values():
        if "tenant" not in record.fields or not record.events:
            continue
        counts.cases += 1
        counts.events += len(record.events)
        for recipient in ("desk", *(f"person:{user}" for user in record.watchers)):
            yield from _shown_to(ends, record, recipient, seen, counts)


def _shown_to(
    ends: Ends,
    record: CaseRecord,
    recipient: str,
    seen: "_Seen",
    counts: Counts,
) -> Iterator[str]:
    place = "desk" if recipient == "desk" else _conversation(ends, record, recipient)
    showings = seen.showings.get((place, record.number), [])
    fragile = place in ends.eyes.refused_for_good
    cards = [one for one in showings if one.kind in ("root", "card")]
    yield from _twice(ends, record, record.events[0], recipient, cards, counts)
    if not cards and not fragile:
        yield f"{record.number}: its card never came to {recipient}"
    last = 0
    for event in record.events[1:]:
        if (recipient, "message") not in set(_news_of(event, record.watchers)):
            continue
        found = [one for one in showings if one.kind == "news" and _tells(one, event)]
        yield from _twice(ends, record, event, recipient, found, counts)
        if not found:
            if not fragile:
                yield f"{record.number}: {_said(event)} never came to {recipient}"
        elif found[0].order < last:
            yield f"{record.number}: {_said(event)} came too late to {recipient}"
        else:
            last = found[0].order
    if not fragile:
        yield from _living(record, recipient, place, seen.revisions)


def _twice(
    ends: Ends,
    record: CaseRecord,
    event: Json,
    recipient: str,
    found: list[Showing],
    counts: Counts,
) -> Iterator[str]:
    """Count what was shown more than once, and name what nothing explains."""
    kind = "card" if event["verb"] == "open" else "message"
    in_flight = ends.ledger.in_flight_at_kills[_notice(record, event, recipient, kind)]
    # The channel is read back before anything is posted there again.
    explained = 0 if recipient == "desk" else sum(one.uncertain for one in found) + in_flight
    counts.shown_twice += max(0, len(found) - 1)
    if len(found) - 1 > explained:
        yield (
            f"{record.number}: {_said(event)} came {len(found)} times to {recipient}, "
            f"{explained} of them explained"
        )


def _tells(showing: Showing, event: Json) -> bool:
    if event["text"]:
        return str(event["text"]) in showing.words.split()
    return showing.event == str(event["id"])


def _said(event: Json) -> str:
    return f"{event['verb']} {event['text']}".strip()


def _living(
    record: CaseRecord, recipient: str, place: str, revisions: dict[tuple[str, str], int]
) -> Iterator[str]:
    """Check that the living card shows the case as it is in the end."""
    if record.fields["status"] == "cancelled":
        return
    shows = revisions.get((place, record.number), 0)
    # A note stays within the desk: nobody else's card is drawn anew for it.
    last = max(
        at
        for at, event in enumerate(record.events, start=1)
        if recipient == "desk" or event["verb"] != "note"
    )
    if shows < last:
        yield f"{record.number}: the card of {recipient} shows revision {shows} of {last}"


def _revisions(ends: Ends) -> dict[tuple[str, str], int]:
    """Return the newest revision that stands on a living card, by place and case."""
    found: dict[tuple[str, str], int] = {}
    for (conversation, _), card in ends.eyes.living.items():
        for one in actions(card):
            press = one.get("data") or {}
            key = ("desk" if MARK in conversation else conversation, str(press.get("case")))
            found[key] = max(found.get(key, 0), int(press.get("rev", 0)))
    return found


def _place_of(ends: Ends, showing: Showing) -> str:
    return "desk" if showing.conversation.startswith(ends.eyes.channel) else showing.conversation


def _case_of(ends: Ends, showing: Showing) -> str:
    if showing.case:
        return showing.case
    root = showing.conversation.partition(MARK)[2]
    return ends.eyes.case_of_root.get(root, "")


# -- what must not be ------------------------------------------------------------------------


def _foreign(ends: Ends) -> Iterator[str]:
    for leak in ends.eyes.leaks:
        yield f"{leak.marker} of another company was sent to {leak.conversation}"
    digests = {digest_of(one.tenant): one for one in ends.cast.companies}
    for key, value in ends.records.values.items():
        for digest, company in digests.items():
            if digest not in key:
                continue
            others = [one.marker for one in ends.cast.companies if one is not company]
            yield from (f"{key} holds {marker}" for marker in others if marker in value)
    for record in ends.records.cases.values():
        yield from (
            f"{record.number} holds what an outsider forged: {event['text']}"
            for event in record.events
            if "forged" in event["text"]
        )


def _files(ends: Ends) -> Iterator[str]:
    wanted = set(ends.ledger.files)
    for record in ends.records.cases.values():
        for file in record.fields.get("files", []):
            wanted.add((record.fields["tenant"], file["sha256"]))
    for tenant, digest in wanted:
        path = ends.files / digest_of(tenant) / digest
        if not path.exists():
            yield f"the file {digest[:12]} of {tenant} is gone"
        elif sha256(path.read_bytes()).hexdigest() != digest:
            yield f"the file {digest[:12]} of {tenant} is damaged"


def _dropped(ends: Ends) -> Iterator[str]:
    """Look for the files whose messages were acknowledged: each is kept, or its fate was told."""
    kept = "\n".join(ends.records.values.values())
    told: dict[str, str] = defaultdict(str)
    for showing in ends.eyes.showings:
        told[showing.conversation] += showing.words
    for file in ends.ledger.dropped:
        if file.digest not in kept and file.name not in told[file.conversation]:
            yield f"{file.name} was acknowledged, and is neither kept nor spoken of"
