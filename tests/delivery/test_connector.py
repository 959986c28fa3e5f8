"""Every answer of the wire, over a real socket, and what is known of the message after it."""

import asyncio
import gzip
import socket
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.abc import AbstractResolver, ResolveResult

from cases.errors import Rejected
from cases.hosts import HostList
from cases.ports import Member, Outcome, Sent
from delivery.addresses import PublicResolver, acceptable
from delivery.connector import STILL_COMING, TeamsConnector, retry_after
from delivery.tokens import LoginFailed
from tests.delivery.wire import NOW, Answer, Teams, connector, drops, hangs, says, teams

CHAT = "a:17I0kl8EkpE1O9PH"
THREAD = "19:aa11@thread.tacv2;messageid=1700471700001"
HELLO: dict[str, object] = {"type": "message", "text": "héllo"}


@pytest.fixture
async def there() -> AsyncIterator[Teams]:
    async with teams() as made:
        yield made


@pytest.fixture
async def wire() -> AsyncIterator[TeamsConnector]:
    async with connector() as made:
        yield made


async def test_sends_a_message(there: Teams, wire: TeamsConnector) -> None:
    there.will(says(201, {"id": "170"}))
    assert await wire.post(there.url, THREAD, HELLO) == Outcome(Sent.DONE, activity="170")
    (asked,) = there.asked
    assert asked.path == (
        "/emea/v3/conversations/19%3Aaa11%40thread.tacv2%3Bmessageid%3D1700471700001/activities"
    )
    assert asked.body == HELLO
    assert "Authorization" not in asked.headers


async def test_replaces_and_deletes_a_message(there: Teams, wire: TeamsConnector) -> None:
    there.will(says(200, {"id": "170"}), says(200))
    assert (await wire.put(there.url, CHAT, "170", HELLO)).ok
    assert (await wire.delete(there.url, CHAT, "1:7")).ok
    put, delete = there.asked
    assert (put.method, put.body["id"]) == ("PUT", "170")
    assert (delete.method, delete.path[-18:]) == ("DELETE", "H/activities/1%3A7")


async def test_starts_a_thread(there: Teams, wire: TeamsConnector) -> None:
    there.will(says(201, {"id": THREAD, "activityId": "1700471700001"}))
    outcome = await wire.start_thread(there.url, "t", "19:aa11@thread.tacv2", HELLO)
    assert outcome == Outcome(Sent.DONE, activity="1700471700001", conversation=THREAD)
    body = there.asked[0].body
    assert body["isGroup"]
    assert body["channelData"]["channel"]["id"] == "19:aa11@thread.tacv2"
    assert body["activity"] == HELLO


@pytest.mark.parametrize(
    "body", [{"id": THREAD}, {"activityId": "1700471700001", "id": "19:aa11@thread.tacv2"}]
)
async def test_completes_what_a_thread_is_called(
    there: Teams, wire: TeamsConnector, body: dict[str, str]
) -> None:
    there.will(says(201, body))
    outcome = await wire.start_thread(there.url, "t", "19:aa11@thread.tacv2", HELLO)
    assert outcome == Outcome(Sent.DONE, activity="1700471700001", conversation=THREAD)


async def test_opens_a_chat(there: Teams, wire: TeamsConnector) -> None:
    there.will(says(201, {"id": CHAT}), says(201, {}))
    assert await wire.start_chat(there.url, "t", "29:a") == Outcome(Sent.DONE, conversation=CHAT)
    assert there.asked[0].body["members"] == [{"id": "29:a"}]
    assert (await wire.start_chat(there.url, "t", "29:a")).sent is Sent.FAULT


BLOCKED = {
    "error": {
        "code": "ForbiddenOperationException",
        "innerHttpError": {"body": {"message": '{"subCode":"MessageWritesBlocked"}'}},
        "message": "Bot is blocked",
    }
}
REFUSALS: list[tuple[Answer, Sent]] = [
    (says(302, None, Location="http://127.0.0.1:1/"), Sent.FAULT),
    (says(400), Sent.WRONG),
    (says(401), Sent.UNAUTHORIZED),
    (says(403), Sent.GONE),
    (says(404), Sent.GONE),
    (says(405), Sent.WRONG),
    (says(408), Sent.UNKNOWN),
    (says(410), Sent.GONE),
    (says(412), Sent.UNKNOWN),
    (says(413), Sent.WRONG),
    (says(429), Sent.LATER),
    (says(500), Sent.FAULT),
    (says(501), Sent.FAULT),
    (says(502), Sent.UNKNOWN),
    (says(503), Sent.UNKNOWN),
    (says(504), Sent.UNKNOWN),
    (drops, Sent.UNKNOWN),
    (hangs, Sent.UNKNOWN),
]


