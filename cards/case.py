"""The living card of a case, for its people and for the desk, and what is told of it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from microsoft_teams.cards.core import (
    Action,
    CardElement,
    ChoiceSetInput,
    Column,
    ColumnSet,
    Container,
    ContainerStyle,
    Mention,
    MentionedEntity,
    OpenUrlAction,
    TeamsCardProperties,
    TextBlock,
    TextColor,
    TextInput,
)
from microsoft_teams.cards.core import (
    Choice as ChoiceElement,
)

from cards.answers import detail_rows, groups_told, numbers_shown, subject
from cards.dates import (
    calendar_button,
    date_news,
    date_of,
    date_past,
    date_rows,
    happening,
    news_button,
    schedule_button,
)
from cards.intake import file_rows
from cards.message import Message, with_card
from cards.parts import (
    GLIMPSE,
    SHORT,
    bare,
    buttons,
    card,
    escaped,
    execute,
    facts,
    fitted,
    heading,
    line,
    message,
    remarks,
    shortened,
    small,
    trouble,
    unfold,
    words,
)
from cards.press import Ask, Press
from cards.problems import cautioned, told
from cards.receipts import receipt_lines
from cases.batches import RollUp, rolled_up
from cases.catalogue import CANCEL_REASONS
from cases.cautions import cautions
from cases.countries import all_countries
from cases.deeds import NEEDS_TEXT, longest
from cases.kinds import listed
from cases.model import Actor, Case, Event, Problem
from cases.numbering import Group
from cases.vocabulary import Resolution, Role, Severity, Status, Verb
from strings import Text

LONGEST_NAME = 60
"""Characters of a person's name in a sentence."""
LONGEST_LINK = 40
"""Characters of a file's name on a button."""
LATEST = 3
"""How many events of the timeline a card shows."""

_LOOK: dict[Status, tuple[ContainerStyle, TextColor, str]] = {
    Status.SUBMITTED: ("accent", "Accent", "●"),
    Status.IN_PROGRESS: ("accent", "Accent", "◐"),
    Status.WAITING_FOR_DETAILS: ("warning", "Warning", "?"),
    Status.ON_HOLD: ("warning", "Warning", "⏸"),
    Status.RESOLVED: ("good", "Good", "✓"),
    Status.CANCELLED: ("emphasis", "Default", "✕"),
}
"""How a status looks: never by colour alone."""


@dataclass(frozen=True)
class View:
    """A case as one reader sees it."""

    case: Case
    events: Sequence[Event]
    role: Role
    verbs: Sequence[Verb]
    text: Text
    unmasked: bool = False
    """Whether numbers and files are shown in full."""
    links: Sequence[tuple[str, str]] = ()
    """Names and short-lived addresses of the files, where they may be opened."""
    news: str = ""
    """The id of the event whose news this is; empty on the living card."""
    problem: Problem | None = None
    """Why the last press was refused."""
    typed: Mapping[str, str] = field(default_factory=dict)
    """What was typed into the form that was refused."""
    parts: Sequence[Case] = ()
    """All cases of its batch, itself among them; none if it is no part of one."""

    @property
    def zone(self) -> str:
        """The zone in which the case's instants are told."""
        return all_countries()[self.case.country].zones[0]


def status_words(case: Case, text: Text) -> str:
    """Return the status in words, and whose turn it is."""
    said = text(f"status.{case.status}")
    if case.resolution:
        said = text("status.resolved_as", how=text(f"resolution.{case.resolution}"))
    return f"{said} – {text(f'ball.{case.ball}')}" if case.ball else said


def _status(case: Case, text: Text) -> Container:
    style, color, sign = _LOOK[case.status]
    block = TextBlock(
        text=f"{sign} {status_words(case, text)}", wrap=True, weight="Bolder", color=color
    )
    return Container(items=[block], style=style, spacing="Small")


def _top(view: View, most: int = GLIMPSE) -> Iterable[CardElement]:
    case, text = view.case, view.text
    yield small(subject(case.type, case.country, text))
    yield heading(case.number)
    yield words(shortened(case.title, max(most, LONGEST_NAME)), bold=True)
    yield _status(case, text)
    yield from _batch(view)
    if view.problem:
        yield trouble(told(view.problem, text))


def part_of(case: Case, text: Text) -> str:
    """Return which part of its batch a case is."""
    return text("batch.part", part=text.number(case.part), parts=text.number(case.parts))


def sign_of(status: Status) -> str:
    """Return the sign that stands in front of a status."""
    return _LOOK[status][2]


