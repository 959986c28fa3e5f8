"""No sentence for people stands in Python: it would be said in one language only."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.strings.usage import ROOT

PARTS = "TextBlock TextRun line small words heading trouble tagged fact facts"
INPUTS = "TextInput ToggleInput DateInput TimeInput NumberInput ChoiceSetInput ChoiceElement"
BUTTONS = "submit execute unfold OpenUrlAction SubmitAction ExecuteAction ShowCardAction"
MESSAGES = "Message message closed_card said sorry Turn Reply _text_input _choices"
SPEAKING = {name for names in (PARTS, INPUTS, BUTTONS, MESSAGES) for name in names.split()}
"""Functions and elements whose words people read."""
SAID_IN = frozenset({"text", "title", "label", "placeholder", "error_message", "summary", "notice"})
ID = re.compile(r"[a-z_.]+")
"""A key, a command or the id of an element."""
PACKAGES = ("cards", "dialogs", "bot", "delivery")
FILES = sorted(path.relative_to(ROOT) for name in PACKAGES for path in (ROOT / name).rglob("*.py"))


def spoken(source: str) -> list[str]:
    """Words written out where people read them: no keys, and no signs alone."""
    return [said for node in ast.walk(ast.parse(source)) for said in _said(node) if _is_words(said)]


def _said(node: ast.AST) -> Iterator[str]:
    if not isinstance(node, ast.Call):
        return
    if ast.unparse(node.func).rpartition(".")[2] not in SPEAKING:
        return
    arguments = [*node.args, *(k.value for k in node.keywords if k.arg in SAID_IN)]
    for argument in arguments:
        yield from _constants(argument)


def _constants(argument: ast.expr) -> Iterator[str]:
    """Strings of an argument, also within f-strings, sums, lists and choices, not within calls."""
    if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
        yield argument.value
    elif isinstance(argument, ast.JoinedStr):
        yield from (str(part.value) for part in argument.values if isinstance(part, ast.Constant))
    elif isinstance(argument, ast.BinOp):
        yield from (*_constants(argument.left), *_constants(argument.right))
    elif isinstance(argument, ast.IfExp):
        yield from (*_constants(argument.body), *_constants(argument.orelse))
    elif isinstance(argument, ast.List | ast.Tuple):
        yield from (said for element in argument.elts for said in _constants(element))


def _is_words(said: str) -> bool:
    return bool(re.search(r"[^\W\d_]{2}", said)) and not ID.fullmatch(said)


@pytest.mark.parametrize("path", FILES, ids=str)
def test_no_sentence_stands_in_python(path: Path) -> None:
    assert spoken((ROOT / path).read_text("utf-8")) == []


@pytest.mark.parametrize(
    "source",
    [
        'line("Hello there")',
        'Message("Saved")',
        "heading(f'Case {number}')",
        "say(Message(f'{name} is gone'))",
        'TextBlock(text="Please wait", wrap=True)',
        'submit("OK" if english else "Oui", press)',
        'Turn(notice="It is done")',
    ],
)
def test_notices_a_sentence(source: str) -> None:
    assert len(spoken(source)) == 1 + source.count("else")


@pytest.mark.parametrize(
    "source",
    [
        'line(text("form.moved"))',
        'said("profile.saved", text)',
        "trouble(f'⚠ {text}')",
        'Column(width="stretch", items=[])',
        'TextBlock(text=title, color="Good")',
        'raise TypeError("a date and time is stored as an object")',
    ],
)
def test_lets_keys_and_signs_pass(source: str) -> None:
    assert spoken(source) == []
