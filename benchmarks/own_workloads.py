"""A workload of the user's own: its requests and right answers, from a manifest's table or a file beside it."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks.manifest_table import ManifestError, Table
from benchmarks.workloads import PreparedRequest

REQUEST_KEYS = ("path", "method", "headers", "body", "expected_status", "expected_json", "expected_text", "any_body")
_ANSWER_KEYS = frozenset({"expected_json", "expected_text", "any_body"})


def is_own(table: Table) -> bool:
    """Whether the table says itself what is asked and answered, instead of naming one of our workloads."""
    return "requests" in table.values or not _ANSWER_KEYS.isdisjoint(table.values)


def own_requests(table: Table) -> tuple[PreparedRequest, ...]:
    """The table's one request, or each line of its file `requests`, whose keys stand before the table's.

    Raises ManifestError with file, line or field, and remedy.
    """
    given = {key: table.values[key] for key in REQUEST_KEYS if key in table.values}
    if "requests" not in table.values:
        return (_prepared(table, given),)
    source = table.source.parent / table.text("requests")
    lines = [line for line in _text(table, source).splitlines() if line.strip()]
    if not lines:
        raise table.error("requests", f"names {source}, which is empty; write one request per line")
    return tuple(_line(source, number, line, given) for number, line in enumerate(lines, start=1))


def _text(table: Table, source: Path) -> str:
    try:
        return source.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise table.error("requests", f"names a file that cannot be read: {error}") from error


def _line(source: Path, number: int, line: str, given: Mapping[str, object]) -> PreparedRequest:
    try:
        values = json.loads(line)
    except ValueError as error:
        raise ManifestError(f"{source}, line {number}, is not JSON: {error}.") from error
    if not isinstance(values, dict):
        raise ManifestError(f'{source}, line {number}, must be an object; write {{"path": "/..."}}.')
    table = Table(source=source, name=f"line {number}", values={**_without_rivals(given, values), **values})
    table.refuse_keys_beyond(*REQUEST_KEYS)
    return _prepared(table, table.values)


def _without_rivals(given: Mapping[str, object], values: Mapping[str, object]) -> dict[str, object]:
    """A line that says its answer does so in the table's stead."""
    says_answer = not _ANSWER_KEYS.isdisjoint(values)
    return {key: value for key, value in given.items() if not (says_answer and key in _ANSWER_KEYS)}


def _prepared(table: Table, values: Mapping[str, Any]) -> PreparedRequest:
    said = sorted(_ANSWER_KEYS.intersection(values))
    if len(said) != 1:
        raise table.error(
            "expected_json", "must be the one thing said of the body, or expected_text, or any_body = true"
        )
    if said == ["any_body"] and not table.flag("any_body"):
        raise table.error("any_body", "must be true, or left out beside expected_json or expected_text")
    return PreparedRequest(
        path=table.url_path("path"),
        method=table.text("method").upper() if "method" in values else "GET",
        headers=tuple(table.texts_by_name("headers").items()),
        body=_body(values.get("body", "")),
        expected_status=table.whole("expected_status") if "expected_status" in values else 200,
        expected_json=values.get("expected_json"),
        expected_text=table.text("expected_text") if "expected_text" in values else None,
    )


def _body(value: object) -> bytes:
    """Text as it is, anything else as compact JSON."""
    return (value if isinstance(value, str) else json.dumps(value, separators=(",", ":"))).encode()
