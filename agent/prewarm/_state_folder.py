"""Where a project's daemon listens: the same answer as `src/cli/project-root.ts` and `state-folder.ts` give. PYTEST_DONT_REWRITE

Runs in the client (`pytest --prewarm`) only. Both languages answer the questions of contract/state-folders.json.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from typing import NamedTuple

_MARKERS = (
    "pyproject.toml",
    "prewarm.toml",
    "pytest.ini",
    "tox.ini",
    "setup.cfg",
    "setup.py",
    ".git",
)

# A Unix socket's path may have 104 bytes on macOS and 108 on Linux, its ending zero included.
_LONGEST_SOCKET_PATH = 100
_SOCKET = "daemon.sock"
_MASK = 0xFFFFFFFF


class Refused(Exception):
    """The folder may be somebody else's; the text says why."""


class StateFolder(NamedTuple):
    """The folder of one project and user; nothing of it need exist."""

    path: str
    base: str
    #: Whether a person has named the base: then it may be a link, and is theirs to keep private.
    is_chosen: bool

    @property
    def socket(self) -> str:
        return os.path.join(self.path, _SOCKET)


def project_root(folder: str) -> str:
    """The nearest folder upwards that looks like the top of a Python project; the folder itself where none does."""
    current = folder
    while True:
        if any(os.path.exists(os.path.join(current, name)) for name in _MARKERS):
            return current
        above = os.path.dirname(current)
        if above == current:
            return folder
        current = above


def state_folder(root: str, env: Mapping[str, str], user: int) -> StateFolder:
    """The state folder of a project: outside of it, one for each root and user."""
    chosen = env.get("PREWARM_STATE_DIR")
    runtime = env.get("XDG_RUNTIME_DIR")
    shared = os.path.join(_temporary_folder(env), f"prewarm-{user}")
    base = shared
    if chosen:
        base = os.path.abspath(chosen)
    elif runtime and os.path.isabs(runtime) and os.access(runtime, os.W_OK):
        base = os.path.join(runtime, "prewarm")
    digest = _hash(root)
    name = _first_units(os.path.basename(root), 24)
    for path in (os.path.join(base, f"{name}-{digest}"), os.path.join(base, digest)):
        if len(os.fsencode(os.path.join(path, _SOCKET))) <= _LONGEST_SOCKET_PATH:
            return StateFolder(path, base, bool(chosen))
    return StateFolder(os.path.join(shared, _hash(f"{base}\0{root}")), shared, False)


def check(folder: StateFolder, user: int) -> bool:
    """Whether the folder is there. Raises Refused where somebody else could have made what lies in it."""
    for path, is_link_fine in ((folder.base, folder.is_chosen), (folder.path, False)):
        try:
            status = os.stat(path) if is_link_fine else os.lstat(path)
        except OSError:
            return False
        if not stat.S_ISDIR(status.st_mode):
            raise Refused(f"the state folder {path} is no folder")
        if status.st_uid != user:
            raise Refused(f"the state folder {path} belongs to another user (uid {status.st_uid})")
        if status.st_mode & 0o022:
            raise Refused(f"the state folder {path} can be written by others")
    return True


def _temporary_folder(env: Mapping[str, str]) -> str:
    folder = env.get("TMPDIR") or env.get("TMP") or env.get("TEMP") or "/tmp"
    return folder[:-1] if len(folder) > 1 and folder.endswith("/") else folder


def _units(text: str) -> list[int]:
    """The UTF-16 code units of a text, as JavaScript counts it: what is no UTF-8 arrives there as U+FFFD."""
    shown = os.fsencode(text).decode("utf-8", "replace").encode("utf-16-le")
    return [shown[place] | shown[place + 1] << 8 for place in range(0, len(shown), 2)]


def _first_units(text: str, count: int) -> str:
    units = _units(text)[:count]
    return b"".join(unit.to_bytes(2, "little") for unit in units).decode("utf-16-le", "replace")


def _hash(text: str) -> str:
    return _mix(text, 0x811C9DC5) + _mix(text, 0x9E3779B9)


def _mix(text: str, seed: int) -> str:
    value = seed
    for unit in _units(text):
        value = (value ^ unit) * 0x01000193 & _MASK
        value = (value ^ value >> 15) * 0x85EBCA6B & _MASK
    value = (value ^ value >> 13) * 0xC2B2AE35 & _MASK
    return format(value ^ value >> 16, "08x")
