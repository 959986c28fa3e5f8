"""Local dates and times of a country, to instants and back."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import JsonValue

from cases.errors import Rejected


def zone(name: str) -> ZoneInfo | None:
    """Return the IANA zone of this name, if there is one."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def to_instant(day: date, clock: time, zone_name: str) -> datetime:
    """Return the instant (UTC) at which a local clock shows this.

    Where clocks go back and the time comes twice, the first one is meant. Raises
    `Rejected("time_gap")` for a time that the clocks skip.
    """
    local = datetime.combine(day, clock, ZoneInfo(zone_name))
    instant = local.astimezone(UTC)
    if instant.astimezone(local.tzinfo).replace(tzinfo=None) != local.replace(tzinfo=None):
        raise Rejected("time_gap", time=clock.strftime("%H:%M"), date=day.isoformat())
    return instant


def comes_twice(at: datetime, there: ZoneInfo) -> bool:
    """Return whether a local clock shows the time of this instant twice, as clocks go back."""
    local = at.astimezone(there)
    return local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()


def moment(value: JsonValue) -> tuple[datetime, ZoneInfo]:
    """Return instant and zone of a stored date and time."""
    if not isinstance(value, dict):
        raise TypeError("a date and time is stored as an object")
    return datetime.fromisoformat(str(value["at"])), ZoneInfo(str(value["zone"]))


def stored(at: datetime, zone_name: str) -> dict[str, JsonValue]:
    """Return a date and time as it is stored."""
    return {"at": at.isoformat().replace("+00:00", "Z"), "zone": zone_name}


def business_days_later(start: datetime, days: int, zone_name: str) -> datetime:
    """Return the same local time `days` business days (Monday to Friday) later."""
    local = start.astimezone(ZoneInfo(zone_name))
    while days:
        local += timedelta(days=1)
        if local.weekday() < 5:
            days -= 1
    return local.astimezone(UTC)
