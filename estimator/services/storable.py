"""Makes text from outside storable: apps under test may answer with anything."""

from typing import Any

_LONGEST = 4000  # a reason is read by people; the whole output is in the app's log


def storable_text(text: str) -> str:
    """The text without what PostgreSQL or UTF-8 cannot hold (NUL, lone surrogates), cut to a readable length."""
    if len(text) <= _LONGEST and text.isascii() and "\0" not in text:  # nearly all, such as a histogram's keys
        return text
    clean = text.replace("\0", "\N{REPLACEMENT CHARACTER}").encode("utf-8", "replace").decode()
    return clean if len(clean) <= _LONGEST else f"{clean[:_LONGEST]} ... ({len(clean):,} characters)"


def storable_json(value: Any) -> Any:
    """The same for each text inside a JSON value."""
    if isinstance(value, int | float):
        return value
    if isinstance(value, str):
        return storable_text(value)
    if isinstance(value, dict):
        return {storable_text(str(key)): storable_json(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [storable_json(item) for item in value]
    return value
