"""``./kyojo manage log_export FOLDER``: the published logs as plain files, for an auditor."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from kyojo.civic.municipalities.models import Municipality
from kyojo.doors.ops.logs import log_export
from kyojo.kernel.errors import NotFound


class Command(BaseCommand):
    help = (
        "Write each town's published log into FOLDER/<slug> as the files that are served under "
        "/log/<slug>/. ./kyojo verify log FOLDER/<slug> checks them."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path, metavar="FOLDER")
        parser.add_argument("--town", metavar="SLUG", help="this town's log only")

    def handle(self, *args: Any, folder: Path, town: str | None, **options: Any) -> None:
        towns = Municipality.objects.order_by("id")
        if town is not None:
            towns = towns.filter(slug=town)
            if not towns:
                raise CommandError(f"there is no town '{town}'")
        for each in towns:
            try:
                size = log_export(folder, ledger=each.id, slug=each.slug)
            except NotFound:
                self.stdout.write(f"{each.slug}: nothing is published yet")
            except OSError as error:
                raise CommandError(f"cannot write to {folder}: {error.strerror}") from None
            else:
                self.stdout.write(f"{each.slug}: {size} leaves in {folder / each.slug}")
