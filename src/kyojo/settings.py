"""Settings: everything that differs between installations comes from the environment."""

import os
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import csp.constants as csp

PACKAGE_DIR = Path(__file__).resolve().parent

DEMO = os.environ.get("KYOJO_DEMO") == "1"
DEBUG = os.environ.get("KYOJO_DEBUG") == "1"
SECRET_KEY = os.environ.get("KYOJO_SECRET_KEY", "")
BASE_URL = os.environ.get("KYOJO_BASE_URL", "http://localhost:8000")
HOSTS_OWN = f"localhost,127.0.0.1,{urlsplit(BASE_URL).hostname or ''}"
ALLOWED_HOSTS = [host for host in os.environ.get("KYOJO_HOSTS", HOSTS_OWN).split(",") if host]
CSRF_TRUSTED_ORIGINS = [BASE_URL]
#: Comma-separated Fernet keys; the first encrypts, all decrypt (so keys can be rotated).
FIELD_KEYS = [k for k in os.environ.get("KYOJO_FIELD_KEYS", "").split(",") if k]
#: The same for the keys that badges are signed with, given to the worker alone; without them the
#: field keys seal those, too.
BADGE_KEYS = [k for k in os.environ.get("KYOJO_BADGE_KEYS", "").split(",") if k]
#: The folder with the keys that the ledgers' logs are signed with, `<ledger>.key` each; only the
#: worker reads it. And who has to have cosigned before anything is published (c2sp.org/tlog-policy;
#: without a file nobody is asked).
LOG_KEYS = os.environ.get("KYOJO_LOG_KEYS", "")
LOG_POLICY = os.environ.get("KYOJO_LOG_POLICY", "")
#: In front of every topic of buttons that speak MQTT. The broker only ``devices mqtt`` knows.
MQTT_TOPIC = os.environ.get("KYOJO_MQTT_TOPIC", "kyojo").strip("/")


def database(url: str) -> dict[str, object]:
    """``postgresql://user:password@host:port/name?option=…`` as a Django database entry.

    A host that is a folder (a socket) goes in the query: ``postgresql://user@/name?host=/run/pg``.
    """
    parts = urlsplit(url)
    query = {key: values[-1] for key, values in parse_qs(parts.query).items()}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.path.lstrip("/"),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": query.pop("host", parts.hostname or ""),
        "PORT": str(parts.port or query.pop("port", "")),
        "CONN_MAX_AGE": int(os.environ.get("KYOJO_CONN_MAX_AGE_SECONDS", "60")),
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": query,
    }


#: The web and the worker connect as a role that row-level security binds; `migrate` and `check`
#: connect as the owner (the launcher exchanges DATABASE_URL for KYOJO_OWNER_DATABASE_URL).
DATABASES = {"default": database(os.environ.get("DATABASE_URL", "postgresql:///kyojo"))}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "csp",
    "django_htmx",
    "procrastinate.contrib.django",
    "kyojo.ledger",
    "kyojo.ledger.log",
    "kyojo.civic.municipalities",
    "kyojo.civic.programmes",
    "kyojo.civic.people",
    "kyojo.civic.organisations",
    "kyojo.civic.earnings",
    "kyojo.help.requests",
    "kyojo.help.matching",
    "kyojo.help.support",
    "kyojo.help.community",
    "kyojo.help.safety",
    "kyojo.help.recognition",
    "kyojo.commons.insight",
    "kyojo.commons.privacy",
    "kyojo.doors.web",
    "kyojo.doors.ops",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "kyojo.doors.web.log.middleware.LogFilesMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "kyojo.doors.web.middleware.ClockMiddleware",
    "kyojo.doors.web.middleware.TenantMiddleware",
    "kyojo.doors.web.security.middleware.DeviceMiddleware",
    "kyojo.doors.web.middleware.RefusalMiddleware",
]

ROOT_URLCONF = "kyojo.urls"
WSGI_APPLICATION = "kyojo.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        # Each audience of the web keeps its templates in its own folder.
        "DIRS": sorted((PACKAGE_DIR / "doors" / "web").glob("*/templates")),
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "kyojo.doors.web.context.house",
            ],
            "builtins": ["kyojo.doors.web.templatetags.parts"],
        },
    }
]

