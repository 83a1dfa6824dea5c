"""Every setting, read from the environment and failing loudly; docs/operations.md lists them all."""

from pathlib import Path
from typing import Any

import environ
from csp.constants import NONCE, NONE, SELF

env = environ.Env()

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = Path(env.str("VAR_DIR", default=str(BASE_DIR / "var")))

# --- What this process serves, and how ---------------------------------------------------------------------------
DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = env.str("SECRET_KEY")
PUBLIC_HTTPS = env.bool("PUBLIC_HTTPS", default=True)  # `manage.py up` turns it off: it serves loopback over HTTP
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
LOG_LEVEL = env.str("LOG_LEVEL", default="INFO")

INSTALLED_APPS = [
    "estimator.apps.EstimatorAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django_htmx",
    "simple_history",
    "import_export",
    "rest_framework",
    "rest_framework_api_key",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "estimator.apps.EstimatorConfig",
    *env.list("EXTRA_APPS", default=["benchmarks"]),  # a web-only image leaves the bench out: EXTRA_APPS=
]

MIDDLEWARE = [
    "estimator.middleware.KeysOutOfAddresses",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",  # default deny: public views say so themselves
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",
    "estimator.api.acting.Acting",
]

ROOT_URLCONF = "estimator.urls"
WSGI_APPLICATION = "estimator.wsgi.application"
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
                "csp.context_processors.nonce",
            ],
        },
    },
]
STATIC_URL = "static/"
WHITENOISE_USE_FINDERS = True  # serves straight from the packages: no collectstatic step on the embedded default
WHITENOISE_AUTOREFRESH = DEBUG
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "start"
LOGOUT_REDIRECT_URL = "login"
LANGUAGE_CODE = "en"
USE_I18N = False
DATETIME_FORMAT, DATE_FORMAT = "Y-m-d H:i:s", "Y-m-d"
USE_TZ = True
TIME_ZONE = "UTC"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Storage and queue -------------------------------------------------------------------------------------------
DATABASES: dict[str, Any] = {"default": env.db("DATABASE_URL")}
DATABASES["default"].setdefault("CONN_MAX_AGE", 60)
DATABASES["default"].setdefault("CONN_HEALTH_CHECKS", True)
REDIS_URL = env.str("REDIS_URL")
CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}}

CELERY_BROKER_URL = REDIS_URL
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 4 * 3600,  # above every time limit: no second delivery while an attempt is alive
    "socket_connect_timeout": 3,
    "socket_timeout": 5,
    "retry_policy": {"timeout": 5.0},
    # A request must not wait for a broker that is away: the reconciler tells the run again.
    "max_retries": 1,
    "interval_start": 0,
}
CELERY_TASK_TIME_LIMIT = 3 * 3600
CELERY_TASK_SOFT_TIME_LIMIT = CELERY_TASK_TIME_LIMIT - 60
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TASK_DEFAULT_QUEUE = "housekeeping"
CELERY_TASK_ROUTES = {"benchmarks.*": {"queue": "bench"}}
CELERY_BEAT_SCHEDULE = {
    "reconcile": {"task": "estimator.reconcile", "schedule": 5.0, "options": {"expires": 5}},
}

# --- Promises with a number ---------------------------------------------------------------------------------------
LEASE_S = env.float("LEASE_S", default=30.0)  # an attempt that shows no sign of life for so long is over
HEARTBEAT_S = env.float("HEARTBEAT_S", default=10.0)
MAXIMUM_ATTEMPTS = env.int("MAXIMUM_ATTEMPTS", default=3)
MAXIMUM_QUEUED_RUNS = env.int("MAXIMUM_QUEUED_RUNS", default=20)
MAXIMUM_MINUTES_PER_DAY = env.int("MAXIMUM_MINUTES_PER_DAY", default=24 * 60)  # of measuring, all hosts together

# --- The bench ----------------------------------------------------------------------------------------------------
STACKS_DIR = Path(env.str("STACKS_DIR", default=str(BASE_DIR / "apps_under_test")))
OWN_APPS = [Path(folder) for folder in env.list("OWN_APPS", default=[])]  # folders with a manifest, anywhere
# Of folders with a journey.toml and a locustfile.
JOURNEYS_DIR = Path(env.str("JOURNEYS_DIR")) if env.str("JOURNEYS_DIR", default="") else None
LOCUST_PROCESSES = env.int("LOCUST_PROCESSES", default=1)
# Or workers on other hosts drive the users: how many, and this host's address on the network they share.
LOCUST_REMOTE_WORKERS = env.int("LOCUST_REMOTE_WORKERS", default=0)
LOAD_ADDRESS = env.str("LOAD_ADDRESS", default="")
LOAD_PORT = env.int("LOAD_PORT", default=5557)  # of Locust's messages; the app under test is behind the next one
BENCH_DIR = Path(env.str("BENCH_DIR", default=str(VAR_DIR / "bench")))
BENCH_HOST = env.str("BENCH_HOST", default="this-machine")  # the hardware profile that this host is registered as

