"""What deeds do to a case, and who hears of them."""

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import pytest
from pydantic import JsonValue

from cases.catalogue import CANCEL_REASONS, MOST_FILES
from cases.deeds import (
    LONGEST_COMMENT,
    Deed,
    doing,
    opening,
    role_in,
    watching,
    with_files,
    zone_of,
)
from cases.errors import NotFound, Rejected
from cases.lifecycle import open_verbs
from cases.model import Case, Change, Confirmed, Notice, Speaker
from cases.vocabulary import (
    Audience,
    Category,
    Guard,
    NoticeKind,
    Origin,
    Resolution,
    Role,
    Severity,
    Status,
    Verb,
)
from tests.cases.samples import (
    AGENT,
    ANN,
    ANSWERS,
    BOB,
    EVE,
    NOW,
    SPEAKERS,
    actor,
    case,
    draft,
    file,
)

LATER = NOW + timedelta(hours=1)
CHOICES = {Verb.RESOLVE: "problem_solved", Verb.CANCEL: "duplicate"}


def deed(verb: Verb, text: str = "hello", key: str = "k1") -> Deed:
    said = Deed(verb=verb, key=key, text=text, choice=CHOICES.get(verb, ""))
    return said.but(date="2026-12-08", time="10:00") if verb is Verb.SCHEDULE else said


def done(verb: Verb, by: Speaker, to: Case | None = None, text: str = "hello") -> Change:
    return doing(to or case(), deed(verb, text), by, {}, LATER)


def heard(notices: Iterable[Notice]) -> set[tuple[str, NoticeKind]]:
    return {(notice.to.key, notice.kind) for notice in notices}


def every_deed() -> list[tuple[Status, Verb, Role]]:
    return [
        (status, verb, role)
        for status in Status
        for role in Role
        for verb in open_verbs(case(status), role, LATER)
    ]


MESSAGE, UPDATE, CARD = NoticeKind.MESSAGE, NoticeKind.UPDATE, NoticeKind.CARD
ANN_, BOB_, DAN_, DESK_ = "person:ann-id", "person:bob-id", "person:dan-id", "desk"
NOBODY = "nobody@acme.com"
NOBODY_ = f"mail:{NOBODY}"


