#!/usr/bin/env bash
# Fails on a known vulnerability, and also when a package could not be looked up.
set -euo pipefail
for lock in requirements-dev.lock apps_under_test/*/requirements.lock; do
  echo "--- $lock"
  report=$(.venv/bin/pip-audit --strict --disable-pip --require-hashes -r "$lock" 2>&1) || { echo "$report"; exit 1; }
  echo "$report"
  ! grep -qi skipped <<<"$report" || { echo "Some packages were skipped: the audit is not complete."; exit 1; }
done
