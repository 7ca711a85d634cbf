"""``test``: the whole suite, with the Chromium that the browser tests need."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from .errors import Failed
from .surroundings import ROOT

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome")
#: As many as there are processors, with a server and browsers beside them.
WORKERS = min(max(os.cpu_count() or 2, 2), 8)


def run(arguments: list[str]) -> int:
    """Become pytest, with its arguments; ``WORKERS`` unless ``-n`` says otherwise."""
    given = [anchored(argument) for argument in arguments[1:]]
    if not any(argument in ("--help", "-h", "--collect-only") for argument in given):
        browser_prepare()
    workers = [] if any(argument.startswith("-n") for argument in given) else [f"-n{WORKERS}"]
    os.chdir(ROOT)
    os.execv(sys.executable, [sys.executable, "-m", "pytest", *workers, *given])


def anchored(argument: str) -> str:
    """A path as the caller sees it, absolute, because pytest runs in the checkout."""
    path, colons, test = argument.partition("::")
    if path.startswith("-") or not Path(path).exists():
        return argument
    return f"{Path(path).resolve()}{colons}{test}"


def browser_prepare() -> None:
    """Name a Chromium in KYOJO_CHROMIUM, or the reason for none; in CI that is a failure."""
    path, reason = chromium_find_or_install()
    if path:
        os.environ["KYOJO_CHROMIUM"] = path
        return
    if os.environ.get("CI"):
        raise Failed(f"no Chromium, and in CI the browser tests must run: {reason}")
    print(f"kyojo: no browser tests: {reason}", file=sys.stderr)
    os.environ["KYOJO_NO_CHROMIUM_REASON"] = f"no Chromium: {reason}"


def chromium_find_or_install() -> tuple[str | None, str]:
    """Where Chromium is; or None and, in a sentence, what to do about it."""
    named = os.environ.get("KYOJO_CHROMIUM")
    if named:
        usable = os.access(named, os.X_OK)
        return (named, "") if usable else (None, f"KYOJO_CHROMIUM={named} cannot be run")
    found = chromium_on_path() or chromium_of_playwright()
    if found:
        return found, ""
    print("kyojo: installing Chromium for the browser tests", file=sys.stderr, flush=True)
    if os.geteuid() == 0 and shutil.which("apt-get"):
        quietly("apt-get", "update")
        quietly("apt-get", "install", "-y", "--no-install-recommends", "chromium")
        found = chromium_on_path()
        if found:
            return found, ""
    quietly(sys.executable, "-m", "playwright", "install", "chromium")
    found = chromium_of_playwright()
    if found:
        return found, ""
    return None, "install it (Debian: apt-get install chromium) or set KYOJO_CHROMIUM"


def chromium_on_path() -> str | None:
    return next((path for name in CHROMIUM_NAMES if (path := shutil.which(name))), None)


def chromium_of_playwright() -> str | None:
    """The Chromium that ``playwright install`` has downloaded, if it runs on this machine."""
    code = (
        "from playwright.sync_api import sync_playwright as p\n"
        "with p() as browsers: print(browsers.chromium.executable_path)"
    )
    asked = quietly(sys.executable, "-c", code)
    path = asked.stdout.strip()
    if not path or not os.access(path, os.X_OK):
        return None
    return path if quietly(path, "--version").returncode == 0 else None


def quietly(*command: str) -> "subprocess.CompletedProcess[str]":
    """Run ``command`` without a terminal; what it says is shown only if it fails to be useful."""
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    return subprocess.run(
        command,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