class TestWhoHears:
    @pytest.mark.parametrize(
        "verb", [Verb.COMMENT, Verb.TAKE, Verb.ASK, Verb.HOLD, Verb.SCHEDULE, Verb.RESOLVE]
    )
    def test_of_an_agents_deed_every_watcher_hears(self, verb: Verb) -> None:
        assert heard(done(verb, AGENT).notices) == {
            (DESK_, UPDATE),
            (ANN_, MESSAGE),
            (ANN_, UPDATE),
            (DAN_, MESSAGE),
            (DAN_, UPDATE),
        }

    def test_of_a_note_only_the_desk_hears(self) -> None:
        assert heard(done(Verb.NOTE, AGENT).notices) == {(DESK_, UPDATE)}

    @pytest.mark.parametrize("verb", [Verb.COMMENT, Verb.RESOLVE, Verb.CANCEL])
    def test_of_the_requesters_deed_the_desk_hears_and_the_other_watchers(self, verb: Verb) -> None:
        assert heard(done(verb, ANN).notices) == {
            (DESK_, MESSAGE),
            (DESK_, UPDATE),
            (ANN_, UPDATE),
            (DAN_, MESSAGE),
            (DAN_, UPDATE),
        }

    def test_a_colleague_who_joins_in_hears_the_answer(self) -> None:
        joined = done(Verb.COMMENT, BOB)
        assert joined.after.watchers == ("ann-id", "dan-id", "bob-id")
        assert (BOB_, MESSAGE) not in heard(joined.notices)
        assert (BOB_, MESSAGE) in heard(done(Verb.COMMENT, AGENT, joined.after).notices)

    @pytest.mark.parametrize("status, verb, role", every_deed())
    def test_nobody_hears_twice_and_nobody_of_their_own_deed(
        self, status: Status, verb: Verb, role: Role
    ) -> None:
        change = doing(case(status), deed(verb), SPEAKERS[role], {}, LATER)
        assert max(Counter((n.to.key, n.kind) for n in change.notices).values()) == 1
        assert len({notice.id for notice in change.notices}) == len(change.notices)
        told = {notice.to.key for notice in change.notices if notice.kind is MESSAGE}
        own = DESK_ if role is Role.AGENT else f"person:{SPEAKERS[role].user}"
        assert own not in told
        if verb is not Verb.NOTE:
            assert told == {DESK_, ANN_, DAN_} - {own}

    def test_of_the_opening_desk_and_watchers_get_a_card(self) -> None:
        answers = {**ANSWERS, "contacts": ["bob@acme.com", "nobody@acme.com", "ann@acme.com"]}
        known = {"bob@acme.com": "bob-id", "ann@acme.com": "ann-id"}
        opened, _, notices = opening(draft(answers=answers), ANN, known, NOW)
        assert opened.watchers == ("ann-id", "bob-id")
        heard_in_order = [(n.to.key, n.kind) for n in notices]
        assert heard_in_order == [(DESK_, CARD), (ANN_, CARD), (BOB_, CARD), (NOBODY_, CARD)]

    @pytest.mark.parametrize("verb", [Verb.COMMENT, Verb.TAKE, Verb.ASK, Verb.HOLD, Verb.RESOLVE])
    def test_an_address_that_belongs_to_nobody_known_hears_of_each_event(self, verb: Verb) -> None:
        named = case(contacts=(NOBODY, "bob@acme.com", NOBODY))
        change = doing(named, deed(verb), AGENT, {"bob@acme.com": "bob-id"}, LATER)
        mailed = [n for n in change.notices if n.to.audience is Audience.MAIL]
        assert [(n.to.key, n.to.address, n.kind) for n in mailed] == [(NOBODY_, NOBODY, MESSAGE)]
        assert (
            change.notices
            == doing(named, deed(verb), AGENT, {"bob@acme.com": "bob-id"}, LATER).notices
        )

    def test_an_address_hears_no_note(self) -> None:
        assert heard(done(Verb.NOTE, AGENT, case(contacts=(NOBODY,))).notices) == {(DESK_, UPDATE)}

    def test_an_address_that_somebody_has_by_now_hears_as_that_person(self) -> None:
        named = case(contacts=(NOBODY,))
        change = doing(named, deed(Verb.TAKE), AGENT, {NOBODY: "bob-id"}, LATER)
        assert change.after.watchers == ("ann-id", "dan-id", "bob-id")
        assert (BOB_, MESSAGE) in heard(change.notices)
        assert NOBODY_ not in {notice.to.key for notice in change.notices}

    def test_whoever_is_named_by_their_own_address_hears_once(self) -> None:
        named = case(contacts=("ann@acme.com",))
        change = doing(named, deed(Verb.COMMENT), ANN, {"ann@acme.com": "ann-id"}, LATER)
        assert heard(change.notices) == heard(done(Verb.COMMENT, ANN).notices)

    def test_a_contact_whom_nobody_knows_hears_by_mail_and_never_of_notes(self) -> None:
        named = case(contacts=("bob@acme.com", "far@away.example"))
        known = {"bob@acme.com": "bob-id"}
        mail = ("mail:far@away.example", MESSAGE)
        for verb in (Verb.COMMENT, Verb.TAKE, Verb.NOTE):
            notices = doing(named, deed(verb), AGENT, known, LATER).notices
            assert (mail in heard(notices)) == (verb is not Verb.NOTE)
            assert "mail:bob@acme.com" not in {notice.to.key for notice in notices}

    def test_ids_of_notices_are_the_same_each_time_and_differ_between_all_else(self) -> None:
        first, again = done(Verb.COMMENT, ANN), done(Verb.COMMENT, ANN)
        assert first.notices == again.notices
        other_event = doing(case(), deed(Verb.COMMENT, key="k2"), ANN, {}, LATER)
        other_case = done(Verb.COMMENT, ANN, case(uid="draft-2"))
        other_tenant = done(
            Verb.COMMENT, EVE, case(tenant=EVE.tenant, requester=actor(EVE, Role.REQUESTER))
        )
        changes = (first, other_event, other_case, other_tenant)
        ids = [notice.id for change in changes for notice in change.notices]
        assert len(set(ids)) == len(ids)

    def test_the_id_of_a_notice_does_not_depend_on_the_number_drawn(self) -> None:
        assert [n.id for n in done(Verb.TAKE, AGENT).notices] == [
            n.id for n in done(Verb.TAKE, AGENT, case(number="")).notices
        ]


