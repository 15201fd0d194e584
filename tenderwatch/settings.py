"""
Django settings, configured by environment variables (``docs/deployment.md`` lists them).

Everything has a default on a laptop. With ``DJANGO_ENV=production`` a missing variable stops the start with a message
that names it.
"""

import re
from datetime import timedelta
from pathlib import Path

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext_lazy as _

from tenderwatch import logs, sentry

BASE_DIR = Path(__file__).resolve().parent.parent

env = environ.Env()
environ.Env.read_env(BASE_DIR / ".env")  # a variable of the environment wins over the file

DJANGO_ENV = env("DJANGO_ENV", default="laptop")
if DJANGO_ENV not in {"laptop", "production"}:
    raise ImproperlyConfigured(f"DJANGO_ENV is '{DJANGO_ENV}'; it must be 'laptop' or 'production'.")
IS_PRODUCTION = DJANGO_ENV == "production"

DEBUG = env.bool("DEBUG", default=False)
if IS_PRODUCTION:
    if DEBUG:
        raise ImproperlyConfigured("DEBUG must be off when DJANGO_ENV is 'production'.")
    for name, meaning in (
        ("SECRET_KEY", "a long random text that nobody else knows"),
        ("ALLOWED_HOSTS", "the site's host names, separated by commas"),
    ):
        if not env(name, default=""):
            raise ImproperlyConfigured(f"{name} must be set when DJANGO_ENV is 'production': {meaning}.")

# The default key is accepted only while no other machine can reach the site.
LAPTOP_KEY = "insecure: for a laptop only, never for a site that others can reach"
LAPTOP_HOSTS = ["localhost", "127.0.0.1", "[::1]"]
SECRET_KEY = env("SECRET_KEY", default=LAPTOP_KEY)
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])  # former keys: what they signed is still accepted
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=LAPTOP_HOSTS)
if IS_PRODUCTION and "*" in ALLOWED_HOSTS:
    raise ImproperlyConfigured("ALLOWED_HOSTS must name the site's hosts when DJANGO_ENV is 'production', not '*'.")
if IS_PRODUCTION and (SECRET_KEY == LAPTOP_KEY or len(SECRET_KEY) < 50):
    raise ImproperlyConfigured("SECRET_KEY must be random and have 50 characters or more in production.")
if IS_PRODUCTION and any(key == LAPTOP_KEY or len(key) < 50 for key in SECRET_KEY_FALLBACKS):
    raise ImproperlyConfigured("SECRET_KEY_FALLBACKS must be former secret keys of this site in production.")
if SECRET_KEY == LAPTOP_KEY and not set(ALLOWED_HOSTS) <= set(LAPTOP_HOSTS):
    raise ImproperlyConfigured("SECRET_KEY must be set when ALLOWED_HOSTS names others than this machine.")

# The application

INSTALLED_APPS = [
    "tenders",
    "accounts",
    "django_filters",
    "django_htmx",
    "django_tables2",
    "simple_history",
    "axes",
    "django_otp",
    "django_otp.plugins.otp_static",
    "django_otp.plugins.otp_totp",
    "csp",
    "tenderwatch.apps.TenderWatchAdminConfig",  # django.contrib.admin, with our AdminSite
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.sitemaps",
    "django.contrib.staticfiles",
]

MIDDLEWARE = [
    "tenderwatch.request_ids.RequestIdMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "tenderwatch.headers.CrossOriginResourcePolicyMiddleware",
    "tenders.views.programs.DataMiddleware",
    "tenders.views.as_of.AsOfMiddleware",
    "tenders.views.page_cache.PageCacheMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "csp.middleware.CSPMiddleware",
    "tenders.views.limits.RequestLimitsMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "tenderwatch.turns.TurnsMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "tenderwatch.replicas.ReplicaMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "accounts.middleware.AccountMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "tenders.views.twin_links.TwinLinksMiddleware",
    "tenders.views.errors.RedirectedReferenceMiddleware",
    "tenders.views.errors.UnreadableValueMiddleware",
    "tenders.views.admin_site.NeverCachedAdminMiddleware",
    "axes.middleware.AxesMiddleware",
    "tenders.views.as_of.PastLinksMiddleware",
]

ROOT_URLCONF = "tenderwatch.urls"
WSGI_APPLICATION = "tenderwatch.wsgi.application"

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
            ],
        },
    },
]

