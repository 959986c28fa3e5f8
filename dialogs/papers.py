"""Files as papers: which paper a file is, what it takes the place of, and what is said of it."""

from collections.abc import Container, Sequence

from cards.papers import FILE_INPUT, REMOVE, file_mark
from cards.press import Ask, Press
from cards.problems import refused_line
from cases import papers
from cases.catalogue import CASE_TYPES, DOCUMENTS
from cases.deeds import with_files
from cases.errors import Rejected
from cases.kinds import NumberList, Typed
from cases.model import Draft, FileRef
from cases.papers import Item, State, checklist_of
from dialogs.intake import type_of
from dialogs.understanding import paper_in
from strings import Text

ABOUT_PAPERS = frozenset({Ask.REPLACE, Ask.REMOVE, Ask.VOUCH, Ask.PLACE, Ask.ALSO})
"""Buttons of the checklist."""
KNOWN_BY = frozenset({"category", "country", "case_type"})
"""Stages whose answers say which papers are asked for."""

Filed = tuple[Draft, str]
"""A draft after a file or a button, and what is said of it."""


def filed(draft: Draft, file: FileRef, earlier: Sequence[FileRef], text: Text) -> Filed:
    """Return the draft with a file that arrived in its place; raises `Rejected`.

    A paper that was there before this message (`earlier`) is replaced; what comes in one message
    belongs together, as the pages of a letter do. A file that is here already counts once, unless
    its name or the button that was pressed says which other paper it is as well.
    """
    items = checklist_of(draft)
    told_by = _told_by(draft, items, file)
    place = told_by or _likeliest(items, file)
    asked = {item.paper.id for item in items}
    twins = [known for known in draft.files if known.sha256 == file.sha256]
    same = [twin for twin in twins if twin.field in asked] if not told_by else []
    same = same or [twin for twin in twins if twin.field == place]
    if same:
        return _again(draft, file, same[0], items, text)
    arrived = file.but(field=place)
    after, said = _arrived(draft, arrived, _replaced(draft, arrived, earlier, asked), text)
    if not told_by and _is_guess(items, file):
        after = after.but(unsure={**after.unsure, papers.spot(arrived): Ask.PLACE})
        said = f"{said} {text('files.guessed')}"
    also = [twin for twin in twins if twin.field in asked]
    return after, f"{said} {_same_as(also[0], text)}" if also else said


def _arrived(draft: Draft, file: FileRef, replaced: Sequence[FileRef], text: Text) -> Filed:
    kept = tuple(known for known in draft.files if known not in replaced)
    files = papers.covered(with_files(kept, (file,)), draft.answers)
    after = draft.but(files=files, awaited=_still_awaited(draft, file.field))
    return _relieved(after), _said(draft, file, replaced, text)


def _told_by(draft: Draft, items: Sequence[Item], file: FileRef) -> str:
    """Return the paper that a file is said to be: by Replace, else by its name; empty if none."""
    possible = papers.places(items, file)
    if draft.asked == "papers" and draft.awaited in possible:
        return draft.awaited
    return paper_in(file.name, possible)


def _likeliest(items: Sequence[Item], file: FileRef) -> str:
    """Return where a file goes that nothing tells of: where one is missing, else is outdated.

    Of several outdated papers none is replaced unasked.
    """
    wanted = papers.open_places(items, file)
    missing = {item.paper.id for item in items if item.state is State.MISSING}
    is_clear = len(wanted) == 1 or not missing.isdisjoint(wanted)
    return wanted[0] if is_clear else DOCUMENTS


def _is_guess(items: Sequence[Item], file: FileRef) -> bool:
    return len(papers.open_places(items, file)) > 1


def _replaced(
    draft: Draft, arrived: FileRef, earlier: Sequence[FileRef], asked: Container[str]
) -> tuple[FileRef, ...]:
    """Return the files that one takes the place of: those of its paper, and itself elsewhere."""
    if arrived.field == DOCUMENTS:
        return ()
    before = {papers.spot(known) for known in earlier}
    return tuple(
        known
        for known in draft.files
        if (known.field == arrived.field and papers.spot(known) in before)
        or (known.sha256 == arrived.sha256 and known.field not in asked)
    )


