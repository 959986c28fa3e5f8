"""Who is in the sandbox, where it answers and whom it calls."""

import ipaddress
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

Role = Literal["admin", "colleague", "agent"]

COMPANY = "72f988bf-0000-4000-8000-000000000001"
OTHER_COMPANY = "3f6b2d10-0000-4000-8000-000000000005"
DESK_TENANT = "9c1a9b3e-0000-4000-8000-000000000009"


class SandboxRefused(Exception):
    """The sandbox has no authentication, so it is not built where others could reach it."""


@dataclass(frozen=True)
class Person:
    """Somebody who uses Teams; `conversation` is the personal chat with the bot."""

    key: str
    name: str
    aad: str
    user_id: str
    email: str
    tenant: str
    locale: str
    timezone: str
    conversation: str
    role: Role
    shown: bool = True


DEFAULT_PEOPLE: tuple[Person, ...] = (
    Person(
        key="ada",
        name="Ada Admin",
        aad="7faf8511-3a5f-4c2e-9f9e-0d3a3c6b1a11",
        user_id="29:1XJKJMvc5GBtc2JwZq0oj8tHZmzrQgFmB25ATiQWA85gQtHieVkKilBZ9XHoq9j7Zaqt7CZ"
        "-NJWi7me2kHTL3Bw",
        email="ada@contoso.com",
        tenant=COMPANY,
        locale="en-US",
        timezone="America/New_York",
        conversation="a:17I0kl8EkpE1O9PH5TWrzrLNwnWWcfrU7QZjKR0WSfOpzbfcAg2IaydGElSo10tVr4C7Fc6G"
        "tieTJX663WuJCc1uA83n4CSrHSgGBj5XNYLcVlJAs2ZX8DbYBPck201w-",
        role="admin",
    ),
    Person(
        key="colin",
        name="Colin Colleague",
        aad="b4c1a2d3-55e6-4f7a-8b9c-1d2e3f4a5b22",
        user_id="29:1cQk2Colin7RrVx0yW3uT8sN5mJ9hL6gF4dK1aZ-BvXe_PoIuYtRw",
        email="colin@contoso.com",
        tenant=COMPANY,
        locale="en-GB",
        timezone="Europe/London",
        conversation="a:1cOlInQ2w3E4r5T6y7U8i9O0pA1s2D3f4G5h6J7k8L9zXcVbNmQwErTyUiOpAsDfGhJkL",
        role="colleague",
    ),
    Person(
        key="agnes",
        name="Agnes Desk",
        aad="5d0c2f1e-77aa-4b7e-8a33-7f1f3a1b2c33",
        user_id="29:1a2b3cAgnes-desk",
        email="agnes@numberdesk.example",
        tenant=DESK_TENANT,
        locale="en-US",
        timezone="America/Los_Angeles",
        conversation="a:1aGnEsZ9y8X7w6V5u4T3s2R1q0P9o8N7m6L5k4J3i2H1g0FeDcBaZyXwVuTsRqPoNm",
        role="agent",
    ),
    Person(
        key="eve",
        name="Eve Other",
        aad="e7e6e5e4-1111-4222-8333-444455556666",
        user_id="29:1eVeOtherFabrikam0Zy9Xw8Vu7Ts6Rq5Po4Nm3Lk2Ji1Hg",
        email="eve@fabrikam.com",
        tenant=OTHER_COMPANY,
        locale="en-US",
        timezone="America/Chicago",
        conversation="a:1eVeFaBrIkAmM1n2B3v4C5x6Z7l8K9j0H1g2F3d4S5a6P7o8I9u0Y1t2R3e4W5q6",
        role="admin",
        shown=False,
    ),
)


@dataclass(frozen=True)
class SandboxSettings:
    """What the sandbox is told once, by whoever mounts it."""

    bot_endpoint: str = "http://127.0.0.1:3978/api/messages"
    service_url: str = "http://127.0.0.1:3978/sandbox/"
    data_dir: Path | None = None
    desk_tenant_id: str = DESK_TENANT
    desk_team_id: str = "19:0d4f5e6a7b8c4d9e9f0a1b2c3d4e5f60@thread.tacv2"
    desk_channel_id: str = "19:aa11bb22cc33dd44ee55ff6677889900@thread.tacv2"
    desk_group_id: str = "e5c1d2a3-0000-4000-8000-00000000abcd"
    desk_team_name: str = "Number desk"
    desk_channel_name: str = "Cases"
    bot_id: str = "28:number-desk-sandbox"
    bot_name: str = "Number Desk"
    people: tuple[Person, ...] = DEFAULT_PEOPLE
    headers: Callable[[], Mapping[str, str]] | None = None
    retry: bool = True
    retry_delay: float = 1.0
    bot_timeout: float = 15.0
    introduce_for: float = 15.0

    def __post_init__(self) -> None:
        """Refuses a service URL that others than this machine could be told to call."""
        if not is_loopback(urlsplit(self.service_url).hostname or ""):
            raise SandboxRefused(f"the sandbox answers on loopback only, not {self.service_url}")
        if not self.service_url.endswith("/"):
            raise SandboxRefused(f"the service URL must end with a slash: {self.service_url}")


def is_loopback(host: str) -> bool:
    """Tells whether a host name or address means this very machine."""
    name = host.strip("[]").lower()
    if name == "localhost":
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False
