"""What is wrong, as a sentence: codes and parameters in, words out."""

from collections.abc import Mapping

from pydantic import JsonValue, ValidationError

from cards import times
from cases.errors import DeskError
from cases.findings import STOP, Finding, Summary
from cases.model import Caution, Problem
from cases.schedule import Lead, Window
from strings import Text
from strings.findings import problem_told


def told(problem: Problem, text: Text, label: str = "") -> str:
    """Return the sentence of a problem, for a place that takes people's words as they are.

    `label` names the field that it is about.
    """
    summary = summary_of(problem)
    if summary is not None:
        return _of_list(problem.code, summary, text)
    params = {name: _shown(name, value, text) for name, value in problem.params.items()}
    return text(f"error.{problem.code}", **{"label": label, **params})


def cautioned(caution: Caution, text: Text) -> str:
    """Return the sentence of a caution, for a place that takes people's words as they are."""
    params = {name: _shown(name, value, text) for name, value in caution.params.items()}
    return text(f"caution.{caution.code}", **params)


def told_of(error: DeskError, text: Text) -> str:
    """Return the sentence of a refusal."""
    return told(Problem(code=error.code, params=error.params), text)


def refused_line(name: str, refusal: DeskError, text: Text) -> str:
    """Return that a file was not taken, and why."""
    return text("files.refused", name=name, reason=told_of(refusal, text))


def summary_of(problem: Problem) -> Summary | None:
    """Return the summary that the problem of a number list tells of."""
    found = problem.params.get("summary")
    try:
        return Summary.model_validate(found) if isinstance(found, Mapping) else None
    except ValidationError:
        # An older version of the bot summed up other things.
        return None


def _of_list(code: str, summary: Summary, text: Text) -> str:
    if code == "numbers_mixed":
        return text("error.numbers_mixed")
    lines = [text.count("list.refused", sum(summary.stops.values()))]
    lines += [finding_line(f, text) for f in summary.findings if f.severity == STOP]
    return "\n\n".join(lines)


def finding_line(finding: Finding, text: Text) -> str:
    """Return one row and what is to be said of it, for a place that takes people's words."""
    why = problem_told(finding.code, finding.params, text)
    return text("list.row", line=text.number(finding.line), said=finding.text, why=why)


def _shown(name: str, value: JsonValue, text: Text) -> str:
    if name in {"verb", "status"} and isinstance(value, str):
        return text(f"{name}.{value}")
    if name in {"papers", "fields"} and isinstance(value, list):
        return ", ".join(text(f"field.{paper}.label") for paper in value)
    if isinstance(value, int):
        return text.number(value)
    return _of_schedule(name, value, text)


def _of_schedule(name: str, value: JsonValue, text: Text) -> str:
    """Return days, times and how long something takes, as the reader writes them."""
    match name, value:
        case "date", str():
            return times.day(value, text)
        case "time", str():
            return times.clock(value, text)
        case "slots", list():
            return " · ".join(times.slot(str(slot), text) for slot in value)
        case "window", str():
            return times.window(Window.read(value), text)
        case "lead", [int(least), int(most)]:
            return times.lead(Lead(least, most), text)
        case "country", str():
            return text.country(value)
        case "number_type", str():
            return text(f"field.number_type.option.{value}")
        case _:
            return str(value)
