"""Files of messages: fetched before their turns, all of a chat at once, their turns in order."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

from botbuilder.core import TurnContext

from bot.adapter import headway_of
from bot.inbound import Inbound
from bot.queues import Queues
from bot.turns import Outcome, insistently
from cases.ports import ChatId
from dialogs.turn import Said

FILES_FIRST: Final = 1.0
"""Seconds that what is said waits for files that were sent before it in the same chat."""
TRIES: Final = 5
"""Tries of the turn of a kept message while the store is away; ten seconds of pauses in all."""
IN_ORDER_WITHIN: Final = 60.0
"""Seconds that the files of a message wait for those of the messages before it."""


class Fetching:
    """Lets a slow host hold up nothing but what comes of its own file."""

    def __init__(self, fetch: Callable[[Said], Awaitable[Said]]) -> None:
        """Take who fetches the files of what was said."""
        self._fetch = fetch
        self._queues = Queues()

    async def settles(self, chat: ChatId) -> None:
        """Wait a moment for files under way: what is said after a file counts on it."""
        if self._queues.busy(chat):
            async with self._queues.in_turn(chat, FILES_FIRST):
                pass

    async def run(
        self,
        context: TurnContext,
        inbound: Inbound,
        told: Said,
        turn: Callable[[Said], Awaitable[Outcome]],
    ) -> Outcome:
        """Fetch the files of a message, then run its turn; raises `Unavailable` as a turn does."""
        headway = headway_of(context)
        fetching = asyncio.ensure_future(self._fetch(told))
        headway.fetching = True
        try:
            async with self._queues.in_turn(inbound.chat, IN_ORDER_WITHIN):
                fetched = await fetching
                headway.fetching = False
                # A file that was slow is slow again, or gone, when its message comes again.
                return await insistently(lambda: turn(fetched), TRIES if headway.kept else 1)
        finally:
            fetching.cancel()
