"""The inputs of a field, by its kind; an input's id is the field's, and messages stand below it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import singledispatch

from microsoft_teams.cards.core import (
    CardElement,
    ChoiceSetInput,
    DateInput,
    NumberInput,
    TextInput,
    TimeInput,
    ToggleInput,
)
from microsoft_teams.cards.core import (
    Choice as ChoiceElement,
)

from cards import times
from cards.parts import escaped, small, trouble
from cards.problems import led_by, told
from cases.fields import Field
from cases.kinds import (
    AccountNumber,
    Asked,
    Choice,
    Confirm,
    Domain,
    Emails,
    Guid,
    Integer,
    Kind,
    LocalDateTime,
    NumberList,
    PhoneNumber,
    YesNo,
)
from cases.kinds import Text as FreeText
from cases.model import Problem
from cases.schedule import offers
from strings import Text

EXPANDED = 4
"""Up to so many options are shown as a list to tick."""
WIDEST = 4
"""Bytes of a character, at most."""
SPARE = 400
"""Bytes by which a text that is too long may exceed its room on a card."""
LONGEST_LIST = 8000
"""Bytes of a number list that a card carries back; a longer one comes as a file."""


@dataclass(frozen=True)
class Slot:
    """A field as it stands on a card: its circumstances, and what its inputs hold."""

    field: Field
    asked: Asked
    typed: Mapping[str, str]
    problems: Mapping[str, Problem]
    text: Text
    held: str = ""
    """What is held as the answer though the input cannot show it: a list that is too long."""

    @property
    def id(self) -> str:
        """The field's id."""
        return self.field.id

    @property
    def label(self) -> str:
        """The field's label, which says if it may be left empty."""
        label = self.text(f"field.{self.id}.label")
        # A section says of itself that it may be left out.
        told = self.field.required or self.field.section
        return label if told else self.text("form.optional", label=label)

    @property
    def hint(self) -> str | None:
        """The placeholder, if the field has one."""
        return self.held or self.text.maybe(f"field.{self.id}.hint") or None

    @property
    def note(self) -> str:
        """What is told below the field; of some case types something of their own."""
        own = f"field.{self.id}.note.{self.asked.case_type}" if self.asked.case_type else ""
        return self.text.maybe(own) or self.text.maybe(f"field.{self.id}.note")

    @property
    def value(self) -> str | None:
        """What the field's own input holds."""
        return self.typed.get(self.id) or None

    @property
    def needed(self) -> bool | None:
        """Whether the client should insist on an answer; never said of optional fields."""
        return True if self.field.required and not self.held else None

    @property
    def message(self) -> str:
        """What the client says of an input that it refuses by itself."""
        own = self.text.maybe(f"field.{self.id}.error")
        label = led_by(self.text(f"field.{self.id}.label"), self.text)
        return own or self.text("error.required", label=label)


def elements(slot: Slot) -> Iterator[CardElement]:
    """Yield a field's inputs, each followed by what is wrong with it."""
    note = slot.note
    for element in draw(slot.field.kind, slot):
        yield element
        input_id = str(getattr(element, "id", ""))
        if input_id in slot.problems:
            label = getattr(element, "label", None) or slot.label
            sentence = told(slot.problems[input_id], slot.text, label)
            yield trouble(sentence, f"problem_{input_id}")
    if seen := seen_by_carrier(slot.field, slot.value or ""):
        note = escaped(slot.text("form.cut", most=slot.field.cut, seen=seen))
    if note:
        yield small(note)


def seen_by_carrier(field: Field, said: str) -> str:
    """Return what the carrier's form has room for, if that is less than was said."""
    said = " ".join(said.split())
    return said[: field.cut].rstrip() if field.cut and len(said) > field.cut else ""


@singledispatch
def draw(kind: Kind, slot: Slot) -> list[CardElement]:
    """Return the inputs of a kind; a new kind registers its own."""
    raise TypeError(f"no input is known for {type(kind).__name__}")


def _text_input(
    slot: Slot, most: int | None = None, room: int = LONGEST_LIST, **more: object
) -> list[CardElement]:
    # Words from the chat may be longer than any card; the sentence below says how much too long.
    value = (slot.value or "").encode("utf-8", "ignore")[:room].decode("utf-8", "ignore")
    return [
        TextInput(
            id=slot.id,
            label=slot.label,
            placeholder=slot.hint,
            value=value or None,
            max_length=most,
            is_required=slot.needed,
            error_message=slot.message,
            **more,  # type: ignore[arg-type]
        )
    ]


@draw.register
def _free_text(kind: FreeText, slot: Slot) -> list[CardElement]:
    room = WIDEST * kind.longest + SPARE
    return _text_input(slot, most=kind.longest, room=room, is_multiline=kind.multiline or None)


