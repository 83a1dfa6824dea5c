#!/usr/bin/env bash
# Lock files hold names, versions and hashes only. --universal: one file for each Python from 3.11 on.
set -euo pipefail
compile=(uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --quiet "$@")
"${compile[@]}" pyproject.toml --extra bench --extra dev -o requirements-dev.lock
"${compile[@]}" pyproject.toml --extra bench -c requirements-dev.lock -o requirements-bench.lock
"${compile[@]}" pyproject.toml -c requirements-dev.lock -o requirements.lock
echo uv | "${compile[@]}" - -o scripts/uv.lock
for folder in apps_under_test/*/; do
  [ -f "$folder/requirements.in" ] && (cd "$folder" && "${compile[@]}" requirements.in -o requirements.lock)
done
