"""When an answer's body is the expected one."""

import json
import re
from typing import Any

_WHITESPACE = re.compile(r"\s+")
_BESIDE_A_TAG = re.compile(r" ?([<>]) ?")


def is_right(body: bytes, *, expected_json: Any, expected_text: str | None) -> bool:
    """Whether `body` says what is expected: JSON by value, text but for its whitespace; None expects nothing."""
    return _is_json(body, expected_json) and _is_text(body, expected_text)


def normalised(text: str) -> str:
    """`text` without the whitespace that a template engine may set as it likes.

    Every run of whitespace becomes one space, and none stands beside < or >.
    """
    return _BESIDE_A_TAG.sub(r"\1", _WHITESPACE.sub(" ", text)).strip()


def _is_json(body: bytes, expected: Any) -> bool:
    try:
        return expected is None or bool(json.loads(body) == expected)
    except ValueError:
        return False


def _is_text(body: bytes, expected: str | None) -> bool:
    return expected is None or normalised(body.decode(errors="replace")) == normalised(expected)
