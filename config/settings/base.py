"""Settings that hold everywhere; dev, test and prod change what differs."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

import pghistory
from csp.constants import NONCE, NONE, SELF
from django.utils.translation import gettext_lazy as _

BASE_DIR = Path(__file__).resolve().parent.parent.parent

SECRET_KEY = os.environ.get("AMBER_SECRET_KEY", "")
ALLOWED_HOSTS = [host for host in os.environ.get("ALLOWED_HOSTS", "127.0.0.1,localhost").split(",") if host]
SITE_URL = os.environ.get("SITE_URL", "http://127.0.0.1:8000")

INSTALLED_APPS = [
    "modeltranslation",
    "config.apps.AmberAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "guardian",
    "axes",
    "csp",
    "pgtrigger",
    "pghistory",
    "django_htmx",
    "rest_framework",
    "drf_spectacular",
    "agencies",
    "cases",
    "alerts",
]

MIDDLEWARE = [
    # Outermost: it writes denials after the view's transaction has rolled back.
    "agencies.middleware.AuditMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "agencies.middleware.SessionLimitMiddleware",
    "agencies.middleware.SecondFactorMiddleware",
    # Within the limits of the session, and around everything that reads cases, lazily rendered pages included.
    "agencies.middleware.ScopeMiddleware",
    "agencies.middleware.LanguageMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "agencies.middleware.RefusalMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "agencies.context_processors.portal",
                "alerts.context_processors.processes",
            ],
        },
    },
]


def database_from_url(url: str) -> dict[str, object]:
    """Return Django's settings for one PostgreSQL URL (``postgresql://user:password@host:port/name``).

    A socket folder is given as ``?host=/folder``. Refuses any other database.
    """
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"}:
        raise ValueError("DATABASE_URL must be a postgresql:// URL: AMBER Bridge runs on PostgreSQL only.")
    options = dict(parse_qsl(parts.query))
    host = options.pop("host", "") or unquote(parts.hostname or "")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": host,
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
        "ATOMIC_REQUESTS": True,
        "OPTIONS": {**options, "application_name": "amber-bridge"},
    }


# Three roles: amber_app serves, amber_owner migrates, amber_purge removes what the law no longer allows us to keep.
DATABASE_ROLE = os.environ.get("AMBER_DATABASE_ROLE", "app")
DATABASE_URLS = {
    "app": os.environ.get("DATABASE_URL", "postgresql:///amber"),
    "owner": os.environ.get("DATABASE_OWNER_URL", ""),
    "purge": os.environ.get("DATABASE_PURGE_URL", ""),
}
DATABASES = {"default": database_from_url(DATABASE_URLS[DATABASE_ROLE] or DATABASE_URLS["app"])}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "agencies.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "agencies.backends.AgencyBackend",
    "guardian.backends.ObjectPermissionBackend",
]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 15}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "agencies:login"
LOGIN_REDIRECT_URL = "alerts:desk"
LOGOUT_REDIRECT_URL = "agencies:login"
ANONYMOUS_USER_NAME = None  # guardian must not create a row for nobody
GUARDIAN_RAISE_403 = False
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = None  # CJIS AC-7: an administrator releases
# By person; the pair adds nothing, but an address alone must not lock out a whole duty room behind one router.
AXES_LOCKOUT_PARAMETERS = ["username", ["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_TEMPLATE = "registration/locked.html"
AXES_USERNAME_FORM_FIELD = "username"
AXES_ENABLE_ADMIN = False
AXES_ALLOWED_CORS_ORIGINS = ""
AXES_DISABLE_ACCESS_LOG = True
AXES_VERBOSE = False
AXES_SENSITIVE_PARAMETERS = ["username", "ip_address", "code", "recovery_code", "present_code"]
# One count for one person, however the letters of the address are written.
AXES_USERNAME_CALLABLE = "agencies.backends.counted_as"

# The second factor (ADR 70). Required of everybody in production; elsewhere where an agency requires it.
SECOND_FACTOR_REQUIRED = False
SECOND_FACTOR_SECONDS = 5 * 60  # how long after the password its code may be entered
# name:base64 of 32 bytes, joined by commas; the first encrypts what authenticator apps share with the portal.
FACTOR_KEYS = os.environ.get("AMBER_FACTOR_KEYS", "")

# Field history (ADR 62): the moment of the change, not of its transaction, so that a page has one order.
PGHISTORY_CREATED_AT_FUNCTION = "clock_timestamp()"
PGHISTORY_FOREIGN_KEY_FIELD = pghistory.ForeignKey(db_index=False)  # versions are found by case and by object alone

SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_IDLE_SECONDS = 30 * 60  # CJIS AC-11
SESSION_SEEN_SECONDS = 60  # a write a minute is enough to know that somebody is there
SESSION_ABSOLUTE_SECONDS = 12 * 60 * 60  # CJIS IA-11
SESSION_WARNING_SECONDS = 15 * 60
SESSION_COOKIE_AGE = SESSION_ABSOLUTE_SECONDS
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "agencies.views.errors.csrf_failure"
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "object-src": [NONE],
        "frame-ancestors": [NONE],
        "manifest-src": [SELF],
    }
}

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("es", _("Spanish")), ("fr", _("French"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
LANGUAGE_COOKIE_AGE = 365 * 24 * 60 * 60
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_HTTPONLY = True
FORMAT_MODULE_PATH = ["config.formats"]
USE_I18N = True
USE_TZ = True
USE_THOUSAND_SEPARATOR = False  # a year must not read 2,019; counts are formatted where they stand
TIME_ZONE = "UTC"
MODELTRANSLATION_DEFAULT_LANGUAGE = "en"
MODELTRANSLATION_FALLBACK_LANGUAGES = ("en",)

STATIC_URL = "static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = Path(os.environ.get("STATIC_ROOT", BASE_DIR / "staticfiles"))
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
FILE_UPLOAD_MAX_MEMORY_SIZE = 12 * 1024 * 1024
FILE_UPLOAD_HANDLERS = ["agencies.uploads.CappedUploadHandler"]
DATA_UPLOAD_MAX_MEMORY_SIZE = 12 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 500
CASES_PHOTO_MAX_BYTES = 10 * 1024 * 1024
CASES_PHOTO_MAX_PIXELS = 25_000_000
ALERTS_CAP_MAX_BYTES = 5 * 1024 * 1024

EMAIL_HOST = os.environ.get("EMAIL_HOST", "127.0.0.1")
EMAIL_PORT = int(os.environ.get("EMAIL_PORT", "25"))
EMAIL_HOST_USER = os.environ.get("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = os.environ.get("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_TLS = os.environ.get("EMAIL_USE_TLS", "") == "1"
EMAIL_TIMEOUT = 10  # seconds; a hanging server must not hold a chunk
DEFAULT_FROM_EMAIL = os.environ.get("DEFAULT_FROM_EMAIL", "AMBER Bridge <no-reply@amber-bridge.example>")

REDIS_URL = os.environ.get("REDIS_URL", "redis://127.0.0.1:6379/0")
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
# How many desks the relay asks in one round whether their numbers are right; 0 asks none.
DESK_CHECKS_PER_ROUND = int(os.environ.get("AMBER_DESK_CHECKS_PER_ROUND", "2"))
ALERTS_LEASE_SECONDS = 20
ALERTS_CHUNK_SIZE = 500
ALERTS_RELAY_GRACE_SECONDS = 5  # how long the relay leaves a fresh row to the worker
ALERTS_RELAY_POLL_SECONDS = 2
ALERTS_MAIL_LINES = 4  # connections that one sender keeps to the mail server
ALERTS_WEBHOOK_SECONDS = 10  # a partner's whole answer, however slowly it comes
# Hosts of one's own network that a webhook may reach, also without TLS; every other one must be public (ASVS 1.3.6).
ALERTS_WEBHOOK_PRIVATE_HOSTS = frozenset(
    host.strip().lower() for host in os.environ.get("AMBER_WEBHOOK_PRIVATE_HOSTS", "").split(",") if host.strip()
)
ALERTS_SMS_SECONDS = 10  # a provider's whole answer to one text message
ALERTS_SMS_SEGMENTS = 6  # the most parts of a text message: 918 septets, or 402 signs where one needs UCS-2
# Accounts of Twilio's interface, the second tried when the first one fails; their names stand in addresses they call.
ALERTS_SMS_ACCOUNTS = tuple(
    {
        "name": name,
        "api": os.environ.get(f"{prefix}_API", "https://api.twilio.com"),
        "account": os.environ[f"{prefix}_ACCOUNT"],
        "token": os.environ.get(f"{prefix}_TOKEN", ""),
        "sender": os.environ.get(f"{prefix}_SENDER", ""),
    }
    for name, prefix in (("first", "AMBER_SMS"), ("second", "AMBER_SMS_2"))
    if os.environ.get(f"{prefix}_ACCOUNT")
)
ALERTS_SMS_SIMULATED = False  # exercises are simulated everywhere

# Which processes run here: staff and supervisors are told when one gives no sign of life for a minute (ADR 75).
ALERTS_EXPECTED_PROCESSES = frozenset(
    name.strip() for name in os.environ.get("AMBER_EXPECTED_PROCESSES", "worker,beat,relay").split(",") if name.strip()
)
# An outside watch that the relay asks for every minute; it calls somebody when nobody asks any more.
ALERTS_DEAD_MAN_URL = os.environ.get("AMBER_DEAD_MAN_URL", "")

REST_FRAMEWORK = {
    # The session is the only door (ASVS 6.3.4); only JSON, because the browsable form lists foreign rows.
    "DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework.authentication.SessionAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "agencies.api.problems.exception_handler",
    "UNAUTHENTICATED_USER": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "AMBER Bridge API",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PUBLIC": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.IsAuthenticated"],
    "ENUM_NAME_OVERRIDES": {
        "Answer": "cases.choices.Answer",
        "CaseStatus": "cases.choices.CaseStatus",
        "ChildStatus": "cases.choices.ChildStatus",
        "CriteriaAnswer": "cases.choices.CriteriaAnswer",
        "HomeOutcome": "cases.choices.HomeOutcome",
        "CorrectionDecision": "cases.choices.CorrectionDecision",
        "Country": "agencies.choices.Country",
        "Language": "agencies.choices.Language",
        "OverrideKind": "agencies.choices.OverrideKind",
        "RecipientKind": "alerts.choices.RecipientKind",
        "RecipientRole": "alerts.choices.RecipientRole",
        "RequestStatus": "alerts.choices.RequestStatus",
        "AlertStatus": "alerts.choices.AlertStatus",
        "DeliveryState": "alerts.choices.DeliveryState",
        "DutyKind": "alerts.choices.DutyKind",
        "DutyOutcome": "alerts.choices.DutyOutcome",
        "DutyStatus": "alerts.choices.DutyStatus",
        "ExerciseVerdict": "alerts.exercise_scores.Verdict",
        "TextReviewStatus": "alerts.choices.TextReviewStatus",
        "ReviewStatus": "cases.choices.ReviewStatus",
        "TimeZone": "cases.models.place.ZONE_CHOICES",
        "EventKind": "cases.choices.EventKind",
        "PlateKind": "cases.choices.PlateKind",
        "PlateStanding": "cases.choices.PlateStanding",
        "PlateReplacement": "cases.choices.PlateReplacement",
        "ReferenceKind": "cases.choices.ReferenceKind",
        "TravelMode": "cases.choices.TravelMode",
        "NoticeBody": "cases.choices.NoticeBody",
        "NoticeOutcome": "cases.choices.NoticeOutcome",
        "PublicItem": "cases.choices.PublicItem",
        "RedactionKind": "alerts.choices.RedactionKind",
        "RedactionKindOfAnApprover": "alerts.api.withdrawals.BY_AN_APPROVER",
        "UpdateKind": "alerts.choices.UpdateKind",
        "UpdateStatus": "alerts.choices.UpdateStatus",
    },
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {"django.request": {"level": "ERROR"}, "axes": {"level": "ERROR"}},
}
SILENCED_SYSTEM_CHECKS: list[str] = []
IS_DEMO = os.environ.get("AMBER_DEMO", "") == "1"
