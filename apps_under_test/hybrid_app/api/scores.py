"""The score of an item, which another service knows."""

import os

import httpx2
from fastapi import APIRouter, HTTPException
from pydantic import BaseModel

router = APIRouter()
client = httpx2.AsyncClient(
    base_url=os.environ["BENCH_UPSTREAM_URL"],
    limits=httpx2.Limits(max_connections=None, max_keepalive_connections=512),
    timeout=30,  # waiting in our own queue under load is no failure of theirs
    trust_env=False,
)


class Score(BaseModel):
    item: int
    score: int


@router.get("/upstream")
async def read_score(item: int) -> Score:
    """Ask the other service and pass on what it says."""
    try:
        answer = (await client.get("/score", params={"item": item})).raise_for_status()
    except httpx2.HTTPError as error:
        raise HTTPException(502, "Upstream failed") from error
    return Score.model_validate_json(answer.content)
