"""The hosts that may be called: a strict reading of URLs that others send, without any look-up."""

import ipaddress
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

_LABEL = r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?"
_NAME = rf"{_LABEL}(?:\.{_LABEL})*"
_PORT = r"[1-9][0-9]{0,4}"
# Whatever two parsers could read differently is left out: user info, escapes, backslashes, dots
# other than ".", a dot at the end, white space. A path lacks only backslashes and white space.
_URL = re.compile(
    rf"(?P<scheme>https?)://(?P<host>{_NAME}|\[[0-9a-f:]+\])(?::(?P<port>{_PORT}))?(?:[/?#][^\s\\]*)?",
    re.IGNORECASE | re.ASCII,
)
_ENTRY = re.compile(rf"\.?{_NAME}|(?:{_NAME}|\[[0-9a-f:]+\])(?::{_PORT})?", re.ASCII)
_DEFAULT_PORTS = {"https": 443, "http": 80}
_HIGHEST_PORT = 65535


@dataclass(frozen=True, slots=True)
class HostList:
    """Names hosts: `host`, `host:port`, or `.domain` for any host below that domain."""

    entries: frozenset[str]

    @classmethod
    def of(cls, entries: Iterable[str]) -> Self:
        """Makes a list of entries; raises ValueError with a sentence for a wrong one."""
        return cls(frozenset(_checked(entry.strip().lower()) for entry in entries if entry.strip()))

    @classmethod
    def parse(cls, text: str) -> Self:
        """Reads entries separated by commas; raises ValueError with a sentence for a wrong one."""
        return cls.of(text.split(","))

    def plus(self, *entries: str) -> "HostList":
        """Returns this list with further entries."""
        return HostList(self.entries | HostList.of(entries).entries)

    @property
    def has_loopback(self) -> bool:
        """Tells whether a loopback host is named."""
        return any(is_loopback(re.sub(r":[0-9]+$", "", entry)) for entry in self.entries)

    def allows(self, url: str) -> bool:
        """Tells whether a URL is on the list: https on port 443, or a loopback host named here."""
        parts = _URL.fullmatch(url)
        if parts is None:
            return False
        scheme, host = parts["scheme"].lower(), parts["host"].lower()
        port = int(parts["port"] or _DEFAULT_PORTS[scheme])
        if is_loopback(host):
            return host in self.entries or f"{host}:{port}" in self.entries
        return (scheme, port) == ("https", 443) and self._names(host)

    def _names(self, host: str) -> bool:
        labels = host.split(".")
        domains = ("." + ".".join(labels[start:]) for start in range(1, len(labels)))
        return not self.entries.isdisjoint({host, f"{host}:443", *domains})


def is_loopback(host: str) -> bool:
    """Tells by its spelling alone whether a host is loopback: `localhost`, 127.0.0.0/8, ::1."""
    bare = host.removeprefix("[").removesuffix("]")
    try:
        return ipaddress.ip_address(bare).is_loopback
    except ValueError:
        return bare.lower() == "localhost"


def _checked(entry: str) -> str:
    if _ENTRY.fullmatch(entry) is None:
        raise ValueError(f"{entry!r} is not a host, host:port or .domain")
    host, _, port = entry.rpartition(":") if re.search(r":[0-9]+$", entry) else (entry, ":", "443")
    if int(port) > _HIGHEST_PORT:
        raise ValueError(f"{entry!r} has no such port")
    if port != "443" and not is_loopback(host):
        raise ValueError(f"{entry!r} has a port: only loopback hosts may have one other than 443")
    return entry