class TestWhatHappens:
    def test_taking_names_the_agent(self) -> None:
        after = done(Verb.TAKE, AGENT).after
        assert after.assignee == actor(AGENT, Role.AGENT)
        assert after.status is Status.IN_PROGRESS

    def test_an_answer_gives_the_case_back_to_the_desk(self) -> None:
        change = done(Verb.COMMENT, ANN, case(Status.WAITING_FOR_DETAILS))
        assert change.after.status is Status.IN_PROGRESS
        assert change.event.moved

    def test_a_thank_you_does_not_reopen(self) -> None:
        assert done(Verb.COMMENT, ANN, case(Status.RESOLVED)).after.status is Status.RESOLVED

    @pytest.mark.parametrize("resolution", Resolution)
    def test_resolving_says_how_and_when(self, resolution: Resolution) -> None:
        how = Deed(verb=Verb.RESOLVE, key="k", choice=resolution)
        after = doing(case(), how, AGENT, {}, LATER).after
        assert (after.resolution, after.closed) == (resolution, LATER)

    @pytest.mark.parametrize("reason", CANCEL_REASONS)
    def test_cancelling_says_why(self, reason: str) -> None:
        why = Deed(verb=Verb.CANCEL, key="k", choice=reason)
        after = doing(case(), why, ANN, {}, LATER).after
        assert (after.cancel_reason, after.closed) == (reason, LATER)

    def test_reopening_forgets_the_resolution(self) -> None:
        closed = case(Status.RESOLVED, resolution=Resolution.PROBLEM_SOLVED)
        after = done(Verb.REOPEN, ANN, closed).after
        assert (after.status, after.resolution, after.closed) == (Status.IN_PROGRESS, None, None)

    def test_the_event_says_who_did_what_from_where(self) -> None:
        change = done(Verb.ASK, AGENT, text="  Which\r\nBTN?\u202e ")
        event = change.event
        assert (event.id, change.key, event.at) == ("k1", "k1", LATER)
        assert (event.by, event.origin) == (actor(AGENT, Role.AGENT), Origin.CHANNEL)
        assert event.text == "Which\nBTN?"
        assert (event.before, event.status) == (Status.SUBMITTED, Status.WAITING_FOR_DETAILS)

    def test_comments_do_not_wait_for_each_other(self) -> None:
        guards = {
            verb: done(verb, AGENT).guard
            for verb in (Verb.COMMENT, Verb.NOTE, Verb.TAKE, Verb.ASK, Verb.RESOLVE)
        }
        assert {verb for verb, guard in guards.items() if guard is Guard.STATUS} == {
            Verb.COMMENT,
            Verb.NOTE,
        }

    def test_contacts_who_were_met_since_become_watchers(self) -> None:
        named = case(contacts=("bob@acme.com",))
        change = doing(named, deed(Verb.TAKE), AGENT, {"bob@acme.com": "bob-id"}, LATER)
        assert change.after.watchers == ("ann-id", "dan-id", "bob-id")
        assert (BOB_, MESSAGE) in heard(change.notices)

    def test_files_are_kept_once(self) -> None:
        more = Deed(verb=Verb.COMMENT, key="k", files=(file("loa", "loa.pdf"), file(mark="1")))
        change = doing(case(), more, ANN, {}, LATER)
        assert [f.field for f in change.after.files] == ["loa", "documents"]
        assert change.event.files == more.files

    def test_what_is_not_touched_stays(self) -> None:
        change = done(Verb.HOLD, AGENT)
        assert change.before == case()
        assert change.after == case(Status.ON_HOLD, updated=LATER, closed=None)


