"""Work for the CPU: a slow digest."""

import hashlib

from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_GET

from ..answers import answer
from ..parameters import whole_number

ROUNDS = 5000


@require_GET
def compute_digest(request: HttpRequest) -> JsonResponse:
    """Serve the digest of a number. A plain function, so that Django keeps it off the event loop."""
    n = whole_number(request, "n")
    digest = hashlib.pbkdf2_hmac("sha256", str(n).encode(), b"benchmark", ROUNDS)
    return answer({"n": n, "digest": digest.hex()})
