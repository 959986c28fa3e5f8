"""The date that the desk confirms: how it is told, asked of an agent, and taken into a calendar."""

from collections.abc import Iterator, Mapping
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
    """Return label and value of the date that holds or was cancelled, if there is one."""
    date = case.dated
    if date is None:
        return []
    label = text("case.withdrawn") if date.withdrawn else text("case.confirmed")
    return [(label, _told(date, text))]


def happening(event: Event, name: str, text: Text) -> str:
    """Return what someone did, as a sentence; a date that is moved is told with the earlier one."""
    if not (event.confirmed and event.replaces):
        return text(f"event.{event.verb}", name=name)
    before, after = (
        text.short_moment(date.at, date.zone) for date in (event.replaces, event.confirmed)
    )
    return text("event.schedule.moved", name=name, before=before, after=after)


def date_of(event: Event, text: Text) -> list[CardElement]:
    """Return the date that an event confirmed."""
    return [line(_told(event.confirmed, text))] if event.confirmed else []


def date_past(event: Event, text: Text) -> list[CardElement]:
    """Return the date that an event of the timeline confirmed, if its sentence does not say it."""
    told = event.confirmed and not event.replaces
    return [small(_told(event.confirmed, text))] if event.confirmed and told else []


def date_news(case: Case, event: Event, text: Text) -> list[CardElement]:
    """Return the date that an event confirmed or cancelled, and what is to be done about it."""
    return [*date_of(event, text), *(line(said) for said in _to_do(case, event, text))]


def _to_do(case: Case, event: Event, text: Text) -> Iterator[str]:
    date = case.dated
    if date is None or not _tells_of_date(case, event):
        return
    if date.withdrawn:
        yield text("calendar.withdrawn", moment=text.short_moment(date.at, date.zone))
        return
    yield from due(case, text)
    if event.replaces:
        yield text("calendar.replaces")


def _told(date: Confirmed, text: Text) -> str:
    return text.moment(date.at, date.zone)


def _tells_of_date(case: Case, event: Event) -> bool:
    if event.confirmed:
        return True
    return event.verb is Verb.CANCEL and case.status is Status.CANCELLED


def news_button(case: Case, event: Event, text: Text) -> list[Action]:
    """Return the button of the calendar file below the news that a date is confirmed or gone."""
    return calendar_button(case, text) if _tells_of_date(case, event) else []


def calendar_button(case: Case, text: Text) -> list[Action]:
    """Return the button that gives the calendar file: a date to keep, or to take out again."""
    date = case.dated
    if date is None or not (case.is_open or date.withdrawn):
        return []
    press = Press(verb=Ask.CALENDAR, case=case.number)
    title = text("button.calendar_remove") if date.withdrawn else text("button.calendar")
    return [execute(title, press, action_id="calendar")]


def calendar_card(case: Case, url: str, text: Text) -> Message:
    """Return what the button is answered with: a short-lived address of the file."""
    said = calendar_told(case, text)
    link = OpenUrlAction(title=text("button.open_calendar"), url=url)
    return message(text, said, [line(said), small(text("files.short_lived"))], [link])


def calendar_told(case: Case, text: Text) -> str:
    """Return what the calendar file does."""
    date = case.dated
    if date and date.withdrawn:
        return text("calendar.here_cancelled", number=case.number)
    said = text("calendar.here", number=case.number)
    return f"{said} {text('calendar.replaces')}" if date and date.sequence else said


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
