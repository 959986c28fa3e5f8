"""Lists of any size, with real worker processes: what they say, what they survive, what they leave.

The desk's own process is this one, except where it has to die.
"""

import asyncio
import csv
import io
import os
import random
import signal
import sys
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path

import pytest
import structlog

from cases.errors import NotFound, Rejected, Unavailable
from cases.lists import LONGEST, XLSX, rows
from cases.model import FileRef
from cases.numbering import Purpose
from cases.ports import Checked, Files
from cases.vocabulary import CaseType
from checking.checkup import checkup
from checking.crew import Crew
from checking.pool import Checking
from storage.files import open_files
from strings import text_for
from tests.checking.workbooks import (
    locked,
    swollen,
    with_cells_far_apart,
    with_shared_text,
    workbook,
)

FRANCE = Purpose(region="FR", case_type=CaseType.PORT_IN)
AMERICA = Purpose(region="US")
ACME = "acme"
ROOT = Path(__file__).parents[2]


class Ledger:
    """Knows a few numbers of open cases, and what it was asked."""

    def __init__(self) -> None:
        self.cases: dict[str, str] = {}
        self.asked: list[int] = []

    async def busy(self, tenant: str, numbers: Sequence[str], but: str) -> Mapping[str, str]:
        assert tenant == ACME
        self.asked.append(len(numbers))
        known = {number: self.cases[number] for number in numbers if number in self.cases}
        return {number: case for number, case in known.items() if case != but}


class Desk:
    """A `Checking` with files, a ledger, and workers to look at."""

    def __init__(self, files: Files, *, workers: int = 2, patience: float = 60) -> None:
        self.files = files
        self.ledger = Ledger()
        self.crew = Crew(workers)
        self.checking = Checking(files, self.ledger.busy, crew=self.crew, patience=patience)
        self.progress: list[tuple[int, int]] = []

    async def stored(self, content: bytes, media_type: str) -> FileRef:
        incoming = await self.files.receive(_once(content), 30 * 2**20)
        await self.files.keep(ACME, incoming)
        return FileRef(
            sha256=incoming.sha256, name="list", size=incoming.size, media_type=media_type
        )

    async def check(
        self, source: str | FileRef, purpose: Purpose = FRANCE, language: str = "en", but: str = ""
    ) -> Checked:
        return await self.checking.check(
            ACME, source, purpose, language, lambda *at: self.progress.append(at), but
        )

    async def sheet(self, content: bytes, purpose: Purpose = AMERICA) -> Checked:
        return await self.check(await self.stored(content, XLSX), purpose)


async def _once(content: bytes) -> AsyncIterator[bytes]:
    yield content


@pytest.fixture
async def files(tmp_path: Path) -> Files:
    return await open_files((tmp_path / "files").as_uri(), tmp_path / "incoming")


@pytest.fixture
async def desk(files: Files) -> AsyncIterator[Desk]:
    desk = Desk(files)
    yield desk
    pids = desk.crew.pids
    await desk.checking.close()
    assert not [pid for pid in pids if alive(pid)]


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


