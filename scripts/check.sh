#!/usr/bin/env bash
# Everything that can be held without running the service. Each line says what it holds.
set -euo pipefail
python=.venv/bin/python
# Placeholders: no check below opens a connection.
export DATABASE_URL=postgresql://check:check@127.0.0.1/check REDIS_URL=redis://127.0.0.1:1/0
export SECRET_KEY=${SECRET_KEY:-$($python -c 'import secrets; print(secrets.token_urlsafe(60))')}
export DJANGO_SETTINGS_MODULE=estimator.settings

step() { echo "--- $1"; shift; "$@"; }
step "format" $python -m ruff format --check --quiet .
step "lint" $python -m ruff check --quiet .
step "templates" $python -m djlint --check --lint --quiet templates
step "types" $python -m mypy
step "import contracts" .venv/bin/lint-imports
step "migrations" $python -W ignore -m django makemigrations --check --dry-run
step "deployment" $python -m django check --deploy --fail-level WARNING
