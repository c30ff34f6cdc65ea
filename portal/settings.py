"""Settings: one file for all. What differs comes from the environment (portal/env.py).

portal/docs/settings.md explains each variable; a test fails when one is missing there.
"""

import socket
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from csp.constants import NONE, SELF

from portal import env, logs

BASE_DIR = Path(__file__).resolve().parent.parent

# --- Where it runs -----------------------------------------------------------------------------
DEMO = env.flag("DEMO")
DEBUG = False
HOST = env.text("HOST", "127.0.0.1")
PORT = env.integer("PORT", 8000, least=1, most=65535)
BASE_URL = env.http_url("BASE_URL", f"http://{'127.0.0.1' if DEMO else HOST}:{PORT}")
DATA_DIR = env.directory("DATA_DIR", BASE_DIR / "data")
SECRET_KEY = env.secret("SECRET_KEY_FILE", DATA_DIR / "secret-key")
SECRET_KEY_FALLBACKS = list(filter(None, [env.content("SECRET_KEY_FALLBACK_FILE")]))
LOOPBACK_NAMES = ["127.0.0.1", "localhost", "[::1]"]
ALLOWED_HOSTS = [urlsplit(BASE_URL).hostname or ""]
if HOST in {*LOOPBACK_NAMES, "::1"}:
    ALLOWED_HOSTS += LOOPBACK_NAMES  # nobody else can reach it under these names
CSRF_TRUSTED_ORIGINS = [BASE_URL]
NODE_NAME = env.text("NODE_NAME", socket.gethostname())[:64]
METRICS_TOKEN = env.text("METRICS_TOKEN", "")  # portal/prometheus.py tells who may read
WEB_WORKERS = env.integer("WEB_WORKERS", 2, least=1, most=64)
JOB_WORKERS = env.integer("JOB_WORKERS", 2, least=1, most=64)
# Longer than a job may take, and than SQLite lets a request wait: 30 seconds each.
STALL_SECONDS = env.integer("STALL_SECONDS", 45, least=10, most=3600)

# --- The organisation --------------------------------------------------------------------------
ORGANISATION_NAME = env.text(
    "ORGANISATION_NAME", "Meridian Research Cloud" if DEMO else "Your organisation"
)
EMERGENCY_PHONE = env.text("EMERGENCY_PHONE", "+31 85 000 01 99" if DEMO else "")
# Mail footers that mention breaches are no report; one file, footers parted by empty lines.
KNOWN_FOOTERS = env.paragraphs("KNOWN_FOOTERS_FILE")
WORKING_COUNTRY = env.text("WORKING_COUNTRY", "NL")  # ISO 3166 code, for public holidays
WORKING_SUBDIVISION = env.text("WORKING_SUBDIVISION", "")
WORKDAY_START_HOUR = env.integer("WORKDAY_START_HOUR", 9, least=0, most=22)
WORKDAY_END_HOUR = env.integer("WORKDAY_END_HOUR", 17, least=1, most=23)

# --- Applications ------------------------------------------------------------------------------
# portal stands before the admin so that its templates win; incidents before workflows so that
# the record's receivers run first.
INSTALLED_APPS = [
    "portal.apps.PortalConfig",
    "incidents.apps.IncidentsConfig",
    "workflows.apps.WorkflowsConfig",
    "portal.apps.ConsoleConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.usersessions",
    "django_q",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "csp",
]
MIDDLEWARE = [
    "portal.middleware.RequestLog",
    "portal.middleware.BodyLimit",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "portal.middleware.ReaderLanguage",
    "portal.middleware.SessionLife",
    "portal.middleware.SecondFactor",
    "portal.middleware.ReaderTimeZone",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "portal.api.idempotency.Idempotency",
]
ROOT_URLCONF = "portal.urls"
WSGI_APPLICATION = "portal.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "portal.context.site",
            ]
        },
    }
]

# --- Database ----------------------------------------------------------------------------------
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
DATABASES: dict[str, dict[str, Any]] = {
    "default": env.database("DATABASE_URL", f"sqlite:///{DATA_DIR / 'tocsin.sqlite3'}")
}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    DATABASES["default"]["OPTIONS"] = {
        # Measured: with DEFERRED nine in ten concurrent writers fail at once, whatever the timeout.
        "transaction_mode": "IMMEDIATE",
        "timeout": 30,
        # FULL: a report whose reference was shown survives a power cut too.
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; "
        "PRAGMA cache_size=-32000;",
    }
# Measured: without persistent connections PostgreSQL takes a third of the reports. SQLite opens a
# file only, but django-q2 closes and opens it at every job that is queued, and each request again.
DATABASES["default"]["CONN_MAX_AGE"] = 600
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True

