"""What a button sends: written by cards, read by the bot, defined here and nowhere else.

Nothing in it is trusted: who presses comes from the verified activity, and every id is looked up
again within what that person may see.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from cases.vocabulary import Verb


class Ask(StrEnum):
    """What a button asks of the bot, besides the verbs of a case."""

    ANSWER = "answer"
    BACK = "back"
    CHANGE = "change"
    SEND = "send"
    PUT_ASIDE = "put_aside"
    RESUME = "resume"
    DISCARD = "discard"
    REPLACE = "replace"
    REMOVE = "remove"
    VOUCH = "vouch"
    PLACE = "place"
    ALSO = "also"
    SHOW = "show"
    PARTS = "parts"
    UNMASK = "unmask"
    COMMAND = "command"
    REFRESH = "refresh"
    CHECK = "check"
    LEAVE_OUT = "leave_out"
    SPLIT = "split"
    PORT_AS_ONE = "port_as_one"
    DOWNLOAD = "download"
    CALENDAR = "calendar"


ALIASES = {"reply": Verb.COMMENT, "submit": Ask.SEND}
"""Words that mean the same as one of ours."""


class Press(BaseModel):
    """A button that was pressed: what it asks for, and of what."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    verb: str = Ask.ANSWER
    draft: str = ""
    stage: str = ""
    rev: int = 0
    """The revision of the draft or case that the card showed; 0 if the card did not say."""
    case: str = ""
    event: str = ""
    """The event whose news the button stands below."""
    command: str = ""
    view: str = ""
    cursor: str = ""
    field: str = ""
    value: str = ""

    def data(self) -> dict[str, Any]:
        """Return the members that say something, the verb always."""
        return {"verb": str(self.verb), **self.model_dump(exclude_defaults=True, exclude={"verb"})}


class NotAPress(ValueError):
    """What came is no press of one of our buttons."""


def read(value: object, verb: str = "") -> tuple[Press, dict[str, str]]:
    """Return the press and what was typed, by input id; raises `NotAPress`.

    A button that answers a single question carries `field` and `value` instead of an input.
    """
    if not isinstance(value, Mapping):
        raise NotAPress("a press carries an object")
    members = {str(name): member for name, member in value.items()}
    if verb:
        members["verb"] = verb
    try:
        press = Press.model_validate(members)
    except ValidationError as error:
        raise NotAPress("the members of a press have the wrong types") from error
    typed = {
        name: spelled
        for name, member in members.items()
        if name not in Press.model_fields and (spelled := _spelled(member)) is not None
    }
    if press.field:
        typed[press.field] = press.value
    return press.model_copy(update={"verb": ALIASES.get(press.verb, press.verb)}), typed


def _spelled(member: object) -> str | None:
    if isinstance(member, bool):
        return "true" if member else "false"
    return str(member) if isinstance(member, str | int | float) else None
