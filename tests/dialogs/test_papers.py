"""Files as papers: which paper a file is, what it takes the place of, and what the buttons do."""

import pytest
from pydantic import JsonValue

from cards.papers import file_mark
from cards.press import Ask, Press
from cases import papers as rules
from cases.catalogue import DOCUMENTS
from cases.errors import Rejected
from cases.model import Draft, FileRef, Problem
from cases.papers import State, checklist_of
from cases.vocabulary import CaseType
from dialogs.papers import filed, pressed, settled, sorted_by, sorted_files
from strings import text_for
from tests.cases.samples import ANSWERS, draft, file, papers

TEXT = text_for("en")
SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def mexico(**members: object) -> Draft:
    return draft(asked="papers", answers={**ANSWERS, "country": "MX"}, files=()).but(**members)


def place(here: Draft, name: str, mark: str = "9", kind: str = "application/pdf") -> str:
    arrived = file("", name, mark).but(media_type=kind)
    after, _ = filed(here, arrived, here.files, TEXT)
    return next(f.field for f in after.files if f.sha256 == arrived.sha256)


def drop(here: Draft, *files: FileRef) -> tuple[Draft, list[str]]:
    """Drop files in one message."""
    notes, earlier = [], here.files
    for each in files:
        here, note = filed(here, each, earlier, TEXT)
        notes.append(note)
    return here, notes


def press(here: Draft, verb: Ask, value: str, **typed: str) -> tuple[Draft, str]:
    return pressed(here, Press(verb=verb, value=value), typed, TEXT)


def states(here: Draft) -> dict[str, str]:
    return {item.paper.id: str(item.state) for item in checklist_of(here)}


class TestPlacing:
    @pytest.mark.parametrize(
        "name, paper",
        [
            ("LOA signed.pdf", "loa"),
            ("letter_of_authorization.pdf", "loa"),
            ("lettre d'autorisation.pdf", "loa"),
            ("passport-ann.jpg", "signatory_id"),
            ("Power_of_Attorney_v2.docx", "power_of_attorney"),
            ("invoice 2026-10.pdf", "carrier_invoice"),
            ("facture.pdf", "carrier_invoice"),
            ("scan0001.pdf", "loa"),
            ("poa2.pdf", "power_of_attorney"),
        ],
    )
    def test_a_file_is_placed_by_its_name_else_where_one_is_missing(
        self, name: str, paper: str
    ) -> None:
        assert place(mexico(), name) == paper

    @pytest.mark.parametrize(
        "name, paper",
        [
            ("early_termination_loa.pdf", "early_termination_loa"),
            ("LOA early termination.pdf", "early_termination_loa"),
            ("loa.pdf", "loa"),
            ("proof of address.pdf", "address_proof"),
        ],
    )
    def test_the_longest_name_tells(self, name: str, paper: str) -> None:
        dutch = mexico(answers={**ANSWERS, "country": "NL"})
        assert place(dutch, name) == paper
        assert place(dutch.but(files=(file("loa"),)), name) == paper

    def test_a_file_without_a_telling_name_takes_the_next_place(self) -> None:
        here = mexico(files=(file("loa"),))
        assert place(here, "scan.pdf") == "power_of_attorney"

    def test_what_nothing_asks_for_is_a_document(self) -> None:
        complete = mexico(files=papers(CaseType.PORT_IN, "MX"))
        assert place(complete, "map.pdf") == DOCUMENTS
        inquiry = draft(answers={**ANSWERS, "category": "general_inquiry"}, files=())
        assert place(inquiry, "loa.pdf") == DOCUMENTS

    def test_no_file_is_taken_for_what_is_only_helpful(self) -> None:
        here = draft(asked="papers", files=(file("loa"),))
        assert states(here)["address_proof"] == State.HELPFUL
        assert place(here, "scan.pdf") == DOCUMENTS
        assert place(here, "kbis.pdf") == "address_proof"

    @pytest.mark.parametrize("kind", ["text/csv", "text/plain", "message/rfc822", SHEET])
    def test_a_table_or_a_text_is_no_paper(self, kind: str) -> None:
        assert place(mexico(), "loa.csv", kind=kind) == DOCUMENTS
        assert place(mexico(awaited="loa"), "loa.csv", kind=kind) == DOCUMENTS

    def test_it_is_told_that_a_list_did_not_change_the_numbers(self) -> None:
        _, notes = drop(mexico(), file("", "numbers.csv").but(media_type="text/csv"))
        assert "The numbers of the case stay as they are" in notes[0]
        new = mexico(answers={**ANSWERS, "country": "AT", "case_type": "new_numbers"})
        _, notes = drop(new, file("", "bill.csv").but(media_type="text/csv"))
        assert "papers come as PDF, picture or Word file" in notes[0]

    def test_the_eleventh_file_is_refused(self) -> None:
        here = mexico(files=tuple(file(mark=f"{at:x}") for at in range(10)))
        with pytest.raises(Rejected) as caught:
            drop(here, file("", "loa.pdf", "f"))
        assert caught.value.code == "too_many_files"

    def test_a_tenth_file_may_be_replaced(self) -> None:
        here = mexico(files=(file("loa"), *(file(mark=f"{at:x}") for at in range(1, 10))))
        after, _ = drop(here, file("", "loa.pdf", "f"))
        assert len(after.files) == 10


