"""Connections of database clients that were opened while importing, and that all forks would talk through at the same time.

Runs in the trunk. Not every socket counts: clients that look after forks themselves, and pools that our workarounds renew, keep
theirs. What is told here is treated as a living thread is: what follows is imported again for each run.
"""

from __future__ import annotations

import gc
import os
import socket
import stat
import sys
import weakref
from collections.abc import Container, Iterator
from typing import Any, Callable

from prewarm._library_state import never_closed

_fstat = os.fstat
_listdir = os.listdir
_dup = os.dup
_get_objects = gc.get_objects
_weakref = weakref.ref
_socket = socket.socket
_SocketError = OSError

_FOLDER = "/proc/self/fd" if os.path.isdir("/proc/self/fd") else "/dev/fd"

#: Clients that keep no process id beside a connection: the module, its name for people, and where its connections' classes are.
_CLIENTS = {
    "psycopg2": ("psycopg2", "psycopg2.extensions:connection"),
    "psycopg": ("psycopg", "psycopg:Connection psycopg:AsyncConnection"),
    "asyncpg": ("asyncpg", "asyncpg.connection:Connection"),
    "MySQLdb": ("MySQLdb", "MySQLdb.connections:Connection"),
    "pymysql": ("PyMySQL", "pymysql.connections:Connection"),
    "mysql.connector": ("mysql.connector", "mysql.connector.abstracts:MySQLConnectionAbstract"),
    "pg8000": ("pg8000", "pg8000.core:CoreConnection"),
}
#: Its pools compare process ids, which those for asyncio do not, and nothing that was handed out (`pubsub()`, `single_connection_client`).
_REDIS = (
    "redis",
    "redis.connection:Connection redis.connection:UnixDomainSocketConnection"
    " redis.asyncio.connection:Connection redis.asyncio.connection:UnixDomainSocketConnection",
)
#: Where one of these is loaded, connections may be held by it, and those are let go in each new process (`_library_state.py`).
_RENEWED_BY = ("sqlalchemy.pool", "django.db")


class SharedConnections:
    """What one timeline has opened. It is asked before each fork, and what exists then is frozen: the next time only new objects are looked at."""

    def __init__(self) -> None:
        #: Places in pools, and connections, by identity.
        self._pooled: dict[int, Callable[[], Any]] = {}
        self._connections: dict[int, Callable[[], Any]] = {}

    def obstacle(self, state_folder: str, looked_after: Container[str]) -> str:
        """Who holds a connection to what, in words; empty where nobody does.

        `looked_after` has the libraries that somebody has declared a workaround for.
        """
        known = {**_CLIENTS, "redis": _REDIS}
        loaded = [name for name in known if name in sys.modules and name not in looked_after]
        if not loaded:
            return ""
        self._look([known[name][1] for name in loaded])
        waiting = self._waiting()
        held = [
            each for each in _alive(self._connections) if id(each) not in waiting and _is_open(each)
        ]
        clients = [name for name in loaded if any(_is_of(each, known[name][1]) for each in held)]
        peers = self._peers(state_folder)
        if not any(name in sys.modules for name in _RENEWED_BY):
            # Whatever is open counts, also what is no connection by its class.
            clients = clients or [name for name in loaded if name in _CLIENTS]
        if not clients or not peers:
            return ""
        return f"{' or '.join(known[each][0] for each in clients)} opens a connection to {peers[0]}"

    def _look(self, clients: list[str]) -> None:
        heap = _get_objects()
        pools = "sqlalchemy.pool.base:_ConnectionRecord redis.connection:ConnectionPool"
        _note(self._pooled, heap, _classes(pools))
        _note(self._connections, heap, _classes(" ".join(clients)))

    def _waiting(self) -> set[int]:
        """What is renewed before its next use, by identity: in somebody's pool and not handed out, or let go already."""
        found = {id(each) for place in _alive(self._pooled) for each in _waiting_in(place)}
        found.update(id(each) for each in _waiting_in_django())
        found.update(id(each) for each in never_closed)
        return found

    def _peers(self, state_folder: str) -> list[str]:
        """Whom the open sockets lead to; without those that wait in a pool of redis."""
        passed = {
            each._sock.fileno()
            for pool in _alive(self._pooled)
            for each in _waiting_in_redis(pool)
            if each._sock is not None
        }
        peers = [
            _peer_of(int(name))
            for name in _listdir(_FOLDER)
            if name.isdigit() and int(name) not in passed
        ]
        return [peer for peer in peers if peer and not peer.startswith(state_folder)]


