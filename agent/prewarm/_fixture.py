"""`@prewarm.fixture`: set up once for all workers of a run (scope `run`), or once for many runs (scope `warm`).

Runs where the fixture is asked for: a worker asks its leader, a leader asks the host of a warm fixture, a worker of plain
pytest-xdist shares by files, and elsewhere it is a session fixture.
"""

from __future__ import annotations

import functools
import inspect
import os
from collections.abc import Iterator
from typing import Any, Callable

import pytest

#: In a worker of ours: asks the leader for the value of a fixture, by its name and function.
ask_leader: Callable[[str, Any], Any] | None = None

#: In a leader of ours: the value of a warm fixture, by its function, arguments, health check and inputs.
ask_host: Callable[[Any, Any, Any, Any, Any], Any] | None = None


class SharedFixtureError(Exception):
    """A fixture of scope `run` or `warm` could not be set up; the text has the traceback, from the process where that happened."""


def fixture(
    function: Any = None,
    *,
    scope: str = "run",
    check: Any = None,
    inputs: Any = (),
    params: Any = None,
    autouse: bool = False,
    ids: Any = None,
    name: str | None = None,
) -> Any:
    """Declares a fixture that is set up once a run, however many workers share its tests; with scope `warm` once for many runs.

    A warm one stays up until its code changes (its file, and the project's modules that this refers to), the values that it
    is given, its `inputs` (files or folders, relative to pytest's root), or until `check(value)` is not true or raises.
    Its value goes to other processes: numbers, texts, bytes, None, and lists, tuples, dicts and sets of these. Without
    prewarm it is a session fixture; under pytest-xdist its workers share it too. The other arguments are pytest's own.
    Raises ValueError for another scope, TypeError for an asynchronous function.
    """
    if scope not in ("run", "warm"):
        raise ValueError(
            f"Expected the scope 'run' or 'warm', got {scope!r}: for the others there is pytest.fixture."
        )
    if function is None:
        return lambda each: fixture(
            each,
            scope=scope,
            check=check,
            inputs=inputs,
            params=params,
            autouse=autouse,
            ids=ids,
            name=name,
        )
    if inspect.iscoroutinefunction(function) or inspect.isasyncgenfunction(function):
        raise TypeError(
            f"Expected a plain function or generator for a fixture of scope 'run', got the asynchronous {function.__name__}."
        )
    warm = (check, tuple(inputs)) if scope == "warm" else None
    shared = _shared(function, name or function.__name__, warm)
    return pytest.fixture(scope="session", params=params, autouse=autouse, ids=ids, name=name)(
        shared
    )


def _shared(function: Any, name: str, warm: tuple[Any, Any] | None) -> Any:
    @functools.wraps(function)
    def shared(*args: Any, **arguments: Any) -> Iterator[Any]:
        if ask_leader is not None:
            yield ask_leader(name, shared)
        elif warm is not None and ask_host is not None:
            yield ask_host(function, args, arguments, *warm)
        elif "PYTEST_XDIST_TESTRUNUID" in os.environ:
            from prewarm._shared_by_files import share

            yield from share(function, args, arguments)
        elif inspect.isgeneratorfunction(function):
            yield from function(*args, **arguments)
        else:
            yield function(*args, **arguments)

    return shared