# --- Providers' public price lists (`manage.py import_prices`) ----------------------------------------------------
AWS_PRICE_LIST_URL = env.str("AWS_PRICE_LIST_URL", default="https://pricing.us-east-1.amazonaws.com")
AZURE_PRICE_LIST_URL = env.str("AZURE_PRICE_LIST_URL", default="https://prices.azure.com/api/retail/prices")
PRICE_LIST_MAXIMUM_MIB = env.int("PRICE_LIST_MAXIMUM_MIB", default=2048)  # of one import, all pages together
PRICE_LIST_TIMEOUT_S = env.float("PRICE_LIST_TIMEOUT_S", default=30.0)  # without a byte

# --- Security -----------------------------------------------------------------------------------------------------
AUTHENTICATION_BACKENDS = ["estimator.services.sign_in.ThrottledBackend"]
SIGN_IN_TRIES = env.int("SIGN_IN_TRIES", default=5)  # failed tries of one name from one address ...
SIGN_IN_WAIT_S = env.int("SIGN_IN_WAIT_S", default=900)  # ... and how long they count
ADMIN_PASSWORD = env.str(
    "ADMIN_PASSWORD", default=""
)  # of the first user; empty: generated into VAR_DIR/admin-password
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = PUBLIC_HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if PUBLIC_HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = PUBLIC_HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if env.bool("BEHIND_TLS_PROXY", default=False) else None
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]  # probes come from inside, over plain HTTP
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF, NONCE],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    }
}

# --- REST API -----------------------------------------------------------------------------------------------------
REST_FRAMEWORK: dict[str, Any] = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "estimator.api.authentication.KeyAuthentication",
        "estimator.api.authentication.SignedInAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["estimator.api.permissions.ScopeOrRole"],
    "DEFAULT_THROTTLE_CLASSES": ["estimator.api.throttling.PerKey"],
    "DEFAULT_THROTTLE_RATES": {
        "requests": env.str("API_RATE", default="600/min"),  # of one key
        "calculations": env.str("API_CALCULATION_RATE", default="60/min"),  # of these, projections and capacities
    },
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["estimator.api.parsing.BoundedJsonParser"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "estimator.api.parsing.OneRepresentation",
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_PAGINATION_CLASS": "estimator.api.pagination.NewestFirst",
    "DEFAULT_METADATA_CLASS": None,
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "estimator.api.problems.handle_exception",
    "COERCE_DECIMAL_TO_STRING": True,
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS: dict[str, Any] = {
    "TITLE": "Traffic cost estimator",
    "DESCRIPTION": (
        "Measured capacity of web frameworks, and what traffic costs on them. Compute cost only.\n\n"
        "**Keys**: `Authorization: Api-Key <key>`, or Basic with any name and the key as password (Excel, Power BI). "
        "Scopes: `read` reads, `run` measures, freezes and writes, `admin` approves, `export` fetches files of "
        "estimates and nothing else: such a key may stand in their addresses as `?key=`. No key does more than its "
        "owner may.\n\n"
        "**Lists** come in pages: follow `next` until it is null. **Money** is a decimal string beside its currency, "
        "times are UTC, rates are requests per second. **Errors** are problem details (RFC 9457) whose `errors` name "
        "each field to mend. A POST with an `Idempotency-Key` is **carried out once**. Answers have an `ETag`: sent as "
        "`If-None-Match`, it is answered with 304 while **nothing changed**.\n\n"
        "**Spreadsheets** read `/api/v1/estimates.csv`: one row for each estimate, stack, machine and month."
    ),
    "VERSION": "1",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SERVE_INCLUDE_SCHEMA": False,
    "PREPROCESSING_HOOKS": ["estimator.api.schema.one_address_each"],
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "estimator.api.schema.describe_problems",
    ],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SWAGGER_UI_SETTINGS": {"deepLinking": True, "validatorUrl": None},
    "COMPONENT_SPLIT_REQUEST": True,
}

# --- Logs: one line an event ---------------------------------------------------------------------------------------
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "filters": {name: {"()": f"estimator.logs.{name}"} for name in ("WithoutKeys", "WithoutTraces")},
    "handlers": {
        "stderr": {
            "class": "logging.StreamHandler",
            "formatter": "line",
            "filters": ["WithoutKeys", "WithoutTraces"],
        },
    },
    "root": {"handlers": ["stderr"], "level": LOG_LEVEL},
    # Two lines for each tick of the housekeeping, which ticks every 5 s.
    "loggers": {name: {"level": "WARNING"} for name in ("celery.worker.strategy", "celery.app.trace")},
}