# --- people -------------------------------------------------------------------------------------
AUTH_USER_MODEL = "people.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "sesame.backends.ModelBackend",
]
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_USER_DISPLAY = "kyojo.doors.web.account.access.shown_to_passkeys"
ACCOUNT_EMAIL_VERIFICATION = "none"  # a login link is itself the proof of the address
#: A passkey is everybody's; numbers of an app and recovery codes are for the desk.
MFA_SUPPORTED_TYPES = ["webauthn", "totp", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_USER_VERIFICATION = "required"  # a key that asks for no finger or PIN is one factor
MFA_ADAPTER = "kyojo.doors.web.security.adapter.KeysAdapter"
MFA_TOTP_ISSUER = "Kyojo 共助"
MFA_TOTP_TOLERANCE = 1  # telephones' clocks are half a minute off now and then
#: The desk opens for so long after a second factor; what cannot be undone asks again after so long.
DESK_STRONG_HOURS = int(os.environ.get("KYOJO_DESK_STRONG_HOURS", "12"))
ASK_AGAIN_MINUTES = int(os.environ.get("KYOJO_ASK_AGAIN_MINUTES", "15"))
ACCOUNT_REAUTHENTICATION_TIMEOUT = ASK_AGAIN_MINUTES * 60
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = DEMO or DEBUG
SESAME_MAX_AGE = 15 * 60
SESAME_ONE_TIME = True
SESAME_TOKENS = ["sesame.tokens_v2"]  # v1 is for links from before 2019
LOGIN_URL = "/login/"
LOGIN_REDIRECT_URL = "/"
CSRF_FAILURE_VIEW = "kyojo.doors.web.http.page_csrf"
SESSION_COOKIE_AGE = 60 * 60 * 24 * 60
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = BASE_URL.startswith("https://")

# --- identity by the authentication app (civic/people/identity) -----------------------------------
#: Without an issuer and a client id the app is not offered.
IDENTITY_ISSUER = os.environ.get("KYOJO_IDENTITY_ISSUER", "")
IDENTITY_CLIENT_ID = os.environ.get("KYOJO_IDENTITY_CLIENT_ID", "")
IDENTITY_KEY_FILE = os.environ.get("KYOJO_IDENTITY_KEY_FILE", "")
IDENTITY_KEY_ID = os.environ.get("KYOJO_IDENTITY_KEY_ID", "")
IDENTITY_SCOPES = os.environ.get("KYOJO_IDENTITY_SCOPES", "openid name birthdate address")
IDENTITY_ACR = os.environ.get("KYOJO_IDENTITY_ACR", "aal3")
#: Under which cards are known again; the secret key, if none is set. It is never changed.
IDENTITY_MARK_KEY = os.environ.get("KYOJO_IDENTITY_MARK_KEY", "")

# --- mail ---------------------------------------------------------------------------------------
#: Printed mails would put login links and names into the worker's log: only where one develops.
EMAIL_BACKEND = os.environ.get(
    "KYOJO_EMAIL_BACKEND",
    f"django.core.mail.backends.{'console' if DEMO or DEBUG else 'smtp'}.EmailBackend",
)
EMAIL_HOST = os.environ.get("KYOJO_EMAIL_HOST", "localhost")
EMAIL_PORT = int(os.environ.get("KYOJO_EMAIL_PORT", "25"))
EMAIL_FILE_PATH = os.environ.get("KYOJO_EMAIL_FILE_PATH")
DEFAULT_FROM_EMAIL = os.environ.get("KYOJO_MAIL_FROM", "kyojo@localhost")

# --- language and time --------------------------------------------------------------------------
LANGUAGE_CODE = "ja"
#: English joins when its catalogue does: a Japanese page that says lang="en" is read out wrongly.
LANGUAGES = [("ja", "日本語")]
TIME_ZONE = "Asia/Tokyo"
USE_TZ = True
USE_I18N = True

# --- static files, headers ----------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = os.environ.get("KYOJO_STATIC_ROOT")
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"}
    if STATIC_ROOT
    else {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = not STATIC_ROOT
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [csp.SELF],
        "img-src": [csp.SELF, "data:"],
        "frame-ancestors": [csp.NONE],
        "form-action": [csp.SELF],
        "base-uri": [csp.NONE],
        "object-src": [csp.NONE],
    }
}
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 20 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 20 * 1024 * 1024

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["console"], "level": os.environ.get("KYOJO_LOG_LEVEL", "WARNING")},
}
