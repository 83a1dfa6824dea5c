"""Whose token is this? Asked through the ORM, and through the driver alone."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import BaseModel, ConfigDict
from sqlalchemy import BigInteger, DateTime, Text, select
from sqlalchemy.orm import Mapped, mapped_column

from .database import Base, ReadSession, driver_pool

Credentials = Annotated[HTTPAuthorizationCredentials | None, Depends(HTTPBearer(auto_error=False))]

router = APIRouter()


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    email: Mapped[str] = mapped_column(Text)
    token: Mapped[str] = mapped_column(Text, unique=True)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class UserOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: int
    name: str
    email: str


class InvalidToken(HTTPException):
    def __init__(self) -> None:
        super().__init__(401, "Invalid token", headers={"WWW-Authenticate": "Bearer"})


async def current_user(credentials: Credentials, session: ReadSession) -> User:
    """Find the user whose bearer token this is."""
    if credentials is not None:
        user = await session.scalar(select(User).where(User.token == credentials.credentials))
        if user is not None:
            return user
    raise InvalidToken


async def current_user_row(credentials: Credentials) -> dict[str, Any]:
    """Find the same without an ORM."""
    if credentials is not None:
        async with driver_pool.connection() as connection:
            query = "SELECT id, name, email FROM users WHERE token = %s"
            row = await (await connection.execute(query, [credentials.credentials])).fetchone()
        if row is not None:
            return row
    raise InvalidToken


@router.get("/user", response_model=UserOut)
async def read_user(user: Annotated[User, Depends(current_user)]) -> User:
    """Serve the user whose bearer token this is."""
    return user


@router.get("/user-raw", response_model=UserOut)
async def read_user_raw(user: Annotated[dict[str, Any], Depends(current_user_row)]) -> dict[str, Any]:
    """Serve the same without an ORM."""
    return user
