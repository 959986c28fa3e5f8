"""Which keys the product uses: those written out, and those that follow from ids."""

import ast
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import chain
from pathlib import Path

from cards.press import Ask
from cases.catalogue import CANCEL_REASONS, CASE_TYPES, COMMON_FIELDS, DOCUMENTS
from cases.countries import all_countries
from cases.deeds import NEEDS_TEXT
from cases.dialling import Repair
from cases.fields import Field
from cases.findings import CAUTION, STOP, Advice, Flaw, NumberKind, Why
from cases.kinds import Asked, Choice, Confirm
from cases.lifecycle import TABLE
from cases.papers import ALL_PAPERS, LETTERS, Letter, State
from cases.preflight import FIELDS as PREFLIGHT
from cases.vocabulary import (
    Ball,
    CaseType,
    Category,
    NumberType,
    Obstacle,
    Resolution,
    Role,
    Severity,
    Status,
    Verb,
    View,
    Way,
)
from dialogs.intake import INTAKE
from dialogs.talking import HELPED
from dialogs.understanding import COMMANDS
from strings import LANGUAGES
from strings.text import keys
from tests.cases.samples import NOW

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("cases", "strings", "cards", "dialogs", "checking", "bot", "delivery", "storage")
KEY = re.compile(r"[a-z_]+(\.[a-z_]+)+|unclear|nothing_open")
PATTERN = re.compile(r"[a-z_{}]+(\.[a-z_{}]+)+")
RAISES = frozenset({"Rejected", "NotPossible", "NotAllowed", "Problem"})
ASKS = frozenset({"category", "country", "case_type"})
"""Answers that are no fields of a form."""


@dataclass(frozen=True)
class Refusal:
    """A code that is raised somewhere, and the names of what fills its sentence."""

    code: str
    params: frozenset[str]


@cache
def trees() -> tuple[ast.Module, ...]:
    found = [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]
    return tuple(ast.parse(path.read_text("utf-8")) for path in (*found, ROOT / "app.py"))


@cache
def calls() -> tuple[tuple[str, ast.Call], ...]:
    """Every call of the product and the last name of what is called."""
    return tuple(
        (ast.unparse(node.func).rpartition(".")[2], node)
        for node in chain.from_iterable(map(ast.walk, trees()))
        if isinstance(node, ast.Call)
    )


def constant(node: ast.expr | None) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def literals() -> set[str]:
    """Keys that are written out somewhere in the product."""
    packages = {constant(call.args[0]) for name, call in calls() if name == "files"}
    strings = {constant(node) for tree in trees() for node in walked(tree)} - packages
    families = {key.partition(".")[0] for key in keys(LANGUAGES[0])}
    found = {said for said in strings if said and KEY.fullmatch(said)}
    return {key for key in found if key.partition(".")[0] in families}


def walked(tree: ast.AST) -> Iterator[ast.expr]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.expr))


def patterns() -> set[str]:
    """The shapes of keys that are put together, such as `field.{}.label`."""
    return {
        shape
        for tree in trees()
        for node in walked(tree)
        if isinstance(node, ast.JoinedStr) and PATTERN.fullmatch(shape := shape_of(node))
    }


def shape_of(node: ast.JoinedStr) -> str:
    return "".join(constant(part) or "{}" for part in node.values)


def refusals() -> Iterator[Refusal]:
    """Every code that is raised, with its parameters, which a label always joins."""
    takes_code = takers_of_codes()
    for name, call in calls():
        named = {keyword.arg for keyword in call.keywords if keyword.arg}
        dicts = [
            k.value for k in call.keywords if k.arg == "params" and isinstance(k.value, ast.Dict)
        ]
        named |= {said for each_dict in dicts for key in each_dict.keys if (said := constant(key))}
        params = frozenset({"label", *(named - {"input_id", "code", "params"})})
        for code in codes_in(name, call, takes_code):
            yield Refusal(code, params)


def codes_in(name: str, call: ast.Call, takes_code: dict[str, int]) -> Iterator[str]:
    by_name = [keyword.value for keyword in call.keywords if keyword.arg == "code"]
    if name in RAISES:
        yield from chain.from_iterable(map(constants, [*call.args[:1], *by_name]))
    elif name in takes_code and len(call.args) > takes_code[name]:
        yield from constants(call.args[takes_code[name]])
    elif ast.unparse(call.func) == "super().__init__" and call.args:
        yield from (code for code in constants(call.args[0]) if re.fullmatch(r"[a-z_]+", code))


