"""Whose token is this? Asked through the ORM, and through the driver alone."""

from datetime import datetime

from database import Base, driver_pool, open_session
from quart import Blueprint, abort, request
from quart.typing import ResponseReturnValue
from sqlalchemy import BigInteger, DateTime, Text, select
from sqlalchemy.orm import Mapped, mapped_column
from werkzeug.exceptions import Unauthorized

blueprint = Blueprint("users", __name__)


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    email: Mapped[str] = mapped_column(Text)
    token: Mapped[str] = mapped_column(Text, unique=True)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


@blueprint.get("/user")
async def read_user() -> ResponseReturnValue:
    """Serve the user whose bearer token this is."""
    token = bearer_token()
    async with open_session() as session:
        user = await session.scalar(select(User).where(User.token == token))
    if user is None:
        abort(401)
    return {"id": user.id, "name": user.name, "email": user.email}


@blueprint.get("/user-raw")
async def read_user_raw() -> ResponseReturnValue:
    """Serve the same without an ORM."""
    token = bearer_token()
    async with driver_pool.connection() as connection:
        cursor = await connection.execute("SELECT id, name, email FROM users WHERE token = %s", [token])
        row = await cursor.fetchone()
    if row is None:
        abort(401)
    return row


def bearer_token() -> str:
    """The request's token; without one the request is refused."""
    credentials = request.authorization
    if credentials is None or credentials.type != "bearer" or not credentials.token:
        abort(401)
    return credentials.token


@blueprint.errorhandler(Unauthorized)
async def invalid_token(_error: Unauthorized) -> ResponseReturnValue:
    """Refuse the request the way RFC 6750 asks."""
    return {"detail": "Invalid token"}, 401, {"WWW-Authenticate": "Bearer"}
