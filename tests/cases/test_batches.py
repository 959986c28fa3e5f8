"""Batches: what each part is made of, how they roll up, and who sees that one moved."""

from itertools import product

import pytest

from cases.batches import MOST_PARTS, as_part, drafts_of, redrawn, rolled_up
from cases.deeds import Deed, doing
from cases.model import Case, Change, FileRef, Part
from cases.vocabulary import Audience, Ball, NoticeKind, Status, Verb
from tests.cases.samples import AGENT, ANSWERS, NOW, case, draft, file

LOA, TOLL_FREE_LOA = file("loa", mark="1"), file("loa", mark="2")


def part(key: str, first: str, *files: FileRef) -> Part:
    return Part(key=key, numbers={"count": 1, "numbers": [first]}, files=files)


PARTS = (part("toll", "+33123456789", LOA), part("toll_free", "+33800123456", TOLL_FREE_LOA))


def batch(*statuses: Status) -> tuple[Case, ...]:
    return tuple(
        case(
            status,
            uid="draft-1" if at == 1 else f"draft-1.{at}",
            number=f"TNS-{64 * at:06}",
            batch="draft-1",
            part=at,
            parts=len(statuses),
        )
        for at, status in enumerate(statuses, start=1)
    )


def change(before: Case, verb: Verb = Verb.TAKE, key: str = "k1") -> Change:
    return doing(before, Deed(verb=verb, key=key, text="x"), AGENT, {}, NOW)


class TestParts:
    def test_each_has_its_own_numbers_and_files(self) -> None:
        drafts = drafts_of(draft(), PARTS)
        assert [each.id for each in drafts] == ["draft-1", "draft-1.2"]
        assert [each.answers["numbers"] for each in drafts] == [one.numbers for one in PARTS]
        assert [each.files for each in drafts] == [(LOA,), (TOLL_FREE_LOA,)]

    def test_all_else_is_as_it_was_answered(self) -> None:
        rest = {name: value for name, value in ANSWERS.items() if name != "numbers"}
        for each in drafts_of(draft(), PARTS):
            assert {n: v for n, v in each.answers.items() if n != "numbers"} == rest
            assert (each.tenant, each.user) == (draft().tenant, draft().user)

    @pytest.mark.parametrize("parts", [(), PARTS[:1]])
    def test_fewer_than_two_are_no_batch(self, parts: tuple[Part, ...]) -> None:
        assert drafts_of(draft(), parts) == (draft(),)
        assert as_part(case(), "draft-1", 1, parts) == case()

    def test_a_part_knows_its_place(self) -> None:
        second = as_part(case(), "draft-1", 2, PARTS)
        assert (second.batch, second.part, second.parts) == ("draft-1", 2, 2)
        assert second.group == "toll_free"

    def test_more_than_a_batch_may_have_are_refused(self) -> None:
        with pytest.raises(ValueError, match="at most 6"):
            drafts_of(draft(), PARTS[:1] * (MOST_PARTS + 1))


class TestRollUp:
    @pytest.mark.parametrize(
        "statuses, whole, ball, closed",
        [
            ("submitted submitted", "submitted", Ball.DESK, 0),
            ("submitted in_progress", "submitted", Ball.DESK, 0),
            ("on_hold in_progress", "in_progress", Ball.DESK, 0),
            ("on_hold resolved", "on_hold", Ball.CARRIER, 1),
            ("submitted waiting_for_details", "waiting_for_details", Ball.CUSTOMER, 0),
            ("resolved cancelled waiting_for_details", "waiting_for_details", Ball.CUSTOMER, 2),
            ("resolved cancelled", "resolved", None, 2),
            ("cancelled cancelled", "cancelled", None, 2),
        ],
    )
    def test_the_part_that_needs_most_tells(
        self, statuses: str, whole: str, ball: Ball | None, closed: int
    ) -> None:
        found = rolled_up(batch(*map(Status, statuses.split())))
        assert (found.status, found.ball, found.closed) == (whole, ball, closed)

    def test_the_order_of_the_parts_makes_no_difference(self) -> None:
        for one, other in product(Status, Status):
            assert rolled_up(batch(one, other)) == rolled_up(batch(other, one))

    def test_what_is_open_is_never_rolled_up_as_closed(self) -> None:
        for statuses in product(Status, repeat=3):
            found = rolled_up(batch(*statuses))
            assert (found.closed < 3) == (found.ball is not None)


class TestRedrawing:
    def test_all_others_and_nobody_by_a_message(self) -> None:
        parts = batch(Status.SUBMITTED, Status.SUBMITTED, Status.RESOLVED)
        others = redrawn(change(parts[1]), parts)
        assert [other.case.number for other in others] == [parts[0].number, parts[2].number]
        for other in others:
            assert {one.kind for one in other.notices} == {NoticeKind.UPDATE}
            assert {one.to.user for one in other.notices} == {"", "ann-id", "dan-id"}
            assert [one.to.audience for one in other.notices].count(Audience.DESK) == 1
            assert {one.event for one in other.notices} == {f"{other.case.uid}:open"}
            assert {one.case for one in other.notices} == {other.case.number}

    def test_each_change_redraws_anew_and_each_card_once(self) -> None:
        parts = batch(Status.SUBMITTED, Status.SUBMITTED, Status.SUBMITTED)
        ids = [
            notice.id
            for deed in (change(parts[0]), change(parts[0], key="k2"), change(parts[1], key="k2"))
            for other in redrawn(deed, parts)
            for notice in other.notices
        ]
        assert len(ids) == len(set(ids)) == 18