def holds(case: Case, text: Text) -> str:
    """Return which numbers a part of a batch has: how many, of what kind."""
    _, count = listed(case.answers.get("numbers"))
    return groups_told((Group(key=case.group, count=count, head=()),), text)


def closed_of(whole: RollUp, text: Text) -> str:
    """Return how many parts of a batch are closed."""
    closed, parts = text.number(whole.closed), text.number(whole.parts)
    return text("batch.closed", closed=closed, parts=parts)


def _batch(view: View) -> Iterable[CardElement]:
    """Yield how far the case's batch is, and where each of its other parts stands."""
    case, text = view.case, view.text
    if not view.parts:
        return
    whole = closed_of(rolled_up(view.parts), text)
    lines = [" · ".join((part_of(case, text), holds(case, text), whole))]
    for part in view.parts:
        if part.number != case.number:
            state = f"{sign_of(part.status)} {text(f'status.{part.status}')}"
            lines.append(f"{part.number} · {holds(part, text)} · {state}")
    yield small("\n\n".join(lines))
    press = Press(verb=Ask.PARTS, case=case.number)
    yield buttons(execute(text("button.parts"), press, action_id="parts"))


def _rows(view: View, most: int) -> Iterable[tuple[str, str]]:
    case, text = view.case, view.text
    if case.assignee:
        yield text("case.assignee"), shortened(case.assignee.name, min(LONGEST_NAME, most))
    if case.cancel_reason:
        yield text("case.cancel_reason"), text(f"cancel_reason.{case.cancel_reason}")
    yield from date_rows(case, text)
    hide = view.role is Role.AGENT and not view.unmasked
    yield from detail_rows(case.type, case.answers, text, hide=hide, most=most)
    yield text("case.opened"), text.short_moment(case.created, view.zone)


def _timeline(view: View, most: int) -> list[CardElement]:
    """Return the latest events, oldest of them first; none while there is only the opening."""
    latest = [event for event in view.events if event.verb is not Verb.OPEN][-LATEST:]
    if not latest:
        return []
    title = TextBlock(text=view.text("case.latest"), weight="Bolder", wrap=True, spacing="Medium")
    items: list[CardElement] = []
    for event in latest:
        at = view.text.short_moment(event.at, view.zone)
        items.append(small(f"{happened(event, view.text, min(LONGEST_NAME, most))} · {at}"))
        items += date_past(event, view.text)
        if event.text:
            items.append(words(shortened(event.text, min(SHORT, most))))
        if view.role is Role.AGENT:
            items += receipt_lines(event, view.text)
    return [Container(items=[title, *items], separator=True)]


def happened(event: Event, text: Text, most: int = LONGEST_NAME) -> str:
    """Return what someone did, as a sentence of ours; people's names are made harmless."""
    return happening(event, escaped(shortened(event.by.name, most)), text)


def case_card(view: View) -> Message:
    """Return the living card for the requester and colleagues."""
    case, text = view.case, view.text
    body = [*_top(view), facts(_rows(view, GLIMPSE)), *_timeline(view, GLIMPSE)]
    return message(text, _summary(case, text), body, _customer_actions(view))


def _summary(case: Case, text: Text) -> str:
    return f"{case.number}: {text(f'status.{case.status}')}"


def _customer_actions(view: View) -> list[Action]:
    text = view.text
    actions: list[Action] = []
    if Verb.COMMENT in view.verbs:
        actions.append(_saying(view, Verb.COMMENT, "button.comment", primary=True))
    actions += calendar_button(view.case, text)
    if Verb.RESOLVE in view.verbs:
        actions.append(_resolve(view))
    if Verb.CANCEL in view.verbs:
        actions.append(_choosing(view, Verb.CANCEL, "cancel_reason", CANCEL_REASONS))
    if Verb.REOPEN in view.verbs:
        actions.append(_at_once(view, Verb.REOPEN, text("button.reopen")))
    return actions


def desk_card(view: View) -> Message:
    """Return the living card in the desk's channel; numbers are masked until someone asks.

    Where people wrote too much for a card, less of each of their texts is shown.
    """
    return fitted(lambda most: _desk_card(view, most))


def _desk_card(view: View, most: int) -> Message:
    case, text = view.case, view.text
    people = [(text("case.requester"), shortened(case.requester.name, min(LONGEST_NAME, most)))]
    if case.severity is not Severity.C:
        people.append((text("case.severity"), text(f"field.severity.option.{case.severity}")))
    people.append((text("case.due"), text.short_moment(case.due, view.zone)))
    body: list[CardElement] = [*_top(view, most), facts([*people, *_rows(view, most)])]
    body += remarks(text("case.cautions"), _cautions(case, text))
    body.append(_description(view, most))
    if case.files and not view.links:
        body.append(facts(file_rows(case.files, text)))
    if Verb.SCHEDULE in view.verbs and case.type:
        body.append(buttons(_schedule(view)))
    body += [*_opened_up(view, most), *_timeline(view, most)]
    return message(text, _summary(case, text), body, _agent_actions(view))


