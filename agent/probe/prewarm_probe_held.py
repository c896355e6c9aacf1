"""What of the things that an import has made is still there: threads, descriptors, children.

Used by `prewarm_probe.py`, in its process.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable
from typing import Any

try:
    import _posixsubprocess
except ImportError:
    # Windows has none.
    _posixsubprocess = None  # type: ignore[assignment, unused-ignore]

#: As `/proc/net/tcp` and `/proc/net/unix` have it.
_ESTABLISHED = "01"
_UNIX_CONNECTED = "03"


#: Events tell that a process is to be started, and not which one it is: these are replaced.
_SPAWNERS = ((os, "fork"), (os, "posix_spawn"), (_posixsubprocess, "fork_exec"))


def hear_processes(note: Callable[[str, Any], None]) -> None:
    """From here on `note` is told of each process that this one starts, from where it was started."""
    children: list[Child] = []

    def heard(spawner: Any) -> Any:
        def spawn(*args: Any, **kwargs: Any) -> Any:
            pid = spawner(*args, **kwargs)
            if pid > 0:
                # Nobody else holds it.
                children.append(Child(pid))
                note("process", children[-1])
            return pid

        return spawn

    subprocess = sys.modules.get("subprocess")
    for owner, name in _SPAWNERS:
        spawner = getattr(owner, name, None)
        if spawner is None:
            continue
        replaced = heard(spawner)
        setattr(owner, name, replaced)
        # It has a reference of its own.
        if getattr(subprocess, f"_{name}", None) is spawner:
            setattr(subprocess, f"_{name}", replaced)


class Child:
    """A process that this one has started."""

    def __init__(self, pid: int) -> None:
        self._pid = pid

    def runs(self) -> bool:
        """Whether it has not ended; who has started it may still wait for it."""
        seen = os.waitid(os.P_PID, self._pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        return seen is None


def is_live(kind: str, held: Any) -> bool:
    """Whether what was made is still there: a thread that runs, a descriptor that is open, a child that has not ended."""
    subject = None if held is None else held()
    if subject is None:
        return False
    try:
        if kind == "thread":
            return bool(subject.is_alive())
        if kind == "process":
            return bool(subject.runs())
        return int(subject.fileno()) != -1
    except Exception:
        return False


def targets() -> set[str]:
    """What the open descriptors of this process lead to; empty where no `/proc` tells."""
    found = set()
    with contextlib.suppress(OSError):
        for descriptor in os.listdir("/proc/self/fd"):
            with contextlib.suppress(OSError):
                found.add(os.readlink(f"/proc/self/fd/{descriptor}"))
    return found


def open_sockets() -> set[str]:
    return {target for target in targets() if target.startswith("socket:")}


def target_of(held: Any) -> str:
    """The name in `/proc` of what an object holds open; empty where it is no descriptor."""
    try:
        return os.readlink(f"/proc/self/fd/{held().fileno()}")
    except Exception:
        return ""


def is_connected(target: str) -> bool:
    """Whether the kernel lists a socket as one with somebody at its other end."""
    inode = target[len("socket:[") : -1]
    for table in ("tcp", "tcp6"):
        with (
            contextlib.suppress(OSError),
            open(f"/proc/self/net/{table}", encoding="ascii") as file,
        ):
            for line in file:
                fields = line.split()
                if len(fields) > 9 and fields[9] == inode:
                    return fields[3] == _ESTABLISHED
    with contextlib.suppress(OSError), open("/proc/self/net/unix", encoding="utf-8") as file:
        for line in file:
            fields = line.split()
            if len(fields) > 6 and fields[6] == inode:
                return fields[5] == _UNIX_CONNECTED
    return False
