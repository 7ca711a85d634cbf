"""Load the demo town into the database of DATABASE_URL, the small one unless "full" is asked for: a
process of its own, because the tests' own Django has other settings."""

import sys

from kyojo.doors.ops.surroundings import django_ready

if __name__ == "__main__":
    django_ready()
    from kyojo.doors.ops.demo_town import load

    load(size=sys.argv[1] if len(sys.argv) > 1 else "small")
