"""The ledger of numbers in Redis: which telephone number is in which open case of a tenant.

Telephone numbers stand in hashes of `BLOCK` consecutive ones, each with the claims on it. A claim
is made of draft and list before there is a case, and the script that makes the case tells whose it
was: a claim whose case never came to be stands for nothing. Whether the case is open is looked up
when asked.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Final

from pydantic_core import to_json

from cases.model import BALL
from storage import scripts
from storage.keys import BLOCK, Place, TenantKeys, of_tenant
from storage.server import Call, Server, Words

AT_ONCE: Final = 100
"""Numbers that one script looks at, so that nobody else waits long for the server."""
MOST_CLAIMS: Final = 4
"""Claims that are kept of a number; the oldest are most likely of cases long closed."""
CLAIM_BYTES: Final = 6
"""At most 15 digits a claim: a server packs no hash with a value of more than 64 bytes."""

_E164: Final = re.compile(r"\+([1-9][0-9]{2,14})", re.ASCII)


@dataclass(frozen=True)
class _Numbers:
    """Some numbers, each once, sorted into their blocks."""

    blocks: dict[int, list[int]] = field(default_factory=dict)
    """Places within a block, by block."""

    def keys(self, keys: TenantKeys) -> list[str]:
        return [keys.holders(block) for block in self.blocks]

    def places(self) -> list[int]:
        return [part for places in self.blocks.values() for part in (len(places), *places)]

    def each(self) -> list[str]:
        """Return the numbers in the order in which the scripts see them."""
        return [
            f"+{block * BLOCK + place}" for block, places in self.blocks.items() for place in places
        ]


class RedisLedger:
    """The `Ledger` over Redis."""

    def __init__(self, server: Server) -> None:
        self._server = server

    async def claim(self, tenant: str, uid: str, numbers: Sequence[str]) -> str:
        """Write down whose numbers these are about to be; what is no E.164 is left out."""
        keys = of_tenant(tenant)
        claim = _claim_on(uid, numbers)
        for some in _handfuls(numbers):
            values: Words = (claim, MOST_CLAIMS, *some.places())
            await self._server.save(Call(scripts.CLAIMS, some.keys(keys), values))
        return claim

    async def busy(self, tenant: str, numbers: Sequence[str], but: str = "") -> dict[str, str]:
        """Return the newest open case's number, by number, of those that are in one."""
        keys = of_tenant(tenant)
        found: dict[str, str] = {}
        for some in _handfuls(numbers):
            places = (keys.claims, keys.cases, *some.keys(keys))
            wanted: Words = (but, len(_OPEN), *_OPEN, *some.places())
            pairs = await self._server.run(Call(scripts.BUSY, places, wanted))
            each = some.each() if pairs else []
            for nth, sequence in zip(pairs[::2], pairs[1::2], strict=True):
                found[each[nth - 1]] = Place(keys.partition, sequence).number
        return found


_OPEN: Final = tuple(to_json(status) for status in BALL)
"""How the statuses of open cases are stored."""


def _claim_on(uid: str, numbers: Sequence[str]) -> str:
    """Return the same claim for the same case and list, always; digits are kept packed.

    A list that was changed after a claim that came to nothing makes another one, so that the case
    is never said to have what is no longer on its list.
    """
    digest = sha256("\n".join((uid, *numbers)).encode()).digest()
    return str(int.from_bytes(digest[:CLAIM_BYTES], "big"))


def _handfuls(numbers: Sequence[str]) -> Iterator[_Numbers]:
    """Yield the numbers in as many as one script may look at."""
    for start in range(0, len(numbers), AT_ONCE):
        some = _Numbers()
        for number in dict.fromkeys(numbers[start : start + AT_ONCE]):
            if written := _E164.fullmatch(number):
                block, place = divmod(int(written[1]), BLOCK)
                some.blocks.setdefault(block, []).append(place)
        if some.blocks:
            yield some
