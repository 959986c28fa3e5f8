"""What the stores do when the server does not do what it should."""

import asyncio
import signal
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from redis.asyncio import Redis

from cases.errors import Unavailable
from cases.ports import Applied, LeftBehind, Marked, Opening
from cases.vocabulary import View
from storage import keys
from storage.address import connect, open_server
from storage.pending import RedisPending
from storage.server import LayoutError, Server
from tests.storage.conftest import Stores, open_stores
from tests.storage.rig import Cluster, Valkey, free_port, until
from tests.storage.samples import (
    ACME,
    DESK,
    OTHER,
    POSTED,
    TO_ANN,
    arrival,
    case,
    comment,
    draft,
    event,
    notice,
    person,
)

SOON = 15.0
"""Seconds in which nobody waits for ever; how long it takes on processors of one's own is 4 s."""


async def refused(server: Server) -> str:
    with pytest.raises(Unavailable) as refusal:
        await server.write("SET", keys.DESK_PLACE, "x")
    return str(refusal.value.params["why"])


class TestAway:
    async def test_a_stopped_server_is_unavailable_soon(self, own: Valkey) -> None:
        stores = await open_stores(own.url, [own])
        await stores.people.remember(person())
        own.tell(signal.SIGSTOP)
        started = time.monotonic()
        calls = (
            stores.turns.take(arrival(), "l1"),
            stores.people.person(ACME, "ann-id"),
            stores.outbox.claim("w", 10),
            stores.cases.create(Opening(case(), event())),
            *(stores.cases.load(f"TNS-{at:06d}") for at in range(64, 264)),
        )
        results = await asyncio.gather(*calls, return_exceptions=True)
        assert time.monotonic() - started < SOON
        assert {type(result) for result in results} == {Unavailable}
        own.tell(signal.SIGCONT)
        # No answer that came too late is taken for that of a later call.
        await asyncio.gather(
            *(stores.people.remember(person(user=f"u-{at}", email="")) for at in range(200))
        )
        found = await asyncio.gather(*(stores.people.person(ACME, f"u-{at}") for at in range(200)))
        assert [one.user for one in found if one] == [f"u-{at}" for at in range(200)]
        await stores.server.close()

    async def test_a_stopped_server_cannot_be_connected_to(self, own: Valkey) -> None:
        own.tell(signal.SIGSTOP)
        started = time.monotonic()
        with pytest.raises(Unavailable):
            await connect(own.url)
        assert time.monotonic() - started < SOON

    @pytest.mark.parametrize(
        "url",
        [
            "redis://127.0.0.1:1",
            "unix:///nowhere/at/all.sock",
            "redis+cluster://127.0.0.1:1,127.0.0.1:2",
            "redis+sentinel://127.0.0.1:1,127.0.0.1:2/desk",
            "redis://no-such-host.invalid",
        ],
    )
    async def test_nobody_there_is_unavailable(self, url: str) -> None:
        started = time.monotonic()
        with pytest.raises(Unavailable) as refusal:
            await connect(url)
        assert time.monotonic() - started < SOON
        assert refusal.value.params["why"] in {"connection", "cluster", "timeout"}

    async def test_a_killed_server_comes_back_with_all_it_acknowledged(self, own: Valkey) -> None:
        stores = await open_stores(own.url, [own])
        acknowledged: dict[str, str] = {}

        async def write(worker: int) -> None:
            for at in range(100_000):
                uid = f"d-{worker}-{at}"
                opened = case(uid, f"tenant-{worker}")
                try:
                    made = await stores.cases.create(
                        Opening(opened, event(), (notice(opened, event(), TO_ANN),))
                    )
                    acknowledged[uid] = made.number
                    numbered = opened.but(number=made.number)
                    await stores.cases.change(comment(numbered, f"c-{uid}"))
                    acknowledged[f"c-{uid}"] = made.number
                except Unavailable:
                    return

        writers = asyncio.gather(*(write(at) for at in range(8)))
        await asyncio.sleep(0.7)
        own.kill()
        await asyncio.wait_for(writers, 10)
        own.start()
        assert len(acknowledged) > 100
        assert len(set(acknowledged.values())) == sum(uid[0] == "d" for uid in acknowledged)
        for name, number in acknowledged.items():
            read = await stores.cases.read(number)
            assert read is not None
            if name.startswith("d"):
                assert read[0].uid == name
            else:
                assert name in {one.id for one in read[1]}
        for worker in range(8):
            mine = {name for name in acknowledged if name.startswith(f"d-{worker}-")}
            listed = await stores.cases.page(f"tenant-{worker}", None, View.OPEN, size=9999)
            assert mine <= {found.uid for found in listed.cases}
            assert len(listed.cases) - len(mine) in {0, 1}
            # What was not acknowledged may be asked for again, and is one case in the end.
            for found in listed.cases:
                again = await stores.cases.create(Opening(found, event()))
                assert (again.number, again.again) == (found.number, True)
        await stores.server.close()


