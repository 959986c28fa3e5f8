"""Days, times and how long things take, as their reader writes them."""

from collections.abc import Iterator
from datetime import date, datetime, time

from cases.kinds import Asked
from cases.schedule import PORTS, Lead, Window, lead_of, offers, window_of
from strings import Text


def day(stored: str, text: Text) -> str:
    """Return a day that is stored as `2026-12-08`."""
    return text.day(date.fromisoformat(stored))


def clock(stored: str, text: Text) -> str:
    """Return a time of day that is stored as `10:00`."""
    return _clock(time.fromisoformat(stored), text)


def slot(stored: str, text: Text) -> str:
    """Return a day, with the time of day if it is stored with one (`2026-12-08T05:00`)."""
    local = datetime.fromisoformat(stored)
    return f"{text.day(local)}, {text.clock(local)}" if "T" in stored else text.day(local)


def window(hours: Window, text: Text) -> str:
    """Return the hours of a window and whose clock they are read from."""
    return text(
        "time.window",
        opens=_clock(hours.opens, text),
        closes=_clock(hours.closes, text),
        city=text.city(hours.zone),
    )


def lead(weeks: Lead, text: Text) -> str:
    """Return how long something takes."""
    if not weeks.least:
        return text("lead.up_to", most=weeks.most)
    return text("lead.range", least=weeks.least, most=weeks.most)


def _clock(at: time, text: Text) -> str:
    return text.clock(datetime.combine(date.min, at))


def hints(asked: Asked, zone: str, text: Text) -> str:
    """Return what helps to choose a date: how long it takes, when it is possible, whose clock.

    Without a zone it is not known yet which of the country's clocks is meant.
    """
    there = zone or asked.land.default_zone
    yours = text.yours(asked.now, there) if there else ""
    clocks = text("time.now", there=text.at(asked.now, there), yours=yours) if yours else ""
    return " ".join(one for one in (*_possible(asked, zone, text), clocks) if one)


def _possible(asked: Asked, zone: str, text: Text) -> Iterator[str]:
    found = offers(asked.case_type, asked.land, asked.now, zone)
    if not found or asked.case_type is None:
        return
    slots = " · ".join(map(text.day, found))
    if asked.case_type not in PORTS:
        yield text("schedule.suggested", slots=slots)
        return
    weeks, hours = lead_of(asked.case_type, asked.land), window_of(asked.land)
    if weeks:
        country = text.country(asked.land.iso)
        yield text("schedule.usual", country=country, lead=lead(weeks, text))
    yield text("schedule.hours", window=window(hours, text)) if hours else text("schedule.days")
    yield text("schedule.offers", slots=slots)
