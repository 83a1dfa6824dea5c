"""Settings of a small JSON API: no sessions, forms, templates or admin."""

import os

from psycopg.conninfo import conninfo_to_dict

_dsn = conninfo_to_dict(os.environ["BENCH_DATABASE_URL"])

DEBUG = False
ALLOWED_HOSTS = ["*"]
APPEND_SLASH = False
USE_I18N = False
USE_TZ = True
TIME_ZONE = "UTC"

INSTALLED_APPS = ["users"]
MIDDLEWARE = ["django.middleware.common.CommonMiddleware"]  # sets Content-Length
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": _dsn["dbname"],
        "USER": _dsn["user"],
        "PASSWORD": _dsn["password"],
        "HOST": _dsn["host"],
        "PORT": _dsn["port"],
        "OPTIONS": {
            "pool": {"min_size": 8, "max_size": 8},
            # psycopg's own defaults, which Django switches off:
            "server_side_binding": True,
            "prepare_threshold": 5,
        },
    }
}
