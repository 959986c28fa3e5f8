"""`python -m tests.faults`: runs seeds and prints a page for each; fails on any violation."""

import argparse
import asyncio
import shutil
import signal
import sys
import tempfile
from pathlib import Path

from tests.faults.knobs import Knobs
from tests.faults.planted import PLANTS
from tests.faults.rig import run
from tests.faults.targeted import check

NOT_OF_A_SEED = frozenset({"seed", "seeds", "targeted"})
SMALL = 25
"""Above so many cases the limits of Teams are lifted: a channel takes two messages a second."""


def main() -> int:
    """Run what was asked for; returns the exit status."""
    asked = _arguments()
    # Whoever is told to end still ends the processes that it has started.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    if asked.targeted:
        return _targeted(asked)
    failed: list[int] = []
    for seed in range(asked.seed, asked.seed + asked.seeds):
        folder = Path(tempfile.mkdtemp(prefix=f"faults-{seed}-"))
        report = asyncio.run(run(_knobs(asked, seed, folder)))
        sys.stdout.write(report.text() + "\n")
        if report.violations:
            failed.append(seed)
            sys.stdout.write(f"   logs     {folder}\n   again    {_again(asked, seed)}\n")
        else:
            shutil.rmtree(folder)
        sys.stdout.flush()
    if failed:
        sys.stdout.write(f"violations with seeds {failed}\n")
    return 1 if failed else 0


def _targeted(asked: argparse.Namespace) -> int:
    folder = Path(tempfile.mkdtemp(prefix="faults-targeted-"))
    report = asyncio.run(check(Knobs(seed=asked.seed, folder=folder, cuts=0, wide=True)))
    sys.stdout.write(report.text() + "\n")
    return 1 if report.violations else 0


def _knobs(asked: argparse.Namespace, seed: int, folder: Path) -> Knobs:
    return Knobs(
        seed=seed,
        folder=folder,
        cases=asked.cases,
        comments=asked.comments,
        kills=asked.kills,
        store_kills=asked.store_kills,
        pauses=asked.pauses,
        cuts=asked.cuts,
        links=asked.links,
        wire=asked.wire,
        plant=asked.plant,
        appendfsync="everysec" if asked.plant == "everysec" else asked.appendfsync,
        wide=asked.cases > SMALL,
        tenants=asked.tenants,
        customers=asked.customers,
        think=asked.think,
        longest=max(300.0, asked.cases * 6.0),
        patience=120.0 + asked.cases,
    )


def _again(asked: argparse.Namespace, seed: int) -> str:
    told = {name: value for name, value in vars(asked).items() if name not in NOT_OF_A_SEED}
    words = [f"--{name.replace('_', '-')} {value}" for name, value in told.items() if value != ""]
    return " ".join(["python -m tests.faults --seed", str(seed), *words])


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--seed", type=int, default=1, help="the first seed")
    parser.add_argument("--seeds", type=int, default=1, help="how many")
    parser.add_argument("--cases", type=int, default=60)
    parser.add_argument("--comments", type=int, default=4)
    parser.add_argument("--kills", type=int, default=8)
    parser.add_argument("--store-kills", type=int, default=2)
    parser.add_argument("--pauses", type=int, default=2)
    parser.add_argument("--cuts", type=int, default=1)
    parser.add_argument("--links", type=int, default=6)
    parser.add_argument("--wire", type=float, default=0.05)
    parser.add_argument("--tenants", type=int, default=5)
    parser.add_argument("--customers", type=int, default=2)
    parser.add_argument("--think", type=float, default=0.5)
    parser.add_argument("--appendfsync", default="always", choices=("always", "everysec"))
    parser.add_argument("--plant", default="", choices=("", *PLANTS))
    parser.add_argument("--targeted", action="store_true", help="only the checks without faults")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
