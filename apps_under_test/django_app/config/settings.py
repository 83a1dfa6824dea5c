"""Settings of a small service: no sessions, passwords or admin."""

import os

from psycopg.conninfo import conninfo_to_dict

POOL_SIZE = int(os.environ["BENCH_POOL_SIZE"])
UPSTREAM_URL = os.environ["BENCH_UPSTREAM_URL"]
_dsn = conninfo_to_dict(os.environ["BENCH_DATABASE_URL"])

DEBUG = False
ALLOWED_HOSTS = ["*"]
APPEND_SLASH = False
USE_I18N = False
USE_TZ = True
TIME_ZONE = "UTC"

INSTALLED_APPS = ["shop"]
MIDDLEWARE = ["django.middleware.common.CommonMiddleware"]  # sets Content-Length
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}]

DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": _dsn["dbname"],
        "USER": _dsn["user"],
        "PASSWORD": _dsn["password"],
        "HOST": _dsn["host"],
        "PORT": _dsn["port"],
        "OPTIONS": {
            "pool": {"min_size": POOL_SIZE, "max_size": POOL_SIZE},
            # psycopg's own defaults, which Django switches off:
            "server_side_binding": True,
            "prepare_threshold": 5,
        },
    }
}

# Whoever serves us, errors are logged, and refused requests are not.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"stderr": {"class": "logging.StreamHandler"}},
    "loggers": {"django": {"handlers": ["stderr"], "level": "ERROR", "propagate": False}},
}
