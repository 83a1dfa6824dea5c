"""The score of an item, which another service knows."""

import os

import httpx2
from parameters import whole_number
from quart import Blueprint, abort
from quart.typing import ResponseReturnValue

blueprint = Blueprint("scores", __name__)
client = httpx2.AsyncClient(
    base_url=os.environ["BENCH_UPSTREAM_URL"],
    limits=httpx2.Limits(max_connections=None, max_keepalive_connections=512),
    timeout=30,  # waiting in our own queue under load is no failure of theirs
    trust_env=False,
)


@blueprint.get("/upstream")
async def read_score() -> ResponseReturnValue:
    """Ask the other service and pass on what it says."""
    try:
        answer = (await client.get("/score", params={"item": whole_number("item")})).raise_for_status()
    except httpx2.HTTPError:
        abort(502, "Upstream failed")
    score = answer.json()
    return {"item": score["item"], "score": score["score"]}
