"""The answers of people who know what they want, one set for each way through the intake."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import phonenumbers

from cases.schedule import is_business_day
from sandbox.world import Message
from tests.chat.people import Person


def business_day(ahead: int) -> str:
    """Return the first US business day so many days ahead, on which ports can be had."""
    days = (datetime.now(UTC).date() + timedelta(days=ahead + more) for more in range(7))
    return next(filter(is_business_day, days)).isoformat()


SOON = business_day(30)
GUID = "1a2b3c4d-0000-4000-8000-1a2b3c4d5e6f"
ABOUT = {"title": "Numbers for the office", "description": "Please help us with this."}


def number_of(country: str, last: int = 0) -> str:
    """Return a number in use in a country, or one of those that follow it."""
    example = phonenumbers.example_number(country)
    assert example is not None
    example.national_number = (example.national_number or 0) + last
    assert phonenumbers.is_valid_number_for_region(example, country)
    return phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.E164)


@dataclass(frozen=True)
class Path:
    """One way through the intake."""

    country: str
    case_type: str = ""
    details: Mapping[str, str] = field(default_factory=dict)
    papers: tuple[str, ...] = ()
    about: Mapping[str, str] = field(default_factory=lambda: ABOUT)


WHEN = {"when_date": SOON, "when_time": "10:00"}

PORT = Path(
    "FR",
    "port_in",
    {"order_name": "Paris office", **WHEN, "numbers": number_of("FR")},
    ("loa",),
)
US_PORT = replace(
    PORT,
    country="US",
    details={**PORT.details, "when_zone": "America/New_York", "numbers": number_of("US")},
)
NEW_NUMBERS = Path(
    "BE",
    "new_numbers",
    {
        "number_type": "user",
        "tried_admin_center": "yes",
        "quantity": "25",
        "state": "Brussels",
        "city": "Brussels",
        "office_address": "Rue de la Loi 1, 1000 Brussels",
        "directory_listing": "no",
    },
)
BETWEEN_TENANTS = Path(
    "DE",
    "inter_tenant_port",
    {
        "source_domain": "contoso.com",
        "source_tenant_id": GUID,
        "destination_domain": "fabrikam.com",
        **WHEN,
        "numbers": number_of("DE"),
    },
)
TYPE_CHANGE = Path(
    "GB",
    "inventory_type_change",
    {"convert_to": "service", **WHEN, "unassigned": "true", "numbers": number_of("GB")},
)
ADDRESS = Path("IT", "address_update", {"location_id": GUID, "numbers": number_of("IT")})
CALLING_NAME = Path(
    "US", "custom_calling_name", {"calling_name": "CONTOSO LTD", "numbers": number_of("US")}
)
INQUIRY = Path("JP")

PATHS = {
    path.case_type or "general_inquiry": path
    for path in (
        PORT,
        NEW_NUMBERS,
        BETWEEN_TENANTS,
        TYPE_CHANGE,
        ADDRESS,
        CALLING_NAME,
        INQUIRY,
    )
}


async def gets_to(stage: str, who: Person, path: Path = PORT) -> Message:
    """Answer all that is asked before a stage, and return the message that asks it."""
    await who.says("new case")
    return await goes_on_to(stage, who, path)


async def goes_on_to(stage: str, who: Person, path: Path = PORT) -> Message:
    """Answer whatever is asked until a stage is asked."""
    for _ in range(8):
        asked = who.asked()
        if asked == stage:
            return who.open_card
        await _answers(asked, who, path)
    raise AssertionError(f"{stage} is never asked, {who.asked()} is")


async def _answers(stage: str, who: Person, path: Path) -> None:
    match stage:
        case "category":
            await who.clicks("new_request" if path.case_type else "general_inquiry")
        case "country":
            await who.answers(country=path.country)
        case "case_type":
            await who.clicks(path.case_type)
        case "details":
            await who.answers(**path.details)
        case "about":
            await who.answers(**path.about)
        case "papers":
            if path.papers:
                await who.drops(*(f"{paper}.pdf" for paper in path.papers))
            await who.answers()


async def submits(who: Person) -> str:
    """Press Submit on the review, wait for the case's card, and return the case's number."""
    review = who.open_card
    await who.clicks("send", on=review)
    number = number_in(who, review)
    await who.teams.until(
        lambda: [one for one in who.all_saying(number) if one.id != review.id], within=15
    )
    return number


def number_in(who: Person, message: Message) -> str:
    """Return the case number that a message shows."""
    buttons = who.now(message).card["actions"]
    number = buttons[0]["data"]["case"]
    assert isinstance(number, str)
    who.sees(number, on=message)
    return number


async def opens_a_case(who: Person, path: Path = INQUIRY) -> str:
    """Open a case from the first word to the number."""
    await gets_to("review", who, path)
    return await submits(who)


async def finishes(who: Person, path: Path = PORT) -> str:
    """Go on from wherever the open card is, to the number."""
    await goes_on_to("review", who, path)
    return await submits(who)
