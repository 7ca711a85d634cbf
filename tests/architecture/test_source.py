"""House rules about the source text. Each test says why the rule is there."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "kyojo"
PYTHON = sorted(SOURCE.rglob("*.py"))
TEMPLATES = sorted(SOURCE.rglob("templates/**/*.html"))

#: Files that may ask the machine's clock, and why.
CLOCK_ALLOWED = {
    "kernel/clock.py": "it is the clock",
    "help/matching/live.py": "drops notes by the clock of the database, which wrote them",
    "doors/web/security/strength.py": "ages of keys in a session, which allauth stamps by it",
    "doors/web/testing.py": "signs somebody in as allauth would",
    "doors/ops/postgres.py": "compares with the machine's own file times, no business time",
}


def product_files() -> list[Path]:
    """Our Python without tests and migrations."""
    return [p for p in PYTHON if not {"tests", "migrations"} & set(p.relative_to(SOURCE).parts)]


def calls(path: Path) -> Iterator[tuple[int, str]]:
    """(line, dotted name) of every call in a file: ``datetime.now``, ``timezone.localdate``, …"""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            yield node.lineno, ast.unparse(node.func)


def named(path: Path) -> str:
    return path.relative_to(SOURCE).as_posix()


def test_only_the_clock_tells_the_time():
    forbidden = re.compile(
        r"^(?:datetime\.)?(?:datetime|date)\.(?:now|utcnow|today)$"
        r"|^(?:timezone|django\.utils\.timezone)\.(?:now|localtime|localdate|localnow)$"
        r"|^time\.(?:time|localtime|strftime)$"
        r"|^(?:Now|functions\.Now|CurrentTimestamp)$"
    )
    found = [
        f"{named(path)}:{line} {name}"
        for path in product_files()
        if named(path) not in CLOCK_ALLOWED
        for line, name in calls(path)
        if forbidden.match(name)
    ]
    assert not found, (
        f"{found}: ask kyojo.kernel.clock, so that the demo can move the clock and a test can "
        "stop it; or name the file in CLOCK_ALLOWED with the reason."
    )


def test_no_field_fills_itself_with_the_machine_s_time():
    found = [
        f"{named(path)}:{number}"
        for path in product_files()
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if re.search(r"\bauto_now(_add)?\s*=\s*True|default=timezone\.now", line)
    ]
    assert not found, f"{found}: use default=clock.now, or let the service pass the moment"


def test_no_business_rule_hides_in_a_signal():
    found = [
        named(path)
        for path in product_files()
        if re.search(r"from django\.(db\.models\.signals|dispatch)", path.read_text("utf-8"))
    ]
    assert not found, f"{found}: call the other service; a signal is a call nobody can see"


def test_every_way_out_of_a_membership_leads_through_what_stands_open():
    ends = "civic/earnings/services/leaving.py"
    found = [
        named(path)
        for path in product_files()
        if re.search(r"\bperson_leave\(", path.read_text("utf-8"))
        and not named(path).startswith("civic/people/")
        and named(path) != ends
    ]
    assert not found, f"{found}: call earnings.services.membership_end, which leaves nothing open"


def test_migrations_import_no_application_code():
    found = [
        f"{named(path)}: {node.module}"
        for path in SOURCE.rglob("migrations/0*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("kyojo.")
    ]
    assert not found, (
        f"{found}: a migration must still run in five years, when the code it imports has changed"
    )


def test_each_app_s_migrations_are_one_line_and_have_names():
    for folder in SOURCE.rglob("migrations"):
        names = sorted(path.stem for path in folder.glob("0*.py"))
        assert [name[:4] for name in names] == [f"{i:04d}" for i in range(1, len(names) + 1)], names
        unnamed = [name for name in names if re.search(r"_auto_\d{8}", name)]
        assert not unnamed, f"{unnamed}: give it a name that says what it does"


@pytest.mark.parametrize("path", TEMPLATES, ids=named)
def test_templates_hold_no_inline_style_or_script(path):
    text = path.read_text(encoding="utf-8")
    text = re.sub(r"{#.*?#}|{% comment.*?endcomment %}|<!--.*?-->", "", text, flags=re.S)
    found = re.findall(r"<style\b|\sstyle=|\son[a-z]+=|javascript:", text)
    for attributes, body in re.findall(r"<script\b([^>]*)>(.*?)</script>", text, flags=re.S):
        if body.strip() and "application/json" not in attributes:
            found.append("<script> with a body")
    assert not found, (
        f"{found}: the content security policy refuses inline styles and scripts, because that is "
        "where injected ones would hide. Put it into static/."
    )


@pytest.mark.parametrize("path", TEMPLATES, ids=named)
def test_templates_load_nothing_from_outside(path):
    text = path.read_text(encoding="utf-8")
    found = re.findall(
        r"""<(?:script|link|img|iframe|source)\b[^>]*(?:src|href)=["']?https?:""", text
    )
    assert not found, f"{found}: a page loads nothing from elsewhere, also on the LGWAN"


def test_no_secret_is_written_into_the_source():
    found = [
        named(path)
        for path in product_files()
        if re.search(r"BEGIN [A-Z ]*PRIVATE KEY|AKIA[0-9A-Z]{16}", path.read_text("utf-8"))
    ]
    assert not found, found


def imports(path: Path) -> set[str]:
    """Top-level names of everything a file imports."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            found.add((node.module or "").split(".")[0])
    return found


def test_decisions_are_pure():
    found = {
        named(path): impure
        for path in product_files()
        if path.stem == "domain" or path.stem.endswith("_domain") or path.parent.name == "domain"
        if (impure := imports(path) & {"django", "psycopg", "procrastinate", "httpx", "os"})
    }
    assert not found, (
        f"{found}: domain.py decides from what it is given, so that a decision can be tried with "
        "plain values and read without a database"
    )