class TestSeveralOpen:
    def both_outdated(self) -> Draft:
        """A port of both kinds of number, whose two letters were signed for other answers."""
        mixed: JsonValue = {"count": 1, "numbers": ["+1"], "kinds": {"toll_free": 1, "mobile": 1}}
        answers = {**ANSWERS, "country": "US", "numbers": mixed, "account_name": "Fabrikam"}
        old = {"account_name": rules.mark("Contoso")}
        letters = (file("loa", "loa.pdf", "1"), file("loa_toll_free", "free.pdf", "2"))
        return mexico(answers=answers, files=tuple(f.but(covers=old) for f in letters))

    def test_none_of_several_outdated_papers_is_replaced_unasked(self) -> None:
        here = self.both_outdated()
        assert set(states(here).values()) == {State.STALE}
        after, notes = drop(here, file("", "scan.pdf", "3"))
        assert [f.field for f in after.files] == ["loa", "loa_toll_free", DOCUMENTS]
        assert "choose the right paper" in notes[0]
        assert after.unsure == {f"{DOCUMENTS}:{'3' * 12}": "place"}
        chosen, note = press(after, Ask.PLACE, f"{file_mark(2, after.files[2])}:loa_toll_free")
        assert [f.name for f in chosen.files] == ["loa.pdf", "scan.pdf"]
        assert states(chosen) == {"loa": State.STALE, "loa_toll_free": State.HERE}
        assert "in place of “free.pdf”" in note
        assert chosen.unsure == {}
        last, _ = drop(chosen, file("", "scan 2.pdf", "4"))
        assert set(states(last).values()) == {State.HERE}

    def test_a_file_sorted_to_an_outdated_paper_takes_its_place(self) -> None:
        after, _ = drop(self.both_outdated(), file("", "scan.pdf", "3"))
        chosen = sorted_by(after, {"file_2": "loa"})
        assert [f.name for f in chosen.files] == ["free.pdf", "scan.pdf"]

    def test_a_missing_paper_comes_before_an_outdated_one(self) -> None:
        old = file("loa", "loa.pdf", "1").but(covers={"account_name": rules.mark("Contoso")})
        here = mexico(files=(old,)).but(
            answers={**ANSWERS, "country": "NL", "account_name": "Fabrikam"}
        )
        assert states(here)["loa"] == State.STALE
        after, _ = drop(here, file("", "scan.pdf", "3"))
        assert [f.field for f in after.files] == ["loa", "early_termination_loa"]
        assert list(after.unsure.values()) == ["place"]

    def test_what_is_clear_is_not_offered(self) -> None:
        after, notes = drop(draft(asked="papers", files=()), file("", "scan.pdf"))
        assert (after.files[0].field, after.unsure) == ("loa", {})
        assert "choose" not in notes[0]

    @pytest.mark.parametrize("verb", [Ask.PLACE, Ask.ALSO])
    @pytest.mark.parametrize("value", ["", "x", "0:000000000000:title", "7:000000000000:loa"])
    def test_what_no_checklist_offers_does_nothing(self, verb: Ask, value: str) -> None:
        here = mexico(files=(file(),))
        after, note = press(here, verb, value)
        assert ([f.field for f in after.files], note) == ([DOCUMENTS], "")