@pytest.mark.parametrize("answer, sent", REFUSALS)
async def test_tells_how_much_is_known(
    there: Teams, wire: TeamsConnector, answer: Answer, sent: Sent
) -> None:
    there.will(answer)
    outcome = await wire.post(there.url, CHAT, HELLO)
    assert outcome.sent is sent
    assert outcome.why
    assert len(there.asked) == 1, "nothing is tried twice, and no redirect is followed"


async def test_a_request_that_took_too_long_may_still_be_carried_out(
    there: Teams, wire: TeamsConnector
) -> None:
    there.will(hangs, drops)
    slow, lost = [await wire.post(there.url, CHAT, HELLO) for _ in range(2)]
    assert slow.retry_after == STILL_COMING
    assert lost.retry_after is None


async def test_names_the_codes_of_a_refusal(there: Teams, wire: TeamsConnector) -> None:
    there.will(says(403, BLOCKED), says(403, {"error": {"code": "<b>x</b>"}}), says(403, [1]))
    told = [(await wire.post(there.url, CHAT, HELLO)).why for _ in range(3)]
    assert told == ["403 ForbiddenOperationException MessageWritesBlocked", "403", "403"]


@pytest.mark.parametrize(
    "header, seconds",
    [
        ("5", 5),
        ("0.5", 0.5),
        ("Sat, 21 Nov 2026 12:00:30 GMT", 30),
        ("Sat, 21 Nov 2026 11:00:00 GMT", 0),
        ("-3", 0),
        ("999999999999", 3600),
        ("soon", None),
        ("", None),
        ("nan", None),
        ("inf", None),
    ],
)
async def test_reads_when_to_come_back(
    there: Teams, wire: TeamsConnector, header: str, seconds: float | None
) -> None:
    there.will(says(429, None, Retry_After=header))
    outcome = await wire.post(there.url, CHAT, HELLO)
    assert outcome.sent is Sent.LATER
    expected = None if seconds is None else timedelta(seconds=seconds)
    assert outcome.retry_after == expected


def test_reads_dates_without_a_zone() -> None:
    assert retry_after("Sat, 21 Nov 2026 12:00:30 -0000", NOW) == timedelta(seconds=30)


async def test_a_refused_connection_leaves_no_doubt(wire: TeamsConnector) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    outcome = await wire.post(f"http://127.0.0.1:{port}/", CHAT, HELLO)
    assert outcome.sent is Sent.LATER
    unknown = await wire.post("https://no-such-host.invalid/", CHAT, HELLO)
    assert unknown.sent is Sent.LATER


async def test_a_failed_tls_handshake_leaves_no_doubt(there: Teams, wire: TeamsConnector) -> None:
    outcome = await wire.post(there.url.replace("http:", "https:"), CHAT, HELLO)
    assert outcome.sent is Sent.LATER
    assert not there.asked


async def test_a_connection_that_never_comes_about_leaves_no_doubt() -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        port = silent.getsockname()[1]
        async with connector(seconds=0.1) as wire:
            # The TCP connection stands; the TLS handshake gets no answer.
            outcome = await wire.post(f"https://127.0.0.1:{port}/", CHAT, HELLO)
    assert outcome.sent is Sent.LATER


async def test_a_body_that_is_too_big_is_not_read(there: Teams, wire: TeamsConnector) -> None:
    big = {"id": "170", "more": "x" * 2_000_000}
    there.will(says(201, big), says(400, big))
    assert await wire.post(there.url, CHAT, HELLO) == Outcome(Sent.DONE)
    assert (await wire.post(there.url, CHAT, HELLO)).sent is Sent.WRONG


