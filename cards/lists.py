"""What is shown of a number list: the short report, what can be done about it, how far it is."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from microsoft_teams.cards.core import (
    Action,
    CardElement,
    ChoiceSetInput,
    Container,
    OpenUrlAction,
    SubmitAction,
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
from cards.problems import finding_line, summary_of, told
from cases.dialling import Repair
from cases.findings import STOP, Advice, Finding, Flaw, Summary
from cases.model import ListCheck, Problem
from strings import Text

APART = "apart"
"""The `view` of a list's button that stands on a card of its own, not on the form."""
MARK = 12
"""Characters of the report's hash that tell one list's buttons from another's."""


def short_report(summary: Summary, text: Text, but: str = "") -> list[CardElement]:
    """Return what a list holds and the first rows that want a look, `but` those told elsewhere."""
    return [
        line(_counts(summary, text)),
        *(small(said) for said in _lines(summary, text)),
        *(_finding(finding, text) for finding in summary.findings if finding.severity != but),
        *_rest(summary, text),
        *(small(text(f"numbers.advice.{code}")) for code in summary.advice),
    ]


def _counts(summary: Summary, text: Text) -> str:
    rows = text.count("list.rows", summary.rows)
    return text.count("list.accepted", summary.numbers, rows=rows)


def _lines(summary: Summary, text: Text) -> Iterator[str]:
    if summary.kinds:
        yield " · ".join(
            text("list.kind", kind=text(f"numbers.kind.{kind}"), count=text.number(count))
            for kind, count in summary.kinds.items()
        )
    opened = summary.repaired.get(Repair.RANGE_OPENED, 0)
    repaired = sum(summary.repaired.values()) - opened
    if repaired:
        yield text.count("list.repaired", repaired)


def _finding(finding: Finding, text: Text) -> CardElement:
    said = finding_line(finding, text)
    return trouble(said) if finding.severity == STOP else small(escaped(said))


def _rest(summary: Summary, text: Text) -> Iterator[CardElement]:
    found = sum(summary.stops.values()) + sum(summary.cautions.values())
    rest = found - len(summary.findings)
    if rest > 0:
        yield small(text.count("list.more", rest))


def list_actions(problem: Problem, press: Press, text: Text) -> list[Action]:
    """Return what can be done about a list that is not taken as it is; `press` names the draft.

    On the form, whose own button is the one that goes on, none of them stands out.
    """
    summary = summary_of(problem)
    if summary is None:
        return []
    press = press.model_copy(update={"value": mark_of(problem)})
    ways = _ways(problem, summary, press, text)
    if ways and press.view == APART:
        ways[0] = ways[0].model_copy(update={"style": "positive"})
    shows = [show_button(number, text) for number in _open_cases(summary)]
    report = submit(text("button.report"), _with(press, Ask.DOWNLOAD), bare=True)
    return [*ways, *shows, report]


def _ways(problem: Problem, summary: Summary, press: Press, text: Text) -> list[SubmitAction]:
    """Return the buttons that take what is right in a list."""
    if not offer_of(problem):
        return []
    wrong, parts = sum(summary.stops.values()), text.number(len(summary.groups))
    if len(summary.groups) < 2:
        return [submit(text.count("button.leave_out", wrong), _with(press, Ask.LEAVE_OUT))]
    title = (
        text.count("button.leave_out_and_split", wrong, count=parts)
        if wrong
        else text("button.split", count=parts)
    )
    ways = [submit(title, _with(press, Ask.SPLIT))]
    if Advice.PORT_AS_ONE in summary.advice and not wrong:
        ways.append(submit(text("button.port_as_one"), _with(press, Ask.PORT_AS_ONE)))
    return ways


def mark_of(problem: Problem) -> str:
    """Return what tells a refused list from others."""
    return str(problem.params.get("report", ""))[:MARK]


def _with(press: Press, verb: Ask) -> Press:
    return press.model_copy(update={"verb": verb})


def _open_cases(summary: Summary) -> list[str]:
    named = (f.params.get("case") for f in summary.findings if f.code == "in_open_case")
    return list(dict.fromkeys(str(number) for number in named if number))[:2]


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
    elements = short_report(summary, text, but=STOP)
    if len(summary.groups) > 1:
        if summary.stops:
            elements.append(line(text("error.numbers_mixed")))
        elements.append(line(groups_told(summary.groups, text)))
    return [Container(items=[*elements, buttons(*list_actions(problem, press, text))])]


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
    body: list[CardElement] = [heading(title), *short_report(summary, text)]
    if len(summary.groups) > 1:
        body.append(line(groups_told(summary.groups, text)))
    body += _country(regions, check.region, text)
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
