"""Settings of a process of its own in which django-hordak runs for the benchmark, and nothing of
ours: the same database server and the same way to connect."""

import os

from kyojo.settings import database

SECRET_KEY = "only-measured"  # noqa: S105 - no page is ever served
DATABASES = {"default": database(os.environ["DATABASE_URL"])}
INSTALLED_APPS = ["django.contrib.contenttypes", "django.contrib.auth", "mptt", "hordak"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
