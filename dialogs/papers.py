"""Files as papers: which paper a file is, what it takes the place of, and what is said of it."""

from collections.abc import Sequence

from cards.papers import FILE_INPUT, REMOVE, file_mark
from cards.press import Ask, Press
from cases import papers
from cases.catalogue import CASE_TYPES, DOCUMENTS
from cases.deeds import with_files
from cases.kinds import NumberList, Typed
from cases.model import Draft, FileRef
from cases.papers import Item, State, checklist_of
from dialogs.intake import type_of
from dialogs.understanding import paper_in
from strings import Text

ABOUT_PAPERS = frozenset({Ask.REPLACE, Ask.REMOVE, Ask.VOUCH})
"""Buttons of the checklist."""
KNOWN_BY = frozenset({"category", "country", "case_type"})
"""Stages whose answers say which papers are asked for."""

Filed = tuple[Draft, str]
"""A draft after a file or a button, and what is said of it."""


def filed(draft: Draft, file: FileRef, earlier: Sequence[FileRef], text: Text) -> Filed:
    """Return the draft with a file that arrived in its place; raises `Rejected`.

    A paper that was there before this message (`earlier`) is replaced; what comes in one message
    belongs together, as the pages of a letter do.
    """
    items = checklist_of(draft)
    place = _place(draft, items, file, earlier)
    before = {(known.field, known.sha256) for known in earlier}
    replaced = tuple(
        known
        for known in draft.files
        if known.field == place != DOCUMENTS and (known.field, known.sha256) in before
    )
    kept = tuple(known for known in draft.files if known not in replaced)
    arrived = file.but(field=place)
    files = papers.covered(with_files(kept, (arrived,)), draft.answers)
    awaited = "" if place == draft.awaited else draft.awaited
    after = _relieved(draft.but(files=files, awaited=awaited))
    return after, _said(draft, arrived, replaced, items, text)


def _place(draft: Draft, items: Sequence[Item], file: FileRef, earlier: Sequence[FileRef]) -> str:
    """Return the paper that a file most likely is.

    The one that someone wants to replace, else by its name, else the first that is still missing,
    else where the same file already is, else any document.
    """
    possible = papers.places(items, file)
    if draft.asked == "papers" and draft.awaited in possible:
        return draft.awaited
    missing = [item.paper.id for item in items if item.state is State.MISSING]
    missing = [paper for paper in missing if paper in possible]
    same = [known.field for known in earlier if known.sha256 == file.sha256]
    named = paper_in(file.name, possible)
    return named or next(iter([*missing, *(s for s in same if s in possible)]), DOCUMENTS)


def _said(
    draft: Draft, file: FileRef, replaced: Sequence[FileRef], items: Sequence[Item], text: Text
) -> str:
    """Return what is said of a file that was taken: where it is, and what it took the place of."""
    label = text(f"field.{file.field}.label")
    if replaced:
        same = any(old.sha256 == file.sha256 for old in replaced)
        stale = any(i.paper.id == file.field and i.state is State.STALE for i in items)
        if same:
            return text("files.same_letter" if stale else "files.same", name=file.name, label=label)
        return text("files.replaced", name=file.name, label=label, old=replaced[0].name)
    if papers.may_be_paper(file):
        return text("files.taken", name=file.name, label=label)
    key = "files.no_list_now" if _has_list(draft) else "files.no_paper"
    return text(key, name=file.name, label=label)


def _has_list(draft: Draft) -> bool:
    kind = type_of(draft)
    fields = CASE_TYPES[kind].fields if kind else ()
    return any(isinstance(field.kind, NumberList) for field in fields)


def _relieved(draft: Draft) -> Draft:
    """Return the draft without the problems of papers that are right by now."""
    wrong = papers.problems(checklist_of(draft))
    kept = {
        name: why
        for name, why in draft.problems.items()
        if name not in papers.ALL_PAPERS or name in wrong
    }
    return draft.but(problems=kept)


def sorted_files(draft: Draft, typed: Typed) -> tuple[FileRef, ...]:
    """Return the files as the checklist sorts them; what was marked for removal is gone."""
    items = checklist_of(draft)
    found = []
    for index, file in enumerate(draft.files):
        chosen = typed.get(f"{FILE_INPUT}{index}", "")
        if chosen != REMOVE:
            place = chosen if chosen in papers.places(items, file) else file.field
            found.append(file.but(field=place))
    return tuple(found)


def sorted_by(draft: Draft, typed: Typed) -> Draft:
    """Return the draft with its files as the checklist sorts them, and nothing awaited."""
    files = papers.covered(sorted_files(draft, typed), draft.answers)
    return draft.but(files=files, awaited="")


def pressed(draft: Draft, press: Press, typed: Typed, text: Text) -> Filed:
    """Do what a button of the checklist asks for, with the files as it sorts them."""
    if press.verb == Ask.REMOVE:
        after, note = _removed(draft, press.value, typed, text)
    else:
        act = _replace if press.verb == Ask.REPLACE else _vouch
        after, note = act(sorted_by(draft, typed), press.value, text)
    return _relieved(after), note


def _replace(draft: Draft, paper: str, text: Text) -> Filed:
    """Wait for the file that takes the place of a paper's."""
    if paper not in {item.paper.id for item in checklist_of(draft)}:
        return draft, ""
    return draft.but(awaited=paper), text("papers.drop_now", label=text(f"field.{paper}.label"))


def _removed(draft: Draft, mark: str, typed: Typed, text: Text) -> Filed:
    """Take a file away; one that is gone already stays so."""
    marks = [file_mark(at, file) for at, file in enumerate(draft.files)]
    if mark not in marks:
        return sorted_by(draft, typed), ""
    at = marks.index(mark)
    left = sorted_by(draft, {**typed, f"{FILE_INPUT}{at}": REMOVE})
    return left, text("files.removed", name=draft.files[at].name)


def _vouch(draft: Draft, paper: str, text: Text) -> Filed:
    """Take the word of whoever says that a letter shows the answers that are there now."""
    if paper not in papers.LETTERS:
        return draft, ""
    files = papers.renewed(draft.files, paper, draft.answers)
    return draft.but(files=files), text("papers.vouched", label=text(f"field.{paper}.label"))


def settled(draft: Draft, stage: str) -> Draft:
    """Return the draft after an answer to a stage, with its files as that leaves them.

    Letters cover what was answered now. Once it is known which papers are asked for, files that
    came before are put where their names say.
    """
    files = draft.files
    if stage in KNOWN_BY:
        files = tuple(_by_name(draft, file) for file in files)
    return draft.but(files=papers.covered(files, draft.answers))


def _by_name(draft: Draft, file: FileRef) -> FileRef:
    items = checklist_of(draft)
    empty = [item.paper.id for item in items if not item.files]
    if file.field != DOCUMENTS or not papers.may_be_paper(file):
        return file
    return file.but(field=paper_in(file.name, empty) or DOCUMENTS)
