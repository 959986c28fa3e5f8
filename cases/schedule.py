"""When a request can be carried out: business days, lead times, windows, and the next days that do.

Ports run on US business days only (page on port transfers, 11/2024), in Mexico from 02:00 to 07:30
Mexico City time (page on number management there). What can never be carried out is refused; what
is sooner than usual is a wish, and told as a caution.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import count, islice
from typing import Self
from zoneinfo import ZoneInfo

from pydantic import JsonValue

from cases.countries import Country
from cases.errors import Rejected
from cases.localtime import comes_twice, moment, to_instant
from cases.model import Caution
from cases.vocabulary import CaseType

PORTS = frozenset({CaseType.PORT_IN, CaseType.INTER_TENANT_PORT})
"""Case types that are carried out on US business days only."""
DATED = PORTS | {CaseType.INVENTORY_TYPE_CHANGE}
"""Case types that are carried out at a moment that is wished for."""
OFFERED = 3
"""How many dates are offered."""
OFFICE = time(10)
"""The local time that is offered where any will do: people are there to try the numbers."""
CONFIRMED_AFTER = 3
"""Business days until a port that waits for no carrier can be had: 72 business hours (01/2025)."""


# -- business days ---------------------------------------------------------------------------


def is_business_day(day: date) -> bool:
    """Return whether the day is neither a weekend nor a federal holiday of the United States."""
    return day.weekday() < 5 and day not in federal_holidays(day.year)


@lru_cache(maxsize=16)
def federal_holidays(year: int) -> frozenset[date]:
    """Return the days of a year on which federal holidays are kept (5 U.S.C. 6103).

    One that falls on a Saturday is kept the Friday before, on a Sunday the Monday after; so New
    Year's Day of the next year may be kept on the last day of this one.
    """
    fixed = (
        date(year, 1, 1),
        date(year, 6, 19),
        date(year, 7, 4),
        date(year, 11, 11),
        date(year, 12, 25),
        date(year + 1, 1, 1),
    )
    moving = (
        _nth(year, 1, "Mon", 3),
        _nth(year, 2, "Mon", 3),
        _nth(year, 6, "Mon", 1) - timedelta(days=7),
        _nth(year, 9, "Mon", 1),
        _nth(year, 10, "Mon", 2),
        _nth(year, 11, "Thu", 4),
    )
    kept = (*map(_kept, fixed), *moving)
    return frozenset(day for day in kept if day.year == year)


def _nth(year: int, month: int, weekday: str, nth: int) -> date:
    first = date(year, month, 1)
    wanted = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun").index(weekday)
    return first + timedelta(days=(wanted - first.weekday()) % 7 + 7 * (nth - 1))


def _kept(day: date) -> date:
    moved = {5: -1, 6: 1}.get(day.weekday(), 0)
    return day + timedelta(days=moved)


# -- lead times and windows ------------------------------------------------------------------


@dataclass(frozen=True)
class Lead:
    """How long something usually takes, in weeks; `least` is 0 where no lower bound is known."""

    least: int
    most: int

    @property
    def soonest(self) -> timedelta:
        """The least time in which it is ever done: a week, if nothing else is known."""
        return timedelta(weeks=self.least or USUAL.least)


USUAL = Lead(1, 2)
"""Ports take 7 to 14 days where the country's page says nothing (overview of port orders)."""


def lead_of(case_type: CaseType, country: Country) -> Lead | None:
    """Return how long such a case usually takes there; none where nothing is known.

    A port between two tenants waits for no carrier.
    """
    known = country.lead_time
    match case_type:
        case CaseType.PORT_IN:
            return _lead(known.port) if known else USUAL
        case CaseType.NEW_NUMBERS:
            return _lead(known.new) if known else None
        case _:
            return None


def _lead(worded: str) -> Lead:
    """Read `2-3 wk` or `<= 3 wk`, as the documentation words it."""
    found = re.fullmatch(r"(?:<= |(\d+)-)(\d+) wk", worded)
    if found is None:
        raise ValueError(f"no lead time: {worded!r}")
    return Lead(int(found[1] or 0), int(found[2]))


@dataclass(frozen=True)
class Window:
    """The hours in which a country's ports are carried out, both ends among them."""

    opens: time
    closes: time
    zone: str

    @classmethod
    def read(cls, worded: str) -> Self:
        """Read `02:00-07:30 America/Mexico_City`."""
        hours, zone = worded.split(" ")
        opens, closes = map(time.fromisoformat, hours.split("-"))
        return cls(opens, closes, zone)

    def holds(self, at: datetime) -> bool:
        """Return whether an instant lies in the window."""
        return self.opens <= at.astimezone(ZoneInfo(self.zone)).time() <= self.closes

    def nearest(self, day: date, clock: time, zone: str) -> time:
        """Return the time of a local day in the window that is nearest to another."""
        wanted = datetime.combine(day, clock, ZoneInfo(zone))
        if self.holds(wanted):
            return clock
        ends = (end for end in self._ends_about(day, zone) if end.date() == day)
        return min(ends, key=lambda end: abs(end - wanted)).time()

    def _ends_about(self, day: date, zone: str) -> Iterator[datetime]:
        """Yield when the window opens and closes from the day before to the day after."""
        for ahead in (-1, 0, 1):
            for end in (self.opens, self.closes):
                there = datetime.combine(day + timedelta(days=ahead), end, ZoneInfo(self.zone))
                yield there.astimezone(ZoneInfo(zone))


