"""What is said of a row of a number list: codes and parameters in, words out."""

from collections.abc import Mapping
from functools import lru_cache

from strings.text import Text

_NO_COUNTRY = "001"
"""The region of numbers that belong to no country."""


def problem_told(code: str, params: Mapping[str, object], text: Text) -> str:
    """Return what stands against a row, as the end of a sentence.

    Of people's words, the name of a sheet may be in it.
    """
    return _told(str(params.get("why") or code), tuple(params.items()), text)


@lru_cache(1000)
def _told(code: str, params: tuple[tuple[str, object], ...], text: Text) -> str:
    # A list may have the same against each of its rows.
    shown = {name: _shown(name, value, text) for name, value in params}
    return text(f"numbers.problem.{code}", **shown)


def todo_told(code: str, text: Text) -> str:
    """Return what can be done about it."""
    return text(f"numbers.todo.{code}")


def place(region: str, text: Text) -> str:
    """Return the country of a number."""
    return text("numbers.no_country") if region == _NO_COUNTRY else text.country(region)


def _shown(name: str, value: object, text: Text) -> str:
    match name, value:
        case "region", str():
            return place(value, text)
        case "kind", str():
            return text(f"numbers.kind.{value}")
        case "count" | "most" | "missing", int():
            return _figure(value, text)
        case _:
            return str(value)


@lru_cache(1000)
def _figure(value: int, text: Text) -> str:
    return text.number(value)
