"""The rig finds each planted defect; `make faults-plants` runs this, a minute for each."""

import re
from pathlib import Path

import pytest

from tests.faults.knobs import Knobs
from tests.faults.rig import run

SEEN = {
    "no_dedupe": r"stands 2 times|times for a new case",
    "separate_commands": r"numbers .* drawn, lacking|is there 2 times|half made|has no events",
    "done_before_post": r"never came to",
    "short_lease": r"times to .*, \d+ of them explained|shows revision",
    "client_retries": r"the client sent .* again by itself",
    "no_tenant_check": r"of another company was sent",
    "answer_before_write": r"was acknowledged and is not stored|is no case",
    "everysec": r"is not there|is gone|acknowledged, stands 0 times|is there 0 times|is not stored",
}
"""What the rig says of each defect; that something is slow or stuck does not count."""
SEEDS = (3, 4, 5)
"""Where chance decides what a defect meets, another seed is tried."""


@pytest.mark.faults
@pytest.mark.slow
@pytest.mark.parametrize("plant", SEEN)
async def test_finds(plant: str, tmp_path: Path) -> None:
    pages: list[str] = []
    for seed in SEEDS:
        report = await run(planted(plant, seed, tmp_path / str(seed)))
        if any(re.search(SEEN[plant], violation) for violation in report.violations):
            return
        pages.append(report.text())
    raise AssertionError("\n".join([f"{plant} is not found", *pages]))


def planted(plant: str, seed: int, folder: Path) -> Knobs:
    """Return a run in which a defect has every chance to show."""
    powerless = plant == "everysec"
    return Knobs(
        seed=seed,
        folder=folder,
        plant=plant,
        wide=True,
        cases=12,
        kills=8 if plant == "separate_commands" else 2,
        store_kills=0 if powerless else 1,
        cuts=3 if powerless else 0,
        pauses=0,
        links=1 if powerless else 3,
        wire=0.08,
        appendfsync="everysec" if powerless else "always",
        patience=40.0,
        longest=45.0,
    )