def constants(node: ast.expr) -> Iterator[str]:
    """The string that stands here, or each of those between which is chosen."""
    if isinstance(node, ast.IfExp):
        yield from (*constants(node.body), *constants(node.orelse))
    elif said := constant(node):
        yield said


def takers_of_codes() -> dict[str, int]:
    """Functions that raise a code which they are handed, and where among their arguments."""
    return {
        node.name: [argument.arg for argument in node.args.args].index("code")
        for node in chain.from_iterable(map(ast.walk, trees()))
        if isinstance(node, ast.FunctionDef) and node.name != "__init__"
        if "code" in [argument.arg for argument in node.args.args]
    }


def caution_codes() -> set[str]:
    """Codes of what is told though it stops nobody."""
    cut = {f"{field.id}_cut" for field in PREFLIGHT if field.cut}
    return cut | {c for name, call in calls() if name == "Caution" for c in codes_told(call)}


def codes_told(call: ast.Call) -> Iterator[str]:
    return (said for k in call.keywords if k.arg == "code" for said in constants(k.value))


def each(shape: str, *ids: Iterable[str]) -> Iterator[str]:
    first, *rest = ids
    for one in first:
        half = shape.replace("{}", str(one), 1)
        yield from each(half, *rest) if rest else (half,)


def fields() -> list[Field]:
    return [*COMMON_FIELDS, *(field for entry in CASE_TYPES.values() for field in entry.fields)]


def input_ids() -> set[str]:
    found: set[str] = set()
    for country in all_countries().values():
        asked = Asked(now=NOW, country=country)
        found |= {name for field in fields() for name in field.kind.inputs(field.id, asked)}
    return found


def labels() -> set[str]:
    return {*ASKS, *ALL_PAPERS, DOCUMENTS, *(field.id for field in fields()), *input_ids()}


def options() -> Iterator[str]:
    for field in fields():
        if isinstance(field.kind, Choice):
            for country in all_countries().values():
                chosen = field.kind.options(Asked(now=NOW, country=country))
                yield from each(f"field.{field.id}.option.{{}}", chosen)


def said_by(role: Role) -> set[Verb]:
    """Verbs that this role does with words beside them."""
    with_words = {*NEEDS_TEXT, Verb.HOLD, Verb.SCHEDULE, Verb.RESOLVE, Verb.CANCEL}
    return {verb for _, verb, who in TABLE if who is role} & with_words


def say_keys() -> Iterator[str]:
    yield from each("say.{}.agent", said_by(Role.AGENT))
    yield from each("say.{}.customer", said_by(Role.REQUESTER) | said_by(Role.COLLEAGUE))


def nothing() -> tuple[str, ...]:
    return ()


SECTIONS = {field.section for field in fields() if field.section}
SPOKEN = said_by(Role.AGENT) | said_by(Role.REQUESTER)
STAGES = tuple(stage.name for stage in INTAKE.stages)

