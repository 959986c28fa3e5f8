"""One run: everything is started, worked, broken, mended, left to settle, and looked at."""

import asyncio
import random
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from sandbox import SandboxSettings
from sandbox.settings import Person
from tests.faults.cast import Cast, cast_of
from tests.faults.chaos import Chaos
from tests.faults.invariants import Counts, Ends, violations_of
from tests.faults.knobs import Knobs
from tests.faults.ledger import Ledger, share
from tests.faults.link import Link
from tests.faults.plan import Wish, plan_of
from tests.faults.players import Player, World
from tests.faults.processes import Bot, Store, bot_command, environment, free_port
from tests.faults.records import Records, Witness, read_all
from tests.faults.wire import Teams

READY_WITHIN = 30.0
QUICK = 0.3
"""Seconds within which nearly every acknowledgement comes when nothing is wrong."""
NEWS_EVERY = 30.0
WHILE_PAUSED = 5.0
"""Seconds within which every acknowledgement comes while the store is halted for 4 s."""


@dataclass
class Stage:
    """All that runs."""

    knobs: Knobs
    cast: Cast
    ledger: Ledger
    store: Store
    link: Link
    teams: Teams
    bots: list[Bot]
    witness: Witness
    rng: random.Random

    @property
    def files(self) -> Path:
        return self.knobs.folder / "data" / "files"


@dataclass
class Report:
    """What came of a run."""

    knobs: Knobs
    lines: list[str] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)

    def text(self) -> str:
        """Return the page for a person."""
        found = self.violations
        head = f"seed {self.knobs.seed}" + (
            f", planted {self.knobs.plant}" if self.knobs.plant else ""
        )
        verdict = f"{len(found)} VIOLATIONS" if found else "no violation"
        most = [f"  ! {one}" for one in found[:40]]
        more = [f"  ! ... and {len(found) - 40} more"] if len(found) > 40 else []
        return "\n".join([f"== {head}: {verdict}", *self.lines, *most, *more])


@asynccontextmanager
async def opened(knobs: Knobs) -> AsyncIterator[Stage]:
    """Start store, link, connector and two bots, and end all of them."""
    rng = random.Random(knobs.seed)
    knobs.folder.mkdir(parents=True, exist_ok=True)
    cast, ledger = cast_of(knobs, rng), Ledger()
    store = Store(knobs.folder / "store", free_port(), knobs.appendfsync, traced=knobs.cuts > 0)
    link = Link(free_port(), store.port, random.Random(rng.random()))
    connector = free_port()
    teams = Teams(cast, connector, random.Random(rng.random()), ledger)
    bots = [_bot(knobs, index, link.port, connector) for index in (1, 2)]
    teams.bots = bots
    store.start()
    try:
        await store.answers()
        await link.start()
        await teams.start()
        for bot in bots:
            bot.launch()
        yield Stage(knobs, cast, ledger, store, link, teams, bots, Witness(store), rng)
    finally:
        for bot in bots:
            await asyncio.to_thread(bot.finish)
        await teams.close()
        await link.close()
        store.kill()


def _bot(knobs: Knobs, index: int, link: int, connector: int) -> Bot:
    port, desk = free_port(), SandboxSettings()
    values = {
        "PORT": port,
        "DATA_DIR": knobs.folder / "data",
        "REDIS_URL": f"redis://127.0.0.1:{link}/0",
        "SANDBOX": 0,
        "SERVICE_URL_HOSTS": f"127.0.0.1:{connector}",
        "FILE_HOSTS": f"127.0.0.1:{connector}",
        "GRAPH_URL": f"http://127.0.0.1:{connector}/sandbox/graph",
        "DESK_TENANT_ID": desk.desk_tenant_id,
        "DESK_TEAM_ID": desk.desk_team_id,
        "DESK_CHANNEL_ID": desk.desk_channel_id,
        "PYTHONPATH": Path(__file__).resolve().parents[2],
    }
    return Bot(
        name=f"bot{index}",
        command=bot_command(knobs.plant, knobs.wide),
        environment=environment(values),
        log=knobs.folder / f"bot{index}.log",
        port=port,
    )


