"""``manage``: Django's own commands, on DATABASE_URL's database or else the demo's."""

import os

from .errors import Bad
from .surroundings import database_at_hand, django_ready


def run(arguments: list[str]) -> int:
    from django.core.management import execute_from_command_line

    command = ["./kyojo manage", *arguments[1:]]
    try:
        with database_at_hand(owner=False):
            execute_from_command_line(command)
    except Bad:
        # makemigrations and its like need no database.
        os.environ.setdefault("KYOJO_SECRET_KEY", "for commands that keep nothing")
        django_ready()
        execute_from_command_line(command)
    return 0