class TestBack:
    """What a server that was away costs once it is there again."""

    async def test_connections_that_broke_while_idle_fail_nobody(self, own: Valkey) -> None:
        stores = await open_stores(own.url, [own])
        calls = [stores.people.remember(person(user=f"u-{at}", email="")) for at in range(20)]
        await asyncio.gather(*calls)
        own.kill()
        await asyncio.to_thread(own.start)
        found = await asyncio.gather(*(stores.people.person(ACME, f"u-{at}") for at in range(20)))
        assert all(found)
        await stores.server.close()

    async def test_a_restart_is_waited_for_a_little(self, own: Valkey) -> None:
        stores = await open_stores(own.url, [own])
        await stores.people.remember(person())
        await asyncio.to_thread(own.kill)
        asking = asyncio.create_task(stores.people.person(ACME, "ann-id"))
        await asyncio.sleep(0.1)
        await asyncio.to_thread(own.start)
        assert await asking == person()
        await stores.server.close()

    @pytest.mark.parametrize(
        "broken, mended, why",
        [
            (("CONFIG", "SET", "maxmemory", "1"), ("CONFIG", "SET", "maxmemory", "0"), "memory"),
            (("REPLICAOF", "127.0.0.1", "1"), ("REPLICAOF", "NO", "ONE"), "readonly"),
            (
                ("CONFIG", "SET", "min-replicas-to-write", "1"),
                ("CONFIG", "SET", "min-replicas-to-write", "0"),
                "noreplicas",
            ),
        ],
    )
    async def test_nothing_of_a_notice_is_half_done_meanwhile(
        self, own: Valkey, broken: tuple[str, ...], mended: tuple[str, ...], why: str
    ) -> None:
        stores = await open_stores(own.url, [own])
        opened = case()
        made = await stores.cases.create(Opening(opened, event(), (notice(opened, event()),)))
        (claim,) = await stores.outbox.claim("w", 9)
        await stores.server.command(*broken)
        for write in (
            stores.outbox.sending(claim),
            stores.outbox.done(claim, POSTED),
            stores.outbox.retry(claim, timedelta(0), "429", in_doubt=True),
            stores.outbox.dead(claim, "403", missed=True),
        ):
            with pytest.raises(Unavailable) as refusal:
                await write
            assert refusal.value.params["why"] == why
        await stores.server.command(*mended)
        assert await stores.outbox.sending(claim) is Marked.SENDING
        assert await stores.outbox.done(claim, POSTED)
        assert await stores.outbox.shown(made.number, DESK) == POSTED
        assert (await stores.outbox.backlog()).waiting == 0
        await stores.server.close()

    async def test_one_refusal_fails_no_other_of_its_trip(self, one: Stores) -> None:
        opened = case()
        await one.cases.create(Opening(opened, event(), (notice(opened, event()),)))
        (claim,) = await one.outbox.claim("w", 9)
        await one.server.command("SET", keys.of_tenant(OTHER).notice(claim.notice.id), "no hash")
        foreign = replace(claim, tenant=OTHER)
        results = await asyncio.gather(
            one.outbox.sending(foreign), one.outbox.sending(claim), return_exceptions=True
        )
        assert isinstance(results[0], Unavailable)
        assert results[1] is Marked.SENDING


