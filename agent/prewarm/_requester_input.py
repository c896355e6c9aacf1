"""The standard input of a requester, where it is a pipe or a file: opened where it is, so that nothing has to be passed on.

Runs in the leader. A debugger reads its commands from there, and a test that reads standard input gets what a plain run gives it.
"""

from __future__ import annotations

import os
import stat

from prewarm._process import Message

_open = os.open
_close = os.close
_fstat = os.fstat
_lseek = os.lseek


def open_input(run: Message) -> int:
    """A descriptor of the requester's standard input; of nothing where it is a socket, closed, or out of reach."""
    process = f"/proc/{run['requesterPid']}"
    try:
        mode = os.stat(f"{process}/fd/0").st_mode
        if stat.S_ISFIFO(mode) or stat.S_ISREG(mode):
            # The other end of a pipe that has no writer any more is its end, and not a reason to wait.
            file = _open(f"{process}/fd/0", os.O_RDONLY | os.O_NONBLOCK)
            try:
                os.set_blocking(file, True)
                if stat.S_ISREG(mode):
                    _lseek(file, _position(f"{process}/fdinfo/0"), os.SEEK_SET)
            except (OSError, ValueError):
                _close(file)
                raise
            return file
    except (OSError, ValueError):
        pass
    return _open(os.devnull, os.O_RDONLY)


def open_named(path: str, flags: int) -> int:
    """Opens a terminal, or a named pipe: the end of that is heard of only by who does not write to it."""
    if not stat.S_ISFIFO(os.stat(path).st_mode):
        return _open(path, flags)
    # Whoever asked for the run may have gone, and with it the writer that an open waits for.
    file = _open(path, os.O_RDONLY | os.O_NONBLOCK)
    os.set_blocking(file, True)
    return file


def _position(path: str) -> int:
    """How far the requester has read: an open file of our own begins at its start."""
    with open(path, encoding="ascii") as lines:
        for line in lines:
            name, _, value = line.partition(":")
            if name == "pos":
                return int(value)
    return 0
