"""The invariants themselves, on stores that are broken on purpose."""

import pytest

from tests.faults.cast import partition_of
from tests.faults.invariants import broken_batches
from tests.faults.records import CaseRecord, Records, digest_of

TENANT = "0b9f6a70-1111-4222-8333-944444444444"
WHOLE = (1, 2, 3)


def kept(*parts: int, of: int = 3, index: tuple[int, ...] = WHOLE) -> Records:
    """A store that holds these parts of a batch, as cases 1, 2, 3 ..."""
    partition = partition_of(TENANT)
    records = Records()
    for sequence, part in enumerate(parts, start=1):
        fields = {"tenant": TENANT, "batch": "draft-1", "part": part, "parts": of}
        record = CaseRecord(partition, sequence, {}, fields, [])
        records.cases[record.number] = record
    if index:
        records.batches[partition, digest_of(TENANT), "draft-1"] = set(index)
    return records


def test_a_whole_batch_is_no_violation() -> None:
    assert list(broken_batches(kept(*WHOLE))) == []
    assert list(broken_batches(Records())) == []


@pytest.mark.parametrize(
    "broken",
    [
        kept(1, 2, index=(1, 2)),
        kept(1, 1, 2),
        kept(1, 3, 2),
        kept(*WHOLE, of=4),
        kept(*WHOLE, index=(1, 2)),
        kept(*WHOLE, index=()),
        kept(index=(1, 2, 3)),
    ],
    ids=["lacks one", "twice", "out of order", "of four", "not listed", "no index", "no cases"],
)
def test_a_broken_batch_is_named(broken: Records) -> None:
    assert all("draft-1" in line for line in broken_batches(broken))
    assert list(broken_batches(broken))
