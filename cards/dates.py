"""The date that the desk confirms: how it is told, asked of an agent, and taken into a calendar."""

from collections.abc import Mapping
from zoneinfo import ZoneInfo

from microsoft_teams.cards.core import (
    Action,
    CardElement,
    DateInput,
    OpenUrlAction,
    TextInput,
    TimeInput,
)

from cards.calendar import due
from cards.message import Message
from cards.parts import card, execute, line, message, small, unfold
from cards.press import Ask, Press
from cases.deeds import zone_of
from cases.localtime import moment
from cases.model import Case, Confirmed, Event
from cases.vocabulary import Status, Verb
from strings import Text

DATE, TIME = DATE_INPUTS = ("schedule_date", "schedule_time")


def date_rows(case: Case, text: Text) -> list[tuple[str, str]]:
    """Return label and value of the date that holds, if one does."""
    if case.confirmed is None or case.status is Status.CANCELLED:
        return []
    return [(text("case.confirmed"), _told(case.confirmed, text))]


def date_of(event: Event, text: Text, *, quiet: bool = False) -> list[CardElement]:
    """Return the date that an event confirmed; quiet where it stands elsewhere as well."""
    if event.confirmed is None:
        return []
    said = _told(event.confirmed, text)
    return [small(said) if quiet else line(said)]


def date_news(case: Case, event: Event, text: Text) -> list[CardElement]:
    """Return the date that an event confirmed, and what is to be done until then."""
    owed = due(case, text) if event.confirmed else []
    return [*date_of(event, text), *map(line, owed)]


def _told(date: Confirmed, text: Text) -> str:
    return text.moment(date.at, date.zone)


def calendar_button(case: Case, text: Text) -> list[Action]:
    """Return the button that gives the calendar file, while there is a date to keep."""
    if case.confirmed is None or not case.is_open:
        return []
    press = Press(verb=Ask.CALENDAR, case=case.number)
    return [execute(text("button.calendar"), press, action_id="calendar")]


def calendar_card(case: Case, url: str, text: Text) -> Message:
    """Return what the button is answered with: a short-lived address of the file."""
    said = text("calendar.here", number=case.number)
    link = OpenUrlAction(title=text("button.open_calendar"), url=url)
    return message(text, said, [line(said), small(text("files.short_lived"))], [link])


def schedule_button(
    case: Case, press: Press, typed: Mapping[str, str], words: TextInput, text: Text
) -> Action:
    """Return the button that confirms a date, read from the clocks of the case's country.

    `typed` is what was refused before; without it the form begins with the date that holds or that
    is wished for.
    """
    city, held = text.city(zone_of(case)), typed or _held(case)
    parts = [
        make(
            id=input_id,
            label=label,
            value=held.get(input_id) or None,
            is_required=True,
            error_message=text("error.required", label=label),
        )
        for input_id, label, make in (
            (DATE, text("case.schedule_date", city=city), DateInput),
            (TIME, text("case.schedule_time", city=city), TimeInput),
        )
    ]
    send = execute(
        text("button.send.schedule"), press, action_id=f"send_{Verb.SCHEDULE}", primary=True
    )
    return unfold(
        text("button.schedule"), card(text, [*parts, words], [send]), action_id="schedule"
    )


def _held(case: Case) -> Mapping[str, str]:
    when = case.answers.get("when")
    at = case.confirmed.at if case.confirmed else moment(when)[0] if when else None
    if at is None:
        return {}
    local = at.astimezone(ZoneInfo(zone_of(case)))
    return {DATE: f"{local:%Y-%m-%d}", TIME: f"{local:%H:%M}"}