def window_of(country: Country) -> Window | None:
    """Return the country's window, if it has one."""
    return Window.read(country.port_window) if country.port_window else None


# -- what can be done, and when --------------------------------------------------------------


def require_possible(
    case_type: CaseType | None, country: Country, at: datetime, zone: str, earliest: date, name: str
) -> None:
    """Raise `Rejected` for a moment at which such a case can never be carried out.

    Codes: `port_weekend`, `port_holiday` at the input `<name>_date`, `port_window` at
    `<name>_time`; the next possible moments are told with each, none before the day `earliest`.
    """
    if case_type not in PORTS:
        return
    local = at.astimezone(ZoneInfo(zone))
    clock, window = local.time(), window_of(country)
    first = max(local.date(), earliest)
    if window and not window.holds(at):
        slots = _slots(first, zone, lambda day: window.nearest(day, clock, zone))
        raise Rejected(
            "port_window",
            input_id=f"{name}_time",
            window=country.port_window,
            slots=[f"{slot:%Y-%m-%dT%H:%M}" for slot in slots],
        )
    if not is_business_day(local.date()):
        raise Rejected(
            "port_holiday" if local.weekday() < 5 else "port_weekend",
            input_id=f"{name}_date",
            date=local.date().isoformat(),
            slots=[slot.date().isoformat() for slot in _slots(first, zone, lambda _: clock)],
        )


def offers(
    case_type: CaseType | None, country: Country, now: datetime, zone: str = ""
) -> tuple[datetime, ...]:
    """Return the next realistic moments, as local times; none for what has no date.

    Without a zone they are the country's, at a time that will do in each of its zones.
    """
    if case_type not in DATED:
        return ()
    zones = (zone,) if zone else country.zones
    here = zone or country.default_zone or country.zones[0]
    window = window_of(country) if case_type in PORTS else None
    first = max(soonest(case_type, country, now, each) for each in zones)
    return _slots(first, here, lambda day: _clock(window, day, zones))


def soonest(case_type: CaseType, country: Country, now: datetime, zone: str) -> date:
    """Return the first local day that is no sooner than usual.

    The days are counted from the next one on: today has begun.
    """
    today = now.astimezone(ZoneInfo(zone)).date()
    lead = lead_of(case_type, country)
    if lead:
        return today + lead.soonest + timedelta(days=1)
    days = (today + timedelta(days=ahead) for ahead in count(1))
    return next(islice(filter(is_business_day, days), CONFIRMED_AFTER - 1, None))


def _slots(first: date, zone: str, clock_of: Callable[[date], time]) -> tuple[datetime, ...]:
    """Return the next moments on business days from a day on, at the time that each has."""
    days = (first + timedelta(days=ahead) for ahead in count())
    clocks = ((day, clock_of(day)) for day in days if is_business_day(day))
    there = (datetime.combine(day, at, ZoneInfo(zone)) for day, at in clocks if _is(day, at, zone))
    return tuple(islice(there, OFFERED))


def _is(day: date, clock: time, zone: str) -> bool:
    try:
        to_instant(day, clock, zone)
    except Rejected:
        return False
    return True


def _clock(window: Window | None, day: date, zones: tuple[str, ...]) -> time:
    """Return the time to offer: the last full hour that the window has in each of the zones."""
    if window is None:
        return OFFICE
    hours = (time(hour) for hour in range(23, -1, -1))
    instants = ((at, [_instant(day, at, zone) for zone in zones]) for at in hours)
    return next((at for at, all_at in instants if all(map(window.holds, all_at))), window.opens)


def _instant(day: date, clock: time, zone: str) -> datetime:
    return datetime.combine(day, clock, ZoneInfo(zone)).astimezone(UTC)


# -- cautions --------------------------------------------------------------------------------


def cautions(
    case_type: CaseType, answers: Mapping[str, JsonValue], country: Country, now: datetime
) -> tuple[Caution, ...]:
    """Return what is to be told of the time that is wished for, and of how long it takes."""
    return (*_usual(case_type, country), *_wished(case_type, answers, country, now))


def _usual(case_type: CaseType, country: Country) -> Iterator[Caution]:
    lead = lead_of(case_type, country)
    if lead and case_type is CaseType.NEW_NUMBERS:
        yield Caution(code="lead_new", params=_told(lead, country))


def _wished(
    case_type: CaseType, answers: Mapping[str, JsonValue], country: Country, now: datetime
) -> Iterator[Caution]:
    if not answers.get("when"):
        return
    at, zone = moment(answers["when"])
    day = at.astimezone(zone).date()
    if case_type in PORTS and day < soonest(case_type, country, now, str(zone)):
        yield _too_soon(case_type, country, now, str(zone))
    if comes_twice(at, zone):
        clock = at.astimezone(zone)
        params: dict[str, JsonValue] = {"date": f"{clock:%Y-%m-%d}", "time": f"{clock:%H:%M}"}
        yield Caution(code="time_twice", params=params)


def _too_soon(case_type: CaseType, country: Country, now: datetime, zone: str) -> Caution:
    first, *_ = offers(case_type, country, now, zone)
    lead = lead_of(case_type, country)
    usual: dict[str, JsonValue] = _told(lead, country) if lead else {"days": CONFIRMED_AFTER}
    return Caution(
        code="lead_port" if lead else "lead_between",
        params={**usual, "date": first.date().isoformat()},
    )


def _told(lead: Lead, country: Country) -> dict[str, JsonValue]:
    return {"lead": [lead.least, lead.most], "country": country.iso}
