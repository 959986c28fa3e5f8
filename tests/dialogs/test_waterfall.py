"""The engine on stages of its own: answers by name, whatever a deploy does to the stages."""

from collections.abc import Callable
from itertools import permutations

import pytest

from cards import Message
from cards.intake import Sheet
from cases.fields import Reading
from cases.kinds import Asked, Typed
from cases.model import DRAFT_SCHEMA, Draft, Problem
from dialogs import migrations
from dialogs.waterfall import REMEMBERED, Heard, Stage, Waterfall, consumed, fingerprint
from strings import text_for
from tests.cases.samples import ACME, NOW

ASKED = Asked(now=NOW)


def always(_draft: Draft) -> bool:
    return True


def stage(
    name: str, *, applies: Callable[[Draft], bool] = always, depends: tuple[str, ...] = ()
) -> Stage:
    """A stage that asks for one word of at most five letters."""

    def read(_draft: Draft, typed: Typed, _asked: Asked) -> Reading:
        word = typed.get(name, "")
        if not word or len(word) > 5:
            return Reading({}, {name: Problem(code="required")})
        return Reading({name: word}, {})

    def card(sheet: Sheet, _asked: Asked) -> Message:
        return Message(
            f"{name} {sheet.step}/{sheet.steps} {dict(sheet.typed)} {list(sheet.problems)}"
        )

    def spell(draft: Draft, _asked: Asked) -> dict[str, str]:
        return {name: str(draft.answers[name])} if name in draft.answers else {}

    def hear(_draft: Draft, said: str, _asked: Asked) -> Heard | None:
        return Heard({name: said})

    return Stage(name, applies, card, read, spell, hear, depends)


def without(_draft: Draft, _typed: Typed, _asked: Asked) -> Reading:
    return Reading({}, {})


A, B, C = stage("a"), stage("b", depends=("a",)), stage("c")
REVIEW = Stage("review", always, C.card, without, lambda _d, _a: {}, C.hear)
ABC = Waterfall((A, B, C, REVIEW))


def blank(**members: object) -> Draft:
    return Draft(id="d", tenant=ACME, user="ann-id", created=NOW, updated=NOW).but(**members)


def says(draft: Draft, word: str, flow: Waterfall = ABC) -> Draft:
    """Answer whatever is asked."""
    return flow.answer(draft, {flow.stage(draft).name: word}, ASKED)


def filled(flow: Waterfall = ABC) -> Draft:
    draft = flow.ask(blank())
    for word in ("one", "two", "three"):
        draft = says(draft, word, flow)
    return draft


def test_stages_are_asked_in_their_order() -> None:
    draft = ABC.ask(blank())
    seen = [draft.asked]
    for word in ("one", "two", "three"):
        assert not ABC.complete(draft)
        draft = says(draft, word)
        seen.append(draft.asked)
    assert seen == ["a", "b", "c", "review"]
    assert draft.answers == {"a": "one", "b": "two", "c": "three"}
    assert draft.finished == ("a", "b", "c")
    assert ABC.complete(draft)


def test_a_wrong_answer_keeps_what_was_typed_and_moves_nothing() -> None:
    draft = says(ABC.ask(blank()), "much too long")
    assert (draft.asked, draft.finished, draft.answers) == ("a", (), {})
    assert draft.typed == {"a": "much too long"}
    assert draft.problems == {"a": Problem(code="required")}
    better = says(draft, "one")
    assert (better.asked, better.typed, better.problems) == ("b", {}, {})


def test_a_card_shows_what_was_typed_over_what_was_answered() -> None:
    draft = ABC.ask(filled(), "b")
    assert ABC.card(draft, ASKED, text_for("en")).summary == "b 2/4 {'b': 'two'} []"
    wrong = says(draft, "much too long")
    shown = ABC.card(wrong, ASKED, text_for("en")).summary
    assert shown == "b 2/4 {'b': 'much too long'} ['b']"


def test_back_opens_the_stage_before() -> None:
    draft = ABC.back(says(ABC.ask(blank()), "one"))
    assert (draft.asked, draft.finished, draft.answers) == ("a", (), {"a": "one"})
    assert ABC.back(draft).asked == "a"
    assert ABC.back(filled()).asked == "c"


def test_back_and_forth_forgets_no_answer() -> None:
    draft = filled()
    for _ in range(5):
        draft = ABC.back(draft)
    assert draft.asked == "a"
    assert draft.answers == filled().answers
    for word in ("one", "two", "three"):
        draft = says(draft, word)
    assert draft == filled()


def test_a_change_returns_to_the_review() -> None:
    changed = ABC.ask(filled(), "c")
    assert (changed.asked, changed.finished) == ("c", ("a", "b"))
    assert not ABC.complete(changed)
    after = says(changed, "new")
    assert after.asked == "review"
    assert after.answers == {"a": "one", "b": "two", "c": "new"}


