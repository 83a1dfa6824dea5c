"""The web application as gunicorn runs it."""

import logging
import os

from django.core.wsgi import get_wsgi_application

from estimator.logs import WithoutKeys

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "estimator.settings")
application = get_wsgi_application()
for _log in ("gunicorn.access", "gunicorn.error"):  # gunicorn's own: Django's settings do not reach them
    logging.getLogger(_log).addFilter(WithoutKeys())
