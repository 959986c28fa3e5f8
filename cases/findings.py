"""What a check of a number list finds: kinds, flaws, entries, figures; values and no rules.

`Summary` and what it holds are stored with drafts and shown on cards, so they are JSON and small.
"""

from dataclasses import dataclass, field
from enum import StrEnum

from pydantic import JsonValue

from cases.model import Record
from cases.vocabulary import CaseType


class NumberKind(StrEnum):
    """What a number is by its country's numbering plan."""

    GEOGRAPHIC = "geographic"
    MOBILE = "mobile"
    GEOGRAPHIC_OR_MOBILE = "geographic_or_mobile"
    """The plan does not tell the two apart, as in the United States."""
    TOLL_FREE = "toll_free"
    SHARED_COST = "shared_cost"
    PREMIUM = "premium"
    VOIP = "voip"
    PERSONAL = "personal"
    PAGER = "pager"
    UAN = "uan"
    VOICEMAIL = "voicemail"
    UNKNOWN = "unknown"


class Flaw(StrEnum):
    """What stands against a row."""

    NOT_A_NUMBER = "not_a_number"
    NOT_VALID = "not_valid"
    """`why`: a `Why`, or empty."""
    SEVERAL = "several"
    """More than one number, and nothing that tells them apart."""
    OTHER_COUNTRY = "other_country"
    """`region`: whose number it is."""
    COUNTRY_NEEDED = "country_needed"
    WRONG_KIND = "wrong_kind"
    """`kind`: what it is, and cannot be in such a case."""
    UNUSUAL_KIND = "unusual_kind"
    NOT_PORTABLE = "not_portable"
    """`why`: `uifn`, or empty."""
    DUPLICATE = "duplicate"
    """`of_line`: where it stands first; with its sheet, `Lyon!2`, in a list of several."""
    OUTSIDE_BLOCK = "outside_block"
    """`first`, `last`: the ends of its block; `missing`: how many of it are not in the list."""
    IN_OPEN_CASE = "in_open_case"
    """`case`: the number of that case."""
    AMBIGUOUS = "ambiguous"
    """`national`, `international`: the two numbers that it may be."""
    EXCEL_ROUNDED = "excel_rounded"
    RANGE_UNCLEAR = "range_unclear"
    RANGE_BACKWARDS = "range_backwards"
    RANGE_TOO_LONG = "range_too_long"
    """`count` and `most`: numbers of the range."""
    RANGE_INVALID = "range_invalid"
    """`number`: the first number of the range that is none."""
    RANGE_UNEVEN = "range_uneven"
    """`first`, `last`: ends that would be as long as each other."""
    DIGITS_BESIDE = "digits_beside"
    """`said`: digits beside a number that may be a count, or those of further numbers."""
    EXCEPTION = "exception"
    """`said`: the word that leaves something out."""
    COUNTED = "counted"
    """`count`: so many numbers, and nothing says which."""
    DATE = "date"
    LABELLED = "labelled"
    """`label`: the words beside it, which say that it is another kind of number."""
    OTHER_COLUMN = "other_column"
    """`column`: where the number of a row stands, which is not the column that is read."""
    COLUMN_UNREAD = "column_unread"
    """`column`, `count`: numbers of a column that is not read."""


class Why(StrEnum):
    """What exactly is wrong, where that is known."""

    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"
    CALLING_CODE = "calling_code"
    """No country has it."""
    UIFN = "uifn"
    """A universal freephone number, which is of no country."""


class Advice(StrEnum):
    """What follows from a list as a whole."""

    WIZARD = "wizard"
    """The admin centre's own wizard is the faster door."""
    DESK_ONLY = "desk_only"
    PORT_AS_ONE = "port_as_one"
    """User and service numbers share a block: port it whole, then convert (#7979)."""


STOP, CAUTION = "stop", "caution"
LEFT_ASIDE = frozenset({Flaw.DUPLICATE, Flaw.IN_OPEN_CASE})
"""Flaws that keep a number out of the clean list even where no case is there to refuse it.

One that cannot be ported is a right number all the same, and not every list is for a port.
"""


@dataclass(frozen=True, slots=True)
class Aside:
    """What is told of a table beside its numbers, though it stops nothing."""

    flaw: Flaw
    params: dict[str, JsonValue]
    is_row: bool = False
    """Whether it is true of a row of the list, which has no number for it."""