def test_what_depends_on_a_new_answer_is_asked_again() -> None:
    after = says(ABC.ask(filled(), "a"), "other")
    assert after.asked == "b"
    assert after.answers["b"] == "two"
    assert says(after, "two").asked == "review"


def test_what_depends_on_the_same_answer_is_not() -> None:
    assert says(ABC.ask(filled(), "a"), "one").asked == "review"


def test_a_stage_with_nothing_to_ask_is_skipped() -> None:
    only_if = stage("b", applies=lambda draft: draft.answers.get("a") == "yes")
    flow = Waterfall((A, only_if, C, REVIEW))
    assert says(flow.ask(blank()), "no", flow).asked == "c"
    assert says(flow.ask(blank()), "yes", flow).asked == "b"
    steps = flow.card(says(flow.ask(blank()), "no", flow), ASKED, text_for("en")).summary
    assert steps.startswith("c 2/3")


def test_a_stage_that_is_unknown_or_not_there_cannot_be_opened() -> None:
    for name in ("nonsense", "__class__", ""):
        assert ABC.ask(filled(), name).asked == "review"
        assert ABC.ask(blank(), name).asked == "a"


# A deploy changes the stages while a form is open.


def test_a_new_stage_is_asked_and_the_answers_stay() -> None:
    new = Waterfall((A, stage("new"), B, C, REVIEW))
    half = says(ABC.ask(blank()), "one")
    assert new.stage(half).name == "b"
    after = says(half, "two", new)
    assert after.asked == "new"
    done = says(says(after, "word", new), "three", new)
    assert done.asked == "review"
    assert done.answers == {"a": "one", "b": "two", "c": "three", "new": "word"}


def test_a_finished_form_is_not_complete_with_a_new_stage() -> None:
    new = Waterfall((A, B, C, stage("new"), REVIEW))
    assert not new.complete(filled())
    assert new.ask(filled()).asked == "new"


@pytest.mark.parametrize("gone", ["a", "b", "c"])
def test_a_stage_that_is_gone_is_not_missed(gone: str) -> None:
    left = Waterfall(tuple(each for each in ABC.stages if each.name != gone))
    asked_then = ABC.ask(filled(), gone)
    assert left.stage(asked_then) is left.stages[-1]
    assert left.complete(filled())
    assert left.ask(asked_then).answers == filled().answers
    assert left.back(asked_then).asked == left.stages[-2].name


def test_an_answer_goes_to_the_stage_that_is_asked_not_to_its_place() -> None:
    for order in permutations((A, B, C)):
        flow = Waterfall((*order, REVIEW))
        half = ABC.ask(filled(), "b")
        assert flow.stage(half).name == "b"
        after = says(half, "new", flow)
        assert after.answers == {"a": "one", "b": "new", "c": "three"}
        assert after.asked == "review"


def test_finished_stages_are_told_in_the_order_of_today() -> None:
    flow = Waterfall((C, A, REVIEW))
    assert flow.finished(filled()) == ("c", "a")


def test_a_draft_survives_as_json() -> None:
    draft = says(filled().but(files=()), "much too long")
    assert Draft.model_validate_json(draft.model_dump_json()) == draft


# Older and newer versions of the answers.


def test_a_draft_of_today_stays_as_it_is() -> None:
    assert migrations.current(filled()) is not None
    assert migrations.current(filled()) == filled()


@pytest.mark.parametrize("version", [0, DRAFT_SCHEMA + 1, 99])
def test_an_unknown_version_starts_again_with_its_answers(version: int) -> None:
    other = says(filled(), "x").but(
        schema_version=version, typed={"a": "x"}, problems={"a": Problem(code="required")}
    )
    now = migrations.current(other)
    assert now.answers == other.answers
    assert (now.asked, now.finished, now.typed, now.problems) == ("", (), {}, {})
    assert now.schema_version == DRAFT_SCHEMA
    opened = ABC.ask(now)
    assert opened.asked == "a"
    assert "'one'" in ABC.card(opened, ASKED, text_for("en")).summary


# Presses


def test_a_press_is_told_from_another() -> None:
    first = fingerprint(("answer", "about", "3"), {"title": "x", "severity": "c"})
    assert first == fingerprint(("answer", "about", "3"), {"severity": "c", "title": "x"})
    others = [
        fingerprint(("answer", "about", "4"), {"title": "x", "severity": "c"}),
        fingerprint(("answer", "papers", "3"), {"title": "x", "severity": "c"}),
        fingerprint(("answer", "about", "3"), {"title": "y", "severity": "c"}),
        fingerprint(("answer", "about", "3"), {"title": "x"}),
    ]
    assert len({first, *others}) == 5
    assert fingerprint(("a",), {"x": "\ud800"})


def test_the_last_presses_are_remembered() -> None:
    draft = blank()
    for at in range(REMEMBERED + 3):
        draft = consumed(draft, str(at))
    assert len(draft.consumed) == REMEMBERED
    assert draft.consumed[-1] == str(REMEMBERED + 2)