class TestScripts:
    async def test_scripts_are_sent_again_when_the_server_forgot_them(self, stores: Stores) -> None:
        opened = case()
        made = await stores.cases.create(Opening(opened, event(), (notice(opened, event()),)))
        stores.each("SCRIPT", "FLUSH")
        assert len(await stores.outbox.claim("w", 10)) == 1
        stores.each("SCRIPT", "FLUSH")
        numbered = opened.but(number=made.number)
        assert await stores.cases.change(comment(numbered, "c")) is Applied.DONE
        stores.each("SCRIPT", "FLUSH")
        assert await stores.outbox.dead_letters() == ()
        read = await stores.cases.read(made.number)
        assert read is not None
        assert read[0].rev == 2

    async def test_every_key_is_of_this_version_and_has_a_tag(self, one: Stores) -> None:
        opened = case()
        await one.turns.take(arrival(), "l1")
        await one.turns.put(arrival(), "l1", draft=draft("d-2"), person=person())
        await one.cases.create(Opening(opened, event(), (notice(opened, event()),)))
        await one.outbox.remember_thread("19:x", "TNS-000064")
        tag = f"nd1:{{p{keys.of_tenant(ACME).partition:02d}}}:"
        tags = {key.partition("}:")[0] + "}:" for key in one.all_keys()}
        assert tags == {tag, "nd1:{desk}:", "nd1:{sys}:"}


class TestLayout:
    async def test_another_partition_count_is_not_touched(self, one: Stores) -> None:
        await one.server.command("SET", keys.LAYOUT, 32)
        with pytest.raises(LayoutError):
            await connect(one.nodes[0].url)

    async def test_a_new_store_is_marked(self, one: Stores) -> None:
        assert await one.server.command("GET", keys.LAYOUT) == b"64"

    def test_partitions_and_numbers_are_what_they_were(self) -> None:
        # Fixed for ever: data is found by them.
        assert keys.of_tenant(ACME).partition == 13
        assert keys.Place(13, 7).number == "TNS-000461"
        assert keys.place_of("TNS-000461") == keys.Place(13, 7)
        assert keys.place_of("TNS-1000013") == keys.Place(13, 15625)


class TestRefusals:
    async def test_a_full_server_refuses(self, own: Valkey) -> None:
        stores = await open_stores(own.url, [own])
        await stores.server.command("CONFIG", "SET", "maxmemory", 1)
        with pytest.raises(Unavailable) as refusal:
            await stores.cases.create(Opening(case(), event()))
        assert refusal.value.params["why"] == "memory"
        await stores.server.command("CONFIG", "SET", "maxmemory", 0)
        assert (await stores.cases.create(Opening(case(), event()))).number == "TNS-000077"
        await stores.server.close()

    async def test_a_replica_refuses(self, own: Valkey) -> None:
        stores = await open_stores(own.url, [own])
        await stores.server.command("REPLICAOF", "127.0.0.1", "1")
        assert await refused(stores.server) in {"readonly", "masterdown"}
        await stores.server.close()

    async def test_a_server_that_has_too_few_replicas_refuses(self, own: Valkey) -> None:
        stores = await open_stores(own.url, [own])
        await stores.server.command("CONFIG", "SET", "min-replicas-to-write", 1)
        assert await refused(stores.server) == "noreplicas"
        await stores.server.close()

    async def test_a_wrong_password_is_unavailable(self, own: Valkey) -> None:
        with own.client() as client:
            client.config_set("requirepass", "secret")
        with pytest.raises(Unavailable) as refusal:
            await connect(own.url)
        assert refusal.value.params["why"] == "credentials"

    async def test_nothing_is_sent_twice(self, own: Valkey, tmp_path: Path) -> None:
        """A relay takes the command through and cuts the line before the answer."""
        path = tmp_path.parent / "r"
        relay = await asyncio.start_unix_server(_swallow(str(own.socket)), path)
        server = open_server(f"unix://{path}")
        with pytest.raises(Unavailable):
            await server.command("INCR", "count")
        await server.close()
        relay.close()
        with own.client() as client:
            assert client.get("count") == "1"


