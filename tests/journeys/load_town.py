"""Load the small demo town into the database of DATABASE_URL: a process of its own, because the
tests' own Django has other settings."""

from kyojo.doors.ops.surroundings import django_ready

if __name__ == "__main__":
    django_ready()
    from kyojo.doors.ops.demo_town import load

    load(size="small")