async def introduced(stage: Stage) -> None:
    """Have everybody meet the bot, and wait until all are known by their e-mail."""
    deadline = time.monotonic() + READY_WITHIN
    for bot in stage.bots:
        while not (await stage.teams.post(stage.teams.meets(stage.cast.agents[0]), bot)).ok:
            if time.monotonic() > deadline or not bot.alive:
                raise RuntimeError(f"{bot.name} does not start, see {bot.log}")
            await asyncio.sleep(0.1)
    people = [one for company in stage.cast.companies for one in company.people]
    await asyncio.gather(*(stage.teams.deliver(stage.teams.meets(one)) for one in people))
    for company in stage.cast.companies:
        while await stage.witness.emails(company.tenant) < len(company.people):
            if time.monotonic() > deadline:
                raise RuntimeError("not everybody was introduced")
            await asyncio.sleep(0.05)
    # Whatever it took to start is no acknowledgement of the run's.
    stage.ledger.times.clear()
    stage.ledger.failed = 0


async def run(knobs: Knobs) -> Report:
    """Run one seed and report."""
    began = time.monotonic()
    async with opened(knobs) as stage:
        await introduced(stage)
        plan = plan_of(knobs, stage.cast, stage.rng)
        effort = sum(wish.effort for wishes in plan.values() for wish in wishes)
        chaos = _chaos(stage, effort)
        worked = await _played(stage, plan, chaos)
        drained = await _drained(stage)
        records = await asyncio.to_thread(_read, stage.store)
        counts = Counts()
        ends = Ends(stage.cast, stage.ledger, records, stage.teams.eyes, stage.files)
        violations = violations_of(ends, counts)
        if drained is None:
            violations.append(f"the outbox did not drain in {knobs.patience:.0f} s")
        violations += [
            f"the client sent {name} again by itself" for name in sorted(set(stage.link.repeated))
        ]
        violations += [
            f"{one.kind} took {one.ended - one.began:.1f} s while only the store was paused"
            for one in stage.ledger.during("store paused")
            if one.ended - one.began > WHILE_PAUSED
        ]
        if violations:
            await asyncio.to_thread(_tell, stage, began)
    report = Report(knobs, violations=violations)
    report.lines = _lines(stage, chaos, counts, worked, drained, time.monotonic() - began)
    return report


def _chaos(stage: Stage, effort: int) -> Chaos:
    return Chaos(
        knobs=stage.knobs,
        cast=stage.cast,
        bots=stage.bots,
        store=stage.store,
        link=stage.link,
        teams=stage.teams,
        ledger=stage.ledger,
        witness=stage.witness,
        rng=random.Random(stage.rng.random()),
        effort=effort,
    )


async def _played(stage: Stage, plan: dict[Person, list[Wish]], chaos: Chaos) -> float:
    """Have everybody do what they want while things go wrong; returns the seconds it took."""
    began = time.monotonic()
    world = World(stage.teams, stage.ledger, stage.witness, stage.rng, stage.knobs.think)
    stage.teams.calm = False
    watches = [asyncio.create_task(chaos.watch(bot)) for bot in stage.bots]
    trouble = asyncio.create_task(chaos.run())
    news = asyncio.create_task(_keeps_posted(stage, chaos.effort))
    players = [
        asyncio.create_task(Player(who, world).plays(wishes)) for who, wishes in plan.items()
    ]
    _, late = await asyncio.wait(players, timeout=stage.knobs.longest)
    for player in late:
        player.cancel()
        stage.ledger.blame("the work did not come to an end")
    await _ended([trouble], 30.0)
    chaos.mend()
    stage.teams.calm = True
    for one in players:
        if one.done() and not one.cancelled() and one.exception() is not None:
            raise RuntimeError("a player failed") from one.exception()
    await stage.teams.settle()
    deadline = time.monotonic() + READY_WITHIN
    while not all(bot.alive for bot in stage.bots):
        if time.monotonic() > deadline:
            stage.ledger.blame("a bot does not come back")
            break
        await asyncio.sleep(0.1)
    for task in (*watches, news):
        task.cancel()
    return time.monotonic() - began


