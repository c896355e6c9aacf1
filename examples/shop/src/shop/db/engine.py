"""Engines and sessions."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.orm import Session, sessionmaker
from sqlalchemy.pool import StaticPool

from shop.db.base import Base


def make_engine(url: str) -> Engine:
    """An engine; `sqlite://` is one database in memory that all of its connections share."""
    in_memory = url in ("sqlite://", "sqlite:///:memory:")
    options: dict[str, Any] = {}
    if in_memory:
        options = {"poolclass": StaticPool, "connect_args": {"check_same_thread": False}}
    engine = create_engine(url, **options)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    return engine


def create_tables(engine: Engine) -> None:
    import shop.models  # noqa: F401  (registers the tables)

    Base.metadata.create_all(engine)


def make_sessions(engine: Engine) -> sessionmaker[Session]:
    return sessionmaker(engine, expire_on_commit=False)


@contextmanager
def session_scope(sessions: sessionmaker[Session]) -> Iterator[Session]:
    """Commits at the end, rolls back after an exception."""
    with sessions() as session, session.begin():
        yield session


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    # The driver would begin transactions by itself and leave savepoints outside of them.
    connection.isolation_level = None
    connection.execute("PRAGMA foreign_keys = ON")


def _begin_sqlite(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN")
