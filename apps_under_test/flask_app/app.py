"""Flask with SQLAlchemy 2: whose token is this?"""

import os
from datetime import datetime

from flask import Flask, abort, request
from flask.typing import ResponseReturnValue
from sqlalchemy import BigInteger, DateTime, Text, create_engine, make_url, select
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, sessionmaker
from werkzeug.exceptions import Unauthorized

engine = create_engine(
    make_url(os.environ["BENCH_DATABASE_URL"]).set(drivername="postgresql+psycopg"),
    isolation_level="AUTOCOMMIT",
    pool_size=8,
    max_overflow=0,
    pool_reset_on_return=None,  # nothing to roll back in autocommit
)
Session = sessionmaker(engine)


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    email: Mapped[str] = mapped_column(Text)
    token: Mapped[str] = mapped_column(Text, unique=True)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


app = Flask(__name__)


@app.get("/health")
def health() -> ResponseReturnValue:
    """Say that the server is up."""
    return {"status": "ok"}


@app.get("/json")
def hello() -> ResponseReturnValue:
    """Serve the smallest JSON body."""
    return {"message": "Hello, World!"}


@app.get("/user")
def read_user() -> ResponseReturnValue:
    """Serve the user whose bearer token this is."""
    credentials = request.authorization
    if credentials is None or credentials.type != "bearer" or not credentials.token:
        abort(401)
    with Session() as session:
        user = session.scalar(select(User).where(User.token == credentials.token))
    if user is None:
        abort(401)
    return {"id": user.id, "name": user.name, "email": user.email}


@app.errorhandler(Unauthorized)
def invalid_token(_error: Unauthorized) -> ResponseReturnValue:
    """Refuse the request the way RFC 6750 asks."""
    return {"detail": "Invalid token"}, 401, {"WWW-Authenticate": "Bearer"}
