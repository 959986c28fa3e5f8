"""The calendar file of a confirmed date (RFC 5545), for any calendar program.

It publishes one event and asks nobody for an answer. Its UID is the case's for good and SEQUENCE
rises with each new date, so that a newer file moves the event that an older one made. Once the case
is cancelled the file cancels the event, and calendars take it out (RFC 5546, 3.2.5).
"""

from datetime import UTC, datetime
from hashlib import sha256
from typing import Final

from cards.answers import subject
from cases.model import Case, Confirmed
from cases.vocabulary import CaseType
from strings import Text

MEDIA_TYPE: Final = "text/calendar"
LASTS: Final = "PT1H"
"""An hour: how long it takes is nowhere promised."""
WIDTH: Final = 75
"""Octets of a line, its end not counted."""
KEPT: Final = "\n\u200d\xa0\u202f"
"""What cannot be seen and still counts: line ends, joiners of emoji, blanks that do not break."""


def file_name(case: Case) -> str:
    """Return the name that the file is saved under."""
    return f"{case.number}.ics"


def method_of(date: Confirmed) -> str:
    """Return what the file does with its event."""
    return "CANCEL" if date.withdrawn else "PUBLISH"


def calendar_file(case: Case, date: Confirmed, text: Text) -> bytes:
    """Return the file; the same date in the same words gives the same bytes, always."""
    lines = (
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Number Desk//Confirmed dates//EN",
        f"METHOD:{method_of(date)}",
        "BEGIN:VEVENT",
        f"UID:{_uid(case)}",
        f"SEQUENCE:{date.sequence}",
        f"STATUS:{'CANCELLED' if date.withdrawn else 'CONFIRMED'}",
        f"DTSTAMP:{_utc(date.said)}",
        f"DTSTART:{_utc(date.at)}",
        f"DURATION:{LASTS}",
        f"SUMMARY:{_escaped(_title(case, date, text))}",
        f"DESCRIPTION:{_escaped(_about(case, date, text))}",
        "END:VEVENT",
        "END:VCALENDAR",
    )
    return "".join(f"{_folded(line)}\r\n" for line in lines).encode()


def _uid(case: Case) -> str:
    """Return what calendars know the event by; no id that opens anything."""
    name = "\x1f".join(("calendar", case.tenant, case.uid))
    return f"{sha256(name.encode()).hexdigest()[:32]}@number-desk"


def _title(case: Case, date: Confirmed, text: Text) -> str:
    title = f"{case.number} · {subject(case.type, case.country, text)}"
    return text("calendar.cancelled", title=title) if date.withdrawn else title


def _about(case: Case, date: Confirmed, text: Text) -> str:
    if date.withdrawn:
        return "\n".join((case.title, text("calendar.about_cancelled", number=case.number)))
    moment = text.moment(date.at, date.zone)
    said = [case.title, text("calendar.about", number=case.number, moment=moment), *due(case, text)]
    return "\n".join(said)


def due(case: Case, text: Text) -> list[str]:
    """Return what the customer has to have done by the date."""
    unassigned = case.type is CaseType.INVENTORY_TYPE_CHANGE
    return [text("calendar.unassign")] if unassigned else []


def _utc(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _escaped(words: str) -> str:
    """Return a text as a value: what would end or divide it is escaped (3.3.11)."""
    seen = "".join(char for char in words if char.isprintable() or char in KEPT)
    for sign in "\\;,":
        seen = seen.replace(sign, f"\\{sign}")
    return seen.replace("\n", "\\n")


def _folded(line: str) -> str:
    """Return a line cut into lines of at most 75 octets, no character cut in two (3.1)."""
    parts = [""]
    for char in line:
        # Each line but the first begins with a blank.
        room = WIDTH - (len(parts) > 1)
        if len((parts[-1] + char).encode()) > room:
            parts.append("")
        parts[-1] += char
    return "\r\n ".join(parts)