# The database

DATABASES = {"default": env.db("DATABASE_URL", default=f"sqlite:///{BASE_DIR / 'db.sqlite3'}")}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # Without IMMEDIATE, two transactions that read before they write fail with "database is locked".
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }
else:
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
    # A database that is silent counts as unreachable (libpq: seconds, milliseconds); by default after minutes.
    waits = {"connect_timeout": 5, "tcp_user_timeout": 30_000}
    DATABASES["default"]["OPTIONS"] = waits | DATABASES["default"].get("OPTIONS", {})
DATABASES["default"]["CONN_MAX_AGE"] = 60  # seconds; connecting takes longer than querying the dataset version

# Several machines (docs/scaling.md): replicas of the database, a pooler before it, a cache that web nodes share

for number, url in enumerate(env.list("DATABASE_REPLICA_URLS", default=[]), start=1):
    DATABASES[f"replica{number}"] = env.db_url_config(url) | {"CONN_HEALTH_CHECKS": True, "CONN_MAX_AGE": 60}
DATABASE_REPLICAS = [alias for alias in DATABASES if alias != "default"]
DATABASE_ROUTERS = ["tenders.past.reading.PastRouter"]  # the first that knows the database
if DATABASE_REPLICAS:
    DATABASE_ROUTERS.append("tenderwatch.replicas.ReplicaRouter")
REPLICA_MAX_LAG = env.int("REPLICA_MAX_LAG", default=5)  # seconds
if DATABASE_REPLICAS:
    if any(config["ENGINE"] != "django.db.backends.postgresql" for config in DATABASES.values()):
        raise ImproperlyConfigured("DATABASE_REPLICA_URLS and DATABASE_URL must be addresses of PostgreSQL databases.")
    for config in DATABASES.values():
        config["OPTIONS"] = {"connect_timeout": 3, **config.get("OPTIONS", {})}  # seconds
if env.bool("DATABASE_POOLED", default=False):  # a transaction may get another connection than the one before it
    for config in DATABASES.values():
        config["DISABLE_SERVER_SIDE_CURSORS"] = True

# For values cached by dataset version (tenders/caching.py); a list takes three entries, some 9 kB
CACHE_URL = env("CACHE_URL", default="")
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "TIMEOUT": None,
        "OPTIONS": {"MAX_ENTRIES": 1000},
    },
}
if CACHE_URL:
    if not CACHE_URL.startswith(("redis://", "rediss://", "unix://")):
        raise ImproperlyConfigured("CACHE_URL must be the address of a Valkey or Redis server: redis://host:6379/0.")
    CACHES["default"] = {
        "BACKEND": "tenderwatch.shared_cache.SharedCache",
        "LOCATION": CACHE_URL,
        "TIMEOUT": 60 * 60 * 24,  # seconds; keys of former versions are never read again
        "OPTIONS": {"socket_connect_timeout": 0.2, "socket_timeout": 0.5},
    }

# Megabytes (2^20 bytes) of pages that one process keeps as they were sent; with CACHE_URL they are shared. 0: none
PAGE_CACHE_MB = env.int("PAGE_CACHE_MB", default=32)

BACKUP_ROOT = env("BACKUP_ROOT", default=str(BASE_DIR / "backups"))  # where `manage.py backup` writes

DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
FIXTURE_DIRS = [BASE_DIR / "fixtures"]

# Languages and time

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("zh-hans", _("Simplified Chinese"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_TZ = True
TIME_ZONE = env("TIME_ZONE", default="Asia/Shanghai")

# Static files: hashed and compressed, except with DEBUG

STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage",
    },
}

# Evidence: the files of sources. No address leads into the folder; tenders/views/evidence.py sends files one by one.

_database = Path(DATABASES["default"]["NAME"])
_beside_database = _database.parent if DATABASES["default"]["ENGINE"].endswith("sqlite3") else BASE_DIR
EVIDENCE_ROOT = Path(env("EVIDENCE_ROOT", default=str(_beside_database.absolute() / "evidence")))
if not EVIDENCE_ROOT.is_absolute():
    raise ImproperlyConfigured(f"EVIDENCE_ROOT must be the absolute path of a folder, not '{EVIDENCE_ROOT}'.")
for folder in (STATIC_ROOT, *STATICFILES_DIRS):
    if EVIDENCE_ROOT.is_relative_to(folder):
        raise ImproperlyConfigured(f"EVIDENCE_ROOT must not lie in {folder}, which is public.")
