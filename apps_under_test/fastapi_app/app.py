"""FastAPI with SQLAlchemy 2 async: whose token is this?"""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Annotated

from fastapi import Depends, FastAPI, HTTPException
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import BaseModel, ConfigDict
from sqlalchemy import BigInteger, DateTime, Text, make_url, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

POOL_SIZE = 8

engine = create_async_engine(
    make_url(os.environ["BENCH_DATABASE_URL"]).set(drivername="postgresql+psycopg"),
    isolation_level="AUTOCOMMIT",
    pool_size=POOL_SIZE,
    max_overflow=0,
    pool_reset_on_return=None,  # nothing to roll back in autocommit
)
Session = async_sessionmaker(engine, expire_on_commit=False)
# The pool lets a newcomer overtake who waits, without end under load; a semaphore serves in order of arrival.
turn = asyncio.Semaphore(POOL_SIZE)


class Base(DeclarativeBase):
    pass


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


@asynccontextmanager
async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
    """Close the connections when the server stops."""
    yield
    await engine.dispose()


app = FastAPI(lifespan=lifespan)
bearer = HTTPBearer(auto_error=False)


async def open_session() -> AsyncIterator[AsyncSession]:
    """Give each request a session of its own."""
    async with turn, Session() as session:
        yield session


async def current_user(
    credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)],
    session: Annotated[AsyncSession, Depends(open_session)],
) -> User:
    """Find the user whose bearer token this is."""
    if credentials is not None:
        user = await session.scalar(select(User).where(User.token == credentials.credentials))
        if user is not None:
            return user
    raise HTTPException(401, "Invalid token", headers={"WWW-Authenticate": "Bearer"})


@app.get("/health")
async def health() -> dict[str, str]:
    """Say that the server is up."""
    return {"status": "ok"}


@app.get("/json")
async def hello() -> dict[str, str]:
    """Serve the smallest JSON body."""
    return {"message": "Hello, World!"}


@app.get("/user", response_model=UserOut)
async def read_user(user: Annotated[User, Depends(current_user)]) -> User:
    """Serve the user whose bearer token this is."""
    return user
