"""The words of the trade as closed sets; their values are permanent and seen from outside."""

from enum import StrEnum


class Category(StrEnum):
    """What a case is opened for."""

    NEW_REQUEST = "new_request"
    GENERAL_INQUIRY = "general_inquiry"


class CaseType(StrEnum):
    """The kinds of request that the desk has a form for."""

    CUSTOM_CALLING_NAME = "custom_calling_name"
    INTER_TENANT_PORT = "inter_tenant_port"
    INVENTORY_TYPE_CHANGE = "inventory_type_change"
    NEW_NUMBERS = "new_numbers"
    PORT_IN = "port_in"
    ADDRESS_UPDATE = "address_update"


class NumberType(StrEnum):
    """What a number is used for."""

    USER = "user"
    SERVICE_TOLL = "service_toll"
    SERVICE_TOLL_FREE = "service_toll_free"


class Severity(StrEnum):
    """How bad it is: `a` critical, `b` high, `c` not critical."""

    A = "a"
    B = "b"
    C = "c"


class Status(StrEnum):
    """Where a case stands."""

    SUBMITTED = "submitted"
    IN_PROGRESS = "in_progress"
    WAITING_FOR_DETAILS = "waiting_for_details"
    ON_HOLD = "on_hold"
    RESOLVED = "resolved"
    CANCELLED = "cancelled"


class Ball(StrEnum):
    """Whose turn it is."""

    DESK = "desk"
    CUSTOMER = "customer"
    CARRIER = "carrier"


class Resolution(StrEnum):
    """How a case was resolved."""

    PROBLEM_SOLVED = "problem_solved"
    INFORMATION_PROVIDED = "information_provided"


class Verb(StrEnum):
    """What is done to a case; the button, its event and its notice share the word."""

    OPEN = "open"
    COMMENT = "comment"
    NOTE = "note"
    TAKE = "take"
    ASK = "ask"
    HOLD = "hold"
    SCHEDULE = "schedule"
    """Confirm the date on which the request is carried out."""
    RESOLVE = "resolve"
    CANCEL = "cancel"
    REOPEN = "reopen"


class Role(StrEnum):
    """Who is speaking, as far as one case is concerned."""

    REQUESTER = "requester"
    COLLEAGUE = "colleague"
    AGENT = "agent"


class Origin(StrEnum):
    """Where an event came from; what came from a place is never sent back to it."""

    CHAT = "chat"
    CHANNEL = "channel"
    API = "api"


class NoticeKind(StrEnum):
    """What a notice makes of an event when it is delivered."""

    CARD = "card"
    """Post the living card of the case, and remember where."""
    MESSAGE = "message"
    """Post a message about the event."""
    UPDATE = "update"
    """Redraw the living card as the case is now."""
    RECEIPT = "receipt"
    """Tell the case's thread that news did not reach somebody in their chat."""


class Way(StrEnum):
    """How news reached somebody."""

    CHAT = "chat"
    MAIL = "mail"
    NONE = "none"


class Obstacle(StrEnum):
    """Why news did not reach somebody in their chat."""

    BLOCKED = "blocked"
    """The person wants nothing of the bot."""
    REMOVED = "removed"
    """The bot was taken out of their chat, or the chat is gone."""
    UNMET = "unmet"
    """There never was a chat."""
    LATE = "late"
    """Nobody answered for as long as it was worth telling."""
    REFUSED = "refused"


class Audience(StrEnum):
    """Whom a notice is for."""

    PERSON = "person"
    MAIL = "mail"
    """Someone who is known by an e-mail address only, as far as that goes."""
    DESK = "desk"


class Guard(StrEnum):
    """What must still be as it was read for a change to be applied."""

    REVISION = "revision"
    STATUS = "status"
    """Only the status: comments do not get in each other's way."""


class View(StrEnum):
    """Which cases a list shows."""

    OPEN = "open"
    ALL = "all"
    CLOSED = "closed"