async def test_a_success_that_breaks_off_is_in_doubt(there: Teams, wire: TeamsConnector) -> None:
    async def breaks(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(status=201, headers={"Content-Length": "100"})
        await response.prepare(request)
        await response.write(b'{"id":')
        return await drops(request)

    there.will(breaks)
    assert (await wire.post(there.url, CHAT, HELLO)).sent is Sent.UNKNOWN


@pytest.mark.parametrize("body", [b"", b"not json", b"[" * 60_000, b"\xff"])
async def test_a_success_is_one_whatever_it_says(
    there: Teams, wire: TeamsConnector, body: bytes
) -> None:
    async def odd(_request: web.Request) -> web.StreamResponse:
        return web.Response(status=201, body=body)

    there.will(odd)
    assert await wire.post(there.url, CHAT, HELLO) == Outcome(Sent.DONE)


class Secret:
    """A token that must not leave for just anybody."""

    def __init__(self, failure: LoginFailed | None = None) -> None:
        self.asked = 0
        self.dropped: list[str] = []
        self.failure = failure
        self.more = 0

    async def token(self) -> str:
        self.asked += 1
        if self.failure:
            raise self.failure
        return "s3cret"

    def refused(self, token: str) -> bool:
        self.dropped.append(token)
        return self.more > 0


async def test_shows_its_token_to_allowed_hosts_only(there: Teams) -> None:
    secret = Secret()
    async with connector(secret, allows=lambda url: url == there.url) as wire:
        there.will(says(201))
        assert (await wire.post(there.url, CHAT, HELLO)).ok
        assert there.asked[0].headers["Authorization"] == "Bearer s3cret"
        for url in ("https://evil.example/", there.url + "?", there.url + "#x", "", "https://é/"):
            outcome = await wire.post(url, CHAT, HELLO)
            assert outcome == Outcome(Sent.WRONG, why="service_url")
    assert secret.asked == len(there.asked) == 1


async def test_says_that_its_token_was_refused(there: Teams) -> None:
    secret = Secret()
    async with connector(secret) as wire:
        there.will(says(401))
        assert (await wire.post(there.url, CHAT, HELLO)).sent is Sent.UNAUTHORIZED
    assert secret.dropped == ["s3cret"]


async def test_tries_again_with_another_token_once(there: Teams) -> None:
    secret = Secret()
    secret.more = 1
    async with connector(secret) as wire:
        there.will(says(401), says(201, {"id": "m1"}))
        assert (await wire.post(there.url, CHAT, HELLO)).ok
        there.will(says(401), says(401))
        assert (await wire.post(there.url, CHAT, HELLO)).sent is Sent.UNAUTHORIZED
    assert len(there.asked) == secret.asked == 4


@pytest.mark.parametrize("refused, sent", [(True, Sent.UNAUTHORIZED), (False, Sent.LATER)])
async def test_sends_nothing_without_a_token(there: Teams, refused: bool, sent: Sent) -> None:
    async with connector(Secret(LoginFailed("no", refused=refused))) as wire:
        assert (await wire.post(there.url, CHAT, HELLO)).sent is sent
    assert not there.asked


ADA = {"id": "29:ada", "objectId": "7faf", "name": "Ada", "userPrincipalName": "ada@contoso.com"}


async def test_finds_a_member(there: Teams, wire: TeamsConnector) -> None:
    there.will(says(200, ADA), says(404), says(200, [1]))
    found = await wire.member(there.url, CHAT, "7faf")
    assert found == Member("7faf", "29:ada", "Ada", "ada@contoso.com")
    assert await wire.member(there.url, CHAT, "7faf") is None
    assert await wire.member(there.url, CHAT, "7faf") is None


async def test_reads_all_pages_of_a_roster(there: Teams, wire: TeamsConnector) -> None:
    first = {"members": [ADA, 5], "continuationToken": "a&b"}
    there.will(says(200, first), says(200, {"members": [ADA | {"aadObjectId": "2"}]}))
    found = await wire.roster(there.url, "19:team")
    assert [member.user for member in found or ()] == ["7faf", "2"]
    assert there.asked[1].path.endswith("pagedmembers?pageSize=200&continuationToken=a%26b")


@pytest.mark.parametrize("status", [403, 404])
async def test_a_team_that_the_bot_is_not_in_has_no_roster(
    there: Teams, wire: TeamsConnector, status: int
) -> None:
    there.will(says(status))
    assert await wire.roster(there.url, "19:team") == (), "which is known, and no reason to wait"


async def test_takes_no_half_roster(there: Teams, wire: TeamsConnector) -> None:
    more = says(200, {"members": [ADA], "continuationToken": "again"})
    there.will(more, says(500), *[more] * 50)
    assert await wire.roster(there.url, "19:team") is None
    assert await wire.roster(there.url, "19:team") is None, "pages without end"


# -- files -----------------------------------------------------------------------------------


async def fetched(wire: TeamsConnector, url: str, service_url: str = "") -> bytes:
    return b"".join([piece async for piece in wire.download(url, service_url)])


async def test_downloads_a_file_without_credentials(there: Teams) -> None:
    async def file(_request: web.Request) -> web.StreamResponse:
        return web.Response(body=b"+33 1" * 50_000)

    async with connector(Secret()) as wire:
        there.will(file)
        assert len(await fetched(wire, there.url + "a%20b.csv?tempauth=x%3D&y")) == 250_000
    (asked,) = there.asked
    assert asked.path == "/emea/a%20b.csv?tempauth=x%3D&y"
    assert not {"Authorization", "Cookie"} & set(asked.headers)


async def test_follows_no_redirect(there: Teams, wire: TeamsConnector) -> None:
    there.will(says(302, None, Location="/x"), says(200))
    with pytest.raises(Rejected, match="file_unreachable"):
        await fetched(wire, there.url + "x")
    assert len(there.asked) == 1


@pytest.mark.parametrize("answer", [says(404), says(500), drops])
async def test_says_that_a_file_cannot_be_had(
    there: Teams, wire: TeamsConnector, answer: Answer
) -> None:
    there.will(answer)
    with pytest.raises(Rejected, match="file_unreachable"):
        await fetched(wire, there.url + "x")


async def test_says_that_a_file_came_in_part(there: Teams, wire: TeamsConnector) -> None:
    async def breaks(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Length": "100"})
        await response.prepare(request)
        await response.write(b"+33")
        return await drops(request)

    there.will(breaks)
    with pytest.raises(Rejected, match="file_unreachable"):
        await fetched(wire, there.url + "x")


@pytest.mark.parametrize("packed", ["gzip", "deflate", "br", "identity, gzip"])
async def test_unpacks_no_answer(there: Teams, wire: TeamsConnector, packed: str) -> None:
    async def bomb(_request: web.Request) -> web.StreamResponse:
        body = gzip.compress(bytes(50_000_000))
        return web.Response(body=body, headers={"Content-Encoding": packed})

    there.will(bomb)
    with pytest.raises(Rejected, match="file_unreachable"):
        await fetched(wire, there.url + "x")
    assert there.asked[0].headers["Accept-Encoding"] == "identity"


@pytest.mark.parametrize("pause", [0.05, 5.0], ids=["drop by drop", "not at all"])
async def test_a_slow_host_holds_nobody_up(there: Teams, pause: float) -> None:
    async def slow(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Length": "1000"})
        await response.prepare(request)
        for _ in range(1000):
            await response.write(b"x")
            await asyncio.sleep(pause)
        return response

    there.will(slow)
    brief = aiohttp.ClientTimeout(total=0.5, connect=0.2, sock_read=0.2)
    async with connector(file_timeout=brief) as wire, asyncio.timeout(5):
        with pytest.raises(Rejected, match="file_unreachable"):
            await fetched(wire, there.url + "x")


PICTURE = "v3/attachments/0-weu-d1-abc/views/original"


async def test_fetches_a_pasted_picture_with_its_token(there: Teams) -> None:
    async def picture(_request: web.Request) -> web.StreamResponse:
        return web.Response(body=b"\x89PNG", content_type="image/png")

    async with connector(Secret(), allows_file=lambda _url: False) as wire:
        there.will(picture, picture)
        assert await fetched(wire, there.url + PICTURE, there.url) == b"\x89PNG"
        deeper = there.url + "72f988bf-0000/"
        assert await fetched(wire, there.url + PICTURE, deeper) == b"\x89PNG"
    assert {asked.headers["Authorization"] for asked in there.asked} == {"Bearer s3cret"}


async def test_shows_its_token_for_no_other_picture(there: Teams) -> None:
    """Each of these would go to a host that files are taken from, so it goes without the token."""
    other = there.url.replace("127.0.0.1", "localhost")
    asks = [
        (there.url + PICTURE, ""),
        (there.url + PICTURE, other),
        (other + PICTURE, there.url),
        (there.url + "v3/conversations/19:x/members", there.url),
        (there.url + PICTURE + "?x=1", there.url),
        (there.url + PICTURE + "/../../../conversations", there.url),
        (there.url + "v3/attachments/../views/original", there.url),
        (there.url + "v3/attachments/%2e%2e/views/original", there.url),
        (there.url + "x/%2e%2e/" + PICTURE, there.url),
        (there.url + "..//" + PICTURE, there.url),
    ]
    secret = Secret()
    async with connector(secret) as wire:
        there.will(*[says(200)] * len(asks))
        for url, service in asks:
            await fetched(wire, url, service)
    assert len(there.asked) == len(asks)
    assert not [asked.path for asked in there.asked if "Authorization" in asked.headers]
    assert secret.asked == 0


@pytest.mark.parametrize(
    "url, service",
    [
        ("https://smba.example/emea/" + PICTURE, "https://smba.example/emea/"),
        ("https://smba.example@evil.example/" + PICTURE, "https://smba.example/emea/"),
        ("http://smba.trafficmanager.net/emea/" + PICTURE, "https://smba.trafficmanager.net/emea/"),
        ("https://smba.trafficmanager.net:444/" + PICTURE, "https://smba.trafficmanager.net/emea/"),
        ("https://evil.example/" + PICTURE, "https://smba.trafficmanager.net/emea/"),
        ("//smba.trafficmanager.net/" + PICTURE, "https://smba.trafficmanager.net/emea/"),
        ("https://smba.trafficmanager.net\\@evil.example/", "https://smba.trafficmanager.net/"),
    ],
)
async def test_fetches_pictures_from_the_connector_only(url: str, service: str) -> None:
    secret, hosts = Secret(), HostList.parse("smba.trafficmanager.net")
    async with connector(secret, allows=hosts.allows, allows_file=lambda _url: False) as wire:
        with pytest.raises(Rejected, match="file_host"):
            await fetched(wire, url, service)
    assert secret.asked == 0


async def test_a_picture_that_is_refused_is_no_picture(there: Teams) -> None:
    secret = Secret()
    async with connector(secret) as wire:
        there.will(says(401), says(302, None, Location="https://evil.example/"))
        for _ in range(2):
            with pytest.raises(Rejected, match="file_unreachable"):
                await fetched(wire, there.url + PICTURE, there.url)
    assert secret.dropped == ["s3cret"]
    async with connector(Secret(LoginFailed("no"))) as wire:
        with pytest.raises(Rejected, match="file_unreachable"):
            await fetched(wire, there.url + PICTURE, there.url)


@pytest.mark.parametrize("url", ["https://evil.example/x", "file:///etc/passwd", "", "http://["])
async def test_fetches_from_file_hosts_only(url: str) -> None:
    async with connector(allows_file=lambda _url: False) as wire:
        with pytest.raises(Rejected, match="file_host"):
            await fetched(wire, url)


async def test_fetches_nothing_from_inside(there: Teams) -> None:
    async with connector(loopback=False) as wire:
        for url in (there.url, "http://169.254.169.254/latest", "http://[::1]/", "http://10.0.0.1"):
            with pytest.raises(Rejected, match="file_host"):
                await fetched(wire, url)
        with pytest.raises(Rejected, match="file_unreachable"):
            await fetched(wire, there.url.replace("127.0.0.1", "localhost"))
    assert not there.asked


@pytest.mark.parametrize(
    "address, good",
    [
        ("13.107.136.10", True),
        ("2603:1030:20::1", True),
        ("10.1.2.3", False),
        ("192.168.1.1", False),
        ("172.16.0.1", False),
        ("100.64.0.1", False),
        ("169.254.169.254", False),
        ("127.0.0.1", False),
        ("0.0.0.0", False),
        ("224.0.0.1", False),
        ("::1", False),
        ("fe80::1%eth0", False),
        ("fd00::1", False),
        ("::ffff:10.0.0.1", False),
        ("64:ff9b::a00:1", False),
        ("2002:a00:1::", False),
        ("::ffff:127.0.0.1", False),
        ("::10.0.0.1", False),
        ("::", False),
        ("64:ff9b:1::a00:1", False),
        ("2001:0:a00:1::", False),
        ("fec0::1", False),
        ("ff02::1", False),
        ("192.0.0.170", False),
        ("198.18.0.1", False),
        ("240.0.0.1", False),
        ("255.255.255.255", False),
        ("x", False),
    ],
)
def test_knows_public_addresses(address: str, good: bool) -> None:
    assert acceptable("contoso.sharepoint.com", address, loopback=True) is good


class Rebinding(AbstractResolver):
    """A name server that leads a good name to two addresses, one of them inside."""

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        addresses = ("10.0.0.1", "13.107.136.10")[: 1 if host == "inside" else 2]
        made: list[Any] = [
            {"hostname": host, "host": address, "port": port, "family": family}
            for address in addresses
        ]
        return made

    async def close(self) -> None:
        pass


async def test_connects_to_the_address_that_was_checked() -> None:
    resolver = PublicResolver(loopback=False, resolver=Rebinding())
    found = await resolver.resolve("contoso.sharepoint.com", 443)
    assert [one["host"] for one in found] == ["13.107.136.10"]
    with pytest.raises(OSError, match="no public address"):
        await resolver.resolve("inside", 443)