def _cautions(case: Case, text: Text) -> list[str]:
    """Return what the requester was told before the case was sent."""
    country = all_countries()[case.country]
    found = cautions(case.type, case.answers, country, case.created)
    return [cautioned(caution, text) for caution in found]


def _schedule(view: View) -> Action:
    says = _words_input(view, Verb.SCHEDULE)
    return schedule_button(view.case, _press(view, Verb.SCHEDULE), view.typed, says, view.text)


def _description(view: View, most: int) -> Container:
    label = TextBlock(text=view.text("field.description.label"), weight="Bolder", wrap=True)
    return Container(items=[label, words(shortened(view.case.description, most))], separator=True)


def _opened_up(view: View, most: int) -> Iterable[CardElement]:
    """Yield the button that unmasks, or what it unmasks."""
    text, case = view.text, view.case
    if not view.unmasked:
        if case.files or case.answers.get("numbers"):
            press = Press(verb=Ask.UNMASK, case=case.number, rev=case.rev)
            yield buttons(execute(text("button.unmask"), press, action_id="unmask"))
        return
    if case.answers.get("numbers"):
        yield words(numbers_shown(case.answers["numbers"], text, most=min(100, most)))
    longest = min(LONGEST_LINK, most)
    links = [OpenUrlAction(title=shortened(name, longest), url=url) for name, url in view.links]
    for start in range(0, len(links), 6):
        yield buttons(*links[start : start + 6])
    if links:
        yield small(text("files.short_lived"))


def _agent_actions(view: View) -> list[Action]:
    text, verbs = view.text, view.verbs
    taken = view.case.assignee is not None
    actions: list[Action] = []
    if Verb.TAKE in verbs:
        actions.append(_at_once(view, Verb.TAKE, text("button.take"), primary=not taken))
    if Verb.COMMENT in verbs:
        reply = _saying(view, Verb.COMMENT, "button.reply", action_id="reply", primary=taken)
        actions.append(reply)
    if Verb.ASK in verbs:
        actions.append(_saying(view, Verb.ASK, "button.ask"))
    if Verb.HOLD in verbs:
        actions.append(_saying(view, Verb.HOLD, "button.hold"))
    if Verb.RESOLVE in verbs:
        actions.append(_resolve(view))
    if Verb.REOPEN in verbs:
        actions.append(_at_once(view, Verb.REOPEN, text("button.reopen")))
    if Verb.NOTE in verbs:
        actions.append(_saying(view, Verb.NOTE, "button.note"))
    return actions


def _press(view: View, verb: Verb) -> Press:
    return Press(verb=verb, case=view.case.number, rev=view.case.rev, event=view.news)


def _at_once(view: View, verb: Verb, title: str, *, primary: bool = False) -> Action:
    return execute(title, _press(view, verb), action_id=verb, primary=primary)


def _words_input(view: View, verb: Verb) -> TextInput:
    text = view.text
    label = text(f"say.{verb}.{'agent' if view.role is Role.AGENT else 'customer'}")
    return TextInput(
        id=f"{verb}_text",
        label=label,
        is_multiline=True,
        max_length=longest(verb),
        is_required=True if verb in NEEDS_TEXT else None,
        error_message=text("error.required", label=label),
    )


def _saying(
    view: View, verb: Verb, title_key: str, *, action_id: str = "", primary: bool = False
) -> Action:
    """Return a button that asks for words first; where they go stands above the input."""
    text = view.text
    send = execute(
        text(f"button.send.{verb}"), _press(view, verb), action_id=f"send_{verb}", primary=True
    )
    inner = card(text, [_words_input(view, verb)], [send])
    button = unfold(text(title_key), inner, action_id=action_id or verb)
    return button.model_copy(update={"style": "positive"}) if primary else button


def _resolve(view: View) -> Action:
    return _choosing(view, Verb.RESOLVE, "resolution", tuple(Resolution), preset=True)


