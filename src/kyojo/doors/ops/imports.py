"""``import areas FILE`` and ``import places FILE…``: real files in, with a report of every row
that was refused and why."""

import json
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from kyojo.kernel.errors import Refusal

from .arguments import Parser
from .errors import Bad, Failed
from .progress import progress
from .surroundings import database_at_hand

if TYPE_CHECKING:
    from kyojo.civic.municipalities.domain import Finding, ImportReport
    from kyojo.civic.municipalities.importing import Registration

KINDS = {
    "municipality": "自治体",
    "living_area": "日常生活圏域",
    "neighbourhood": "自治会・町内会",
}
USAGE = "import areas FILE, or import places FILE…; --help after either tells more"


def run(arguments: list[str]) -> int:
    """``./kyojo import …``: finds the database, then reads, stores and reports."""
    what = arguments[1] if len(arguments) > 1 else ""
    commands = {"areas": (areas_parser, areas), "places": (places_parser, places)}
    if what in {"-h", "--help"}:
        print(f"usage: ./kyojo {USAGE}")
        return 0
    if what not in commands:
        raise Bad(f"import what? {USAGE}")
    parser, command = commands[what]
    parser().parse_args(arguments[2:])  # bad arguments need no database
    with database_at_hand(owner=False):
        return command(arguments[2:])


def areas(argv: list[str]) -> int:
    """Import a map of areas. Django is set up. Raises ``Bad`` for input that cannot be used."""
    options = areas_parser().parse_args(argv)
    from kyojo.civic.municipalities.importing import areas_import

    with ExitStack() as stack:
        report_to = stack.enter_context(progress("区域")) if _long(options.file) else None
        report = _imported(
            areas_import,
            path=options.file,
            municipality=options.municipality,
            kind=options.kind,
            name_field=options.name_field,
            code_field=options.code_field,
            crs=options.crs,
            registration=_registration(options),
            dry_run=options.dry_run,
            progress=(lambda done, total: report_to(done, total, "")) if report_to else None,
        )
    _show(report, as_json=options.json, dry_run=options.dry_run)
    return 0


def places(argv: list[str]) -> int:
    """Import facility lists. Django is set up. Raises ``Bad`` for input that cannot be used."""
    options = places_parser().parse_args(argv)
    from kyojo.civic.municipalities.importing import places_import

    with ExitStack() as stack:
        report_to = stack.enter_context(progress("施設")) if _long(*options.file) else None
        report = _imported(
            places_import,
            paths=options.file,
            municipality=options.municipality,
            registration=_registration(options),
            strict=options.strict,
            dry_run=options.dry_run,
            progress=(lambda done, total: report_to(done, total, "")) if report_to else None,
        )
    _show(report, as_json=options.json, dry_run=options.dry_run)
    if report.stored or (options.dry_run and not (options.strict and report.refused)):
        return 0
    if options.strict and report.refused:
        from kyojo.civic.municipalities.errors import StrictRefused

        raise Bad(StrictRefused(count=len(report.refused)).message())
    raise Bad("取り込める行がひとつもありませんでした。上の理由を直して、もう一度試してください。")


def _imported(service: Any, **arguments: Any) -> "ImportReport":
    from django.db import DatabaseError

    try:
        report: ImportReport = service(**arguments)
    except Refusal as refusal:
        sentence = refusal.message()
        # Of several files the one that is meant; some sentences name it themselves.
        named = not refusal.field or refusal.field in sentence
        raise Bad(sentence if named else f"{refusal.field}：{sentence}") from None
    except OSError as error:
        raise Bad(f"{error.filename or 'ファイル'}を開けません（{error.strerror}）。") from None
    except DatabaseError as error:
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise Failed(f"データベースに書き込めませんでした（{reason}）。") from None
    return report


# --- arguments -----------------------------------------------------------------------------------


