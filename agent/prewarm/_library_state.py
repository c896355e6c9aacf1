"""What single libraries hold that a fork must not share, and what is done about it: the workarounds that are built in.

Runs in each new process, where the library is loaded. Each has a test that fails without it; docs/workarounds.md has those that
need none.
"""

from __future__ import annotations

import os
import sys
from typing import Any, Callable

_getpid = os.getpid

#: Connections of another process: closing one, as its collection does, would end it there.
never_closed: list[Any] = []


def _numpy() -> None:
    """numpy's global generator is the same in every fork: tests that want different values in each process get the same.

    One that was seeded is left alone, as a cold run would have it.
    """
    module: Any = sys.modules.get("numpy.random.mtrand")
    source = getattr(getattr(module, "_rand", None), "_bit_generator", None)
    if source is None:
        return
    # `seed()` and `set_state()` leave no sequence behind.
    if getattr(source, "seed_seq", getattr(source, "_seed_seq", None)) is not None:
        source.state = type(source)().state


def _sqlalchemy() -> None:
    """A pool hands out connections that were opened before the fork: every process would talk on the same one.

    They are let go, not closed. A pool with a single connection is one for a database in memory, which a fork has copied.
    """
    event: Any = sys.modules.get("sqlalchemy.event")
    pools: Any = sys.modules.get("sqlalchemy.pool")
    if event is None or pools is None:
        return
    exceptions: Any = sys.modules["sqlalchemy.exc"]

    if _sqlalchemy_is_listening:
        return
    _sqlalchemy_is_listening.append(True)
    single = (pools.StaticPool, pools.SingletonThreadPool)

    def connected(_connection: Any, record: Any) -> None:
        record.info[_MARK] = _getpid()

    def checked_out(connection: Any, record: Any, proxy: Any) -> None:
        if record.info.get(_MARK) == _getpid():
            return
        if isinstance(getattr(record, "_ConnectionRecord__pool", None), single):
            record.info[_MARK] = _getpid()
            return
        never_closed.append(connection)
        name = "dbapi_connection" if hasattr(record, "dbapi_connection") else "connection"
        setattr(record, name, None)
        setattr(proxy, name, None)
        raise exceptions.DisconnectionError("opened before the fork")

    event.listen(pools.Pool, "connect", connected)
    event.listen(pools.Pool, "checkout", checked_out)


def _django() -> None:
    """A connection that was opened before the fork is shared by all processes; a new one is opened on first use.

    A database in memory stays: a fork has its own copy.
    """
    module: Any = sys.modules.get("django.db")
    if module is None:
        return
    for name in module.connections:
        connection = getattr(module.connections._connections, name, None)
        if connection is None or connection.connection is None or connection.in_atomic_block:
            continue
        if connection.vendor == "sqlite" and connection.is_in_memory_db():
            continue
        never_closed.append(connection.connection)
        connection.connection = None


_MARK = "prewarm: opened in"
_sqlalchemy_is_listening: list[bool] = []

#: By the name of the library's module.
BUILTIN: dict[str, Callable[[], Any]] = {
    "numpy.random": _numpy,
    "sqlalchemy.pool": _sqlalchemy,
    "django.db": _django,
}
