"""The queue: a message is only a hint that carries a run id; PostgreSQL is the truth."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "estimator.settings")

app = Celery("estimator")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["estimator"])