class TestDates:
    """The date that an agent confirms, read from the clocks of the case."""

    def confirm(self, typed: str, to: Case | None = None) -> Change:
        date, time = typed.split(" ")
        how = Deed(verb=Verb.SCHEDULE, key=f"k {typed}", text="Agreed.", date=date, time=time)
        return doing(to or case(), how, AGENT, {}, LATER)

    def test_it_is_kept_on_the_case_and_in_the_event(self) -> None:
        change = self.confirm("2026-12-08 10:00")
        at = datetime(2026, 12, 8, 9, tzinfo=UTC)
        expected = Confirmed(at=at, zone="Europe/Paris", said=LATER, sequence=0)
        assert change.after.confirmed == change.event.confirmed == expected
        assert change.after.status is Status.IN_PROGRESS
        assert change.event.text == "Agreed."

    def test_a_new_date_replaces_it(self) -> None:
        first = self.confirm("2026-12-08 10:00").after
        second = self.confirm("2026-12-09 11:30", first).after
        assert second.confirmed is not None
        assert (second.confirmed.sequence, second.confirmed.at.hour) == (1, 10)

    def test_the_event_of_a_new_date_names_the_one_it_replaces(self) -> None:
        first = self.confirm("2026-12-08 10:00")
        assert first.event.replaces is None
        moved = self.confirm("2026-12-09 11:30", first.after)
        assert moved.event.replaces == first.after.confirmed
        again = self.confirm("2026-12-09 11:30", moved.after)
        assert again.event.replaces is None

    def test_a_cancelled_case_withdraws_it(self) -> None:
        moved = self.confirm("2026-12-09 11:30", self.confirm("2026-12-08 10:00").after).after
        assert moved.dated == moved.confirmed
        assert moved.confirmed is not None
        cancelled = done(Verb.CANCEL, ANN, moved).after
        withdrawn = moved.confirmed.but(sequence=2, said=LATER, withdrawn=True)
        assert cancelled.dated == withdrawn
        assert done(Verb.CANCEL, ANN).after.dated is None

    def test_a_resolved_case_keeps_it(self) -> None:
        dated = self.confirm("2026-12-08 10:00").after
        assert done(Verb.RESOLVE, AGENT, dated).after.dated == dated.confirmed

    def test_other_deeds_leave_it(self) -> None:
        dated = self.confirm("2026-12-08 10:00").after
        for verb in (Verb.HOLD, Verb.COMMENT, Verb.RESOLVE):
            change = done(verb, AGENT, dated)
            assert change.after.confirmed == dated.confirmed
            assert change.event.confirmed is None

    @pytest.mark.parametrize(
        "answers, country, zone",
        [
            ({"when": {"at": "2026-12-01T09:00:00Z", "zone": "Pacific/Honolulu"}}, "US", None),
            (
                {"when": {"at": "2026-12-01T09:00:00Z", "zone": "Mars/Base"}},
                "US",
                "America/New_York",
            ),
            ({"when": {"at": "2026-12-01T09:00:00Z", "zone": "Atlantic/Canary"}}, "ES", None),
            ({}, "ES", "Europe/Madrid"),
            ({}, "US", "America/New_York"),
            ({}, "PL", "Europe/Warsaw"),
        ],
    )
    def test_the_zone_is_the_cases_own_else_its_countrys(
        self, answers: dict[str, JsonValue], country: str, zone: str | None
    ) -> None:
        own = case(answers=answers, country=country)
        when = answers.get("when")
        assert zone_of(own) == (zone or (isinstance(when, dict) and when["zone"]))

    @pytest.mark.parametrize(
        "typed, code, input_id",
        [
            (" ", "required", "schedule_date"),
            ("2026-12-08 ", "required", "schedule_time"),
            ("8.12.2026 10:00", "not_a_date", "schedule_date"),
            ("2026-11-20 10:00", "past", "schedule_date"),
            ("2026-12-05 10:00", "port_weekend", "schedule_date"),
            ("2026-12-25 10:00", "port_holiday", "schedule_date"),
            ("2029-12-05 10:00", "too_far", "schedule_date"),
        ],
    )
    def test_what_can_never_be_is_refused(self, typed: str, code: str, input_id: str) -> None:
        with pytest.raises(Rejected) as caught:
            self.confirm(typed)
        assert (caught.value.code, caught.value.input_id) == (code, input_id)
        assert self.confirm("2026-12-08 10:00").after.confirmed

    def test_the_window_of_mexico_holds_for_agents_too(self) -> None:
        when = {"at": "2026-12-08T11:00:00Z", "zone": "America/Cancun"}
        mexican = case(country="MX", answers={**ANSWERS, "country": "MX", "when": when})
        with pytest.raises(Rejected) as caught:
            self.confirm("2026-12-08 10:00", mexican)
        assert caught.value.code == "port_window"
        assert self.confirm("2026-12-08 08:30", mexican).after.confirmed

    def test_the_days_told_to_the_desk_wait_for_no_carrier(self) -> None:
        with pytest.raises(Rejected) as caught:
            self.confirm("2026-11-26 10:00")
        assert caught.value.params["slots"] == ["2026-11-27", "2026-11-30", "2026-12-01"]
        assert self.confirm("2026-11-27 10:00").after.confirmed

    def test_sooner_than_usual_may_be_confirmed(self) -> None:
        assert self.confirm("2026-11-23 10:00").after.confirmed


