"""Checks of number lists that outlast their turn: progress in one message, then a turn of its own.

What is being checked stands in the draft or in the conversation, so that nothing is lost with this
process: whoever comes back to the list has the check begun anew.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Final
from uuid import uuid4
from weakref import WeakValueDictionary

import structlog
from botbuilder.core import TurnContext

from bot.inbound import Inbound
from bot.turns import insistently
from cards.lists import progress_message
from cases.errors import DeskError, Unavailable
from cases.model import Problem
from dialogs.lists import Lists, Reading
from dialogs.seam import NotSent, to_activity
from dialogs.turn import LongCheck
from strings import text_for

SHOW_EVERY: Final = 2.0
"""Seconds between two states of the progress message; Teams limits edits too."""
EDITED_WITHIN: Final = 3.0
"""Seconds that an edit of it may take to come to an end."""

_log = structlog.get_logger(__name__)

Outcome = Reading | Problem
Ended = Callable[[Outcome, str], Awaitable[None]]
"""Runs the turn that takes what a check came to; the message that told of it is to be replaced."""


class LongChecks:
    """The checks that run in this process, each list once."""

    def __init__(self, lists: Lists) -> None:
        """Take who checks lists."""
        self._lists = lists
        self._running: dict[tuple[str, ...], _Progress] = {}
        self._turns: WeakValueDictionary[tuple[str, str], asyncio.Lock] = WeakValueDictionary()

    async def run(
        self, context: TurnContext, inbound: Inbound, check: LongCheck, message: str, ended: Ended
    ) -> None:
        """Check a list, telling how far it is in `message`; one that is under way is not doubled.

        The message asked for last is the one that goes on telling.
        """
        asked = (check.draft or check.id, check.source.sha256, check.purpose.model_dump_json())
        key = (*inbound.chat, *asked)
        if key in self._running:
            self._running[key].message = message or self._running[key].message
            return
        progress = self._running[key] = _Progress(context, check, message)
        # The lists of one chat wait for each other, those of others do not wait for them.
        in_turn = self._turns.setdefault(key[:2], asyncio.Lock())
        try:
            async with in_turn:
                outcome = await self._told(inbound.tenant, check, progress)
            await insistently(lambda: ended(outcome, progress.message))
        finally:
            del self._running[key]

    async def _told(self, tenant: str, check: LongCheck, progress: "_Progress") -> Outcome:
        """Check a list while its progress is told."""
        over = asyncio.Event()
        telling = asyncio.create_task(progress.tell(over))
        try:
            return await self._read(tenant, check, progress)
        except Unavailable:
            return Problem(code="check_failed")
        except DeskError as error:
            return Problem(code=error.code, params=error.params)
        except Exception:
            # Somebody waits for an answer, whatever went wrong.
            reference = uuid4().hex[:8]
            _log.exception("check_failed", reference=reference)
            return Problem(code="unexpected", params={"reference": reference})
        finally:
            over.set()
            # An edit on its way, cancelled or not, must not come after what the check came to.
            await asyncio.wait({telling}, timeout=EDITED_WITHIN)
            telling.cancel()
            await asyncio.gather(telling, return_exceptions=True)

    async def _read(self, tenant: str, check: LongCheck, progress: "_Progress") -> Reading:
        return await self._lists.read(
            tenant,
            check.source,
            check.purpose,
            check.language,
            progress=progress.note,
            but=check.draft,
        )


class _Progress:
    """How far a check is, and the message that tells it."""

    def __init__(self, context: TurnContext, check: LongCheck, message: str) -> None:
        self.message = message
        self._context = context
        self._check = check.id
        self._text = text_for(check.language)
        self._at = (0, 0)

    def note(self, done: int, total: int) -> None:
        """Take down how many rows of how many are checked."""
        self._at = (done, total)

    async def tell(self, over: asyncio.Event) -> None:
        """Replace the message now and then, until it is over; what fails is told next time."""
        told = (0, 0)
        while not await _comes(over, SHOW_EVERY):
            if told == self._at or not self.message:
                continue
            told = self._at
            message = progress_message(*told, self._text, self._check)
            with suppress(NotSent):
                await self._context.update_activity(to_activity(message, self.message))


async def _comes(event: asyncio.Event, seconds: float) -> bool:
    """Return whether something happens within a time."""
    with suppress(TimeoutError):
        await asyncio.wait_for(event.wait(), seconds)
    return event.is_set()
