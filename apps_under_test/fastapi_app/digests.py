"""Work for the CPU: a slow digest."""

import hashlib

from fastapi import APIRouter
from pydantic import BaseModel

ROUNDS = 5000

router = APIRouter()


class Digest(BaseModel):
    n: int
    digest: str


@router.get("/cpu")
def compute_digest(n: int) -> Digest:
    """Serve the digest of a number. A plain function, so that FastAPI keeps it off the event loop."""
    return Digest(n=n, digest=hashlib.pbkdf2_hmac("sha256", str(n).encode(), b"benchmark", ROUNDS).hex())
