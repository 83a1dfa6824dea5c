"""Work for the CPU: a slow digest."""

import hashlib

from flask import Blueprint
from flask.typing import ResponseReturnValue
from parameters import whole_number

ROUNDS = 5000

blueprint = Blueprint("digests", __name__)


@blueprint.get("/cpu")
def compute_digest() -> ResponseReturnValue:
    """Serve the digest of a number."""
    n = whole_number("n")
    return {"n": n, "digest": hashlib.pbkdf2_hmac("sha256", str(n).encode(), b"benchmark", ROUNDS).hex()}
