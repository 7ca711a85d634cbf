"""``programme validate|simulate|explain``: a programme's document and a log of visits, without a
database."""

import json
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from kyojo.kernel.errors import Refusal

from .arguments import Parser
from .errors import Bad
from .progress import progress

if TYPE_CHECKING:
    from kyojo.civic.programmes.rules.counting import Result, Year
    from kyojo.civic.programmes.rules.model import Document

USAGE = "programme validate DOCUMENT, programme simulate|explain PROGRAMME LOG.csv"
#: Bytes of a log from which a bar is shown.
LONG_BYTES = 2_000_000


def run(arguments: list[str]) -> int:
    """``./kyojo programme …``. Raises ``Bad`` for input that cannot be used."""
    what = arguments[1] if len(arguments) > 1 else ""
    if what in {"-h", "--help"}:
        print(f"usage: ./kyojo {USAGE}\nthe presets: {', '.join(preset_names())}")
        return 0
    commands = {"validate": validate, "simulate": simulate, "explain": explain}
    if what not in commands:
        raise Bad(f"programme what? {USAGE}")
    try:
        return commands[what](arguments[2:])
    except BrokenPipeError:  # a reader such as head has what it wanted
        sys.stderr.close()
        return 0


def validate(argv: list[str]) -> int:
    """Say everything that is wrong with a document, each mistake in one line."""
    parser = Parser("programme validate", "Check a programme's document (TOML).")
    parser.add_argument("document", metavar="DOCUMENT", help="a path, or a preset's name")
    options = parser.parse_args(argv)
    from kyojo.civic.programmes.rules import baseline, reading

    text = document_text(options.document)
    try:
        document, mistakes = reading.check(text)
    except Refusal as refused:
        raise Bad(refused.message()) from None
    if document is not None:
        mistakes = baseline.breaches(document, text)
    for mistake in mistakes:
        print(reading.invalid(mistake).message(), file=sys.stderr)
    if document is None or mistakes:
        raise Bad(f"{options.document}: まちがいが{len(mistakes)}つあります。")
    print(f"{document.name}（{document.code}）：まちがいはありません。")
    for flag in document.flagged:
        print(f"気になること「{flag.key}」：{flag.says}")
    return 0


def simulate(argv: list[str]) -> int:
    """What everybody in the log would have earned, with the rule that decided each line."""
    parser = Parser("programme simulate", "Run a programme over a log of visits.")
    parser.add_argument("programme", metavar="PROGRAMME", help="a preset's name, or a path")
    parser.add_argument("log", type=Path, metavar="LOG.csv")
    parser.add_argument("--json", action="store_true", help="one JSON object, every line in it")
    options = parser.parse_args(argv)
    document, result = counted(options.programme, options.log)
    if options.json:
        json_write(document, result, sys.stdout)
    else:
        table_print(document, result)
    return 0


def explain(argv: list[str]) -> int:
    """Why a person's lines earned what they earned, in one sentence each."""
    parser = Parser("programme explain", "Say why, line by line.")
    parser.add_argument("programme", metavar="PROGRAMME", help="a preset's name, or a path")
    parser.add_argument("log", type=Path, metavar="LOG.csv")
    parser.add_argument("--person", help="only this one")
    options = parser.parse_args(argv)
    from kyojo.civic.programmes.rules.wording import line_sentence, year_sentences

    document, result = counted(options.programme, options.log)
    found = False
    for number, people in result.items():
        for person, year in people.items():
            if options.person is not None and person != options.person:
                continue
            found = True
            print(f"{number}年度 {person}：{year.units:,}{document.counted}")
            for line in year.lines:
                print(f"  {line.line}行目：{line_sentence(document, line)}")
            for sentence in year_sentences(document, year):
                print(f"  {sentence}")
    if not found:
        raise Bad(f"{options.log}に「{options.person}」という人はいません。")
    return 0


# --- in ------------------------------------------------------------------------------------------


def preset_names() -> list[str]:
    from kyojo.civic.programmes.rules.presets import preset_names as names

    return names()


def document_text(name: str) -> str:
    """The text of a preset or of a file. Raises ``Bad``."""
    from kyojo.civic.programmes.rules.presets import preset
    from kyojo.kernel.files import read_text

    if name in preset_names():
        return preset(name)
    try:
        return read_text(Path(name).read_bytes()).text
    except FileNotFoundError:
        raise Bad(
            f"「{name}」という制度も、ファイルもありません。"
            f"はじめからある制度は、{'、'.join(preset_names())}です。"
        ) from None
    except OSError as error:
        raise Bad(f"{name}を開けません（{error.strerror}）。") from None
    except Refusal as refused:
        raise Bad(f"{name}：{refused.message()}") from None


def counted(programme: str, log: Path) -> "tuple[Document, Result]":
    """The document, and what the log came to under it. Raises ``Bad``."""
    from kyojo.civic.programmes.rules import baseline, counting, reading, visits

    text = document_text(programme)
    try:
        document = reading.read(text)
        for mistake in baseline.breaches(document, text):
            raise reading.invalid(mistake)
    except Refusal as refused:
        raise Bad(f"{programme}：{refused.message()}") from None
    try:
        data = log.read_bytes()
        with ExitStack() as stack:
            say: Any = lambda done, total, what: None  # noqa: E731
            if len(data) > LONG_BYTES:
                say = stack.enter_context(progress("計算"))
            rows = visits.read(data, lambda done, total: say(done, 2 * total, "読む"))
            total = len(rows)
            result = counting.count(
                document, rows, lambda done, _: say(total + done, 2 * total, "数える")
            )
    except OSError as error:
        raise Bad(f"{log}を開けません（{error.strerror}）。") from None
    except Refusal as refused:
        raise Bad(f"{log}：{refused.message()}") from None
    return document, result


# --- out -----------------------------------------------------------------------------------------


def json_write(document: "Document", result: "Result", out: TextIO) -> None:
    """One JSON object, written person by person: a log may have a million lines."""
    out.write('{"programme": ' + json.dumps(document.code) + ', "years": {')
    for n, (number, people) in enumerate(result.items()):
        out.write(f'{", " if n else ""}"{number}": {{')
        for m, (person, year) in enumerate(people.items()):
            out.write(f"{', ' if m else ''}{json.dumps(person, ensure_ascii=False)}: ")
            out.write(json.dumps(as_dict(year), ensure_ascii=False))
        out.write("}")
    out.write("}}\n")


def as_dict(year: "Year") -> dict[str, Any]:
    """A person's year as the JSON has it."""
    found: dict[str, Any] = {
        "units": year.units,
        "granted": year.granted,
        "value_yen": year.value_yen,
        "rules": year.rules,
        "carried": year.carried,
        "leftover": year.leftover,
        "expires_on": year.expires_on.isoformat() if year.expires_on else None,
        "funds": year.funds,
        "instead": None,
        "tickets": year.tickets,
        "lines": [line._asdict() for line in year.lines],
    }
    if year.instead:
        found["instead"] = {"use": year.instead[0], "yen": year.instead[1]}
    return found


def table_print(document: "Document", result: "Result") -> None:
    """A line for each person and year; for a person to read."""
    from rich.console import Console
    from rich.table import Table

    console = Console()
    table = Table(title=document.name)
    for title in ("年度", "人"):
        table.add_column(title)
    for title in (f"数えた（{document.counted}）", f"かわった（{document.unit}）", "円"):
        table.add_column(title, justify="right")
    for number, people in result.items():
        for person, year in people.items():
            table.add_row(
                str(number), person, f"{year.units:,}", f"{year.granted:,}", f"{year.value_yen:,}"
            )
    console.print(table)