STORAGES["evidence"] = {
    "BACKEND": "django.core.files.storage.FileSystemStorage",
    "OPTIONS": {
        "location": EVIDENCE_ROOT,
        "allow_overwrite": True,  # names are hashes
        "file_permissions_mode": 0o600,
        "directory_permissions_mode": 0o700,
    },
}
if EVIDENCE_STORAGE := env("EVIDENCE_STORAGE", default=""):  # of several machines: docs/scaling.md
    STORAGES["evidence"] = {"BACKEND": EVIDENCE_STORAGE, "OPTIONS": env.json("EVIDENCE_STORAGE_OPTIONS", default={})}

# Forms: the preview of an import has a checkbox per row, up to 2,000

DATA_UPLOAD_MAX_NUMBER_FIELDS = 3_000

# Security

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    },
}
# Downloads that one process sends at the same time: fewer than it has threads, as a slow reader keeps one.
DOWNLOADS_AT_ONCE = env.int("DOWNLOADS_AT_ONCE", default=8)

# Megabytes (2^20 bytes) of downloads that are kept as files, so that each is made once for a version of the records
DOWNLOADS_KEPT_MB = env.int("DOWNLOADS_KEPT_MB", default=200)
DOWNLOADS_ROOT = Path(env("DOWNLOADS_ROOT", default=str(_beside_database.absolute() / "downloads")))

# Where `manage.py release_data` writes the versions of the data set, which readers download
DATA_VERSIONS = Path(env("DATA_VERSIONS", default=str(_beside_database.absolute() / "versions")))

# Copies of the database as it was (tenders/past/): as many SQLite files in a folder
PAST_COPIES = env.int("PAST_COPIES", default=4)
if PAST_COPIES < 1:
    raise ImproperlyConfigured(f"PAST_COPIES must be 1 or more, not {PAST_COPIES}.")
PAST_ROOT = Path(env("PAST_ROOT", default=str(_beside_database.absolute() / "past")))

BEHIND_PROXY = IS_PRODUCTION and env.bool("BEHIND_PROXY", default=False)
CSRF_COOKIE_HTTPONLY = True  # as the session cookie: no script of ours reads either
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]

# Log-in: password, then the code of the second factor; the limits on failures are in accounts/limits.py

SECOND_FACTOR_EXEMPTION = env("SECOND_FACTOR_EXEMPTION", default="")  # the reason, which `check --deploy` repeats
SECOND_FACTOR_REQUIRED = env.bool("SECOND_FACTOR_REQUIRED", default=IS_PRODUCTION and not SECOND_FACTOR_EXEMPTION)
if IS_PRODUCTION and not (SECOND_FACTOR_REQUIRED or SECOND_FACTOR_EXEMPTION):
    raise ImproperlyConfigured("SECOND_FACTOR_REQUIRED is off: give the reason in SECOND_FACTOR_EXEMPTION.")
OTP_TOTP_ISSUER = "TenderWatch"  # as authenticator apps show it
SESSION_ENGINE = "accounts.sessions"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"  # in no cookie of its own
SESSION_COOKIE_AGE = 60 * 60 * 10  # seconds from login: a working day
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
AXES_HANDLER = "accounts.limits.LoginLimits"
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False  # so the time on the lockout page stays right
AXES_RESET_ON_SUCCESS = True
AXES_CLIENT_IP_CALLABLE = "accounts.addresses.client_network"
AXES_USERNAME_CALLABLE = "accounts.limits.folded_name"
AXES_LOCKOUT_CALLABLE = "accounts.limits.locked_out"
AXES_SENSITIVE_PARAMETERS = ["code"]  # besides the password: what no table of failures may hold
AXES_ENABLE_ADMIN = False  # administrators use commands instead: docs/deployment.md

# Mail, with which editors reset forgotten passwords: none until EMAIL_URL is set

CAN_SEND_MAIL = bool(env("EMAIL_URL", default=""))
if CAN_SEND_MAIL:
    vars().update(env.email("EMAIL_URL"))
EMAIL_TIMEOUT = 10  # seconds
DEFAULT_FROM_EMAIL = env("DEFAULT_FROM_EMAIL", default="webmaster@localhost")
PASSWORD_RESET_TIMEOUT = 60 * 60  # seconds: the link of a mail works for an hour

