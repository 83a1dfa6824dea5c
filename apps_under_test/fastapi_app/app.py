"""FastAPI with SQLAlchemy 2 async: a router for each noun."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import articles
import digests
import orders
import scores
import tokens
import users
from database import driver_pool, engine
from fastapi import FastAPI


@asynccontextmanager
async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
    """Close the connections when the server stops."""
    async with driver_pool, scores.client:
        yield
    await engine.dispose()


app = FastAPI(lifespan=lifespan)


@app.get("/health")
async def health() -> dict[str, str]:
    """Say that the server is up."""
    return {"status": "ok"}


@app.get("/json")
async def hello() -> dict[str, str]:
    """Serve the smallest JSON body."""
    return {"message": "Hello, World!"}


# Last, because routes are tried in order, a router's after another's: seen 25 us for the plainest answer.
for module in (users, articles, orders, scores, digests, tokens):
    app.include_router(module.router)
