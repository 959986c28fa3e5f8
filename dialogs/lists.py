"""Number lists in the chat: checked, stored with their reports, and made answers or refusals of."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from pydantic import JsonValue

from cases.errors import Rejected
from cases.findings import Purpose, Summary
from cases.kinds import SHOWN
from cases.lists import HEADER, LONGEST, MOST
from cases.model import Draft, FileRef, Problem
from cases.ports import Checked, Checks, NumbersOf, Receiver
from cases.preflight import holds
from cases.vocabulary import CaseType
from dialogs.intake import country_of, type_of

REPORT_NAME = "report.csv"
LIST_NAME = f"{HEADER}.csv"

USAGES = frozenset({"user", "service"})
"""Keys of parts that a column of the list says, and no number."""

Source = str | FileRef
"""What a list is read from: what was typed, or a stored file."""
Progress = Callable[[int, int], None]
"""Told how many rows of how many were checked."""
Value = dict[str, JsonValue]


@dataclass(frozen=True)
class Reading:
    """A list after its check: what is offered as the answer, and why it is not taken as it is."""

    summary: Summary
    offer: Value
    """The value of the field with what is right in the list; its files are stored."""
    report: str
    """The hash of the stored report by row."""
    problem: Problem | None = None

    @property
    def outcome(self) -> JsonValue | Problem:
        """The answer, or the problem if the list is not taken as it is."""
        return self.problem or self.offer


def purpose_of(draft: Draft, typed: Mapping[str, str]) -> Purpose:
    """Return what a draft's list is checked for, by what is answered and what is on the card."""
    country, case_type = country_of(draft), type_of(draft)
    converts = case_type is CaseType.INVENTORY_TYPE_CHANGE
    convert_to = typed.get("convert_to") or draft.answers.get("convert_to") or ""
    return Purpose(
        region=country.iso if country else "",
        case_type=case_type,
        convert_to=str(convert_to) if converts else "",
    )


def serves(value: JsonValue, purpose: Purpose) -> bool:
    """Return whether a list's value was checked for this very purpose."""
    return isinstance(value, dict) and value.get("for") == purpose.model_dump(mode="json")


def files_of(report: str, clean: str) -> list[tuple[str, FileRef]]:
    """Return the report on a list and the clean list as files, by what they are."""
    named = (("report", report, REPORT_NAME), ("list", clean, LIST_NAME))
    return [(which, csv_file(sha256, name)) for which, sha256, name in named if sha256]


def csv_file(sha256: str, name: str, size: int = 0) -> FileRef:
    """Return a stored CSV file of ours."""
    return FileRef(sha256=sha256, name=name, size=size, media_type="text/csv")


class Lists:
    """Checks number lists and keeps what comes of it."""

    def __init__(self, checks: Checks, receiver: Receiver, numbers_of: NumbersOf) -> None:
        """Take who checks lists of any size, who stores files, and what reads a whole list."""
        self._checks = checks
        self._receiver = receiver
        self._numbers_of = numbers_of

    async def looked_up(self, tenant: str, value: JsonValue, number: str) -> JsonValue:
        """Return a list's value that says whether the number is in it."""
        if not isinstance(value, dict) or holds(value, number) is not None:
            return value
        found = number in await self._numbers_of(tenant, value)
        return {**value, "looked_up": {number: found}}

    async def put_by(self, tenant: str, source: Source) -> FileRef:
        """Return a source as a stored file; raises `Rejected` for one that is too long to read."""
        size = len(source) if isinstance(source, str) else source.size
        if size > LONGEST:
            raise Rejected("list_too_long", most=MOST)
        if isinstance(source, FileRef):
            return source
        return await self._receiver.save(tenant, LIST_NAME, source.encode())

    async def read(
        self,
        tenant: str,
        source: Source,
        purpose: Purpose,
        language: str,
        *,
        progress: Progress | None = None,
        but: str = "",
        at_once: bool = False,
    ) -> Reading:
        """Check a list; raises `Rejected` for what is no list at all, and as `Checks.check` does.

        `but` is the id of the draft whose own numbers are no doubles.
        """
        checked = await self._checks.check(
            tenant, source, purpose, language, progress, but, at_once=at_once
        )
        if not checked.summary.rows:
            raise Rejected("empty_list")
        report = await self._receiver.save(tenant, REPORT_NAME, checked.report)
        offer = await self._offer(tenant, checked, purpose, report.sha256)
        return Reading(
            checked.summary, offer, report.sha256, _refusal(checked.summary, offer, report.sha256)
        )

    async def _offer(self, tenant: str, checked: Checked, purpose: Purpose, report: str) -> Value:
        summary = checked.summary
        if not summary.numbers:
            return {}
        clean = await self._receiver.save(tenant, LIST_NAME, checked.clean)
        head: list[JsonValue] = [number for group in summary.groups for number in group.head]
        value: Value = {
            "count": summary.numbers,
            "numbers": head[:SHOWN],
            "file": clean.sha256,
            "kinds": dict(summary.kinds),
            "report": report,
            "advice": [*summary.advice],
            "cautions": dict(summary.cautions),
            "for": purpose.model_dump(mode="json"),
        }
        if any(group.key in USAGES for group in summary.groups):
            value["used"] = True
        if len(summary.groups) > 1:
            value["parts"] = await self._parts(tenant, checked)
        return value

    async def _parts(self, tenant: str, checked: Checked) -> list[JsonValue]:
        parts: list[JsonValue] = []
        for group, content in zip(checked.summary.groups, checked.parts, strict=True):
            file = await self._receiver.save(tenant, LIST_NAME, content)
            parts.append(group.but(file=file.sha256).model_dump(mode="json"))
        return parts


def _refusal(summary: Summary, offer: Value, report: str) -> Problem | None:
    """Return why a list is not taken as it is: wrong rows, or numbers that must not be mixed."""
    if not summary.stops and len(summary.groups) < 2:
        return None
    return Problem(
        code="numbers" if summary.stops else "numbers_mixed",
        params={"summary": summary.model_dump(mode="json"), "offer": offer, "report": report},
    )
