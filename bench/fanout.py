"""Fan-out of a notice to many conversations, against a bare HTTP client, in one interleaved run.

`python -m bench.fanout [conversations] [rounds]`: prints wall and CPU of both, and their ratios.
The connector answers after 50 ms, in a process of its own; so does the store.
"""

import asyncio
import gc
import json
import multiprocessing
import resource
import statistics
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import aiohttp
import uvloop
from aiohttp import web

from cases.model import Person, Recipient
from cases.ports import Limit, Opening
from cases.vocabulary import Audience, NoticeKind
from delivery.connector import Allowed, TeamsConnector, open_file_session, open_session
from delivery.limits import Limits
from delivery.notices import CardDrawer
from delivery.postman import Parts
from delivery.tokens import NoToken
from delivery.worker import Worker
from storage.address import connect
from storage.cases import RedisCases
from storage.embedded import open_embedded
from storage.outbox import RedisOutbox
from storage.people import RedisPeople
from storage.server import Server
from tests.storage.samples import case, comment, event

AT_ONCE = 200
DELAY = 0.05
FREE = (Limit(1_000_000, 1),)
"""The limits are asked as ever, but leave room: it is not they that are measured."""


def serve(port: "multiprocessing.SimpleQueue[int]") -> None:
    async def answer(request: web.Request) -> web.Response:
        await request.read()
        await asyncio.sleep(DELAY)
        return web.json_response({"id": "m1"})

    async def run() -> None:
        app = web.Application()
        app.router.add_post("/v3/conversations/{id}/activities", answer)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        port.put(runner.addresses[0][1])
        await asyncio.Event().wait()

    uvloop.run(run())


class Clocks:
    """Wall and CPU seconds of this process."""

    def __init__(self) -> None:
        self.wall, self.cpu = time.perf_counter(), self._used()

    def _used(self) -> float:
        used = resource.getrusage(resource.RUSAGE_SELF)
        return used.ru_utime + used.ru_stime

    def passed(self) -> tuple[float, float]:
        return time.perf_counter() - self.wall, self._used() - self.cpu


async def bare(session: aiohttp.ClientSession, url: str, count: int) -> tuple[float, float]:
    body = json.dumps({"type": "message", "text": "x" * 3000}).encode()
    headers = {"Content-Type": "application/json"}
    room = asyncio.Semaphore(AT_ONCE)

    async def post(number: int) -> None:
        async with room:
            path = f"{url}/v3/conversations/a:{number}/activities"
            async with session.post(path, data=body, headers=headers) as answer:
                await answer.json()

    clocks = Clocks()
    await asyncio.gather(*(post(number) for number in range(count)))
    return clocks.passed()


async def ours(
    server: Server, session: aiohttp.ClientSession, url: str, count: int, turn: int
) -> tuple[float, float]:
    outbox = RedisOutbox(server)
    cases, people = RedisCases(server, outbox.ring), RedisPeople(server)
    opened = case(f"draft-{turn}")
    made = await cases.create(Opening(opened, event(f"open-{turn}")))
    to = tuple(Recipient(audience=Audience.PERSON, user=f"u-{at}") for at in range(count))
    said = comment(opened.but(number=made.number), f"c-{turn}", to=to)
    assert said.notices[0].kind is NoticeKind.MESSAGE
    async with open_file_session() as files:
        connector = TeamsConnector(
            session, files, NoToken(), bot_id="28:bot",
            allowed=Allowed(lambda _url: True, lambda _url: True), clock=now,
        )  # fmt: skip
        parts = Parts(outbox, cases, people, connector, CardDrawer(cases, now))
        limits = Limits(conversation=FREE, tenant=FREE)
        worker = Worker(parts, clock=now, limits=limits, most=AT_ONCE)
        running = asyncio.create_task(worker.run())
        await cases.change(said)
        clocks = Clocks()
        while (await outbox.backlog()).waiting:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        passed = clocks.passed()
        await worker.stop()
        await running
    return passed


def now() -> datetime:
    return datetime.now(UTC)


async def main(count: int, rounds: int, port: int) -> None:
    url = f"http://127.0.0.1:{port}"
    with tempfile.TemporaryDirectory() as folder:
        embedded = await open_embedded(Path(folder))
        server = await connect(embedded.url)
        people = RedisPeople(server)
        for number in range(count):
            user, chat = f"u-{number}", f"a:{number}"
            tenant = case().tenant
            await people.remember(
                Person(tenant=tenant, user=user, service_url=url, conversation=chat, locale="en-US")
            )
        async with open_session() as session:
            gc.freeze()
            found = []
            for turn in range(rounds + 1):
                one = await bare(session, url, count)
                other = await ours(server, session, url, count, turn)
                # The first round opens connections and loads scripts.
                if turn:
                    found.append((*one, *other))
                    print(
                        "bare {:.3f} s, CPU {:.3f} · ours {:.3f} s, CPU {:.3f}".format(*found[-1])
                    )
        rate = statistics.median(one[0] / one[2] for one in found)
        cpu = statistics.median(one[3] / one[1] for one in found)
        print(f"rate {rate:.2f} x bare · CPU {cpu:.2f} x bare")
        await server.close()
        await embedded.close()


if __name__ == "__main__":
    asked = [int(word) for word in sys.argv[1:]]
    ports: "multiprocessing.SimpleQueue[int]" = multiprocessing.SimpleQueue()
    connector = multiprocessing.Process(target=serve, args=(ports,), daemon=True)
    connector.start()
    uvloop.run(main(asked[0] if asked else 1000, asked[1] if len(asked) > 1 else 5, ports.get()))
