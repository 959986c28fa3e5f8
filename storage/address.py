"""Store addresses: what `REDIS_URL` says, and the client that it asks for."""

from collections.abc import Callable
from typing import Any, Final
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from redis.asyncio import Redis
from redis.asyncio.cluster import ClusterNode, RedisCluster
from redis.asyncio.retry import Retry
from redis.asyncio.sentinel import Sentinel
from redis.backoff import NoBackoff

from storage.server import Server

_PORT: Final = 6379
_SENTINEL_PORT: Final = 26379


async def connect(url: str, failpoint: Callable[[str], None] = lambda _name: None) -> Server:
    """Connect to the store and check its layout; raises `Unavailable` or `LayoutError`.

    `redis://`, `rediss://` and `unix://` are one server. `redis+cluster://host:port,...` is a
    cluster, `redis+sentinel://host:port,.../service/db` a server behind sentinels; both take
    `user:password@`, `?tls=1`, `?ca=file`, and `?wait=0` where there are no replicas to wait for.
    """
    server = open_server(url, failpoint)
    try:
        await server.check_layout()
    except BaseException:
        await server.close()
        raise
    return server


def open_server(url: str, failpoint: Callable[[str], None] = lambda _name: None) -> Server:
    """Return the store at an address, without a connection yet."""
    parts = urlsplit(url)
    if parts.scheme == "redis+cluster":
        return Server(_cluster(parts), replicated=_waits(parts), failpoint=failpoint)
    if parts.scheme == "redis+sentinel":
        sentinels, client = _behind_sentinels(parts)
        return Server(
            client, replicated=_waits(parts), failpoint=failpoint, beside=sentinels.sentinels
        )
    network = {} if parts.scheme == "unix" else _NETWORK
    return Server(Redis.from_url(url, **_COMMON, **network, **_ONCE), failpoint=failpoint)


_COMMON: Final[dict[str, Any]] = {
    "socket_connect_timeout": 2.0,
    # `Server` times whole calls; a timer of the client's own per read and write costs as much CPU
    # as the command.
    "socket_timeout": None,
    # The second version has no notices pushed in between answers.
    "protocol": 2,
}
_NETWORK: Final[dict[str, Any]] = {"socket_keepalive": True}
_ONCE: Final[dict[str, Any]] = {"retry": Retry(NoBackoff(), 0)}


def _cluster(parts: SplitResult) -> RedisCluster:
    nodes = [ClusterNode(host, port) for host, port in _hosts(parts, _PORT)]
    return RedisCluster(
        startup_nodes=nodes,
        retry=Retry(NoBackoff(), 0),
        max_connections=256,
        **_COMMON,
        **_NETWORK,
        **_credentials(parts),
        **_tls(parts),
    )


def _behind_sentinels(parts: SplitResult) -> tuple[Sentinel, Redis]:
    service, _, database = parts.path.strip("/").partition("/")
    options = {**_COMMON, **_NETWORK, **_ONCE, **_tls(parts)}
    sentinels = Sentinel(  # type: ignore[no-untyped-call]
        _hosts(parts, _SENTINEL_PORT),
        sentinel_kwargs={**options, **_sentinel_credentials(parts)},
        **options,
        **_credentials(parts),
    )
    client: Redis = sentinels.master_for(service or "mymaster", db=int(database or 0))
    return sentinels, client


def _hosts(parts: SplitResult, port: int) -> list[tuple[str, int]]:
    hosts = []
    for place in parts.netloc.rpartition("@")[2].split(","):
        name, colon, number = place.rpartition(":")
        if not colon or number.endswith("]"):
            name, number = place, str(port)
        hosts.append((name.strip("[]"), int(number)))
    return hosts


def _credentials(parts: SplitResult) -> dict[str, Any]:
    user, _, password = parts.netloc.rpartition("@")[0].partition(":")
    given = {"username": unquote(user), "password": unquote(password)}
    return {name: value for name, value in given.items() if value}


def _sentinel_credentials(parts: SplitResult) -> dict[str, str]:
    names = {"sentinel_username": "username", "sentinel_password": "password"}
    return {to: _asked(parts, name) for name, to in names.items() if _asked(parts, name)}


def _tls(parts: SplitResult) -> dict[str, Any]:
    if _asked(parts, "tls") not in {"1", "true", "yes"}:
        return {}
    return {"ssl": True} | ({"ssl_ca_certs": ca} if (ca := _asked(parts, "ca")) else {})


def _waits(parts: SplitResult) -> bool:
    return _asked(parts, "wait") not in {"0", "false", "no"}


def _asked(parts: SplitResult, name: str) -> str:
    return parse_qs(parts.query).get(name, [""])[-1]