def _classes(places: str) -> set[Any]:
    """Those of them that are loaded."""
    found = set()
    for place in places.split():
        module, _, name = place.partition(":")
        found.add(getattr(sys.modules.get(module), name, None))
    return found - {None}


def _is_of(thing: Any, places: str) -> bool:
    return not _classes(places).isdisjoint(type(thing).__mro__)


def _note(seen: dict[int, Callable[[], Any]], heap: list[Any], classes: set[Any]) -> None:
    # By type, not `isinstance`: that asks a lazy object for its class, and so makes it.
    kinds = {kind for kind in set(map(type, heap)) if not classes.isdisjoint(kind.__mro__)}
    if not kinds:
        return
    for each in heap:
        if type(each) in kinds:
            seen[id(each)] = _weakref(each)


def _alive(seen: dict[int, Callable[[], Any]]) -> list[Any]:
    return [thing for each in seen.values() for thing in [each()] if thing is not None]


def _waiting_in(place: Any) -> Iterator[Any]:
    """The connections that a place in SQLAlchemy's pool or a pool of redis has, and that nobody has now."""
    if not hasattr(place, "fairy_ref"):
        yield from _waiting_in_redis(place)
        return
    if place.fairy_ref is not None and place.fairy_ref() is not None:
        return
    pools: Any = sys.modules["sqlalchemy.pool"]
    single = (pools.StaticPool, pools.SingletonThreadPool)
    # Of these each process keeps the one that it has.
    if isinstance(getattr(place, "_ConnectionRecord__pool", None), single):
        return
    # The old name is still there, with a warning.
    yield place.dbapi_connection if hasattr(place, "dbapi_connection") else place.connection
    # An asynchronous one is wrapped.
    yield getattr(place, "driver_connection", None)


def _waiting_in_redis(pool: Any) -> Iterator[Any]:
    yield from getattr(pool, "_available_connections", ())
    yield from (each for each in getattr(getattr(pool, "pool", None), "queue", ()) if each)


def _waiting_in_django() -> Iterator[Any]:
    module: Any = sys.modules.get("django.db")
    for name in () if module is None else module.connections:
        connection = getattr(module.connections._connections, name, None)
        if connection is not None and not connection.in_atomic_block:
            yield connection.connection


def _is_open(connection: Any) -> bool:
    """Also where a client does not tell."""
    try:
        if hasattr(connection, "closed"):
            return not connection.closed
        if hasattr(connection, "is_closed"):
            return not connection.is_closed()
        if hasattr(connection, "open"):
            return bool(connection.open)
        if hasattr(connection, "is_connected") and not callable(connection.is_connected):
            return bool(connection.is_connected)
        return getattr(connection, "_sock", True) is not None
    except Exception:
        return True


def _peer_of(descriptor: int) -> str:
    """The address at the other end of a connected socket; empty for everything else, pairs of sockets included."""
    try:
        if not stat.S_ISSOCK(_fstat(descriptor).st_mode):
            return ""
        copy = _socket(fileno=_dup(descriptor))
    except _SocketError:
        return ""
    try:
        address = copy.getpeername()
    except _SocketError:
        return ""
    finally:
        copy.close()
    if isinstance(address, tuple):
        return f"{address[0]}:{address[1]}"
    return os.fsdecode(address)