@draw.register
def _guid(kind: Guid, slot: Slot) -> list[CardElement]:
    return _text_input(slot, most=38, room=SPARE)


@draw.register
def _account(kind: AccountNumber, slot: Slot) -> list[CardElement]:
    return _text_input(slot, most=2 * kind.longest, room=2 * WIDEST * kind.longest + SPARE)


@draw.register
def _phone_number(kind: PhoneNumber, slot: Slot) -> list[CardElement]:
    return _text_input(slot, most=40, room=SPARE)


@draw.register
def _domain(kind: Domain, slot: Slot) -> list[CardElement]:
    return _text_input(slot, most=253, room=SPARE)


@draw.register
def _emails(kind: Emails, slot: Slot) -> list[CardElement]:
    return _text_input(slot, most=2000, room=2000 + SPARE)


@draw.register
def _number_list(kind: NumberList, slot: Slot) -> list[CardElement]:
    fits = len((slot.value or "").encode()) <= LONGEST_LIST
    (element,) = _text_input(slot if fits else replace(slot, typed={}), is_multiline=True)
    # A list may come as a file instead, while this very card is open: only the server insists.
    return [element.model_copy(update={"is_required": None})]


@draw.register
def _integer(kind: Integer, slot: Slot) -> list[CardElement]:
    value = slot.value or ""
    # Clients compare an empty input with the limits too, and would insist on an optional one.
    least, most = (kind.least, kind.most) if slot.needed else (None, None)
    return [
        NumberInput(
            id=slot.id,
            label=slot.label,
            placeholder=slot.hint,
            min=least,
            max=most,
            value=int(value) if value.lstrip("-").isdecimal() else None,
            is_required=slot.needed,
            error_message=slot.message,
        )
    ]


def _choices(
    slot: Slot, input_id: str, label: str, options: list[tuple[str, str]], value: str | None
) -> ChoiceSetInput:
    return ChoiceSetInput(
        id=input_id,
        label=label,
        style="expanded" if len(options) <= EXPANDED else "compact",
        choices=[ChoiceElement(title=title, value=option) for option, title in options],
        value=value,
        wrap=True,
        is_required=slot.needed,
        error_message=slot.text("error.not_a_choice", label=led_by(label, slot.text)),
    )


@draw.register
def _choice(kind: Choice, slot: Slot) -> list[CardElement]:
    options = [
        (option, slot.text(f"field.{slot.id}.option.{option}"))
        for option in kind.options(slot.asked)
    ]
    chosen = slot.value or kind.preset or None
    return [_choices(slot, slot.id, slot.label, options, chosen)]


@draw.register
def _yes_no(kind: YesNo, slot: Slot) -> list[CardElement]:
    options = [(answer, slot.text(f"answer.{answer}")) for answer in ("yes", "no")]
    return [_choices(slot, slot.id, slot.label, options, slot.value)]


@draw.register
def _confirm(kind: Confirm, slot: Slot) -> list[CardElement]:
    return [
        ToggleInput(
            id=slot.id,
            label=slot.label,
            title=slot.text(f"field.{slot.id}.statement"),
            value=slot.value or "false",
            wrap=True,
            is_required=slot.needed,
            error_message=slot.text("error.not_confirmed"),
        )
    ]


@draw.register
def _local_date_time(kind: LocalDateTime, slot: Slot) -> list[CardElement]:
    inputs = [_part(slot, input_id) for input_id in kind.inputs(slot.id, slot.asked)]
    zone = slot.typed.get(f"{slot.id}_zone", "")
    hints = times.hints(slot.asked, zone if zone in slot.asked.land.zones else "", slot.text)
    return [*inputs, small(hints)] if hints else inputs


def _offered(slot: Slot, input_id: str) -> str:
    """Return what an input holds at first: the earliest date that is realistic."""
    found = offers(slot.asked.case_type, slot.asked.land, slot.asked.now)
    if not found:
        return ""
    return f"{found[0]:%Y-%m-%d}" if input_id.endswith("_date") else f"{found[0]:%H:%M}"


def _part(slot: Slot, input_id: str) -> CardElement:
    label = slot.text(f"field.{input_id}.label", country=slot.text.country(slot.asked.land.iso))
    value = slot.typed.get(input_id) or None
    if input_id.endswith("_zone"):
        land = slot.asked.land
        options = [(zone, slot.text.zone(zone, slot.asked.now)) for zone in land.zones]
        return _choices(slot, input_id, label, options, value or land.default_zone or None)
    make = DateInput if input_id.endswith("_date") else TimeInput
    return make(
        id=input_id,
        label=label,
        value=value if input_id in slot.typed else _offered(slot, input_id) or None,
        is_required=slot.needed,
        error_message=slot.text("error.required", label=label),
    )
