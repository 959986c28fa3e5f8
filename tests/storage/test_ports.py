"""Every store fulfils its port, as the type checker sees it, and answers to all its names."""

import pytest

from cases.ports import (
    CaseStore,
    Conversations,
    DeadLetters,
    Directory,
    Files,
    Ledger,
    Outbox,
    PendingMessages,
)
from storage.cases import RedisCases
from storage.files import ObjectFiles
from storage.ledger import RedisLedger
from storage.outbox import RedisOutbox
from storage.pending import RedisPending
from storage.people import RedisPeople
from storage.turns import RedisTurns

STORES: tuple[type[CaseStore], type[Conversations], type[Directory], type[Outbox], type[Files]] = (
    RedisCases,
    RedisTurns,
    RedisPeople,
    RedisOutbox,
    ObjectFiles,
)
LETTERS: type[DeadLetters] = RedisOutbox
LEDGER: type[Ledger] = RedisLedger
PENDING: type[PendingMessages] = RedisPending


@pytest.mark.parametrize(
    "port, store",
    [
        *zip((CaseStore, Conversations, Directory, Outbox, Files), STORES, strict=True),
        (DeadLetters, LETTERS),
        (Ledger, LEDGER),
        (PendingMessages, PENDING),
    ],
)
def test_every_call_of_the_port_is_there(port: type, store: type) -> None:
    calls = {name for name in vars(port) if not name.startswith("_")}
    assert calls
    assert calls <= set(vars(store))
