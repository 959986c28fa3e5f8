"""A number list of 100,000 rows, checked as the desk does, against a bare phonenumbers loop.

`python -m bench.numbers [rows] [rounds]`: prints CPU and wall of both, interleaved, and their
ratio; how long the event loop kept others waiting meanwhile; what memory it took.
The bare loop runs in as many processes as the check has workers, each with its share, and once in
one process alone: two processors that share a core's caches or clock take longer for the same work.
The workers are started before the clocks, as they are kept for a minute; what starting them costs
is told apart.
"""

import asyncio
import csv
import gc
import io
import os
import random
import resource
import statistics
import sys
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import phonenumbers
import uvloop
from phonenumbers import PhoneNumberFormat

from cases.model import FileRef
from cases.numbering import Purpose
from cases.ports import Incoming
from checking.crew import Crew
from checking.pool import Checking

REGION = "FR"


FORMS = (PhoneNumberFormat.E164, PhoneNumberFormat.INTERNATIONAL, PhoneNumberFormat.NATIONAL)


def valid_numbers(count: int) -> list[str]:
    """Draws numbers of the country, all of them valid, in the writings that admins have."""
    draw, found = random.Random(count), dict[str, str]()
    while len(found) < count:
        number = phonenumbers.parse(f"+33{draw.randrange(10**8, 10**9)}", REGION)
        if phonenumbers.is_valid_number(number):
            e164 = phonenumbers.format_number(number, PhoneNumberFormat.E164)
            found[e164] = phonenumbers.format_number(number, FORMS[len(found) % len(FORMS)])
    return list(found.values())


def table_of(numbers: Sequence[str]) -> bytes:
    """Writes them as a CSV with a name beside each."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(("Name", "PhoneNumber"))
    writer.writerows((f"Person {at}", number) for at, number in enumerate(numbers))
    return out.getvalue().encode()


class OneFile:
    """`Files` that holds the list and nothing else."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    async def receive(self, chunks: AsyncIterator[bytes], most: int) -> Incoming:
        raise NotImplementedError

    async def keep(self, tenant: str, incoming: Incoming) -> None:
        raise NotImplementedError

    async def drop(self, incoming: Incoming) -> None:
        raise NotImplementedError

    async def content(self, tenant: str, sha256: str) -> bytes:
        return self._content

    def stream(self, tenant: str, file: FileRef) -> AsyncIterator[bytes]:
        raise NotImplementedError


async def nobody(tenant: str, numbers: Sequence[str], but: str) -> Mapping[str, str]:
    """Knows of no open case."""
    return {}


def bare(numbers: Sequence[str]) -> None:
    for text in numbers:
        number = phonenumbers.parse(text, REGION)
        phonenumbers.is_valid_number(number)
        phonenumbers.number_type(number)
        phonenumbers.format_number(number, PhoneNumberFormat.E164)


def bare_at_once(numbers: Sequence[str], processes: int) -> tuple[float, float]:
    """Runs the loop with its share in each of several processes; returns wall and CPU seconds."""
    begun = time.perf_counter()
    pids = []
    for at in range(processes):
        pid = os.fork()
        if not pid:
            bare(numbers[at::processes])
            os._exit(0)
        pids.append(pid)
    spent = [os.wait4(pid, 0)[2] for pid in pids]
    cpu = sum(used.ru_utime + used.ru_stime for used in spent)
    return time.perf_counter() - begun, cpu


@dataclass
class Clocks:
    """Wall seconds, and CPU seconds of this process and its workers."""

    pids: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        self.wall, self.cpu = time.perf_counter(), self._used()

    def _used(self) -> float:
        own = resource.getrusage(resource.RUSAGE_SELF)
        return own.ru_utime + own.ru_stime + sum(map(cpu_of, self.pids))

    def passed(self) -> tuple[float, float]:
        return time.perf_counter() - self.wall, self._used() - self.cpu


def cpu_of(pid: int) -> float:
    """Returns the CPU seconds of a process so far."""
    threads = Path(f"/proc/{pid}/task").iterdir()
    return sum(int((one / "schedstat").read_text("ascii").split()[0]) for one in threads) / 1e9


def memory_of(pid: int, name: str = "VmHWM") -> float:
    """Returns the most memory that a process had resident, in MB."""
    lines = Path(f"/proc/{pid}/status").read_text("ascii").splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith(name))


