"""Work for the CPU: a slow digest."""

import hashlib

from parameters import whole_number
from quart import Blueprint
from quart.typing import ResponseReturnValue

ROUNDS = 5000

blueprint = Blueprint("digests", __name__)


@blueprint.get("/cpu")
def compute_digest() -> ResponseReturnValue:
    """Serve the digest of a number. A plain function, so that Quart keeps it off the event loop."""
    n = whole_number("n")
    return {"n": n, "digest": hashlib.pbkdf2_hmac("sha256", str(n).encode(), b"benchmark", ROUNDS).hex()}