# --- Jobs --------------------------------------------------------------------------------------
Q_CLUSTER: dict[str, Any] = {
    "name": "tocsin",
    "broker_class": "workflows.broker.Broker",
    "orm": "default",  # never another alias: measured, it silently loses the open transaction
    "workers": JOB_WORKERS,
    "poll": 0.05,
    "queue_limit": 2 * JOB_WORKERS,
    "timeout": 30,
    # The lease starts when a row is taken: timeout x (queue_limit / workers + 1), and a margin.
    "retry": 120,
    "max_attempts": 5,
    "save_limit": -1,  # outcomes are in our own rows; saving them costs four fifths of the speed
    "catch_up": False,
    "scheduler": False,  # the supervisor's tick sweeps instead: schedules fire up to 30 s late
    "label": "Jobs",
    "error_reporter": {},
}

# --- Mail --------------------------------------------------------------------------------------
MAIL_OUTBOX_DIR = DATA_DIR / "outbox"
_mail = env.mail("EMAIL_URL", f"outbox://{MAIL_OUTBOX_DIR}")
if _mail["EMAIL_BACKEND"] == "outbox":
    MAIL_OUTBOX_DIR = Path(_mail["EMAIL_FILE_PATH"])
    EMAIL_BACKEND = "workflows.mail.OutboxBackend"
else:
    EMAIL_BACKEND = "workflows.mail.SmtpBackend"
    EMAIL_HOST = _mail["EMAIL_HOST"]
    EMAIL_PORT = _mail["EMAIL_PORT"] or 25
    EMAIL_HOST_USER = _mail["EMAIL_HOST_USER"] or ""
    EMAIL_HOST_PASSWORD = _mail["EMAIL_HOST_PASSWORD"] or ""
    EMAIL_USE_TLS = _mail.get("EMAIL_USE_TLS", False)
    EMAIL_USE_SSL = _mail.get("EMAIL_USE_SSL", False)
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.text("MAIL_FROM", f"tocsin@{urlsplit(BASE_URL).hostname}")
SERVER_EMAIL = DEFAULT_FROM_EMAIL

# --- Sign-in -----------------------------------------------------------------------------------
AUTH_USER_MODEL = "portal.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
_VALIDATION = "django.contrib.auth.password_validation."
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"{_VALIDATION}UserAttributeSimilarityValidator"},
    {"NAME": f"{_VALIDATION}MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": f"{_VALIDATION}CommonPasswordValidator"},
    {"NAME": f"{_VALIDATION}NumericPasswordValidator"},
]
PASSWORD_RESET_TIMEOUT = 2 * 3600
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "portal.signin.Adapter"
ACCOUNT_FORMS = {"login": "portal.signin_forms.LoginForm"}
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_REAUTHENTICATION_TIMEOUT = 5 * 60  # so long is who signed in taken to be still there
ALLAUTH_TRUSTED_PROXY_COUNT = env.integer("PROXIES", 0, least=0, most=5)
ACCOUNT_RATE_LIMITS: dict[str, str] | bool = {}  # allauth's; portal/signin_limits.py has more
MFA_RATE_LIMITS: dict[str, str] | bool = {"webauthn_login": "30/m/ip"}  # offices share an address
if DEMO:
    ACCOUNT_RATE_LIMITS = MFA_RATE_LIMITS = False

SECOND_FACTOR_IS_COMPULSORY = not DEMO  # for whoever holds a role
MFA_ADAPTER = "portal.second_factor.Adapter"
MFA_FORMS = {
    "authenticate": "portal.signin_forms.CodeForm",
    "reauthenticate": "portal.signin_forms.CodeAgainForm",
    "activate_totp": "portal.signin_forms.ActivateForm",
    "login_webauthn": "portal.signin_forms.PasskeyLoginForm",
    "authenticate_webauthn": "portal.signin_forms.PasskeyForm",
    "reauthenticate_webauthn": "portal.signin_forms.PasskeyAgainForm",
}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Tocsin"
MFA_TOTP_TOLERANCE = 1  # half a minute: phones and servers do not agree to the second
MFA_ALLOW_UNVERIFIED_EMAIL = True  # the administrator wrote the address
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not BASE_URL.startswith("https://")

