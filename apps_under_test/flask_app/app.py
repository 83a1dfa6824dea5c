"""Flask with SQLAlchemy 2: a blueprint for each noun; whatever is refused is refused in JSON."""

import articles
import digests
import orders
import scores
import tokens
import users
from flask import Flask, Response, json
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

app = Flask(__name__)
for module in (users, articles, orders, scores, digests, tokens):
    app.register_blueprint(module.blueprint)


@app.get("/health")
def health() -> ResponseReturnValue:
    """Say that the server is up."""
    return {"status": "ok"}


@app.get("/json")
def hello() -> ResponseReturnValue:
    """Serve the smallest JSON body."""
    return {"message": "Hello, World!"}


@app.errorhandler(HTTPException)
def refuse(error: HTTPException) -> Response:
    """Keep status and headers of an error, and say what is wrong in JSON."""
    response = error.get_response()
    response.data = json.dumps({"detail": error.description}, separators=(",", ":"))
    response.content_type = "application/json"
    return response
