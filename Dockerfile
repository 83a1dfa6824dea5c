# Two images from one file: `web` (web, housekeeping, beat) has no load tools; `bench` measures.
FROM python:3.13-slim AS base
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PIP_DISABLE_PIP_VERSION_CHECK=1 DJANGO_SETTINGS_MODULE=estimator.settings
WORKDIR /srv/estimator
RUN useradd --system --create-home --uid 10001 estimator && mkdir -p /srv/estimator/var && chown estimator /srv/estimator/var

FROM base AS web
COPY requirements.lock ./
RUN pip install --no-cache-dir --require-hashes -r requirements.lock
COPY manage.py pyproject.toml ./
COPY templates templates
COPY estimator estimator
ENV EXTRA_APPS=
USER estimator
CMD ["gunicorn", "estimator.wsgi", "--bind", "0.0.0.0:8000", "--worker-class", "gthread", "--workers", "2", "--threads", "8"]

FROM base AS bench
COPY requirements-bench.lock ./
RUN pip install --no-cache-dir --require-hashes -r requirements-bench.lock
COPY manage.py pyproject.toml ./
COPY templates templates
COPY estimator estimator
COPY benchmarks benchmarks
COPY apps_under_test apps_under_test
USER estimator
CMD ["celery", "-A", "benchmarks.tasks", "worker", "-Q", "bench", "--concurrency", "1", "-n", "bench@%h"]
