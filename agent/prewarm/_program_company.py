"""What a fork of a program would lose or share: why no checkpoint is possible just now.

Runs in the trunk of a program, at each point where a checkpoint was asked for.
"""

from __future__ import annotations

import os
import signal
import stat
import sys

_fstat = os.fstat
_listdir = os.listdir
_getitimer = signal.getitimer
_waitid = getattr(os, "waitid", None)

_FOLDER = "/proc/self/fd" if os.path.isdir("/proc/self/fd") else "/dev/fd"
_RUNS_A_TEST = (os.path.join("unittest", "case.py"), os.path.join("unittest", "suite.py"))


def what_a_fork_would_lose(inherited: dict[int, int], own: set[int]) -> str:
    """What is there that a fork does not inherit or cannot share, in words; empty where nothing is.

    `inherited` are the descriptors that were there before the program, each with its inode; `own` are ours.
    """
    if _getitimer(signal.ITIMER_REAL)[0] > 0:
        return "a timer runs"
    if _has_children():
        return "a process is running that the program has started"
    for descriptor, status in _open_files():
        is_known = descriptor in own or inherited.get(descriptor) == status.st_ino
        if descriptor > 2 and not is_known:
            held = _kind_of(status)
            if held:
                return f"{held} is open"
    return ""


def is_in_a_test() -> bool:
    """Whether the standard library's unittest runs tests just now: what they import is no part of a start."""
    frame = sys._getframe(1)
    while frame.f_back is not None:
        code = frame.f_code
        if code.co_name == "run" and code.co_filename.endswith(_RUNS_A_TEST):
            return True
        frame = frame.f_back
    return False


def _has_children() -> bool:
    if _waitid is None:
        return False
    try:
        _waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:
        return False
    return True


def open_inodes() -> dict[int, int]:
    """The descriptors of this process, each with the inode that it is open on."""
    return {descriptor: status.st_ino for descriptor, status in _open_files()}


def _kind_of(status: os.stat_result) -> str:
    kind = stat.S_IFMT(status.st_mode)
    if kind == stat.S_IFSOCK:
        return "a socket"
    if kind == stat.S_IFIFO:
        return "a pipe"
    # Queues of events and the like have no type of their own.
    return "" if kind else "an event loop"


def _open_files() -> list[tuple[int, os.stat_result]]:
    files = []
    for name in _listdir(_FOLDER):
        try:
            files.append((int(name), _fstat(int(name))))
        except OSError:
            # The listing's own.
            continue
    return files