@dataclass
class Lags:
    """How much later than asked the event loop comes back, in milliseconds."""

    all: list[float] = field(default_factory=list)
    ours: list[float] = field(default_factory=list)
    """What of it the loop's own thread was busy for; the rest is others on the same processors."""


@asynccontextmanager
async def lag_watched(lags: Lags) -> AsyncIterator[None]:
    """Looks every millisecond."""

    async def watch() -> None:
        while True:
            asked, busy = time.perf_counter(), time.thread_time()
            await asyncio.sleep(0.001)
            lags.ours.append((time.thread_time() - busy) * 1000)
            lags.all.append((time.perf_counter() - asked - 0.001) * 1000)

    watching = asyncio.create_task(watch())
    try:
        yield
    finally:
        watching.cancel()
        with suppress(asyncio.CancelledError):
            await watching


@dataclass
class Desk:
    """What checks, and a list to check."""

    crew: Crew
    checking: Checking
    file: FileRef
    rows: int

    async def check(self) -> None:
        purpose = Purpose(region=REGION)
        checked = await self.checking.check("t", self.file, purpose, "en")
        assert checked.summary.numbers == self.rows, checked.summary

    async def measured(self) -> tuple[float, float]:
        """Checks the list; returns wall and CPU seconds."""
        clocks = Clocks(self.crew.pids)
        await self.check()
        return clocks.passed()

    async def watched(self, lags: Lags) -> None:
        """Checks the list while somebody looks every millisecond, which itself costs CPU."""
        async with lag_watched(lags):
            await self.check()


async def main(rows: int, rounds: int) -> None:
    numbers = valid_numbers(rows)
    content = table_of(numbers)
    crew = Crew()
    checking = Checking(OneFile(content), nobody, crew=crew)
    file = FileRef(sha256="0" * 64, name="l.csv", size=len(content), media_type="text/csv")
    desk = Desk(crew, checking, file, rows)
    starting, warm, idle = Lags(), Lags(), Lags()
    gc.freeze()
    # The first round starts the workers and loads what they need.
    await desk.watched(starting)
    started = sum(map(cpu_of, crew.pids))
    bare(numbers[:1000])
    found = []
    for _ in range(rounds):
        one, alone = bare_at_once(numbers, crew.size), bare_at_once(numbers, 1)
        other = await desk.measured()
        found.append((*one, *other, alone[1]))
        print(
            "bare {:.2f} s, CPU {:.2f} · check {:.2f} s, CPU {:.2f} · bare in one {:.2f}".format(
                *found[-1]
            ),
            f"· ratio {other[1] / one[1]:.2f}",
        )
        await desk.watched(warm)
        async with lag_watched(idle):
            await asyncio.sleep(2)
    tell(found)
    print("loop lag, starting the workers:", spread(starting.all), "· ours:", spread(starting.ours))
    print("loop lag, workers warm:", spread(warm.all), "· ours:", spread(warm.ours))
    print("loop lag, nothing to do:", spread(idle.all))
    peaks = ", ".join(f"{memory_of(pid):.0f}" for pid in crew.pids)
    print(
        f"memory: desk {memory_of(os.getpid()):.0f} MB at most, workers {peaks} MB;"
        f" first check {started:.2f} s of workers' CPU"
    )
    await checking.close()


def tell(found: Sequence[Sequence[float]]) -> None:
    """Prints the ratios of all rounds."""
    best = [min(times) for times in zip(*found, strict=True)]
    print(
        f"CPU {statistics.median(one[3] / one[1] for one in found):.2f} x bare",
        f"(best against best {best[3] / best[1]:.2f};",
        f"bare in one process {statistics.median(one[3] / one[4] for one in found):.2f})",
        f"· wall {statistics.median(one[2] / one[0] for one in found):.2f} x bare",
        f"· processors used {statistics.median(one[3] / one[2] for one in found):.2f}",
    )


def spread(lags: Sequence[float]) -> str:
    """Words how late the loop was, in milliseconds."""
    in_order = sorted(lags)
    p99 = in_order[int(len(in_order) * 0.99)]
    return f"max {in_order[-1]:.1f} ms, p99 {p99:.1f} ms"


if __name__ == "__main__":
    asked = [int(word) for word in sys.argv[1:]]
    uvloop.run(main(asked[0] if asked else 100_000, asked[1] if len(asked) > 1 else 5))