def _choosing(
    view: View, verb: Verb, input_id: str, options: Sequence[str], *, preset: bool = False
) -> Action:
    """Return a button that asks for one of several options, and for words if there are any."""
    text = view.text
    label = text(f"case.{input_id}")
    question = ChoiceSetInput(
        id=input_id,
        label=label,
        style="compact" if len(options) > 2 else "expanded",
        choices=[ChoiceElement(title=text(f"{input_id}.{o}"), value=o) for o in options],
        value=options[0] if preset else None,
        is_required=True,
        error_message=text("error.not_a_choice", label=label),
        wrap=True,
    )
    send = execute(
        text(f"button.send.{verb}"),
        _press(view, verb),
        action_id=f"send_{verb}",
        primary=verb is Verb.RESOLVE,
        danger=verb is Verb.CANCEL,
    )
    inner = card(text, [question, _words_input(view, verb)], [send])
    return unfold(text(f"button.{verb}"), inner, action_id=verb)


def event_card(view: View, event: Event, done: str = "") -> Message:
    """Return the message that tells a person of an event, with what can be done about it.

    `done` says what the person just did about it.
    """
    case, text = view.case, view.text
    body: list[CardElement] = [
        words(f"{case.number} · {shortened(case.title, 80)}"),
        TextBlock(text=happened(event, text), wrap=True, weight="Bolder"),
    ]
    if event.text:
        body.append(words(event.text))
    body += date_news(case, event, text)
    body += [facts(file_rows(event.files, text))] if event.files else []
    if event.moved:
        body.append(_status(case.but(status=event.status), text))
    if view.problem:
        body.append(trouble(told(view.problem, text)))
    if done:
        body.append(line(f"✓ {done}", color="Good"))
    actions: list[Action] = []
    if Verb.COMMENT in view.verbs:
        actions.append(_saying(view, Verb.COMMENT, "button.answer", primary=True))
    actions += news_button(case, event, text)
    actions.append(show_button(case, text))
    return message(text, told_briefly(case, event, text), body, actions)


def told_briefly(case: Case, event: Event, text: Text) -> str:
    """Return an event in one line, for notifications."""
    said = f"{case.number}: {happening(event, event.by.name, text)}"
    date = None if event.replaces else event.confirmed
    return f"{said} – {text.short_moment(date.at, date.zone)}" if date else said


def show_button(case: Case, text: Text) -> Action:
    """Return the button that shows a case as it is now."""
    press = Press(verb=Ask.SHOW, case=case.number)
    return execute(text("button.show"), press, action_id=f"show_{case.number}")


def desk_message(case: Case, event: Event, text: Text) -> Message:
    """Return what the case's thread in the channel is told of an event."""
    body: list[CardElement] = [TextBlock(text=happened(event, text), wrap=True, weight="Bolder")]
    body += date_of(event, text)
    if event.text:
        body.append(words(event.text))
    if event.files:
        body.append(facts(file_rows(event.files, text)))
    if event.moved:
        body.append(_status(case.but(status=event.status), text))
    if event.verb is Verb.COMMENT and case.assignee:
        return _calling(case.assignee, case, event, body, text)
    return message(text, told_briefly(case, event, text), body)


def _calling(
    agent: Actor, case: Case, event: Event, body: list[CardElement], text: Text
) -> Message:
    """Return a message of the thread that mentions the assignee, and nobody else."""
    mention = f"<at>{bare(agent.name)}</at>"
    entity = Mention(text=mention, mentioned=MentionedEntity(id=agent.user, name=agent.name))
    called = card(text, [*body, small(mention)])
    called.msteams = TeamsCardProperties(entities=[entity])
    return with_card(told_briefly(case, event, text), called)


def list_card(
    title: str, cases: Sequence[Case], text: Text, view: str, more: Press | None
) -> Message:
    """Return one page of cases, each with its status and a button, newest first."""
    body: list[CardElement] = [heading(title)]
    body += [_entry(case, text) for case in cases]
    if not cases:
        body.append(line(text(f"cases.none.{view}")))
    actions: list[Action] = []
    if more:
        actions.append(execute(text("button.more"), more, action_id="more"))
    return message(text, title, body, actions)


def _kind_of(case: Case, text: Text) -> Iterable[str]:
    yield subject(case.type, case.country, text)
    if case.batch:
        yield part_of(case, text)


def _entry(case: Case, text: Text) -> Container:
    _, color, sign = _LOOK[case.status]
    state = TextBlock(
        text=f"{sign} {text(f'status.{case.status}')}", wrap=True, size="Small", color=color
    )
    about = [
        words(f"{case.number} · {shortened(case.title, 80)}", bold=True),
        small(" · ".join(_kind_of(case, text))),
        state,
    ]
    columns = [
        Column(width="stretch", items=list(about)),
        Column(
            width="auto",
            items=[buttons(show_button(case, text))],
            vertical_content_alignment="Center",
        ),
    ]
    return Container(items=[ColumnSet(columns=columns)], separator=True)
