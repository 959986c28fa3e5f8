"""What can go wrong with a case, as codes with parameters; the sentences are in `strings/`.

DeskError
├── Rejected          a field does not take what was typed
├── NotFound          no such case, or none of yours: both look the same
├── NotAllowed        the speaker's role may not do this
├── NotPossible       the case's status does not allow this now
├── Conflict          the record changed meanwhile, and kept changing
└── Unavailable       a store does not answer; nothing was saved
"""

from pydantic import JsonValue


class DeskError(Exception):
    """Something that went wrong, known by its code; `params` fill the translated sentence."""

    def __init__(self, code: str, **params: JsonValue) -> None:
        super().__init__(code, params)
        self.code = code
        self.params = params


class Refusal(DeskError):
    """A no that stands; whoever asked is told, and that is the end of it."""


class Rejected(Refusal):
    """A field does not take what was typed; `input_id` says where, if not at the field itself."""

    def __init__(self, code: str, *, input_id: str | None = None, **params: JsonValue) -> None:
        super().__init__(code, **params)
        self.input_id = input_id


class NotFound(Refusal):
    """There is no such case for whoever asks."""

    def __init__(self, number: str) -> None:
        super().__init__("not_found", number=number)


class NotAllowed(Refusal):
    """The speaker's role may not do this."""


class NotPossible(Refusal):
    """The case's status does not allow this now."""


class Conflict(Refusal):
    """The record changed meanwhile, and went on changing while we re-read it."""

    def __init__(self) -> None:
        super().__init__("conflict")


class Unavailable(DeskError):
    """A store does not answer, or refuses to write; nothing was saved."""

    def __init__(self, why: str) -> None:
        super().__init__("unavailable", why=why)
