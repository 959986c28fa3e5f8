"""Three checks without any fault: many edits at once, double clicks, and how quick it all is."""

import asyncio
import time

from sandbox.activities import event_id
from sandbox.settings import Person
from tests.faults.invariants import Counts, Ends, violations_of
from tests.faults.knobs import Knobs
from tests.faults.ledger import Done, share
from tests.faults.plan import Wish
from tests.faults.players import Player, World, appears, is_event_of
from tests.faults.records import read_all
from tests.faults.rig import QUICK, Report, Stage, introduced, opened
from tests.faults.seen import Json, Seen, words_in

EDITS = 50
VERBS = ("hold", "ask", "comment", "note", "take", "resolve")


async def check(knobs: Knobs) -> Report:
    """Run the three and look at everything as after any run."""
    report = Report(knobs)
    async with opened(knobs) as stage:
        await introduced(stage)
        world = World(stage.teams, stage.ledger, stage.witness, stage.rng)
        root = await _opened_a_case(stage, world)
        number = str(root.presses[0]["case"])
        await _is_quick(stage, world, report, timed=knobs.timed)
        await _edits(stage, root, number, report)
        await _double_clicks(stage, root, number, report)
        await _drained(stage, report)
        with stage.store.client() as client:
            records = read_all(client)
        ends = Ends(stage.cast, stage.ledger, records, stage.teams.eyes, stage.files)
        report.violations += violations_of(ends, Counts())
    return report


async def _opened_a_case(stage: Stage, world: World) -> Seen:
    company = stage.cast.companies[0]
    wish = Wish("shared", company, company.customers[0], "general_inquiry", (), ())
    await Player(wish.who, world).plays([wish])
    number = stage.ledger.cases[0].number
    root = await appears(world, lambda: next(iter(stage.teams.eyes.roots_of(number)), None))
    if root is None:
        raise RuntimeError("the case never came to the channel")
    return root


async def _is_quick(stage: Stage, world: World, report: Report, *, timed: bool) -> None:
    """Have a few people open cases side by side, and measure how long they are kept waiting."""
    stage.ledger.times.clear()
    people: list[tuple[Person, list[Wish]]] = []
    for place, company in enumerate(stage.cast.companies):
        who = company.customers[1]
        wishes = [
            Wish(f"quick{place}n{index}", company, who, "general_inquiry", (), ())
            for index in range(6)
        ]
        people.append((who, wishes))
    await asyncio.gather(*(Player(who, world).plays(wishes) for who, wishes in people))
    times = [one.ended - one.began for one in stage.ledger.times]
    p99 = share(times, 0.99)
    report.lines.append(
        f"   quick    {len(times)} acknowledgements: p50 {share(times, 0.5) * 1000:.0f} ms, "
        f"p99 {p99 * 1000:.0f} ms"
    )
    if timed and p99 > QUICK:
        report.violations.append(f"p99 of acknowledgements without a fault: {p99 * 1000:.0f} ms")


async def _edits(stage: Stage, root: Seen, number: str, report: Report) -> None:
    """Change one case 50 times at once: each change is applied, or its author is told."""
    agents = stage.cast.agents
    deeds: list[tuple[Done, Json]] = []
    for index in range(EDITS):
        who, verb = agents[index % len(agents)], VERBS[index % len(VERBS)]
        verb = "note" if verb == "resolve" else verb
        verb = "comment" if verb == "take" and index >= len(agents) else verb
        done = Done(f"edit{index}x", number, verb, who.aad, time.monotonic())
        stage.ledger.deeds.append(done)
        deeds.append((done, _press(stage, who, root, done)))
    replies = await asyncio.gather(*(stage.teams.post(activity) for _, activity in deeds))
    events = await stage.witness.events(number)
    applied = told = 0
    for (done, _), reply in zip(deeds, replies, strict=True):
        stands = any(is_event_of(event, done) for event in events)
        refused = "⚠" in " ".join(words_in(reply.card or {})) or bool(reply.line)
        applied += stands
        told += refused and not stands
        done.sure, done.at = stands and not refused, time.monotonic()
        if not stands and not refused:
            report.violations.append(f"{done.token} ({done.verb}) is neither applied nor refused")
        if stands and refused:
            report.violations.append(f"{done.token} ({done.verb}) was refused and is applied")
    report.lines.append(f"   edits    {EDITS} at once: {applied} applied, {told} told")


def _press(stage: Stage, who: Person, root: Seen, done: Done) -> Json:
    data = {"verb": done.verb, "case": done.case, "rev": root.presses[0].get("rev", 1)}
    return stage.teams.execute(who, root, data, {f"{done.verb}_text": done.token})


async def _double_clicks(stage: Stage, root: Seen, number: str, report: Report) -> None:
    """Press buttons twice each, half of them as one activity and half as two."""
    pairs: list[tuple[Done, Json, Json]] = []
    for index in range(stage.knobs.doubles):
        who = stage.cast.agents[index % len(stage.cast.agents)]
        done = Done(f"double{index}x", number, "note", who.aad, time.monotonic())
        stage.ledger.deeds.append(done)
        first = _press(stage, who, root, done)
        second = first if index % 2 else {**first, "id": event_id()}
        pairs.append((done, first, second))
    room = asyncio.Semaphore(16)

    async def twice(first: Json, second: Json) -> None:
        async with room:
            await asyncio.gather(
                stage.teams.post(first, stage.bots[0]), stage.teams.post(second, stage.bots[1])
            )

    await asyncio.gather(*(twice(first, second) for _, first, second in pairs))
    events = await stage.witness.events(number)
    counts = [sum(is_event_of(event, done) for event in events) for done, _, _ in pairs]
    report.lines.append(f"   doubles  {len(pairs)} double clicks: {counts.count(1)} single effects")
    if counts.count(1) != len(pairs):
        report.violations.append(f"double clicks had {sorted(set(counts))} effects")


async def _drained(stage: Stage, report: Report) -> None:
    deadline = time.monotonic() + stage.knobs.patience
    while await stage.witness.waiting():
        if time.monotonic() > deadline:
            report.violations.append("the outbox did not drain")
            return
        await asyncio.sleep(0.2)