class TestTheSameContent:
    def test_it_counts_once_whatever_its_name(self) -> None:
        here, _ = drop(mexico(), file("", "LOA signed.pdf"))
        after, notes = drop(here, file("", "otherName.pdf"))
        assert after.files == here.files
        assert "the same file as “LOA signed.pdf”" in notes[0]
        both, note = press(after, Ask.ALSO, f"{file_mark(0, after.files[0])}:power_of_attorney")
        assert [f.field for f in both.files] == ["loa", "power_of_attorney"]
        assert "as: Power of attorney" in note

    def test_in_one_message_it_counts_once_too(self) -> None:
        after, notes = drop(mexico(), file("", "one.pdf"), file("", "two.pdf"))
        assert [f.field for f in after.files] == ["loa"]
        assert "It is not counted twice" in notes[1]

    def test_what_is_another_document_becomes_a_paper_and_is_no_document_any_more(self) -> None:
        here = mexico(files=(file(DOCUMENTS, "map.pdf"),))
        after, _ = drop(here, file("", "loa.pdf"))
        assert [(f.field, f.name) for f in after.files] == [("loa", "loa.pdf")]

    def test_a_full_case_has_no_room_for_it_twice(self) -> None:
        here = mexico(files=(file("loa"), *(file(mark=f"{at:x}") for at in range(1, 10))))
        after, note = press(here, Ask.ALSO, f"{file_mark(0, here.files[0])}:power_of_attorney")
        assert len(after.files) == 10
        assert "at most 10 files" in note


class TestReplacing:
    def test_a_file_of_the_same_name_takes_the_place_of_the_one_before(self) -> None:
        here = mexico(files=(file("loa", "loa.pdf"), file(name="map.pdf", mark="1")))
        after, notes = drop(here, file("", "LOA v2.pdf", "2"))
        assert [(f.field, f.name) for f in after.files] == [
            (DOCUMENTS, "map.pdf"),
            ("loa", "LOA v2.pdf"),
        ]
        assert "in place of “loa.pdf”" in notes[0]

    def test_what_comes_in_one_message_belongs_together(self) -> None:
        pages = (file("", "loa page 1.png", "1"), file("", "loa page 2.png", "2"))
        after, _ = drop(mexico(), *pages)
        assert [f.field for f in after.files] == ["loa", "loa"]
        again, _ = drop(after, file("", "loa.pdf", "3"))
        assert [f.name for f in again.files] == ["loa.pdf"]

    def test_the_next_file_goes_where_replace_was_pressed(self) -> None:
        here = mexico(files=papers(CaseType.PORT_IN, "MX"))
        waiting, note = press(here, Ask.REPLACE, "signatory_id")
        assert waiting.awaited == "signatory_id"
        assert "Identity document" in note
        after, _ = drop(waiting, file("", "loa photo.png", "9"), file("", "loa.pdf", "a"))
        assert after.awaited == ""
        places = {f.name: f.field for f in after.files}
        assert places["loa photo.png"] == "signatory_id", "whatever its name says"
        assert places["loa.pdf"] == "loa"
        assert "signatory_id.pdf" not in places

    def test_what_is_not_on_the_list_cannot_be_waited_for(self) -> None:
        assert press(mexico(), Ask.REPLACE, "tri_party_agreement") == (mexico(), "")

    def test_elsewhere_nothing_is_waited_for(self) -> None:
        elsewhere = mexico(asked="about", awaited="signatory_id")
        assert place(elsewhere, "scan.pdf") == "loa"

    def test_going_on_waits_no_longer(self) -> None:
        assert sorted_by(mexico(awaited="loa"), {}).awaited == ""

    def test_a_problem_goes_once_the_paper_is_here(self) -> None:
        wrong = {"loa": Problem(code="paper_missing"), "transfer_letter": Problem(code="x")}
        after, _ = drop(mexico(problems=wrong), file("", "loa.pdf"))
        assert set(after.problems) == {"transfer_letter"}