FROM_IDS: dict[str, Callable[[], Iterable[str]]] = {
    "answer.{}": lambda: each("answer.{}", ("yes", "no")),
    "ball.{}": lambda: each("ball.{}", Ball),
    "button.{}": lambda: each("button.{}", (Verb.RESOLVE, Verb.CANCEL)),
    "button.send.{}": lambda: each("button.send.{}", SPOKEN),
    "cancel_reason.{}": lambda: each("cancel_reason.{}", CANCEL_REASONS),
    "caution.{}": lambda: each("caution.{}", caution_codes()),
    "case.{}": lambda: each("case.{}", ("resolution", "cancel_reason")),
    "cases.none.{}": lambda: each("cases.none.{}", View),
    "category.{}": lambda: each("category.{}.words", Category),
    "category.{}.name": lambda: each("category.{}.name", Category),
    "command.{}": lambda: each("command.{}.words", COMMANDS),
    "command.{}.about": lambda: each("command.{}.about", HELPED),
    "command.{}.name": lambda: each("command.{}.name", COMMANDS),
    "command.{}.say": lambda: each("command.{}.say", HELPED),
    "done.{}": lambda: each("done.{}", {verb for _, verb, _ in TABLE}),
    "error.{}": lambda: each("error.{}", {r.code for r in refusals()}),
    "event.{}": lambda: each("event.{}", (*Verb, "named")),
    "field.number_type.option.{}": lambda: each("field.number_type.option.{}", NumberType),
    "field.severity.option.{}": lambda: each("field.severity.option.{}", Severity),
    "field.{}.label": lambda: each("field.{}.label", labels()),
    "field.{}.option.{}": options,
    "field.{}.shows": lambda: each("field.{}.shows", [p for p in ALL_PAPERS if p not in LETTERS]),
    "field.{}.statement": lambda: each(
        "field.{}.statement", {f.id for f in fields() if isinstance(f.kind, Confirm)}
    ),
    "language.{}": lambda: each("language.{}", ("auto", *LANGUAGES)),
    "downloads.{}": lambda: each("downloads.{}", ("report", "list")),
    "list.aside.{}": lambda: each("list.aside.{}", (Flaw.NOT_PORTABLE, Flaw.IN_OPEN_CASE)),
    "list.group.{}": lambda: each(
        "list.group.{}", ("toll", "toll_free", "mobile", "user", "service")
    ),
    "numbers.advice.{}": lambda: each("numbers.advice.{}", Advice),
    "numbers.column.{}": lambda: each("numbers.column.{}", ("kind", "country", "result", "todo")),
    "numbers.kind.{}": lambda: each("numbers.kind.{}", NumberKind),
    "numbers.problem.{}": lambda: each("numbers.problem.{}", (*Flaw, *Why)),
    "numbers.repaired.{}": lambda: each("numbers.repaired.{}", Repair),
    "numbers.result.{}": lambda: each("numbers.result.{}", (STOP, CAUTION)),
    "numbers.todo.{}": lambda: each("numbers.todo.{}", Flaw),
    "numbers.usage.{}": lambda: each("numbers.usage.{}", ("user", "service")),
    "letter.{}": lambda: each("letter.{}", Letter),
    "paper.{}": lambda: each("paper.{}.words", ALL_PAPERS),
    "papers.{}": lambda: each("papers.{}", State),
    "papers.offer.{}": lambda: each("papers.offer.{}", (Ask.PLACE, Ask.ALSO)),
    "receipt.{}": lambda: each("receipt.{}", (Way.CHAT, Way.MAIL)),
    "receipt.obstacle.{}": lambda: each("receipt.obstacle.{}", Obstacle),
    "resolution.{}": lambda: each("resolution.{}", Resolution),
    "say.label.{}": lambda: each("say.label.{}", SPOKEN),
    "say.{}.{}": say_keys,
    "stage.{}.name": lambda: each("stage.{}.name", STAGES),
    "stage.{}.title": lambda: each("stage.{}.title", STAGES),
    "section.{}.about": lambda: each("section.{}.about", SECTIONS),
    "section.{}.name": lambda: each("section.{}.name", SECTIONS),
    "section.{}.title": lambda: each("section.{}.title", SECTIONS),
    "status.{}": lambda: each("status.{}", Status),
    "type.{}": lambda: each("type.{}.words", CaseType),
    "type.{}.name": lambda: each("type.{}.name", CaseType),
    # Their first part is an id as well: names and abouts of choices, verbs and statuses in errors,
    # words of `says`, and endings of file names, which are no keys.
    "{}.{}.about": lambda: (*each("category.{}.about", Category), *each("type.{}.about", CaseType)),
    "{}.{}.name": nothing,
    "{}.{}": lambda: each("verb.{}", Verb),
    "{}.words": lambda: ("country.words", "review.send.words", "papers.done.words"),
    "{}.csv": nothing,
    "{}.ics": nothing,
    "{}.lua": nothing,
    "{}.po": nothing,
}
"""What each shape of key becomes, from the ids it is made of."""

OPTIONAL_FROM_IDS: dict[str, Callable[[], Iterable[str]]] = {
    "field.{}.error": lambda: each("field.{}.error", labels()),
    "field.{}.hint": lambda: each("field.{}.hint", labels()),
    "field.{}.note": lambda: each("field.{}.note", labels()),
    "field.{}.note.{}": lambda: each("field.{}.note.{}", labels(), CaseType),
}
"""What each shape may become: such a string is there for some ids only."""


@cache
def needed() -> set[str]:
    """Keys that must have a string in every language."""
    words_of = {"review.send", "papers.done"}
    return {*literals(), *(key for ids in FROM_IDS.values() for key in ids())} - words_of


def usable() -> set[str]:
    """Keys that may have a string."""
    return needed() | {key for ids in OPTIONAL_FROM_IDS.values() for key in ids()}
