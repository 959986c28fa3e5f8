"""Starts a bot with a defect on purpose, to see that the rig finds it; no part of the product.

`python -m tests.faults.planted NAME [wide]`: `wide` lifts the limits of Teams, which would make a
thousand cases in one channel take hours.
"""

import sys
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any
from uuid import uuid4

from aiohttp import web
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import ExponentialBackoff

import app
from bot.adapter import Headway
from bot.pending import Delivery
from bot.web import Messages
from cases import casebook, deeds
from cases.model import Case, Speaker
from cases.ports import Claim, Created, Limit, Opening
from cases.vocabulary import Role
from delivery.fates import Fate
from delivery.limits import Limits
from delivery.postman import Postman
from storage import cases as stored_cases
from storage.cases import RedisCases
from storage.keys import Place, TenantKeys, of_tenant
from storage.outbox import RedisOutbox
from storage.server import Server


def no_dedupe() -> None:
    """Nothing is known as having come before."""
    TenantKeys.activity = lambda self, *_: self._of("act", uuid4().hex)  # type: ignore[method-assign]
    TenantKeys.deed = lambda self, *_: self._of("deed", uuid4().hex)  # type: ignore[method-assign]


def separate_commands() -> None:
    """A case is made by one command after the other instead of by a script."""

    async def create(self: RedisCases, opening: Opening) -> Created:
        case, keys, server = opening.case, of_tenant(opening.case.tenant), self._server
        before = await server.command("HGET", keys.draft(case.uid), "case")
        if before:
            return Created(Place(keys.partition, int(before)).number, again=True)
        call = stored_cases._creation(keys, [opening])
        (status, watchers), (record, item) = call.args[4:6], call.args[8:10]
        sequence = int(await server.command("INCR", keys.sequence))
        await server.command(
            *("HSET", keys.case(sequence), "opened", record, "rev", 1),
            *("status", status, "watchers", watchers),
        )
        # Where a script has one place at which a bot can die after it, commands have many.
        server._pass_by("after", (call,))
        await server.command("RPUSH", keys.timeline(sequence), item)
        for index in call.keys[10:]:
            await server.command("ZADD", index, sequence, sequence)
        await server.command("DEL", keys.draft(case.uid))
        instant = case.created.isoformat()
        await server.command(
            *("HSET", keys.draft(case.uid), "case", sequence, "rev", 0),
            *("user", case.requester.user, "at", instant),
        )
        await server.command("ZREM", keys.drafts_of(case.requester.user), case.uid)
        await _queue(server, keys, sequence, opening)
        self._ring(keys.partition)
        return Created(Place(keys.partition, sequence).number, again=False)

    RedisCases.create = create  # type: ignore[method-assign, assignment]


async def _queue(server: Server, keys: TenantKeys, sequence: int, opening: Opening) -> None:
    seconds, micros = await server.command("TIME")
    now = int(seconds) * 1000 + int(micros) // 1000
    words = stored_cases._queued(opening.case, opening.notices)
    for name, lane, value in zip(words[::4], words[1::4], words[3::4], strict=True):
        await server.command(
            *("HSET", keys.notice(name), "value", value, "case", sequence),
            *(
                "tenant",
                opening.case.tenant,
                "lane",
                lane,
                "due",
                now,
                "tries",
                0,
                "state",
                "waiting",
            ),
        )
        await server.command("RPUSH", keys.lane(lane), name)
        await server.command("ZADD", keys.due, "NX", now, lane)


def done_before_post() -> None:
    """A notice is marked as done, and then it is posted."""
    carry = Postman._send

    async def send(self: Postman, claim: Claim, *rest: Any) -> Fate:
        await self._outbox.done(claim)
        return await carry(self, claim, *rest)

    Postman._send = send  # type: ignore[method-assign, assignment]


def short_lease() -> None:
    """A lease ends before the connector has to answer."""

    def init(self: RedisOutbox, server: Server, lease: object = None) -> None:
        _open(self, server)
        self._lease = 700

    _open = RedisOutbox.__init__
    RedisOutbox.__init__ = init  # type: ignore[method-assign]


def client_retries() -> None:
    """The client repeats by itself what was not answered, as it does when nobody says no."""

    async def ask(self: Server, words: tuple[Any, ...]) -> Any:
        client = self._client
        if isinstance(client, Redis):
            client.connection_pool.connection_kwargs |= {
                "retry": Retry(ExponentialBackoff(0.2, 0.01), 10),
                "socket_timeout": 0.5,
            }
            client.set_retry(Retry(ExponentialBackoff(0.2, 0.01), 10))
        return await client.execute_command(*words)

    Server._ask = ask  # type: ignore[method-assign]


def no_tenant_check() -> None:
    """A case is shown to whoever knows its number."""

    def role_in(case: Case, speaker: Speaker) -> Role:
        if speaker.agent:
            return Role.AGENT
        return Role.REQUESTER if speaker.user == case.requester.user else Role.COLLEAGUE

    deeds.role_in = role_in
    casebook.role_in = role_in  # type: ignore[attr-defined]


def answer_before_write() -> None:
    """A message is acknowledged as soon as it is there."""

    async def acknowledged(
        self: Messages, body: bytes, task: Delivery, headway: Headway
    ) -> web.Response:
        return web.Response(status=int(HTTPStatus.ACCEPTED))

    Messages._acknowledged = acknowledged  # type: ignore[method-assign]


def everysec() -> None:
    """The bot is as it should be; its store syncs once a second."""


def wide() -> None:
    """Lift the limits of Teams."""
    far = (Limit(100_000, 1),)
    settled = Limits.__init__

    def init(self: Limits) -> None:
        settled(self, conversation=far, tenant=far)

    Limits.__init__ = init  # type: ignore[method-assign, assignment]


PLANTS: Mapping[str, Callable[[], None]] = {
    plant.__name__: plant
    for plant in (
        no_dedupe,
        separate_commands,
        done_before_post,
        short_lease,
        client_retries,
        no_tenant_check,
        answer_before_write,
        everysec,
    )
}


def main(told: list[str]) -> int:
    """Plant what was asked for and start the bot."""
    for name in told:
        if name == "wide":
            wide()
        elif name in PLANTS:
            PLANTS[name]()
    return app.main()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