OIDC_SERVER_URL = env.http_url_or_none("OIDC_SERVER_URL")
OIDC_CLIENT_ID = env.text("OIDC_CLIENT_ID", "")
OIDC_NAME = env.text("OIDC_NAME", "single sign-on")
OIDC_GROUPS_CLAIM = env.text("OIDC_GROUPS_CLAIM", "groups")
OIDC_GROUP_MAP = env.pairs("OIDC_GROUP_MAP")
OIDC_IS_STRONG = env.flag("OIDC_IS_STRONG")
SOCIALACCOUNT_ADAPTER = "portal.single_signon.Adapter"
SOCIALACCOUNT_LOGIN_ON_GET = True  # a link: CSP forbids forms whose answer leads to another host
SOCIALACCOUNT_EMAIL_REQUIRED = False
SOCIALACCOUNT_EMAIL_VERIFICATION = "none"
SOCIALACCOUNT_PROVIDERS = {
    "openid_connect": {
        "OAUTH_PKCE_ENABLED": True,
        "APPS": [
            {
                "provider_id": "sso",
                "name": OIDC_NAME,
                "client_id": OIDC_CLIENT_ID,
                "secret": env.content("OIDC_CLIENT_SECRET_FILE"),
                "settings": {"server_url": OIDC_SERVER_URL},
            }
        ]
        if OIDC_SERVER_URL
        else [],
    }
}

# Counted for all web processes and nodes together, or limits would multiply with them.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "portal_cache",
        # Far above what an attack can fill within a window: a full cache forgets counts.
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    },
    "process": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
}

# --- Security ----------------------------------------------------------------------------------
_https = BASE_URL.startswith("https://")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _https
if _https:  # browsers then take them from this very host only, not from a neighbour of its domain
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-sessionid", "__Host-csrftoken"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_AGE = 12 * 3600
SESSION_IDLE_MINUTES = env.integer("SESSION_IDLE_MINUTES", 60, least=5, most=720)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if _https else None
SECURE_SSL_REDIRECT = False  # the proxy that holds the certificate redirects
SECURE_HSTS_SECONDS = 365 * 86400 if _https else 0
SILENCED_SYSTEM_CHECKS = [
    "security.W008",  # the proxy redirects
    "security.W005",  # whether other names of the domain, and browsers' preload lists, may rely on
    "security.W021",  # https is for the owner of the domain to say, not for this program
]
SECURE_REFERRER_POLICY = "same-origin"
CSRF_FAILURE_VIEW = "portal.errors.csrf_failure"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "object-src": [NONE],
    }
}

# --- Uploads (DOMAIN.md 4, field 19) -------------------------------------------------------------
UPLOAD_MAX_FILES = 10
UPLOAD_MAX_BYTES = 25 * 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = 10 * 1024 * 1024
BODY_MAX_BYTES = UPLOAD_MAX_FILES * UPLOAD_MAX_BYTES + DATA_UPLOAD_MAX_MEMORY_SIZE

# --- Files -------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STORAGES: dict[str, Any] = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "evidence": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {
            "location": DATA_DIR / "evidence",
            "file_permissions_mode": 0o600,
            "directory_permissions_mode": 0o700,
        },
    },
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

# --- Language and time -------------------------------------------------------------------------
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("nl", "Nederlands"), ("de", "Deutsch"), ("fr", "Français")]
FORMAT_MODULE_PATH = ["portal.formats"]
LOCALE_PATHS = [BASE_DIR / "portal" / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = env.time_zone("TIME_ZONE", "Europe/Amsterdam")

# --- API ---------------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["portal.api.authentication.TokenAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["portal.api.permissions.HasScope"],
    "DEFAULT_RENDERER_CLASSES": ["portal.api.rendering.Json"],
    "DEFAULT_PARSER_CLASSES": ["portal.api.parsers.StrictJSON"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "portal.api.rendering.FirstRenderer",
    "DEFAULT_METADATA_CLASS": None,
    "DEFAULT_PAGINATION_CLASS": "portal.api.paging.Cursor",
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_SCHEMA_CLASS": "portal.api.schema.Described",
    "DEFAULT_THROTTLE_CLASSES": [] if DEMO else ["portal.api.throttling.PerToken"],
    "DEFAULT_THROTTLE_RATES": {"token": "600/min"},
    "EXCEPTION_HANDLER": "portal.api.errors.problem",
    "UNAUTHENTICATED_USER": None,
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Tocsin",
    "DESCRIPTION": "Report and handle suspected security incidents.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "COMPONENT_SPLIT_REQUEST": True,
    # Without the usual hook: it would give each list of words a component and an invented name.
    "POSTPROCESSING_HOOKS": ["portal.api.schema.add_problems"],
}

# --- Logs --------------------------------------------------------------------------------------
LOG_FORMAT = env.one_of("LOG_FORMAT", "console" if DEMO else "json", ["console", "json"])
LOG_LEVEL = env.one_of("LOG_LEVEL", "INFO", ["DEBUG", "INFO", "WARNING", "ERROR"])
LOGGING = logs.configuration(LOG_FORMAT, LOG_LEVEL)
