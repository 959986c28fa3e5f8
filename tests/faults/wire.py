"""Teams as a load balancer sees it: activities go to any bot, twice, late, and with a new id."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import aiohttp
from aiohttp import web

from sandbox import Sandbox, SandboxSettings, activities
from sandbox.activities import Place
from sandbox.settings import Person
from sandbox.world import Message
from tests.faults.cast import Cast
from tests.faults.ledger import Acknowledgement, Ledger
from tests.faults.processes import Bot
from tests.faults.seen import Eyes, Json, Seen

TIMEOUT = 15.0
"""Seconds after which Teams gives up on an activity."""
TRIES = 2
SLOW_FILES = 0.4
"""The share of files that come late."""
SLOWEST_FILE = 6.0
"""Seconds that they take at most."""


@dataclass(frozen=True)
class Reply:
    """What came back; `status` 0 when nothing did."""

    status: int
    body: Any = None

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300

    @property
    def card(self) -> Json | None:
        """The card that an invoke was answered with."""
        body = self.body if isinstance(self.body, dict) else {}
        value = body.get("value")
        return value if isinstance(value, dict) and "body" in value else None

    @property
    def line(self) -> str:
        body = self.body if isinstance(self.body, dict) else {}
        return str(body.get("value", "")) if self.card is None else ""


class Teams:
    """The sandbox's connector, and deliveries of the rig's own."""

    def __init__(self, cast: Cast, port: int, rng: random.Random, ledger: Ledger) -> None:
        self.settings = SandboxSettings(
            service_url=f"http://127.0.0.1:{port}/sandbox/", people=cast.people
        )
        self.sandbox = Sandbox(self.settings)
        self.eyes = Eyes(self.settings.desk_channel_id, _foreign(cast))
        self.sandbox.world.calls = self.eyes
        self.bots: Sequence[Bot] = ()
        self.calm = True
        """Whether activities arrive once each, as they do when nothing is wrong."""
        self._port, self._rng, self._ledger = port, rng, ledger
        self._runner: web.AppRunner | None = None
        self._session: aiohttp.ClientSession | None = None
        self._echoes: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        app = web.Application(middlewares=[self._takes_time])
        app.add_subapp("/sandbox/", self.sandbox.app())
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self._port).start()
        self._session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0))

    @web.middleware
    async def _takes_time(
        self, request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        """Give some files so late that their messages are acknowledged before."""
        if "/files/" in request.path and not self.calm and self._rng.random() < SLOW_FILES:
            self._ledger.slow_files += 1
            await asyncio.sleep(self._rng.uniform(1.0, SLOWEST_FILE))
        return await handler(request)

    async def close(self) -> None:
        await self.settle()
        if self._session is not None:
            await self._session.close()
        if self._runner is not None:
            await self._runner.cleanup()

    async def settle(self) -> None:
        """Wait for the copies that are still under way."""
        if self._echoes:
            await asyncio.wait(set(self._echoes), timeout=TIMEOUT * 2)

    # -- what people do ----------------------------------------------------------------------

    def meets(self, who: Person) -> Json:
        if who.role == "agent":
            return activities.joined_team(self.settings, who)
        return activities.installation(self.settings, who, "add")

    def words(self, who: Person, text: str, thread: str = "") -> Json:
        place = Place(self.settings.desk_channel_id, thread) if thread else None
        said = Message(
            id=self.sandbox.world.next_id(),
            conversation=place.conversation if place else who.conversation,
            thread=thread or None,
            sender=who.key,
            created="",
            text=text,
            mention=bool(thread),
        )
        return activities.message(self.settings, who, said)

    async def file(self, who: Person, name: str, content: bytes) -> Json:
        upload = await self.sandbox.upload(name, content, "application/pdf")
        said = Message(
            id=self.sandbox.world.next_id(),
            conversation=who.conversation,
            thread=None,
            sender=who.key,
            created="",
            files=(upload,),
        )
        return activities.message(self.settings, who, said)

    def submit(self, who: Person, on: Seen, data: Json, inputs: Json) -> Json:
        value = activities.merged(data, inputs)
        return activities.submitted(self.settings, who, _message(on), value)

    def execute(self, who: Person, on: Seen, data: Json, inputs: Json) -> Json:
        action = {
            "type": "Action.Execute",
            "verb": data["verb"],
            "data": activities.merged(data, inputs),
        }
        value: Json = {"action": action, "trigger": "manual"}
        return activities.invoke(self.settings, who, _message(on), "adaptiveCard/action", value)

    # -- delivery ----------------------------------------------------------------------------

    async def deliver(self, activity: Json, *, may_be_renamed: bool = False) -> Reply:
        """Bring an activity to a bot as Teams does, copies and all."""
        if not self.calm:
            self._perhaps_again(activity, may_be_renamed)
        reply = Reply(0)
        for attempt in range(TRIES):
            reply = await self.post(activity)
            if reply.ok or 400 <= reply.status < 500:
                break
            await asyncio.sleep(0.2 + 0.3 * attempt)
        self._ledger.failed += not reply.ok
        return reply

    def _perhaps_again(self, activity: Json, may_be_renamed: bool) -> None:
        chance = self._rng.random()
        if chance < 0.12:
            self._ledger.doubled += 1
            self._echo(activity, 0.0)
        elif chance < 0.18:
            self._ledger.doubled += 1
            self._echo(activity, self._rng.uniform(0.1, 2.5))
        elif chance < 0.23 and may_be_renamed:
            self._ledger.renamed += 1
            renamed = {**activity, "id": activities.event_id()}
            self._echo(renamed, self._rng.uniform(0.0, 3.0))

    def _echo(self, activity: Json, after: float) -> None:
        async def again() -> None:
            await asyncio.sleep(after)
            await self.post(activity)

        task = asyncio.create_task(again())
        self._echoes.add(task)
        task.add_done_callback(self._echoes.discard)

    async def post(self, activity: Json, bot: Bot | None = None) -> Reply:
        """Post an activity to one bot, once."""
        self._ledger.deliveries += 1
        target = bot or self._rng.choice(self.bots)
        began = time.monotonic()
        reply = await self._post(target.url, activity)
        ended = time.monotonic()
        self._ledger.times.append(Acknowledgement(began, ended, reply.status, _kind(activity)))
        if reply.body is not None:
            self.eyes.answered(str(activity["conversation"]["id"]), reply.body)
        return reply

    async def _post(self, url: str, activity: Json) -> Reply:
        if self._session is None:
            raise RuntimeError("the wire is not open")
        timeout = aiohttp.ClientTimeout(total=TIMEOUT)
        with suppress(aiohttp.ClientError, TimeoutError, OSError, ValueError):
            async with self._session.post(url, json=activity, timeout=timeout) as response:
                raw = await response.read()
                body = await response.json() if raw else None
                return Reply(response.status, body)
        return Reply(0)


def _kind(activity: Json) -> str:
    """Return what an activity is: `message`, `file`, `press` or the name of an invoke."""
    if activity["type"] == "invoke":
        return str(activity["name"])
    if activity.get("attachments"):
        return "file"
    return "press" if activity.get("value") else str(activity["type"])


def _message(on: Seen) -> Message:
    conversation, _, thread = on.conversation.partition(";messageid=")
    return Message(
        id=on.id, conversation=conversation, thread=thread or None, sender="bot", created=""
    )


def _foreign(cast: Cast) -> dict[str, tuple[str, ...]]:
    return {
        person.conversation: tuple(
            other.marker for other in cast.companies if other.tenant != company.tenant
        )
        for company in cast.companies
        for person in company.people
    }
