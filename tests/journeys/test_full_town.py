"""The whole demo town: what the small one has no room for is there, and every balance is true."""

import subprocess
import sys

import psycopg
import pytest

from kyojo.doors.ops import demo
from kyojo.doors.ops.postgres import OWNER, SUPERUSER
from tests.journeys.conftest import BARE, environment_of

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]
DATABASE = "journeys_full"
#: What a visitor of the demo can look at: table, and which of its rows.
SHOWN = (
    ("support_ruling", "appealed_at IS NULL"),
    ("support_ruling", "appealed_at IS NOT NULL"),
    ("support_visitlook", "decided_at IS NULL"),
    ("support_review", "revealed_at IS NOT NULL"),
    ("support_letter", "true"),
    ("support_portrait", "true"),
    ("support_photo", "true"),
    ("community_message", "true"),
    ("community_case", "state <> 'closed'"),
    ("recognition_badge", "true"),
    ("safety_emergency", "true"),
    ("safety_worry", "true"),
    ("safety_oncall", "true"),
    ("people_consent", "true"),
    ("programmes_clearingsettlement", "settled_at IS NOT NULL"),
    ("earnings_redemption", "true"),
)


def test_it_shows_what_the_pages_have_room_for_and_its_books_are_true(
    ground, django_db_setup, tmp_path
):
    with ground.connect(SUPERUSER, "postgres") as admin:
        admin.execute(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")
        admin.execute(f"CREATE DATABASE {DATABASE} OWNER {OWNER} TEMPLATE {BARE}")
    environment = environment_of(tmp_path, ground.socket_dir, DATABASE)
    said = {"env": environment, "cwd": demo.ROOT, "check": True, "timeout": 800}
    try:
        subprocess.run([sys.executable, "-m", "tests.journeys.load_town", "full"], **said)
        subprocess.run([sys.executable, "-m", "kyojo", "check"], **said)
        with ground.connect(SUPERUSER, DATABASE) as cursor:
            missing = [one for one in SHOWN if not any_row(cursor, *one)]
    finally:
        with ground.connect(SUPERUSER, "postgres") as admin:
            admin.execute(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")
    assert missing == []


def any_row(cursor: psycopg.Connection, table: str, where: str) -> bool:
    query = f"SELECT EXISTS (SELECT FROM {table} WHERE {where})"  # noqa: S608
    return bool(cursor.execute(query).fetchone()[0])