async def until_gone(pids: Sequence[int], seconds: float = 20) -> list[int]:
    """Returns the processes that are still there after a while."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and any(map(alive, pids)):  # noqa: ASYNC110  no signal
        await asyncio.sleep(0.01)
    return [pid for pid in pids if alive(pid)]


def mess(count: int) -> str:
    """Writes a list with everything in it: right and wrong, twice, foreign, and a few ranges."""
    draw = random.Random(count)
    forms = (
        lambda n: f"+331{n:08d}",
        lambda n: f"01 {n:08d}",
        lambda n: f"+33 6 {n:08d}",
        lambda n: f"0800{n % 10**6:06d}",
        lambda n: f"+1425555{n % 10**4:04d}",
        lambda n: f"Bob {n}",
        lambda n: f"331{n:08d}",
        lambda n: f"=0{n:09d}",
        lambda n: f"+331{n // 100 * 100:08d} - +331{n // 100 * 100 + 2:08d}",
    )
    return "\n".join(draw.choice(forms)(draw.randrange(10**8)) for _ in range(count))


def simple(count: int) -> str:
    return "\n".join(f"+331{40_000_000 + at}" for at in range(count))


@pytest.mark.parametrize(
    "language, count", [("fr", 3_000), pytest.param("en", 6_000, marks=pytest.mark.slow)]
)
async def test_says_what_one_process_alone_would_say(desk: Desk, language: str, count: int) -> None:
    text = mess(count)
    desk.ledger.cases = {"+33140000001": "TNS-000001"}
    alone = checkup(rows(text), FRANCE, text_for(language), desk.ledger.cases)
    assert await desk.check(text, FRANCE, language) == alone
    assert len(desk.crew.pids) == 2


async def test_a_short_list_needs_no_process(desk: Desk) -> None:
    checked = await desk.check(simple(100))
    assert (checked.summary.rows, checked.summary.numbers) == (100, 100)
    assert desk.crew.pids == ()
    assert desk.progress == []


async def test_a_short_list_of_long_ranges_is_work_for_processes(desk: Desk) -> None:
    ranges = (f"+331{40 + at}000000 - +331{40 + at}004999" for at in range(3))
    checked = await desk.check("\n".join(ranges))
    assert (checked.summary.rows, checked.summary.numbers) == (3, 15_000)
    assert desk.crew.pids


async def test_a_stored_text_is_read_as_a_typed_one(desk: Desk) -> None:
    text = "Name;PhoneNumber\r\nZoé;01 40 00 00 01\r\nAnn;+33140000002\r\n"
    file = await desk.stored(text.encode("cp1252"), "text/csv")
    checked = await desk.check(file)
    assert numbers_in(checked.clean) == ["+33140000001", "+33140000002"]
    assert checked == await desk.check(text)


async def test_a_sheet_is_read_in_a_process(desk: Desk) -> None:
    checked = await desk.sheet(workbook([["Name", "PhoneNumber"], ["Ann", 14255551234]]))
    assert numbers_in(checked.clean) == ["+14255551234"]
    assert len(desk.crew.pids) > 0


async def test_progress_rises_to_the_end(desk: Desk) -> None:
    await desk.check(simple(5_500))
    done = [done for done, _ in desk.progress]
    assert {total for _, total in desk.progress} == {5_500}
    assert done == sorted(set(done))
    assert done[-1] == 5_500
    assert len(done) > 2


async def test_numbers_are_looked_up_in_open_cases(desk: Desk) -> None:
    desk.ledger.cases = {"+33140000007": "TNS-000064", "+33140003000": "TNS-000128"}
    checked = await desk.check(simple(3_500))
    assert checked.summary.stops == {"in_open_case": 2}
    assert [finding.params for finding in checked.summary.findings] == [
        {"case": "TNS-000064"},
        {"case": "TNS-000128"},
    ]
    assert max(desk.ledger.asked) <= 1_000
    assert sum(desk.ledger.asked) == 3_500
    again = await desk.check(simple(3_500), but="TNS-000064")
    assert again.summary.stops == {"in_open_case": 1}


async def test_mixed_lists_come_in_parts(desk: Desk) -> None:
    text = "\n".join([simple(2_000), *(f"+33800{at:06d}" for at in range(100_000, 100_050))])
    checked = await desk.check(text)
    assert [(group.key, group.count) for group in checked.summary.groups] == [
        ("toll", 2_000),
        ("toll_free", 50),
    ]
    assert [len(numbers_in(part)) for part in checked.parts] == [2_000, 50]


# What is refused


@pytest.mark.parametrize("media_type", ["text/csv", "text/plain", XLSX])
async def test_a_file_over_the_cap_is_refused_unread(desk: Desk, media_type: str) -> None:
    # There is no such file: nobody looks.
    file = FileRef(sha256="0" * 64, name="list", size=LONGEST + 1, media_type=media_type)
    with pytest.raises(Rejected, match="list_too_long"):
        await desk.check(file)
    assert desk.crew.pids == ()


async def test_a_text_over_the_cap_is_refused_unread(desk: Desk) -> None:
    with pytest.raises(Rejected, match="list_too_long"):
        await desk.check("1" * (LONGEST + 1))
    assert desk.crew.pids == ()


async def test_too_many_rows_are_refused_and_the_next_list_is_checked(desk: Desk) -> None:
    with pytest.raises(Rejected) as refused:
        await desk.check("\n".join(f"01 40 {at:02}0000 - 01 40 {at:02}9999" for at in range(21)))
    assert (refused.value.code, refused.value.params) == ("list_too_long", {"most": 200_000})
    assert (await desk.check(simple(3_000))).summary.numbers == 3_000


async def test_what_is_no_list_is_refused(desk: Desk) -> None:
    file = await desk.stored(b"%PDF-1.7", "application/pdf")
    with pytest.raises(Rejected, match="file_kind"):
        await desk.check(file)


async def test_a_list_that_is_gone_is_not_found(desk: Desk) -> None:
    file = FileRef(sha256="0" * 64, name="list", size=40_000, media_type="text/csv")
    with pytest.raises(NotFound):
        await desk.check(file)
    assert (await desk.check(simple(3_000))).summary.numbers == 3_000


@pytest.mark.parametrize(
    "content, code",
    [
        (workbook([["x"]])[:-100], "file_damaged"),
        (locked(workbook([["x"]])), "file_locked"),
        (swollen(workbook([["x"]]), 10 * 2**30, told=2**32 - 1), "file_absurd"),
        (swollen(workbook([["x"]]), 4 * 2**30, told=8), "file_damaged"),
        (with_shared_text("A" * 2**20, 100_000), "file_absurd"),
        (with_cells_far_apart(), "file_absurd"),
    ],
    ids=[
        "cut off",
        "locked",
        "10 GB in it",
        "4 GB in secret",
        "100 GB of text",
        "17,179,869,184 cells",
    ],
)
async def test_an_absurd_workbook_is_refused_and_the_desk_stays_slim(
    desk: Desk, content: bytes, code: str
) -> None:
    stored = await desk.stored(content, XLSX)
    # Some are over the cap; were they not, they would do no more harm.
    file = stored.but(size=min(stored.size, LONGEST))
    before = resident(os.getpid())
    with pytest.raises(Rejected, match=code):
        await desk.check(file, AMERICA)
    assert resident(os.getpid()) - before < 64 * 2**20
    assert numbers_in((await desk.sheet(workbook([[14255551234]]))).clean) == ["+14255551234"]


def resident(pid: int) -> int:
    """Returns the bytes that a process has in memory."""
    pages = int(Path(f"/proc/{pid}/statm").read_text("ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


# What is survived


async def some_progress(desk: Desk) -> None:
    while not desk.progress:  # noqa: ASYNC110  told by a call, which sets nothing
        await asyncio.sleep(0.001)


async def test_a_worker_that_is_killed_is_replaced(desk: Desk) -> None:
    text = simple(12_000)
    checking = asyncio.create_task(desk.check(text))
    await some_progress(desk)
    with structlog.testing.capture_logs() as logs:
        for pid in desk.crew.pids:
            os.kill(pid, signal.SIGKILL)
        checked = await checking
    assert checked.summary.numbers == 12_000
    assert {log["event"] for log in logs} == {"check_worker_lost"}
    assert desk.progress[-1] == (12_000, 12_000)
    assert checked == checkup(rows(text), FRANCE, text_for("en"), {})


async def test_a_worker_that_was_killed_while_idle_is_replaced(desk: Desk) -> None:
    await desk.check(simple(3_000))
    for pid in desk.crew.pids:
        os.kill(pid, signal.SIGKILL)
    assert (await desk.check(simple(3_000))).summary.numbers == 3_000


async def test_work_that_kills_its_workers_is_given_up(desk: Desk) -> None:
    async def keep_killing() -> None:
        while True:
            for pid in desk.crew.pids:
                os.kill(pid, signal.SIGKILL)
            await asyncio.sleep(0.005)

    killing = asyncio.create_task(keep_killing())
    with pytest.raises(Unavailable):
        await desk.check(simple(3_000))
    killing.cancel()
    assert (await desk.check(simple(3_000))).summary.numbers == 3_000


async def test_a_check_that_takes_too_long_is_given_up(files: Files) -> None:
    desk = Desk(files, patience=0.05)
    with pytest.raises(Unavailable):
        await desk.check(mess(50_000))
    assert (await desk.check(simple(10))).summary.numbers == 10
    await desk.checking.close()


async def test_a_check_that_is_cancelled_leaves_no_worker_at_it(desk: Desk) -> None:
    checking = asyncio.create_task(desk.check(mess(30_000)))
    await some_progress(desk)
    busy = desk.crew.pids
    checking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await checking
    assert await until_gone(busy) == []
    assert (await desk.check(simple(3_000))).summary.numbers == 3_000


async def test_several_checks_at_once_are_all_answered(desk: Desk) -> None:
    counts = [3_000, 4_000, 5_000, 6_000]
    found = await asyncio.gather(*(desk.check(simple(count)) for count in counts))
    assert [checked.summary.numbers for checked in found] == counts
    assert len(desk.crew.pids) == 2


async def test_once_closed_it_says_so(desk: Desk) -> None:
    checking = asyncio.create_task(desk.check(mess(20_000)))
    await some_progress(desk)
    await desk.checking.close()
    with pytest.raises(Unavailable):
        await checking
    with pytest.raises(Unavailable):
        await desk.check(simple(3_000))


PARENT = """
import asyncio, sys
from pathlib import Path
from cases.numbering import Purpose
from checking.crew import Crew
from checking.pool import Checking
from storage.files import open_files

