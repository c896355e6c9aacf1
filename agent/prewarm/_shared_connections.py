"""Connections of database clients that were opened while importing, and that all forks would talk through at the same time.

Runs in the trunk. Not every socket counts: clients that look after forks themselves, and pools that our workarounds renew, keep
theirs. What is told here is treated as a living thread is: what follows is imported again for each run.
"""

from __future__ import annotations

import os
import socket
import stat
import sys
from collections.abc import Container

_fstat = os.fstat
_listdir = os.listdir
_dup = os.dup
_socket = socket.socket
_SocketError = OSError

_FOLDER = "/proc/self/fd" if os.path.isdir("/proc/self/fd") else "/dev/fd"

#: Clients that keep no process id beside a connection: the module, and its name for people.
_CLIENTS = {
    "psycopg2": "psycopg2",
    "psycopg": "psycopg",
    "MySQLdb": "MySQLdb",
    "pymysql": "PyMySQL",
    "mysql.connector": "mysql.connector",
    "pg8000": "pg8000",
}
#: Where one of these is loaded, connections are opened by it and let go in each new process (`_library_state.py`).
_RENEWED_BY = ("sqlalchemy.pool", "django.db")


def shared_connection(state_folder: str, looked_after: Container[str]) -> str:
    """Who holds a connection to what, in words; empty where nobody does.

    `looked_after` has the libraries that somebody has declared a workaround for.
    """
    clients = [name for name in _CLIENTS if name in sys.modules and name not in looked_after]
    if not clients or any(name in sys.modules for name in _RENEWED_BY):
        return ""
    for name in _listdir(_FOLDER):
        peer = _peer_of(int(name)) if name.isdigit() else ""
        if peer and not peer.startswith(state_folder):
            return f"{' or '.join(_CLIENTS[each] for each in clients)} opens a connection to {peer}"
    return ""


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
