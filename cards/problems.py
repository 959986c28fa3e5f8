"""What is wrong, as a sentence: codes and parameters in, words out."""

from collections.abc import Mapping

from pydantic import JsonValue

from cases.errors import DeskError
from cases.model import Problem
from strings import Text


def told(problem: Problem, text: Text, label: str = "") -> str:
    """Return the sentence of a problem, for a place that takes people's words as they are.

    `label` names the field that it is about.
    """
    if problem.code == "numbers":
        return _faults(problem.params, text)
    params = {name: _shown(name, value, text) for name, value in problem.params.items()}
    return text(f"error.{problem.code}", **{"label": label, **params})


def told_of(error: DeskError, text: Text) -> str:
    """Return the sentence of a refusal."""
    return told(Problem(code=error.code, params=error.params), text)


def _faults(params: Mapping[str, JsonValue], text: Text) -> str:
    """Return the first faults of a number list, a line each, and how many more there are."""
    faults = params["faults"] if isinstance(params["faults"], list) else []
    lines = [_fault(fault, text) for fault in faults if isinstance(fault, dict)]
    rest = int(str(params["count"])) - len(lines)
    if rest > 0:
        lines.append(text.count("numbers.more_faults", rest))
    return "\n\n".join(lines)


def _fault(fault: Mapping[str, JsonValue], text: Text) -> str:
    region = str(fault["region"])
    return text(
        f"numbers.{fault['code']}",
        line=fault["line"],
        number=str(fault["text"]),
        country=text.country(region) if region else "",
    )


def _shown(name: str, value: JsonValue, text: Text) -> str:
    if name in {"verb", "status"} and isinstance(value, str):
        return text(f"{name}.{value}")
    if name == "papers" and isinstance(value, list):
        return ", ".join(text(f"field.{paper}.label") for paper in value)
    if isinstance(value, int):
        return text.number(value)
    return str(value)