async def nobody(tenant, numbers, but):
    return {}

async def main(folder):
    crew = Crew(2)
    files = await open_files((folder / "files").as_uri(), folder / "incoming")
    checking = Checking(files, nobody, crew=crew)
    def tell(done, total):
        print(*crew.pids, flush=True)
    text = "\\n".join(f"+331{40_000_000 + at}" for at in range(30_000))
    await checking.check("acme", text, Purpose(region="FR"), "en", tell)

asyncio.run(main(Path(sys.argv[1])))
"""


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGTERM])
async def test_workers_end_with_the_desk(tmp_path: Path, end: signal.Signals) -> None:
    parent = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", PARENT, str(tmp_path)), stdout=asyncio.subprocess.PIPE, cwd=ROOT
    )
    assert parent.stdout is not None
    pids = list(map(int, (await parent.stdout.readline()).split()))
    assert len(pids) == 2
    assert all(map(alive, pids))
    parent.send_signal(end)
    assert await until_gone(pids) == []
    await parent.wait()


@pytest.mark.parametrize("said", [b"", b"\2\0", b"\2\0\0\0\4\0\0\0find"])
async def test_a_worker_whose_desk_died_in_the_middle_of_a_message_ends(said: bytes) -> None:
    worker = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "checking.worker"), stdin=asyncio.subprocess.PIPE, cwd=ROOT
    )
    async with asyncio.timeout(20):
        await worker.communicate(said)


async def test_ctrl_c_in_the_terminal_does_not_reach_a_worker(desk: Desk) -> None:
    await desk.check(simple(3_000))
    for pid in desk.crew.pids:
        assert os.getsid(pid) != os.getsid(0)
        os.kill(pid, signal.SIGINT)
    pids = desk.crew.pids
    assert (await desk.check(simple(3_000))).summary.numbers == 3_000
    assert desk.crew.pids == pids


async def test_a_worker_knows_no_secrets(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MicrosoftAppPassword", "very-secret")
    await desk.check(simple(3_000))
    for pid in desk.crew.pids:
        assert b"very-secret" not in environment(pid)


def environment(pid: int) -> bytes:
    return Path(f"/proc/{pid}/environ").read_bytes()


def numbers_in(content: bytes) -> list[str]:
    header, *found = csv.reader(io.StringIO(content.decode()))
    assert header == ["PhoneNumber"]
    return [number for (number,) in found]
