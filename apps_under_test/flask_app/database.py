"""Eight connections in autocommit, and how the rest of the app comes to one."""

import os

from psycopg.rows import dict_row
from psycopg_pool import ConnectionPool
from sqlalchemy import create_engine, make_url
from sqlalchemy.orm import DeclarativeBase, sessionmaker

URL = os.environ["BENCH_DATABASE_URL"]
POOL_SIZE = int(os.environ["BENCH_POOL_SIZE"])

engine = create_engine(
    make_url(URL).set(drivername="postgresql+psycopg"),
    isolation_level="AUTOCOMMIT",
    pool_size=POOL_SIZE,
    max_overflow=0,
    pool_reset_on_return=None,  # nothing to roll back in autocommit
)
Session = sessionmaker(engine)
# The same connections, but what is done in a session is one transaction.
TransactionSession = sessionmaker(engine.execution_options(isolation_level="READ COMMITTED"))

# For the driver alone. It opens connections only when somebody asks for one.
driver_pool = ConnectionPool(
    URL,
    min_size=0,
    max_size=POOL_SIZE,
    kwargs={"autocommit": True, "row_factory": dict_row},
    open=True,
)


class Base(DeclarativeBase):
    pass