async def _keeps_posted(stage: Stage, effort: int) -> None:
    """Say how far a long run is."""
    while True:
        await asyncio.sleep(NEWS_EVERY)
        sys.stderr.write(
            f"   seed {stage.knobs.seed}: {stage.ledger.progress} of about {effort} deeds, "
            f"{len(stage.ledger.violations)} violations so far\n"
        )


async def _ended(tasks: "Sequence[asyncio.Task[None]]", within: float) -> None:
    _, late = await asyncio.wait(tasks, timeout=within)
    for task in late:
        task.cancel()
    for task in set(tasks) - late:
        task.result()


async def _drained(stage: Stage) -> float | None:
    """Wait until nothing is left to deliver; returns the seconds it took, or none."""
    began = time.monotonic()
    while time.monotonic() - began < stage.knobs.patience:
        if await stage.witness.waiting() == 0:
            return time.monotonic() - began
        await asyncio.sleep(0.2)
    return None


def _read(store: Store) -> Records:
    with store.client() as client:
        return read_all(client)


def _tell(stage: Stage, began: float) -> None:
    """Write down for whoever looks for a cause what went wrong when, and what was shown when."""
    ledger = stage.ledger
    spells = [(one.began, f"{one.what} until {one.ended - began:.2f}") for one in ledger.spells]
    shown = [
        (
            one.at,
            f"{one.kind} {one.case} in {one.conversation[-16:]} {one.fault}: {one.words[:120]}",
        )
        for one in stage.teams.eyes.showings
    ]
    deeds = [
        (one.begun, f"{one.verb} {one.token} {one.case} {'sure' if one.sure else 'unsure'}")
        for one in ledger.deeds
    ]
    story = sorted((*spells, *shown, *deeds))
    lines = [f"{at - began:8.2f} {what}" for at, what in story]
    (stage.knobs.folder / "story.txt").write_text("\n".join(lines) + "\n", "utf-8")


def _lines(
    stage: Stage, chaos: Chaos, counts: Counts, worked: float, drained: float | None, took: float
) -> list[str]:
    ledger, knobs, link = stage.ledger, stage.knobs, stage.link
    everything = [one.ended - one.began for one in ledger.times if one.status]
    served = ledger.served()
    paused = [one.ended - one.began for one in ledger.during("store paused")]
    done = sum(one.sure for one in ledger.deeds)
    lost = ", ".join(map(str, chaos.lost_bytes)) or "none"
    method = "traced" if stage.store.can_trace else "by contract"
    slowest, slowest_paused = max(everything, default=0), max(paused, default=0)
    return [
        f"   work     {counts.cases} cases, {counts.events} events ({done} deeds acknowledged), "
        f"{len(ledger.drafts)} drafts, {counts.notices} notices ({counts.dead} dead), "
        f"{worked:.0f} s, drained in {drained or -1:.1f} s, {took:.0f} s in all",
        f"   wire     {ledger.deliveries} deliveries, {ledger.doubled} doubled, {ledger.renamed} "
        f"with a new id, {ledger.failed} given up; {len(ledger.dropped)} files, "
        f"{ledger.slow_files} slow ones; {stage.teams.eyes.calls} calls of the bots"
        + (", limits lifted" if knobs.wide else ""),
        f"   faults   {chaos.killed} bots killed, {chaos.met} more at failpoints, "
        f"{knobs.store_kills} store kills, {knobs.cuts} power cuts ({method}; bytes lost: {lost}), "
        f"{knobs.pauses} + {knobs.pauses} pauses, {link.lost} answers lost, "
        f"{link.broken} connections reset",
        f"   answers  p50 {_ms(everything, 0.5)}, p99 {_ms(everything, 0.99)}, "
        f"max {slowest:.2f} s; store, link and bots there: p99 {_ms(served, 0.99)} of "
        f"{len(served)}; "
        f"store paused: max {slowest_paused:.2f} s "
        f"of {len(paused)}",
        f"   twice    {counts.shown_twice} notices shown twice; {stage.teams.eyes.uncertain} "
        f"unknown outcomes, {len(ledger.in_flight_at_kills)} in flight at a kill",
    ]


def _ms(times: list[float], part: float) -> str:
    return f"{share(times, part) * 1000:.0f} ms"
