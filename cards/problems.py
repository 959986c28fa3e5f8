"""What is wrong, as a sentence: codes and parameters in, words out."""

from collections.abc import Mapping

from pydantic import JsonValue, ValidationError

from cards import times
from cases.errors import DeskError
from cases.findings import STOP, Finding, Flaw, Summary, row_name
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
    return text(f"error.{problem.code}", **{"label": led_by(label, text), **params})


def led_by(label: str, text: Text) -> str:
    """Return a label that a colon follows; one that asks something is quoted."""
    return text("form.question", label=label) if "?" in label else label


def cautioned(caution: Caution, text: Text) -> str:
    """Return the sentence of a caution, for a place that takes people's words as they are."""
    params = {name: _shown(name, value, text) for name, value in caution.params.items()}
    count = caution.params.get("count")
    if isinstance(count, int):
        del params["count"]
        return text.count(f"caution.{caution.code}", count, **params)
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
    lines = [refused_count("list.refused", "list.refused_numbers", summary, text)]
    lines += [finding_line(f, text) for f in summary.findings if f.severity == STOP]
    return "\n\n".join(lines)


def refused_count(
    of_rows: str, of_numbers: str, summary: Summary, text: Text, **params: str
) -> str:
    """Return how much of a list is refused: rows, or numbers where a range is among them."""
    refused = sum(summary.stops.values())
    # What was stored by an older version counts rows.
    key = of_rows if summary.refused_rows in {0, refused} else of_numbers
    return text.count(key, refused, **params)


def finding_line(finding: Finding, text: Text) -> str:
    """Return where something is in a list and what it is, for a place that takes people's words."""
    if finding.code == Flaw.COLUMN_UNREAD:
        column, count = finding.params["column"], finding.params["count"]
        return text.count("list.column_unread", int(str(count)), column=str(column))
    why = problem_told(finding.code, finding.params, text)
    where = _where(finding, text)
    if not finding.text:
        return text("list.rows_alike", where=where, why=why)
    if finding.rows == 1 < finding.count:
        numbers = text.count("list.numbers", finding.count)
        return text("list.row_of_many", where=where, said=finding.text, numbers=numbers, why=why)
    return text("list.row", where=where, said=finding.text, why=why)


def _where(finding: Finding, text: Text) -> str:
    line = _row(finding, finding.line, text)
    if finding.rows == 1:
        return text("list.at_row", line=line)
    if finding.last:
        return text("list.at_rows", line=line, last=_row(finding, finding.last, text))
    return text.count("list.at_row_and", finding.rows - 1, line=line)


def _row(finding: Finding, line: int, text: Text) -> str:
    return row_name(finding.sheet, line) if finding.sheet else text.number(line)


def _shown(name: str, value: JsonValue, text: Text) -> str:
    if name in {"verb", "status"} and isinstance(value, str):
        return text(f"{name}.{value}")
    if name in {"papers", "fields"} and isinstance(value, list):
        return ", ".join(led_by(text(f"field.{paper}.label"), text) for paper in value)
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
