"""Settings of the test suite: the product's own, with keys that protect nothing.

The database is named by ``conftest.py``, which starts one for the run.
"""

import os

os.environ["KYOJO_SECRET_KEY"] = "tests-only-" + "k" * 40
os.environ["KYOJO_FIELD_KEYS"] = "a3lvam8tdGVzdHMtb25seS1rZXktMDAwMDAwMDAwMDE="
os.environ["KYOJO_CONN_MAX_AGE_SECONDS"] = "0"
os.environ["DATABASE_URL"] = "postgresql://kyojo_app@/named-by-conftest"
for name in ("KYOJO_DEMO", "KYOJO_DEBUG", "KYOJO_BASE_URL", "KYOJO_HOSTS", "KYOJO_STATIC_ROOT"):
    os.environ.pop(name, None)

from kyojo.settings import *  # noqa: E402, F403

EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
