"""What is shown of a number list: the short report, what can be done about it, how far it is."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from microsoft_teams.cards.core import (
    Action,
    CardElement,
    ChoiceSetInput,
    Container,
    OpenUrlAction,
    SubmitAction,
    TextBlock,
    TextInput,
)
from microsoft_teams.cards.core import (
    Choice as ChoiceElement,
)
from pydantic import JsonValue

from cards.answers import groups_told
from cards.message import Message
from cards.parts import (
    buttons,
    escaped,
    heading,
    line,
    message,
    show_button,
    small,
    submit,
    trouble,
    words,
)
from cards.press import Ask, Press
from cards.problems import finding_line, refused_count, summary_of, told
from cases.dialling import Repair
from cases.findings import LEFT_ASIDE, STOP, Advice, Flaw, Summary
from cases.model import ListCheck, Problem
from strings import Text

APART = "apart"
"""The `view` of a list's button that stands on a card of its own, not on the form."""
MOST_SHOWN = 2
"""Open cases that have a button beside those that go on."""
MARK = 12
"""Characters of the report's hash that tell one list's buttons from another's."""


def _counts(summary: Summary, text: Text) -> str:
    rows = text.count("list.rows", summary.rows)
    aside = sum(summary.cautions.get(flaw, 0) for flaw in LEFT_ASIDE)
    # A range is one row: then the numbers are not so many of the rows.
    of_rows = summary.numbers + sum(summary.stops.values()) + aside <= summary.rows
    key = "list.accepted" if of_rows else "list.accepted_of_ranges"
    return text.count(key, summary.numbers, rows=rows)


def _remarks(summary: Summary, text: Text) -> list[CardElement]:
    """Return what is told of a list though it stops none of it, and how much more there is."""
    told_of = [finding for finding in summary.findings if finding.severity != STOP]
    return [
        *(small(said) for said in _lines(summary, text)),
        *(small(escaped(finding_line(finding, text))) for finding in told_of),
        *_rest(summary, text),
    ]


def _kinds(summary: Summary, text: Text) -> list[CardElement]:
    counted = [
        text("list.kind", kind=text(f"numbers.kind.{kind}"), count=text.number(count))
        for kind, count in summary.kinds.items()
    ]
    return [small(" · ".join(counted))] if counted else []


def _lines(summary: Summary, text: Text) -> Iterator[str]:
    opened = summary.repaired.get(Repair.RANGE_OPENED, 0)
    repaired = sum(summary.repaired.values()) - opened
    if repaired:
        yield text.count("list.repaired", repaired)
    for flaw in (Flaw.NOT_PORTABLE, Flaw.IN_OPEN_CASE):
        if aside := summary.cautions.get(flaw, 0):
            yield text.count(f"list.aside.{flaw}", aside)


def _rest(summary: Summary, text: Text) -> Iterator[CardElement]:
    rest = summary.told - len(summary.findings)
    if rest > 0:
        yield small(text.count("list.more", rest))


def list_actions(problem: Problem, press: Press, text: Text) -> list[Action]:
    """Return what can be done about a list that is not taken as it is; `press` names the draft.

    On the form, whose own button goes on, the first stands out only if it leaves nothing out.
    """
    summary = summary_of(problem)
    if summary is None:
        return []
    press = press.model_copy(update={"value": mark_of(problem)})
    ways = _ways(problem, summary, press, text)
    if ways and (press.view == APART or has_way_out(problem)):
        ways[0] = ways[0].model_copy(update={"style": "positive"})
    shows = [show_button(number, text) for number in _open_cases(summary)[:MOST_SHOWN]]
    report = submit(text("button.report"), _with(press, Ask.DOWNLOAD), bare=True)
    return [*ways, *shows, report]


def has_way_out(problem: Problem) -> bool:
    """Return whether a list is right but for its mix, so that one press goes on with all of it."""
    summary = summary_of(problem)
    return summary is not None and not summary.stops and bool(offer_of(problem).get("parts"))


def _ways(problem: Problem, summary: Summary, press: Press, text: Text) -> list[SubmitAction]:
    """Return the buttons that take what is right in a list, the likeliest first."""
    if not offer_of(problem):
        return []
    if len(summary.groups) < 2:
        title = refused_count("button.leave_out", "button.leave_out_numbers", summary, text)
        return [submit(title, _with(press, Ask.LEAVE_OUT))]
    ways = [submit(_split_title(summary, text), _with(press, Ask.SPLIT))]
    if Advice.PORT_AS_ONE in summary.advice and not summary.stops:
        # Carriers do not take such a block as two orders.
        ways.insert(0, submit(text("button.port_as_one"), _with(press, Ask.PORT_AS_ONE)))
    return ways


def _split_title(summary: Summary, text: Text) -> str:
    parts = text.number(len(summary.groups))
    if not summary.stops:
        return text("button.split", count=parts)
    keys = "button.leave_out_and_split", "button.leave_out_numbers_and_split"
    return refused_count(*keys, summary, text, count=parts)


def mark_of(problem: Problem) -> str:
    """Return what tells a refused list from others."""
    return str(problem.params.get("report", ""))[:MARK]


def _with(press: Press, verb: Ask) -> Press:
    return press.model_copy(update={"verb": verb})


def _open_cases(summary: Summary) -> list[str]:
    named = (f.params.get("case") for f in summary.findings if f.code == "in_open_case")
    return list(dict.fromkeys(str(number) for number in named if number))


