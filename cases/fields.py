"""A field of a form, and how a set of fields is read as one."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from pydantic import JsonValue

from cases.errors import Rejected
from cases.kinds import Asked, Choice, File, Kind, Typed, clean
from cases.model import Problem

Answers = Mapping[str, JsonValue]


def _always(_asked: Asked, _answers: Answers) -> bool:
    return True


@dataclass(frozen=True)
class Field:
    """A question: its permanent id, its kind, and when it is asked."""

    id: str
    kind: Kind
    required: bool = True
    only_if: Callable[[Asked, Answers], bool] = _always
    """Whether it is asked, by country and by the answers before it."""
    section: str = ""
    """The part of a form that it stands in, folded away until it is wanted; empty for the form."""
    cut: int = 0
    """Characters that the carrier sees of a longer answer; 0 for all."""

    @property
    def is_file(self) -> bool:
        """Whether it is answered by a file in the chat."""
        return isinstance(self.kind, File)

    def read(self, typed: Typed, asked: Asked) -> JsonValue:
        """Return the value that was typed, none for an optional field left empty.

        A choice that was left as it is at first need not be sent along.
        """
        if not any(clean(typed.get(name, "")) for name in self.kind.inputs(self.id, asked)):
            if isinstance(self.kind, Choice) and self.kind.preset:
                return self.kind.preset
            if self.required:
                raise Rejected("required", input_id=self.kind.inputs(self.id, asked)[0])
            return None
        return self.kind.parse(self.id, typed, asked)


@dataclass(frozen=True)
class Reading:
    """What a set of fields made of what was typed: values by field, problems by input."""

    values: dict[str, JsonValue]
    problems: dict[str, Problem]


def asked_now(fields: Sequence[Field], asked: Asked, answers: Answers) -> tuple[Field, ...]:
    """Return the fields that are asked in these circumstances."""
    return tuple(field for field in fields if field.only_if(asked, answers))


def read(fields: Sequence[Field], typed: Typed, asked: Asked, known: Answers) -> Reading:
    """Read every field that is asked; a field may depend on the ones before it, and on `known`.

    A list of which `asked` knows what its check came to is not read: it may be on no card at all.
    """
    values: dict[str, JsonValue] = {}
    problems: dict[str, Problem] = {}
    for field in fields:
        if field.is_file or not field.only_if(asked, {**known, **values}):
            continue
        outcome = asked.lists.get(field.id)
        if isinstance(outcome, Problem):
            problems[field.id] = outcome
            continue
        try:
            values[field.id] = outcome or field.read(typed, asked)
        except Rejected as refusal:
            problems[refusal.input_id or field.id] = problem(refusal)
    return Reading(values, problems)


def problem(refusal: Rejected) -> Problem:
    """Return a refusal as it is stored with a draft."""
    return Problem(code=refusal.code, params=refusal.params)
