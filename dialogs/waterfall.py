"""The waterfall engine: a tuple of named stages, and a draft that is plain JSON by name.

Pure: a draft and what was typed go in, the draft as it is then comes out. Where the conversation
stands is the name of a stage, so a deploy may add, drop or reorder stages while forms are open: a
name that is gone falls back to the first stage that still has something to ask.

```mermaid
stateDiagram-v2
    [*] --> asked: start
    asked --> asked: wrong answer (typed and problems are kept)
    asked --> asked: answer (next stage that is not finished)
    asked --> asked: back (the stage before), change (any stage, then back to the last)
    asked --> [*]: the last stage, once all others are finished
```
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

from pydantic import JsonValue

from cards import Message
from cards.intake import Sheet
from cases.fields import Reading
from cases.kinds import Asked, Typed
from cases.model import Draft
from strings import Text

Answers = Mapping[str, JsonValue]


def _always_holds(_draft: Draft) -> bool:
    return True


REMEMBERED = 8
"""How many presses a draft remembers, to know a late copy."""


@dataclass(frozen=True)
class Heard:
    """Plain words taken as an answer; an incomplete one only fills the card in."""

    typed: dict[str, str]
    complete: bool = True


@dataclass(frozen=True)
class Stage:
    """One step of a waterfall: when it has something to ask, its card, how it reads answers."""

    name: str
    applies: Callable[[Draft], bool]
    card: Callable[[Sheet, Asked], Message]
    read: Callable[[Draft, Typed, Asked], Reading]
    spell: Callable[[Draft, Asked], dict[str, str]]
    """What its inputs hold for the answers that are there."""
    hear: Callable[[Draft, str, Asked], Heard | None]
    """What plain words mean while it is asked; none if nothing."""
    depends: tuple[str, ...] = ()
    """Stages whose new answer makes this one be asked again."""
    holds: Callable[[Draft], bool] = _always_holds
    """Whether what it was answered with still stands beside the other answers."""


@dataclass(frozen=True)
class Waterfall:
    """Stages in their order; the last one has no answer of its own and ends it."""

    stages: tuple[Stage, ...]

    def stage(self, draft: Draft) -> Stage:
        """Return the stage that is asked; if its name is gone, the first with a question left."""
        for stage in self.stages:
            if stage.name == draft.asked and stage.applies(draft):
                return stage
        return self._unfinished(draft)

    def applying(self, draft: Draft) -> tuple[Stage, ...]:
        """Return the stages that have something to ask of this draft."""
        return tuple(stage for stage in self.stages if stage.applies(draft))

    def finished(self, draft: Draft) -> tuple[str, ...]:
        """Return the names of the finished stages, in order."""
        return tuple(s.name for s in self.applying(draft) if s.name in draft.finished)

    def complete(self, draft: Draft) -> bool:
        """Return whether every stage but the last is finished."""
        return self._unfinished(draft) is self.stages[-1]

    def ask(self, draft: Draft, name: str = "") -> Draft:
        """Return the draft with a stage opened; without a name, the first that is unfinished."""
        stage = next((s for s in self.applying(draft) if s.name == name), self._unfinished(draft))
        finished = tuple(done for done in draft.finished if done != stage.name)
        return draft.but(asked=stage.name, finished=finished, typed={}, problems={})

    def answer(self, draft: Draft, typed: Typed, asked: Asked) -> Draft:
        """Return the draft after an answer: one stage further, or the same with its problems."""
        stage = self.stage(draft)
        reading = stage.read(draft, typed, asked)
        if reading.problems:
            return draft.but(asked=stage.name, typed=dict(typed), problems=dict(reading.problems))
        after = draft.but(answers={**draft.answers, **reading.values})
        stale = self._stale(stage, draft.answers, reading.values)
        stale |= {each.name for each in self.stages if not each.holds(after)}
        finished = tuple(n for n in draft.finished if n not in stale and n != stage.name)
        return self.ask(after.but(finished=(*finished, stage.name)))

    def back(self, draft: Draft) -> Draft:
        """Return the draft with the stage before the asked one opened again."""
        names = [stage.name for stage in self.applying(draft)]
        here = names.index(self.stage(draft).name)
        return self.ask(draft, names[max(here - 1, 0)])

    def card(self, draft: Draft, asked: Asked, text: Text, note: str = "") -> Message:
        """Return the card of the stage that is asked, with what was typed and what is wrong."""
        stage = self.stage(draft)
        names = [each.name for each in self.applying(draft)]
        sheet = Sheet(
            draft=draft,
            stage=stage.name,
            step=names.index(stage.name) + 1,
            steps=len(names),
            typed={**stage.spell(draft, asked), **draft.typed},
            problems=draft.problems,
            text=text,
            note=note,
        )
        return stage.card(sheet, asked)

    def _unfinished(self, draft: Draft) -> Stage:
        open_stages = (s for s in self.applying(draft) if s.name not in draft.finished)
        return next(open_stages, self.stages[-1])

    def _stale(self, stage: Stage, before: Answers, now: Answers) -> set[str]:
        """Return the stages that must be asked again because this one has a new answer."""
        if all(before.get(name) in (None, value) for name, value in now.items()):
            return set()
        return {each.name for each in self.stages if stage.name in each.depends}


def fingerprint(parts: Sequence[str], typed: Typed) -> str:
    """Return what tells one press from another, short enough to be kept."""
    spelled = "\x1f".join((*parts, *(f"{name}={typed[name]}" for name in sorted(typed))))
    return sha256(spelled.encode("utf-8", "replace")).hexdigest()[:16]


def consumed(draft: Draft, mark: str) -> Draft:
    """Return the draft remembering a press that was taken."""
    return draft.but(consumed=(*draft.consumed, mark)[-REMEMBERED:])
