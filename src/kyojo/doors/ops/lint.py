"""``lint``: every check that reads the code instead of running it. Each says why it is there."""

import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from .arguments import Parser
from .errors import Bad
from .surroundings import ROOT

PYTHON_PATHS = ("src", "tests", "conftest.py", "kyojo")
#: Enough for Django to load; no check reads a row.
SETTINGS = {
    "KYOJO_SECRET_KEY": "lint",
    "KYOJO_FIELD_KEYS": "lint",
    "DATABASE_URL": "postgresql:///lint",
}


@dataclass(frozen=True)
class Check:
    """A check: its name, why it exists and how to mend it, and what it runs."""

    name: str
    why: str
    run: Callable[[], tuple[int, str]]


def module(*command: str) -> Callable[[], tuple[int, str]]:
    """A check that runs ``python -m command`` in the checkout."""

    def run() -> tuple[int, str]:
        done = subprocess.run(
            [sys.executable, "-W", "ignore", "-m", *command],
            cwd=ROOT,
            env=os.environ | SETTINGS,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        return done.returncode, done.stdout

    return run


def checks() -> list[Check]:
    folders = ["src/kyojo/kernel", "src/kyojo/ledger", "src/kyojo/doors/ops"]
    domains = [
        str(path.relative_to(ROOT))
        for path in sorted(ROOT.glob("src/kyojo/**/*domain.py"))
        if "tests" not in path.parts
    ]
    strict = [*folders, *(path for path in domains if not path.startswith(tuple(folders)))]
    return [
        Check(
            "format",
            "One layout, so that a diff shows what changed. Mend it with: "
            ".venv/bin/python -m ruff format .",
            module("ruff", "format", "--check", "--quiet", *existing(PYTHON_PATHS)),
        ),
        Check(
            "habits",
            "Mistakes that ruff knows. Some it mends itself: "
            ".venv/bin/python -m ruff check --fix .",
            module("ruff", "check", "--output-format", "concise", *existing(PYTHON_PATHS)),
        ),
        Check(
            "types",
            "Amounts, balances and decisions are typed strictly (kernel, ledger, every domain.py): "
            "a None or a float among them would cost somebody coins.",
            module(
                "mypy", "--strict", "--no-warn-unused-ignores", "--follow-imports=silent", *strict
            ),
        ),
        Check(
            "calls",
            "Every room calls the others with the names and arguments that they have today; a call "
            "on a page that no test opens would only fail in somebody's hand.",
            calls,
        ),
        Check(
            "imports",
            "Imports point downward (ARCHITECTURE.md), so that a room can be understood, and "
            "replaced, without those above it. Move the code down, or pass the value in.",
            module("kyojo.doors.ops.lint", "imports"),
        ),
        Check(
            "templates",
            "Well-formed templates without inline styles: the content security policy refuses "
            "inline styles and scripts, and screen readers need the structure.",
            module("djlint", "--lint", "--quiet", *existing(("src/kyojo/doors",))),
        ),
        Check(
            "migrations",
            "Models and migrations agree. Mend it with: ./kyojo manage makemigrations",
            module("kyojo", "manage", "makemigrations", "--check", "--dry-run"),
        ),
        Check(
            "locks",
            "What is installed is exactly what the locks name, from whichever index the machine "
            "uses: names, versions and hashes, no addresses. CONTRIBUTING.md tells how to renew.",
            locks,
        ),
    ]


def calls() -> tuple[int, str]:
    """Wrong names and arguments in the whole tree. Looser than ``types``: what cannot be typed
    well around Django's models is left to the tests."""
    _, output = module("mypy", "--cache-dir=.mypy_cache/calls", "src/kyojo")()
    wrong = re.compile(
        r"\[(?:call-arg|name-defined|call-overload|used-before-def|syntax)\]$"
        r"|[Mm]odule (?:\S+ )?has no attribute"
    )
    lines = output.splitlines()
    found = [line for line in lines if wrong.search(line)]
    if "checked" not in (lines or [""])[-1]:
        found = lines  # mypy itself failed
    return len(found), "\n".join(found)


def existing(paths: tuple[str, ...]) -> list[str]:
    return [path for path in paths if (ROOT / path).exists()]


def run(arguments: list[str]) -> int:
    known = checks()
    names = [check.name for check in known]
    parser = Parser("lint", "Check the code without running it.")
    parser.add_argument("checks", nargs="*", metavar="CHECK", help=f"of: {', '.join(names)}")
    chosen = parser.parse_args(arguments[1:]).checks
    unknown = [name for name in chosen if name not in names]
    if unknown:
        raise Bad(f"there is no check '{unknown[0]}'; there are: {', '.join(names)}")
    failed = []
    todo = [check for check in known if not chosen or check.name in chosen]
    with ThreadPoolExecutor(max_workers=2) as pool:
        for check, (code, output) in zip(
            todo, pool.map(lambda each: each.run(), todo), strict=True
        ):
            print(f"{'✓' if code == 0 else '✗'} {check.name}", flush=True)
            if code != 0:
                failed.append(check.name)
                print(f"{output.rstrip()}\n→ {check.why}\n", flush=True)
    if failed:
        print(f"failed: {', '.join(failed)}")
    return 1 if failed else 0


def locks() -> tuple[int, str]:
    """The lock files against pyproject.toml and against each other."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    run_names = project["project"]["dependencies"]
    developer_names = run_names + project["dependency-groups"]["dev"]
    run_lock, problems = lock_read(ROOT / "requirements.lock", run_names)
    developer_lock, more = lock_read(ROOT / "requirements-dev.lock", developer_names)
    problems += more
    problems += [
        f"requirements-dev.lock has {name} {developer_lock.get(name)}, requirements.lock {version}"
        for name, version in run_lock.items()
        if developer_lock.get(name) != version
    ]
    return len(problems), "\n".join(problems)


def lock_read(path: Path, wanted: list[str]) -> tuple[dict[str, str], list[str]]:
    """{name: version} of a lock, and what is wrong with it."""
    text = path.read_text()
    found: dict[str, str] = {}
    problems = []
    # One entry is one logical line: name==version ; marker, then its hashes.
    for entry in text.replace("\\\n", " ").splitlines():
        match = re.fullmatch(
            r"([A-Za-z0-9._-]+)(?:\[[^]]*\])?==([^\s;]+)(?:\s*;[^#]*?)?((?:\s+--hash=\S+)+)\s*",
            entry,
        )
        if match:
            found[normal(match[1])] = match[2]
        elif entry.strip() and not entry.startswith("#"):
            problems.append(f"{path.name}: not a name, a version and hashes: {entry[:80]}")
    if "://" in text:
        problems.append(f"{path.name} names a download address")
    for requirement in wanted:
        name = normal(re.split(r"[\[<>=!~; ]", requirement, maxsplit=1)[0])
        if name not in found:
            problems.append(f"{path.name} lacks {name}, which pyproject.toml asks for")
    return found, problems


def normal(name: str) -> str:
    """The name as PEP 503 spells it."""
    return re.sub(r"[-_.]+", "-", name).lower()


if __name__ == "__main__":
    from importlinter.cli import lint_imports

    sys.path.insert(0, str(ROOT / "src"))
    sys.exit(lint_imports(no_cache=True))