class TestRemoving:
    def test_a_file_is_taken_away_and_what_was_chosen_holds(self) -> None:
        here = mexico(files=(file("loa", mark="1"), file(mark="2"), file(mark="3")))
        after, note = press(
            here, Ask.REMOVE, file_mark(0, here.files[0]), file_1="loa", file_2=DOCUMENTS
        )
        assert [(f.field, f.sha256[0]) for f in after.files] == [("loa", "2"), (DOCUMENTS, "3")]
        assert "taken away" in note

    def test_what_is_gone_stays_gone(self) -> None:
        here = mexico(files=(file("loa", mark="1"),))
        after, note = press(here, Ask.REMOVE, "0:222222222222")
        assert [f.sha256 for f in after.files] == [here.files[0].sha256]
        assert note == ""


class TestSorting:
    def test_the_checklist_sorts_and_removes(self) -> None:
        here = mexico(files=(file("loa"), file("signatory_id", mark="1"), file(mark="2")))
        typed = {"file_0": "signatory_id", "file_1": "remove", "file_2": "loa"}
        assert [f.field for f in sorted_files(here, typed)] == ["signatory_id", "loa"]
        assert sorted_files(here, {}) == here.files

    @pytest.mark.parametrize(
        "place", ["nonsense", "title", "numbers", "__class__", "tri_party_agreement"]
    )
    def test_a_file_goes_to_no_place_that_is_not_offered(self, place: str) -> None:
        here = mexico(files=(file("loa"),))
        assert sorted_files(here, {"file_0": place}) == here.files

    def test_a_table_cannot_be_made_a_paper(self) -> None:
        here = mexico(files=(file().but(media_type="text/csv"),))
        assert sorted_files(here, {"file_0": "loa"}) == here.files

    def test_files_that_came_early_find_their_place_once_it_is_known(self) -> None:
        early = (file(name="loa.pdf"), file(name="map.pdf", mark="1"))
        after = settled(mexico(files=early), "case_type")
        assert [f.field for f in after.files] == ["loa", DOCUMENTS]
        assert after.files[0].covers

    def test_a_place_that_someone_chose_stands(self) -> None:
        chosen = mexico(files=(file(name="loa.pdf"),))
        assert settled(chosen, "about").files == chosen.files


class TestStaleLetters:
    def test_another_answer_makes_the_letter_stale_until_someone_vouches(self) -> None:
        here, _ = drop(mexico(), file("", "loa.pdf"))
        changed = here.but(answers={**here.answers, "account_name": "Contoso"})
        assert states(changed)["loa"] == State.HERE, "it was not answered before"
        changed = settled(changed, "details")
        changed = changed.but(answers={**changed.answers, "account_name": "Fabrikam"})
        assert states(settled(changed, "details"))["loa"] == State.STALE
        after, note = press(changed, Ask.VOUCH, "loa")
        assert states(after)["loa"] == State.HERE
        assert "as they are now" in note

    def test_a_new_letter_is_signed_for_the_new_answers(self) -> None:
        here, _ = drop(mexico(), file("", "loa.pdf"))
        changed = here.but(answers={**here.answers, "numbers": numbers("+525512345678")})
        assert states(changed)["loa"] == State.STALE
        after, _ = drop(changed, file("", "loa new.pdf", "5"))
        assert states(after)["loa"] == State.HERE
        again, notes = drop(changed, file("", "loa.pdf"))
        assert states(again)["loa"] == State.HERE
        assert "the same file as before" in notes[0]

    def test_only_a_letter_can_be_vouched_for(self) -> None:
        here = mexico(files=(file("signatory_id"),))
        assert press(here, Ask.VOUCH, "signatory_id")[1] == ""
        assert rules.LETTERS == ("loa", "loa_toll_free")


def numbers(*named: str) -> dict[str, object]:
    return {"count": len(named), "numbers": list(named), "file": "cd" * 32}
