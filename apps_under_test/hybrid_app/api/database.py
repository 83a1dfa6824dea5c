"""Eight connections in autocommit beside Django's, and how the rest of the API comes to one."""

import asyncio
import os
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import Depends
from psycopg.rows import dict_row
from psycopg_pool import AsyncConnectionPool
from sqlalchemy import make_url
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase

URL = os.environ["BENCH_DATABASE_URL"]
POOL_SIZE = int(os.environ["BENCH_POOL_SIZE"])

engine = create_async_engine(
    make_url(URL).set(drivername="postgresql+psycopg"),
    isolation_level="AUTOCOMMIT",
    pool_size=POOL_SIZE,
    max_overflow=0,
    pool_reset_on_return=None,  # nothing to roll back in autocommit
)
Session = async_sessionmaker(engine, expire_on_commit=False)
# The pool lets a newcomer overtake who waits, without end under load; a semaphore serves in order of arrival.
turn = asyncio.Semaphore(POOL_SIZE)

# For the driver alone. It opens connections only when somebody asks for one.
driver_pool = AsyncConnectionPool(
    URL,
    min_size=0,
    max_size=POOL_SIZE,
    kwargs={"autocommit": True, "row_factory": dict_row},
    open=False,
)


class Base(DeclarativeBase):
    pass


async def open_session() -> AsyncIterator[AsyncSession]:
    """Give each request a session of its own."""
    async with turn, Session() as session:
        yield session


ReadSession = Annotated[AsyncSession, Depends(open_session)]
