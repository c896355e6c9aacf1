"""One set-up for all workers of a plain pytest-xdist run: whoever comes first makes the value, the others read it from a file.

Runs in workers of pytest-xdist, where no leader of ours is.
"""

from __future__ import annotations

import fcntl
import hashlib
import inspect
import marshal
import os
import tempfile
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

#: The last user is waited for; how often is looked.
_LOOK_S = 0.05


def share(function: Any, args: Any, arguments: Any) -> Iterator[Any]:
    """Yields the value of a fixture, and returns when it is not needed here any more; the one that made it tears it down."""
    place = _Place(function, arguments.get("request"))
    with place.locked() as state:
        is_owner = state is None
        stack: Any = None
        if is_owner:
            stack, state = _set_up(function, args, arguments)
        assert state is not None
        state["users"] += 1
        place.write(state)
    if state["error"] is not None:
        place.leave(is_owner)
        raise _failure(state["error"])
    try:
        yield state["value"]
    finally:
        place.leave(is_owner)
        if stack is not None:
            for _ in stack:
                raise RuntimeError(f"fixture {function.__name__} yields more than once")


def _set_up(function: Any, args: Any, arguments: Any) -> tuple[Any, dict[str, Any]]:
    stack: Any = None
    try:
        if inspect.isgeneratorfunction(function):
            stack = function(*args, **arguments)
            value = next(stack)
        else:
            value = function(*args, **arguments)
        marshal.dumps(value)
    except ValueError as error:
        if "unmarshallable" not in str(error):
            return None, {"value": None, "error": traceback.format_exc(), "users": 0}
        return stack, {"value": None, "error": not_plain(function.__name__, value), "users": 0}
    except Exception:
        return None, {"value": None, "error": traceback.format_exc(), "users": 0}
    return stack, {"value": value, "error": None, "users": 0}


def not_plain(name: str, value: Any) -> str:
    """What is wrong with a value that cannot go to another process, and what to do."""
    return (
        f"Fixture {name!r} has the scope 'run', and its value is of {type(value)}: it goes to several processes, and has to be"
        " made of numbers, texts, bytes, None, lists, tuples, dicts and sets. Let it return what is needed to reach the thing"
        " (a URL, a port, a path), and make the object in a fixture of scope 'session' that uses this one."
    )


def _failure(text: str) -> Exception:
    from prewarm._fixture import SharedFixtureError

    return SharedFixtureError(text)


class _Place:
    """Where one fixture, with one parameter, is kept during one run."""

    def __init__(self, function: Any, request: Any) -> None:
        parameter = getattr(request, "param_index", 0)
        run = os.environ["PYTEST_XDIST_TESTRUNUID"]
        folder = os.path.join(tempfile.gettempdir(), f"prewarm-{os.getuid()}-{run}")
        os.makedirs(folder, mode=0o700, exist_ok=True)
        if os.stat(folder).st_uid != os.getuid():
            raise PermissionError(f"{folder} belongs to somebody else")
        where = f"{function.__module__}:{function.__qualname__}:{parameter}"
        self._path = os.path.join(folder, hashlib.sha256(where.encode()).hexdigest()[:20])

    @contextmanager
    def locked(self) -> Iterator[dict[str, Any] | None]:
        """What is kept, while nobody else can change it; None where nothing is."""
        with open(f"{self._path}.lock", "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            try:
                with open(self._path, "rb") as file:
                    state: Any = marshal.load(file)
            except FileNotFoundError:
                state = None
            yield state

    def write(self, state: dict[str, Any]) -> None:
        with open(self._path, "wb") as file:
            marshal.dump(state, file)

    def leave(self, is_owner: bool) -> None:
        """One user less. Its owner waits for the last one, and takes it away."""
        with self.locked() as state:
            if state is None:
                return
            state["users"] -= 1
            self.write(state)
        while is_owner:
            with self.locked() as state:
                if state is None or state["users"] <= 0:
                    os.unlink(self._path)
                    return
            time.sleep(_LOOK_S)