def offer_of(problem: Problem) -> Mapping[str, JsonValue]:
    """Return the answer that would be taken of a refused list; nothing if none of it is right."""
    found = problem.params.get("offer")
    return found if isinstance(found, Mapping) else {}


def list_details(problem: Problem, press: Press, text: Text) -> list[CardElement]:
    """Return what is known of a list that is not taken, and what can be done about it."""
    summary = summary_of(problem)
    if summary is None:
        return []
    # The rows that stop it are told with the refusal itself.
    reasons: list[CardElement] = [line(_counts(summary, text))]
    advice = [small(text(f"numbers.advice.{code}")) for code in summary.advice]
    remarks = [*_kinds(summary, text), *_remarks(summary, text)]
    if len(summary.groups) > 1:
        if summary.stops:
            reasons.append(line(text("error.numbers_mixed")))
        # How the parts may go is chosen by this advice.
        reasons += [line(groups_told(summary.groups, text)), *advice]
    else:
        remarks += advice
    ways = buttons(*list_actions(problem, press, text))
    return [Container(items=[*reasons, ways, *remarks])]


def list_problem_card(problem: Problem, press: Press, text: Text) -> Message:
    """Return why a list that was dropped or said is not taken, as a card of its own."""
    said = told(problem, text)
    return message(text, said, [trouble(said), *list_details(problem, press, text)])


def problem_card(problem: Problem, text: Text) -> Message:
    """Return a refusal as a card of one line."""
    said = told(problem, text)
    return message(text, said, [words(said)])


def check_card(
    regions: Sequence[str], region: str, text: Text, problem: Problem | None = None
) -> Message:
    """Return the question for a list that is to be checked for no case."""
    title = text("check.title")
    listed = TextInput(
        id="numbers",
        label=text("field.numbers.label"),
        placeholder=text.maybe("field.numbers.hint") or None,
        is_multiline=True,
    )
    body: list[CardElement] = [heading(title), line(text("check.how"))]
    if problem is not None:
        body.append(trouble(told(problem, text)))
    body += [listed, *_country(regions, region, text)]
    go_on = submit(text("button.check"), Press(verb=Ask.CHECK), primary=True)
    return message(text, title, body, [go_on])


def _country(regions: Sequence[str], region: str, text: Text) -> list[CardElement]:
    question = ChoiceSetInput(
        id="country",
        label=text("check.country"),
        placeholder=text("field.country.hint"),
        style="filtered",
        choices=[ChoiceElement(title=name, value=iso) for name, iso in text.countries(regions)],
        value=region or None,
    )
    return [question, small(text("check.country_note"))]


def checked_card(summary: Summary, check: ListCheck, regions: Sequence[str], text: Text) -> Message:
    """Return the short report of a list that was checked for no case."""
    title = text("check.done")
    body: list[CardElement] = [heading(title), line(_counts(summary, text)), *_kinds(summary, text)]
    if len(summary.groups) > 1:
        body.append(line(groups_told(summary.groups, text)))
    body += [*_not_taken(summary, text), *_apart(_remarks(summary, text))]
    if shows := [show_button(number, text) for number in _open_cases(summary)]:
        body.append(buttons(*shows))
    body += _apart(_country(regions, check.region, text))
    fetch = Press(verb=Ask.DOWNLOAD, value=check.id)
    again = Press(verb=Ask.CHECK, value=check.id)
    fresh = Press(verb=Ask.COMMAND, command="new_case")
    # Nothing is likelier than that the country is chosen now.
    needs_country = Flaw.COUNTRY_NEEDED in summary.stops
    actions = [
        submit(text("button.downloads"), fetch, primary=not needs_country, bare=True),
        submit(text("button.check_again"), again, primary=needs_country),
        submit(text("command.new_case.name"), fresh, bare=True),
    ]
    return message(text, title, body, actions)


def _not_taken(summary: Summary, text: Text) -> list[CardElement]:
    """Return the rows that are no numbers of the list, below a line that stands out."""
    stops = [finding for finding in summary.findings if finding.severity == STOP]
    if not stops:
        return []
    told_of = refused_count("list.not_taken", "list.not_taken_numbers", summary, text)
    return _apart([trouble(told_of), *(_calm(finding_line(each, text)) for each in stops)])


def _calm(said: str) -> TextBlock:
    return TextBlock(text=escaped(said), wrap=True, size="Small", spacing="Small")


def _apart(items: list[CardElement]) -> list[CardElement]:
    return [Container(items=items, separator=True, spacing="Medium")] if items else []


def downloads_card(links: Iterable[tuple[str, str]], text: Text) -> Message:
    """Return files as links that work for a while: (what it is, address)."""
    said = text("downloads.how")
    actions: list[Action] = [
        OpenUrlAction(title=text(f"downloads.{which}"), url=url) for which, url in links
    ]
    return message(text, said, [line(said)], actions)


def progress_message(done: int, total: int, text: Text, check: str = "") -> Message:
    """Return how far a long check is; one for no case can be begun anew, should the bot die."""
    shown = {"done": done, "total": total, "share": 100 * done // total if total else 0}
    numbers = {name: text.number(n) for name, n in shown.items()}
    said = text("list.progress", **numbers) if total else text("list.checking")
    if not check:
        return Message(said)
    again = submit(text("button.check_again"), Press(verb=Ask.CHECK, value=check), bare=True)
    return message(text, said, [line(said)], [again])