def areas_parser() -> Parser:
    parser = Parser("import areas", "Shapefile (.shp, .zip) or GeoJSON of a town's areas.")
    parser.add_argument("file", type=Path, metavar="FILE")
    parser.add_argument(
        "--kind", choices=tuple(KINDS), default="", help="when the file does not tell"
    )
    parser.add_argument("--name-field", default="", metavar="COLUMN", help="the areas' name")
    parser.add_argument("--code-field", default="", metavar="COLUMN", help="the areas' code")
    parser.add_argument("--crs", default="", help="EPSG:6676, or a plane rectangular zone (8)")
    return _shared(parser)


def places_parser() -> Parser:
    parser = Parser("import places", "Facility lists (公共施設一覧), CSV in any usual encoding.")
    parser.add_argument("file", type=Path, nargs="+", metavar="FILE")
    parser.add_argument("--strict", action="store_true", help="one refused row stops everything")
    return _shared(parser)


def _shared(parser: Parser) -> Parser:
    parser.add_argument("--municipality", default="", metavar="CODE", help="such as 222127")
    parser.add_argument("--register", default="", metavar="NAME", help="register it first")
    parser.add_argument("--kana", default="", help="its reading, with --register")
    parser.add_argument("--prefecture", default="", help="with --register")
    parser.add_argument("--dry-run", action="store_true", help="report only, store nothing")
    parser.add_argument("--json", action="store_true", help="the report as one JSON object")
    return parser


def _registration(options: Any) -> "Registration | None":
    from kyojo.civic.municipalities.importing import Registration

    given = (options.register, options.kana, options.prefecture)
    if not any(given):
        return None
    if not all(given) or not options.municipality:
        raise Bad("--register には --municipality、--kana、--prefecture も付けてください。")
    return Registration(*given)


def _long(*paths: Path) -> bool:
    """Whether the work takes long enough for a progress bar."""
    return sum(path.stat().st_size for path in paths if path.is_file()) > 2_000_000


# --- the report ----------------------------------------------------------------------------------


def _show(report: "ImportReport", *, as_json: bool, dry_run: bool) -> None:
    if as_json:
        print(json.dumps(report.as_dict(), ensure_ascii=False, indent=2))
        return
    console = Console()
    for line in _summary(report, dry_run=dry_run):
        console.print(Text(line), soft_wrap=True)
    unit = "件目" if report.what == "areas" else "行目"  # a map has features, not lines
    for title, findings in (("取り込めない行", report.refused), ("お知らせ", report.notes)):
        if findings and sys.stdout.isatty():
            console.print(_table(title, findings, unit))
        else:
            for finding in findings:
                print(f"{title}  {_words(finding, unit)}")


def _summary(report: "ImportReport", *, dry_run: bool) -> list[str]:
    lines = []
    for read in report.files:
        details = "".join(f"、{detail}" for detail in read.details)
        lines.append(f"{read.name}：{read.form}、{read.encoding}、{read.rows}件{details}")
    what = KINDS.get(report.kind, "施設")
    town = "・".join(report.municipalities)
    counts = (
        f"読んだ行 {report.rows}、新しい {report.added}、更新 {report.updated}、"
        f"変更なし {report.unchanged}、まとめた {report.merged}、取り込めない {len(report.refused)}"
    )
    lines.append(f"{town} {what}：{counts}".strip())
    if dry_run:
        lines.append("試しに読んだだけで、何も保存していません（--dry-run）。")
    return lines


def _table(title: str, findings: "list[Finding]", unit: str) -> Table:
    table = Table(title=f"{title} {len(findings)}件", title_justify="left")
    for heading in ("ファイル", unit.removesuffix("目"), "内容"):
        table.add_column(heading, overflow="fold")
    for finding in findings:
        words = f"{finding.label}：{finding.message}" if finding.label else finding.message
        table.add_row(Text(finding.file), str(finding.line or ""), Text(words))
    return table


def _words(finding: "Finding", unit: str) -> str:
    where = f"{finding.file} {finding.line}{unit}" if finding.line else finding.file
    return f"{where} {finding.label}：{finding.message}".replace(" ：", "：")