def _swallow(
    target: str,
) -> Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        answers, questions = await asyncio.open_unix_connection(target)
        while asked := await reader.read(65536):
            questions.write(asked)
            answer = await answers.read(65536)
            if b"INCR" in asked:
                break
            writer.write(answer)
        questions.close()
        writer.close()

    return serve


class TestReplicas:
    async def test_a_write_without_a_copy_is_not_acknowledged(self, own: Valkey) -> None:
        server = Server(Redis.from_url(own.url), replicated=True)
        assert await refused(server) == "replica"
        await server.close()

    async def test_what_was_left_is_taken_over_without_a_copy_of_that(self, own: Valkey) -> None:
        # Had it to be copied, it would be taken over by nobody, and each time counted as a death.
        server = Server(Redis.from_url(own.url), replicated=True)
        pending = RedisPending(server, timedelta(milliseconds=10))
        with pytest.raises(Unavailable):
            await pending.keep("k", b"{}")
        await asyncio.sleep(0.05)
        assert await pending.take_over(()) == (LeftBehind("k", b"{}", 1),)
        await server.close()

    async def test_a_cluster_without_replicas_must_say_so(self, cluster: Cluster) -> None:
        server = await connect(cluster.url.replace("?wait=0", ""))
        assert await refused(server) == "replica"
        await server.close()

    async def test_a_write_with_a_copy_is(self, own: Valkey, tmp_path: Path) -> None:
        with own.client() as client:
            client.config_set("port", port := free_port())
            client.config_set("repl-diskless-sync-delay", 0)
        replica = Valkey(tmp_path / "replica", "--replicaof", f"127.0.0.1 {port}").start()
        try:
            with own.client() as client:
                until(lambda: client.wait(1, 100) == 1)
            stores = await open_stores(own.url, [own])
            copied = Server(Redis.from_url(own.url), replicated=True)
            await copied.write("SET", keys.DESK_PLACE, "x")
            await stores.server.close()
            await copied.close()
        finally:
            replica.kill()


class TestTroubles:
    async def test_a_durable_server_has_none(self, stores: Stores) -> None:
        assert await stores.server.troubles() == ()

    @pytest.mark.parametrize(
        "setting, value, code",
        [
            ("appendonly", "no", "appendonly_off"),
            ("appendfsync", "everysec", "appendfsync_not_always"),
            ("maxmemory-policy", "allkeys-lru", "evicting"),
        ],
    )
    async def test_each_lack_has_its_code(
        self, own: Valkey, setting: str, value: str, code: str
    ) -> None:
        server = await connect(own.url)
        await server.command("CONFIG", "SET", setting, value)
        assert await server.troubles() == (code,)
        await server.close()

    @pytest.mark.parametrize(
        "broken", [("CONFIG", "SET", "maxmemory", "1"), ("REPLICAOF", "127.0.0.1", "1")]
    )
    async def test_one_that_takes_no_writes_is_not_ready(
        self, own: Valkey, broken: tuple[str, ...]
    ) -> None:
        server = await connect(own.url)
        await server.command(*broken)
        assert await server.troubles() == ("no_writes",)
        await server.close()

    async def test_a_server_that_does_not_tell_is_no_failure(self, own: Valkey) -> None:
        server = await connect(own.url)
        await server.command("ACL", "SETUSER", "default", "-config")
        assert await server.troubles() == ("settings_unknown",)
        await server.close()