# The address that readers find on the page “Contact”, and to which they answer mails of editors

CONTACT_EMAIL = env("CONTACT_EMAIL", default="")
if CONTACT_EMAIL:
    try:
        validate_email(CONTACT_EMAIL)
    except ValidationError:
        raise ImproperlyConfigured(f"CONTACT_EMAIL must be a mail address, not '{CONTACT_EMAIL}'.") from None

# Open contracting data (docs/ocds.md): the registered prefix of our identifiers, and who publishes

OCDS_EXAMPLE_PREFIX = "ocds-213czf"  # of the documentation of the standard
OCDS_PREFIX = env("OCDS_PREFIX", default=OCDS_EXAMPLE_PREFIX)
if not re.fullmatch("ocds-[a-z0-9]{6}", OCDS_PREFIX):
    raise ImproperlyConfigured(f"OCDS_PREFIX must be one such as {OCDS_EXAMPLE_PREFIX}, not '{OCDS_PREFIX}'.")
PUBLISHER_NAME = env("PUBLISHER_NAME", default="TenderWatch")
PUBLISHER_URL = env("PUBLISHER_URL", default="")

if IS_PRODUCTION:
    SECURE_SSL_REDIRECT = True
    SECURE_REDIRECT_EXEMPT = [r"^(healthz|readyz|metrics)$"]  # probes come from inside, without TLS
    SECURE_HSTS_SECONDS = env.int("HSTS_SECONDS", default=60 * 60 * 24 * 365)
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
    # Browsers accept these names only from this very host, over HTTPS, for all of its paths.
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-session", "__Host-csrf"
    CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
    if BEHIND_PROXY:
        # Only behind a proxy that overwrites this header: otherwise visitors could set it.
        SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

# Logs go to standard error, like the server's

LOG_FORMAT = env("LOG_FORMAT", default="json" if IS_PRODUCTION else "text")
ACCESS_LOG = env("ACCESS_LOG", default="0")
for name, value, choices in (("LOG_FORMAT", LOG_FORMAT, logs.FORMATS), ("ACCESS_LOG", ACCESS_LOG, logs.ACCESS_LOGS)):
    if value not in choices:
        raise ImproperlyConfigured(f"{name} is '{value}'; it must be one of: {', '.join(choices)}.")

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {
        "outage": {"()": "tenderwatch.logs.OutageFilter"},
        "request_id": {"()": "tenderwatch.logs.RequestIdFilter"},
    },
    "formatters": {
        "text": {"format": "{asctime} {levelname} {name} {request_id}: {message}", "style": "{"},
        "json": {"()": "tenderwatch.logs.JsonFormatter"},
    },
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "formatter": LOG_FORMAT,
            "filters": ["outage", "request_id"],
        },
    },
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {
        # Errors of clients (4xx) are not logged.
        "django.request": {"handlers": ["console"], "level": "ERROR", "propagate": False},
        "django.security.DisallowedHost": {"handlers": ["console"], "level": "CRITICAL", "propagate": False},
        "django.server": {"handlers": ["console"], "level": "INFO", "propagate": False},
        "gunicorn.http.wsgi": {"level": "ERROR"},  # it would warn of every HEAD, whose body Django leaves to the server
        "gunicorn.error": {"handlers": ["console"], "level": "ERROR", "propagate": False},
        "tenderwatch.access": {"handlers": ["console"], "level": "INFO", "propagate": False},
        "tenderwatch.security": {"handlers": ["console"], "level": "INFO", "propagate": False},
        "axes": {"level": "ERROR"},  # what it would say of log-ins is in the security log, in one line
    },
}

# Monitoring (docs/operating.md)

METRICS_TOKEN = env("METRICS_TOKEN", default="")  # /metrics answers 404 without one
if METRICS_TOKEN and len(METRICS_TOKEN) < 20:
    raise ImproperlyConfigured("METRICS_TOKEN must be random and have 20 characters or more.")
MIN_FREE_DISK_MB = env.int("MIN_FREE_DISK_MB", default=500)
BACKUP_MAX_AGE_HOURS = env.int("BACKUP_MAX_AGE_HOURS", default=0)  # 0: no backup is expected in BACKUP_ROOT
if SENTRY_DSN := env("SENTRY_DSN", default=""):
    sentry.start(SENTRY_DSN, environment=DJANGO_ENV)
