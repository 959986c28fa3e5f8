"""The rig in short: a run with a fault of every kind, the targeted checks, and its own parts."""

from dataclasses import replace
from pathlib import Path

import pytest

from storage.scripts import PUT
from tests.faults.knobs import Knobs
from tests.faults.link import names_in
from tests.faults.processes import synced_bytes
from tests.faults.rig import run
from tests.faults.targeted import check

SHORT = Knobs(
    seed=1,
    folder=Path(),
    cases=8,
    kills=3,
    store_kills=1,
    pauses=1,
    cuts=1,
    links=1,
    tenants=3,
    wide=True,
)


@pytest.mark.faults
@pytest.mark.slow
async def test_nothing_acknowledged_is_lost(tmp_path: Path) -> None:
    report = await run(replace(SHORT, folder=tmp_path))
    assert report.violations == [], report.text()


@pytest.mark.faults
@pytest.mark.slow
async def test_many_hands_on_one_case(tmp_path: Path) -> None:
    report = await check(Knobs(seed=1, folder=tmp_path, cuts=0, wide=True, timed=False, doubles=50))
    assert report.violations == [], report.text()


def test_reads_from_a_trace_what_was_synced() -> None:
    log = "/d/appendonlydir/appendonly.aof.1.incr.aof"
    lines = (
        f'7 write(11<{log}>, ""..., 100) = 100',
        '7 write(8<socket:[1]>, ""..., 55) = 55',
        f"9 fdatasync(11<{log}> <unfinished ...>",
        f'7 write(11<{log}>, ""..., 30) = 30',
        "9 <... fdatasync resumed>) = 0",
        f'7 write(11<{log}>, ""..., 7 <unfinished ...>',
        "7 <... write resumed>) = 7",
    )
    assert synced_bytes("\n".join(lines)) == 100
    assert synced_bytes("\n".join((*lines, f"9 fsync(11<{log}>) = 0"))) == 137


def test_knows_a_script_by_its_digest() -> None:
    asked = f"*4\r\n$7\r\nEVALSHA\r\n$40\r\n{PUT.sha}\r\n$1\r\n0\r\n".encode()
    assert names_in(asked) == ["put"]
    assert names_in(b"*1\r\n$4\r\nPING\r\n") == []
