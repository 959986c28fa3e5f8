"""The addresses that a host name of somebody else's may lead to; not which names are allowed."""

import ipaddress
import socket
from typing import TypeAlias

from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver

_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_LOW_32 = 0xFFFFFFFF
_NOWHERE = tuple(
    ipaddress.ip_network(network) for network in ("fec0::/10", "3fff::/20", "192.88.99.0/24")
)
"""Networks that nobody's server is in, and that `ipaddress` takes for public ones."""

Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address


class PublicResolver(AbstractResolver):
    """Resolves names to public addresses only; `localhost` to loopback, where that is allowed.

    The connection is made to an address from here, so a name cannot mean one thing when it is
    checked and another when it is called.
    """

    def __init__(self, *, loopback: bool, resolver: AbstractResolver | None = None) -> None:
        self._loopback = loopback
        self._resolver = resolver or ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """Return the acceptable addresses of a host; raises OSError if none is."""
        found = await self._resolver.resolve(host, port, family)
        good = [one for one in found if acceptable(host, one["host"], loopback=self._loopback)]
        if not good:
            raise OSError(f"{host} has no public address")
        return good

    async def close(self) -> None:
        """Close the resolver underneath."""
        await self._resolver.close()


def acceptable(host: str, address: str, *, loopback: bool) -> bool:
    """Tell whether `address` may be called for `host`, a name or itself an address."""
    try:
        found = _unwrapped(ipaddress.ip_address(address.partition("%")[0]))
    except ValueError:
        return False
    if found.is_loopback:
        return loopback and (host.lower() == "localhost" or _literal(host) is not None)
    elsewhere = found.is_multicast or found.is_reserved or any(found in net for net in _NOWHERE)
    return found.is_global and not elsewhere


def literal_refused(host: str, *, loopback: bool) -> bool:
    """Tell whether a host is an address, spelled out, that may not be called."""
    return _literal(host) is not None and not acceptable(host, host, loopback=loopback)


def _literal(host: str) -> Address | None:
    try:
        return ipaddress.ip_address(host.removeprefix("[").removesuffix("]").partition("%")[0])
    except ValueError:
        return None


def _unwrapped(address: Address) -> Address:
    """Return the IPv4 address that an IPv6 address leads to, where it does."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & _LOW_32)
    return address.ipv4_mapped or address.sixtofour or address
