"""The bot's HTTP: activities in, health out. Whatever comes in is bounded, checked, then run."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final, TypeVar
from uuid import uuid4

import structlog
from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError
from botbuilder.core import InvokeResponse, TurnContext

from bot.adapter import DeskAdapter, Headway
from bot.auth import Authenticator, Denied
from bot.inbound import Inbound, Malformed, parse_activity, read_body
from bot.invokes import line
from bot.pending import Delivery, Pending
from cards import Message
from cards.problems import told
from cases.errors import DeskError, Unavailable
from cases.model import Problem
from dialogs.seam import NotSent, to_activity
from strings import text_for

FETCHED_WITHIN: Final = 2.5
"""Seconds after which a message is acknowledged whose files are still being fetched."""
SAVED_WITHIN: Final = 4.5
"""Seconds after which a message that is not saved must come again, and a press be repeated; Teams
gives up after 10 to 15."""
MOST_TURNS: Final = 1000
"""Turns under way at once; more are asked to come again."""

_log = structlog.get_logger(__name__)

T = TypeVar("T")

Check = Callable[[], Awaitable[list[str]]]
"""Looks whether we can work: codes of what is wrong, none if all is well."""


@dataclass
class Tasks:
    """Work under way, so that it is neither lost nor unbounded."""

    running: set["asyncio.Task[Any]"] = field(default_factory=set)

    def start(self, work: Coroutine[Any, Any, T]) -> "asyncio.Task[T]":
        """Begin work that goes on whether or not anyone waits for it."""
        task = asyncio.create_task(work)
        self.running.add(task)
        task.add_done_callback(self._ended)
        return task

    def later(self, work: Coroutine[Any, Any, None]) -> None:
        """Begin work that nobody waits for."""
        self.start(work)

    def _ended(self, task: "asyncio.Task[Any]") -> None:
        self.running.discard(task)
        if not task.cancelled() and task.exception() is not None:
            _log.error("background_failed", exc_info=task.exception())

    async def drain(self, seconds: float) -> None:
        """Wait for what is under way, and what follows from it, then let go of it."""
        try:
            async with asyncio.timeout(seconds):
                while self.running:
                    await asyncio.wait(set(self.running))
        except TimeoutError:
            left = set(self.running)
            for task in left:
                task.cancel()
            await asyncio.gather(*left, return_exceptions=True)


class Messages:
    """`POST /api/messages`."""

    def __init__(
        self,
        adapter: DeskAdapter,
        bot: Callable[[TurnContext], Awaitable[None]],
        authenticator: Authenticator,
        allows: Callable[[str], bool],
        tasks: Tasks,
        pending: Pending,
    ) -> None:
        """Take the adapter, the bot's turn, who checks tokens, and whom we may call back.

        `tasks` outlast their request; `pending` messages outlast this process.
        """
        self._adapter = adapter
        self._bot = bot
        self._authenticator = authenticator
        self._allows = allows
        self._tasks = tasks
        self._pending = pending

    def deliver(self, body: bytes) -> Delivery:
        """Begin the turn of a message that was acknowledged, and not saved."""
        headway = Headway(fetching=True, kept=True)
        return self._to_the_end(self._tasks.start(self._delivered(body, headway)), headway)

    def give_up(self, body: bytes) -> None:
        """Tell whoever sent a message that was acknowledged that nothing comes of it."""
        inbound = parse_activity(body)
        reference = uuid4().hex[:8]
        _log.error("message_given_up", reference=reference)
        self._tell(inbound, _unexpected(inbound, reference))

    async def __call__(self, request: web.Request) -> web.StreamResponse:
        """Take one activity in; nothing that a retry cannot cure is answered with 5xx."""
        if len(self._tasks.running) >= MOST_TURNS:
            return _again()
        try:
            body = await read_body(request)
            inbound = parse_activity(body)
            await self._authenticator.check(inbound, request.headers, request.remote)
        except Malformed as error:
            return web.json_response({"error": error.code}, status=error.status)
        except Denied as error:
            return web.json_response({"error": error.code}, status=error.status)
        if not inbound.tenant or not self._allows(inbound.service_url or ""):
            return web.json_response({"error": "service_url"}, status=HTTPStatus.FORBIDDEN)
        headway = Headway()
        task = self._tasks.start(self._turn(inbound, headway))
        if inbound.type == "invoke":
            done = await _within(task, SAVED_WITHIN)
            return _late(inbound) if done is None else done
        return await self._acknowledged(body, task, headway)

    async def _acknowledged(self, body: bytes, task: Delivery, headway: Headway) -> web.Response:
        """Answer a message once it cannot be lost; one that comes again is known by its id."""
        done = await _within(task, FETCHED_WITHIN)
        if done is None and not headway.fetching:
            done = await _within(task, SAVED_WITHIN - FETCHED_WITHIN)
        if done is not None:
            return done
        if headway.fetching:
            headway.kept = await self._kept(body, self._to_the_end(task, headway))
        return _empty(HTTPStatus.ACCEPTED) if headway.kept else _again()

    async def _kept(self, body: bytes, delivery: Delivery) -> bool:
        try:
            async with asyncio.timeout(SAVED_WITHIN - FETCHED_WITHIN):
                await self._pending.keep(body, delivery, self.deliver)
        except (Unavailable, TimeoutError):
            return False
        return True

    def _to_the_end(self, turn: Delivery, headway: Headway) -> Delivery:
        async def end() -> web.Response:
            answer = await turn
            if headway.speech is not None:
                await asyncio.wait({headway.speech})
            return answer

        return self._tasks.start(end())

    async def _delivered(self, body: bytes, headway: Headway) -> web.Response:
        return await self._turn(parse_activity(body), headway)

    async def _turn(self, inbound: Inbound, headway: Headway) -> web.Response:
        try:
            answer = await self._adapter.run(inbound, self._bot, headway)
        except Unavailable as error:
            _log.warning("turn_unavailable", why=error.params.get("why"))
            return _refused(inbound, error)
        except DeskError as error:
            return _refused(inbound, error)
        except Exception:
            reference = uuid4().hex[:8]
            _log.exception("turn_failed", reference=reference)
            return self._failed(inbound, reference)
        if inbound.type == "invoke":
            return _answered(answer)
        return _empty(HTTPStatus.ACCEPTED if headway.speaking else HTTPStatus.OK)

    def _failed(self, inbound: Inbound, reference: str) -> web.Response:
        """Answer a fault of ours; the same activity again would fail again."""
        sentence = _unexpected(inbound, reference)
        if inbound.type == "invoke":
            return web.json_response(line(sentence))
        self._tell(inbound, sentence)
        return _empty(HTTPStatus.OK)

    def _tell(self, inbound: Inbound, sentence: str) -> None:
        """Say something to whoever said something to the bot, if Teams takes it."""

        async def say(context: TurnContext) -> None:
            with suppress(NotSent):
                await context.send_activity(to_activity(Message(sentence)))

        if inbound.type == "message" and (inbound.is_personal or inbound.mentions_bot):
            self._tasks.later(self._adapter.run(inbound, say, Headway()))


async def _within(task: Delivery, seconds: float) -> web.Response | None:
    """Return what a task comes to, or nothing if it takes longer; it goes on all the same."""
    done, _ = await asyncio.wait({task}, timeout=seconds)
    return task.result() if done else None


def _again() -> web.Response:
    return _empty(HTTPStatus.SERVICE_UNAVAILABLE, {"Retry-After": "2"})


def _empty(status: HTTPStatus, headers: dict[str, str] | None = None) -> web.Response:
    return web.Response(status=int(status), headers=headers)


def _answered(answer: InvokeResponse | None) -> web.Response:
    if answer is None or answer.body is None:
        return _empty(HTTPStatus(answer.status if answer else HTTPStatus.NOT_IMPLEMENTED))
    return web.json_response(answer.body, status=answer.status)


def _refused(inbound: Inbound, error: DeskError) -> web.Response:
    """Answer what could not be saved: a message comes again, a press gets a kind line."""
    if inbound.type != "invoke":
        return _again()
    text = text_for(inbound.locale or "")
    sentence = told(Problem(code=error.code, params=error.params), text)
    return web.json_response(line(sentence))


def _unexpected(inbound: Inbound, reference: str) -> str:
    return text_for(inbound.locale or "")("error.unexpected", reference=reference)


def _late(inbound: Inbound) -> web.Response:
    """Answer a press in time though the work goes on."""
    return web.json_response(line(text_for(inbound.locale or "")("error.slow")))


def without_noise(record: logging.LogRecord) -> bool:
    """Shorten what aiohttp logs of a request that is no proper HTTP, and was answered with 400.

    Anybody can send such requests; where the parser noticed is of no use, and many lines.
    """
    fault = record.exc_info[1] if record.exc_info else None
    if isinstance(fault, HttpProcessingError):
        record.levelno, record.levelname = logging.WARNING, "WARNING"
        record.msg, record.args = "refused a request: %s", (" ".join(fault.message.split()),)
        record.exc_info = record.exc_text = None
    return True


async def healthz(_request: web.Request) -> web.Response:
    """Say that the process lives."""
    return web.json_response({"status": "ok"})


def readyz(check: Check) -> Callable[[web.Request], Awaitable[web.Response]]:
    """Return the handler that says whether the bot can do its work, and what is wrong if not."""

    async def answer(_request: web.Request) -> web.Response:
        wrong = await check()
        status = HTTPStatus.SERVICE_UNAVAILABLE if wrong else HTTPStatus.OK
        body = {"status": "unready" if wrong else "ready", "problems": wrong}
        return web.json_response(body, status=int(status))

    return answer
