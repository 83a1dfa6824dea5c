"""Tokens, sent one by one as a language model would."""

import time
from collections.abc import Iterator

from flask import Blueprint, Response
from parameters import whole_number

TOKENS = 10
PAUSE_S = 0.01

blueprint = Blueprint("tokens", __name__)


@blueprint.get("/stream")
def stream_tokens() -> Response:
    """Stream tokens as server-sent events."""
    return Response(events(whole_number("n")), mimetype="text/event-stream")


def events(n: int) -> Iterator[str]:
    """One event a token, each followed by a pause."""
    for k in range(TOKENS):
        yield f"data: token-{n}-{k}\n\n"
        time.sleep(PAUSE_S)
