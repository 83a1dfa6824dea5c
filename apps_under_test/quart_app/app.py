"""Quart with SQLAlchemy 2 async: a blueprint for each noun; whatever is refused is refused in JSON."""

from collections.abc import AsyncIterator

import articles
import digests
import orders
import scores
import tokens
import users
from database import driver_pool, engine
from quart import Quart
from quart.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

app = Quart(__name__)
for module in (users, articles, orders, scores, digests, tokens):
    app.register_blueprint(module.blueprint)


@app.while_serving
async def lifespan() -> AsyncIterator[None]:
    """Close the connections when the server stops."""
    async with driver_pool, scores.client:
        yield
    await engine.dispose()


@app.get("/health")
async def health() -> ResponseReturnValue:
    """Say that the server is up."""
    return {"status": "ok"}


@app.get("/json")
async def hello() -> ResponseReturnValue:
    """Serve the smallest JSON body."""
    return {"message": "Hello, World!"}


@app.errorhandler(HTTPException)
async def refuse(error: HTTPException) -> ResponseReturnValue:
    """Keep the status of an error, and say what is wrong in JSON."""
    return {"detail": error.description}, error.code or 500