class Purpose(Record):
    """What a list is for."""

    region: str
    """ISO code of the country; empty if none is named: only international writing is read."""
    case_type: CaseType | None = None
    convert_to: str = ""
    """`user` or `service`, for a change of inventory type."""


def row_name(sheet: str, line: int) -> str:
    """Return a row as spreadsheets write it: `Lyon!2`, or `2` where there is no other sheet."""
    return f"{sheet}!{line}" if sheet else str(line)


@dataclass(slots=True)
class Entry:
    """A row after the reading; a range has one entry for each of its numbers."""

    line: int
    text: str
    usage: str = ""
    number: str = ""
    """E.164; empty if the row is no number."""
    kind: NumberKind = NumberKind.UNKNOWN
    region: str = ""
    """Where the number is from; `001` for one of no country."""
    problem: str = ""
    """A `Flaw`; empty if the row is fine."""
    severity: str = ""
    """`stop`: it cannot be in such a case. `caution`: it may go, and something is told."""
    params: dict[str, JsonValue] = field(default_factory=dict)
    repaired: str = ""
    """A `Repair`; empty if the number was read as it stands."""
    form: str = ""
    """A `Form`; empty where it was not asked."""
    more: bool = False
    """Whether it is no row: a further number of the range before, or told of the table."""
    either: tuple["Entry", ...] = ()
    """Of an ambiguous row: what it is as a national and as an international number."""
    sheet: str = ""
    """The sheet of a workbook that the row stands in, if the list has several."""

    @property
    def accepted(self) -> bool:
        """Whether the number goes on; one that stands twice goes once."""
        return self.may_go and self.problem not in LEFT_ASIDE

    @property
    def may_go(self) -> bool:
        """Whether nothing stops the number, though it may be told of and left aside."""
        return bool(self.number) and self.severity != STOP

    def told(self, flaw: Flaw, severity: str = STOP, **params: JsonValue) -> "Entry":
        """Return the entry with something that stands against it."""
        # Written out, for `replace` takes four times as long, and a list may be full of flaws.
        return Entry(
            self.line,
            self.text,
            self.usage,
            self.number,
            self.kind,
            self.region,
            flaw,
            severity,
            params,
            self.repaired,
            self.form,
            self.more,
            sheet=self.sheet,
        )


class Finding(Record):
    """What is told of a row, or at once of all rows and numbers that it is true of."""

    line: int
    """The first of its rows."""
    text: str
    """As written, 40 characters at most; empty if its rows differ."""
    number: str
    code: str
    severity: str
    params: dict[str, JsonValue]
    count: int = 1
    """Numbers, or rows that are none; a range is one row and many numbers."""
    rows: int = 1
    last: int = 0
    """The last of its rows if all between are meant as well, and otherwise 0."""
    sheet: str = ""
    """Where its first row stands, in a list of several sheets."""


class Group(Record):
    """Numbers that may stand in one case together."""

    key: str
    """`toll`, `toll_free`, `mobile`, or by their usage `user` and `service`; `all` for any."""
    count: int
    head: tuple[str, ...]
    """The first of them."""
    file: str = ""
    """SHA-256 of the stored list; empty before that."""


class Summary(Record):
    """What came out of a check, in figures; small enough for a draft and a card."""

    rows: int
    """Rows of the list; a range is one."""
    numbers: int
    """Numbers that are accepted, each once."""
    kinds: dict[str, int]
    """Of the accepted."""
    stops: dict[str, int]
    cautions: dict[str, int]
    repaired: dict[str, int]
    findings: tuple[Finding, ...]
    """The first, those that stop before those that do not; what is alike is told once."""
    groups: tuple[Group, ...]
    """Lawful cases that the list makes; one if it need not be split, none if nothing is left."""
    advice: tuple[str, ...] = ()
    refused_rows: int = 0
    """Rows that hold what `stops` counts; fewer than these if one of them is a range."""
    told: int = 0
    """Findings that there are in all."""


@dataclass(frozen=True, slots=True)
class Settled:
    """A list after the check: every row in order, the figures, and the numbers by group."""

    entries: list[Entry]
    summary: Summary
    parts: tuple[tuple[str, ...], ...]
    """The accepted numbers of each group of the summary, in E.164 and in the list's order."""
