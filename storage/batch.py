"""Scripts that are asked for at about the same moment, run in one round trip."""

import asyncio
from typing import Any, Final, TypeAlias

from cases.errors import Unavailable
from storage.server import Call, Server

MOST: Final = 128
AT_ONCE: Final = 2
"""Round trips under way; what comes meanwhile waits for the next one and goes along."""

_Asked: TypeAlias = tuple[Call, "asyncio.Future[Any]"]


class Batch:
    """Runs scripts whose effect must last, as `Server.save` does, many at a time."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._asked: list[_Asked] = []
        self._trips: set[asyncio.Task[None]] = set()

    async def run(self, call: Call) -> Any:
        """Run a script and return its answer; raises `Unavailable`."""
        answer = asyncio.get_running_loop().create_future()
        self._asked.append((call, answer))
        self._go()
        return await answer

    def _go(self) -> None:
        if self._asked and len(self._trips) < AT_ONCE:
            # It begins once this pass of the loop is over, and takes along what came until then.
            trip = asyncio.create_task(self._trip())
            self._trips.add(trip)
            trip.add_done_callback(self._ended)

    def _ended(self, trip: "asyncio.Task[None]") -> None:
        self._trips.discard(trip)
        self._go()

    async def _trip(self) -> None:
        taken, self._asked = self._asked[:MOST], self._asked[MOST:]
        try:
            answers = await self._server.save_each([call for call, _ in taken])
        except Unavailable as error:
            # What waits for the next trip would only fail later.
            taken, self._asked = taken + self._asked, []
            answers = [error] * len(taken)
        except BaseException:
            for _, future in taken:
                future.cancel()
            raise
        for (_, future), answer in zip(taken, answers, strict=True):
            _tell(future, answer)


def _tell(future: "asyncio.Future[Any]", answer: Any) -> None:
    if future.done():
        return
    if isinstance(answer, Exception):
        future.set_exception(answer)
    else:
        future.set_result(answer)
