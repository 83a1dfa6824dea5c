#!/usr/bin/env bash
# Make .venv from a lock file: through uv where it is present or pip can fetch it, else through pip.
set -euo pipefail
lock=$1 stamp=$2 venv=.venv python=${PYTHON:-python3}

fail() { echo "$*" >&2; exit 1; }
[ "$(uname -s)" = Linux ] || fail "This project runs on Linux (glibc); this is $(uname -s)."
command -v "$python" >/dev/null || fail "Python 3.11 or newer is missing: install it (Debian: apt-get install python3-venv), or name it with PYTHON=..."
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || fail "$("$python" --version) is too old: install Python 3.11 or newer, or name it with PYTHON=..."
if [ ! -x $venv/bin/pip ]; then
  "$python" -m venv $venv 2>/dev/null || fail "Python's venv module is missing: install it (Debian: apt-get install python3-venv)."
fi
started=$SECONDS
echo "installing $(grep -cE '^[a-z0-9]' "$lock") locked packages into $venv ..."
uv=$(command -v uv || true)
if [ -z "$uv" ] && { [ -x $venv/bin/uv ] || $venv/bin/pip install -q --disable-pip-version-check --require-hashes -r scripts/uv.lock 2>/dev/null; }; then
  uv=$venv/bin/uv
fi
if [ -n "$uv" ]; then
  "$uv" pip install -q --python $venv/bin/python --require-hashes -r "$lock"
else
  $venv/bin/pip install -q --disable-pip-version-check --require-hashes -r "$lock"
fi
touch "$stamp"
echo "installed in $((SECONDS - started)) s"