class TestRefusals:
    @pytest.mark.parametrize("verb", [Verb.COMMENT, Verb.NOTE, Verb.ASK])
    @pytest.mark.parametrize("text", ["", " \n", "\u200b"])
    def test_some_verbs_say_nothing_without_words(self, verb: Verb, text: str) -> None:
        with pytest.raises(Rejected) as caught:
            done(verb, AGENT, text=text)
        assert (caught.value.code, caught.value.input_id) == ("required", "text")

    def test_a_file_is_worth_words(self) -> None:
        bare = Deed(verb=Verb.COMMENT, key="k", files=(file(),))
        assert doing(case(), bare, ANN, {}, LATER).event.text == ""

    def test_a_comment_has_bounds(self) -> None:
        assert done(Verb.COMMENT, ANN, text="😀" * LONGEST_COMMENT).event.text
        with pytest.raises(Rejected) as caught:
            done(Verb.COMMENT, ANN, text="x" * (LONGEST_COMMENT + 1))
        assert caught.value.code == "too_long"
        assert caught.value.params == {"most": LONGEST_COMMENT, "is_now": LONGEST_COMMENT + 1}

    @pytest.mark.parametrize(
        "verb, input_id", [(Verb.RESOLVE, "resolution"), (Verb.CANCEL, "cancel_reason")]
    )
    @pytest.mark.parametrize("choice", ["", "whatever"])
    def test_a_choice_must_be_one_of_the_options(
        self, verb: Verb, input_id: str, choice: str
    ) -> None:
        with pytest.raises(Rejected) as caught:
            doing(case(), Deed(verb=verb, key="k", choice=choice), ANN, {}, LATER)
        assert caught.value.input_id == input_id

    def test_a_case_takes_so_many_files(self) -> None:
        some = tuple(file(mark=f"{at:x}") for at in range(MOST_FILES))
        assert with_files((), some) == some
        assert with_files(some, some) == some
        with pytest.raises(Rejected) as caught:
            with_files(some, (file(mark="f"),))
        assert (caught.value.code, caught.value.params) == ("too_many_files", {"most": MOST_FILES})


class TestRoles:
    def test_a_role_comes_from_who_is_speaking(self) -> None:
        assert {role: role_in(case(), speaker) for role, speaker in SPEAKERS.items()} == {
            role: role for role in Role
        }

    def test_another_companys_case_is_not_there(self) -> None:
        with pytest.raises(NotFound) as caught:
            role_in(case(), EVE)
        assert caught.value.params == {"number": "TNS-000123"}

    def test_the_same_user_id_in_another_tenant_is_somebody_else(self) -> None:
        with pytest.raises(NotFound):
            role_in(case(), ANN.but(tenant=EVE.tenant))


class TestOpening:
    def test_a_draft_becomes_a_case(self) -> None:
        opened, event, _ = opening(draft(), ANN, {}, NOW)
        assert opened == case(
            number="", watchers=("ann-id",), due=opened.due, answers=opened.answers
        )
        assert opened.answers == ANSWERS
        assert (event.id, event.verb, event.before) == ("draft-1:open", Verb.OPEN, None)
        assert not event.moved

    def test_an_inquiry_has_no_type(self) -> None:
        answers = {**ANSWERS, "category": "general_inquiry"}
        opened = opening(draft(answers=answers), ANN, {}, NOW)[0]
        assert (opened.category, opened.type) == (Category.GENERAL_INQUIRY, None)

    def test_severity_decides_when_the_first_answer_is_due(self) -> None:
        answers = {**ANSWERS, "severity": "a", "impact": "Nobody can call"}
        opened = opening(draft(answers=answers), ANN, {}, NOW)[0]
        assert opened.severity is Severity.A
        assert opened.due == NOW + timedelta(hours=1)

    def test_watchers_are_told_once_each_the_requester_first(self) -> None:
        known = {"a@x": "ann-id", "b@x": "bob-id", "b2@x": "bob-id"}
        assert watching("ann-id", ("b@x", "a@x", "b2@x", "c@x"), known) == ("ann-id", "bob-id")