def _still_awaited(draft: Draft, place: str) -> str:
    return "" if place == draft.awaited else draft.awaited


def _again(draft: Draft, file: FileRef, twin: FileRef, items: Sequence[Item], text: Text) -> Filed:
    """Say that a file is here already.

    Whoever drops an outdated letter again gives their word for it, as the button does, and is told.
    """
    names = {"name": file.name, "label": text(f"field.{twin.field}.label")}
    after = draft.but(awaited=_still_awaited(draft, twin.field))
    if any(item.paper.id == twin.field and item.state is State.STALE for item in items):
        vouched, _ = _vouch(after, twin.field, text)
        return _relieved(vouched), text("files.same_letter", **names)
    if twin.name == file.name or not papers.open_places(items, twin):
        return after, text("files.same", **names)
    verb = Ask.PLACE if twin.field == DOCUMENTS else Ask.ALSO
    unsure = {**after.unsure, papers.spot(twin): verb}
    return after.but(unsure=unsure), text("files.same_elsewhere", old=twin.name, **names)


def _same_as(twin: FileRef, text: Text) -> str:
    return text("files.same_content", old=twin.name, label=text(f"field.{twin.field}.label"))


def _said(draft: Draft, file: FileRef, replaced: Sequence[FileRef], text: Text) -> str:
    """Return what is said of a file that was taken: where it is, and what it took the place of."""
    label = text(f"field.{file.field}.label")
    old = [known for known in replaced if known.field == file.field]
    if old:
        return text("files.replaced", name=file.name, label=label, old=old[0].name)
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
    files = papers.covered(_renewed(draft, sorted_files(draft, typed)), draft.answers)
    return draft.but(files=files, awaited="", unsure={})


def _renewed(draft: Draft, files: Sequence[FileRef]) -> tuple[FileRef, ...]:
    """Return sorted files without those of an outdated paper that another was given to."""
    before = {papers.spot(file) for file in draft.files}
    given = {file.field for file in files if papers.spot(file) not in before}
    stale = {i.paper.id for i in checklist_of(draft) if i.state is State.STALE} & given
    return tuple(f for f in files if f.field not in stale or papers.spot(f) not in before)


def pressed(draft: Draft, press: Press, typed: Typed, text: Text) -> Filed:
    """Do what a button of the checklist asks for, with the files as it sorts them."""
    if press.verb == Ask.REMOVE:
        after, note = _removed(draft, press.value, typed, text)
    elif press.verb == Ask.PLACE:
        after, note = _placed(draft, press.value, typed, text)
    else:
        acts = {Ask.REPLACE: _replace, Ask.VOUCH: _vouch, Ask.ALSO: _also}
        after, note = acts[Ask(press.verb)](sorted_by(draft, typed), press.value, text)
    return _relieved(after), note


def _offered(draft: Draft, value: str) -> tuple[int, str]:
    """Return which file a button means and for which paper; raises `ValueError` if none."""
    mark, _, paper = value.rpartition(":")
    at = [file_mark(at, file) for at, file in enumerate(draft.files)].index(mark)
    if paper not in papers.places(checklist_of(draft), draft.files[at]):
        raise ValueError("the checklist has no such paper for the file")
    return at, paper


def _placed(draft: Draft, value: str, typed: Typed, text: Text) -> Filed:
    """Give a file the place that was chosen for it."""
    try:
        at, paper = _offered(draft, value)
    except ValueError:
        return sorted_by(draft, typed), ""
    after = sorted_by(draft, {**typed, f"{FILE_INPUT}{at}": paper})
    moved = draft.files[at].but(field=paper)
    gone = [f for f in draft.files if f.field == paper and f not in after.files]
    return after, _said(draft, moved, gone, text)


def _also(draft: Draft, value: str, text: Text) -> Filed:
    """Let a file serve for one more paper, as one scan of two may."""
    try:
        at, paper = _offered(draft, value)
    except ValueError:
        return draft, ""
    file = draft.files[at].but(field=paper, covers={})
    try:
        files = with_files(draft.files, (file,))
    except Rejected as refusal:
        return draft, refused_line(file.name, refusal, text)
    after = draft.but(files=papers.covered(files, draft.answers))
    return after, _said(draft, file, (), text)


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
