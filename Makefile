# Thin over manage.py: `make demo` measures and prices, `make test` tests, `make` lists the rest.
SHELL := /bin/bash
PYTHON ?= python3
PORT ?= 8000
export PORT
VENV := .venv
RUN := $(VENV)/bin/python
STAMP := $(VENV)/.installed

.DEFAULT_GOAL := help
.PHONY: help demo up test check format audit bench validate lock clean

help: ## list the commands
	@awk -F':.*## ' '/^[a-z]+:.*## /{printf "make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(STAMP) ## set everything up, measure FastAPI, Flask and Django, print what 10M requests/day cost (ONCE=1: then stop)
	@$(RUN) manage.py demo $(if $(ONCE),--once)

up: $(STAMP) ## the service alone: web on PORT (8000), workers, beat
	@$(RUN) manage.py up

test: $(STAMP)-dev ## the whole test suite, on real PostgreSQL, Valkey, Celery and processes
	@$(RUN) -m pytest -n 3 --dist loadfile --ignore tests/end_to_end
	@$(RUN) -m pytest tests/end_to_end

check: $(STAMP)-dev ## format, lint, types, contracts, migrations, deployment check, tests
	@./scripts/check.sh
	@$(MAKE) --no-print-directory test

format: $(STAMP)-dev ## rewrite the sources in the project's format
	@$(RUN) -m ruff format . && $(RUN) -m ruff check --fix . && $(RUN) -m djlint --reformat --quiet templates

audit: $(STAMP)-dev ## known vulnerabilities of the locked packages (needs the advisory service)
	@./scripts/audit.sh

bench: $(STAMP) ## our own performance against peers -> docs/benchmarks.md
	@$(RUN) manage.py bench

validate: $(STAMP) ## the measurement's validation table -> docs/validation.md
	@$(RUN) manage.py validate

lock: ## make the lock files anew (needs uv)
	@./scripts/lock.sh

clean: ## remove the environment and everything under var/
	rm -rf $(VENV) var

$(STAMP): requirements-bench.lock scripts/install.sh
	@PYTHON=$(PYTHON) ./scripts/install.sh requirements-bench.lock $@

$(STAMP)-dev: requirements-dev.lock scripts/install.sh
	@PYTHON=$(PYTHON) ./scripts/install.sh requirements-dev.lock $@ && touch $(STAMP)
